package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.testing.TestRequest;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
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
        "Cache-Control: max-age=60, max-age=5                    | true  | 60 | true",
        "Cache-Control: no-cache=\"Set-Cookie, X\", max-age=60    | true  | 0  | false",
        "Cache-Control: ext=\"no-store, private\", max-age=60     | true  | 60 | true",
        "Cache-Control: private=\"Set-Cookie\"                    | false | 10 | true",
        "Cache-Control: max-age=9999999999                       | true  | 2147483647 | true",
        "Cache-Control: no-store                                 | false | 10 | true",
        "Cache-Control: private, max-age=60                      | false | 60 | true",
        "Vary: Accept-Encoding                                   | true  | 10 | true",
        "Vary: Cookie                                            | true  | 10 | true",
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
        "Last-Modified: Tue, 01 Jul 2025 09:58:20 GMT            | true  | 10 | true",
        "Last-Modified: Tue, 01 Jul 2025 09:59:59 GMT            | true  | 1  | true",
        "Last-Modified: Tue, 01 Jul 2025 11:00:00 GMT            | true  | 1  | true",
        "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT            | true  | 60 | true",
        "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT & Age: 59  | true  | 1  | true",
        "Last-Modified: Tue, 01 Jul 2025 09:58:20 GMT"
            + " & Date: Tue, 01 Jul 2025 09:58:50 GMT            | true  | 3  | true",
      })
  void freshnessFollowsTheOriginsFields(
      String fields, boolean storable, long lifetime, boolean staleAllowed) {
    CacheRules rules = rules(fields == null ? "" : fields);
    assertThat(rules.storable()).isEqualTo(storable);
    assertThat(rules.lifetime()).hasSeconds(lifetime);
    assertThat(rules.terms().staleAllowed()).isEqualTo(staleAllowed);
  }

  private static CacheRules rules(String fields) {
    return CacheRules.of(headers(fields), NOW, NOW);
  }

  /** RFC 9111 section 3.5. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Cache-Control: max-age=60                  | false",
        "Cache-Control: no-cache                    | false",
        "Cache-Control: public                      | true",
        "Cache-Control: no-cache, must-revalidate   | true",
        "Cache-Control: s-maxage=60                 | true",
        "Cache-Control: public, private             | false",
        "Cache-Control: public, no-store            | false",
      })
  void whatAnswersARequestWithAuthorizationIsKeptOnlyIfItSaysSo(String fields, boolean storable) {
    assertThat(rules(fields).storableForAuthorized()).isEqualTo(storable);
  }

  @Test
  void timeOnTheWayCountsAsAge() {
    CacheRules rules =
        CacheRules.of(
            headers("Cache-Control: max-age=60 & Age: 20"), NOW, NOW.plus(Duration.ofSeconds(5)));
    assertThat(rules.age()).hasSeconds(25);
    assertThat(rules.lifetime()).hasSeconds(35);
  }

  @Test
  void howLongStaleContentMayBeSentIsRead() {
    Terms terms =
        rules("Cache-Control: max-age=1, stale-while-revalidate=7, stale-if-error=9").terms();
    assertThat(terms.whileRevalidating()).hasSeconds(7);
    assertThat(terms.ifError()).hasSeconds(9);
    assertThat(rules("Cache-Control: max-age=1").terms().whileRevalidating()).isZero();
    assertThat(rules("Cache-Control: max-age=1").terms().ifError()).isNull();
  }

  @Test
  void fieldsThatSelectTheRepresentationAreKnownInAnyCase() {
    Terms terms = rules("Vary: ACCEPT-Encoding, Cookie & Vary: origin").terms();
    assertThat(terms.vary()).containsExactlyInAnyOrder("cookie", "origin");
    TestRequest request = TestRequest.get("/d/a.iso").with("Accept-Encoding", "gzip");
    assertThat(terms.isSelectedBy(request)).isTrue();
    assertThat(terms.isSelectedBy(request.with("Origin", "https://a.test"))).isFalse();
  }

  @Test
  void a304LeavesWhatItDoesNotMentionAsItWas() {
    Instant modified = NOW.minusSeconds(100);
    Head kept =
        new Head(
            9,
            null,
            new Validator("\"one\"", modified),
            List.of(new Field("Cache-Control", "max-age=60, must-revalidate")));
    CacheRules same = CacheRules.ofNotModified(kept, headers("Age: 5"), NOW, NOW);
    assertThat(same.lifetime()).hasSeconds(55);
    assertThat(same.terms().staleAllowed()).isFalse();
    CacheRules dated =
        CacheRules.ofNotModified(
            new Head(9, null, kept.validator(), List.of()), headers(""), NOW, NOW);
    assertThat(dated.lifetime()).hasSeconds(10);
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
