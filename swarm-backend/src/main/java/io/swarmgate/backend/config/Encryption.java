package io.swarmgate.backend.config;

/** Whether connections to peers are obfuscated by message stream encryption (MSE). */
public enum Encryption {
  /** Always, and with RC4; whoever speaks plaintext is refused. */
  REQUIRE,
  /** Where the other side can; plaintext where it can't. */
  PREFER,
  /** Never; a peer that begins with MSE is refused. */
  OFF
}
