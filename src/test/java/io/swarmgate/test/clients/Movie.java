package io.swarmgate.test.clients;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.test.harness.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A video of some megabytes, made by ffmpeg: an MP4 with what a player reads first at its end. */
final class Movie {
  static final int SECONDS = 20;

  private Movie() {}

  /** Makes one of which there is no other of this title. */
  static Path make(Path directory, String title) throws IOException, InterruptedException {
    Path file = directory.resolve("movie.mp4");
    String input = "testsrc2=size=640x360:rate=25:duration=" + SECONDS;
    String command =
        "ffmpeg -v error -f lavfi -i %s -f lavfi -i sine=duration=%d -c:v libx264"
            + " -preset ultrafast -b:v 2M -pix_fmt yuv420p -g 50 -c:a aac -metadata title=%s %s";
    Program.run(directory, command.formatted(input, SECONDS, title, file).split(" ", -1));
    String bytes = Files.readString(file, ISO_8859_1);
    assertThat(bytes.length()).isGreaterThan(2 << 20);
    assertThat(bytes.lastIndexOf("moov")).isGreaterThan(bytes.length() * 9 / 10);
    return file;
  }
}
