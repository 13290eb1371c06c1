package io.swarmgate.backend.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What was set, as text, and the list of what is wrong with it. A value that can't be read is noted
 * as a problem and stands at its default, so that one start tells all problems. One thread.
 */
final class Settings {
  private final Map<String, String> values;
  private final String scope;
  private final Path base;
  private final List<String> problems;

  /**
   * Takes values by name.
   *
   * @param base what relative paths are resolved against
   * @param problems where problems are noted
   */
  Settings(Map<String, String> values, Path base, List<String> problems) {
    this(values, "", base, problems);
  }

  private Settings(Map<String, String> values, String scope, Path base, List<String> problems) {
    this.values = values;
    this.scope = scope;
    this.base = base;
    this.problems = problems;
  }

  /** The same, seen by a site: its own {@code SITE.NAME} goes before {@code NAME}. */
  Settings site(String id) {
    return new Settings(values, id + ".", base, problems);
  }

  /** The name under which the value stands, for messages. */
  String name(Setting setting) {
    String own = scope + setting.key();
    return values.containsKey(own) || !values.containsKey(setting.key()) ? own : setting.key();
  }

  /** What was set; empty if nothing was. */
  String given(Setting setting) {
    return values.getOrDefault(name(setting), "");
  }

  boolean isGiven(Setting setting) {
    return !given(setting).isEmpty();
  }

  /** The value, or its default. */
  <T> T get(Setting setting, Function<String, T> parser) {
    if (isGiven(setting)) {
      Optional<T> value = parsed(setting, given(setting), parser);
      if (value.isPresent()) {
        return value.get();
      }
    }
    return parser.apply(setting.defaultText());
  }

  /** The value; empty if there is none or it is wrong. */
  <T> Optional<T> find(Setting setting, Function<String, T> parser) {
    return isGiven(setting) ? parsed(setting, given(setting), parser) : Optional.empty();
  }

  /** A comma list's items; those that are wrong are left out. */
  <T> List<T> list(Setting setting, Function<String, T> parser) {
    List<T> all = new ArrayList<>();
    for (String item : Parsers.items(given(setting))) {
      parsed(setting, item, parser).ifPresent(all::add);
    }
    return all;
  }

  Path resolve(String path) {
    return base.resolve(path).toAbsolutePath().normalize();
  }

  private <T> Optional<T> parsed(Setting setting, String text, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException e) {
      expected(setting, String.valueOf(e.getMessage()), '"' + text + '"');
      return Optional.empty();
    }
  }

  /** Notes that a setting's value is wrong. */
  void expected(Setting setting, String expected, String got) {
    problem(name(setting) + ": expected " + expected + ", got " + got);
  }

  void problem(String line) {
    // A value may hold line breaks, and the promise is one line for each problem.
    problems.add(line.replaceAll("\\R", " "));
  }
}
