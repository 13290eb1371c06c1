package io.swarmgate.test.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * Network namespaces of Linux, all on one switch, each behind a full-duplex line of its own.
 * Nothing of them is seen outside, and their names are those of this process alone.
 */
public final class Namespaces implements AutoCloseable {
  /** Addresses of all of them. */
  public static final String NETWORK = "10.77.0.0/24";

  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final int SECONDS = 20;

  private final String tag =
      "swgtest" + ProcessHandle.current().pid() + "x" + COUNT.getAndIncrement();
  private final String network = tag + "s";
  private final List<String> names = new ArrayList<>();

  private Namespaces() {}

  /**
   * Makes some. Skips the test, and says why, where none can be made.
   *
   * @param mbit what each line carries, each way, in Mbit/s
   */
  public static Namespaces open(int count, int mbit) throws IOException, InterruptedException {
    Namespaces made = new Namespaces();
    try {
      made.assumeAllowed();
      made.add(count, mbit);
      return made;
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private void assumeAllowed() throws InterruptedException {
    String why;
    try {
      why = run(List.of("ip", "netns", "add", network));
    } catch (IOException e) {
      why = e.toString();
    }
    Assumptions.assumeTrue(
        why.isEmpty(), "No network namespaces here, which take root and iproute2: " + why);
  }

  private void add(int count, int mbit) throws IOException, InterruptedException {
    ip("-n", network, "link", "add", "switch", "type", "bridge");
    ip("-n", network, "link", "set", "switch", "up");
    for (int i = 0; i < count; i++) {
      String name = tag + "n" + i;
      ip("netns", "add", name);
      names.add(name);
      ip(
          "-n", name, "link", "add", "uplink", "type", "veth", "peer", "name", port(i), "netns",
          network);
      ip("-n", name, "address", "add", address(i) + "/24", "dev", "uplink");
      ip("-n", name, "link", "set", "lo", "up");
      ip("-n", name, "link", "set", "uplink", "up");
      ip("-n", network, "link", "set", port(i), "master", "switch", "up");
      limit(name, "uplink", mbit);
      limit(network, port(i), mbit);
    }
  }

  private static String port(int index) {
    return "port" + index;
  }

  /** The burst holds two of the largest segments that a veth passes whole. */
  private static void limit(String name, String device, int mbit)
      throws IOException, InterruptedException {
    require(
        List.of(
            "tc",
            "-n",
            name,
            "qdisc",
            "add",
            "dev",
            device,
            "root",
            "tbf",
            "rate",
            mbit + "mbit",
            "burst",
            "128kb",
            "latency",
            "50ms"));
  }

  /** The address of one, which the others know it by. */
  public String address(int index) {
    return "10.77.0." + (index + 1);
  }

  /** What goes before a command that is to be run in one. */
  public List<String> within(int index) {
    return List.of("ip", "netns", "exec", names.get(index));
  }

  /** Takes a line down: what is sent to there, or from there, is lost without a word. */
  public void cut(int index) throws IOException, InterruptedException {
    ip("-n", network, "link", "set", port(index), "down");
  }

  /** Ends what {@link #cut} began. */
  public void mend(int index) throws IOException, InterruptedException {
    ip("-n", network, "link", "set", port(index), "up");
  }

  private static void ip(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip"));
    command.addAll(List.of(words));
    require(command);
  }

  private static void require(List<String> command) throws IOException, InterruptedException {
    String complaint = run(command);
    if (!complaint.isEmpty()) {
      throw new IOException(String.join(" ", command) + ": " + complaint);
    }
  }

  /** Runs a command; says why if it failed, else nothing. */
  private static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return "it takes longer than " + SECONDS + " s";
    }
    return process.exitValue() == 0 ? "" : "exit status " + process.exitValue() + " " + said;
  }

  /** Deletes them; whatever runs in them must have ended. */
  @Override
  public void close() throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(names);
    all.add(network);
    for (String name : all) {
      try {
        run(List.of("ip", "netns", "del", name));
      } catch (IOException e) {
        // Without ip there are none.
      }
    }
  }
}
