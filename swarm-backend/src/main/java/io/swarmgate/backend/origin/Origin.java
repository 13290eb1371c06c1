package io.swarmgate.backend.origin;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * One origin: where it is, how much it is asked for at a time, and whether it failed just now. All
 * sites that name it share it. Thread-safe.
 */
final class Origin {
  /** Requests of our own with short answers under way: descriptions, metainfo, single pieces. */
  private static final int SHORT_ANSWERS = 32;

  /** Responses under way that whole files are taken in from. */
  private static final int LONG_ANSWERS = 32;

  /** How long others are asked first after it failed. */
  private static final Duration AVOIDED = Duration.ofSeconds(5);

  private final URI base;
  private final Clock clock;
  private final Turns shortAnswers = new Turns(SHORT_ANSWERS);
  private final Turns longAnswers = new Turns(LONG_ANSWERS);
  private volatile Instant avoidedUntil = Instant.MIN;

  /** An origin under a base URL without a trailing slash. */
  Origin(URI base, Clock clock) {
    this.base = base;
    this.clock = clock;
  }

  URI base() {
    return base;
  }

  Turns shortAnswers() {
    return shortAnswers;
  }

  Turns longAnswers() {
    return longAnswers;
  }

  /** Notes that it could not be reached, or didn't answer in time. */
  void failed() {
    avoidedUntil = clock.instant().plus(AVOIDED);
  }

  void answered() {
    avoidedUntil = Instant.MIN;
  }

  /** Whether others should be asked before it. */
  boolean isAvoided() {
    return clock.instant().isBefore(avoidedUntil);
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
