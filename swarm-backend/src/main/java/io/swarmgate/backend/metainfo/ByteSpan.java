package io.swarmgate.backend.metainfo;

/**
 * A half-open span of byte positions, {@code [start, end)}. Closed intervals exist only on the
 * wire.
 *
 * @param start first position, at least 0
 * @param end position after the last, at least {@code start}
 */
public record ByteSpan(long start, long end) {
  public ByteSpan {
    if (start < 0 || end < start) {
      throw new IllegalArgumentException(
          "byte span: expected 0 <= start <= end, got [" + start + ", " + end + ")");
    }
  }

  /** Number of bytes. */
  public long length() {
    return end - start;
  }

  public boolean isEmpty() {
    return start == end;
  }

  public boolean contains(long position) {
    return start <= position && position < end;
  }

  @Override
  public String toString() {
    return "[" + start + ", " + end + ")";
  }
}
