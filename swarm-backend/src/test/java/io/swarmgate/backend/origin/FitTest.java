package io.swarmgate.backend.origin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FitTest {
  private static final Instant NOW = Instant.parse("2025-07-02T00:00:00Z");
  private static final Instant MODIFIED = Instant.parse("2025-07-01T10:00:00Z");
  private static final ByteSpan SPAN = new ByteSpan(10, 20);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      quoteCharacter = '`',
      value = {
        "206 | \"a\" | - | bytes 10-19/100 | - | Part",
        "206 | \"a\" | - | Bytes 10-19/100 | identity | Part",
        "206 | \"a\" | - | bytes 11-19/100 | - | Unusable",
        "206 | \"a\" | - | bytes 10-18/100 | - | Unusable",
        "206 | \"a\" | - | bytes 10-19/101 | - | Changed",
        "206 | \"a\" | - | bytes 10-19/* | - | Unusable",
        "206 | \"a\" | - | - | - | Unusable",
        "206 | \"a\" | - | bytes 10-19/100 | gzip | Unusable",
        "206 | \"b\" | - | bytes 10-19/100 | - | Changed",
        "206 | W/\"a\" | - | bytes 10-19/100 | - | Changed",
        "206 | - | - | bytes 10-19/100 | - | Changed",
        "200 | \"a\" | 100 | - | - | Whole",
        "200 | \"a\" | - | - | - | Whole",
        "200 | \"a\" | 99 | - | - | Changed",
        "200 | \"b\" | 100 | - | - | Changed",
        "200 | \"a\" | 100 | - | br | Unusable",
        "412 | - | - | - | - | Changed",
        "416 | - | - | bytes */5 | - | Changed",
        "404 | - | - | - | - | Changed",
        "403 | - | - | - | - | Unusable",
        "302 | - | - | - | - | Unusable",
        "204 | - | - | - | - | Unusable",
        "429 | - | - | - | - | Failed",
        "500 | \"a\" | - | - | - | Failed",
        "503 | - | - | - | - | Failed",
      })
  void anAnswerIsJudgedByItsHead(
      int status, String etag, String length, String range, String coding, String expected) {
    HttpHeaders headers = headers(etag, null, length, range, coding);
    Fit.Asked asked = new Fit.Asked(SPAN, 100, "\"a\"", MODIFIED);
    assertThat(Fit.of(status, headers, asked, NOW).getClass().getSimpleName()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "Tue, 01 Jul 2025 10:00:00 GMT | 100 | Whole",
        "Tue, 01 Jul 2025 10:00:01 GMT | 100 | Changed",
        "Tue, 01 Jul 2025 10:00:00 GMT | 101 | Changed",
        "- | 100 | Changed",
      })
  void withoutAnEntityTagTheDateAndTheLengthTell(String modified, String length, String expected) {
    HttpHeaders headers = headers(null, modified, length, null, null);
    Fit.Asked asked = new Fit.Asked(new ByteSpan(0, 100), 100, null, MODIFIED);
    assertThat(Fit.of(200, headers, asked, NOW).getClass().getSimpleName()).isEqualTo(expected);
  }

  private static HttpHeaders headers(
      @Nullable String etag,
      @Nullable String modified,
      @Nullable String length,
      @Nullable String range,
      @Nullable String coding) {
    Map<String, List<String>> all = new HashMap<>();
    put(all, "ETag", etag);
    put(all, "Last-Modified", modified);
    put(all, "Content-Length", length);
    put(all, "Content-Range", range);
    put(all, "Content-Encoding", coding);
    return HttpHeaders.of(all, (name, value) -> true);
  }

  private static void put(Map<String, List<String>> all, String name, @Nullable String value) {
    if (value != null) {
      all.put(name, new ArrayList<>(List.of(value)));
    }
  }
}
