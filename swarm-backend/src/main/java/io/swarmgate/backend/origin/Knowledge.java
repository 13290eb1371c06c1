package io.swarmgate.backend.origin;

import io.swarmgate.backend.metainfo.ByteSpan;
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
   * @param terms on which the content may be used again
   */
  record Accelerated(
      Generation generation,
      Head head,
      String origin,
      Instant validated,
      Instant freshUntil,
      Instant retryAt,
      Terms terms)
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
          rules.terms());
    }

    /** Whether it is that origin that says so. */
    boolean isOf(Origin one) {
      return origin.equals(one.base().toString());
    }

    @Override
    public boolean isFresh(Instant now) {
      return now.isBefore(retryAt) && !generation.isSuspect();
    }

    /** How long ago the origin said so. */
    Duration age(Instant now) {
      return Duration.between(validated, now);
    }

    /**
     * Whether it may be served although the origin fails.
     *
     * @param usually how long, unless the origin said otherwise
     */
    boolean mayStandIn(Instant now, Duration usually) {
      Duration told = terms.ifError();
      Instant until = freshUntil.plus(told == null ? usually : told);
      return now.isBefore(freshUntil) || (terms.staleAllowed() && now.isBefore(until));
    }

    /**
     * Whether it may be served while the origin is asked: it was failing lately, and nobody should
     * wait for it to fail again; or it said so.
     */
    boolean mayBeUsedMeanwhile(Instant now, Duration staleIfError) {
      if (generation.isSuspect() || !terms.staleAllowed()) {
        return false;
      }
      boolean failing = retryAt.isAfter(freshUntil);
      return (failing && mayStandIn(now, staleIfError))
          || now.isBefore(freshUntil.plus(terms.whileRevalidating()));
    }

    /** Whether every byte is here. */
    boolean isWhole() {
      return generation.held(new ByteSpan(0, head.length())) == head.length();
    }

    Accelerated retryAt(Instant at) {
      Instant next = at.isAfter(freshUntil) ? at : freshUntil;
      return new Accelerated(generation, head, origin, validated, freshUntil, next, terms);
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
