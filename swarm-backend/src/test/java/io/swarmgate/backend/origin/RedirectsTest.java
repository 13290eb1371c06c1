package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectsTest {
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "http://o.test/a, /b, http://o.test/b",
        "http://o.test/d/a, b?x=1, http://o.test/d/b?x=1",
        "http://o.test/a, http://O.test:80/b, http://O.test:80/b",
        "http://o.test/a, https://o.test/b, https://o.test/b",
        "http://o.test/a, //mirror.test/b, http://mirror.test/b",
        "http://o.test/a, https://mirror.test/b, https://mirror.test/b",
        "http://o.test/a, http://other.test:81/b, http://other.test:81/b",
        "http://o.test/a, http://other.test/b, -",
        "http://o.test/a, http://o.test:81/b, -",
        "http://o.test:81/a, https://o.test/b, -",
        "https://o.test/a, http://o.test/b, -",
        "https://o.test/a, http://mirror.test/b, -",
        "http://o.test/a, http://o.test.evil.test/b, -",
        "http://o.test/a, http://me@o.test/b, -",
        "http://o.test/a, ftp://o.test/b, -",
        "http://o.test/a, 'http://[', -",
      })
  void onlyTheSameHostAndThoseNamedAreFollowed(String from, String location, String to) {
    Redirects redirects = new Redirects(Set.of("mirror.test", "other.test:81"));
    HttpHeaders headers = HttpHeaders.of(Map.of("Location", List.of(location)), (n, v) -> true);
    for (int status : new int[] {301, 302, 303, 307, 308}) {
      assertThat(redirects.next(URI.create(from), status, headers).map(URI::toString))
          .isEqualTo(Optional.ofNullable(to));
    }
    assertThat(redirects.next(URI.create(from), 200, headers)).isEmpty();
    assertThat(redirects.next(URI.create(from), 304, headers)).isEmpty();
  }
}
