package io.swarmgate.filter.admin;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The status page's own files, all of them in the jar. */
final class Assets {
  private static final String DIRECTORY = "/io/swarmgate/filter/admin/page/";

  private Assets() {}

  static void addTo(Router router) {
    router
        .get("/", of("index.html", "text/html; charset=utf-8"))
        .get("/page/app.css", of("app.css", "text/css; charset=utf-8"))
        .get("/page/app.js", of("app.js", "text/javascript; charset=utf-8"))
        .get("/page/icon.svg", of("icon.svg", "image/svg+xml"))
        .get("/openapi.json", of("openapi.json", "application/json"));
  }

  private static Resource of(String name, String type) {
    Reply reply = new Reply(200, type, read(name), Map.of());
    return ask -> reply;
  }

  private static byte[] read(String name) {
    try (InputStream in = Assets.class.getResourceAsStream(DIRECTORY + name)) {
      if (in == null) {
        throw new IllegalStateException("expected " + name + " in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
