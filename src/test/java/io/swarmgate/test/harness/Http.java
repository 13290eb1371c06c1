package io.swarmgate.test.harness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The JDK's client, as a plain download would use it. */
public final class Http {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Http() {}

  /**
   * GETs a whole body into memory.
   *
   * @param fields names and values in turn
   */
  public static HttpResponse<byte[]> get(URI uri, String... fields)
      throws IOException, InterruptedException {
    return send("GET", uri, HttpRequest.BodyPublishers.noBody(), fields);
  }

  /** The same with a HEAD. */
  public static HttpResponse<byte[]> head(URI uri, String... fields)
      throws IOException, InterruptedException {
    return send("HEAD", uri, HttpRequest.BodyPublishers.noBody(), fields);
  }

  /** The same with a POST of a form. */
  public static HttpResponse<byte[]> post(URI uri, String form, String... fields)
      throws IOException, InterruptedException {
    return send("POST", uri, HttpRequest.BodyPublishers.ofString(form), fields);
  }

  private static HttpResponse<byte[]> send(
      String method, URI uri, HttpRequest.BodyPublisher body, String... fields)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, body).timeout(Duration.ofSeconds(60));
    if (fields.length > 0) {
      request.headers(fields);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }
}
