package io.swarmgate.filter.admin;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks something up at most twice a second, however many ask for it. Thread-safe; who asks while
 * it is looked up waits for that.
 */
final class Memo<T> implements Supplier<T> {
  private static final long FRESH = TimeUnit.MILLISECONDS.toNanos(500);

  private final Supplier<T> source;
  private @Nullable T known;
  private long knownAt;

  Memo(Supplier<T> source) {
    this.source = source;
  }

  @Override
  public synchronized T get() {
    T value = known;
    if (value == null || System.nanoTime() - knownAt > FRESH) {
      value = source.get();
      known = value;
      knownAt = System.nanoTime();
    }
    return value;
  }
}
