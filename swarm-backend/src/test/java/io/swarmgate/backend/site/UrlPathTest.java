package io.swarmgate.backend.site;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlPathTest {
  @ParameterizedTest
  @CsvSource({
    "/d/a.iso, /d/a.iso",
    "/d/a%20b.iso, /d/a b.iso",
    "/d/%C3%A9.iso, /d/é.iso",
    "/d/a%2Eiso, /d/a.iso",
    "/d/100%25.iso, /d/100%.iso",
    "/d/%2541.iso, /d/%41.iso",
    "/d/a+b.iso, /d/a+b.iso",
    "/d/./a.iso, /d/a.iso",
    "/././d/././a.iso, /d/a.iso",
  })
  void pathsAreDecodedOnce(String raw, String decoded) {
    assertThat(UrlPath.parse(raw)).contains(new UrlPath(decoded));
    assertThat(UrlPath.parse(new UrlPath(decoded).encoded())).contains(new UrlPath(decoded));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "d/a.iso",
        "/d/../a.iso",
        "/d/%2e%2e/a.iso",
        "/d/.",
        "/d/./../a.iso",
        "/d/%2E/a.iso",
        "/d//a.iso",
        "/d/",
        "/d%2fa.iso",
        "/d%2Fa.iso",
        "/d/a%00.iso",
        "/d/a%0a.iso",
        "/d\\a.iso",
        "/d%5ca.iso",
        "/d/.hidden",
        "/.git/config",
        "/WEB-INF/web.xml",
        "/web-inf/web.xml",
        "/d/META-INF/x",
        "/d/a;v=1.iso",
        "/d/a%3bv.iso",
        "/d/%",
        "/d/%4",
        "/d/%zz",
        "/d/%ff.iso",
      })
  void pathsThatNoFileMayHaveAreRefused(String raw) {
    assertThat(UrlPath.parse(raw)).isEmpty();
  }
}
