package io.swarmgate.backend.catalog;

import io.swarmgate.backend.site.UrlPath;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Files that are to be hashed: the one asked for most often first, else the one found first. Used
 * by one thread.
 */
final class HashQueue {
  private record Place(UrlPath path, long requests, long found) {}

  private final Map<UrlPath, Place> places = new HashMap<>();
  private final TreeSet<Place> order =
      new TreeSet<>(
          Comparator.comparingLong(Place::requests).reversed().thenComparingLong(Place::found));
  private long found;

  /** Adds a file at the end; one that is there keeps its place. */
  void add(UrlPath path) {
    if (!places.containsKey(path)) {
      put(new Place(path, 0, found++));
    }
  }

  /** Counts a request for a file, if it is here. */
  void raise(UrlPath path) {
    Place before = places.get(path);
    if (before != null) {
      order.remove(before);
      put(new Place(path, before.requests + 1, before.found));
    }
  }

  private void put(Place place) {
    places.put(place.path, place);
    order.add(place);
  }

  void remove(UrlPath path) {
    Place before = places.remove(path);
    if (before != null) {
      order.remove(before);
    }
  }

  /** Takes out the first file that is ready; empty if none is. */
  Optional<UrlPath> next(Predicate<UrlPath> ready) {
    Optional<UrlPath> next = order.stream().map(Place::path).filter(ready).findFirst();
    next.ifPresent(this::remove);
    return next;
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  /** Those that wait, in their order; a copy. */
  List<UrlPath> all() {
    return order.stream().map(Place::path).toList();
  }
}
