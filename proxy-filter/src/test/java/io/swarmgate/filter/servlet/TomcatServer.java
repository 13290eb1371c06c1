package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.http.SourceAttributes;
import io.swarmgate.filter.testing.WebServer;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.apache.catalina.AccessLog;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ValveBase;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** Tomcat, 11 or 10.1: what the class was loaded with. Speaks HTTP/2 too, asked by an upgrade. */
final class TomcatServer implements WebServer {
  private final Tomcat tomcat = new Tomcat();
  private final Path base;
  private final BlockingQueue<Optional<Object>> log = new LinkedBlockingQueue<>();

  static WebServer start(Backend backend, InstantSource clock)
      throws IOException, LifecycleException {
    return new TomcatServer(Container.filter(backend, clock));
  }

  private TomcatServer(SwarmgateFilter filter) throws IOException, LifecycleException {
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
    Context context = tomcat.addContext("", null);
    FilterDef definition = new FilterDef();
    definition.setFilterName("swarmgate");
    definition.setFilter(filter);
    definition.setAsyncSupported("true");
    context.addFilterDef(definition);
    FilterMap map = new FilterMap();
    map.setFilterName("swarmgate");
    map.addURLPattern("/*");
    map.setDispatcher(DispatcherType.REQUEST.name());
    map.setDispatcher(DispatcherType.ASYNC.name());
    context.addFilterMap(map);
    Wrapper last = Tomcat.addServlet(context, "last", new LastServlet());
    last.setAsyncSupported(true);
    last.addMapping("/");
    context.addMimeMapping("txt", "text/plain");
    context.getPipeline().addValve(new Log(log));
    tomcat.start();
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
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

  /** Its own limits are 5 seconds, which a loaded machine may need for a few megabytes. */
  private static Http2Protocol http2() {
    Http2Protocol http2 = new Http2Protocol();
    http2.setReadTimeout(60_000);
    http2.setWriteTimeout(60_000);
    http2.setStreamReadTimeout(60_000);
    http2.setStreamWriteTimeout(60_000);
    http2.setKeepAliveTimeout(60_000);
    return http2;
  }
}
