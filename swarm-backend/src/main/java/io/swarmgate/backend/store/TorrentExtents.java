package io.swarmgate.backend.store;

import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Digests;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;
import io.swarmgate.backend.system.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One torrent's directory in a store, whether it is open or not, so that what nobody has open can
 * be evicted too. Does the I/O that {@link TorrentState} decides on. Thread-safe; its own lock only
 * serialises opening, closing and deletion, and is taken before any other of the torrent's.
 */
final class TorrentExtents {
  private static final Logger LOG = LoggerFactory.getLogger(TorrentExtents.class);

  private volatile TorrentDirectory directory;
  private final TorrentState state;
  private final PieceMap map;
  private final Room room;
  private final StoreOptions options;
  private final List<ExtentPieceStore> handles = new CopyOnWriteArrayList<>();

  /** Bytes reserved for pieces that are yet to be written; none but on the way in. */
  private final AtomicLong ahead = new AtomicLong();

  /** Whether its hashes are unknown yet, so that its extents are kept from eviction. */
  private volatile boolean comingIn;

  private TorrentExtents(
      TorrentDirectory directory,
      PieceMap.Pieces pieces,
      boolean dirty,
      Room room,
      StoreOptions o) {
    this.directory = directory;
    this.state = new TorrentState(pieces, o, room.victims());
    this.map = new PieceMap(directory.map(), dirty);
    this.room = room;
    this.options = o;
  }

  /** Makes the directory of a torrent that wasn't here. */
  static TorrentExtents create(
      TorrentDirectory directory, Metainfo metainfo, Room room, StoreOptions options)
      throws IOException {
    // What a crash may have left is worth nothing without its map.
    directory.delete();
    Files.createDirectories(directory.path());
    ExtentLayout layout = ExtentLayout.of(metainfo.layout(), options.extentBytes());
    PieceMap.Pieces none = new PieceMap.Pieces(layout, new BitSet(), new BitSet());
    TorrentExtents torrent = new TorrentExtents(directory, none, false, room, options);
    AtomicFile.write(directory.metainfo(), metainfo.encoded());
    torrent.map.markClean(none);
    return torrent;
  }

  /**
   * Makes the directory of a file whose metainfo isn't known yet, and reserves room for all of it.
   * Held once; {@link #publish} makes a torrent of it, {@link #delete} nothing.
   *
   * @throws StoreFullException if there is no room for all of it
   */
  static TorrentExtents comeIn(
      TorrentDirectory directory, PieceLayout pieces, Room room, StoreOptions options)
      throws IOException {
    room.reserve(pieces.length());
    boolean made = false;
    try {
      Files.createDirectories(directory.path());
      ExtentLayout layout = ExtentLayout.of(pieces, options.extentBytes());
      PieceMap.Pieces none = new PieceMap.Pieces(layout, new BitSet(), new BitSet());
      TorrentExtents torrent = new TorrentExtents(directory, none, false, room, options);
      torrent.ahead.set(pieces.length());
      torrent.comingIn = true;
      torrent.state.hold();
      made = true;
      return torrent;
    } finally {
      if (!made) {
        room.ledger().release(pieces.length());
      }
    }
  }

  /**
   * Makes a torrent of what came in: its directory is moved, as a whole, to where a torrent lies.
   * Readers go on meanwhile. The hold of {@link #comeIn} becomes the returned store's.
   *
   * @param to must not be there
   */
  synchronized ExtentPieceStore publish(Metainfo metainfo, TorrentDirectory to) throws IOException {
    AtomicFile.write(directory.metainfo(), metainfo.encoded());
    Files.move(directory.path(), to.path(), StandardCopyOption.ATOMIC_MOVE);
    map.movedTo(to.map());
    directory = to;
    letOut();
    ExtentPieceStore handle = new ExtentPieceStore(this, metainfo);
    handles.add(handle);
    return handle;
  }

  /** Gives back what was reserved in vain, and lets its extents be evicted. */
  private void letOut() {
    comingIn = false;
    room.ledger().release(ahead.getAndSet(0));
    state.extents().forEach(extent -> extent.pins.decrementAndGet());
  }

  /** Drops what came in, whoever reads it, and its directory. Slices stay valid. */
  void abandon() throws IOException {
    // First of all, so that no writer takes of what is given back.
    state.delete();
    state.awaitWriters();
    letOut();
    // Nobody is told: nobody knew of these pieces but who lets them go.
    delete(new ArrayList<>());
  }

