package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.config.Authorize;
import io.swarmgate.backend.config.SiteConfig;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How what is known about a URL is used for a request (RFC 9111 section 4). */
enum Reuse {
  /** As it is. */
  USE,

  /** As it is, while the origin is asked for later requests (RFC 5861). */
  USE_AND_ASK,

  /** The origin is asked first, once for all who wait, and as nobody in particular. */
  ASK,

  /**
   * The origin is asked first, for this request alone and with all it came with, credentials above
   * all.
   */
  ASK_ALONE,

  /** Not at all, since the client would not have the origin asked: 504 (section 5.2.1.7). */
  NONE;

  /** Decides. Pure, but for asking the store what is there. */
  static Reuse of(
      SiteConfig site, @Nullable Knowledge known, RequestView request, Wishes wishes, Instant now) {
    if (wishes.onlyIfCached()) {
      return isHere(site, known, request, now) ? USE : NONE;
    }
    boolean each = site.authorize() == Authorize.ORIGIN;
    if (!(known instanceof Knowledge.Accelerated here)) {
      // What is relayed is asked of the origin anyway.
      return known != null && known.isFresh(now) ? USE : each ? ASK_ALONE : ASK;
    }
    if (each) {
      return ASK_ALONE;
    }
    if (needsOwnAnswer(here, request, now)) {
      return ASK_ALONE;
    }
    if (here.isFresh(now)) {
      return wishes.areMetBy(here.age(now), Duration.between(now, here.freshUntil())) ? USE : ASK;
    }
    return here.mayBeUsedMeanwhile(now, site.staleIfError()) && !wishes.reload()
        ? USE_AND_ASK
        : ASK;
  }

  /** Whether all of it is here and nobody need be asked. */
  private static boolean isHere(
      SiteConfig site, @Nullable Knowledge known, RequestView request, Instant now) {
    return site.authorize() != Authorize.ORIGIN
        && known instanceof Knowledge.Accelerated here
        && here.isFresh(now)
        && here.terms().isSelectedBy(request)
        && here.isWhole();
  }

  /**
   * Whether what the origin said to nobody in particular is not enough to answer a request: its
   * fields select something else, or the origin must agree each time and has to see who asks.
   */
  static boolean needsOwnAnswer(Knowledge.Accelerated here, RequestView request, Instant now) {
    return !here.terms().isSelectedBy(request)
        || (!here.isFresh(now) && !here.terms().staleAllowed() && hasCredentials(request));
  }

  private static boolean hasCredentials(RequestView request) {
    return request.field("Authorization") != null || request.field("Cookie") != null;
  }
}
