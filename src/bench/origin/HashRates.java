import io.swarmgate.backend.metainfo.MetainfoMaker;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Random;

/**
 * Hashes when it is told to, and says how fast. {@code run} starts it with a file's path. To each
 * line on standard input it answers with one line, MB/s:
 *
 * <pre>
 * file    hashes the file as a publisher does, pieces and whole
 * memory  gives both digests as many bytes, of which the next 64 KiB are always in a core's cache
 * </pre>
 */
public final class HashRates {
  private static final int BUFFER = 64 << 10;

  private HashRates() {}

  public static void main(String[] args) throws Exception {
    Path file = Path.of(args[0]);
    long length = Files.size(file);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      long began = System.nanoTime();
      switch (line) {
        case "file" -> MetainfoMaker.hash(file, (hashed, all) -> true);
        case "memory" -> memory(length);
        default -> throw new IllegalArgumentException("expected file or memory, got " + line);
      }
      System.out.println(length * 1e3 / (System.nanoTime() - began));
    }
  }

  private static void memory(long length) throws Exception {
    byte[] bytes = new byte[BUFFER];
    new Random(1).nextBytes(bytes);
    MessageDigest each = MessageDigest.getInstance("SHA-1");
    MessageDigest whole = MessageDigest.getInstance("SHA-256");
    for (long left = length; left > 0; left -= BUFFER) {
      each.update(bytes);
      whole.update(bytes);
    }
    each.digest();
    whole.digest();
  }
}
