package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One opening of a torrent in an {@link ExtentStore}. Those of the same torrent see the same
 * pieces; each has a listener of its own and is closed once. Thread-safe.
 */
public final class ExtentPieceStore implements PieceStore {
  private static final Logger LOG = LoggerFactory.getLogger(ExtentPieceStore.class);

  private final TorrentExtents torrent;
  private final Metainfo metainfo;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile EvictionListener listener = pieces -> {};

  ExtentPieceStore(TorrentExtents torrent, Metainfo metainfo) {
    this.torrent = torrent;
    this.metainfo = metainfo;
  }

  @Override
  public Metainfo metainfo() {
    return metainfo;
  }

  @Override
  public boolean has(int piece) {
    return torrent.state().has(piece);
  }

  @Override
  public BitSet pieces() {
    return torrent.state().verified();
  }

  @Override
  public boolean isUnverified(int piece) {
    return torrent.state().isUnverified(piece);
  }

  @Override
  public boolean verify(int piece) throws IOException {
    requireOpen();
    return torrent.verify(piece, metainfo);
  }

  @Override
  public void write(int piece, ByteBuffer data) throws IOException {
    requireOpen();
    torrent.write(piece, data);
  }

  @Override
  public @Nullable Slice slice(long position, int max) throws IOException {
    requireOpen();
    return torrent.slice(position, max, SliceSource::slice);
  }

  @Override
  public @Nullable Slice ahead(long position, int max) throws IOException {
    requireOpen();
    return torrent.slice(position, max, SliceSource::ahead);
  }

  @Override
  public void onEvicted(EvictionListener listener) {
    this.listener = listener;
  }

  void tellEvicted(BitSet pieces) {
    listener.evicted((BitSet) pieces.clone());
  }

  /**
   * Gives this opening back. The last of a torrent waits for writers and for the disk, and marks
   * the pieces clean, so that the next start need not check them; if the disk fails, it must.
   * Idempotent.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        torrent.release(this);
      } catch (IOException e) {
        LOG.warn("{} was not closed cleanly; its pieces are checked at the next start", this, e);
      }
    }
  }

  @Override
  public String toString() {
    return metainfo.toString();
  }

  private void requireOpen() throws IOException {
    if (closed.get()) {
      throw new IOException(metainfo + ": the store is closed");
    }
  }
}
