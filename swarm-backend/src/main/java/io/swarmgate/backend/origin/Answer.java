package io.swarmgate.backend.origin;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/**
 * A response, and who gave it.
 *
 * @param origin whose URL was asked; a redirect may have led elsewhere
 */
record Answer<T>(Origin origin, HttpResponse<T> response) {
  int status() {
    return response.statusCode();
  }

  HttpHeaders headers() {
    return response.headers();
  }
}
