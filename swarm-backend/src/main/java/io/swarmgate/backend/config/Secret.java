package io.swarmgate.backend.config;

import java.nio.charset.StandardCharsets;

/** Bytes that are never printed. */
public final class Secret {
  /** No secret: empty. */
  public static final Secret NONE = new Secret(new byte[0]);

  private final byte[] bytes;

  private Secret(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Takes a text's UTF-8 bytes. */
  public static Secret of(String text) {
    return new Secret(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A copy of the bytes; empty if there is no secret. */
  public byte[] bytes() {
    return bytes.clone();
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Says only whether there is one. */
  @Override
  public String toString() {
    return isEmpty() ? "(none)" : "(secret)";
  }
}
