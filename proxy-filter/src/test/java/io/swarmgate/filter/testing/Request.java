package io.swarmgate.filter.testing;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A request by hand. */
public record Request(String method, String rawPath, List<Field> lines) implements RequestView {
  @Override
  public @Nullable String query() {
    return null;
  }

  @Override
  public @Nullable String host() {
    return "localhost";
  }

  @Override
  public String clientAddress() {
    return "127.0.0.1";
  }

  @Override
  public List<String> fields(String name) {
    return lines.stream().filter(line -> line.is(name)).map(Field::value).toList();
  }

  @Override
  public List<String> fieldNames() {
    return lines.stream().map(Field::name).distinct().toList();
  }
}
