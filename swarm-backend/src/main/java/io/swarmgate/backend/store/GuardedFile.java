package io.swarmgate.backend.store;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.FileGuard;
import io.swarmgate.backend.content.Slice;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A publisher's file, read in place as long as it stays what it was: its guard is checked before
 * each slice. Thread-safe. Costs address space, so keep one for each file and not one for each
 * request.
 *
 * <p>A file renamed over this one fails the guard too. Check it once more after the last byte was
 * written, since bytes are read from the page cache when they are written, not when they are
 * sliced.
 */
public final class GuardedFile implements AutoCloseable {
  /** Bytes mapped together. */
  private static final int WINDOW = 256 << 20;

  private final Path file;
  private final FileGuard guard;
  private final SliceSource source;

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
    this.source =
        mapped
            ? new MappedFile(file, guard.size(), window, MappedFile.Permit.ANY)
            : new ReadFile(file);
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

  /**
   * Returns bytes from {@code position} on.
   *
   * @param position in {@code [0, length)}
   * @param max most bytes wanted, at least 1; fewer come at the end of a window
   * @throws IOException if the file changed or can't be read
   */
  public Slice slice(long position, int max) throws IOException {
    if (position < 0 || position >= guard.size()) {
      throw new IndexOutOfBoundsException("position " + position + " of " + guard.size());
    }
    guard.check(file);
    int count = (int) Math.min(max, guard.size() - position);
    return source.slice(position, count);
  }

  /**
   * Makes sure that the file is what it was.
   *
   * @throws IOException if it isn't, with what was expected and what came
   */
  public void check() throws IOException {
    guard.check(file);
  }

  /** A reader for one response. Every position is ready as soon as it is in memory. */
  public ContentReader reader() {
    return new GuardedFileReader(this);
  }

  /** Lets go of windows and channel. Whoever still reads opens them again. */
  @Override
  public void close() {
    source.release();
  }
}
