package io.swarmgate.filter.admin;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds what a method and path are answered by. Filled before it is asked. */
final class Router {
  private record Key(String method, String path) {}

  private final Map<Key, Resource> resources = new LinkedHashMap<>();

  Router get(String path, Resource resource) {
    resources.put(new Key("GET", path), resource);
    return this;
  }

  Router post(String path, Resource resource) {
    resources.put(new Key("POST", path), resource);
    return this;
  }

  /** HEAD is answered as GET is, by whoever sends no body then. */
  Optional<Resource> find(String method, String path) {
    String as = method.equals("HEAD") ? "GET" : method;
    return Optional.ofNullable(resources.get(new Key(as, path)));
  }

  /** Everything there is, each as {@code METHOD PATH}. */
  Set<String> all() {
    Set<String> all = new TreeSet<>();
    resources.keySet().forEach(key -> all.add(key.method() + ' ' + key.path()));
    return all;
  }

  /** The methods of a path, for Allow; empty if there is no such path. */
  String allowed(String path) {
    TreeSet<String> methods = new TreeSet<>();
    for (Key key : resources.keySet()) {
      if (key.path().equals(path)) {
        methods.add(key.method());
      }
    }
    if (methods.contains("GET")) {
      methods.add("HEAD");
    }
    return String.join(", ", methods);
  }
}
