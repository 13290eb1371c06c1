package io.swarmgate.backend.catalog;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.swarmgate.backend.Outcome;
import io.swarmgate.backend.config.SiteConfig;
import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.Metainfo;
import io.swarmgate.backend.observe.Provenance;
import io.swarmgate.backend.origin.EdgeFiles;
import io.swarmgate.backend.origin.PieceOrigins;
import io.swarmgate.backend.site.Purged;
import io.swarmgate.backend.site.SiteRequest;
import io.swarmgate.backend.site.Source;
import io.swarmgate.backend.site.Torrents;
import io.swarmgate.backend.site.UrlPath;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.store.PieceStore;
import io.swarmgate.backend.system.FileGuard;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A site whose content is named by a directory of .torrent files and comes from their swarms, or
 * where those have nothing, piece by piece from the site's origins.
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
  private final @Nullable PieceOrigins origins;
  private final Executor disk;
  private final StoredTorrents stored;
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

  /**
   * A file of a torrent, found under a URL.
   *
   * @param url of the torrent
   */
  private record Found(
      UrlPath url, Path torrent, FileGuard guard, Metainfo metainfo, ByteSpan span) {}

  /**
   * Takes its parts.
   *
   * @param files keeps the pieces
   * @param origins where else pieces can be had; null if the site has none
   * @param disk where blocking looks at files run
   * @param rescan time between two looks for torrents that pieces are stored of
   */
  TorrentCatalog(
      SiteConfig site,
      DocumentRoot root,
      TorrentFiles torrentFiles,
      Torrents torrents,
      EdgeFiles files,
      @Nullable PieceOrigins origins,
      Executor disk,
      Duration rescan) {
    this.site = site;
    this.root = root;
    this.torrentFiles = torrentFiles;
    this.torrents = torrents;
    this.files = files;
    this.origins = origins;
    this.disk = disk;
    this.stored =
        new StoredTorrents(
            site.id(),
            root,
            torrentFiles,
            files::withPieces,
            (torrent, infoHash) -> use(torrent, infoHash).toCompletableFuture().join(),
            rescan);
  }

  /** Lets peers find what is stored; all else is looked at when it is asked for. */
  @Override
  public void start() {
    stored.start();
  }

  @Override
  public CompletionStage<Outcome> open(SiteRequest request) {
    // The .torrent files themselves are nobody's business.
    if (request.metainfo()) {
      return CompletableFuture.completedStage(NEXT);
    }
    try {
      return CompletableFuture.supplyAsync(() -> current(request.path()), disk)
          .thenCompose(stage -> stage)
          .thenApplyAsync(file -> file.map(TorrentCatalog::serve).orElse(NEXT), disk)
          .exceptionally(
              e -> {
                LOG.warn("Could not open {}: {}", request.path(), e.toString());
                return NEXT;
              });
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedStage(NEXT);
    }
  }

  private static Outcome serve(CatalogFile pinned) {
    return new Outcome.Serve(new CatalogRepresentation(pinned));
  }

  /** The file as the catalogue has it now, pinned; empty if it has none. */
  private CompletionStage<Optional<CatalogFile>> current(UrlPath path) {
    CatalogFile before = known.getIfPresent(path);
    try {
      String whole = path.decoded();
      int depth = (int) whole.chars().filter(c -> c == '/').count();
      int end = depth > MAX_DEPTH ? 0 : whole.length();
      for (; end > 0; end = whole.lastIndexOf('/', end - 1)) {
        UrlPath url = new UrlPath(whole.substring(0, end));
        Path torrent = root.resolve(torrentPath(url)).orElse(null);
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
          return add(path, new Found(url, torrent, guard, metainfo, span)).thenApply(Optional::of);
        }
      }
    } catch (IOException e) {
      LOG.warn("Site {}: could not look up {}: {}", site.id(), path, e.toString());
    }
    known.invalidate(path);
    return CompletableFuture.completedStage(Optional.empty());
  }

  private static UrlPath torrentPath(UrlPath url) {
    return new UrlPath(url + SiteRequest.METAINFO_SUFFIX);
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
    return use(found.torrent(), found.metainfo().infoHash())
        .thenApply(
            use -> {
              CatalogFile file =
                  new CatalogFile(
                      found.torrent(),
                      found.guard(),
                      found.metainfo(),
                      found.span(),
                      files,
                      site.fill(),
                      use,
                      origins == null
                          ? null
                          : origins.of(found.url(), found.metainfo().layout().pieceLength(), use),
                      disk);
              file.pin();
              known.put(path, file);
              return file;
            });
  }

  private CompletionStage<Torrents.Use> use(Path torrent, InfoHash infoHash) {
    // The pieces of a torrent that is gone stay until the quota wants their room: the torrent may
    // be back, or be known only by other URLs by now.
    return torrents.use(infoHash, files, () -> open(torrent, infoHash), () -> {});
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
  public Provenance provenance() {
    return Provenance.PEERS;
  }

  @Override
  public List<FileStatus> files() {
    List<FileStatus> all = new ArrayList<>();
    known
        .asMap()
        .forEach(
            (path, file) ->
                all.add(
                    new FileStatus(
                        path.decoded(),
                        file.length(),
                        file.infoHash(),
                        file.length(),
                        file.offset())));
    return all;
  }

  @Override
  public long fetchedPieces() {
    return origins == null ? 0 : origins.fetched();
  }

  @Override
  public Purged purge(Predicate<String> paths, boolean abort) {
    int purged = 0;
    int pending = 0;
    for (Map.Entry<UrlPath, CatalogFile> entry : Map.copyOf(known.asMap()).entrySet()) {
      CatalogFile file = entry.getValue();
      if (!paths.test(entry.getKey().decoded())) {
        continue;
      }
      purged++;
      file.whenGone(() -> delete(file.infoHash()));
      known.asMap().remove(entry.getKey(), file);
      if (abort) {
        delete(file.infoHash());
      } else if (file.isPinned()) {
        pending++;
      }
    }
    return new Purged(purged, pending);
  }

  /** Forgets a torrent's pieces, and lets nobody use it on who did so far. */
  private void delete(InfoHash infoHash) {
    torrents
        .end(infoHash)
        .thenRunAsync(
            () -> {
              try {
                files.delete(infoHash);
              } catch (IOException e) {
                LOG.warn("Site {}: could not delete {}: {}", site.id(), infoHash, e.toString());
              }
            },
            disk);
  }

  @Override
  public void close() {
    stored.close();
  }
}
