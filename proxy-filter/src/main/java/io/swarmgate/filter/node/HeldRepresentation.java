package io.swarmgate.filter.node;

import io.swarmgate.backend.content.Cached;
import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A representation that, like its readers, holds a response's place until it is closed. */
record HeldRepresentation(Representation held, ResponseLimits.Place place)
    implements Representation {
  @Override
  public long length() {
    return held.length();
  }

  @Override
  public @Nullable String contentType() {
    return held.contentType();
  }

  @Override
  public Validator validator() {
    return held.validator();
  }

  @Override
  public Instant dated(Instant now) {
    return held.dated(now);
  }

  @Override
  public List<Field> fields() {
    return held.fields();
  }

  @Override
  public @Nullable Cached cached() {
    return held.cached();
  }

  @Override
  public ContentReader reader() {
    return new HeldReader(held.reader(), place.share());
  }

  @Override
  public void close() {
    place.giveBack();
    held.close();
  }
}
