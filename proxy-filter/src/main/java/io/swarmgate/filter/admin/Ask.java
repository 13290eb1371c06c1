package io.swarmgate.filter.admin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request to the admin listener.
 *
 * @param parameters of its query, and of a form that was posted
 * @param from the client's address
 */
record Ask(String method, String path, Map<String, String> parameters, String from) {
  /** Bytes of a form; nothing here takes more. */
  private static final int MAX_FORM = 64 * 1024;

  /** Thrown where a parameter can't be used; the message is for the client. */
  static final class BadParameterException extends Exception {
    private static final long serialVersionUID = 1L;

    BadParameterException(String message) {
      super(message);
    }
  }

  static Ask of(HttpExchange exchange) throws IOException, BadParameterException {
    Map<String, String> parameters = new LinkedHashMap<>();
    add(parameters, exchange.getRequestURI().getRawQuery());
    if (exchange.getRequestMethod().equals("POST")) {
      byte[] form = exchange.getRequestBody().readNBytes(MAX_FORM + 1);
      if (form.length > MAX_FORM) {
        throw new BadParameterException("expected a form of at most " + MAX_FORM + " bytes");
      }
      add(parameters, new String(form, StandardCharsets.UTF_8).strip());
    }
    return new Ask(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        parameters,
        exchange.getRemoteAddress().getAddress().getHostAddress());
  }

  private static void add(Map<String, String> to, @Nullable String encoded)
      throws BadParameterException {
    if (encoded == null || encoded.isEmpty()) {
      return;
    }
    for (String pair : encoded.split("&", -1)) {
      int equals = pair.indexOf('=');
      try {
        to.put(
            URLDecoder.decode(
                equals < 0 ? pair : pair.substring(0, equals), StandardCharsets.UTF_8),
            equals < 0
                ? ""
                : URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        throw new BadParameterException("expected NAME=VALUE pairs, percent-encoded");
      }
    }
  }

  boolean isPost() {
    return method.equals("POST");
  }

  /** A parameter's value; empty if it is absent or empty. */
  Optional<String> find(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  /** A parameter's value. */
  String need(String name) throws BadParameterException {
    return find(name)
        .orElseThrow(
            () -> new BadParameterException("expected a parameter " + name + ", got none"));
  }

  /** A whole number that isn't negative. */
  int number(String name, int otherwise) throws BadParameterException {
    String text = find(name).orElse(null);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new BadParameterException(name + ": expected a number from 0, got \"" + text + '"');
  }

  /** Whether a parameter is there and not {@code false}. */
  boolean flag(String name) {
    return parameters.containsKey(name) && !"false".equals(parameters.get(name));
  }
}
