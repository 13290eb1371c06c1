package io.swarmgate.samples;

import io.swarmgate.filter.servlet.SwarmgateFilter;
import jakarta.servlet.DispatcherType;
import java.nio.file.Path;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** A Tomcat of one's own with Swarmgate's filter before its servlets. */
public final class EmbeddedTomcat {
  private EmbeddedTomcat() {}

  /**
   * Serves on loopback until it is told to stop. Tomcat's own files go below {@code tomcat}.
   *
   * @param arguments a port, and settings as NAME=VALUE
   */
  public static void main(String... arguments) throws Exception {
    Tomcat tomcat = start(Arguments.of("EmbeddedTomcat", arguments), Path.of("tomcat"));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(tomcat)));
    System.out.println("Serving http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/");
    tomcat.getServer().await();
  }

  static Tomcat start(Arguments arguments, Path base) throws LifecycleException {
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    tomcat.setPort(arguments.port());
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    // Writes of 8 KiB at a time, as they are unless told, make large ranges slow.
    tomcat.getConnector().setProperty("socket.appWriteBufSize", "65536");

    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "own", new DefaultServlet());
    context.addServletMappingDecoded("/", "own");
    addFilter(context, arguments);
    tomcat.start();
    // Tomcat runs on without an application whose filter doesn't start; the log says why.
    if (!context.getState().isAvailable()) {
      stop(tomcat);
      throw new LifecycleException("the application could not be started");
    }
    return tomcat;
  }

  private static void addFilter(Context context, Arguments arguments) {
    FilterDef definition = new FilterDef();
    definition.setFilterName("swarmgate");
    definition.setFilter(new SwarmgateFilter());
    definition.setAsyncSupported("true");
    arguments.settings().forEach(definition::addInitParameter);
    context.addFilterDef(definition);

    FilterMap mapping = new FilterMap();
    mapping.setFilterName(definition.getFilterName());
    mapping.addURLPattern("/*");
    mapping.setDispatcher(DispatcherType.REQUEST.name());
    mapping.setDispatcher(DispatcherType.ASYNC.name());
    context.addFilterMap(mapping);
  }

  private static void stop(Tomcat tomcat) {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      System.err.println("EmbeddedTomcat: " + e);
    }
  }
}
