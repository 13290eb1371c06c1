package io.swarmgate.backend.origin;

import java.time.Duration;
import java.time.Instant;

/** What an edge knows about a URL. */
sealed interface Knowledge {
  /** Whether it may be acted on without asking the origin. */
  boolean isFresh(Instant now);

  /**
   * The URL is served from a swarm.
   *
   * @param generation its content; the knowledge holds one of its pins
   * @param head what the origin says about it
   * @param origin base URL of the origin that says so: its validators are no other's
   * @param validated when the origin, and not a cache before it, last said so
   * @param freshUntil when it must be asked again
   * @param retryAt when it is asked again after it failed to answer; {@code freshUntil} if it
   *     didn't
   * @param staleAllowed whether the content may stand in for a failing origin
   */
  record Accelerated(
      Generation generation,
      Head head,
      String origin,
      Instant validated,
      Instant freshUntil,
      Instant retryAt,
      boolean staleAllowed)
      implements Knowledge {

    static Accelerated of(
        Generation generation, Head head, Origin origin, CacheRules rules, Instant now) {
      Instant until = now.plus(rules.lifetime());
      return new Accelerated(
          generation,
          head,
          origin.base().toString(),
          now.minus(rules.age()),
          until,
          until,
          rules.staleAllowed());
    }

    @Override
    public boolean isFresh(Instant now) {
      return now.isBefore(retryAt) && !generation.isSuspect();
    }

    /** Whether it may be served although the origin fails. */
    boolean mayStandIn(Instant now, Duration staleIfError) {
      return staleAllowed && now.isBefore(freshUntil.plus(staleIfError));
    }

    Accelerated retryAt(Instant at) {
      return new Accelerated(generation, head, origin, validated, freshUntil, at, staleAllowed);
    }
  }

  /**
   * The origin's responses are relayed.
   *
   * @param until when to look again whether that has changed
   * @param failing whether the origin answered with a server error
   */
  record Direct(Instant until, boolean failing) implements Knowledge {
    @Override
    public boolean isFresh(Instant now) {
      return now.isBefore(until);
    }
  }
}
