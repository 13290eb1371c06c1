package io.swarmgate.filter.doctor;

/**
 * What one check found.
 *
 * @param check what was looked at, in a few words
 * @param found what there is, in one line
 * @param advice what to change, in the operator's words; empty if nothing
 */
public record Finding(Level level, String check, String found, String advice) {
  /** How it stands. */
  public enum Level {
    /** As it should be. */
    GOOD,
    /** Works, but could do better. */
    NOTE,
    /** Costs something that can be had. */
    WARNING,
    /** Downloads can't be accelerated, or not be relied on. */
    BAD
  }

  static Finding good(String check, String found) {
    return new Finding(Level.GOOD, check, found, "");
  }

  static Finding note(String check, String found, String advice) {
    return new Finding(Level.NOTE, check, found, advice);
  }

  static Finding warning(String check, String found, String advice) {
    return new Finding(Level.WARNING, check, found, advice);
  }

  static Finding bad(String check, String found, String advice) {
    return new Finding(Level.BAD, check, found, advice);
  }
}
