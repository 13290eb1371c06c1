package io.swarmgate.backend;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as the backend sees it: nothing of the container. Valid after the container has
 * recycled its request.
 */
public interface RequestView {
  /** The method, in the case it came in. */
  String method();

  /** The full path as it was sent, context path included, still encoded, without the query. */
  String rawPath();

  /** The query as it was sent, without the question mark; null if there was none. */
  @Nullable String query();

  /** The host asked for, without a port; null if unknown. */
  @Nullable String host();

  /** The client's address as text, as the container tells it; for limits and logs only. */
  String clientAddress();

  /** The values of a field's lines, in order; empty if it is absent. Names ignore case. */
  List<String> fields(String name);

  /** The names of the fields that are there, each once. */
  List<String> fieldNames();

  /** The first line's value of a field; null if it is absent. */
  default @Nullable String field(String name) {
    List<String> values = fields(name);
    return values.isEmpty() ? null : values.get(0);
  }
}
