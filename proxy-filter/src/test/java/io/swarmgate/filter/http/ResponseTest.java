package io.swarmgate.filter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.filter.testing.CacheStatusGrammar;
import io.swarmgate.filter.testing.Half;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.Request;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant MODIFIED = NOW.minusSeconds(600);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET  | -                        | hit; ttl=9",
        "GET  | bytes=0-49               | hit; ttl=9",
        "GET  | bytes=0-50               | fwd=partial; ttl=9; stored; detail=\"50 of 51 bytes held\"",
        "GET  | bytes=50-59              | fwd=miss; ttl=9; stored; detail=\"0 of 10 bytes held\"",
        "GET  | bytes=0-9,90-99          | fwd=partial; ttl=9; stored; detail=\"10 of 20 bytes held\"",
        "GET  | bytes=100-               | hit; ttl=9",
      })
  void aCacheTellsWhetherItHasWhatIsAskedFor(String method, String range, String status) {
    boolean whole = range.equals("-");
    MemoryRepresentation held =
        new MemoryRepresentation(100).cached(new Half(whole ? 100 : 50, false, 9));
    List<Field> fields = whole ? List.of() : List.of(new Field("Range", range));

    assertThat(cacheStatus(held, method, fields)).isEqualTo("Swarmgate; " + status);
  }

  @Test
  void aCacheTellsWhenItHadToAskAndWhenStaleContentStandsIn() {
    MemoryRepresentation asked = new MemoryRepresentation(100).cached(new Half(100, true, 60));
    MemoryRepresentation standsIn = new MemoryRepresentation(100).cached(new Half(100, false, -5));

    assertThat(cacheStatus(asked, "GET", List.of())).isEqualTo("Swarmgate; fwd=stale; ttl=60");
    assertThat(cacheStatus(standsIn, "GET", List.of())).isEqualTo("Swarmgate; hit; ttl=-5");
  }

  @Test
  void aHeadTellsWhatAGetWouldAndANotModifiedThatItIsAHit() {
    MemoryRepresentation cold = new MemoryRepresentation(100).cached(new Half(0, false, 9));

    assertThat(cacheStatus(cold, "HEAD", List.of()))
        .isEqualTo("Swarmgate; fwd=uri-miss; ttl=9; detail=\"0 of 100 bytes held\"");
    assertThat(cacheStatus(cold, "GET", List.of(new Field("If-None-Match", "*"))))
        .isEqualTo("Swarmgate; hit; ttl=9");
  }

  @Test
  void whatElseAnOperatorShouldKnowStandsInTheDetail() {
    Half half = new Half(50, false, 9);
    Cached slow =
        new Cached() {
          @Override
          public long held(ByteSpan span) {
            return half.held(span);
          }

          @Override
          public boolean stale() {
            return half.stale();
          }

          @Override
          public long ttl() {
            return half.ttl();
          }

          @Override
          public String remark() {
            return "swarm slower than origin";
          }
        };
    MemoryRepresentation file = new MemoryRepresentation(100).cached(slow);
    assertThat(cacheStatus(file, "GET", List.of()))
        .isEqualTo(
            "Swarmgate; fwd=partial; ttl=9; stored;"
                + " detail=\"50 of 100 bytes held, swarm slower than origin\"");
    assertThat(cacheStatus(file, "GET", List.of(new Field("Range", "bytes=0-9"))))
        .isEqualTo("Swarmgate; hit; ttl=9; detail=\"swarm slower than origin\"");
  }

  /**
   * A cache that has half of 100 bytes.
   *
   * @param comes position up to which the rest comes because of another request
   */
  private record Joins(boolean stale, boolean collapsed, long comes) implements Cached {
    @Override
    public long held(ByteSpan span) {
      return new Half(50, stale, ttl()).held(span);
    }

    @Override
    public boolean comes(ByteSpan span) {
      return span.end() <= comes;
    }

    @Override
    public long ttl() {
      return 9;
    }
  }

  /** RFC 9211 section 2.6. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "false | bytes=0-49       | hit; ttl=9",
        "false | bytes=0-59       | fwd=partial; collapsed; ttl=9; stored; detail=\"50 of 60 bytes held\"",
        "false | bytes=0-69       | fwd=partial; ttl=9; stored; detail=\"50 of 70 bytes held\"",
        "false | bytes=0-9,50-59  | fwd=partial; collapsed; ttl=9; stored; detail=\"10 of 20 bytes held\"",
        "false | bytes=50-59,90-  | fwd=miss; ttl=9; stored; detail=\"0 of 20 bytes held\"",
        "true  | bytes=0-49       | fwd=stale; collapsed; ttl=9",
      })
  void aCacheTellsWhetherAnotherRequestHadTheOriginAsked(
      boolean stale, String range, String status) {
    MemoryRepresentation file = new MemoryRepresentation(100).cached(new Joins(stale, true, 60));

    assertThat(cacheStatus(file, "GET", List.of(new Field("Range", range))))
        .isEqualTo("Swarmgate; " + status);
  }

  @Test
  void whoAskedTheOriginItselfOrNeedsNothingOfItCollapsesWithNobody() {
    MemoryRepresentation asked = new MemoryRepresentation(100).cached(new Joins(true, false, 100));
    MemoryRepresentation comes = new MemoryRepresentation(100).cached(new Joins(false, false, 100));

    assertThat(cacheStatus(asked, "GET", List.of(new Field("Range", "bytes=0-49"))))
        .isEqualTo("Swarmgate; fwd=stale; ttl=9");
    assertThat(cacheStatus(comes, "HEAD", List.of()))
        .isEqualTo("Swarmgate; fwd=partial; ttl=9; detail=\"50 of 100 bytes held\"");
  }

  @Test
  void anOriginServerIsNoCache() {
    assertThat(cacheStatus(new MemoryRepresentation(100), "GET", List.of())).isNull();
  }

  @Test
  void theCachesBeforeUsKeepTheirPlaceBeforeOurs() {
    MemoryRepresentation held =
        new MemoryRepresentation(
                100, Validator.NONE, null, List.of(new Field("Cache-Status", "Other; hit")))
            .cached(new Half(100, false, 9));

    Response response = Response.to(new Request("GET", "/s/x", List.of()), held, null, NOW);
    response.body().close();

    assertThat(response.fields().stream().filter(field -> field.is("Cache-Status")))
        .extracting(Field::value)
        .containsExactly("Other; hit", "Swarmgate; hit; ttl=9");
  }

  /** Of nothing at all there is a miss of the URL, by RFC 9211 section 2.2. */
  @Test
  void aCacheThatHasNothingOfItTellsThat() {
    MemoryRepresentation cold = new MemoryRepresentation(100).cached(new Half(0, false, 9));

    assertThat(cacheStatus(cold, "GET", List.of(new Field("Range", "bytes=0-9"))))
        .isEqualTo("Swarmgate; fwd=uri-miss; ttl=9; stored; detail=\"0 of 10 bytes held\"");
  }

  private static @Nullable String cacheStatus(
      MemoryRepresentation representation, String method, List<Field> asked) {
    String value = field("Cache-Status", representation, method, asked);
    if (value != null) {
      CacheStatusGrammar.check(value);
    }
    return value;
  }

  private static @Nullable String field(
      String name, MemoryRepresentation representation, String method, List<Field> asked) {
    Response response = Response.to(new Request(method, "/s/x", asked), representation, null, NOW);
    response.body().close();
    return response.fields().stream()
        .filter(field -> field.is(name))
        .map(Field::value)
        .findFirst()
        .orElse(null);
  }

  /** RFC 9530 section 4; what is malformed is ignored as a whole. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sha-256=10                     | true",
        "sha-256=1, sha-512=3           | true",
        "sha-512=10                     | true",
        "unixsum=3, sha-512=1           | true",
        "sha-256=0                      | false",
        "sha-512=10 ,sha-256=0          | false",
        "sha-256=0, sha-256=5           | true",
        "sha-256=5, sha-256=0           | false",
        "sha-256                        | true",
        "sha-256=0,                     | true",
        "SHA-256=0                      | true",
        "sha-256=0; q=1                 | true",
        "sha-256=\"0\"                  | true",
        "''                             | true",
      })
  void aDigestIsLeftOutWhereItIsRefused(String wanted, boolean sent) {
    MemoryRepresentation digested =
        new MemoryRepresentation(
            100, Validator.NONE, null, List.of(new Field("Repr-Digest", "sha-256=:x:")));

    assertThat(
            field("Repr-Digest", digested, "GET", List.of(new Field("Want-Repr-Digest", wanted))))
        .isEqualTo(sent ? "sha-256=:x:" : null);
  }

  @Test
  void aDigestOfTheWholeGoesWithPartsAndHeadsUnasked() {
    MemoryRepresentation digested =
        new MemoryRepresentation(
            100, Validator.NONE, null, List.of(new Field("Repr-Digest", "sha-256=:x:")));

    assertThat(field("Repr-Digest", digested, "HEAD", List.of())).isEqualTo("sha-256=:x:");
    for (String range : List.of("bytes=0-4", "bytes=0-4,10-14")) {
      assertThat(field("Repr-Digest", digested, "GET", List.of(new Field("Range", range))))
          .isEqualTo("sha-256=:x:");
    }
  }

  /** RFC 9110 section 15.4.5: what a cache updates by, and nothing else about the content. */
  @Test
  void aNotModifiedCarriesWhatCachesUpdateBy() {
    List<String> kept =
        List.of("Cache-Control", "Content-Location", "Expires", "Vary", "Link", "Age");
    List<String> left = List.of("Content-Disposition", "Content-Language", "Repr-Digest");
    List<Field> fields =
        Stream.concat(kept.stream(), left.stream()).map(name -> new Field(name, "x")).toList();
    MemoryRepresentation file =
        new MemoryRepresentation(100, new Validator("\"v1\"", MODIFIED), "text/plain", fields);

    Response response =
        Response.to(
            new Request("GET", "/s/x", List.of(new Field("If-None-Match", "\"v1\""))),
            file,
            null,
            NOW);

    assertThat(response.status()).isEqualTo(304);
    assertThat(response.fields().stream().map(Field::name))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Stream.of("ETag"), kept.stream()).toList());
  }

  /** What came from the origin soon after its change may have changed again in the same second. */
  @ParameterizedTest
  @CsvSource({"0, 200", "1, 200", "59, 200", "60, 206"})
  void aCacheMeasuresADateByWhenTheOriginSaidSo(long secondsLater, int status) {
    MemoryRepresentation held =
        new MemoryRepresentation(100, new Validator(null, MODIFIED), null, List.of())
            .asOf(MODIFIED.plusSeconds(secondsLater));
    Request request =
        new Request(
            "GET",
            "/s/x",
            List.of(
                new Field("Range", "bytes=0-4"), new Field("If-Range", HttpDate.format(MODIFIED))));

    Response response = Response.to(request, held, null, NOW);
    response.body().close();

    assertThat(response.status()).isEqualTo(status);
  }
}
