package io.swarmgate.backend.observe;

import io.swarmgate.backend.system.AtomicFile;
import io.swarmgate.backend.system.Workers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node saved its origins, day by day (UTC) and ever, kept across restarts in a small file.
 * It is written a minute after something changed, and when this is closed; an unclean stop loses no
 * more than that minute. A publisher's own files don't count: they have no other origin.
 *
 * <p>Thread-safe. Its lock guards the sums; the file is written outside of it.
 */
public final class Savings implements Observer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Savings.class);
  private static final String FORMAT = "swarmgate savings, format 1";

  /** Days that are kept, today among them. */
  private static final int DAYS = 31;

  private static final int WEEK = 7;
  private static final long WRITE_AFTER_SECONDS = 60;

  private final Path file;
  private final Clock clock;
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(Workers.threads("savings", Thread.MIN_PRIORITY));
  private final TreeMap<LocalDate, Saved> days = new TreeMap<>();
  private Saved ever = Saved.NOTHING;
  private Instant since;
  private boolean writing;
  private boolean closed;

  /**
   * Begins with nothing; what was kept is added by {@link #load}.
   *
   * @param clock says which day it is, by its own zone
   */
  public Savings(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
    this.since = clock.instant();
  }

  /**
   * Adds what an earlier run kept. A damaged file is told in the log, and begun anew: nothing
   * depends on it.
   */
  public void load() {
    try {
      add(Files.readString(file, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      LOG.debug("{}: none yet", file);
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      LOG.warn("{}: what was saved before is unknown: {}", file, e.toString());
    }
  }

  private synchronized void add(String text) {
    String[] lines = text.split("\n", -1);
    if (!lines[0].equals(FORMAT)) {
      throw new IllegalArgumentException("expected \"" + FORMAT + "\", got \"" + lines[0] + '"');
    }
    Map<LocalDate, Saved> read = new TreeMap<>();
    Saved readEver = Saved.NOTHING;
    Instant readSince = since;
    for (int i = 1; i < lines.length; i++) {
      String[] words = lines[i].split(" ", -1);
      if (words.length == 4 && words[0].equals("ever")) {
        readEver = saved(words);
        readSince = Instant.parse(words[1]);
      } else if (words.length == 4 && words[0].equals("day")) {
        read.put(LocalDate.parse(words[1]), saved(words));
      } else if (!lines[i].isEmpty()) {
        throw new IllegalArgumentException("expected \"day DATE BYTES BYTES\", got " + lines[i]);
      }
    }
    read.forEach((day, saved) -> days.merge(day, saved, Saved::plus));
    ever = ever.plus(readEver);
    since = readSince;
  }

  private static Saved saved(String[] words) {
    return new Saved(Long.parseLong(words[2]), Long.parseLong(words[3]));
  }

  @Override
  public void delivered(String site, Provenance from, long bytes) {
    if (from != Provenance.CONTENT) {
      count(new Saved(bytes, 0));
    }
  }

  @Override
  public void originSent(String origin, long bytes) {
    count(new Saved(0, bytes));
  }

  private synchronized void count(Saved more) {
    ever = ever.plus(more);
    days.merge(today(), more, Saved::plus);
    while (days.size() > DAYS) {
      days.pollFirstEntry();
    }
    if (!writing && !closed) {
      writing = true;
      try {
        var unused = writer.schedule(this::write, WRITE_AFTER_SECONDS, TimeUnit.SECONDS);
      } catch (RejectedExecutionException e) {
        LOG.debug("{}: closed", file);
      }
    }
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), clock.getZone());
  }

  /** Since midnight. */
  public synchronized Saved ofToday() {
    return days.getOrDefault(today(), Saved.NOTHING);
  }

  /** Today and the six days before. */
  public synchronized Saved ofWeek() {
    return days.tailMap(today().minusDays(WEEK - 1)).values().stream()
        .reduce(Saved.NOTHING, Saved::plus);
  }

  /** Since the node was first started with this store. */
  public synchronized Saved ever() {
    return ever;
  }

  /** When {@link #ever} began. */
  public synchronized Instant since() {
    return since;
  }

  private synchronized String text() {
    writing = false;
    StringBuilder text = new StringBuilder(FORMAT).append('\n');
    line(text, "ever", since, ever);
    days.forEach((day, saved) -> line(text, "day", day, saved));
    return text.toString();
  }

  private static void line(StringBuilder text, String word, Object when, Saved saved) {
    text.append(word).append(' ').append(when).append(' ');
    text.append(saved.delivered()).append(' ').append(saved.fetched()).append('\n');
  }

  private void write() {
    try {
      AtomicFile.write(file, text().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      LOG.warn("{}: what was saved can't be kept: {}", file, e.toString());
    }
  }

  /** Writes what has changed. The store's directory is still ours. Idempotent. */
  @Override
  public void close() {
    boolean changed;
    synchronized (this) {
      changed = writing;
      closed = true;
    }
    writer.shutdownNow();
    if (changed) {
      Workers.end(writer);
      write();
    }
  }
}
