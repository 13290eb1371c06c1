package io.swarmgate.backend.swarm;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;

/**
 * Sends what it is given encrypted, from a copy, so that mapped pieces are only read. A byte counts
 * as written once its encrypted form has left; until then the caller must offer the same bytes
 * again, in the same order. Owned by the loop.
 */
final class EncryptedChannel implements GatheringByteChannel {
  private static final int STEP = 64 << 10;

  private final GatheringByteChannel channel;
  private final WireCipher cipher;

  /** Encrypted bytes that have not left: the image of the first bytes offered next. */
  private ByteBuffer encrypted = ByteBuffer.allocate(0);

  EncryptedChannel(GatheringByteChannel channel, WireCipher cipher) {
    this.channel = channel;
    this.cipher = cipher;
  }

  @Override
  public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
    long total = 0;
    int at = offset;
    while (true) {
      while (at < offset + length && !sources[at].hasRemaining()) {
        at++;
      }
      if (at == offset + length) {
        return total;
      }
      if (!encrypted.hasRemaining()) {
        encrypt(sources, at, offset + length);
      }
      int written = channel.write(encrypted);
      total += written;
      for (int i = at, left = written; left > 0; i++) {
        int step = Math.min(left, sources[i].remaining());
        sources[i].position(sources[i].position() + step);
        left -= step;
      }
      if (encrypted.hasRemaining()) {
        return total;
      }
    }
  }

  private void encrypt(ByteBuffer[] sources, int from, int to) {
    if (encrypted.capacity() == 0) {
      encrypted = ByteBuffer.allocate(STEP);
    }
    encrypted.clear();
    for (int i = from; i < to && encrypted.hasRemaining(); i++) {
      ByteBuffer source = sources[i].duplicate();
      source.limit(source.position() + Math.min(source.remaining(), encrypted.remaining()));
      encrypted.put(source);
    }
    encrypted.flip();
    cipher.encrypt(encrypted.array(), 0, encrypted.limit());
  }

  @Override
  public long write(ByteBuffer[] sources) throws IOException {
    return write(sources, 0, sources.length);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return (int) write(new ByteBuffer[] {source}, 0, 1);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
