package io.swarmgate.backend.origin;

import static io.swarmgate.backend.origin.EdgeFixture.CONTENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.content.ContentReader;
import io.swarmgate.backend.content.Representation;
import io.swarmgate.backend.content.Sources;
import io.swarmgate.backend.testing.Reading;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests that each have an edge of their own, as it is by default. */
abstract class EdgeTests {
  static final String FRESH = "max-age=60";

  @TempDir Path base;
  EdgeFixture edge;

  @BeforeEach
  void start() throws Exception {
    edge = new EdgeFixture(base, Map.of());
  }

  @AfterEach
  void end() {
    edge.close();
  }

  /** Reads all of a file, closes it, and returns where the bytes came from. */
  static @Nullable Sources sources(Representation file) throws Exception {
    try (file;
        ContentReader reader = file.reader()) {
      assertThat(Reading.all(reader, file.length())).isEqualTo(CONTENT);
      return reader.sources();
    }
  }
}
