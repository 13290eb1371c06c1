package io.swarmgate.backend.site;

import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.status.FileStatus;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** A source around another, whose answers it may change. */
public abstract class ForwardingSource implements Source {
  private final Source source;

  protected ForwardingSource(Source source) {
    this.source = source;
  }

  /** The one within. */
  protected Source source() {
    return source;
  }

  @Override
  public void start() throws IOException {
    source.start();
  }

  @Override
  public String role() {
    return source.role();
  }

  @Override
  public Provenance provenance() {
    return source.provenance();
  }

  @Override
  public List<FileStatus> files() {
    return source.files();
  }

  @Override
  public long passedThrough() {
    return source.passedThrough();
  }

  @Override
  public long fetchedPieces() {
    return source.fetchedPieces();
  }

  @Override
  public Purged purge(Predicate<String> paths, boolean abort) {
    return source.purge(paths, abort);
  }

  @Override
  public void close() {
    source.close();
  }
}
