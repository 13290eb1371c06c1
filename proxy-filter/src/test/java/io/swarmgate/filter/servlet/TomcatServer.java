package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.SourceAttributes;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.WebServer;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.catalina.AccessLog;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ValveBase;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.jspecify.annotations.Nullable;

/** Tomcat, 11 or 10.1: what the class was loaded with. Speaks HTTP/2 too, asked by an upgrade. */
final class TomcatServer implements WebServer {
  private final Tomcat tomcat = new Tomcat();
  private final @Nullable Connector tls;
  private final Path base;
  private final BlockingQueue<Optional<Object>> log = new LinkedBlockingQueue<>();

  static WebServer start(Backend backend, InstantSource clock, @Nullable TestKeys keys)
      throws IOException, LifecycleException {
    SwarmgateFilter filter = Container.filter(backend, clock);
    return new TomcatServer(List.of(""), () -> filter, Map.of(), keys);
  }

  /** Starts an application at each of these paths, each with a filter of these settings. */
  static WebServer deploy(List<String> paths, Map<String, String> settings)
      throws IOException, LifecycleException {
    return new TomcatServer(paths, SwarmgateFilter::new, settings, null);
  }

  private TomcatServer(
      List<String> paths,
      Supplier<SwarmgateFilter> filters,
      Map<String, String> settings,
      @Nullable TestKeys keys)
      throws IOException, LifecycleException {
    // Two Tomcats in one process, each with its classes, can't both have the one there may be.
    TomcatURLStreamHandlerFactory.disable();
    base = Files.createTempDirectory("tomcat");
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(0);
    tomcat.setHostname("localhost");
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("maxThreads", Integer.toString(Container.THREADS));
    tomcat.getConnector().setProperty("compression", "force");
    tomcat.getConnector().addUpgradeProtocol(http2());
    tls = keys == null ? null : tls(keys);
    if (tls != null) {
      tomcat.getService().addConnector(tls);
    }
    for (String path : paths) {
      Context context = tomcat.addContext(path, null);
      SwarmgateFilter filter = filters.get();
      context.addServletContainerInitializer(
          (classes, servlets) -> Registration.register(servlets, filter, settings), Set.of());
      context.addMimeMapping("txt", "text/plain");
      context.getPipeline().addValve(new Log(log));
    }
    tomcat.start();
  }

  private static Connector tls(TestKeys keys) {
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setSecure(true);
    connector.setScheme("https");
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("maxThreads", Integer.toString(Container.THREADS));
    connector.setProperty("compression", "force");
    connector.setProperty("SSLEnabled", "true");
    SSLHostConfig host = new SSLHostConfig();
    SSLHostConfigCertificate own =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    own.setCertificateKeystoreFile(keys.store().toString());
    own.setCertificateKeystorePassword(TestKeys.PASSWORD);
    own.setCertificateKeystoreType("PKCS12");
    host.addCertificate(own);
    connector.addSslHostConfig(host);
    connector.addUpgradeProtocol(http2());
    return connector;
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public int tlsPort() {
    Connector connector = tls;
    if (connector == null) {
      throw new IllegalStateException("started without keys");
    }
    return connector.getLocalPort();
  }

  @Override
  public BlockingQueue<Optional<Object>> log() {
    return log;
  }

  /** What an AccessLogValve sees, {@code %{NAME}r} of its pattern. */
  private static final class Log extends ValveBase implements AccessLog {
    private final BlockingQueue<Optional<Object>> lines;

    Log(BlockingQueue<Optional<Object>> lines) {
      super(true);
      this.lines = lines;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      getNext().invoke(request, response);
    }

    @Override
    public void log(Request request, Response response, long time) {
      lines.add(Optional.ofNullable(request.getAttribute(SourceAttributes.PEERS)));
    }

    @Override
    public void setRequestAttributesEnabled(boolean enabled) {}

    @Override
    public boolean getRequestAttributesEnabled() {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      tomcat.stop();
      tomcat.destroy();
      try (Stream<Path> files = Files.walk(base)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    } catch (LifecycleException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Tomcat writes HTTP/2 to the socket with a thread that waits for it, and needs another one to
   * tell that thread. So a connection's share of the threads must be less than all; their number is
   * 20 by default, of 200. Its time limits are 5 seconds, which a loaded machine may need.
   */
  private static Http2Protocol http2() {
    Http2Protocol http2 = new Http2Protocol();
    http2.setMaxConcurrentStreamExecution(Container.THREADS / 2);
    http2.setReadTimeout(60_000);
    http2.setWriteTimeout(60_000);
    http2.setStreamReadTimeout(60_000);
    http2.setStreamWriteTimeout(60_000);
    http2.setKeepAliveTimeout(60_000);
    return http2;
  }
}
