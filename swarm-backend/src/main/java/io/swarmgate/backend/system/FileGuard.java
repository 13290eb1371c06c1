package io.swarmgate.backend.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a file looked like when its bytes were relied on: if it looks the same later, its bytes are
 * taken to be the same. Immutable.
 *
 * <p>The change time is there because a writer can set the modification time back, but not that
 * one. Where the file system has no change time or no file key, the modification time and an empty
 * key stand in.
 *
 * @param key the file system's own name for the file (device and inode on Unix), which a file put
 *     in its place doesn't share
 * @param size in bytes
 * @param modified time of the last change to the bytes
 * @param changed time of the last change to the bytes, the name or the rights
 */
public record FileGuard(String key, long size, Instant modified, Instant changed) {
  private static final String UNIX = "unix:fileKey,size,lastModifiedTime,ctime,isRegularFile";

  /**
   * Looks at a file. One system call; links are followed.
   *
   * @throws IOException if it isn't there, or isn't a regular file
   */
  public static FileGuard of(Path file) throws IOException {
    return file.getFileSystem().supportedFileAttributeViews().contains("unix")
        ? ofUnix(file)
        : ofOther(file);
  }

  /**
   * Says how the file differs now from what it was; empty if it doesn't.
   *
   * @throws IOException if it isn't there any more
   */
  public Optional<String> mismatch(Path file) throws IOException {
    FileGuard now = of(file);
    return equals(now)
        ? Optional.empty()
        : Optional.of(file + " changed: expected " + this + ", got " + now);
  }

  /**
   * Makes sure that the file is what it was.
   *
   * @throws IOException if it isn't, or is gone, with what was expected and what came
   */
  public void check(Path file) throws IOException {
    Optional<String> mismatch = mismatch(file);
    if (mismatch.isPresent()) {
      throw new IOException(mismatch.get());
    }
  }

  private static FileGuard ofUnix(Path file) throws IOException {
    Map<String, Object> now = Files.readAttributes(file, UNIX);
    requireRegular(file, Boolean.TRUE.equals(now.get("isRegularFile")));
    return new FileGuard(
        String.valueOf(now.get("fileKey")),
        now.get("size") instanceof Long size ? size : 0,
        instant(now.get("lastModifiedTime")),
        instant(now.get("ctime")));
  }

  private static FileGuard ofOther(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    requireRegular(file, now.isRegularFile());
    Object key = now.fileKey();
    Instant modified = now.lastModifiedTime().toInstant();
    return new FileGuard(key == null ? "" : key.toString(), now.size(), modified, modified);
  }

  private static Instant instant(@Nullable Object time) {
    return time instanceof FileTime t ? t.toInstant() : Instant.EPOCH;
  }

  private static void requireRegular(Path file, boolean regular) throws IOException {
    if (!regular) {
      throw new IOException(file + ": expected a regular file");
    }
  }

  @Override
  public String toString() {
    return "(key "
        + key
        + ", "
        + size
        + " bytes, modified "
        + modified
        + ", changed "
        + changed
        + ")";
  }
}
