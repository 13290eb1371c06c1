package io.swarmgate.filter.admin;

import io.swarmgate.backend.swarm.SwarmDetails;
import io.swarmgate.filter.admin.Views.PeerTorrentView;
import io.swarmgate.filter.admin.Views.PeerView;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Puts together what the swarms know of one peer. Pure. */
final class PeerViews {
  private record Seen(SwarmDetails.Peer peer, List<PeerTorrentView> torrents) {}

  private PeerViews() {}

  /** The connected peers, each once, by their addresses. */
  static List<PeerView> of(List<SwarmDetails> swarms) {
    TreeMap<String, Seen> all = new TreeMap<>();
    for (SwarmDetails swarm : swarms) {
      for (SwarmDetails.Peer peer : swarm.peers()) {
        all.computeIfAbsent(peer.address(), absent -> new Seen(peer, new ArrayList<>()))
            .torrents()
            .add(
                new PeerTorrentView(
                    swarm.infoHash().toString(),
                    swarm.name(),
                    peer.pieces(),
                    swarm.layout().pieceCount(),
                    peer.uploaded(),
                    peer.downloaded()));
      }
    }
    return all.values().stream().map(seen -> view(seen.peer(), seen.torrents())).toList();
  }

  private static PeerView view(SwarmDetails.Peer peer, List<PeerTorrentView> torrents) {
    return new PeerView(
        peer.address(),
        peer.client(),
        peer.dialled(),
        peer.root(),
        torrents.size(),
        torrents.stream().mapToLong(PeerTorrentView::uploaded).sum(),
        torrents.stream().mapToLong(PeerTorrentView::downloaded).sum(),
        torrents);
  }
}
