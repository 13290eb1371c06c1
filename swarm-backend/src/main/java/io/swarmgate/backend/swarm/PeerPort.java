package io.swarmgate.backend.swarm;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port that peers dial. */
final class PeerPort {
  private static final Logger LOG = LoggerFactory.getLogger(PeerPort.class);
  private static final int BACKLOG = 256;

  /** Takes over a connection that has just been made; called on the loop. */
  @FunctionalInterface
  interface Visitors {
    void arrived(SocketChannel channel) throws IOException;
  }

  private final ServerSocketChannel server;

  /** Binds it; nothing is bound, or left open, if that fails. */
  PeerPort(InetSocketAddress listen) throws IOException {
    server = ServerSocketChannel.open();
    try {
      server.configureBlocking(false);
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(listen, BACKLOG);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Begins to take connections. On the loop. */
  void open(EventLoop loop, Visitors visitors) {
    EventLoop.ChannelHandler acceptor =
        new EventLoop.ChannelHandler() {
          @Override
          public void ready(SelectionKey key) throws IOException {
            for (SocketChannel channel = server.accept();
                channel != null;
                channel = server.accept()) {
              visitors.arrived(channel);
            }
          }

          @Override
          public void failed(Exception cause) {
            LOG.warn("A peer's connection could not be accepted: {}", cause.getMessage());
          }
        };
    try {
      loop.register(server, SelectionKey.OP_ACCEPT, acceptor);
    } catch (IOException e) {
      LOG.error("The peer port accepts no connections", e);
    }
  }

  /** The address it is bound to. */
  InetSocketAddress address() throws IOException {
    return (InetSocketAddress) server.getLocalAddress();
  }

  void close() {
    try {
      server.close();
    } catch (IOException e) {
      LOG.debug("Closing the peer port", e);
    }
  }
}
