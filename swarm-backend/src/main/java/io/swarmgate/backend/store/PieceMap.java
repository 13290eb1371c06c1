package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;
import io.swarmgate.backend.system.AtomicFile;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import java.util.zip.CRC32;

/**
 * The file that says which pieces of a torrent are on disk. It is either <i>clean</i>, written as a
 * whole after everything else was forced to disk, or <i>dirty</i>: then it changes byte by byte,
 * and whoever finds it so must check the hash of each piece it claims.
 *
 * <p>Magic, version, state, length, piece length, pieces per extent, CRC-32 of the rest (clean
 * only), bits of the claimed pieces, bits of those among them that are unverified. Thread-safe; its
 * lock serialises writes to the file, and is taken before the torrent's.
 */
final class PieceMap {
  private static final int MAGIC = 0x53574d31;
  private static final int HEADER = 4 + 4 + 8 + 4 + 4 + 8;
  private static final int CLEAN = 1;
  private static final int DIRTY = 2;

  private Path file;
  private boolean dirty;
  private boolean abandoned;

  /**
   * Which pieces there are.
   *
   * @param verified their hash was found right
   * @param unverified only claimed
   */
  record Pieces(ExtentLayout layout, BitSet verified, BitSet unverified) {}

  /**
   * What a file says.
   *
   * @param dirty whether it was not closed
   */
  record Read(Pieces pieces, boolean dirty) {}

  PieceMap(Path file, boolean dirty) {
    this.file = file;
    this.dirty = dirty;
  }

  /**
   * Reads a map. After an unclean stop every piece it claims is unverified.
   *
   * @throws IOException if it isn't one, with what was expected and what came
   */
  static Read read(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
    try {
      int magic = in.getInt();
      int state = in.getInt();
      if (magic != MAGIC || (state != CLEAN && state != DIRTY)) {
        throw new IOException(
            file + ": expected a piece map, got " + Integer.toHexString(magic) + ", " + state);
      }
      PieceLayout pieces = new PieceLayout(in.getLong(), in.getInt());
      ExtentLayout layout = new ExtentLayout(pieces, in.getInt());
      long crc = in.getLong();
      boolean trusted = state == CLEAN && crc == crc(in.slice());
      BitSet claimed = bits(in, pieces.pieceCount());
      BitSet unverified = bits(in, pieces.pieceCount());
      boolean dirty = state == DIRTY;
      if (!trusted) {
        return new Read(new Pieces(layout, new BitSet(), claimed), dirty);
      }
      claimed.andNot(unverified);
      return new Read(new Pieces(layout, claimed, unverified), dirty);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException(file + ": expected a whole piece map, got a damaged one", e);
    }
  }

  /** Makes the file dirty, if it isn't, before the first byte of any piece is written. */
  synchronized void beginWrites(Supplier<Pieces> pieces) throws IOException {
    if (abandoned) {
      throw new IOException(file + " was deleted");
    }
    if (!dirty) {
      AtomicFile.write(file, encode(DIRTY, pieces.get()));
      dirty = true;
    }
  }

  /**
   * Brings some pieces' bits up to date. Does nothing to a clean file: there the claim is void by
   * the extent's absence.
   *
   * @param claimed gives eight pieces' claims: bit b of byte i is piece 8 i + b
   */
  synchronized void update(PieceSpan span, IntUnaryOperator claimed) throws IOException {
    if (dirty && !abandoned) {
      int first = span.first() / Byte.SIZE;
      ByteBuffer bits = ByteBuffer.allocate(bytes(span.end()) - first);
      for (int i = 0; i < bits.capacity(); i++) {
        bits.put(i, (byte) claimed.applyAsInt(first + i));
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.write(bits, HEADER + (long) first);
      }
    }
  }

  /** Takes a claim back, also from a clean file, whose extent stays. */
  synchronized void withdraw(PieceSpan span, IntUnaryOperator claimed, Supplier<Pieces> pieces)
      throws IOException {
    if (dirty) {
      update(span, claimed);
    } else if (!abandoned) {
      AtomicFile.write(file, encode(CLEAN, pieces.get()));
    }
  }

  /** Makes the file clean. The caller has forced every piece to disk, and nobody writes. */
  synchronized void markClean(Pieces pieces) throws IOException {
    AtomicFile.write(file, encode(CLEAN, pieces));
    dirty = false;
  }

  /** Says that the file has been moved along with its directory. */
  synchronized void movedTo(Path other) {
    file = other;
  }

  /** Leaves the file alone from here on: it is deleted, and may soon be another's. */
  synchronized void abandon() {
    abandoned = true;
  }

  synchronized boolean isDirty() {
    return dirty;
  }

  private static byte[] encode(int state, Pieces pieces) {
    PieceLayout layout = pieces.layout().pieces();
    int each = bytes(layout.pieceCount());
    BitSet claimed = (BitSet) pieces.verified().clone();
    claimed.or(pieces.unverified());
    ByteBuffer out = ByteBuffer.allocate(HEADER + 2 * each);
    out.position(HEADER);
    out.put(claimed.toByteArray()).position(HEADER + each);
    out.put(pieces.unverified().toByteArray()).rewind();
    long crc = crc(out.slice(HEADER, 2 * each));
    out.putInt(MAGIC).putInt(state).putLong(layout.length()).putInt(layout.pieceLength());
    out.putInt(pieces.layout().piecesPerExtent()).putLong(crc);
    return out.array();
  }

  private static long crc(ByteBuffer bits) {
    CRC32 crc = new CRC32();
    crc.update(bits);
    return crc.getValue();
  }

  private static BitSet bits(ByteBuffer in, int pieces) {
    byte[] bytes = new byte[bytes(pieces)];
    in.get(bytes);
    BitSet bits = BitSet.valueOf(bytes);
    bits.clear(pieces, Math.max(pieces, bits.length()));
    return bits;
  }

  private static int bytes(int pieces) {
    return (int) (((long) pieces + Byte.SIZE - 1) / Byte.SIZE);
  }
}
