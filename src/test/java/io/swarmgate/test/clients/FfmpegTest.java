package io.swarmgate.test.clients;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Nodes;
import io.swarmgate.test.harness.Nodes.At;
import io.swarmgate.test.harness.Nodes.Published;
import io.swarmgate.test.harness.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** ffmpeg and ffprobe, which seek in what they read. */
@Tag("interop")
@ExtendWith(Nodes.Shared.class)
class FfmpegTest {
  @TempDir private static Path directory;

  private static Path movie = Path.of("");

  @BeforeAll
  static void makeMovie() throws Exception {
    movie = Movie.make(directory, "ffmpeg");
  }

  @ParameterizedTest
  @EnumSource
  void whatStandsAtTheEndIsReadFirstAndAFrameFarBehindIsTheSame(At at, Nodes nodes)
      throws Exception {
    Published file = nodes.publish(at, "movie.mp4", Files.readAllBytes(movie));
    String url = file.uri().toString();

    assertThat(probe(url)).isEqualTo(probe(movie.toString()));
    file.awaitRequest(access -> access.range().filter(FfmpegTest::isNearTheEnd).isPresent());

    assertThat(frame(url)).isNotEmpty().isEqualTo(frame(movie.toString()));
  }

  /** Whether a range begins where there is nothing of the video itself any more. */
  private static boolean isNearTheEnd(String range) {
    long start = Long.parseLong(range.substring("bytes=".length(), range.indexOf('-')));
    return start > movie.toFile().length() * 9 / 10;
  }

  /** What ffprobe says of a file's streams and packets. */
  private static String probe(String input) throws Exception {
    return Program.run(
        directory,
        List.of("ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_packets", input));
  }

  /** The pixels of one frame. */
  private static byte[] frame(String input) throws Exception {
    Path pixels = directory.resolve("pixels");
    Program.run(
        directory,
        List.of(
            "ffmpeg",
            "-v",
            "error",
            "-y",
            "-ss",
            "17.3",
            "-i",
            input,
            "-frames:v",
            "1",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            pixels.toString()));
    return Files.readAllBytes(pixels);
  }
}
