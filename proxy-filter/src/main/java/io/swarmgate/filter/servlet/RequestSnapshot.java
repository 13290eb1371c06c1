package io.swarmgate.filter.servlet;

import io.swarmgate.backend.RequestView;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A copy of what the backend may ask of a request, which outlives the container's object. */
record RequestSnapshot(
    String method,
    String rawPath,
    @Nullable String query,
    @Nullable String host,
    String clientAddress,
    Map<String, List<String>> lines)
    implements RequestView {

  static RequestSnapshot of(HttpServletRequest request) {
    Map<String, List<String>> lines = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    for (String name : Collections.list(request.getHeaderNames())) {
      lines.computeIfAbsent(name, key -> Collections.list(request.getHeaders(key)));
    }
    String host = request.getServerName();
    return new RequestSnapshot(
        request.getMethod(),
        request.getRequestURI(),
        request.getQueryString(),
        host == null || host.isEmpty() ? null : host,
        request.getRemoteAddr(),
        lines);
  }

  @Override
  public List<String> fields(String name) {
    return lines.getOrDefault(name, List.of());
  }

  @Override
  public List<String> fieldNames() {
    return new ArrayList<>(lines.keySet());
  }
}
