package io.swarmgate.backend.observe;

import java.util.Locale;

/** Where delivered bytes came from. */
public enum Provenance {
  /** They were in the node's store when the response began. */
  STORE,
  /** Peers brought them while the response ran. */
  PEERS,
  /** An origin brought them while the response ran. */
  ORIGIN,
  /** They are a publisher's own files. */
  CONTENT;

  /** The name in metrics and JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
