package io.swarmgate.backend.status;

import io.swarmgate.backend.metainfo.InfoHash;
import org.jspecify.annotations.Nullable;

/**
 * One file of a site at one moment.
 *
 * @param path its decoded URL path, with what of the query belongs to its key
 * @param length bytes in all
 * @param infoHash the swarm it is served from; null if there is none yet
 * @param hashed bytes hashed so far on a publisher; {@code length} when it is done, and on edges
 * @param offset where its bytes begin in those of its torrent
 */
public record FileStatus(
    String path, long length, @Nullable InfoHash infoHash, long hashed, long offset) {
  /** Of a file that is a torrent of its own. */
  public FileStatus(String path, long length, @Nullable InfoHash infoHash, long hashed) {
    this(path, length, infoHash, hashed, 0);
  }
}
