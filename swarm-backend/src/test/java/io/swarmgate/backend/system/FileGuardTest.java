package io.swarmgate.backend.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileGuardTest {
  @TempDir Path dir;
  private Path file;

  @BeforeEach
  void makeFile() throws IOException {
    file = Files.writeString(dir.resolve("x"), "hello");
  }

  @Test
  void anUntouchedFileMatches() throws IOException {
    assertThat(FileGuard.of(file).mismatch(file)).isEmpty();
  }

  @Test
  void aTruncatedFileIsNamedWithBothSizes() throws IOException {
    FileGuard guard = FileGuard.of(file);
    Files.writeString(file, "hell");
    assertThatThrownBy(() -> guard.check(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("5 bytes")
        .hasMessageContaining("4 bytes");
  }

  @Test
  void aFileRenamedOverItIsAnother() throws IOException {
    FileGuard guard = FileGuard.of(file);
    Path other = Files.writeString(dir.resolve("y"), "hello");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(guard.mismatch(file)).isPresent();
  }

  @Test
  void aModificationTimeSetBackDoesNotHideAnOverwrite() throws IOException {
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    FileGuard guard = FileGuard.of(file);
    Files.writeString(file, "HELLO", StandardOpenOption.WRITE);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    // The kernel's clock for files ticks every few milliseconds; a change within one tick of the
    // guard's making can't be seen.
    await()
        .untilAsserted(
            () -> {
              Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
              assertThat(guard.mismatch(file)).isPresent();
            });
  }

  @Test
  void neitherAMissingFileNorADirectoryHasAGuard() throws IOException {
    assertThatThrownBy(() -> FileGuard.of(dir)).hasMessageContaining("expected a regular file");
    Files.delete(file);
    assertThatThrownBy(() -> FileGuard.of(file)).isInstanceOf(NoSuchFileException.class);
  }
}
