package io.swarmgate.backend.origin;

import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.content.Validator;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.metainfo.TorrentFacts;
import io.swarmgate.backend.site.Sidecars;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.testing.ManyTorrents;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeScaleTest {
  @TempDir Path dir;

  @Test
  void anEdgeThatKnowsManyUrlsKeepsNoMetainfoInMemory() throws Exception {
    ManyTorrents.assertKeptOutOfMemory(Node.class, dir);
  }

  /** Knows many URLs, as if an earlier run had learned of them. */
  static final class Node {
    private Node() {}

    public static void main(String[] args) throws Exception {
      SwarmBackendConfig config =
          SwarmBackendConfig.parse(
              Map.of("patterns", "/d/*", "origin", "http://127.0.0.1:1"), Path.of(args[0]));
      Instant now = Instant.now();
      try (ExtentStore store =
          ExtentStore.open(config.store(), config.storeMax(), true, ManyTorrents.CODEC)) {
        Sidecars notes =
            new Sidecars(config.store().resolve("edge").resolve(config.sites().get(0).id()));
        for (int i = 0; i < ManyTorrents.COUNT; i++) {
          Metainfo metainfo = ManyTorrents.metainfo(i);
          store.open(metainfo).close();
          String key = "/d/" + i + ".bin";
          Head head =
              new Head(ManyTorrents.length(), null, new Validator("\"" + i + "\"", now), List.of());
          TorrentFacts facts = TorrentFacts.of(metainfo);
          EdgeNote note =
              new EdgeNote(
                  key, new Target(key), facts, head, "http://127.0.0.1:1", false, now, now);
          if (!notes.write(key, note.encode())) {
            throw new IllegalStateException("expected to note " + key);
          }
        }
      }
      ManyTorrents.measure(config);
    }
  }
}
