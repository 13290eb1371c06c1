package io.swarmgate.filter.http;

import io.swarmgate.backend.metainfo.ByteSpan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Range field in the bytes unit, {@code bytes=0-499,-500} (RFC 9110 section 14.1.2).
 *
 * @param specs at least one, in the order they were asked for
 */
public record RangeHeader(List<Spec> specs) {
  private static final String UNIT = "bytes=";

  public RangeHeader {
    specs = List.copyOf(specs);
  }

  /** One range asked for, before the representation's length is known. */
  public sealed interface Spec {
    /** The bytes meant, or null if none of them are there. */
    @Nullable ByteSpan within(long length);
  }

  /**
   * An int-range, {@code 0-499} or {@code 500-}.
   *
   * @param first first position
   * @param last last position, {@link Long#MAX_VALUE} if it is open
   */
  record Interval(long first, long last) implements Spec {
    @Override
    public @Nullable ByteSpan within(long length) {
      // The one place where the wire's closed interval becomes a half-open one.
      return first < length ? new ByteSpan(first, Math.min(last, length - 1) + 1) : null;
    }
  }

  /**
   * A suffix-range, {@code -500}: the last bytes.
   *
   * @param count how many
   */
  record Suffix(long count) implements Spec {
    @Override
    public @Nullable ByteSpan within(long length) {
      return count > 0 && length > 0 ? new ByteSpan(Math.max(0, length - count), length) : null;
    }
  }

  /**
   * Reads a field value; null if it is malformed or in another unit, and so to be ignored. Empty
   * list elements are passed over, numbers beyond a long count as the largest one.
   */
  public static @Nullable RangeHeader parse(String value) {
    if (!value.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return null;
    }
    List<Spec> specs = new ArrayList<>();
    for (int at = UNIT.length(); at <= value.length(); ) {
      int comma = value.indexOf(',', at);
      int end = comma < 0 ? value.length() : comma;
      String element = trim(value, at, end);
      if (!element.isEmpty()) {
        Spec spec = parseSpec(element);
        if (spec == null) {
          return null;
        }
        specs.add(spec);
      }
      at = end + 1;
    }
    return specs.isEmpty() ? null : new RangeHeader(specs);
  }

  private static @Nullable Spec parseSpec(String element) {
    int dash = element.indexOf('-');
    if (dash < 0) {
      return null;
    }
    String first = element.substring(0, dash);
    String last = element.substring(dash + 1);
    if (!isDigits(first) || !isDigits(last)) {
      return null;
    }
    if (first.isEmpty()) {
      return last.isEmpty() ? null : new Suffix(number(last));
    }
    if (last.isEmpty()) {
      return new Interval(number(first), Long.MAX_VALUE);
    }
    return compare(first, last) <= 0 ? new Interval(number(first), number(last)) : null;
  }

  /** Compares two numbers of any size by their digits. */
  private static int compare(String left, String right) {
    String a = withoutLeadingZeros(left);
    String b = withoutLeadingZeros(right);
    return a.length() != b.length() ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
  }

  private static long number(String digits) {
    try {
      return Long.parseLong(withoutLeadingZeros(digits));
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static String withoutLeadingZeros(String digits) {
    int at = 0;
    while (at < digits.length() - 1 && digits.charAt(at) == '0') {
      at++;
    }
    return digits.substring(at);
  }

  private static boolean isDigits(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Strips OWS, spaces and tabs, and nothing else. */
  private static String trim(String text, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isOws(text.charAt(start))) {
      start++;
    }
    while (start < end && isOws(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isOws(char c) {
    return c == ' ' || c == '\t';
  }
}
