package io.swarmgate.filter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.filter.testing.MemoryRepresentation;
import io.swarmgate.filter.testing.Request;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant MODIFIED = NOW.minusSeconds(60);

  /** What came from the origin in the second of its change may have changed again in it. */
  @ParameterizedTest
  @CsvSource({"0, 200", "1, 206"})
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
