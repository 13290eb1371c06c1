package io.swarmgate.backend.origin;

import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static io.swarmgate.backend.origin.EdgeFixture.OTHER;
import static io.swarmgate.backend.origin.EdgeFixture.PATH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.testing.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forgetting files on an edge. */
class PurgeTest {
  @TempDir Path base;

  @Test
  void aPurgeLeavesNoPieceAndTheNextRequestLearnsAnew() throws Exception {
    try (EdgeFixture edge = new EdgeFixture(base, Map.of())) {
      edge.publish(CONTENT, "\"v1\"", "max-age=1000");
      edge.seed(CONTENT);
      assertThat(Reading.all(edge.serve())).isEqualTo(CONTENT);
      InfoHash infoHash = EdgeFixture.metainfo(CONTENT).infoHash();
      assertThat(edge.files.has(infoHash)).isTrue();

      assertThat(edge.edge().purge(path -> path.startsWith("/other"), false))
          .isEqualTo(Purged.NOTHING);
      assertThat(edge.edge().purge(PATH::equals, false)).isEqualTo(new Purged(1, 0));

      await().until(() -> !edge.files.has(infoHash));
      assertThat(edge.engine.torrents()).doesNotContain(infoHash);
      assertThat(edge.edge().files()).isEmpty();
      edge.publish(OTHER, "\"v2\"", "max-age=1000");
      edge.seed(OTHER);
      assertThat(Reading.all(edge.serve())).isEqualTo(OTHER);
    }
  }

  @Test
  void aPurgeLetsRunningResponsesEndUnlessToldToAbortThem() throws Exception {
    try (EdgeFixture edge = new EdgeFixture(base, Map.of())) {
      edge.publish(CONTENT, "\"v1\"", "max-age=1000");
      edge.seed(CONTENT);
      InfoHash infoHash = EdgeFixture.metainfo(CONTENT).infoHash();
      Representation running = edge.serve();
      assertThat(edge.edge().purge(PATH::equals, false)).isEqualTo(new Purged(1, 1));
      assertThat(Reading.all(running)).isEqualTo(CONTENT);
      running.close();
      await().until(() -> !edge.files.has(infoHash));

      Representation aborted = edge.serve();
      assertThat(edge.edge().purge(PATH::equals, true)).isEqualTo(new Purged(1, 0));
      await().until(() -> !edge.files.has(infoHash));
      assertThatThrownBy(() -> Reading.all(aborted)).isInstanceOf(IOException.class);
      aborted.close();
    }
  }
}
