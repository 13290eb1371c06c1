package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheRulesTest {
  private static final Instant NOW = Instant.parse("2025-07-01T10:00:00Z");

  /** Fields are separated by &, lifetime is in seconds. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                                                        | true  | 10 | true",
        "Cache-Control: max-age=60                               | true  | 60 | true",
        "Cache-Control: max-age=\"60\"                           | true  | 60 | true",
        "Cache-Control: MAX-AGE=60                               | true  | 60 | true",
        "Cache-Control: max-age=60, s-maxage=5                   | true  | 5  | false",
        "Cache-Control: max-age=60 & Age: 50                     | true  | 10 | true",
        "Cache-Control: max-age=60 & Age: 70                     | true  | 0  | true",
        "Cache-Control: max-age=soon                             | true  | 0  | true",
        "Cache-Control: max-age=60, must-revalidate              | true  | 60 | false",
        "Cache-Control: max-age=60, proxy-revalidate             | true  | 60 | false",
        "Cache-Control: max-age=60 & Cache-Control: no-cache     | true  | 0  | false",
        "Cache-Control: no-store                                 | false | 10 | true",
        "Cache-Control: private, max-age=60                      | false | 60 | true",
        "Vary: Accept-Encoding                                   | true  | 10 | true",
        "Vary: Cookie                                            | false | 10 | true",
        "Vary: *                                                 | false | 10 | true",
        "Date: Tue, 01 Jul 2025 10:00:00 GMT"
            + " & Expires: Tue, 01 Jul 2025 10:00:30 GMT         | true  | 30 | true",
        "Date: Tue, 01 Jul 2025 10:00:00 GMT"
            + " & Expires: Tuesday, 01-Jul-25 10:00:30 GMT       | true  | 30 | true",
        "Date: Tue Jul  1 10:00:00 2025"
            + " & Expires: Tue Jul  1 10:00:30 2025              | true  | 30 | true",
        "Expires: Tue, 01 Jul 2025 10:00:20 GMT                  | true  | 20 | true",
        "Expires: Tue, 01 Jul 2025 09:59:59 GMT                  | true  | 0  | true",
        "Expires: 0                                              | true  | 0  | true",
      })
  void freshnessFollowsTheOriginsFields(
      String fields, boolean storable, long lifetime, boolean staleAllowed) {
    CacheRules rules = CacheRules.of(headers(fields == null ? "" : fields), NOW);
    assertThat(rules.storable()).isEqualTo(storable);
    assertThat(rules.lifetime()).hasSeconds(lifetime);
    assertThat(rules.staleAllowed()).isEqualTo(staleAllowed);
  }

  private static HttpHeaders headers(String fields) {
    Map<String, List<String>> all =
        Arrays.stream(fields.split("&"))
            .map(field -> field.strip().split(": ", 2))
            .filter(parts -> parts.length == 2)
            .collect(
                Collectors.groupingBy(
                    parts -> parts[0], Collectors.mapping(parts -> parts[1], Collectors.toList())));
    return HttpHeaders.of(all, (name, value) -> true);
  }
}
