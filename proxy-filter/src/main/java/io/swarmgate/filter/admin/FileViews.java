package io.swarmgate.filter.admin;

import io.swarmgate.backend.metainfo.ByteSpan;
import io.swarmgate.backend.metainfo.InfoHash;
import io.swarmgate.backend.metainfo.PieceLayout;
import io.swarmgate.backend.metainfo.PieceSpan;
import io.swarmgate.backend.status.FileStatus;
import io.swarmgate.backend.status.NodeStatus;
import io.swarmgate.backend.status.SiteStatus;
import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.filter.admin.Views.FileView;
import io.swarmgate.filter.admin.Views.FilesView;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A node's files as they are at one moment: what its sites say of them, beside the swarm of each
 * that is awake, else what the store has of it. Used by one thread.
 */
final class FileViews {
  /** Cells of a strip in a list, and of one on its own. */
  private static final int FEW_CELLS = 100;

  private static final int MANY_CELLS = 1_000;

  private final ManagedNode node;
  private final NodeStatus status;
  private final Map<InfoHash, SwarmDetails> awake = new HashMap<>();

  private record Found(SiteStatus site, FileStatus file) {}

  FileViews(ManagedNode node, NodeStatus status, List<SwarmDetails> swarms) {
    this.node = node;
    this.status = status;
    swarms.forEach(swarm -> awake.put(swarm.infoHash(), swarm));
  }

  /**
   * Some of them: those that are read first, then the rest by their paths.
   *
   * @param query what a path must contain
   */
  FilesView list(String query, int offset, int most) {
    List<Found> all = new ArrayList<>();
    for (SiteStatus site : status.sites()) {
      for (FileStatus file : site.files()) {
        if (file.path().contains(query)) {
          all.add(new Found(site, file));
        }
      }
    }
    all.sort(
        Comparator.<Found>comparingInt(found -> -readers(found.file()))
            .thenComparing(found -> found.file().infoHash() != null)
            .thenComparing(found -> found.file().path()));
    List<FileView> views =
        all.stream()
            .skip(offset)
            .limit(most)
            .map(found -> view(found.site(), found.file(), FEW_CELLS))
            .toList();
    return new FilesView(all.size(), views);
  }

  /** One of them; empty if it isn't known. */
  Optional<FileView> one(String site, String path) {
    return status.sites().stream()
        .filter(one -> one.id().equals(site))
        .flatMap(
            one ->
                one.files().stream()
                    .filter(file -> file.path().equals(path))
                    .map(file -> view(one, file, MANY_CELLS)))
        .findFirst();
  }

  private @Nullable SwarmDetails swarm(FileStatus file) {
    return file.infoHash() == null ? null : awake.get(file.infoHash());
  }

  private int readers(FileStatus file) {
    SwarmDetails swarm = swarm(file);
    return swarm == null ? 0 : swarm.readers().size();
  }

  private FileView view(SiteStatus site, FileStatus file, int cells) {
    SwarmDetails swarm = swarm(file);
    Pieces pieces = pieces(file, swarm);
    ByteSpan span = new ByteSpan(file.offset(), file.offset() + file.length());
    double share = pieces == null ? hashed(site, file) : pieces.share(span);
    return new FileView(
        site.id(),
        file.path(),
        file.length(),
        file.infoHash() == null ? null : file.infoHash().toString(),
        state(file, swarm),
        share,
        pieces == null ? 0 : pieces.layout().pieceCount(),
        pieces == null ? 0 : pieces.layout().pieceLength(),
        file.hashed(),
        swarm == null ? 0 : swarm.readers().size(),
        swarm == null ? 0 : swarm.peers().size(),
        swarm == null ? 0 : swarm.uploaded(),
        swarm == null ? 0 : swarm.downloaded(),
        pieces == null ? PieceStrip.of(share) : pieces.strip(span, cells));
  }

  private static String state(FileStatus file, @Nullable SwarmDetails swarm) {
    if (file.infoHash() == null) {
      return file.hashed() > 0 ? "hashing" : "queued";
    }
    return swarm == null ? "asleep" : "awake";
  }

  private @Nullable Pieces pieces(FileStatus file, @Nullable SwarmDetails swarm) {
    if (swarm != null) {
      return new Pieces(swarm.layout(), swarm.have(), swarm.underway(), swarm.readers());
    }
    InfoHash infoHash = file.infoHash();
    return infoHash == null
        ? null
        : node.pieces(infoHash)
            .map(kept -> new Pieces(kept.layout(), kept.have(), new BitSet(), List.of()))
            .orElse(null);
  }

  /** Of a publisher's file all is here; what counts is what peers can be sent. */
  private static double hashed(SiteStatus site, FileStatus file) {
    return site.roles().contains("publisher") ? share(file.hashed(), file.length()) : 0;
  }

  private static double share(long part, long all) {
    return all == 0 ? 1 : (double) part / all;
  }

  /** A torrent's pieces. */
  private record Pieces(
      PieceLayout layout, BitSet have, BitSet underway, List<SwarmDetails.Reader> readers) {
    double share(ByteSpan span) {
      PieceSpan pieces = layout.pieces(span);
      int count = pieces.end() - pieces.first();
      return FileViews.share(have.get(pieces.first(), pieces.end()).cardinality(), count);
    }

    PieceStrip strip(ByteSpan span, int cells) {
      return PieceStrip.of(layout, have, underway, readers, span, cells);
    }
  }
}
