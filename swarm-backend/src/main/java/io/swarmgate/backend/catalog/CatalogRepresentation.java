package io.swarmgate.backend.catalog;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A catalogue's file as it is served. Holds one pin. */
final class CatalogRepresentation implements Representation, Cached {
  private final CatalogFile file;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Takes a file that the caller has pinned for it. */
  CatalogRepresentation(CatalogFile file) {
    this.file = file;
  }

  @Override
  public long length() {
    return file.length();
  }

  @Override
  public @Nullable String contentType() {
    return null;
  }

  @Override
  public Validator validator() {
    return file.validator();
  }

  @Override
  public List<Field> fields() {
    return file.sha256()
        .map(sha256 -> "sha-256=:" + Base64.getEncoder().encodeToString(sha256) + ":")
        .map(digest -> List.of(new Field("Repr-Digest", digest)))
        .orElse(List.of());
  }

  @Override
  public Cached cached() {
    return this;
  }

  @Override
  public long held(ByteSpan span) {
    return file.held(span);
  }

  /** There is no origin to ask whether it still is what it was. */
  @Override
  public boolean stale() {
    return false;
  }

  /** The .torrent file is looked at again for each request. */
  @Override
  public long ttl() {
    return 0;
  }

  @Override
  public ContentReader reader() {
    return file.reader();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      file.release();
    }
  }
}
