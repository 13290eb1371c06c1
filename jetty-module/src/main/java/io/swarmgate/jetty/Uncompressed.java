package io.swarmgate.jetty;

import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.gzip.GzipResponseAndCallback;

/**
 * Keeps Jetty's compression away from a response. What a client asks a range of, and resumes with
 * If-Range, is the representation's own bytes; compressed on the fly, the ranges would be of
 * something else.
 */
final class Uncompressed {
  /**
   * The module {@code compression}'s response wrapper. Named as text: its jar is only there with
   * that module, and the package isn't exported.
   */
  private static final String COMPRESSION =
      "org.eclipse.jetty.compression.server.internal.CompressionResponse";

  private Uncompressed() {}

  /**
   * Returns the response to be used in place of {@code response}. The module {@code gzip}'s wrapper
   * has a switch and stays where it is, for it wants to see the last write. {@code compression}'s
   * has none, and rewrites the ETag of a 304 besides, so it is passed by.
   */
  static Response of(Response response) {
    Response result = response;
    for (Response r = response; r instanceof Response.Wrapper wrapper; r = wrapper.getWrapped()) {
      if (r instanceof GzipResponseAndCallback gzip) {
        gzip.noCompression();
      } else if (r.getClass().getName().equals(COMPRESSION)) {
        result = wrapper.getWrapped();
      }
    }
    return result;
  }
}
