package io.swarmgate.filter.http;

import io.swarmgate.backend.content.Body;
import io.swarmgate.backend.content.Sources;
import java.util.function.BiConsumer;

/**
 * Request attributes for an access log: how many bytes of a response came from where, as Longs. Set
 * when the response has ended, however it did; not set where there is only one place they can have
 * come from.
 */
public final class SourceAttributes {
  /** Bytes that were in the store when the response began. */
  public static final String STORE = "io.swarmgate.bytes.store";

  /** Bytes that peers brought. */
  public static final String PEERS = "io.swarmgate.bytes.peers";

  /** Bytes that an origin brought. */
  public static final String ORIGIN = "io.swarmgate.bytes.origin";

  /** Milliseconds in which the response waited for content. */
  public static final String STALLED = "io.swarmgate.stalled.ms";

  private SourceAttributes() {}

  /** Sets them by way of {@code setter}, a request's. */
  public static void set(Body body, BiConsumer<String, Object> setter) {
    Sources sources = body.sources();
    if (sources != null) {
      setter.accept(STORE, sources.store());
      setter.accept(PEERS, sources.peers());
      setter.accept(ORIGIN, sources.origin());
      setter.accept(STALLED, sources.stalledMillis());
    }
  }
}
