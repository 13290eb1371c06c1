package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.Field;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has URLs learned about, each once at a time for all who want to know meanwhile, and decides what
 * is known of them from then on. Thread-safe; never blocks.
 */
final class Learning {
  /**
   * What is known now.
   *
   * @param collapsed whether the origin was asked because of another request
   */
  record Learned(Knowledge known, boolean collapsed) {}

  private static final Logger LOG = LoggerFactory.getLogger(Learning.class);

  /** How soon an origin that failed is asked again. */
  static final Duration RETRY = Duration.ofSeconds(1);

  /** Has caches before the origin ask it too. */
  private static final Field RELOAD = new Field("Cache-Control", "no-cache");

  private final SiteConfig site;
  private final Learner learner;
  private final EdgeMemory memory;
  private final Clock clock;
  private final Map<String, CompletableFuture<Knowledge>> running = new ConcurrentHashMap<>();

  Learning(SiteConfig site, Learner learner, EdgeMemory memory, Clock clock) {
    this.site = site;
    this.learner = learner;
    this.memory = memory;
    this.clock = clock;
  }

  /**
   * Asks the origin, as nobody in particular.
   *
   * @param before what was known when this was decided
   */
  CompletionStage<Learned> ask(
      String key, Target target, Knowledge.@Nullable Accelerated before, boolean reload) {
    List<Field> fields = reload ? List.of(RELOAD) : List.of();
    return once(
        key,
        before,
        latest ->
            learner
                .ask(target, fields, latest)
                .thenCompose(told -> learner.learn(key, target, latest, List.of(), told)));
  }

  /**
   * Learns from what the origin has told one client.
   *
   * @param before what was known when that was asked
   * @param asker the client's fields that the origin was asked with
   */
  CompletionStage<Learned> learn(
      String key,
      Target target,
      Knowledge.@Nullable Accelerated before,
      List<Field> asker,
      Description told) {
    return once(key, before, latest -> learner.learn(key, target, latest, asker, told));
  }

  /**
   * Has a URL learned about, unless that is under way.
   *
   * @param lesson given what is known when it begins
   */
  private CompletionStage<Learned> once(
      String key,
      Knowledge.@Nullable Accelerated before,
      Function<Knowledge.@Nullable Accelerated, CompletionStage<Knowledge>> lesson) {
    CompletableFuture<Knowledge> mine = new CompletableFuture<>();
    CompletableFuture<Knowledge> others = running.putIfAbsent(key, mine);
    if (others != null) {
      return others.thenApply(found -> new Learned(found, true));
    }
    // Guards against a race with a lesson that ended between the look and the beginning.
    Knowledge latest = memory.find(key).orElse(null);
    Knowledge.Accelerated here = latest instanceof Knowledge.Accelerated a ? a : null;
    if (latest != null && latest != before && latest.isFresh(clock.instant())) {
      running.remove(key, mine);
      mine.complete(latest);
      return CompletableFuture.completedStage(new Learned(latest, true));
    }
    CompletionStage<Knowledge> learned =
        lesson.apply(here).handle((found, e) -> settle(key, here, found, e));
    learned.whenComplete(
        (found, e) -> {
          running.remove(key, mine);
          if (e != null) {
            mine.completeExceptionally(e);
          } else {
            mine.complete(found);
          }
        });
    return mine.thenApply(found -> new Learned(found, false));
  }

  /** Decides what is known from now on, and what this one answer is made from. */
  private Knowledge settle(
      String key,
      Knowledge.@Nullable Accelerated before,
      @Nullable Knowledge found,
      @Nullable Throwable e) {
    Instant now = clock.instant();
    boolean failing =
        found == null || (found instanceof Knowledge.Direct direct && direct.failing());
    if (failing && before != null && before.mayStandIn(now, site.staleIfError())) {
      LOG.warn("Site {}: serving stale content, the origin fails", site.id());
      Knowledge stale = before.retryAt(now.plus(RETRY));
      memory.put(key, stale);
      return stale;
    }
    if (found == null) {
      throw new UncheckedIOException(
          OriginClient.ioCause(e == null ? new IOException("no answer") : e));
    }
    // What is held stays known through an origin's server error.
    if (!failing || before == null) {
      memory.put(key, found);
    }
    return found;
  }
}
