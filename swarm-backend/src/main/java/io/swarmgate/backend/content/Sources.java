package io.swarmgate.backend.content;

/**
 * Where the bytes of a response came from.
 *
 * @param store bytes that were here when it began
 * @param peers bytes that peers brought since
 * @param origin bytes that an origin brought since
 * @param stalledMillis how long it waited for them, in milliseconds
 */
public record Sources(long store, long peers, long origin, long stalledMillis) {
  /** Of a response that didn't wait, or of which nobody knows. */
  public Sources(long store, long peers, long origin) {
    this(store, peers, origin, 0);
  }

  /** The same of a response that waited so long. */
  public Sources stalled(long millis) {
    return new Sources(store, peers, origin, millis);
  }
}
