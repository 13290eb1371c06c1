package io.swarmgate.filter.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * Checks how one URL is delivered, by a handful of requests that fetch a few bytes: against any
 * HTTP server. One thread; blocks on the network.
 */
public final class Delivery {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);
  private static final int MOST_REDIRECTS = 5;

  /** Bytes that are fetched twice, to see whether they are the same. */
  private static final int SAMPLE = 16 << 10;

  /** Findings of a URL whose server does everything right; another one has fewer, or some more. */
  static final int CHECKS = 12;

  private final HttpClient http;
  private final Clock clock;
  private final Consumer<Finding> findings;

  /**
   * Takes where findings go, each as soon as it is there.
   *
   * @param clock what the server's Date is compared with
   */
  public Delivery(Clock clock, Consumer<Finding> findings) {
    this.http =
        HttpClient.newBuilder()
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    this.clock = clock;
    this.findings = findings;
  }

  /** Checks one URL; does no more than say so if nothing answers there. */
  public void check(URI url) throws InterruptedException {
    try {
      URI at = follow(url);
      HttpResponse<Void> head = head(at);
      if (head.statusCode() != 200) {
        findings.accept(
            Finding.bad(
                "answer",
                at + " answers HEAD with " + head.statusCode(),
                head.statusCode() == 405
                    ? "let the server answer HEAD as it does GET"
                    : "name a URL that can be downloaded without a login"));
        return;
      }
      findings.accept(Finding.good("answer", "200"));
      protocol(at, head.version());
      clock(head.headers());
      length(head.headers());
      validators(head.headers());
      caching(head.headers());
      stable(at, head);
      boolean ranges = ranges(at, head);
      if (ranges) {
        content(at, head.headers().firstValueAsLong("Content-Length").orElse(0));
        ifRange(at, head.headers());
      }
      coding(at);
      metainfo(head.headers());
    } catch (IOException | IllegalArgumentException e) {
      findings.accept(
          Finding.bad(
              "answer",
              "no answer from " + url + ": " + e,
              "look whether the server runs, and DNS"));
    }
  }

  /** Checks whether a server answers at all, and its clock: what can be without naming a file. */
  public void reach(URI url) throws InterruptedException {
    try {
      HttpResponse<Void> head = head(url);
      findings.accept(Finding.good("origin", url + " answers, with " + head.statusCode()));
      clock(head.headers());
    } catch (IOException | IllegalArgumentException e) {
      findings.accept(
          Finding.bad(
              "origin",
              "no answer from " + url + ": " + e,
              "look whether the server runs, and DNS"));
    }
  }

  private void protocol(URI url, HttpClient.Version version) {
    String found = version == HttpClient.Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
    boolean secure = "https".equals(url.getScheme());
    findings.accept(
        version == HttpClient.Version.HTTP_2 || !secure
            ? Finding.good(
                "protocol", found + (secure ? "" : ", without TLS; browsers speak HTTP/2 by TLS"))
            : Finding.note(
                "protocol",
                found,
                "let the server speak HTTP/2: a player's ranges then share one connection"));
  }

  private URI follow(URI url) throws IOException, InterruptedException {
    URI at = url;
    for (int i = 0; i < MOST_REDIRECTS; i++) {
      HttpResponse<Void> response = head(at);
      Optional<String> location = response.headers().firstValue("Location");
      if (response.statusCode() / 100 != 3 || location.isEmpty()) {
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

  private void clock(HttpHeaders headers) {
    Optional<Instant> date = date(headers, "Date");
    if (date.isEmpty()) {
      findings.accept(
          Finding.warning("clock", "no Date", "let the server send Date, or freshness is a guess"));
      return;
    }
    Duration skew = Duration.between(date.get(), clock.instant()).abs();
    findings.accept(
        skew.compareTo(CLOCK_SKEW) <= 0
            ? Finding.good("clock", "the server's agrees with ours")
            : Finding.warning(
                "clock",
                "the server's and ours are " + skew.toSeconds() + " s apart",
                "run NTP on both: freshness is measured by these clocks"));
  }

  private void length(HttpHeaders headers) {
    long length = headers.firstValueAsLong("Content-Length").orElse(-1);
    findings.accept(
        length >= 0
            ? Finding.good("length", length + " bytes")
            : Finding.bad(
                "length",
                "no Content-Length",
                "let the server send the file as it is, not generated or compressed on the fly"));
  }

  private void validators(HttpHeaders headers) {
    String etag = headers.firstValue("ETag").orElse("");
    boolean modified = headers.firstValue("Last-Modified").isPresent();
    if (etag.startsWith("\"")) {
      findings.accept(Finding.good("validator", "strong ETag " + etag));
    } else if (etag.startsWith("W/")) {
      findings.accept(
          Finding.warning(
              "validator",
              "weak ETag " + etag,
              "let the server send a strong one: a weak one can't tell versions apart for ranges"));
    } else if (modified) {
      findings.accept(
          Finding.warning(
              "validator",
              "Last-Modified alone",
              "let the server send a strong ETag: two versions of one second look the same"));
    } else {
      findings.accept(
          Finding.bad(
              "validator",
              "neither ETag nor Last-Modified",
              "let the server send a strong ETag, or downloads can't be resumed"));
    }
  }

  private void caching(HttpHeaders headers) {
    String control = String.join(", ", headers.allValues("Cache-Control"));
    String lower = control.toLowerCase(Locale.ROOT);
    if (lower.contains("no-store") || lower.contains("private")) {
      findings.accept(
          Finding.bad(
              "caching",
              "Cache-Control: " + control,
              "leave out no-store and private for these files, or edges keep nothing of them"));
    } else if (lower.contains("no-cache") || lower.contains("max-age=0")) {
      findings.accept(
          Finding.note(
              "caching",
              "Cache-Control: " + control,
              "edges ask the server before each response; max-age=60 would save most of that"));
    } else if (control.isEmpty() && headers.firstValue("Expires").isEmpty()) {
      findings.accept(
          Finding.note(
              "caching",
              "neither Cache-Control nor Expires",
              "say how long a version is good for, such as Cache-Control: max-age=300"));
    } else {
      findings.accept(Finding.good("caching", "Cache-Control: " + control));
    }
    String vary = String.join(", ", headers.allValues("Vary"));
    if (!vary.isEmpty() && !vary.equalsIgnoreCase("Accept-Encoding")) {
      findings.accept(
          Finding.warning(
              "variants", "Vary: " + vary, "send these files alike to all, without Vary"));
    }
  }

  private void stable(URI url, HttpResponse<Void> first) throws IOException, InterruptedException {
    HttpHeaders again = head(url).headers();
    for (String name : List.of("ETag", "Last-Modified", "Content-Length")) {
      String before = first.headers().firstValue(name).orElse("none");
      String after = again.firstValue(name).orElse("none");
      if (!before.equals(after)) {
        findings.accept(
            Finding.bad(
                "stability",
                name + " was " + before + ", then " + after,
                "let every server behind this name send the same " + name + " for the same file"));
        return;
      }
    }
    findings.accept(Finding.good("stability", "two requests, one version"));
  }

  private boolean ranges(URI url, HttpResponse<Void> head)
      throws IOException, InterruptedException {
    long length = head.headers().firstValueAsLong("Content-Length").orElse(-1);
    HttpResponse.ResponseInfo part = get(url, List.of("Range", "bytes=0-0"));
    String range = part.headers().firstValue("Content-Range").orElse("no Content-Range");
    if (part.statusCode() == 206 && range.equals("bytes 0-0/" + length)) {
      findings.accept(Finding.good("ranges", "206 with " + range));
      return true;
    }
    findings.accept(
        Finding.bad(
            "ranges",
            "Range: bytes=0-0 is answered " + part.statusCode() + " with " + range,
            "let the server answer ranges: downloads can't be resumed or split without"));
    return false;
  }

  private void content(URI url, long length) throws IOException, InterruptedException {
    for (long from : new long[] {0, Math.max(0, length - SAMPLE)}) {
      if (!Arrays.equals(sample(url, from), sample(url, from))) {
        findings.accept(
            Finding.bad(
                "content",
                "two requests from byte " + from + " on brought different bytes",
                "let every server behind this name have the same file, and change files only"
                    + " under a new name or with a new ETag"));
        return;
      }
    }
    findings.accept(Finding.good("content", "two requests, the same bytes"));
  }

  private byte[] sample(URI url, long from) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .header("Range", "bytes=" + from + "-" + (from + SAMPLE - 1))
            .build();
    try (InputStream in = http.send(request, HttpResponse.BodyHandlers.ofInputStream()).body()) {
      return in.readNBytes(SAMPLE);
    }
  }

  private void ifRange(URI url, HttpHeaders headers) throws IOException, InterruptedException {
    String etag = headers.firstValue("ETag").filter(tag -> tag.startsWith("\"")).orElse(null);
    if (etag == null) {
      return;
    }
    int same = get(url, List.of("Range", "bytes=0-0", "If-Range", etag)).statusCode();
    int other =
        get(url, List.of("Range", "bytes=0-0", "If-Range", "\"no-such-version\"")).statusCode();
    findings.accept(
        same == 206 && other == 200
            ? Finding.good("If-Range", "a resume never mixes versions")
            : Finding.bad(
                "If-Range",
                "206 and 200 were expected for the same and another version, got "
                    + same
                    + " and "
                    + other,
                "let the server honour If-Range, or a resume can mix two versions"));
  }

  private void coding(URI url) throws IOException, InterruptedException {
    HttpResponse.ResponseInfo coded =
        get(url, List.of("Range", "bytes=0-0", "Accept-Encoding", "gzip, br, zstd"));
    Optional<String> coding = coded.headers().firstValue("Content-Encoding");
    boolean plain = coding.isEmpty() || coding.get().equals("identity");
    findings.accept(
        plain
            ? Finding.good("content coding", "none")
            : Finding.warning(
                "content coding",
                "Content-Encoding: " + coding.get(),
                "don't compress these files on the fly: a part of a compressed file is no part of"
                    + " the file"));
  }

  private void metainfo(HttpHeaders headers) {
    boolean described =
        headers.allValues("Link").stream().anyMatch(link -> link.contains("x-bittorrent"));
    findings.accept(
        described
            ? Finding.good("metainfo", "told by Link: edges can fetch it from the swarm")
            : Finding.note(
                "metainfo",
                "none told",
                "not hashed yet, or no Swarmgate publisher; an edge relays it, or acts as shield"));
  }

  private HttpResponse<Void> head(URI url) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url)
            .timeout(TIMEOUT)
            .method("HEAD", HttpRequest.BodyPublishers.noBody())
            .build();
    return http.send(request, HttpResponse.BodyHandlers.discarding());
  }

  /** A GET of which the head alone is of interest. */
  private HttpResponse.ResponseInfo get(URI url, List<String> fields)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(url).timeout(TIMEOUT).headers(fields.toArray(String[]::new)).build();
    CompletableFuture<HttpResponse.ResponseInfo> head = new CompletableFuture<>();
    // A server that ignores Range sends all of it, which must not be waited for. By HTTP/2 giving
    // up is a failure of its own, which comes after the head.
    http.sendAsync(
            request,
            info -> {
              head.complete(info);
              return new HeadOnly();
            })
        .whenComplete(
            (response, e) -> {
              if (e != null) {
                head.completeExceptionally(e);
              }
            });
    try {
      return head.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(cause);
    }
  }

  private static Optional<Instant> date(HttpHeaders headers, String name) {
    try {
      return headers
          .firstValue(name)
          .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** All findings of one URL, in order. */
  public static List<Finding> of(URI url, Clock clock) throws InterruptedException {
    List<Finding> all = new ArrayList<>();
    new Delivery(clock, all::add).check(url);
    return all;
  }
}
