package io.swarmgate.backend.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another BitTorrent program with one torrent, in a directory of its own. Ends with its test. */
final class ForeignClient implements AutoCloseable {
  private static final String LIBTORRENT =
      """
      import libtorrent as lt, sys
      port, torrent, data = sys.argv[1:4]
      policy, level = map(int, sys.argv[4:6])
      session = lt.session({'listen_interfaces': '127.0.0.1:' + port, 'enable_dht': False,
          'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
          'enable_outgoing_utp': False, 'allow_multiple_connections_per_ip': True,
          'min_reconnect_time': 1,
          'out_enc_policy': policy, 'in_enc_policy': policy, 'allowed_enc_level': level})
      handle = session.add_torrent({'ti': lt.torrent_info(torrent), 'save_path': data})
      sys.stdin.read()
      """;

  enum Program {
    TRANSMISSION,
    QBITTORRENT,
    ARIA2,
    LIBTORRENT
  }

  /** What it speaks with peers, whoever dials. Not every program can be made to speak each. */
  enum Speech {
    /** What it speaks unless told. */
    USUAL,
    /** Plaintext, and no MSE. */
    PLAINTEXT,
    /** MSE, and after it plaintext, if the choice is its own. */
    OBFUSCATED_PLAINTEXT,
    /** MSE, and RC4 after it. */
    RC4
  }

  private final Process process;
  private final Path log;
  private final InetSocketAddress address;

  private ForeignClient(Process process, Path log, InetSocketAddress address) {
    this.process = process;
    this.log = log;
    this.address = address;
  }

  /**
   * Starts a program on a torrent, and waits until it accepts peers: a seed if {@code data} has the
   * content, a leech if not.
   *
   * @param home a directory for itself
   */
  static ForeignClient start(Program program, Speech speech, Path home, Path torrent, Path data)
      throws Exception {
    Files.createDirectories(home);
    Files.createDirectories(data);
    int port = Ports.free();
    int control = Ports.free();
    Path log = home.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command(program, speech, home, torrent, data, port, control))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("HOME", home.toString());
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    ForeignClient client = new ForeignClient(builder.start(), log, address);
    try {
      await().atMost(Duration.ofSeconds(30)).until(client::isListening);
      return client;
    } catch (RuntimeException | Error e) {
      client.close();
      throw new AssertionError(client.log(), e);
    }
  }

  private static List<String> command(
      Program program, Speech speech, Path home, Path torrent, Path data, int port, int control)
      throws IOException {
    return switch (program) {
      case TRANSMISSION -> {
        Path watched = Files.createDirectories(home.resolve("watched"));
        Files.copy(torrent, watched.resolve("a.torrent"));
        yield words(
            "transmission-daemon -f -T -O -Y -M --no-utp --no-incomplete-dir"
                + option(program, speech),
            List.of(
                "-g",
                home.resolve("config").toString(),
                "-p",
                "" + control,
                "-P",
                "" + port,
                "-c",
                watched.toString(),
                "-w",
                data.toString()));
      }
      case QBITTORRENT -> {
        Path config = Files.createDirectories(home.resolve("qBittorrent/config"));
        Files.writeString(
            config.resolve("qBittorrent.conf"),
            """
            [LegalNotice]
            Accepted=true

            [BitTorrent]
            Session\\Port=%d
            Session\\DHTEnabled=false
            Session\\LSDEnabled=false
            Session\\PeXEnabled=false
            Session\\MultiConnectionsPerIp=true
            Session\\Encryption=%s

            [Network]
            PortForwardingEnabled=false

            [Preferences]
            WebUI\\Address=127.0.0.1
            WebUI\\Port=%d
            WebUI\\UseUPnP=false
            """
                .formatted(port, option(program, speech), control),
            UTF_8);
        yield words(
            "qbittorrent-nox --skip-dialog=true --add-paused=false",
            List.of(
                "--profile=" + home,
                "--webui-port=" + control,
                "--save-path=" + data,
                torrent.toString()));
      }
      case ARIA2 ->
          words(
              "aria2c --no-conf --seed-ratio=0 --check-integrity=true --enable-dht=false"
                  + " --enable-dht6=false --bt-enable-lpd=false --enable-peer-exchange=false"
                  + " --file-allocation=none"
                  + option(program, speech),
              List.of("--listen-port=" + port, "--dir=" + data, torrent.toString()));
      case LIBTORRENT -> {
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-c", LIBTORRENT));
        command.addAll(List.of("" + port, torrent.toString(), data.toString()));
        command.addAll(List.of(option(program, speech).split(" ", -1)));
        yield command;
      }
    };
  }

  /** How a program is told what to speak. */
  private static String option(Program program, Speech speech) {
    String option =
        switch (program) {
          case TRANSMISSION ->
              switch (speech) {
                case USUAL -> "";
                case RC4 -> " --encryption-required";
                default -> null;
              };
          case QBITTORRENT ->
              switch (speech) {
                case USUAL -> "0";
                case RC4 -> "1";
                case PLAINTEXT -> "2";
                default -> null;
              };
          case ARIA2 ->
              switch (speech) {
                case USUAL -> "";
                case RC4 -> " --bt-force-encryption=true";
                case OBFUSCATED_PLAINTEXT -> " --bt-require-crypto=true";
                default -> null;
              };
          // Its policy: 0 forced, 1 enabled, 2 disabled; and level: 1 plaintext, 2 RC4, 3 both.
          case LIBTORRENT ->
              switch (speech) {
                case USUAL -> "1 3";
                case RC4 -> "0 2";
                case OBFUSCATED_PLAINTEXT -> "0 1";
                case PLAINTEXT -> "2 3";
              };
        };
    if (option == null) {
      throw new IllegalArgumentException(program + " can't be made to speak " + speech);
    }
    return option;
  }

  private static List<String> words(String fixed, List<String> more) {
    return java.util.stream.Stream.concat(
            java.util.Arrays.stream(fixed.split(" ", -1)), more.stream())
        .toList();
  }

  /** Where it listens for peers. */
  InetSocketAddress address() {
    return address;
  }

  /** Whether it accepts peers; fails if it has ended. */
  private boolean isListening() throws IOException {
    if (!process.isAlive()) {
      throw new AssertionError("ended with " + process.exitValue() + ":\n" + log());
    }
    try (java.net.Socket socket = new java.net.Socket()) {
      socket.connect(address, 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** What it wrote. */
  String log() throws IOException {
    return Files.readString(log, UTF_8);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
