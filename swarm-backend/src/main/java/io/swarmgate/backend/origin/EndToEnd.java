package io.swarmgate.backend.origin;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.site.MetainfoToken;
import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Which fields a gateway hands on (RFC 9110 section 7.6.1). Pure. */
final class EndToEnd {
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** What this gateway says for itself, or must not tell an origin. */
  private static final Set<String> REQUEST_OWN =
      Set.of(
          "host",
          "content-length",
          "expect",
          "accept-encoding",
          "via",
          MetainfoToken.FIELD.toLowerCase(Locale.ROOT));

  /** What depends on what the client has of it already, or wants of it. */
  private static final Set<String> CONDITIONS =
      Set.of(
          "range",
          "if-range",
          "if-match",
          "if-none-match",
          "if-modified-since",
          "if-unmodified-since");

  /** What belongs to one response and not to the representation, or is said by other means. */
  private static final Set<String> NOT_KEPT =
      Set.of(
          "age",
          "date",
          "set-cookie",
          "set-cookie2",
          "server",
          "via",
          "alt-svc",
          "swarmgate-metainfo",
          "content-length",
          "content-range",
          // What is kept has none, though origins may say so: identity.
          "content-encoding",
          "accept-ranges",
          "content-type",
          "etag",
          "last-modified",
          "content-md5",
          "content-digest",
          "digest",
          "repr-digest");

  private EndToEnd() {}

  /** A client's fields that go to the origin. */
  static List<Field> ofRequest(RequestView view) {
    Set<String> dropped = new HashSet<>(REQUEST_OWN);
    dropped.addAll(hopByHop(view.fields("Connection")));
    List<Field> kept = new ArrayList<>();
    for (String name : view.fieldNames()) {
      if (!dropped.contains(name.toLowerCase(Locale.ROOT))) {
        view.fields(name).forEach(value -> kept.add(new Field(name, value)));
      }
    }
    return kept;
  }

  /** The same, but for conditions and ranges: what tells who asks, and what for. */
  static List<Field> unconditional(RequestView view) {
    return ofRequest(view).stream()
        .filter(field -> !CONDITIONS.contains(field.name().toLowerCase(Locale.ROOT)))
        .toList();
  }

  /** An origin's fields that go to the client of a relayed response. */
  static List<Field> ofResponse(HttpHeaders headers) {
    return without(headers, Set.of());
  }

  /** An origin's fields that go with a representation whenever it is served. */
  static List<Field> kept(HttpHeaders headers) {
    return without(headers, NOT_KEPT);
  }

  private static List<Field> without(HttpHeaders headers, Set<String> more) {
    Set<String> dropped = new HashSet<>(more);
    dropped.addAll(hopByHop(headers.allValues("Connection")));
    List<Field> kept = new ArrayList<>();
    headers
        .map()
        .forEach(
            (name, values) -> {
              // The JDK's client lists HTTP/2's pseudo-fields among the others.
              if (!name.startsWith(":") && !dropped.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> kept.add(new Field(name, value.strip())));
              }
            });
    return kept;
  }

  private static Set<String> hopByHop(List<String> connection) {
    Set<String> all = new HashSet<>(HOP_BY_HOP);
    for (String value : connection) {
      for (String name : Lists.items(value)) {
        all.add(name.toLowerCase(Locale.ROOT));
      }
    }
    return all;
  }
}
