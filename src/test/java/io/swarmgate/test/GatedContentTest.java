package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Arrays.copyOfRange;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import io.swarmgate.test.harness.Gateway;
import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Content that not everybody may have: on a publisher a web application's login decides ({@code
 * chain}), and an edge asks its origin, which goes by a cookie ({@code origin}).
 */
class GatedContentTest {
  private static final int LENGTH = (3 << 20) + 123;
  private static final String PATH = "/app/big.bin";
  private static final String COOKIE = "member=yes";
  private static final String LOGIN = basic("ann:secret");

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void noByteReachesWhomThePublishersLoginOrTheEdgesOriginRefuses() throws Exception {
    byte[] content = servers.file("publisher/webapps" + PATH, LENGTH);
    int peerPort = Ports.free();
    JettyProcess publisher = servers.start(publisher(peerPort));
    Caller member = new Caller(publisher.uri(PATH), content, "Authorization", LOGIN);
    Caller stranger = new Caller(publisher.uri(PATH), content);
    stranger.isRefused();
    assertThat(
            new Caller(publisher.uri(PATH), content, "Authorization", basic("ann:guessed"))
                .status())
        .isEqualTo(401);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(member.get().headers().firstValue("ETag")).isPresent();
              assertThat(publisher.status().allHashed()).isTrue();
            });
    member.isServed();
    stranger.isRefused();

    try (Gateway gateway = new Gateway(publisher.uri(""), COOKIE, LOGIN)) {
      JettyBase base =
          servers
              .base("edge")
              .set("patterns", "*.bin")
              .set("origin", gateway.uri("").toString())
              .set("peers", "127.0.0.1:" + peerPort)
              // Longer than a loaded machine needs for a piece: the origin is to bring none.
              .set("maxStall", "15s")
              .set("authorize", "origin");
      JettyProcess edge = servers.start(base);
      Caller first = new Caller(edge.uri(PATH), content);
      first.isRefused();
      Caller holder = new Caller(edge.uri(PATH), content, "Cookie", COOKIE);
      holder.isServed();
      first.isRefused();
      new Caller(edge.uri(PATH), content, "Authorization", LOGIN).isRefused();
      holder.isServed();
      assertThat(edge.status().downloaded()).isGreaterThanOrEqualTo(LENGTH);
      // The metainfo.
      assertThat(gateway.bytes()).isLessThan(LENGTH / 2);
    }
  }

  /** One who asks for the file with certain fields, in every way that there is. */
  private record Caller(URI uri, byte[] content, String... fields) {
    HttpResponse<byte[]> get(String... more) throws Exception {
      return Http.get(uri, with(more));
    }

    int status() throws Exception {
      return get().statusCode();
    }

    private String[] with(String... more) {
      String[] all = Arrays.copyOf(fields, fields.length + more.length);
      System.arraycopy(more, 0, all, fields.length, more.length);
      return all;
    }

    void isServed() throws Exception {
      HttpResponse<byte[]> all = get();
      assertThat(all.statusCode()).isEqualTo(200);
      assertThat(all.body()).isEqualTo(content);
      String etag = all.headers().firstValue("ETag").orElseThrow();
      HttpResponse<byte[]> part = get("Range", "bytes=1000000-2000000", "If-Range", etag);
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(copyOfRange(content, 1000000, 2000001));
      assertThat(get("If-None-Match", etag).statusCode()).isEqualTo(304);
      HttpResponse<byte[]> head = Http.head(uri, with());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(content.length);
      assertThat(all.headers().firstValue("Cache-Control").orElse("")).contains("no-cache");
    }

    void isRefused() throws Exception {
      assertRefused(get());
      assertRefused(get("Range", "bytes=1000000-2000000"));
      assertRefused(get("Range", "bytes=0-1,5-9"));
      assertRefused(get("If-None-Match", "*"));
      assertRefused(get("If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"));
      assertRefused(Http.head(uri, with()));
    }

    private static void assertRefused(HttpResponse<byte[]> response) {
      assertThat(response.statusCode()).isEqualTo(401);
      assertThat(response.headers().firstValue("WWW-Authenticate")).isPresent();
      assertThat(response.headers().firstValue("ETag")).isEmpty();
      assertThat(response.headers().firstValue("Repr-Digest")).isEmpty();
      assertThat(response.body()).hasSizeLessThan(10_000);
    }
  }

  /** One whose files are those of a web application that asks for a login. */
  private JettyBase publisher(int peerPort) throws Exception {
    JettyBase base =
        servers
            .base("publisher", "ee11-deploy", "ee11-security")
            .set("patterns", "*.bin")
            .set("content", servers.directory().resolve("publisher/webapps").toString())
            .set("peerPort", Integer.toString(peerPort))
            .set("authorize", "chain");
    Path app = base.directory().resolve("webapps/app");
    Files.createDirectories(app.resolve("WEB-INF"));
    Files.writeString(
        app.resolve("WEB-INF/web.xml"),
        """
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.1">
          <security-constraint>
            <web-resource-collection>
              <web-resource-name>all</web-resource-name>
              <url-pattern>/*</url-pattern>
            </web-resource-collection>
            <auth-constraint>
              <role-name>member</role-name>
            </auth-constraint>
          </security-constraint>
          <security-role>
            <role-name>member</role-name>
          </security-role>
          <login-config>
            <auth-method>BASIC</auth-method>
            <realm-name>members</realm-name>
          </login-config>
        </web-app>
        """);
    Path users =
        Files.writeString(base.directory().resolve("users.properties"), "ann: secret, member\n");
    Files.writeString(
        base.directory().resolve("webapps/app.xml"),
        """
        <?xml version="1.0"?>
        <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
        <Configure class="org.eclipse.jetty.ee11.webapp.WebAppContext">
          <Call class="org.eclipse.jetty.util.resource.ResourceFactory" name="root">
            <Call id="users" name="newResource">
              <Arg type="String">%s</Arg>
            </Call>
          </Call>
          <Set name="contextPath">/app</Set>
          <Set name="war">%s</Set>
          <Get name="securityHandler">
            <Set name="loginService">
              <New class="org.eclipse.jetty.security.HashLoginService">
                <Set name="name">members</Set>
                <Set name="config"><Ref refid="users"/></Set>
              </New>
            </Set>
          </Get>
        </Configure>
        """
            .formatted(users, app));
    return base;
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
  }
}