  /**
   * Takes in a directory as an earlier process left it.
   *
   * @throws IOException if its map can't be read, or its files can't
   */
  static TorrentExtents load(TorrentDirectory directory, Room room, StoreOptions options)
      throws IOException {
    PieceMap.Read map = PieceMap.read(directory.map());
    PieceMap.Pieces claimed = map.pieces();
    ExtentLayout layout = claimed.layout();
    Map<Integer, Long> files = directory.extents();
    files.keySet().removeIf(i -> i >= layout.count());
    BitSet here = new BitSet();
    files.forEach(
        (i, size) -> {
          if (size == layout.length(i)) {
            here.set(layout.span(i).first(), layout.span(i).end());
          }
        });
    claimed.verified().and(here);
    claimed.unverified().and(here);
    BitSet all = (BitSet) claimed.verified().clone();
    all.or(claimed.unverified());
    TorrentExtents torrent = new TorrentExtents(directory, claimed, map.dirty(), room, options);
    // What has no file is not looked at: most extents of most torrents.
    for (int i : files.keySet()) {
      torrent.takeIn(i, all);
    }
    return torrent;
  }

  private void takeIn(int index, BitSet claimed) throws IOException {
    Path file = file(index);
    BitSet pieces = new BitSet();
    pieces.set(layout().span(index).first(), layout().span(index).end());
    pieces.and(claimed);
    if (!pieces.isEmpty()) {
      Extent extent = new Extent(this, index, true, map.isDirty());
      long bytes = pieces.stream().mapToLong(p -> layout().pieces().length(p)).sum();
      ledger().found(bytes);
      extent.footprint.grow(bytes);
      state.found(extent, pieces);
    } else {
      Files.deleteIfExists(file);
    }
  }

  Path file(int index) {
    return directory.extent(index);
  }

  ExtentLayout layout() {
    return state.layout();
  }

  TorrentState state() {
    return state;
  }

  Ledger ledger() {
    return room.ledger();
  }

  boolean mapped() {
    return options.mapped();
  }

  /** Opens it once more; null if it was deleted meanwhile. */
  synchronized @Nullable ExtentPieceStore hold(Metainfo metainfo) throws IOException {
    if (!metainfo.layout().equals(layout().pieces())) {
      throw new IOException(
          directory.path() + ": expected " + layout().pieces() + ", got " + metainfo.layout());
    }
    if (!state.hold()) {
      return null;
    }
    ExtentPieceStore handle = new ExtentPieceStore(this, metainfo);
    handles.add(handle);
    return handle;
  }

  /**
   * Gives one opening back. The last one waits for writers, forces everything to disk, and marks
   * the directory clean.
   */
  synchronized void release(ExtentPieceStore handle) throws IOException {
    handles.remove(handle);
    if (!state.letGo() || state.isDeleted()) {
      return;
    }
    state.awaitWriters();
    List<Extent> extents = state.extents();
    if (map.isDirty()) {
      PieceMap.Pieces pieces = state.pieces();
      for (Extent extent : extents) {
        try {
          extent.force();
        } catch (NoSuchFileException e) {
          LOG.debug("{} was evicted while it was closed", extent, e);
        }
      }
      map.markClean(pieces);
    }
    extents.forEach(extent -> extent.source.release());
  }

  List<ExtentPieceStore> handles() {
    return List.copyOf(handles);
  }

  /**
   * Bytes from a position on; null if their piece isn't here and verified.
   *
   * @param by how they are had of an extent
   */
  @Nullable Slice slice(long position, int max, SliceSource.Access by) throws IOException {
    TorrentState.Window window = state.pin(position, max);
    if (window == null) {
      return null;
    }
    Extent extent = window.extent();
    boolean handedOver = false;
    try {
      Slice bytes = by.slice(extent.source, window.offset(), window.count());
      handedOver = true;
      return new PinnedSlice(bytes, extent);
    } catch (NoSuchFileException e) {
      // A deletion, which doesn't respect pins, came between.
      return null;
    } finally {
      if (!handedOver) {
        extent.pins.decrementAndGet();
      }
    }
  }

  void write(int piece, ByteBuffer data) throws IOException {
    PieceLayout pieces = layout().pieces();
    if (data.remaining() != pieces.length(piece)) {
      throw new IllegalArgumentException(
          "piece "
              + piece
              + ": expected "
              + pieces.length(piece)
              + " bytes, got "
              + data.remaining());
    }
    Extent extent = state.beginWrite(piece, this::makeExtent);
    if (extent == null) {
      return;
    }
    boolean written = false;
    boolean visible;
    try {
      if (!state.isCharged(extent, piece)) {
        reserve(pieces.length(piece));
        state.charged(extent, piece);
      }
      map.beginWrites(state::pieces);
      extent.write(pieces.start(piece), data.duplicate());
      written = true;
    } catch (IOException e) {
      if (state.isDeleted()) {
        throw new IOException(extent + " was deleted while piece " + piece + " was written", e);
      }
      IOException clear = DiskFull.asStoreFull(e, directory.path(), pieces.length(piece));
      room.trouble().refused(clear);
      throw clear;
    } finally {
      visible = state.endWrite(extent, piece, written);
      if (!visible) {
        dropIfUseless(extent);
      }
    }
    if (!visible) {
      throw new IOException(extent + " was deleted while piece " + piece + " was written");
    }
    map.update(new PieceSpan(piece, piece + 1), state::claimed);
    room.trouble().kept();
  }

