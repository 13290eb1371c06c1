package io.swarmgate.filter.http;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.List;

/** What a request is answered with from a representation: a status and the bytes of its body. */
public sealed interface RangePlan {
  /** 200: everything; for a HEAD, its head. */
  record Full() implements RangePlan {}

  /**
   * 206 with one range as its body.
   *
   * @param span within the representation, not empty
   */
  record Single(ByteSpan span) implements RangePlan {}

  /**
   * 206 with several ranges as multipart/byteranges.
   *
   * @param spans at least two, disjoint and not adjoining, not empty, in the order to be sent
   */
  record Multi(List<ByteSpan> spans) implements RangePlan {
    public Multi {
      spans = List.copyOf(spans);
    }
  }

  /** 304. */
  record NotModified() implements RangePlan {}

  /** 412. */
  record PreconditionFailed() implements RangePlan {}

  /** 416: no range asked for is there. */
  record Unsatisfiable() implements RangePlan {}
}
