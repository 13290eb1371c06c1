package io.swarmgate.test.harness;

import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/**
 * One answered request, as an access log sees it.
 *
 * @param path raw, without query
 * @param protocol such as {@code HTTP/1.1}
 * @param userAgent the name of the client's program
 * @param length bytes of body that were sent, which may be fewer than the response promised
 */
public record Access(
    String method,
    String path,
    String protocol,
    String userAgent,
    Optional<String> range,
    Optional<String> ifRange,
    int status,
    long length,
    Optional<String> cacheStatus) {
  static Access of(Request request, Response response) {
    return new Access(
        request.getMethod(),
        Request.getPathInContext(request),
        request.getConnectionMetaData().getProtocol(),
        field(request, HttpHeader.USER_AGENT).orElse(""),
        field(request, HttpHeader.RANGE),
        field(request, HttpHeader.IF_RANGE),
        response.getStatus(),
        Response.getContentBytesWritten(response),
        Optional.ofNullable(response.getHeaders().get("Cache-Status")));
  }

  private static Optional<String> field(Request request, HttpHeader name) {
    return Optional.ofNullable(request.getHeaders().get(name));
  }
}
