package io.swarmgate.backend.observe;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What was delivered of late, by where it came from, in steps of 2 s over 5 minutes. Keeps no
 * timer: steps in which nothing was delivered are found empty when somebody looks. Thread-safe.
 */
public final class Throughput implements Observer {
  /** Seconds in a step. */
  public static final int STEP_SECONDS = 2;

  private static final int STEPS = 150;
  private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(STEP_SECONDS);

  private final LongSupplier nanoTime;
  private final long began;
  private final Map<Provenance, long[]> bytes = new EnumMap<>(Provenance.class);

  /** The step that was written to last. */
  private long latest;

  public Throughput() {
    this(System::nanoTime);
  }

  Throughput(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
    for (Provenance from : Provenance.values()) {
      bytes.put(from, new long[STEPS]);
    }
  }

  @Override
  public synchronized void delivered(String site, Provenance from, long count) {
    bytes.getOrDefault(from, new long[STEPS])[slot(advance())] += count;
  }

  /** Bytes of each step that is over, the oldest first; fewer than 150 after a start. */
  public synchronized Map<Provenance, List<Long>> steps() {
    long now = advance();
    Map<Provenance, List<Long>> all = new EnumMap<>(Provenance.class);
    bytes.forEach(
        (from, counts) -> {
          List<Long> steps = new ArrayList<>();
          for (long step = Math.max(0, now - STEPS + 1); step < now; step++) {
            steps.add(counts[slot(step)]);
          }
          all.put(from, steps);
        });
    return all;
  }

  private long advance() {
    long now = (nanoTime.getAsLong() - began) / STEP_NANOS;
    for (long step = Math.max(latest + 1, now - STEPS + 1); step <= now; step++) {
      for (long[] counts : bytes.values()) {
        counts[slot(step)] = 0;
      }
    }
    latest = Math.max(latest, now);
    return latest;
  }

  private static int slot(long step) {
    return (int) (step % STEPS);
  }
}
