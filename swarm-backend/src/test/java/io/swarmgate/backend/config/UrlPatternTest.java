package io.swarmgate.backend.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlPatternTest {
  @ParameterizedTest
  @CsvSource({
    "/d/*, /d/x, true",
    "/d/*, /d/x/y, true",
    "/d/*, /d, true",
    "/d/*, /dx, false",
    "/d/*, /D/x, false",
    "/*, /x, true",
    "*.iso, /x/y.iso, true",
    "*.iso, /y.ISO, false",
    "*.iso, /y.iso.txt, false",
    "*.iso, /x/.iso, false",
    "/one.bin, /one.bin, true",
    "/one.bin, /one.bin/, false",
  })
  void patternsFollowServletSyntax(String pattern, String path, boolean matches) {
    assertThat(UrlPattern.parse(pattern).matches(path)).isEqualTo(matches);
  }
}
