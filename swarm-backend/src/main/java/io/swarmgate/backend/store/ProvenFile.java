package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * A file that can't be trusted any more, read piece by piece: bytes are handed out if the hash of
 * the whole piece that they were copied from holds. Reads up to 4 MiB for each slice. Thread-safe.
 */
final class ProvenFile {
  private final ReadFile file;
  private final Metainfo metainfo;

  /** Takes a file, which somebody holds open, and the metainfo of what it was. */
  ProvenFile(ReadFile file, Metainfo metainfo) {
    this.file = file;
    this.metainfo = metainfo;
  }

  /**
   * Returns a copy of bytes from {@code position} on.
   *
   * @param max most bytes wanted, at least 1; fewer come at the end of a piece
   * @throws IOException if they are not what the metainfo promises, or can't be read
   */
  Slice slice(long position, int max) throws IOException {
    PieceLayout layout = metainfo.layout();
    int piece = layout.pieceAt(position);
    ByteSpan span = layout.span(piece);
    ByteBuffer wanted = ByteBuffer.allocate((int) Math.min(max, span.end() - position));
    MessageDigest sha1 = Digests.sha1();
    ByteBuffer scratch = ByteBuffer.allocate(BufferPool.LENGTH);
    for (long at = span.start(); at < span.end(); ) {
      scratch.clear().limit((int) Math.min(scratch.capacity(), span.end() - at));
      if (file.read(scratch, at) < 0) {
        throw new FileChangedException("expected bytes at " + at + ", got the end");
      }
      scratch.flip();
      long end = at + scratch.limit();
      sha1.update(scratch.array(), 0, scratch.limit());
      long from = Math.max(at, position);
      long to = Math.min(end, position + wanted.capacity());
      if (from < to) {
        wanted.put(scratch.array(), (int) (from - at), (int) (to - from));
      }
      at = end;
    }
    if (!metainfo.matches(piece, sha1.digest())) {
      throw new FileChangedException("expected piece " + piece + " as it was, got other bytes");
    }
    return new HeapSlice(wanted.flip().asReadOnlyBuffer());
  }

  /** Makes sure that some bytes are still what the metainfo promises. */
  void check(ByteSpan span) throws IOException {
    for (long at = span.start(); at < span.end(); ) {
      int piece = metainfo.layout().pieceAt(at);
      slice(at, 1).close();
      at = metainfo.layout().span(piece).end();
    }
  }

  private record HeapSlice(ByteBuffer buffer) implements Slice {
    @Override
    public void close() {}
  }
}
