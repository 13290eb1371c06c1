package io.swarmgate.backend.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Sidecars;
import io.swarmgate.backend.status.FileStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an edge knows, URL by URL, in memory and on disk. Bounded, since clients can make up URLs
 * without end. Holds a pin of each generation it knows. Thread-safe.
 */
final class EdgeMemory {
  private static final Logger LOG = LoggerFactory.getLogger(EdgeMemory.class);
  private static final int MAX_URLS = 10_000;

  private final Sidecars sidecars;
  private final Executor notes;
  private final BiConsumer<String, String> changed;
  private final Cache<String, Knowledge> known;

  /**
   * Takes where notes are kept.
   *
   * @param notes runs the writing of notes, one after the other
   * @param changed told of URLs whose content has changed, and what became of it
   */
  EdgeMemory(Sidecars sidecars, Executor notes, BiConsumer<String, String> changed) {
    this.changed = changed;
    this.sidecars = sidecars;
    this.notes = notes;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MAX_URLS)
            .<String, Knowledge>removalListener(
                (key, value, cause) -> {
                  if (cause.wasEvicted() && key != null) {
                    dropped(key, value);
                  }
                })
            .executor(Runnable::run)
            .build();
  }

  /** The notes of an earlier run. Blocks on the disk. */
  List<EdgeNote> notes() throws IOException {
    List<EdgeNote> all = new ArrayList<>();
    for (byte[] bytes : sidecars.all()) {
      try {
        all.add(EdgeNote.decode(bytes));
      } catch (IOException e) {
        LOG.warn("A note on a URL is unreadable: {}", e.getMessage());
      }
    }
    return all;
  }

  Optional<Knowledge> find(String key) {
    return Optional.ofNullable(known.getIfPresent(key));
  }

  /** The files that are served from swarms. */
  List<FileStatus> files() {
    List<FileStatus> files = new ArrayList<>();
    known
        .asMap()
        .forEach(
            (key, knowledge) -> {
              if (knowledge instanceof Knowledge.Accelerated accelerated) {
                Generation generation = accelerated.generation();
                TorrentFacts facts = generation.facts();
                files.add(
                    new FileStatus(
                        key,
                        accelerated.head().length(),
                        facts == null ? null : facts.infoHash(),
                        facts == null ? generation.hashed() : accelerated.head().length()));
              }
            });
    return files;
  }

  /** Puts knowledge in place of what was known before, whose generation is let go. */
  void put(String key, Knowledge now) {
    Knowledge before = known.asMap().put(key, now);
    if (now instanceof Knowledge.Accelerated accelerated) {
      note(key, accelerated);
    }
    if (before instanceof Knowledge.Accelerated old && !isOf(now, old.generation())) {
      old.generation().release();
      changed.accept(
          key,
          now instanceof Knowledge.Direct
              ? "the origin's content can't be had from a swarm any more"
              : "the origin has new content");
      if (now instanceof Knowledge.Direct) {
        notes.execute(() -> sidecars.delete(key));
      }
    }
  }

  /** Notes what is known of a generation that has got its torrent, if it is still what is known. */
  void noteAgain(String key, Generation generation) {
    Knowledge now = known.getIfPresent(key);
    if (now instanceof Knowledge.Accelerated accelerated && isOf(now, generation)) {
      note(key, accelerated);
    }
  }

  /** Nothing is noted of what would be lost with this process anyway. */
  private void note(String key, Knowledge.Accelerated accelerated) {
    TorrentFacts facts = accelerated.generation().facts();
    if (facts != null) {
      notes.execute(() -> sidecars.write(key, EdgeNote.of(key, facts, accelerated).encode()));
    }
  }

  /** Takes up what was noted, without noting it again. */
  void restore(EdgeNote note, Generation generation) {
    known.put(note.key(), note.knowledge(generation));
  }

  /** Puts knowledge in place of what can't be used, if that is still what is known. */
  void replace(String key, Knowledge unusable, Knowledge now) {
    if (known.asMap().replace(key, unusable, now)) {
      dropped(key, unusable);
    }
  }

  /** Forgets a note that leads nowhere. */
  void forgetNote(String key) {
    notes.execute(() -> sidecars.delete(key));
  }

  /**
   * Forgets some URLs.
   *
   * @param paths whether a decoded path is among them
   * @param each told of each generation that was served under one
   * @return how many URLs were forgotten
   */
  int purge(Predicate<String> paths, Consumer<Generation> each) {
    int purged = 0;
    for (Map.Entry<String, Knowledge> entry : Map.copyOf(known.asMap()).entrySet()) {
      String path = entry.getKey().split("\\?", 2)[0];
      if (paths.test(path) && known.asMap().remove(entry.getKey(), entry.getValue())) {
        dropped(entry.getKey(), entry.getValue());
        purged++;
        if (entry.getValue() instanceof Knowledge.Accelerated accelerated) {
          each.accept(accelerated.generation());
        }
      }
    }
    return purged;
  }

  private void dropped(String key, @Nullable Knowledge old) {
    if (old instanceof Knowledge.Accelerated accelerated) {
      accelerated.generation().release();
      forgetNote(key);
    }
  }

  private static boolean isOf(Knowledge knowledge, Generation generation) {
    return knowledge instanceof Knowledge.Accelerated accelerated
        && accelerated.generation() == generation;
  }
}
