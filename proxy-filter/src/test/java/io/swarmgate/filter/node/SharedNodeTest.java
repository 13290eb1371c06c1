package io.swarmgate.filter.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.filter.testing.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedNodeTest {
  private static final Request REQUEST = new Request("GET", "/s/x", List.of());

  @TempDir Path base;

  @Test
  void theSameSettingsHaveOneNodeThatEndsWithTheLastHolder() throws Exception {
    Map<String, String> values = settings();
    SharedNode first = SharedNode.start(values, base);
    SharedNode second = SharedNode.start(values, base);
    assertThat(first.accepts(REQUEST)).isTrue();

    first.close();
    first.close();
    assertThat(first.accepts(REQUEST)).isFalse();
    assertThat(second.accepts(REQUEST)).isTrue();
    second.close();

    // Neither the port nor the store is held any longer.
    Map<String, String> others = new HashMap<>(values);
    others.put("minSize", "5");
    SharedNode.start(others, base).close();
  }

  @Test
  void otherSettingsAreAnotherNodeWhichCannotHaveTheSameStore() throws Exception {
    Map<String, String> values = settings();
    Map<String, String> others = new HashMap<>(values);
    others.put("minSize", "5");
    try (SharedNode first = SharedNode.start(values, base)) {
      assertThatThrownBy(() -> SharedNode.start(others, base)).isInstanceOf(IOException.class);
      assertThat(first.accepts(REQUEST)).isTrue();
    }
  }

  private static Map<String, String> settings() throws IOException {
    return Map.of(
        "patterns", "/s/*",
        "content", ".",
        "peerPort", Integer.toString(Ports.free()),
        "adminListen", "off");
  }
}
