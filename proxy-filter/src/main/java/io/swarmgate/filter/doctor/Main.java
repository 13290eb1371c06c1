package io.swarmgate.filter.doctor;

import java.io.PrintStream;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code java -jar swarmgate-filter.jar doctor URL...}: checks against any HTTP server. */
public final class Main {
  private Main() {}

  /**
   * Runs the checks; exits with 1 if any of them is bad, and with 2 if it wasn't told what to do.
   */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(List.of(args), System.out, System.err));
  }

  static int run(List<String> args, PrintStream out, PrintStream err) throws InterruptedException {
    List<URI> urls = new ArrayList<>();
    boolean usable = args.size() >= 2 && args.get(0).equals("doctor");
    for (String text : usable ? args.subList(1, args.size()) : List.<String>of()) {
      URI url = url(text);
      if (url == null) {
        usable = false;
      } else {
        urls.add(url);
      }
    }
    if (!usable) {
      err.println("Usage: java -jar swarmgate-filter.jar doctor http://HOST/PATH...");
      return 2;
    }
    boolean[] bad = {false};
    for (URI url : urls) {
      out.println(url);
      new Delivery(
              Clock.systemUTC(),
              finding -> {
                bad[0] |= finding.level() == Finding.Level.BAD;
                print(out, finding);
              })
          .check(url);
    }
    return bad[0] ? 1 : 0;
  }

  private static @Nullable URI url(String text) {
    try {
      URI url = URI.create(text);
      boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
      return http && url.getHost() != null ? url : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static void print(PrintStream out, Finding finding) {
    out.printf("  %-8s %-15s %s%n", finding.level(), finding.check(), finding.found());
    if (!finding.advice().isEmpty()) {
      out.printf("  %-8s %-15s -> %s%n", "", "", finding.advice());
    }
  }
}
