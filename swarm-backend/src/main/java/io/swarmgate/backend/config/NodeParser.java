package io.swarmgate.backend.config;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Checks the settings of the node as a whole that take more than their own text. */
final class NodeParser {
  /** Quota where none is given: this many bytes, or {@link #FREE_PERCENT} if that is less. */
  private static final long STORE_MAX = 64L << 30;

  private static final int FREE_PERCENT = 80;

  private final Settings settings;
  private final Function<String, @Nullable String> env;

  NodeParser(Settings settings, Function<String, @Nullable String> env) {
    this.settings = settings;
    this.env = env;
  }

  /** The store's directory, which may be yet to be made, but must be one that can be written. */
  Path store() {
    Path store = settings.get(Setting.STORE, settings::resolve);
    Path there = existing(store);
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      settings.expected(
          Setting.STORE, "a directory that can be written", '"' + store.toString() + '"');
    }
    return store;
  }

  /** The quota in bytes. */
  long storeMax(Path store) {
    return settings
        .find(Setting.STORE_MAX, NodeParser::atLeastOne)
        .orElseGet(() -> defaultMax(store));
  }

  /** Bytes a second, enough for at least one block. */
  static long rate(String text) {
    long size = Parsers.size(text);
    if (size < PieceLayout.BLOCK) {
      throw new IllegalArgumentException("a size of at least 16KiB, to be sent each second");
    }
    return size;
  }

  /** How many at most; 0 for no limit. */
  static int limit(String text) {
    String expected = "a number, or 0 for no limit";
    int limit = Parsers.integer(text, expected);
    if (limit < 0) {
      throw new IllegalArgumentException(expected);
    }
    return limit;
  }

  private static long atLeastOne(String text) {
    long size = Parsers.size(text);
    if (size < 1) {
      throw new IllegalArgumentException("a size of at least 1 byte");
    }
    return size;
  }

  private static long defaultMax(Path store) {
    try {
      long free = Files.getFileStore(existing(store)).getUsableSpace();
      return Math.max(1, Math.min(STORE_MAX, free / 100 * FREE_PERCENT));
    } catch (IOException e) {
      return STORE_MAX;
    }
  }

  private static Path existing(Path path) {
    Path at = path;
    while (!Files.exists(at)) {
      Path parent = at.getParent();
      if (parent == null) {
        return at;
      }
      at = parent;
    }
    return at;
  }

  /** A secret from a file or the environment, without white space around it. */
  Secret secret(Setting setting) {
    String text = settings.given(setting);
    return text.isEmpty() ? Secret.NONE : read(setting, text);
  }

  private Secret read(Setting setting, String text) {
    String value;
    if (text.startsWith("env:")) {
      value = env.apply(text.substring("env:".length()));
    } else if (text.startsWith("file:")) {
      value = content(settings.resolve(text.substring("file:".length())));
    } else {
      // What came may be the secret itself, so it isn't repeated.
      settings.expected(setting, "file:PATH or env:NAME", "something else");
      return Secret.NONE;
    }
    if (value == null || value.isBlank()) {
      settings.expected(setting, "a secret there, not empty", '"' + text + '"');
      return Secret.NONE;
    }
    return Secret.of(value.strip());
  }

  private static @Nullable String content(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether {@code host} is this machine's loopback address. */
  static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  void checkReach(HostPort peer, List<Cidr> allow) {
    if (!isLoopback(peer.host()) && allow.isEmpty()) {
      settings.expected(
          Setting.PEER_HOST,
          "a loopback address, or allow to say which peers may connect",
          '"' + peer.host() + "\" without allow");
    }
  }

  /** Where trackers are told that we are; its port is what peers are told too. */
  Optional<HostPort> peerAdvertise() {
    return settings.find(Setting.PEER_ADVERTISE, Parsers::advertised);
  }

  Optional<HostPort> adminListen(Secret adminToken) {
    String given = settings.get(Setting.ADMIN_LISTEN, Function.identity());
    if (given.equals("off")) {
      return Optional.empty();
    }
    HostPort listen =
        settings.get(
            Setting.ADMIN_LISTEN,
            text -> {
              try {
                return HostPort.parse(text);
              } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("host:port or off", e);
              }
            });
    if (!isLoopback(listen.host()) && adminToken.isEmpty()) {
      settings.expected(
          Setting.ADMIN_LISTEN,
          "a loopback address, or an adminToken",
          '"' + listen.toString() + "\" without adminToken");
    }
    return Optional.of(listen);
  }
}
