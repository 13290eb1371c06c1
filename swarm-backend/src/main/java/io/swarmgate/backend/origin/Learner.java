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
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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
   * Asks what there is, if it isn't what is known, as nobody in particular.
   *
   * @param more fields to ask with
   * @param known what was known before; null if nothing
   * @return fails with {@link OriginException} if no origin answers
   */
  CompletionStage<Description> ask(
      Target target, List<Field> more, Knowledge.@Nullable Accelerated known) {
    return ask(client, target, more, known);
  }

  /** Asks the same for one client alone, with its fields; redirects are that client's to follow. */
  CompletionStage<Description> askFor(
      List<Field> asker, Target target, Knowledge.@Nullable Accelerated known) {
    return ask(client.unredirected(), target, asker, known);
  }

  private CompletionStage<Description> ask(
      OriginClient by, Target target, List<Field> more, Knowledge.@Nullable Accelerated known) {
    Instant asked = clock.instant();
    return by.head(target, origin -> fields(more, known, origin))
        .thenApply(answer -> Description.of(known, answer, asked, clock.instant()));
  }

  private static List<Field> fields(
      List<Field> more, Knowledge.@Nullable Accelerated known, Origin origin) {
    List<Field> fields = new ArrayList<>(more);
    if (known != null && known.isOf(origin)) {
      fields.addAll(conditions(known.head().validator()));
    }
    return fields;
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

  /**
   * Makes knowledge of an answer: what is to be known for everybody from now on.
   *
   * @param key of the URL
   * @param known what is known; null if nothing
   * @param asker the client's fields that the origin was asked with, which it may have looked at
   */
  CompletionStage<Knowledge> learn(
      String key,
      Target target,
      Knowledge.@Nullable Accelerated known,
      List<Field> asker,
      Description told) {
    if (told.status() == 304 && told.head().isPresent() && known != null) {
      return still(known, told.head().get(), told);
    }
    if (told.status() != 200) {
      return direct(SOON, told.isFailure());
    }
    Optional<Head> head = told.head();
    boolean authorized = asker.stream().anyMatch(field -> field.is("Authorization"));
    CacheRules rules = told.rules();
    boolean storable = authorized ? rules.storableForAuthorized() : rules.storable();
    if (head.isEmpty() || !storable || head.get().length() < Math.max(1, site.minSize())) {
      return direct(LATER, false);
    }
    if (known != null && told.confirms(known)) {
      return still(known, head.get(), told);
    }
    if (known != null && told.leavesStanding(known, clock.instant(), site.staleIfError())) {
      return CompletableFuture.completedStage(known.retryAt(clock.instant().plus(SOON)));
    }
    return LinkField.metainfo(told.headers().allValues("Link"), told.url())
        .map(link -> fetch(target, head.get(), told, link, asker))
        .orElseGet(() -> withoutMetainfo(key, target, head.get(), told));
  }

  private CompletionStage<Knowledge> withoutMetainfo(
      String key, Target target, Head head, Description told) {
    // A node that will have metainfo in a moment is waited for: it takes the file in itself.
    if (told.headers().firstValue(MetainfoContent.PENDING.name()).isPresent()) {
      return direct(SOON, false);
    }
    Generation taken = maker.ingest(key, target, head, told.origin());
    return CompletableFuture.completedStage(
        Knowledge.Accelerated.of(taken, head, told.origin(), told.rules(), clock.instant()));
  }

  private CompletionStage<Knowledge> still(
      Knowledge.Accelerated known, Head head, Description told) {
    known.generation().confirmed();
    return CompletableFuture.completedStage(
        Knowledge.Accelerated.of(
            known.generation(), head, told.origin(), told.rules(), clock.instant()));
  }

  private CompletionStage<Knowledge> direct(Duration until, boolean failing) {
    return CompletableFuture.completedStage(
        new Knowledge.Direct(clock.instant().plus(until), failing));
  }

  private CompletionStage<Knowledge> fetch(
      Target target, Head head, Description told, URI link, List<Field> asker) {
    Origin origin = told.origin();
    // Whoever can write a Link could otherwise have us ask, and show our token, anywhere.
    if (!isSameOrigin(told.url(), link) || !isSameOrigin(origin.base(), link)) {
      LOG.warn("{}: expected metainfo at {}, got a Link to {}", target, origin, link);
      return direct(LATER, false);
    }
    return client
        .metainfo(origin, link, asker)
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
                                    generation, head, origin, told.rules(), clock.instant())));
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
