package io.swarmgate.filter.doctor;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Checks how one URL is delivered, by a handful of requests that fetch a few bytes: against any
 * HTTP server. One thread; blocks on the network, for at most 20 s a request.
 */
public final class UrlCheck {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final int MOST_REDIRECTS = 5;

  /** Bytes that are fetched twice, to see whether they are the same. */
  private static final int SAMPLE = 16 << 10;

  /** Findings of a URL whose server does everything right; another one has fewer, or some more. */
  static final int CHECKS = 12;

  private final Probe probe;
  private final Clock clock;
  private final Consumer<Finding> findings;

  /**
   * Takes where findings go, each as soon as it is there.
   *
   * @param clock what the server's Date is compared with
   */
  public UrlCheck(Clock clock, Consumer<Finding> findings) {
    this(new Probe(TIMEOUT), clock, findings);
  }

  UrlCheck(Probe probe, Clock clock, Consumer<Finding> findings) {
    this.probe = probe;
    this.clock = clock;
    this.findings = findings;
  }

  /** All findings of one URL, in order. */
  public static List<Finding> of(URI url, Clock clock) throws InterruptedException {
    List<Finding> all = new ArrayList<>();
    new UrlCheck(clock, all::add).check(url);
    return all;
  }

  /** Checks one URL; does no more than say so if nothing answers there. */
  public void check(URI url) throws InterruptedException {
    try {
      URI at = follow(url);
      Probe.Answer answer = probe.head(at);
      HttpHeaders head = answer.head().headers();
      if (answer.status() != 200) {
        findings.accept(
            Finding.bad(
                "answer",
                at + " answers HEAD with " + answer.status(),
                answer.status() == 405
                    ? "let the server answer HEAD as it does GET"
                    : "name a URL that can be downloaded without a login"));
        return;
      }
      findings.accept(Finding.good("answer", "200"));
      findings.accept(protocol(at, answer.head().version()));
      findings.accept(HeadCheck.clock(head, clock.instant()));
      findings.accept(HeadCheck.length(head));
      findings.accept(HeadCheck.validator(head));
      HeadCheck.caching(head).forEach(findings);
      findings.accept(stability(at, head));
      long length = head.firstValueAsLong("Content-Length").orElse(-1);
      Finding ranges = ranges(at, length);
      findings.accept(ranges);
      if (ranges.level() == Finding.Level.GOOD) {
        findings.accept(content(at, length));
        String etag = head.firstValue("ETag").orElse("");
        if (etag.startsWith("\"")) {
          findings.accept(ifRange(at, etag));
        }
      }
      findings.accept(coding(at));
      findings.accept(HeadCheck.metainfo(head));
    } catch (IOException | IllegalArgumentException e) {
      findings.accept(noAnswer("answer", url, e));
    }
  }

  /** Checks whether a server answers at all, and its clock: what can be without naming a file. */
  public void reach(URI url) throws InterruptedException {
    try {
      Probe.Answer answer = probe.head(url);
      findings.accept(Finding.good("origin", url + " answers, with " + answer.status()));
      findings.accept(HeadCheck.clock(answer.head().headers(), clock.instant()));
    } catch (IOException | IllegalArgumentException e) {
      findings.accept(noAnswer("origin", url, e));
    }
  }

  private static Finding noAnswer(String check, URI url, Exception e) {
    return Finding.bad(
        check, "no answer from " + url + ": " + e, "look whether the server runs, and DNS");
  }

  private URI follow(URI url) throws IOException, InterruptedException {
    URI at = url;
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      Probe.Answer answer = probe.head(at);
      Optional<String> location = answer.head().headers().firstValue("Location");
      if (answer.status() / 100 != 3 || location.isEmpty()) {
        return at;
      }
      URI to = at.resolve(location.get());
      boolean sameHost = String.valueOf(to.getAuthority()).equals(at.getAuthority());
      String found = at + " redirects to " + to;
      findings.accept(
          sameHost
              ? Finding.note("redirect", found, "name the target in origin, to save a round trip")
              : Finding.warning(
                  "redirect", found, "name the target's host in origin or redirectHosts"));
      at = to;
    }
    return at;
  }

  private static Finding protocol(URI url, HttpClient.Version version) {
    String found = version == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
    boolean secure = "https".equals(url.getScheme());
    return version == HttpClient.Version.HTTP_2 || !secure
        ? Finding.good(
            "protocol", found + (secure ? "" : ", without TLS; browsers speak HTTP/2 by TLS"))
        : Finding.note(
            "protocol",
            found,
            "let the server speak HTTP/2: a player's ranges then share one connection");
  }

  private Finding stability(URI url, HttpHeaders first) throws IOException, InterruptedException {
    HttpHeaders again = probe.head(url).head().headers();
    for (String name : List.of("ETag", "Last-Modified", "Content-Length")) {
      String before = first.firstValue(name).orElse("none");
      String after = again.firstValue(name).orElse("none");
      if (!before.equals(after)) {
        return Finding.bad(
            "stability",
            name + " was " + before + ", then " + after,
            "let every server behind this name send the same " + name + " for the same file");
      }
    }
    return Finding.good("stability", "two requests, one version");
  }

  private Finding ranges(URI url, long length) throws IOException, InterruptedException {
    Probe.Answer part = probe.get(url, 0, "Range", "bytes=0-0");
    String range = part.head().headers().firstValue("Content-Range").orElse("no Content-Range");
    return part.status() == 206 && range.equals("bytes 0-0/" + length)
        ? Finding.good("ranges", "206 with " + range)
        : Finding.bad(
            "ranges",
            "Range: bytes=0-0 is answered " + part.status() + " with " + range,
            "let the server answer ranges: downloads can't be resumed or split without");
  }

  private Finding content(URI url, long length) throws IOException, InterruptedException {
    for (long from : new long[] {0, Math.max(0, length - SAMPLE)}) {
      if (!Arrays.equals(sample(url, from), sample(url, from))) {
        return Finding.bad(
            "content",
            "two requests from byte " + from + " on brought different bytes",
            "let every server behind this name have the same file, and change files only"
                + " under a new name or with a new ETag");
      }
    }
    return Finding.good("content", "two requests, the same bytes");
  }

  private byte[] sample(URI url, long from) throws IOException, InterruptedException {
    String range = "bytes=" + from + "-" + (from + SAMPLE - 1);
    return probe.get(url, SAMPLE, "Range", range).bytes();
  }

  private Finding ifRange(URI url, String etag) throws IOException, InterruptedException {
    int same = probe.get(url, 0, "Range", "bytes=0-0", "If-Range", etag).status();
    int other = probe.get(url, 0, "Range", "bytes=0-0", "If-Range", "\"no-such-version\"").status();
    return same == 206 && other == 200
        ? Finding.good("If-Range", "a resume never mixes versions")
        : Finding.bad(
            "If-Range",
            "206 and 200 were expected for the same and another version, got "
                + same
                + " and "
                + other,
            "let the server honour If-Range, or a resume can mix two versions");
  }

  private Finding coding(URI url) throws IOException, InterruptedException {
    Probe.Answer coded =
        probe.get(url, 0, "Range", "bytes=0-0", "Accept-Encoding", "gzip, br, zstd");
    Optional<String> coding = coded.head().headers().firstValue("Content-Encoding");
    boolean plain = coding.isEmpty() || coding.get().equals("identity");
    return plain
        ? Finding.good("content coding", "none")
        : Finding.warning(
            "content coding",
            "Content-Encoding: " + coding.get(),
            "don't compress these files on the fly: a part of a compressed file is no part of"
                + " the file");
  }
}
