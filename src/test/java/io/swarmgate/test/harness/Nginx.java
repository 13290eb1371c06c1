package io.swarmgate.test.harness;

import static org.awaitility.Awaitility.await;

import io.swarmgate.backend.testing.Ports;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** nginx as Debian has it, one process that serves a directory: an origin that is no Swarmgate. */
public final class Nginx implements AutoCloseable {
  private final Program process;
  private final int port;
  private final Path log;

  private Nginx(Program process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
  }

  /**
   * Starts it and waits until it serves.
   *
   * @param directory its own, for its log and the like
   * @param root what it serves
   * @param rate bytes a second at most of one response, with a unit as nginx has it
   */
  public static Nginx start(Path directory, Path root, String rate)
      throws IOException, InterruptedException {
    int port = Ports.free();
    Path log = directory.resolve("access.log");
    Path configuration = directory.resolve("nginx.conf");
    Files.writeString(
        configuration,
        """
        daemon off;
        master_process off;
        pid %1$s/pid;
        error_log stderr;
        events {}
        http {
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          log_format sent "$body_bytes_sent $request_method $status $request_uri $http_range";
          access_log %2$s sent;
          server {
            listen 127.0.0.1:%3$d;
            root %4$s;
            limit_rate %5$s;
          }
        }
        """
            .formatted(directory, log, port, root, rate));
    Program process =
        Program.start(
            directory,
            // Where it is, which isn't on every user's path.
            "/usr/sbin/nginx",
            "-p",
            directory.toString(),
            "-e",
            "stderr",
            "-c",
            configuration.toString());
    Nginx started = new Nginx(process, port, log);
    try {
      await().atMost(Duration.ofSeconds(60)).until(started::answers);
    } catch (RuntimeException | Error e) {
      process.close();
      throw e;
    }
    return started;
  }

  private boolean answers() throws IOException, InterruptedException {
    try {
      return Http.get(uri("/")).statusCode() > 0;
    } catch (ConnectException e) {
      return false;
    }
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  /** Bytes of bodies of files that it has sent, as its access log has them. */
  public long sent() throws IOException {
    long sum = 0;
    for (String line : Files.readAllLines(log)) {
      String[] fields = line.split(" ", -1);
      if (fields[2].startsWith("2")) {
        sum += Long.parseLong(fields[0]);
      }
    }
    return sum;
  }

  @Override
  public void close() {
    process.close();
  }
}
