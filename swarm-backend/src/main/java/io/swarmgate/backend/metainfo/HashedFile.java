package io.swarmgate.backend.metainfo;

import io.swarmgate.backend.system.FileGuard;

/**
 * A file's hashes, and which state of the file they belong to. Immutable.
 *
 * @param guard what the file looked like before and after it was hashed
 */
public record HashedFile(ContentHashes hashes, FileGuard guard) {}
