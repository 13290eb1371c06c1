package io.swarmgate.backend.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets tests that wait for something, and don't say how long, wait for as long as a machine may
 * need that has much else to do. JUnit finds it by itself, in every module.
 */
public final class Patience implements BeforeAllCallback {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultTimeout(LIMIT);
  }
}
