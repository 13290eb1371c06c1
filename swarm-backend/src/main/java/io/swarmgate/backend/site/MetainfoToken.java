package io.swarmgate.backend.site;

import io.swarmgate.backend.config.Secret;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Locale;

/** What an edge shows its publisher to be given metainfo: HMAC(secret, the origin's authority). */
public final class MetainfoToken {
  /** The request field that carries it. */
  public static final String FIELD = "Swarmgate-Token";

  private MetainfoToken() {}

  /**
   * The token for an origin.
   *
   * @param authority host and port as in Host; case and a default port make no difference
   */
  public static String of(Secret secret, String authority) {
    return HexDigests.hmac(secret, normal(authority));
  }

  /** Whether {@code token} is the one for {@code authority}, compared in constant time. */
  public static boolean matches(String token, Secret secret, String authority) {
    return MessageDigest.isEqual(
        token.getBytes(StandardCharsets.UTF_8),
        of(secret, authority).getBytes(StandardCharsets.UTF_8));
  }

  private static String normal(String authority) {
    return authority.toLowerCase(Locale.ROOT).replaceFirst(":(80|443)$", "");
  }
}
