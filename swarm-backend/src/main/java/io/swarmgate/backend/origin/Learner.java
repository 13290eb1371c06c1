package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.HttpDate;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
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
 * Asks an origin about a URL: first what it is, then for its metainfo. Keeps nothing; thread-safe;
 * never blocks.
 */
final class Learner {
  private static final Logger LOG = LoggerFactory.getLogger(Learner.class);

  /** Short, so that a file is accelerated soon after its publisher has hashed it. */
  private static final Duration SOON = Duration.ofSeconds(1);

  /** What can't be accelerated as it is won't change in a moment. */
  private static final Duration LATER = Duration.ofSeconds(10);

  /** Makes a generation of what was learned. */
  interface Maker {
    CompletionStage<Generation> make(Target target, Head head, Metainfo metainfo);
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
   * @param known what was known before; null if nothing
   * @return fails with {@link OriginException} if no origin answers
   */
  CompletionStage<Knowledge> learn(Target target, Knowledge.@Nullable Accelerated known) {
    return client
        .head(target, known == null ? List.of() : conditions(known.head().validator()))
        .thenCompose(response -> judge(target, known, response));
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
      Target target, Knowledge.@Nullable Accelerated known, HttpResponse<byte[]> response) {
    HttpHeaders headers = response.headers();
    CacheRules rules = CacheRules.of(headers, clock.instant());
    if (response.statusCode() == 304 && known != null) {
      return still(known, known.head().updated(headers), rules);
    }
    if (response.statusCode() != 200) {
      return direct(SOON, response.statusCode() >= 500);
    }
    Optional<Head> head = Head.of(headers, clock.instant());
    if (head.isEmpty() || !rules.storable() || head.get().length() < Math.max(1, site.minSize())) {
      return direct(LATER, false);
    }
    if (known != null && head.get().isSameVersion(known.head())) {
      return still(known, head.get(), rules);
    }
    return LinkField.metainfo(headers.allValues("Link"), response.uri())
        .map(link -> fetch(target, head.get(), rules, link, response.uri()))
        .orElseGet(() -> direct(SOON, false));
  }

  private CompletionStage<Knowledge> still(
      Knowledge.Accelerated known, Head head, CacheRules rules) {
    known.generation().confirmed();
    return CompletableFuture.completedStage(
        Knowledge.Accelerated.of(known.generation(), head, rules, clock.instant()));
  }

  private CompletionStage<Knowledge> direct(Duration until, boolean failing) {
    return CompletableFuture.completedStage(
        new Knowledge.Direct(clock.instant().plus(until), failing));
  }

  private CompletionStage<Knowledge> fetch(
      Target target, Head head, CacheRules rules, URI link, URI context) {
    // Whoever can write a Link could otherwise have us ask, and show our token, anywhere.
    boolean same =
        context.getScheme().equalsIgnoreCase(link.getScheme())
            && context.getRawAuthority().equalsIgnoreCase(link.getRawAuthority());
    if (!same) {
      LOG.warn("{}: expected metainfo at {}, got a Link to {}", target, context.getHost(), link);
      return direct(LATER, false);
    }
    return client
        .metainfo(link)
        .thenApply(response -> decode(target, head, response))
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
                        .make(target, head, metainfo.get())
                        .thenApply(
                            generation ->
                                Knowledge.Accelerated.of(
                                    generation, head, rules, clock.instant())));
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
