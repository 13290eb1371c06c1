package io.swarmgate.backend.config;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a query string tells one representation from another.
 *
 * @param everything whether all of it does
 * @param names the parameters that do, if not everything does; may be empty
 */
public record QueryKey(boolean everything, Set<String> names) {
  public static final QueryKey ALL = new QueryKey(true, Set.of());
  public static final QueryKey NONE = new QueryKey(false, Set.of());

  /** Takes {@code all}, {@code none}, or the names of parameters. */
  static QueryKey of(List<String> words) {
    if (words.equals(List.of("all"))) {
      return ALL;
    }
    return words.equals(List.of("none")) ? NONE : new QueryKey(false, Set.copyOf(words));
  }

  /** The part of a raw query that belongs to the key, parameters in the order they came. */
  public String of(@Nullable String query) {
    if (query == null || everything) {
      return query == null ? "" : query;
    }
    return Arrays.stream(query.split("&"))
        .filter(parameter -> names.contains(parameter.split("=", 2)[0]))
        .collect(Collectors.joining("&"));
  }
}
