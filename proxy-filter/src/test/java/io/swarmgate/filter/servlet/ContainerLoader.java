package io.swarmgate.filter.servlet;

import io.swarmgate.backend.Backend;
import io.swarmgate.filter.testing.TestKeys;
import io.swarmgate.filter.testing.WebServer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Loads a container of another version than the class path's, with the Servlet API that it brings:
 * these, and our classes that are linked to them, come from jars that the build has put under
 * {@code target/containers}, and all else from the class path.
 */
final class ContainerLoader extends URLClassLoader {
  private static final List<String> APART =
      List.of(
          "jakarta.servlet.",
          "org.apache.",
          "org.eclipse.jetty.ee10.",
          "io.swarmgate.filter.servlet.");

  private ContainerLoader(List<URL> urls) {
    super(urls.toArray(new URL[0]), ContainerLoader.class.getClassLoader());
  }

  /** One for each directory: Jetty's environments want to be loaded once. */
  private static final Map<String, ContainerLoader> LOADERS = new HashMap<>();

  /** Takes the jars in one of the directories. */
  static synchronized ContainerLoader of(String directory) throws IOException {
    ContainerLoader known = LOADERS.get(directory);
    if (known == null) {
      known = make(directory);
      LOADERS.put(directory, known);
    }
    return known;
  }

  private static ContainerLoader make(String directory) throws IOException {
    List<URL> urls = new ArrayList<>();
    try (Stream<Path> jars = Files.list(Path.of("target/containers", directory))) {
      for (Path jar : jars.sorted().toList()) {
        urls.add(jar.toUri().toURL());
      }
    }
    if (urls.isEmpty()) {
      throw new IOException("no jars for " + directory);
    }
    for (Class<?> ours : List.of(SwarmgateFilter.class, ContainerLoader.class)) {
      urls.add(ours.getProtectionDomain().getCodeSource().getLocation());
    }
    return new ContainerLoader(urls);
  }

  /** Starts a server of ours by its class's name. */
  WebServer start(String name, Backend backend, InstantSource clock, @Nullable TestKeys keys)
      throws Exception {
    Method start =
        serverClass(name)
            .getDeclaredMethod("start", Backend.class, InstantSource.class, TestKeys.class);
    return invoke(start, backend, clock, keys);
  }

  /** The same with applications that register the filter themselves. */
  WebServer deploy(String name, List<String> paths, Map<String, String> settings) throws Exception {
    return invoke(
        serverClass(name).getDeclaredMethod("deploy", List.class, Map.class), paths, settings);
  }

  private Class<?> serverClass(String name) throws ClassNotFoundException {
    return loadClass(ContainerLoader.class.getPackageName() + "." + name);
  }

  private WebServer invoke(Method start, @Nullable Object... arguments) throws Exception {
    start.setAccessible(true);
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(this);
    try {
      return (WebServer) start.invoke(null, arguments);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (APART.stream().noneMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  public @Nullable URL getResource(String name) {
    URL own = findResource(name);
    return own == null ? super.getResource(name) : own;
  }
}
