package io.swarmgate.filter.http;

import io.swarmgate.backend.RequestView;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.ByteSpan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decides which bytes a GET or HEAD is answered with (RFC 9110 sections 13.2 and 14.2). Pure: no
 * I/O, no clock, and nothing of a representation but its length and validator.
 */
public final class RangePlanner {
  /**
   * Ranges a request may ask for; with more, the field is ignored and everything is sent. Nobody
   * needs them, and each costs a part header and a seek.
   */
  public static final int MAX_RANGES = 16;

  private RangePlanner() {}

  /**
   * Plans a response.
   *
   * @param length of the representation in bytes, at least 1
   * @param validator the one the response will carry
   * @param dated as of when the representation is what it is, by which a Last-Modified is strong or
   *     not; the response's time, or on a cache that of the stored response
   */
  public static RangePlan plan(
      RequestView request, long length, Validator validator, Instant dated) {
    return switch (Preconditions.evaluate(request, validator, dated)) {
      case NOT_MODIFIED -> new RangePlan.NotModified();
      case PRECONDITION_FAILED -> new RangePlan.PreconditionFailed();
      case PROCEED -> planRange(request, length, validator, dated);
    };
  }

  private static RangePlan planRange(
      RequestView request, long length, Validator validator, Instant dated) {
    List<String> lines = request.fields("Range");
    // Range is defined for GET alone (14.2), and isn't a list field: repeated, it is malformed.
    if (!request.method().equals("GET") || lines.size() != 1) {
      return new RangePlan.Full();
    }
    RangeHeader range = RangeHeader.parse(lines.get(0).strip());
    if (range == null
        || range.specs().size() > MAX_RANGES
        || Preconditions.ifRange(request, validator, dated) == Preconditions.Check.FAILS) {
      return new RangePlan.Full();
    }
    List<ByteSpan> asked = new ArrayList<>();
    for (RangeHeader.Spec spec : range.specs()) {
      ByteSpan span = spec.within(length);
      if (span != null) {
        asked.add(span);
      }
    }
    // Nearly always there is one.
    List<ByteSpan> spans = asked.size() > 1 ? coalesce(asked) : asked;
    return switch (spans.size()) {
      case 0 -> new RangePlan.Unsatisfiable();
      case 1 -> new RangePlan.Single(spans.get(0));
      default -> new RangePlan.Multi(spans);
    };
  }

  /**
   * Merges spans that overlap or adjoin, so that no byte is sent twice whatever is asked for. A
   * merged span takes the place of its first member; the others keep theirs (15.3.7.2).
   */
  private static List<ByteSpan> coalesce(List<ByteSpan> asked) {
    record Placed(int place, ByteSpan span) {}
    List<Placed> sorted = new ArrayList<>();
    for (ByteSpan span : asked) {
      sorted.add(new Placed(sorted.size(), span));
    }
    sorted.sort(Comparator.comparingLong(each -> each.span().start()));
    List<Placed> merged = new ArrayList<>();
    for (Placed next : sorted) {
      int top = merged.size() - 1;
      if (top >= 0 && next.span().start() <= merged.get(top).span().end()) {
        Placed last = merged.get(top);
        long end = Math.max(last.span().end(), next.span().end());
        merged.set(
            top,
            new Placed(
                Math.min(last.place(), next.place()), new ByteSpan(last.span().start(), end)));
      } else {
        merged.add(next);
      }
    }
    merged.sort(Comparator.comparingInt(Placed::place));
    return merged.stream().map(Placed::span).toList();
  }
}
