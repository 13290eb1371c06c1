package io.swarmgate.test.harness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A node's status, as the admin listener tells it. */
public record Status(String json) {
  /** Asks an admin listener. */
  public static Status of(URI uri) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = Http.get(uri);
    if (response.statusCode() != 200) {
      throw new AssertionError(uri + ": " + response.statusCode());
    }
    return new Status(new String(response.body(), StandardCharsets.UTF_8));
  }

  /** Bytes of blocks received from peers. */
  public long downloaded() {
    return number("downloaded");
  }

  /** Bytes of blocks sent to peers. */
  public long uploaded() {
    return number("uploaded");
  }

  /** Bytes of content that came from origins. */
  public long fromOrigins() {
    return number("fromOrigins");
  }

  /** Readers that are open, in a node with one swarm awake at most. */
  public long readers() {
    return json.contains("\"readers\":") ? number("readers") : 0;
  }

  /** Whether every file the node knows is hashed, and there is one at least. */
  public boolean allHashed() {
    Matcher matcher =
        Pattern.compile("\"length\":(\\d+),\"infoHash\":[^,]*,\"hashed\":(\\d+)").matcher(json);
    boolean any = false;
    while (matcher.find()) {
      any = true;
      if (!matcher.group(1).equals(matcher.group(2))) {
        return false;
      }
    }
    return any;
  }

  /** The node's own figures stand before those of its sites and swarms. */
  private long number(String name) {
    Matcher matcher = Pattern.compile('"' + name + "\":(\\d+)").matcher(json);
    if (!matcher.find()) {
      throw new AssertionError(name + " not in " + json);
    }
    return Long.parseLong(matcher.group(1));
  }
}
