package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several sites in one server, from a {@code config} file. */
class SitesTest {
  @RegisterExtension final Servers servers = new Servers();

  @Test
  void eachHostHasItsOwnSite() throws Exception {
    byte[] a = servers.file("a/f.bin", 2 << 20);
    byte[] b = servers.file("b/f.bin", (2 << 20) + 1);
    JettyBase base = servers.base("publisher").set("config", "sites.properties");
    Files.writeString(
        base.directory().resolve("sites.properties"),
        """
        sites=first,second
        first.hosts=a.example
        first.patterns=/*
        first.content=../a
        second.hosts=b.example
        second.patterns=*.bin
        second.content=../b
        """);
    JettyProcess node = servers.start(base);

    assertThat(tail(node, "a.example", a.length)).isEqualTo(a);
    assertThat(tail(node, "b.example", b.length)).isEqualTo(b);
    assertThat(head(node, "c.example")).startsWith("HTTP/1.1 404");
  }

  private static byte[] tail(JettyProcess node, String host, int length) throws Exception {
    byte[] all = get(node, host);
    return Arrays.copyOfRange(all, all.length - length, all.length);
  }

  private static String head(JettyProcess node, String host) throws Exception {
    return new String(get(node, host), UTF_8);
  }

  /** A plain socket, since the JDK's client sets the Host itself. */
  private static byte[] get(JettyProcess node, String host) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", node.uri("").getPort())) {
      socket.setSoTimeout(20_000);
      String request = "GET /f.bin HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(UTF_8));
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(all);
      return all.toByteArray();
    }
  }
}
