package io.swarmgate.backend.config;

import java.util.Arrays;
import java.util.Optional;

/**
 * Every name that can be configured, with its default as it would be written. The only place where
 * either stands.
 */
public enum Setting {
  ENABLED("enabled", "true"),
  HOSTS("hosts", "", Of.SITE),
  PATTERNS("patterns", "", Of.SITE),
  CONTENT("content", "", Of.SITE),
  ORIGIN("origin", "", Of.SITE),
  CATALOG("catalog", "", Of.SITE),
  AUTHORIZE("authorize", "none", Of.SITE),
  QUERY_KEY("queryKey", "all", Of.SITE),
  REDIRECT_HOSTS("redirectHosts", "", Of.SITE),
  MAX_STALL("maxStall", "500ms", Of.SITE),
  STALE_IF_ERROR("staleIfError", "1h", Of.SITE),
  MIN_SIZE("minSize", "1MiB", Of.SITE),
  FILL("fill", "demand", Of.SITE),
  MAX_RESPONSES("maxResponses", "4096"),
  MAX_RESPONSES_PER_CLIENT("maxResponsesPerClient", "256"),
  DRAIN_TIMEOUT("drainTimeout", "10m"),
  STORE("store", "swarmgate"),
  STORE_MAX("storeMax", ""),
  PEER_HOST("peerHost", "127.0.0.1"),
  PEER_PORT("peerPort", "6891"),
  PEERS("peers", ""),
  PEER_ADVERTISE("peerAdvertise", ""),
  TRACKER("tracker", ""),
  ALLOW("allow", ""),
  SECRET("secret", ""),
  ADMIN_TOKEN("adminToken", ""),
  ENCRYPTION("encryption", "prefer"),
  UPLOAD_LIMIT("uploadLimit", ""),
  MAPPED("mapped", "true"),
  ADMIN_LISTEN("adminListen", "127.0.0.1:6892"),
  CONFIG("config", ""),
  SITES("sites", "");

  private enum Of {
    NODE,
    SITE
  }

  private enum Ready {
    NOW,
    LATER
  }

  private final String key;
  private final String defaultText;
  private final Of of;
  private final Ready ready;

  Setting(String key, String defaultText) {
    this(key, defaultText, Of.NODE, Ready.NOW);
  }

  Setting(String key, String defaultText, Of of) {
    this(key, defaultText, of, Ready.NOW);
  }

  Setting(String key, String defaultText, Of of, Ready ready) {
    this.key = key;
    this.defaultText = defaultText;
    this.of = of;
    this.ready = ready;
  }

  /** The name as it is written in a configuration. */
  public String key() {
    return key;
  }

  /** The value that an unset or empty one stands for; empty if that is nothing or computed. */
  public String defaultText() {
    return defaultText;
  }

  /** Whether each site may have its own value, {@code SITE.NAME}. */
  public boolean isPerSite() {
    return of == Of.SITE;
  }

  /** Whether anything acts on it; what nothing acts on must not be set. */
  public boolean isSupported() {
    return ready == Ready.NOW;
  }

  /** The setting called {@code key}, in exactly this case. */
  public static Optional<Setting> named(String key) {
    return Arrays.stream(values()).filter(setting -> setting.key.equals(key)).findFirst();
  }
}
