package io.swarmgate.backend.observe;

import java.util.Locale;

/** How a request was answered. */
public enum Answer {
  /** From a representation: content, a part of it, or what a condition made of it. */
  SERVED,
  /** With an origin's own response. */
  RELAYED,
  /** By the next handler. */
  PASSED_ON,
  /** With an error of ours. */
  FAILED,
  /** With 503, since too many responses were under way. */
  BUSY;

  /** The name in metrics and JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
