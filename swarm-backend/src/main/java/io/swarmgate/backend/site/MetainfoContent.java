package io.swarmgate.backend.site;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.Metainfo;
import java.nio.ByteBuffer;
import java.util.List;

/** A .torrent file, as an answer: bytes in memory. */
public final class MetainfoContent implements Representation {
  /** The media type of metainfo. */
  public static final String TYPE = "application/x-bittorrent";

  /**
   * Goes with what has no metainfo yet and will have some: so that a node that asks waits for it,
   * and doesn't take us for an origin without, whose files it hashes itself.
   */
  public static final Field PENDING = new Field("Swarmgate-Metainfo", "pending");

  private final byte[] bytes;

  private MetainfoContent(byte[] bytes) {
    this.bytes = bytes;
  }

  /** The answer to a request for metainfo. */
  public static MetainfoContent of(Metainfo metainfo) {
    return new MetainfoContent(metainfo.encoded());
  }

  /**
   * The field that says where a representation's metainfo is (RFC 8288).
   *
   * @param url a reference relative to the representation's own URL
   */
  public static Field link(String url) {
    return new Field("Link", "<" + url + ">; rel=\"describedby\"; type=\"" + TYPE + '"');
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public String contentType() {
    return TYPE;
  }

  @Override
  public Validator validator() {
    return new Validator('"' + HexDigests.sha256(bytes) + '"', null);
  }

  @Override
  public List<Field> fields() {
    return List.of(new Field("X-Robots-Tag", "noindex"), new Field("Cache-Control", "no-cache"));
  }

  @Override
  public ContentReader reader() {
    return new Reader(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
  }

  @Override
  public void close() {}

  private record Reader(ByteBuffer all) implements ContentReader {
    @Override
    public Slice poll(long position, int max) {
      int from = Math.toIntExact(position);
      return new Part(all.slice(from, Math.min(max, all.capacity() - from)));
    }

    @Override
    public void onReady(Runnable waiter) {
      throw new IllegalStateException("no position of bytes in memory was polled in vain");
    }

    @Override
    public void close() {}
  }

  private record Part(ByteBuffer buffer) implements Slice {
    @Override
    public void close() {}
  }
}
