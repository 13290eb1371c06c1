package io.swarmgate.backend.status;

import java.util.List;

/**
 * One site at one moment.
 *
 * @param id its name
 * @param roles {@code publisher}, {@code catalogue}, {@code edge}
 * @param files the files it knows, in no particular order
 * @param passedThrough bytes of origins' responses streamed through since the start
 * @param fetchedPieces bytes of pieces fetched from origins since the start because peers were slow
 */
public record SiteStatus(
    String id, List<String> roles, List<FileStatus> files, long passedThrough, long fetchedPieces) {
  public SiteStatus {
    roles = List.copyOf(roles);
    files = List.copyOf(files);
  }

  /** Bytes hashed so far, over all files: {@link #length} when nothing is left to be hashed. */
  public long hashed() {
    return files.stream().mapToLong(FileStatus::hashed).sum();
  }

  /** Bytes of all files. */
  public long length() {
    return files.stream().mapToLong(FileStatus::length).sum();
  }
}
