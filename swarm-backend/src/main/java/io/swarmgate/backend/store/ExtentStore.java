package io.swarmgate.backend.store;

import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.InvalidMetainfoException;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.MetainfoCodec;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.observe.Observer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory of verified pieces under a quota, owned by one process. Each torrent has a directory
 * named by its info-hash: its metainfo, its extents, a map of its pieces, and the owner's notes.
 *
 * <p>Thread-safe. Opening and closing torrents blocks on the disk.
 */
public final class ExtentStore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExtentStore.class);

  private final StoreDirectory directory;
  private final StoreOptions options;
  private final MetainfoCodec codec;
  private final Room room;
  private final Map<InfoHash, TorrentExtents> torrents = new ConcurrentHashMap<>();
  private final Set<Incoming> incoming = ConcurrentHashMap.newKeySet();
  private final AtomicInteger received = new AtomicInteger();
  private @Nullable Scrub scrub;
  private boolean closed;

  private ExtentStore(StoreDirectory directory, StoreOptions options, MetainfoCodec codec) {
    this.directory = directory;
    this.options = options;
    this.codec = codec;
    this.room = new Room(options);
  }

  /**
   * Opens a store, which is made if need be. After an unclean stop its pieces are unverified.
   *
   * @param storeMax quota in bytes, at least 1; what is too much is evicted at once
   * @param mapped whether slices are mapped, or else read into pooled buffers
   * @param codec decodes the metainfo kept beside the pieces
   * @throws IOException if another process has it open, or it is no store, or can't be read; the
   *     message names the directory, what was expected and what came
   */
  public static ExtentStore open(Path path, long storeMax, boolean mapped, MetainfoCodec codec)
      throws IOException {
    return open(path, StoreOptions.of(storeMax, mapped), codec);
  }

  static ExtentStore open(Path path, StoreOptions options, MetainfoCodec codec) throws IOException {
    StoreDirectory directory = StoreDirectory.open(path);
    boolean opened = false;
    try {
      ExtentStore store = new ExtentStore(directory, options, codec);
      store.load();
      opened = true;
      return store;
    } finally {
      if (!opened) {
        directory.close();
      }
    }
  }

  private void load() throws IOException {
    directory.deleteIncoming();
    for (Map.Entry<InfoHash, TorrentDirectory> entry : directory.torrents().entrySet()) {
      try {
        torrents.put(entry.getKey(), TorrentExtents.load(entry.getValue(), room, options));
      } catch (IOException e) {
        LOG.warn("{} is unusable and is deleted", entry.getValue().path(), e);
        entry.getValue().delete();
      }
    }
    room.trim();
  }

  /**
   * Opens a torrent's pieces; none to begin with, if it isn't here. May be open more than once.
   *
   * @throws IOException if the disk fails, or another torrent lies under this info-hash
   */
  public PieceStore open(Metainfo metainfo) throws IOException {
    while (true) {
      PieceStore opened = find(metainfo).hold(metainfo);
      // Null if it was deleted between the two; then there is a new one to be made.
      if (opened != null) {
        return opened;
      }
    }
  }

  /**
   * Begins to take in a file whose metainfo isn't known yet, and reserves room for all of it,
   * evicting what is coldest. Blocks on the disk.
   *
   * @param layout as its metainfo will have it
   * @throws StoreFullException if quota or disk have no room for it
   */
  public Incoming receive(PieceLayout layout) throws IOException {
    synchronized (this) {
      requireOpen();
    }
    TorrentDirectory at = directory.incoming(received.incrementAndGet());
    TorrentExtents extents = TorrentExtents.comeIn(at, layout, room, options);
    Incoming made = new Incoming(this, extents);
    incoming.add(made);
    return made;
  }

  /** Makes a torrent of what came in; null if there is one already under this info-hash. */
  synchronized @Nullable ExtentPieceStore publish(Incoming from, Metainfo metainfo)
      throws IOException {
    requireOpen();
    InfoHash infoHash = metainfo.infoHash();
    if (torrents.containsKey(infoHash)) {
      return null;
    }
    TorrentDirectory to = directory.torrent(infoHash);
    // What a crash may have left of one.
    to.delete();
    ExtentPieceStore opened = from.extents().publish(metainfo, to);
    torrents.put(infoHash, from.extents());
    return opened;
  }

  void forget(Incoming ended) {
    incoming.remove(ended);
  }

  private synchronized TorrentExtents find(Metainfo metainfo) throws IOException {
    requireOpen();
    InfoHash infoHash = metainfo.infoHash();
    TorrentExtents torrent = torrents.get(infoHash);
    if (torrent == null) {
      torrent = TorrentExtents.create(directory.torrent(infoHash), metainfo, room, options);
      torrents.put(infoHash, torrent);
    }
    return torrent;
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("store " + directory + ": expected to be open, but it is closed");
    }
  }

  /** Whether a torrent is here, open or not, with or without pieces. */
  public boolean has(InfoHash infoHash) {
    return torrents.containsKey(infoHash);
  }

  /**
   * A torrent's verified pieces, whether it is open or not; a copy, empty if it isn't here. Never
   * blocks.
   */
  public BitSet pieces(InfoHash infoHash) {
    TorrentExtents torrent = torrents.get(infoHash);
    return torrent == null ? new BitSet() : torrent.state().verified();
  }

  /** How a torrent's bytes are divided; empty if it isn't here. */
  public Optional<PieceLayout> layout(InfoHash infoHash) {
    return Optional.ofNullable(torrents.get(infoHash)).map(t -> t.state().layout().pieces());
  }

  /** Names who is told of what is evicted to make room. */
  public void watch(Observer observer) {
    room.watch(observer);
  }

  /** Why pieces can't be kept at the moment, in one line; empty if they can. */
  public Optional<String> trouble() {
    return room.trouble().reason();
  }

  /** The latest scrub, under way or over; empty if there was none. */
  public synchronized Optional<Scrub> latestScrub() {
    return Optional.ofNullable(scrub);
  }

  /** The torrents that are here, open or not, with or without pieces. */
  public List<InfoHash> stored() {
    return List.copyOf(torrents.keySet());
  }

  /** The torrents of which pieces are here, verified or not, open or not. */
  public Set<InfoHash> withPieces() {
    Set<InfoHash> found = new HashSet<>();
    torrents.forEach(
        (infoHash, torrent) -> {
          if (torrent.state().hasAny()) {
            found.add(infoHash);
          }
        });
    return found;
  }

  /**
   * Decodes the metainfo kept for a torrent.
   *
   * @throws IOException if the torrent isn't here, or its metainfo is damaged
   */
  public Metainfo metainfo(InfoHash infoHash) throws IOException {
    Path file = directory.torrent(infoHash).metainfo();
    try {
      Metainfo metainfo = codec.decode(Files.readAllBytes(file));
      if (!metainfo.infoHash().equals(infoHash)) {
        throw new IOException(file + ": expected " + infoHash + ", got " + metainfo.infoHash());
      }
      return metainfo;
    } catch (InvalidMetainfoException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** What the owner noted about a torrent; empty if nothing. */
  public Map<String, String> notes(InfoHash infoHash) throws IOException {
    return directory.torrent(infoHash).readNotes();
  }

  /**
   * Replaces what is noted about a torrent, all or nothing.
   *
   * @throws IOException if the disk fails, or the torrent isn't here: open it first
   */
  public synchronized void putNotes(InfoHash infoHash, Map<String, String> notes)
      throws IOException {
    if (!torrents.containsKey(infoHash)) {
      throw new IOException("store " + directory + ": expected to have " + infoHash);
    }
    directory.torrent(infoHash).writeNotes(notes);
  }

  /**
   * Deletes a torrent, whoever has it open: its pieces are absent from then on, and slices of them
   * stay valid. Does nothing if it isn't here.
   */
  public void delete(InfoHash infoHash) throws IOException {
    List<Dropped> dropped = new ArrayList<>();
    try {
      delete(infoHash, dropped);
    } finally {
      dropped.forEach(Dropped::tell);
    }
  }

  private synchronized void delete(InfoHash infoHash, List<Dropped> dropped) throws IOException {
    TorrentExtents torrent = torrents.remove(infoHash);
    if (torrent != null) {
      torrent.delete(dropped);
    }
  }

  /**
   * Begins to hash every verified piece again, in the background, or returns the run that is under
   * way. Damaged pieces become absent, which listeners are told like an eviction.
   *
   * @throws IOException if the store is closed
   */
  public synchronized Scrub scrub() throws IOException {
    requireOpen();
    Scrub running = scrub;
    if (running == null || running.done().isDone()) {
      running = Scrub.start(torrents, this::metainfo);
      scrub = running;
    }
    return running;
  }

  /** Quota in bytes. */
  public long max() {
    return options.max();
  }

  /** Bytes of pieces on disk, with those of evicted extents that are still mapped. */
  public long used() {
    return room.ledger().used();
  }

  /** Bytes of evicted extents that are still mapped. */
  public long lingering() {
    return room.ledger().lingering();
  }

  /** Closes the torrents that are open, and unlocks the directory. Idempotent. */
  @Override
  public void close() {
    List.copyOf(incoming).forEach(Incoming::close);
    Scrub running = running();
    if (running != null) {
      // It must not touch a directory that may be another process's. It ends after one piece.
      running.stop();
      running.done().join();
    }
    closeAll();
  }

  private synchronized @Nullable Scrub running() {
    return scrub;
  }

  private synchronized void closeAll() {
    for (TorrentExtents torrent : torrents.values()) {
      torrent.handles().forEach(ExtentPieceStore::close);
    }
    torrents.clear();
    if (!closed) {
      closed = true;
      directory.close();
    }
  }
}