  private Extent makeExtent(int index) {
    Extent made = new Extent(this, index, false, false);
    if (comingIn) {
      made.pins.incrementAndGet();
    }
    return made;
  }

  private void reserve(int bytes) throws IOException {
    if (comingIn) {
      ahead.addAndGet(-bytes);
    } else {
      room.reserve(bytes);
    }
  }

  boolean verify(int piece, Metainfo metainfo) throws IOException {
    Extent extent = state.pinUnverified(piece);
    if (extent == null) {
      return state.has(piece);
    }
    boolean right;
    try {
      // What a check finds is worth keeping at the next clean close.
      map.beginWrites(state::pieces);
      right = state.checked(piece, isRight(extent, piece, metainfo));
    } finally {
      extent.pins.decrementAndGet();
    }
    if (!right) {
      LOG.warn("{}: piece {} was damaged by an unclean stop", directory.path(), piece);
      map.update(new PieceSpan(piece, piece + 1), state::claimed);
      dropIfUseless(extent);
    }
    return right;
  }

  /**
   * Hashes a verified piece again; if it is damaged, it is absent from here on, which is told like
   * an eviction.
   *
   * @return false if it was damaged; true also if it is not here any more
   */
  boolean scrub(int piece, Metainfo metainfo) throws IOException {
    Extent extent = state.pinVerified(piece);
    if (extent == null) {
      return true;
    }
    boolean damaged = false;
    try {
      damaged = !isRight(extent, piece, metainfo) && state.damaged(extent, piece);
    } catch (NoSuchFileException e) {
      LOG.debug("{} was deleted while it was scrubbed", extent, e);
    } finally {
      extent.pins.decrementAndGet();
    }
    if (damaged) {
      LOG.warn("{}: piece {} was damaged on disk and is dropped", directory.path(), piece);
      BitSet lost = new BitSet();
      lost.set(piece);
      tellEvicted(lost);
      map.withdraw(new PieceSpan(piece, piece + 1), state::claimed, state::pieces);
      dropIfUseless(extent);
    }
    return !damaged;
  }

  private boolean isRight(Extent extent, int piece, Metainfo metainfo) throws IOException {
    PieceLayout pieces = layout().pieces();
    byte[] sha1 = extent.sha1(pieces.start(piece), pieces.length(piece), Digests.sha1());
    return metainfo.matches(piece, sha1);
  }

  private void dropIfUseless(Extent extent) {
    Dropped dropped = state.isUseless(extent) ? drop(extent, false) : null;
    // Told all the same: a quick writer may have added a piece between the two.
    if (dropped != null) {
      dropped.tell();
    }
  }

  /**
   * Unlinks an extent; null if it is busy and stays. The caller tells who wants to know, once it
   * holds no lock.
   *
   * @param force whether also if it is busy
   */
  @Nullable Dropped drop(Extent extent, boolean force) {
    BitSet lost = state.beginDrop(extent, force);
    if (lost == null) {
      return null;
    }
    try {
      extent.unlink();
      map.update(layout().span(extent.index), state::claimed);
    } catch (IOException e) {
      // Its bytes stay in the ledger, as they stay on the disk.
      LOG.warn("could not evict {}", extent, e);
    } finally {
      state.endDrop(extent);
    }
    return new Dropped(this, lost);
  }

  /** What people know it by; its info-hash while nobody has it open. */
  String name() {
    Path file = directory.path().getFileName();
    return handles.stream()
        .findFirst()
        .map(handle -> handle.metainfo().name())
        .orElse(String.valueOf(file));
  }

  void tellEvicted(BitSet pieces) {
    handles.forEach(handle -> handle.tellEvicted(pieces));
  }

  /**
   * Drops everything, whoever uses it, waits for writers, and deletes the directory.
   *
   * @param all gets what was dropped, also if this fails
   */
  synchronized void delete(List<Dropped> all) throws IOException {
    state.delete();
    for (Extent extent : state.extents()) {
      Dropped dropped = drop(extent, true);
      if (dropped != null) {
        all.add(dropped);
      }
    }
    // Whoever is still at it must not come upon the files of a torrent made anew.
    state.awaitGone();
    map.abandon();
    directory.delete();
  }
}
