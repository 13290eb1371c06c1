package io.swarmgate.backend.store;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How a store works.
 *
 * @param max quota in bytes, at least 1
 * @param extentBytes bytes in an extent, roughly
 * @param mapped whether slices are mapped, or else read into pooled buffers
 * @param grace how long a written piece is kept for its first reader, in nanoseconds
 * @param clock nanoseconds from any origin
 */
record StoreOptions(long max, int extentBytes, boolean mapped, long grace, LongSupplier clock) {
  private static final int EXTENT = 64 << 20;
  private static final long UNLIMITED = 1L << 60;
  private static final long GRACE = TimeUnit.SECONDS.toNanos(2);

  /** At most 64 MiB in an extent, fewer in a small store: what is evicted at a time stays small. */
  static StoreOptions of(long max, boolean mapped) {
    if (max < 1) {
      throw new IllegalArgumentException("storeMax: expected at least 1 byte, got " + max);
    }
    int extent = (int) Math.max(1, Math.min(EXTENT, max / 32));
    return new StoreOptions(Math.min(max, UNLIMITED), extent, mapped, GRACE, System::nanoTime);
  }

  boolean isBusy(Extent extent) {
    return extent.isBusy(clock.getAsLong(), grace);
  }
}
