package io.swarmgate.backend.swarm.bt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swarmgate.backend.swarm.Announce;
import io.swarmgate.backend.swarm.Announced;
import io.swarmgate.backend.swarm.TrackerRefusedException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UdpTrackerTest {
  private static final long CONNECTION = 0x1122334455667788L;

  /** Milliseconds in which an answer comes, also on a loaded machine. */
  private static final int PATIENT = 20_000;

  private final List<byte[]> received = new CopyOnWriteArrayList<>();
  private final List<DatagramSocket> servers = new ArrayList<>();

  @AfterEach
  void stop() {
    servers.forEach(DatagramSocket::close);
  }

  @Test
  void anAnnounceConnectsFirstAndSaysWhoWeAre() throws Exception {
    serve("127.0.0.1", 0, request -> announced(request, 900, "\12\0\0\1\32\353"));
    Announced announced = announce("/announce?passkey=1", Announce.Event.STARTED, "192.0.2.7");
    assertThat(announced.interval()).isEqualTo(Duration.ofSeconds(900));
    assertThat(announced.minInterval()).isZero();
    assertThat(announced.peers()).containsExactly(new InetSocketAddress("10.0.0.1", 6891));

    ByteBuffer connect = ByteBuffer.wrap(received.get(0));
    assertThat(connect.remaining()).isEqualTo(16);
    assertThat(connect.getLong(0)).isEqualTo(0x41727101980L);
    assertThat(connect.getInt(8)).isZero();
    ByteBuffer request = ByteBuffer.wrap(received.get(1));
    assertThat(request.getLong(0)).isEqualTo(CONNECTION);
    assertThat(request.getInt(8)).isEqualTo(1);
    assertThat(request.get(17)).as("info-hash").isEqualTo((byte) 1);
    assertThat(request.getLong(56)).as("downloaded").isEqualTo(2);
    assertThat(request.getLong(64)).as("left").isEqualTo(3);
    assertThat(request.getLong(72)).as("uploaded").isEqualTo(1);
    assertThat(request.getInt(80)).as("event").isEqualTo(2);
    assertThat(request.getInt(84)).as("ip").isEqualTo(0xc0000207);
    assertThat(request.getInt(88)).as("key").isEqualTo(15);
    assertThat(request.getInt(92)).as("numwant").isEqualTo(50);
    assertThat(request.getShort(96)).as("port").isEqualTo((short) 7000);
    String rest =
        new String(received.get(1), 98, received.get(1).length - 98, StandardCharsets.ISO_8859_1);
    assertThat(rest).isEqualTo("\2\23/announce?passkey=1");
  }

  @Test
  void lostDatagramsAreSentAgain() throws Exception {
    serve("127.0.0.1", 2, request -> announced(request, 900, ""));
    assertThat(announce("", Announce.Event.NONE, "", 200, 200, PATIENT).peers()).isEmpty();
    // Two that are lost, one that isn't, and one or more of what is asked then.
    assertThat(received).hasSizeGreaterThanOrEqualTo(4);
    assertThat(List.copyOf(received).subList(0, 3)).allMatch(datagram -> datagram.length == 16);
  }

  @Test
  void answersToOthersAreIgnored() throws Exception {
    serve("127.0.0.1", 0, request -> announced(request, 900, "").putInt(4, 4711));
    assertThatThrownBy(() -> announce("", Announce.Event.NONE, "", 200, 200))
        .cause()
        .isExactlyInstanceOf(IOException.class)
        .hasMessageContaining("got none");
  }

  @Test
  void anErrorIsARefusal() throws Exception {
    serve(
        "127.0.0.1",
        0,
        request ->
            ByteBuffer.allocate(15)
                .putInt(3)
                .putInt(request.getInt(12))
                .put("go away".getBytes(StandardCharsets.US_ASCII))
                .flip());
    assertThatThrownBy(() -> announce("", Announce.Event.NONE, ""))
        .cause()
        .isInstanceOf(TrackerRefusedException.class)
        .hasMessage("go away");
  }

  @Test
  void aTruncatedAnswerIsAFailure() throws Exception {
    serve(
        "127.0.0.1",
        0,
        request -> ByteBuffer.allocate(12).putInt(1).putInt(request.getInt(12)).putInt(9).flip());
    assertThatThrownBy(() -> announce("", Announce.Event.NONE, ""))
        .cause()
        .isExactlyInstanceOf(IOException.class);
  }

  @Test
  void overIpv6PeersAreIpv6() throws Exception {
    serve(
        "::1", 0, request -> announced(request, 900, " \1\r\270\0\0\0\0\0\0\0\0\0\0\0\7\377\377"));
    assertThat(announce("", Announce.Event.NONE, "").peers())
        .containsExactly(new InetSocketAddress("2001:db8::7", 65535));
  }

  private static ByteBuffer announced(ByteBuffer request, int interval, String peers) {
    return ByteBuffer.allocate(20 + peers.length())
        .putInt(1)
        .putInt(request.getInt(12))
        .putInt(interval)
        .putInt(0)
        .putInt(1)
        .put(peers.getBytes(StandardCharsets.ISO_8859_1))
        .flip();
  }

  /** Loses the first datagrams, connects whoever asks, and answers announces as told. */
  private void serve(String host, int lost, UnaryOperator<ByteBuffer> answer) throws IOException {
    DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(host));
    servers.add(socket);
    Thread thread =
        new Thread(
            () -> {
              for (int count = 0; !socket.isClosed(); count++) {
                try {
                  DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
                  socket.receive(packet);
                  received.add(Arrays.copyOf(packet.getData(), packet.getLength()));
                  ByteBuffer request = ByteBuffer.wrap(packet.getData());
                  ByteBuffer reply =
                      request.getInt(8) == 0
                          ? ByteBuffer.allocate(16)
                              .putInt(0)
                              .putInt(request.getInt(12))
                              .putLong(CONNECTION)
                              .flip()
                          : answer.apply(request);
                  if (count >= lost) {
                    socket.send(
                        new DatagramPacket(
                            reply.array(), reply.limit(), packet.getSocketAddress()));
                  }
                } catch (IOException e) {
                  return;
                }
              }
            },
            "test-udp-tracker");
    thread.setDaemon(true);
    thread.start();
  }

  private Announced announce(String target, Announce.Event event, String host) throws Exception {
    return announce(target, event, host, PATIENT);
  }

  /**
   * @param tries milliseconds that each waits for an answer
   */
  private Announced announce(String target, Announce.Event event, String host, int... tries)
      throws Exception {
    DatagramSocket server = servers.get(0);
    String at = server.getLocalAddress().getHostAddress().contains(":") ? "[::1]" : "127.0.0.1";
    URI url = URI.create("udp://" + at + ":" + server.getLocalPort() + target);
    UdpTracker tracker = new UdpTracker(url, task -> new Thread(task).start(), tries);
    return tracker
        .announce(HttpTrackerTest.announce(event, host))
        .toCompletableFuture()
        .get(2L * PATIENT, TimeUnit.MILLISECONDS);
  }
}
