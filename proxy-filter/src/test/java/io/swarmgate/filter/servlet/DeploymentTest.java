package io.swarmgate.filter.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.Field;
import io.swarmgate.backend.testing.Ports;
import io.swarmgate.filter.testing.RawClient;
import io.swarmgate.filter.testing.RawResponse;
import io.swarmgate.filter.testing.WebServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Constants;
import org.apache.catalina.startup.ContextConfig;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The filter as an operator puts it into web applications, each with a node of its settings. */
class DeploymentTest {
  @TempDir Path base;
  private final Tomcat tomcat = new Tomcat();
  private final byte[] content = new byte[300_000];

  @BeforeEach
  void prepare() throws IOException {
    new Random(1).nextBytes(content);
    for (String path : List.of("a/files", "b/files")) {
      Path directory = Files.createDirectories(base.resolve("content").resolve(path));
      Files.write(directory.resolve("x.bin"), content);
    }
    TomcatURLStreamHandlerFactory.disable();
    tomcat.setBaseDir(Files.createDirectories(base.resolve("tomcat")).toString());
    tomcat.setPort(0);
    tomcat.setHostname("localhost");
    tomcat.getConnector().setProperty("address", "127.0.0.1");
  }

  @AfterEach
  void stop() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
  }

  @Test
  void aDeclarationInWebXmlIsAllItTakes() throws Exception {
    Path webapp = Files.createDirectories(base.resolve("webapp/WEB-INF"));
    String parameters =
        settings().entrySet().stream()
            .map(
                each ->
                    "<init-param><param-name>%s</param-name><param-value>%s</param-value></init-param>"
                        .formatted(each.getKey(), each.getValue()))
            .collect(Collectors.joining("\n"));
    Files.writeString(
        webapp.resolve("web.xml"),
        """
        <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
          <filter>
            <filter-name>swarmgate</filter-name>
            <filter-class>io.swarmgate.filter.servlet.SwarmgateFilter</filter-class>
            <async-supported>true</async-supported>
            %s
          </filter>
          <filter-mapping>
            <filter-name>swarmgate</filter-name>
            <url-pattern>/*</url-pattern>
            <dispatcher>REQUEST</dispatcher>
            <dispatcher>ASYNC</dispatcher>
          </filter-mapping>
        </web-app>
        """
            .formatted(parameters));
    Context context = tomcat.addContext("/a", base.resolve("webapp").toString());
    ContextConfig config = new ContextConfig();
    config.setDefaultWebXml(Constants.NoDefaultWebXml);
    context.addLifecycleListener(config);
    end(context);
    tomcat.start();

    assertServed(port(), "/a/files/x.bin");
    assertThat(get(port(), "/a/other").status()).isEqualTo(200);

    ClassLoader application = context.getLoader().getClassLoader();
    context.stop();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getContextClassLoader() == application);
  }

  /** Were there two nodes, the second would find the peer port and the store taken. */
  @ParameterizedTest
  @EnumSource
  void twoApplicationsThatRegisterItWithTheSameSettingsShareANode(Container container)
      throws Exception {
    try (WebServer server = container.deploy(List.of("/a", "/b"), settings())) {
      assertServed(server.port(), "/a/files/x.bin");
      assertServed(server.port(), "/b/files/x.bin");
      assertThat(get(server.port(), "/b/other").status()).isEqualTo(200);
    }
  }

  private static void end(Context context) {
    Tomcat.addServlet(context, "last", new LastServlet()).addMapping("/");
  }

  private void assertServed(int port, String path) throws IOException {
    RawResponse response = get(port, path);
    assertThat(response.status()).isEqualTo(206);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(content, 1000, 200_001));
  }

  private int port() {
    return tomcat.getConnector().getLocalPort();
  }

  private static RawResponse get(int port, String path) throws IOException {
    return RawClient.exchange(port, "GET", path, List.of(new Field("Range", "bytes=1000-200000")));
  }

  private Map<String, String> settings() throws IOException {
    return Map.of(
        "patterns",
        "/a/files/*,/b/files/*",
        "content",
        base.resolve("content").toString(),
        "minSize",
        "0",
        "store",
        base.resolve("store").toString(),
        "peerPort",
        Integer.toString(Ports.free()),
        "adminListen",
        "off");
  }
}
