package io.swarmgate.test.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A download by a process of its own, which may be in a network namespace. It compares every byte
 * with a file, and tells when a quarter has come and how long it waited for bytes at most.
 */
public final class WatchedDownload implements AutoCloseable {
  private static final String QUARTER = "quarter";
  private static final String DONE = "done";

  private final Process process;
  private final BufferedReader lines;

  private WatchedDownload(Process process) {
    this.process = process;
    this.lines = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII));
  }

  /**
   * Begins it.
   *
   * @param within what goes before its command
   * @param expected a file with what is to come
   */
  public static WatchedDownload start(List<String> within, URI uri, Path expected)
      throws IOException {
    List<String> command = new ArrayList<>(within);
    command.add(Install.java().toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(WatchedDownload.class.getName(), uri.toString(), expected.toString()));
    return new WatchedDownload(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Waits until a quarter has come. */
  public void awaitQuarter() throws IOException {
    hear(QUARTER);
  }

  /**
   * Waits until all has come.
   *
   * @return the longest time without a byte, once there was one
   */
  public Duration awaitEnd() throws IOException {
    return Duration.ofMillis(Long.parseLong(hear(DONE)));
  }

  /** The rest of the next line, which has to begin with a word. */
  private String hear(String word) throws IOException {
    String line = lines.readLine();
    if (line == null || !line.startsWith(word)) {
      throw new IOException("expected \"" + word + "\", got \"" + line + '"');
    }
    return line.substring(word.length()).strip();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** Downloads a URL, the first argument, and compares it with a file, the second. */
  public static void main(String... arguments) throws Exception {
    byte[] expected = Files.readAllBytes(Path.of(arguments[1]));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(arguments[0])).timeout(Duration.ofSeconds(60)).build();
    HttpResponse<InputStream> response =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .build()
            .send(request, HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      throw new IOException("expected 200, got " + response.statusCode());
    }
    try (InputStream body = response.body()) {
      System.out.println(DONE + " " + compare(body, expected));
    }
  }

  /** Returns the longest wait in milliseconds. */
  private static long compare(InputStream body, byte[] expected) throws IOException {
    byte[] buffer = new byte[64 << 10];
    int at = 0;
    long longest = 0;
    long last = 0;
    for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
      long now = System.nanoTime();
      longest = at == 0 ? 0 : Math.max(longest, now - last);
      last = now;
      if (!Arrays.equals(buffer, 0, read, expected, at, at + read)) {
        throw new IOException("wrong bytes at " + at);
      }
      if (at < expected.length / 4 && at + read >= expected.length / 4) {
        System.out.println(QUARTER);
      }
      at += read;
    }
    if (at != expected.length) {
      throw new IOException("expected " + expected.length + " bytes, got " + at);
    }
    return TimeUnit.NANOSECONDS.toMillis(longest);
  }
}
