package io.swarmgate.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Http;
import io.swarmgate.test.harness.Install;
import io.swarmgate.test.harness.JettyBase;
import io.swarmgate.test.harness.JettyProcess;
import io.swarmgate.test.harness.Servers;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;

/** Web applications behind us: they answer what we don't, and don't see our classes. */
class WebappTest {
  private static final int LENGTH = 2 << 20;

  @RegisterExtension final Servers servers = new Servers();

  @Test
  void aWebApplicationAnswersTheRestAndDoesNotSeeOurClasses() throws Exception {
    byte[] big = servers.file("content/app/big.bin", LENGTH);
    JettyBase base = publisher("ee11-deploy");
    Path app = base.directory().resolve("webapps/app");
    Files.createDirectories(app.resolve("WEB-INF"));
    Files.writeString(app.resolve("page.txt"), "a page");
    Files.writeString(
        app.resolve("WEB-INF/web.xml"),
        """
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.1">
          <servlet>
            <servlet-name>classes</servlet-name>
            <servlet-class>io.swarmgate.test.ClassesServlet</servlet-class>
          </servlet>
          <servlet-mapping>
            <servlet-name>classes</servlet-name>
            <url-pattern>/classes</url-pattern>
          </servlet-mapping>
        </web-app>
        """);
    copyClass(ClassesServlet.class, app.resolve("WEB-INF/classes"));
    JettyProcess node = servers.start(base);

    assertThat(Http.get(node.uri("/app/big.bin")).body()).isEqualTo(big);
    assertThat(text(Http.get(node.uri("/app/page.txt")))).isEqualTo("a page");
    assertThat(text(Http.get(node.uri("/app/classes"))).lines())
        .containsExactly(
            "io.swarmgate.jetty.SwarmgateHandler hidden",
            "io.swarmgate.backend.Backend hidden",
            "com.google.common.collect.ImmutableList hidden",
            "jakarta.servlet.Servlet visible");
  }

  @Test
  void aStaticContextAnswersTheRest() throws Exception {
    byte[] big = servers.file("content/site/big.bin", LENGTH);
    JettyBase base = publisher("static-deploy");
    Path site = base.directory().resolve("webapps/site");
    Files.createDirectories(site);
    Files.writeString(site.resolve("page.txt"), "a page");
    Files.writeString(base.directory().resolve("webapps/site.properties"), "environment=static\n");
    JettyProcess node = servers.start(base);

    assertThat(Http.get(node.uri("/site/big.bin")).body()).isEqualTo(big);
    assertThat(text(Http.get(node.uri("/site/page.txt")))).isEqualTo("a page");
  }

  @Test
  void compressionModulesLeaveOurResponsesAlone() throws Exception {
    byte[] big = "compress me, ".repeat(200_000).getBytes(UTF_8);
    Files.createDirectories(servers.directory().resolve("content/app"));
    Files.write(servers.directory().resolve("content/app/big.txt"), big);
    JettyBase base =
        publisher("gzip", "compression-gzip", "statistics", "graceful", "static-deploy");
    Path site = base.directory().resolve("webapps/site");
    Files.createDirectories(site);
    Files.writeString(site.resolve("page.txt"), "a page ".repeat(1000));
    Files.writeString(base.directory().resolve("webapps/site.properties"), "environment=static\n");
    JettyProcess node = servers.start(base);

    HttpResponse<byte[]> theirs = Http.get(node.uri("/site/page.txt"), "Accept-Encoding", "gzip");
    assertThat(theirs.headers().firstValue("Content-Encoding")).hasValue("gzip");

    HttpResponse<byte[]> part =
        Http.get(node.uri("/app/big.txt"), "Accept-Encoding", "gzip", "Range", "bytes=13-1300012");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(big, 13, 1300013));

    HttpResponse<byte[]> whole = Http.get(node.uri("/app/big.txt"), "Accept-Encoding", "gzip");
    assertThat(whole.headers().firstValue("Content-Encoding")).isEmpty();
    assertThat(whole.headers().firstValue("Content-Type")).hasValue("text/plain");
    assertThat(whole.body()).isEqualTo(big);
  }

  /** Each with jars of its own, in both environments of Servlet that Jetty has. */
  @Test
  void webApplicationsDeclareTheFilterThemselves() throws Exception {
    JettyBase base = servers.base("server", "ee11-deploy", "ee10-deploy").set("enabled", "false");
    Path webapps = base.directory().resolve("webapps");
    for (String environment : List.of("ee10", "ee11")) {
      declareFilter(webapps.resolve(environment));
      Files.writeString(
          webapps.resolve(environment + ".properties"), "environment=" + environment + "\n");
    }
    byte[] content = servers.file("content/ee10/big.bin", LENGTH);
    servers.file("content/ee11/big.bin", LENGTH);
    JettyProcess server = servers.start(base);

    for (String environment : List.of("ee10", "ee11")) {
      HttpResponse<byte[]> part =
          Http.get(server.uri("/" + environment + "/big.bin"), "Range", "bytes=7-1500000");
      assertThat(part.statusCode()).as(environment).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(content, 7, 1_500_001));
      assertThat(text(Http.get(server.uri("/" + environment + "/page.txt")))).isEqualTo("a page");
    }
  }

  /** What the README says for containers other than Jetty, and holds for it too. */
  private void declareFilter(Path app) throws Exception {
    Path unpacked = servers.directory().resolve("unpacked");
    Install.unzip(Install.zip(), unpacked);
    Path lib = Files.createDirectories(app.resolve("WEB-INF/lib"));
    try (Stream<Path> jars = Files.list(unpacked.resolve("lib/swarmgate/" + Install.version()))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()));
      }
    }
    // Jetty has it, but hides its own from web applications.
    Path slf4j = Path.of(Logger.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Files.copy(slf4j, lib.resolve("slf4j-api.jar"));
    Files.writeString(app.resolve("page.txt"), "a page");
    Path settings = app.resolve("WEB-INF/swarmgate.properties");
    Files.writeString(
        settings,
        """
        patterns = /*
        content = %s
        store = %s
        peerPort = 0
        adminListen = off
        """
            .formatted(
                servers.directory().resolve("content"),
                servers.directory().resolve("store-" + app.getFileName())));
    Files.writeString(
        app.resolve("WEB-INF/web.xml"),
        """
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
          <filter>
            <filter-name>swarmgate</filter-name>
            <filter-class>io.swarmgate.filter.servlet.SwarmgateFilter</filter-class>
            <async-supported>true</async-supported>
            <init-param>
              <param-name>config</param-name>
              <param-value>%s</param-value>
            </init-param>
          </filter>
          <filter-mapping>
            <filter-name>swarmgate</filter-name>
            <url-pattern>/*</url-pattern>
            <dispatcher>REQUEST</dispatcher>
            <dispatcher>ASYNC</dispatcher>
          </filter-mapping>
        </web-app>
        """
            .formatted(settings));
  }

  private JettyBase publisher(String... modules) throws Exception {
    return servers
        .base("publisher", modules)
        .set("patterns", "/*")
        .set("content", servers.directory().resolve("content").toString());
  }

  private static void copyClass(Class<?> type, Path classes) throws Exception {
    String name = type.getName().replace('.', '/') + ".class";
    Path file = classes.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    try (InputStream in =
        Objects.requireNonNull(WebappTest.class.getClassLoader()).getResourceAsStream(name)) {
      Files.copy(Objects.requireNonNull(in), file);
    }
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }
}
