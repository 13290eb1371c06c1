package io.swarmgate.filter.doctor;

import java.io.Console;
import java.io.PrintStream;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** {@code java -jar swarmgate-filter.jar doctor URL...}: checks against any HTTP server. */
public final class Main {
  private static final String USAGE =
      """
      Usage: java -jar swarmgate-filter.jar doctor URL...

      Checks what a server's answers lack for downloads to be resumed, cached and shared, by a dozen
      requests that fetch a few KiB. A URL is one of a file, such as https://www.example.org/x.iso.

      Exit code: 0 if nothing is BAD, 1 if something is, 2 if the arguments can't be used.
      """;

  private Main() {}

  /** Runs the checks; the exit code is as the usage says. */
  public static void main(String[] args) throws InterruptedException {
    System.exit(run(List.of(args), System.out, System.err, isTerminal()));
  }

  static int run(List<String> args, PrintStream out, PrintStream err, boolean terminal)
      throws InterruptedException {
    if (args.contains("--help") || args.contains("-h")) {
      out.print(USAGE);
      return 0;
    }
    List<URI> urls = new ArrayList<>();
    try {
      urls.addAll(urls(args));
    } catch (IllegalArgumentException e) {
      err.println("doctor: " + e.getMessage());
      err.print(USAGE);
      return 2;
    }
    boolean bad = false;
    for (URI url : urls) {
      out.println(url);
      Progress progress = new Progress(out, terminal);
      progress.show();
      new UrlCheck(Clock.systemUTC(), progress::found).check(url);
      bad |= progress.end();
    }
    return bad ? 1 : 0;
  }

  private static List<URI> urls(List<String> args) {
    if (args.isEmpty() || !args.get(0).equals("doctor")) {
      throw new IllegalArgumentException(
          "expected the command doctor, got "
              + (args.isEmpty() ? "none" : '"' + args.get(0) + '"'));
    }
    if (args.size() == 1) {
      throw new IllegalArgumentException("expected a URL, got none");
    }
    return args.stream().skip(1).map(Main::url).toList();
  }

  private static URI url(String text) {
    try {
      URI url = URI.create(text);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null) {
        return url;
      }
    } catch (IllegalArgumentException e) {
      // Told below.
    }
    throw new IllegalArgumentException(
        "expected a URL such as https://HOST/PATH, got \"" + text + '"');
  }

  /** Whether somebody looks on. From Java 22 on there may be a console that is no terminal. */
  private static boolean isTerminal() {
    Console console = System.console();
    try {
      return console != null && (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }
}
