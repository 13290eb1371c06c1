package io.swarmgate.backend.catalog;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.site.HexDigests;
import java.nio.ByteBuffer;
import java.util.List;

/** A .torrent file, as an answer: bytes in memory. */
final class MetainfoContent implements Representation {
  /** The media type of metainfo. */
  static final String TYPE = "application/x-bittorrent";

  private final byte[] bytes;

  private MetainfoContent(byte[] bytes) {
    this.bytes = bytes;
  }

  static MetainfoContent of(Metainfo metainfo) {
    return new MetainfoContent(metainfo.encoded());
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
