package io.swarmgate.backend.store;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Slice;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One version of a publisher's file, read in place as long as it stays what it was: its guard is
 * checked with each slice. Thread-safe. Costs address space, so keep one for each file and not one
 * for each request.
 *
 * <p>A file renamed over this one, and one that is deleted, fail the guard too. Readers that began
 * before keep what they opened, and may go on with it; see {@link GuardedFileReader}.
 */
public final class GuardedFile implements AutoCloseable {
  /** Bytes mapped together. */
  private static final int WINDOW = 256 << 20;

  private final Path file;
  private final FileGuard guard;

  /** Reads the very file that the guard is of, or none. */
  private final ReadFile opened;

  private final SliceSource source;
  private final AtomicReference<@Nullable Runnable> onChange = new AtomicReference<>();
  private volatile Supplier<Optional<Metainfo>> hashes = Optional::empty;
  private int holders;

  /** Whether windows are to be let go as soon as nobody holds the file. */
  private boolean closing;

  /**
   * Takes a file as it was seen; opens nothing yet.
   *
   * @param guard of at least 1 byte
   * @param mapped whether to map it, or else to read it into pooled buffers
   */
  public GuardedFile(Path file, FileGuard guard, boolean mapped) {
    this(file, guard, mapped, WINDOW);
  }

  GuardedFile(Path file, FileGuard guard, boolean mapped, int window) {
    if (guard.size() < 1) {
      throw new IllegalArgumentException(file + ": expected at least 1 byte, got an empty file");
    }
    this.file = file;
    this.guard = guard;
    this.opened = new ReadFile(() -> file, this::open);
    this.source =
        mapped
            ? new MappedFile(() -> file, opened, guard.size(), window, MappedFile.Permit.ANY)
            : opened;
  }

  /** Had another file been here when this opened it, it would fail the check after that. */
  private FileChannel open() throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    boolean same = false;
    try {
      check();
      same = true;
      return channel;
    } finally {
      if (!same) {
        Quietly.close(channel);
      }
    }
  }

  public Path path() {
    return file;
  }

  public FileGuard guard() {
    return guard;
  }

  /** Bytes in all. */
  public long length() {
    return guard.size();
  }

  /** Names who is told, on any thread and once, when a check finds the file changed. */
  public void onChange(Runnable told) {
    onChange.set(told);
  }

  /**
   * Says where the file's metainfo can be had once it is hashed, so that readers may outlive a
   * change.
   *
   * @param from may block on the disk
   */
  public void hashed(Supplier<Optional<Metainfo>> from) {
    hashes = from;
  }

  /** Keeps the metainfo in memory if anybody may need it, since it is about to be forgotten. */
  public void keepHashes() {
    boolean needed;
    synchronized (this) {
      needed = holders > 0;
    }
    Optional<Metainfo> kept = needed ? hashes.get() : Optional.empty();
    hashes = () -> kept;
  }

  /** The metainfo; empty if it isn't hashed, or the metainfo is lost. Blocks on the disk. */
  Optional<Metainfo> hashes() {
    return hashes.get();
  }

  /** Reads what was opened, without a look at what has become of the file. */
  ReadFile opened() {
    return opened;
  }

  /**
   * Returns bytes from {@code position} on. Mapped bytes can still change until they are used.
   *
   * @param position in {@code [0, length)}
   * @param max most bytes wanted, at least 1; fewer come at the end of a window
   * @throws IOException if the file changed or can't be read
   */
  public Slice slice(long position, int max) throws IOException {
    return checked(source, SliceSource::slice, position, max);
  }

  /** As {@link #slice}, but waits for no disk: see {@link PieceStore#ahead}. */
  Slice ahead(long position, int max) throws IOException {
    return checked(source, SliceSource::ahead, position, max);
  }

  /**
   * Returns a copy of bytes from {@code position} on that were the file's when they were copied.
   * Reads the file.
   *
   * @param position in {@code [0, length)}
   * @param max most bytes wanted, at least 1; 64 KiB come at most
   * @throws IOException if the file changed or can't be read
   */
  Slice copy(long position, int max) throws IOException {
    return checked(opened, SliceSource::slice, position, max);
  }

  private Slice checked(SliceSource from, SliceSource.Access by, long position, int max)
      throws IOException {
    if (position < 0 || position >= guard.size()) {
      throw new IndexOutOfBoundsException("position " + position + " of " + guard.size());
    }
    Slice slice;
    try {
      slice = by.slice(from, position, (int) Math.min(max, guard.size() - position));
    } catch (IOException e) {
      // That it is another file, or shorter, says more than that its end came early.
      check();
      throw e;
    }
    boolean same = false;
    try {
      // After the bytes were copied, where they are: a check before says nothing about them.
      check();
      same = true;
      return slice;
    } finally {
      if (!same) {
        slice.close();
      }
    }
  }

  /**
   * Makes sure that the file is what it was.
   *
   * @throws IOException if it isn't, with what was expected and what came
   */
  public void check() throws IOException {
    try {
      Optional<String> mismatch = guard.mismatch(file);
      if (mismatch.isPresent()) {
        throw new FileChangedException(mismatch.get());
      }
    } catch (IOException e) {
      Runnable told = onChange.getAndSet(null);
      if (told != null) {
        told.run();
      }
      throw e instanceof FileChangedException ? e : new FileChangedException(e);
    }
  }

  /** A reader for one response. Every position is ready as soon as it is in memory. */
  public ContentReader reader() {
    return new GuardedFileReader(this);
  }

  /**
   * Keeps the file open until it is let go as often.
   *
   * @throws IOException if it changed or can't be opened; it isn't held then
   */
  void hold() throws IOException {
    opened.hold();
    synchronized (this) {
      holders++;
    }
  }

  /** Ends a hold. */
  void letGo() {
    boolean last;
    synchronized (this) {
      last = --holders == 0 && closing;
      closing &= !last;
    }
    opened.letGo();
    if (last) {
      source.release();
    }
  }

  /** Lets go of windows, now or when nobody holds the file. Whoever still reads maps them again. */
  @Override
  public void close() {
    boolean now;
    synchronized (this) {
      now = holders == 0;
      closing = !now;
    }
    if (now) {
      source.release();
    }
  }
}
