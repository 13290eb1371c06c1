package io.swarmgate.backend.observe;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Several observers as one. */
record Observers(List<Observer> all) implements Observer {
  private void tell(Consumer<Observer> what) {
    all.forEach(what);
  }

  @Override
  public void answered(String site, Answer answer) {
    tell(o -> o.answered(site, answer));
  }

  @Override
  public void firstByte(String site, Duration waited) {
    tell(o -> o.firstByte(site, waited));
  }

  @Override
  public void stalled(String site, Duration waited) {
    tell(o -> o.stalled(site, waited));
  }

  @Override
  public void delivered(String site, Provenance from, long bytes) {
    tell(o -> o.delivered(site, from, bytes));
  }

  @Override
  public void aborted(String site, String reason) {
    tell(o -> o.aborted(site, reason));
  }

  @Override
  public void fellBack(String torrent, int piece, Duration waited) {
    tell(o -> o.fellBack(torrent, piece, waited));
  }

  @Override
  public void pieceFailed(String torrent, int piece, String senders) {
    tell(o -> o.pieceFailed(torrent, piece, senders));
  }

  @Override
  public void banned(String peer, Duration time, String reason) {
    tell(o -> o.banned(peer, time, reason));
  }

  @Override
  public void evicted(String torrent, int pieces) {
    tell(o -> o.evicted(torrent, pieces));
  }

  @Override
  public void changed(String site, String path, String reason) {
    tell(o -> o.changed(site, path, reason));
  }

  @Override
  public void originAnswered(String origin, int status, Duration latency) {
    tell(o -> o.originAnswered(origin, status, latency));
  }

  @Override
  public void originFailed(String origin, String reason) {
    tell(o -> o.originFailed(origin, reason));
  }

  @Override
  public void originSent(String origin, long bytes) {
    tell(o -> o.originSent(origin, bytes));
  }
}
