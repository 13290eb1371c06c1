package io.swarmgate.samples;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a sample is told on its command line.
 *
 * @param port to listen on; 0 for any that is free
 * @param settings by NAME
 */
record Arguments(int port, Map<String, String> settings) {
  private static final int BAD_USAGE = 2;

  /** Reads them; ends the program with a word on how it is used if they can't be read. */
  static Arguments of(String program, String... arguments) {
    try {
      return parse(List.of(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println(program + ": " + e.getMessage());
      System.err.println("Usage: " + program + " PORT NAME=VALUE...");
      System.exit(BAD_USAGE);
      throw e;
    }
  }

  static Arguments parse(List<String> arguments) {
    if (arguments.isEmpty() || !arguments.get(0).matches("\\d{1,5}")) {
      throw new IllegalArgumentException(
          "expected a port, got " + arguments.stream().findFirst().orElse("nothing"));
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (String argument : arguments.subList(1, arguments.size())) {
      int equals = argument.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("expected NAME=VALUE, got " + argument);
      }
      settings.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    return new Arguments(Integer.parseInt(arguments.get(0)), settings);
  }
}
