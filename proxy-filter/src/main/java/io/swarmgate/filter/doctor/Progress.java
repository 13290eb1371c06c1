package io.swarmgate.filter.doctor;

import java.io.PrintStream;

/** Prints findings as they come, on a terminal with a bar below them of how many there are. */
final class Progress {
  /** Back to the line's begin, and erase it (ECMA-48: CR, EL). */
  private static final String ERASE = "\r\033[K";

  private final PrintStream out;
  private final boolean terminal;
  private int count;
  private boolean bad;

  Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Draws the bar. */
  void show() {
    if (terminal) {
      int done = Math.min(count, UrlCheck.CHECKS);
      out.printf(
          "  [%s%s] %d of %d",
          "#".repeat(2 * done), ".".repeat(2 * (UrlCheck.CHECKS - done)), done, UrlCheck.CHECKS);
      out.flush();
    }
  }

  private void erase() {
    if (terminal) {
      out.print(ERASE);
    }
  }

  void found(Finding finding) {
    erase();
    out.printf("  %-8s %-15s %s%n", finding.level(), finding.check(), finding.found());
    if (!finding.advice().isEmpty()) {
      out.printf("  %-8s %-15s -> %s%n", "", "", finding.advice());
    }
    count++;
    bad |= finding.level() == Finding.Level.BAD;
    show();
  }

  /** Takes the bar away; true if anything was bad. */
  boolean end() {
    erase();
    return bad;
  }
}
