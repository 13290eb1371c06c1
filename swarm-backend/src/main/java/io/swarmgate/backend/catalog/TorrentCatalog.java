package io.swarmgate.backend.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.content.FileGuard;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.origin.EdgeFiles;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.store.PieceStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A site whose content is named by a directory of .torrent files and comes from their swarms alone.
 *
 * <p>URL path p is the file of the single-file torrent p.torrent. In a multi-file torrent, URL path
 * p/q is the file q of the torrent p.torrent. Where several fit, the longest p that has the file is
 * taken. A .torrent file is looked at again for each request; one that was replaced counts for new
 * responses, and those under way end with the version they began with.
 */
final class TorrentCatalog implements Source {
  private static final Logger LOG = LoggerFactory.getLogger(TorrentCatalog.class);
  private static final Outcome NEXT = new Outcome.Next();

  /** URLs whose facts are kept in memory. */
  private static final int MAX_URLS = 10_000;

  /** Segments of a URL beyond which no torrent is looked for; each costs a look at the disk. */
  private static final int MAX_DEPTH = 64;

  private final SiteConfig site;
  private final DocumentRoot root;
  private final TorrentFiles torrentFiles;
  private final Torrents torrents;
  private final EdgeFiles files;
  private final Executor disk;
  private final Cache<UrlPath, CatalogFile> known =
      Caffeine.newBuilder()
          .maximumSize(MAX_URLS)
          .<UrlPath, CatalogFile>removalListener(
              (path, file, cause) -> {
                if (file != null) {
                  file.release();
                }
              })
          .executor(Runnable::run)
          .build();

  /** A file of a torrent, found under a URL. */
  private record Found(Path torrent, FileGuard guard, Metainfo metainfo, ByteSpan span) {}

  /**
   * Takes its parts.
   *
   * @param files keeps the pieces
   * @param disk where blocking looks at files run
   */
  TorrentCatalog(
      SiteConfig site,
      DocumentRoot root,
      TorrentFiles torrentFiles,
      Torrents torrents,
      EdgeFiles files,
      Executor disk) {
    this.site = site;
    this.root = root;
    this.torrentFiles = torrentFiles;
    this.torrents = torrents;
    this.files = files;
    this.disk = disk;
  }

  /** Nothing to do: torrents are looked at when they are asked for. */
  @Override
  public void start() {}

  @Override
  public CompletionStage<Outcome> open(SiteRequest request) {
    // The .torrent files themselves are nobody's business.
    if (request.metainfo()) {
      return CompletableFuture.completedStage(NEXT);
    }
    try {
      return CompletableFuture.supplyAsync(() -> current(request.path()), disk)
          .thenCompose(stage -> stage)
          .thenApplyAsync(file -> file.map(this::serve).orElse(NEXT), disk)
          .exceptionally(
              e -> {
                LOG.warn("Could not open {}: {}", request.path(), e.toString());
                return NEXT;
              });
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedStage(NEXT);
    }
  }

  private Outcome serve(CatalogFile pinned) {
    try {
      return new Outcome.Serve(new CatalogRepresentation(pinned, pinned.join()));
    } catch (RuntimeException e) {
      pinned.release();
      throw e;
    }
  }

  /** The file as the catalogue has it now, pinned; empty if it has none. */
  private CompletionStage<Optional<CatalogFile>> current(UrlPath path) {
    CatalogFile before = known.getIfPresent(path);
    try {
      String whole = path.decoded();
      int depth = (int) whole.chars().filter(c -> c == '/').count();
      int end = depth > MAX_DEPTH ? 0 : whole.length();
      for (; end > 0; end = whole.lastIndexOf('/', end - 1)) {
        Path torrent = root.resolve(torrentPath(whole.substring(0, end))).orElse(null);
        if (torrent == null) {
          continue;
        }
        FileGuard guard = FileGuard.of(torrent);
        if (before != null && before.isOf(torrent, guard) && before.pin()) {
          return CompletableFuture.completedStage(Optional.of(before));
        }
        Metainfo metainfo = torrentFiles.read(torrent, guard).orElse(null);
        ByteSpan span = metainfo == null ? null : span(metainfo, whole.substring(end));
        if (metainfo != null && span != null && span.length() >= leastSize()) {
          return add(path, new Found(torrent, guard, metainfo, span)).thenApply(Optional::of);
        }
      }
    } catch (IOException e) {
      LOG.warn("Site {}: could not look up {}: {}", site.id(), path, e.toString());
    }
    known.invalidate(path);
    return CompletableFuture.completedStage(Optional.empty());
  }

  private static UrlPath torrentPath(String prefix) {
    return new UrlPath(prefix + SiteRequest.METAINFO_SUFFIX);
  }

  /** Where nobody else has the small files, they are served too. */
  private long leastSize() {
    boolean alone = site.content().isEmpty() && site.origins().isEmpty();
    return alone ? 1 : Math.max(1, site.minSize());
  }

  /**
   * Where a file lies in a torrent; null if it isn't in it.
   *
   * @param rest what follows the torrent's own path: empty for a single-file torrent, or else a
   *     slash and the file's path
   */
  private static @Nullable ByteSpan span(Metainfo metainfo, String rest) {
    if (metainfo.isSingleFile() || rest.isEmpty()) {
      return metainfo.isSingleFile() && rest.isEmpty() ? metainfo.files().get(0).span() : null;
    }
    String wanted = rest.substring(1);
    return metainfo.files().stream()
        .filter(file -> file.path().equals(wanted))
        .map(Metainfo.FileEntry::span)
        .findFirst()
        .orElse(null);
  }

  /** Makes a new version known; what was known before lives on in what reads it. */
  private CompletionStage<CatalogFile> add(UrlPath path, Found found) {
    InfoHash infoHash = found.metainfo().infoHash();
    return torrents
        // The pieces of a torrent that is gone stay until the quota wants their room: the torrent
        // may be back, or be known only by other URLs by now.
        .use(infoHash, files, () -> open(found.torrent(), infoHash), () -> {})
        .thenApply(
            use -> {
              CatalogFile file =
                  new CatalogFile(
                      found.torrent(),
                      found.guard(),
                      found.metainfo(),
                      found.span(),
                      site.fill(),
                      use);
              file.pin();
              known.put(path, file);
              return file;
            });
  }

  /** Opens a torrent's pieces. The metainfo is read again, so that it needn't be held till then. */
  private PieceStore open(Path torrent, InfoHash infoHash) {
    try {
      Optional<Metainfo> metainfo =
          torrentFiles
              .read(torrent, FileGuard.of(torrent))
              .filter(read -> read.infoHash().equals(infoHash));
      // It may have been replaced since, but once opened the store has a copy.
      return files.open(metainfo.isPresent() ? metainfo.get() : files.metainfo(infoHash));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String role() {
    return "catalogue";
  }

  @Override
  public List<FileStatus> files() {
    List<FileStatus> all = new ArrayList<>();
    known
        .asMap()
        .forEach(
            (path, file) ->
                all.add(
                    new FileStatus(path.decoded(), file.length(), file.infoHash(), file.length())));
    return all;
  }

  /** Nothing of its own runs by itself. */
  @Override
  public void close() {}
}
