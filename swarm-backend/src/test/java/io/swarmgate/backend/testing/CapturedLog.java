package io.swarmgate.backend.testing;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a package's classes log as long as it is open: the tests' logger writes to standard error.
 * Threads of tests before may still have something to say of others.
 */
public final class CapturedLog implements AutoCloseable {
  private final PrintStream before = System.err;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private final String logger;

  /** Begins to listen to the package of a class. */
  public CapturedLog(Class<?> one) {
    logger = " WARN " + one.getPackageName() + ".";
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  }

  public List<String> warnings() {
    return bytes
        .toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains(logger))
        .toList();
  }

  @Override
  public void close() {
    System.setErr(before);
  }
}
