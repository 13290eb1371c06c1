package io.swarmgate.backend.config;

/** Whether connections between peers are obfuscated (MSE). */
public enum Encryption {
  REQUIRE,
  PREFER,
  OFF
}
