package io.swarmgate.filter.admin;

import com.sun.net.httpserver.Headers;
import io.swarmgate.backend.config.HostPort;
import io.swarmgate.backend.config.Secret;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Decides who may read the admin pages, and act by them. */
final class AdminGuard {
  private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "127.0.0.1", "::1");

  /**
   * A field that a page of another site can't make a browser send without asking first, which is
   * never allowed here.
   */
  static final String ACTION = "Swarmgate-Action";

  private final HostPort listen;
  private final Secret token;

  AdminGuard(HostPort listen, Secret token) {
    this.listen = listen;
    this.token = token;
  }

  /**
   * Whether the Host field names this listener. A web page anywhere can make a browser ask a name
   * of the page's own that resolves to this machine; such a name is refused here. On a wildcard
   * address any name may be ours, and the token, which is required there, keeps the page out.
   */
  boolean knowsHost(@Nullable String field) {
    if (isWildcard(listen.host())) {
      return true;
    }
    if (field == null) {
      return false;
    }
    String host = withoutPort(field).toLowerCase(Locale.ROOT);
    return LOOPBACK_NAMES.contains(host) || host.equals(listen.host().toLowerCase(Locale.ROOT));
  }

  /** Whether the Authorization field has the token: as Bearer, or as Basic's password. */
  boolean admits(@Nullable String authorization) {
    if (token.isEmpty()) {
      return true;
    }
    if (authorization == null) {
      return false;
    }
    int space = authorization.indexOf(' ');
    String scheme = authorization.substring(0, Math.max(space, 0)).toLowerCase(Locale.ROOT);
    String given = authorization.substring(space + 1).strip();
    return switch (scheme) {
      case "bearer" -> isToken(given);
      case "basic" -> isToken(password(given));
      default -> false;
    };
  }

  /**
   * Whether an action comes from the page itself or from a program: a browser says in Origin which
   * site's page asks, and that must be the host that is asked; a program says so by the field
   * {@link #ACTION}, with any value.
   */
  boolean isOurs(Headers request) {
    String origin = request.getFirst("Origin");
    String host = request.getFirst("Host");
    if (origin != null) {
      // A proxy in front may speak TLS.
      return host != null
          && (origin.equalsIgnoreCase("http://" + host)
              || origin.equalsIgnoreCase("https://" + host));
    }
    return request.containsKey(ACTION);
  }

  private boolean isToken(String given) {
    // Takes as long for a nearly right token as for a wrong one.
    return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token.bytes());
  }

  private static String password(String basic) {
    try {
      String pair = new String(Base64.getDecoder().decode(basic), StandardCharsets.UTF_8);
      return pair.substring(pair.indexOf(':') + 1);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  private static String withoutPort(String field) {
    if (field.startsWith("[")) {
      int end = field.indexOf(']');
      return end < 0 ? field : field.substring(1, end);
    }
    int colon = field.lastIndexOf(':');
    return colon < 0 ? field : field.substring(0, colon);
  }

  private static boolean isWildcard(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
