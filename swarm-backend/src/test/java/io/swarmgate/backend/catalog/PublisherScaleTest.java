package io.swarmgate.backend.catalog;

import io.swarmgate.backend.config.SwarmBackendConfig;
import io.swarmgate.backend.site.Sidecars;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.store.ExtentStore;
import io.swarmgate.backend.system.FileGuard;
import io.swarmgate.backend.testing.ManyTorrents;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublisherScaleTest {
  @TempDir Path dir;

  @Test
  void aPublisherOfManyFilesKeepsNoMetainfoInMemory() throws Exception {
    ManyTorrents.assertKeptOutOfMemory(Node.class, dir);
  }

  /** Publishes many files in a directory, as if they had been hashed by an earlier run. */
  static final class Node {
    private Node() {}

    public static void main(String[] args) throws Exception {
      Path base = Path.of(args[0]);
      Path files = Files.createDirectories(base.resolve("www/d"));
      SwarmBackendConfig config =
          SwarmBackendConfig.parse(
              Map.of("patterns", "/d/*", "content", "www", "minSize", "1000"), base);
      ExtentStore.open(config.store(), config.storeMax(), true, ManyTorrents.CODEC).close();
      MetainfoCache cache =
          new MetainfoCache(
              new Sidecars(config.store().resolve("published")),
              ManyTorrents.CODEC,
              config.sites().get(0).id(),
              config.secret());
      for (int i = 0; i < ManyTorrents.COUNT; i++) {
        Path file = files.resolve(i + ".bin");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
          sparse.setLength(ManyTorrents.length());
        }
        UrlPath path = UrlPath.parse("/d/" + i + ".bin").orElseThrow();
        if (!cache.keep(path, FileGuard.of(file), ManyTorrents.metainfo(i))) {
          throw new IllegalStateException("expected to keep " + path);
        }
      }
      ManyTorrents.measure(config);
    }
  }
}
