package io.swarmgate.backend.swarm;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.store.PieceStore;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A torrent an engine has been told of: asleep, which costs this object, until a reader or a peer
 * wakes it, and asleep again when nobody has had use for it for a while. Thread-safe.
 */
final class Known implements Swarm {
  private final Supplier<PieceStore> opener;
  private final Function<PieceStore, Torrent> waker;

  /** Held while the store is opened, on a pool or a caller's thread. The loop only tries it. */
  private final ReentrantLock lock = new ReentrantLock();

  private @Nullable Torrent torrent;
  private boolean removed;

  /**
   * @param opener opens its pieces
   * @param waker makes a torrent of them
   */
  Known(Supplier<PieceStore> opener, Function<PieceStore, Torrent> waker) {
    this.opener = opener;
    this.waker = waker;
  }

  /**
   * Opens the pieces if they are not open.
   *
   * @throws IllegalStateException if it was removed
   */
  Torrent wake() {
    lock.lock();
    try {
      Torrent awake = torrent;
      if (removed) {
        throw new IllegalStateException("the torrent was removed");
      }
      if (awake == null) {
        awake = waker.apply(opener.get());
        torrent = awake;
      }
      awake.touch();
      return awake;
    } finally {
      lock.unlock();
    }
  }

  /** Uses it if it is awake, which keeps it so for a while; false also if it is waking. */
  boolean touchAwake() {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      Torrent awake = torrent;
      if (removed || awake == null) {
        return false;
      }
      awake.touch();
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Nullable Torrent awake() {
    lock.lock();
    try {
      return torrent;
    } finally {
      lock.unlock();
    }
  }

  /** On the loop: whether it is awake, or about to be. */
  boolean isAwake() {
    if (!lock.tryLock()) {
      return true;
    }
    try {
      return torrent != null;
    } finally {
      lock.unlock();
    }
  }

  /** On the loop: the torrent, if nobody has had use for it for a while; it is asleep then. */
  @Nullable Torrent fallAsleep(long idleNanos) {
    if (!lock.tryLock()) {
      return null;
    }
    try {
      Torrent awake = torrent;
      if (awake == null || !awake.isIdleFor(idleNanos)) {
        return null;
      }
      torrent = null;
      return awake;
    } finally {
      lock.unlock();
    }
  }

  /** Lets nobody wake it any more; returns it if it is awake. */
  @Nullable Torrent remove() {
    lock.lock();
    try {
      removed = true;
      return torrent;
    } finally {
      lock.unlock();
    }
  }

  // Each call wakes it anew, since it may have fallen asleep since it was joined.

  @Override
  public Metainfo metainfo() {
    return wake().metainfo();
  }

  @Override
  public ContentReader reader(ReadPolicy policy) {
    return wake().reader(policy);
  }

  @Override
  public void fill(boolean everything) {
    wake().fill(everything);
  }

  @Override
  public CompletionStage<Boolean> offer(int piece, ByteBuffer data) {
    return wake().offer(piece, data);
  }
}
