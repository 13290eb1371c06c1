package io.swarmgate.backend.interop;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** An HTTP tracker that names the same peer to whoever asks, whatever for (BEP 3, BEP 23). */
final class NamingTracker implements AutoCloseable {
  private final HttpServer server;

  NamingTracker(InetSocketAddress peer) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.writeBytes("d8:intervali1800e5:peers6:".getBytes(StandardCharsets.US_ASCII));
    answer.writeBytes(peer.getAddress().getAddress());
    answer.write(peer.getPort() >> 8);
    answer.write(peer.getPort());
    answer.write('e');
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/announce",
        exchange -> {
          exchange.sendResponseHeaders(200, answer.size());
          answer.writeTo(exchange.getResponseBody());
          exchange.close();
        });
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/announce";
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
