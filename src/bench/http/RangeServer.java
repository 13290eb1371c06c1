import io.swarmgate.filter.servlet.SwarmgateFilter;
import io.swarmgate.jetty.SwarmgateHandler;
import jakarta.servlet.DispatcherType;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.eclipse.jetty.ee11.servlet.DefaultServlet;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * One server of the bench, on loopback, with its container's defaults.
 *
 * <pre>RangeServer KIND PORT TLS_PORT KEYSTORE ROOT [NAME=VALUE ...]</pre>
 *
 * <p>Speaks HTTP/1.1 and HTTP/2 (prior knowledge) on PORT, and HTTP/1.1 over TLS on TLS_PORT. ROOT
 * is what a container's own file server serves; the NAMEs are a node's settings, for the kinds that
 * have one. Says {@code READY} once it listens, and ends with its standard input.
 */
public final class RangeServer {
  private static final String HOST = "127.0.0.1";
  private static final String PASSWORD = "changeit";

  private final int port;
  private final int tlsPort;
  private final String keystore;
  private final Path root;
  private final Map<String, String> settings;

  private RangeServer(
      int port, int tlsPort, String keystore, Path root, Map<String, String> settings) {
    this.port = port;
    this.tlsPort = tlsPort;
    this.keystore = keystore;
    this.root = root;
    this.settings = settings;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> settings = new LinkedHashMap<>();
    for (int i = 5; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      settings.put(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    RangeServer server =
        new RangeServer(
            Integer.parseInt(args[1]),
            Integer.parseInt(args[2]),
            args[3],
            Path.of(args[4]),
            settings);
    AutoCloseable running = server.start(args[0]);
    System.out.println("READY");
    while (System.in.read() >= 0) {
      // Nothing is said to a server.
    }
    running.close();
    System.exit(0);
  }

  private AutoCloseable start(String kind) throws Exception {
    return switch (kind) {
      case "filter" -> jetty(filtered());
      case "handler" -> jetty(handler());
      case "defaultservlet" -> jetty(defaultServlet());
      case "resourcehandler" -> jetty(resourceHandler());
      case "tomcat" -> tomcat(false, false);
      case "filter-tomcat" -> tomcat(true, false);
      case "filter-tomcat-64k" -> tomcat(true, true);
      default -> throw new IllegalArgumentException(kind);
    };
  }

  private static ServletContextHandler context() {
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/");
    return context;
  }

  private Handler filtered() {
    ServletContextHandler context = context();
    FilterHolder holder = new FilterHolder(new SwarmgateFilter());
    holder.setInitParameters(settings);
    holder.setAsyncSupported(true);
    context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    context.addServlet(new ServletHolder("default", DefaultServlet.class), "/");
    return context;
  }

  private Handler handler() {
    SwarmgateHandler handler = new SwarmgateHandler();
    settings.forEach(handler::set);
    return handler;
  }

  private Handler defaultServlet() {
    ServletContextHandler context = context();
    context.setBaseResourceAsPath(root);
    context.addServlet(new ServletHolder("default", DefaultServlet.class), "/");
    return context;
  }

  private Handler resourceHandler() {
    ResourceHandler handler = new ResourceHandler();
    handler.setBaseResource(ResourceFactory.of(handler).newResource(root));
    return handler;
  }

  private AutoCloseable jetty(Handler handler) throws Exception {
    Server server = new Server();
    HttpConfiguration http = new HttpConfiguration();
    ServerConnector plain =
        new ServerConnector(
            server, new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http));
    plain.setHost(HOST);
    plain.setPort(port);
    server.addConnector(plain);

    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setKeyStorePath(keystore);
    tls.setKeyStorePassword(PASSWORD);
    HttpConfiguration https = new HttpConfiguration(http);
    https.addCustomizer(new SecureRequestCustomizer(false));
    ServerConnector secure =
        new ServerConnector(
            server,
            new SslConnectionFactory(tls, "http/1.1"),
            new HttpConnectionFactory(https));
    secure.setHost(HOST);
    secure.setPort(tlsPort);
    server.addConnector(secure);

    server.setHandler(handler);
    server.start();
    return server::stop;
  }

  private AutoCloseable tomcat(boolean filtered, boolean large) throws IOException, LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(root.resolveSibling("tomcat-" + port).toString());
    Connector plain = tomcat.getConnector();
    plain.setPort(port);
    plain.setProperty("address", HOST);
    // A connection here lives as long as it is used; Tomcat would close it after 100 requests.
    plain.setProperty("maxKeepAliveRequests", "-1");
    if (large) {
      // What it writes at a time, 8 KiB unless told.
      plain.setProperty("socket.appWriteBufSize", Integer.toString(64 * 1024));
    }
    plain.addUpgradeProtocol(new Http2Protocol());

    Connector secure = new Connector();
    secure.setPort(tlsPort);
    secure.setProperty("address", HOST);
    secure.setProperty("maxKeepAliveRequests", "-1");
    secure.setScheme("https");
    secure.setSecure(true);
    ((AbstractHttp11Protocol<?>) secure.getProtocolHandler()).setSSLEnabled(true);
    SSLHostConfig host = new SSLHostConfig();
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
    certificate.setCertificateKeystoreFile(keystore);
    certificate.setCertificateKeystorePassword(PASSWORD);
    host.addCertificate(certificate);
    secure.addSslHostConfig(host);
    tomcat.getService().addConnector(secure);

    Context context = tomcat.addContext("", new File(root.toString()).getAbsolutePath());
    Wrapper files =
        Tomcat.addServlet(context, "default", "org.apache.catalina.servlets.DefaultServlet");
    files.setLoadOnStartup(1);
    files.setAsyncSupported(true);
    context.addServletMappingDecoded("/", "default");
    if (filtered) {
      addFilter(context);
    }
    tomcat.start();
    return () -> {
      tomcat.stop();
      tomcat.destroy();
    };
  }

  private void addFilter(Context context) {
    FilterDef definition = new FilterDef();
    definition.setFilterName("swarmgate");
    definition.setFilter(new SwarmgateFilter());
    definition.setAsyncSupported("true");
    settings.forEach(definition::addInitParameter);
    context.addFilterDef(definition);
    FilterMap map = new FilterMap();
    map.setFilterName("swarmgate");
    map.addURLPattern("/*");
    map.setDispatcher(DispatcherType.REQUEST.name());
    map.setDispatcher(DispatcherType.ASYNC.name());
    context.addFilterMap(map);
  }
}
