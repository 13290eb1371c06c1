package io.swarmgate.backend.content;

/**
 * A header field line.
 *
 * @param name as it is written; names compare without regard to case
 * @param value without surrounding white space
 */
public record Field(String name, String value) {
  /** Whether this is the field called {@code other}, in any case. */
  public boolean is(String other) {
    return name.equalsIgnoreCase(other);
  }
}
