package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.site.MetainfoContent;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks an origin about a URL: first what it is, then for its metainfo; where it has none, and is no
 * Swarmgate that will have some, the file is to be taken in. Keeps nothing; thread-safe; never
 * blocks.
 */
final class Learner {
  private static final Logger LOG = LoggerFactory.getLogger(Learner.class);

  /** Short, so that a file is accelerated soon after its publisher has hashed it. */
  private static final Duration SOON = Duration.ofSeconds(1);

  /** What can't be accelerated as it is won't change in a moment. */
  private static final Duration LATER = Duration.ofSeconds(10);

  /** Makes a generation of what was learned. */
  interface Maker {
    CompletionStage<Generation> make(Target target, Head head, Origin origin, Metainfo metainfo);

    /**
     * One whose metainfo has to be made here.
     *
     * @param key of the URL
     */
    Generation ingest(String key, Target target, Head head, Origin origin);
  }

  private final SiteConfig site;
  private final OriginClient client;
  private final MetainfoCodec codec;
  private final Maker maker;
  private final Clock clock;

  Learner(SiteConfig site, OriginClient client, MetainfoCodec codec, Maker maker, Clock clock) {
    this.site = site;
    this.client = client;
    this.codec = codec;
    this.maker = maker;
    this.clock = clock;
  }

  /**
   * Learns what there is to know.
   *
   * @param key of the URL
   * @param known what was known before; null if nothing
   * @return fails with {@link OriginException} if no origin answers
   */
  CompletionStage<Knowledge> learn(
      String key, Target target, Knowledge.@Nullable Accelerated known) {
    return client
        .head(
            target,
            origin ->
                known == null || !isOf(known, origin)
                    ? List.of()
                    : conditions(known.head().validator()))
        .thenCompose(answer -> judge(key, target, known, answer));
  }

  private static boolean isOf(Knowledge.Accelerated known, Origin origin) {
    return known.origin().equals(origin.base().toString());
  }

  private static List<Field> conditions(Validator validator) {
    String etag = validator.etag();
    Instant modified = validator.lastModified();
    if (etag != null) {
      return List.of(new Field("If-None-Match", etag));
    }
    return modified == null
        ? List.of()
        : List.of(new Field("If-Modified-Since", HttpDate.format(modified)));
  }

  private CompletionStage<Knowledge> judge(
      String key, Target target, Knowledge.@Nullable Accelerated known, Answer<byte[]> answer) {
    HttpHeaders headers = answer.headers();
    Origin origin = answer.origin();
    CacheRules rules = CacheRules.of(headers, clock.instant());
    if (answer.status() == 304 && known != null && isOf(known, origin)) {
      return still(known, known.head().updated(headers), origin, rules);
    }
    if (answer.status() != 200) {
      return direct(SOON, answer.status() >= 500);
    }
    Optional<Head> head = Head.of(headers, clock.instant());
    if (head.isEmpty() || !rules.storable() || head.get().length() < Math.max(1, site.minSize())) {
      return direct(LATER, false);
    }
    if (known != null && isSame(known, head.get(), origin)) {
      return still(known, head.get(), origin, rules);
    }
    if (known != null && mayStandIn(known, head.get(), origin)) {
      return CompletableFuture.completedStage(known.retryAt(clock.instant().plus(SOON)));
    }
    URI url = answer.response().uri();
    return LinkField.metainfo(headers.allValues("Link"), url)
        .map(link -> fetch(target, head.get(), origin, rules, link, url))
        .orElseGet(() -> withoutMetainfo(key, target, head.get(), origin, rules, headers));
  }

  /**
   * Whether it is the version that is known; another origin must name it by the same strong tag.
   */
  private static boolean isSame(Knowledge.Accelerated known, Head head, Origin origin) {
    return head.isSameVersion(known.head())
        && (isOf(known, origin) || known.head().validator().isStrong());
  }

  /**
   * Whether what is known goes on standing in for its own origin, which another answered for: that
   * it describes the file otherwise says nothing, as long as the file is as long.
   */
  private boolean mayStandIn(Knowledge.Accelerated known, Head head, Origin origin) {
    return !isOf(known, origin)
        && head.length() == known.head().length()
        && known.mayStandIn(clock.instant(), site.staleIfError());
  }

  private CompletionStage<Knowledge> withoutMetainfo(
      String key, Target target, Head head, Origin origin, CacheRules rules, HttpHeaders headers) {
    // A node that will have metainfo in a moment is waited for: it takes the file in itself.
    if (headers.firstValue(MetainfoContent.PENDING.name()).isPresent()) {
      return direct(SOON, false);
    }
    Generation taken = maker.ingest(key, target, head, origin);
    return CompletableFuture.completedStage(
        Knowledge.Accelerated.of(taken, head, origin, rules, clock.instant()));
  }

  private CompletionStage<Knowledge> still(
      Knowledge.Accelerated known, Head head, Origin origin, CacheRules rules) {
    known.generation().confirmed();
    return CompletableFuture.completedStage(
        Knowledge.Accelerated.of(known.generation(), head, origin, rules, clock.instant()));
  }

  private CompletionStage<Knowledge> direct(Duration until, boolean failing) {
    return CompletableFuture.completedStage(
        new Knowledge.Direct(clock.instant().plus(until), failing));
  }

  private CompletionStage<Knowledge> fetch(
      Target target, Head head, Origin origin, CacheRules rules, URI link, URI context) {
    // Whoever can write a Link could otherwise have us ask, and show our token, anywhere.
    if (!isSameOrigin(context, link) || !isSameOrigin(origin.base(), link)) {
      LOG.warn("{}: expected metainfo at {}, got a Link to {}", target, origin, link);
      return direct(LATER, false);
    }
    return client
        .metainfo(origin, link)
        .thenApply(answer -> decode(target, head, answer.response()))
        .exceptionally(
            e -> {
              LOG.warn("{}: metainfo: {}", target, OriginClient.cause(e).toString());
              return Optional.empty();
            })
        .thenCompose(
            metainfo ->
                metainfo.isEmpty()
                    ? direct(SOON, false)
                    : maker
                        .make(target, head, origin, metainfo.get())
                        .thenApply(
                            generation ->
                                Knowledge.Accelerated.of(
                                    generation, head, origin, rules, clock.instant())));
  }

  private static boolean isSameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getRawAuthority().equalsIgnoreCase(other.getRawAuthority());
  }

  private Optional<Metainfo> decode(Target target, Head head, HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      LOG.debug("{}: no metainfo yet, got {}", target, response.statusCode());
      return Optional.empty();
    }
    try {
      Metainfo metainfo = codec.decode(response.body());
      boolean fits = metainfo.files().size() == 1 && metainfo.layout().length() == head.length();
      if (!fits) {
        LOG.warn(
            "{}: expected metainfo of one file of {} bytes, got {}",
            target,
            head.length(),
            metainfo);
      }
      return fits ? Optional.of(metainfo) : Optional.empty();
    } catch (InvalidMetainfoException e) {
      LOG.warn("{}: {}", target, e.getMessage());
      return Optional.empty();
    }
  }
}
