package io.swarmgate.backend.origin;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.MetainfoContent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A generation as it is served: the origin's fields, the swarm's bytes. Holds one pin. */
final class EdgeRepresentation implements Representation, Cached {
  private final Generation generation;
  private final List<Field> asked;
  private final Head head;

  /** As of when it was opened: what it promises must not change while it is served. */
  private final @Nullable TorrentFacts facts;

  private final List<Field> fields;
  private final Instant dated;
  private final boolean stale;
  private final boolean collapsed;
  private final long ttl;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * Takes a generation that the caller has pinned for it.
   *
   * @param link where its metainfo is, if it is made here; relative to its URL
   */
  EdgeRepresentation(EdgeView view, Supplier<String> link, Instant now) {
    Knowledge.Accelerated known = view.known();
    this.generation = known.generation();
    this.asked = view.asked();
    this.head = known.head();
    this.facts = generation.facts();
    this.fields = fields(known, facts, link, now);
    this.dated = known.validated();
    this.stale = view.stale();
    this.collapsed = view.collapsed();
    this.ttl = Duration.between(now, known.freshUntil()).toSeconds();
  }

  private static List<Field> fields(
      Knowledge.Accelerated known,
      @Nullable TorrentFacts facts,
      Supplier<String> link,
      Instant now) {
    List<Field> fields = new ArrayList<>(known.head().fields());
    if (facts == null) {
      fields.add(MetainfoContent.PENDING);
    } else if (known.generation().isOurs()) {
      fields.add(MetainfoContent.link(link.get()));
    }
    sha256(facts)
        .map(sha256 -> "sha-256=:" + Base64.getEncoder().encodeToString(sha256) + ":")
        .ifPresent(digest -> fields.add(new Field("Repr-Digest", digest)));
    long age = Math.max(0, Duration.between(known.validated(), now).toSeconds());
    fields.add(new Field("Age", Long.toString(age)));
    return List.copyOf(fields);
  }

  @Override
  public long length() {
    return head.length();
  }

  @Override
  public @Nullable String contentType() {
    return head.contentType();
  }

  /** The origin's, if it is strong, or else the content's SHA-256. */
  @Override
  public Validator validator() {
    return validator(head, facts);
  }

  private static Validator validator(Head head, @Nullable TorrentFacts facts) {
    Validator own = head.validator();
    return own.isStrong()
        ? own
        : sha256(facts)
            .map(sha256 -> '"' + HexFormat.of().formatHex(sha256) + '"')
            .map(etag -> new Validator(etag, own.lastModified()))
            .orElse(own);
  }

  private static Optional<byte[]> sha256(@Nullable TorrentFacts facts) {
    return facts == null ? Optional.empty() : facts.sha256();
  }

  @Override
  public Instant dated(Instant now) {
    return dated.isBefore(now) ? dated : now;
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public Cached cached() {
    return this;
  }

  @Override
  public long held(ByteSpan span) {
    return generation.held(span);
  }

  @Override
  public boolean stale() {
    return stale;
  }

  @Override
  public boolean collapsed() {
    return collapsed;
  }

  @Override
  public boolean comes(ByteSpan span) {
    return generation.comes(span);
  }

  @Override
  public long ttl() {
    return ttl;
  }

  @Override
  public @Nullable String remark() {
    return generation.isSlow() ? "swarm slower than origin" : null;
  }

  @Override
  public ContentReader reader() {
    return generation.reader(asked);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      generation.release();
    }
  }
}
