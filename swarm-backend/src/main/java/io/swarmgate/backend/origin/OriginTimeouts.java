package io.swarmgate.backend.origin;

import java.time.Duration;

/**
 * How long an origin may take.
 *
 * @param connect until a connection stands
 * @param head from the request to the response's head
 * @param stall without a byte of a response's content while some is wanted
 * @param whole for all of a small response: metainfo, or a piece
 * @param retry between tries of what an origin fails to give
 */
record OriginTimeouts(
    Duration connect, Duration head, Duration stall, Duration whole, Backoff retry) {
  static final OriginTimeouts DEFAULT =
      new OriginTimeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          new Backoff(Duration.ofMillis(200), Duration.ofSeconds(3)));
}
