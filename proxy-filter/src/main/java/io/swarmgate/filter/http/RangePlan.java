package io.swarmgate.filter.http;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.List;

/** What a request is answered with from a representation: a status and the bytes of its body. */
public sealed interface RangePlan {
  /**
   * The bytes of the body, in the order sent; of a HEAD, those that a GET would be sent.
   *
   * @param length the representation's
   */
  default List<ByteSpan> spans(long length) {
    return List.of();
  }

  /** 200: everything; for a HEAD, its head. */
  record Full() implements RangePlan {
    @Override
    public List<ByteSpan> spans(long length) {
      return List.of(new ByteSpan(0, length));
    }
  }

  /**
   * 206 with one range as its body.
   *
   * @param span within the representation, not empty
   */
  record Single(ByteSpan span) implements RangePlan {
    @Override
    public List<ByteSpan> spans(long length) {
      return List.of(span);
    }
  }

  /**
   * 206 with several ranges as multipart/byteranges.
   *
   * @param spans at least two, disjoint and not adjoining, not empty, in the order to be sent
   */
  record Multi(List<ByteSpan> spans) implements RangePlan {
    public Multi {
      spans = List.copyOf(spans);
    }

    @Override
    public List<ByteSpan> spans(long length) {
      return spans;
    }
  }

  /** 304. */
  record NotModified() implements RangePlan {}

  /** 412. */
  record PreconditionFailed() implements RangePlan {}

  /** 416: no range asked for is there. */
  record Unsatisfiable() implements RangePlan {}
}
