package io.swarmgate.backend.config;

import java.util.List;

/**
 * Thrown when a configuration can't be used. The message has one line for each problem: the name,
 * what was expected and what came.
 */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /** Takes at least one line. */
  public ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /** The lines of the message. */
  public List<String> problems() {
    return problems;
  }
}
