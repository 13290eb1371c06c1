package io.swarmgate.backend.observe;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A representation whose readers are measured. */
record MeteredRepresentation(Representation measured, Meter meter, Provenance otherwise)
    implements Representation {
  @Override
  public long length() {
    return measured.length();
  }

  @Override
  public @Nullable String contentType() {
    return measured.contentType();
  }

  @Override
  public Validator validator() {
    return measured.validator();
  }

  @Override
  public Instant dated(Instant now) {
    return measured.dated(now);
  }

  @Override
  public List<Field> fields() {
    return measured.fields();
  }

  @Override
  public @Nullable Cached cached() {
    return measured.cached();
  }

  @Override
  public ContentReader reader() {
    return new MeteredReader(measured.reader(), meter, otherwise);
  }

  @Override
  public void close() {
    measured.close();
  }
}
