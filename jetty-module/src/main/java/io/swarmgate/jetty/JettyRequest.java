package io.swarmgate.jetty;

import io.swarmgate.backend.RequestView;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A Jetty request, copied: what the backend may read after Jetty has recycled the request itself.
 */
record JettyRequest(
    String method,
    String rawPath,
    @Nullable String query,
    @Nullable String host,
    String clientAddress,
    HttpFields headers)
    implements RequestView {

  static JettyRequest of(Request request) {
    HttpURI uri = request.getHttpURI();
    String path = uri.getPath();
    return new JettyRequest(
        request.getMethod(),
        path == null ? "" : path,
        uri.getQuery(),
        uri.getHost(),
        Request.getRemoteAddr(request),
        request.getHeaders().asImmutable());
  }

  @Override
  public List<String> fields(String name) {
    return headers.getValuesList(name);
  }

  @Override
  public List<String> fieldNames() {
    return List.copyOf(headers.getFieldNamesCollection());
  }
}
