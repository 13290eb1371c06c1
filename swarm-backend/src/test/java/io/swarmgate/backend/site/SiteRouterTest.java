package io.swarmgate.backend.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.testing.TestRequest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SiteRouterTest {
  @TempDir Path base;
  private SiteRouter router;

  @BeforeEach
  void configure() throws Exception {
    router =
        new SiteRouter(
            SwarmBackendConfig.parse(
                    Map.of(
                        "sites", "any,named,deep,types",
                        "origin", "http://o.test",
                        "any.patterns", "/d/*",
                        "named.patterns", "/d/*",
                        "named.hosts", "named.test",
                        "deep.patterns", "/d/deep/*",
                        "types.patterns", "*.iso"),
                    base)
                .sites());
  }

  @ParameterizedTest
  @CsvSource({
    "x.test, /d/a, any",
    "named.test, /d/a, named",
    "NAMED.test, /d/deep/a, named",
    "x.test, /d/deep/a, deep",
    "x.test, /d/a.iso, any",
    "x.test, /e/a.iso, types",
  })
  void theSiteThatFitsBestAnswers(String host, String path, String site) {
    assertThat(router.route(TestRequest.get(path).host(host)).orElseThrow().site().id())
        .isEqualTo(site);
  }

  @Test
  void aTorrentBelongsToTheFileItDescribes() {
    SiteRequest request = router.route(TestRequest.get("/e/a.iso.torrent")).orElseThrow();
    assertThat(request.metainfo()).isTrue();
    assertThat(request.path()).hasToString("/e/a.iso");
    assertThat(request.asked()).hasToString("/e/a.iso.torrent");
    assertThat(router.route(TestRequest.get("/e/a.txt.torrent"))).isEmpty();
  }
}
