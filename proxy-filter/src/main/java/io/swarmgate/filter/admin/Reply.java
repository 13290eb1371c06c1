package io.swarmgate.filter.admin;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer.
 *
 * @param fields fields besides those that every answer has
 */
record Reply(int status, String type, byte[] body, Map<String, String> fields) {
  static Reply text(int status, String text) {
    return of(status, "text/plain; charset=utf-8", text);
  }

  static Reply json(int status, @Nullable Object value) {
    return of(status, "application/json", Json.of(value) + "\n");
  }

  /** An error that says in one line what was expected and what came. */
  static Reply error(int status, String message) {
    return json(status, Map.of("error", message));
  }

  static Reply of(int status, String type, String text) {
    return new Reply(status, type, text.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  Reply with(String name, String value) {
    return new Reply(status, type, body, Map.of(name, value));
  }
}
