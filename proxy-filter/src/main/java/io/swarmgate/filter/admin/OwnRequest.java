package io.swarmgate.filter.admin;

import io.swarmgate.backend.RequestView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plain GET that the node itself makes, without credentials or conditions. */
record OwnRequest(String rawPath, @Nullable String query, @Nullable String host)
    implements RequestView {
  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String clientAddress() {
    return "127.0.0.1";
  }

  @Override
  public List<String> fields(String name) {
    return List.of();
  }

  @Override
  public List<String> fieldNames() {
    return List.of();
  }
}
