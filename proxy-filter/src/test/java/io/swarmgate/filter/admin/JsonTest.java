package io.swarmgate.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.status.FileStatus;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void recordsBecomeObjects() {
    FileStatus file = new FileStatus("/a", 3, InfoHash.of(new byte[20]), 2);
    assertThat(Json.of(file))
        .isEqualTo(
            "{\"path\":\"/a\",\"length\":3,\"infoHash\":\""
                + "0".repeat(40)
                + "\",\"hashed\":2,\"offset\":0}");
  }

  @Test
  void listsMapsNumbersAndNull() {
    assertThat(Json.of(Arrays.asList(1, null, true, List.of(), Map.of("k", -2L))))
        .isEqualTo("[1,null,true,[],{\"k\":-2}]");
  }

  @Test
  void textIsEscaped() {
    assertThat(Json.of("\"\\\n\u0000é\ud83d")).isEqualTo("\"\\\"\\\\\\u000a\\u0000é\\ud83d\"");
  }
}
