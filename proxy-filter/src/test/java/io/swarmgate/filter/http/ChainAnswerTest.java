package io.swarmgate.filter.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChainAnswerTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // ours | the chain's | what is sent; fields are separated by &
        "ETag: a | | ETag: a & Cache-Control: no-cache, must-revalidate",
        "ETag: a | ETag: b & Content-Type: x/y & Content-Length: 5 & Date: d & Location: /l"
            + " | ETag: a & Cache-Control: no-cache, must-revalidate",
        "ETag: a & Cache-Control: public, max-age=60 & Expires: e |"
            + " | ETag: a & Cache-Control: no-cache, must-revalidate",
        "Cache-Control: max-age=60 | Cache-Control: private | Cache-Control: private",
        "Cache-Control: private | Cache-Control: public | Cache-Control: private",
        "Cache-Control: no-store | | Cache-Control: no-store",
        "A: 1 | Pragma: no-cache & Expires: 0 | A: 1 & Pragma: no-cache & Expires: 0",
        "Cache-Control: no-store & A: 1 | Set-Cookie: a=b & Set-Cookie: c=d & A: 2 & B: 3"
            + " | Cache-Control: no-store & A: 1 & Set-Cookie: a=b & Set-Cookie: c=d & B: 3",
        "Cache-Control: no-store & Vary: Origin | Vary: Cookie & Content-Security-Policy: p"
            + " | Cache-Control: no-store & Vary: Origin & Vary: Cookie"
            + " & Content-Security-Policy: p",
      })
  void whatTheChainSaysOfClientsAndCachesGoesBesideOurs(String ours, String theirs, String sent) {
    List<Field> all = new ChainAnswer(200, fields(theirs)).beside(fields(ours));
    assertThat(
            all.stream().map(f -> f.name() + ": " + f.value()).collect(Collectors.joining(" & ")))
        .isEqualTo(sent);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204, 206})
  void onlySuccessLetsUsAnswer(int status) {
    assertThat(new ChainAnswer(status, List.of()).allows()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {101, 302, 304, 401, 403, 404, 405, 500})
  void allElseIsARefusal(int status) {
    assertThat(new ChainAnswer(status, List.of()).allows()).isFalse();
  }

  @Test
  void rangesAndConditionsAreHiddenInAnyCase() {
    assertThat(ChainAnswer.hides("RANGE")).isTrue();
    assertThat(ChainAnswer.hides("if-None-match")).isTrue();
    assertThat(ChainAnswer.hides("Cookie")).isFalse();
  }

  private static List<Field> fields(String text) {
    return text == null
        ? List.of()
        : Arrays.stream(text.split(" & "))
            .map(each -> each.split(": ", 2))
            .map(parts -> new Field(parts[0].strip(), parts[1].strip()))
            .toList();
  }
}
