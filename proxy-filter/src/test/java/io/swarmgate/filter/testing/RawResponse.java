package io.swarmgate.filter.testing;

import io.swarmgate.backend.content.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A response as it came.
 *
 * @param whole whether the body came to its end
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record RawResponse(int status, List<Field> fields, byte[] body, boolean whole) {
  public List<String> values(String name) {
    return fields.stream().filter(field -> field.is(name)).map(Field::value).toList();
  }

  /** The only value; null if there is none. */
  public @Nullable String value(String name) {
    List<String> values = values(name);
    if (values.size() > 1) {
      throw new AssertionError(name + " came more than once: " + values);
    }
    return values.isEmpty() ? null : values.get(0);
  }

  public String required(String name) {
    String value = value(name);
    if (value == null) {
      throw new AssertionError(name + " is missing from " + fields);
    }
    return value;
  }
}
