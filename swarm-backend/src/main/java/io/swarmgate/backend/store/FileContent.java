package io.swarmgate.backend.store;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Validator;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A publisher's file that isn't hashed yet: served from disk with a Last-Modified and nothing that
 * promises more. Closing it does nothing; the file belongs to whoever keeps it.
 */
public record FileContent(GuardedFile file) implements Representation {
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
    return new Validator(null, file.guard().modified().truncatedTo(ChronoUnit.SECONDS));
  }

  @Override
  public List<Field> fields() {
    return List.of();
  }

  @Override
  public ContentReader reader() {
    return file.reader();
  }

  @Override
  public void close() {}
}
