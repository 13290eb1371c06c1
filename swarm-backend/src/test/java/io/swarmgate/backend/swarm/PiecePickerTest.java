package io.swarmgate.backend.swarm;

import static org.assertj.core.api.Assertions.assertThat;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PiecePickerTest {
  private static final int BLOCK = PieceLayout.BLOCK;
  private static final PieceLayout LAYOUT = new PieceLayout(8L * 2 * BLOCK, 2 * BLOCK);

  private final BitSet stored = new BitSet();
  private final PiecePicker picker =
      new PiecePicker(LAYOUT, new PieceBuffers(1 << 20), stored::get, () -> {});

  /** A peer that has some pieces and notes what was cancelled. */
  static final class Peer implements BlockSource {
    final BitSet pieces = new BitSet();
    final List<String> cancelled = new ArrayList<>();
    boolean root;
    boolean giving = true;
    long promptness = Long.MAX_VALUE;

    Peer(int... has) {
      for (int piece : has) {
        pieces.set(piece);
      }
    }

    @Override
    public boolean has(int piece) {
      return pieces.get(piece);
    }

    @Override
    public boolean isRoot() {
      return root;
    }

    @Override
    public boolean isGiving(long now) {
      return giving;
    }

    @Override
    public void cancel(int piece, int block) {
      cancelled.add(piece + "/" + block);
    }

    @Override
    public long patience() {
      return 100;
    }

    @Override
    public long promptness(long now) {
      return promptness;
    }
  }

  @Test
  void severalPeersShareTheMostUrgentPiece() {
    Peer one = new Peer(2, 3);
    Peer other = new Peer(2, 3);
    picker.want(new WantList(new int[] {3, 2}, 1));
    assertThat(pick(one, 1, 0)).containsExactly("3/0");
    assertThat(pick(other, 2, 0)).containsExactly("3/1", "2/0");
  }

  @Test
  void aPeerIsAskedOnlyForWhatItHas() {
    picker.want(new WantList(new int[] {1, 2, 3}, 0));
    assertThat(pick(new Peer(2), 10, 0)).containsExactly("2/0", "2/1");
  }

  @Test
  void aLateBlockOfABlockedReaderIsAskedOfAnotherPeer() {
    Peer slow = new Peer(1);
    Peer fast = new Peer(1);
    picker.want(new WantList(new int[] {1}, 1));
    pick(slow, 2, 0);
    assertThat(pick(fast, 2, 100)).isEmpty();
    assertThat(pick(fast, 2, 101)).containsExactly("1/0", "1/1");
    assertThat(slow.cancelled).containsExactly("1/0", "1/1");
  }

  @Test
  void aBlockThatAQuickerPeerWouldHaveBroughtLongSinceIsAskedOfIt() {
    Peer slow = new Peer(1);
    Peer fast = new Peer(1);
    fast.promptness = 20;
    picker.want(new WantList(new int[] {1}, 1));
    pick(slow, 2, 0);
    assertThat(pick(fast, 2, 41)).isEmpty();
    assertThat(pick(fast, 2, 42)).containsExactly("1/0", "1/1");
    assertThat(slow.cancelled).containsExactly("1/0", "1/1");
  }

  @Test
  void aPeerThatCanNotBeReliedOnIsAskedOnlyForWhatOthersDoNotHave() {
    Peer silent = new Peer(1, 2);
    Peer other = new Peer(2);
    picker.add(silent);
    picker.add(other);
    silent.giving = false;
    picker.want(new WantList(new int[] {2, 1}, 0));
    assertThat(pick(silent, 10, 0)).containsExactly("1/0", "1/1");
  }

  @Test
  void whatAPeerLeavesBehindIsAskedOfOthers() {
    Peer gone = new Peer(1);
    picker.want(new WantList(new int[] {1}, 0));
    pick(gone, 2, 0);
    picker.release(gone);
    assertThat(pick(new Peer(1), 2, 0)).containsExactly("1/0", "1/1");
  }

  @Test
  void whatNobodyWantsAnyMoreIsCancelled() {
    Peer peer = new Peer(1, 2);
    picker.want(new WantList(new int[] {1, 2}, 0));
    pick(peer, 3, 0);
    picker.want(new WantList(new int[] {2}, 0));
    assertThat(peer.cancelled).containsExactly("1/0", "1/1");
  }

  @Test
  void theLastBlockCompletesThePieceOnce() {
    Peer peer = new Peer(1);
    picker.want(new WantList(new int[] {1}, 0));
    pick(peer, 2, 0);
    assertThat(picker.receive(1, BLOCK, ByteBuffer.allocate(BLOCK), peer)).isNull();
    assertThat(picker.receive(1, BLOCK, ByteBuffer.allocate(BLOCK), peer)).isNull();
    assertThat(picker.receive(1, 0, ByteBuffer.allocate(BLOCK), peer)).isNotNull();
    assertThat(picker.isMissing(1)).isFalse();
    picker.failed(1);
    assertThat(picker.isMissing(1)).isTrue();
  }

  @Test
  void aPieceThatFailedItsHashIsTakenFromOnePeerAlone() {
    Peer one = new Peer(1);
    picker.want(new WantList(new int[] {1}, 0));
    picker.failed(1);
    assertThat(pick(one, 1, 0)).containsExactly("1/0");
    assertThat(pick(new Peer(1), 2, 0)).isEmpty();
    assertThat(pick(one, 1, 0)).containsExactly("1/1");
  }

  @Test
  void stripesDivideAWindowBetweenNodes() {
    List<WantList.Window> window = List.of(new WantList.Window(0, 6, true));
    WantList first = WantList.of(window, List.of(), piece -> true, new WantList.Stripe(1, 3));
    assertThat(first.pieces()).containsExactly(0, 1, 4, 2, 3, 5);
    assertThat(first.urgent()).isEqualTo(1);
  }

  @Test
  void readersTakeTurns() {
    WantList list =
        WantList.of(
            List.of(new WantList.Window(0, 3, false), new WantList.Window(5, 7, true)),
            List.of(),
            piece -> piece != 1,
            WantList.Stripe.ALONE);
    assertThat(list.pieces()).containsExactly(5, 0, 6, 2);
  }

  @Test
  void aRootIsNotAskedForWhatAnEdgeHas() {
    Peer root = root(1, 2);
    Peer edge = peer(1);
    picker.want(new WantList(new int[] {1, 2}, 1));
    assertThat(pick(root, 10, 0)).containsExactly("2/0", "2/1");
    assertThat(pick(edge, 10, 0)).containsExactly("1/0", "1/1");
    edge.giving = false;
    stored.set(2);
    picker.release(edge);
    assertThat(pick(root, 10, 0)).containsExactly("1/0", "1/1");
  }

  @Test
  void anEdgeThatAnnouncesAPieceIsAskedInsteadOfTheRootThatHasNotBegun() {
    Peer root = root(1, 2);
    picker.want(new WantList(new int[] {1, 2}, 1));
    pick(root, 10, 0);
    picker.receive(2, 0, ByteBuffer.allocate(BLOCK), root);
    Peer edge = peer(1, 2);
    picker.announced(1, edge, 0);
    picker.announced(2, edge, 0);
    assertThat(root.cancelled).containsExactly("1/0", "1/1");
    assertThat(pick(edge, 10, 0)).containsExactly("1/0", "1/1");
  }

  @Test
  void aSilentPeerIsPassedOverIfAnotherHasThePiece() {
    Peer silent = peer(1, 2);
    picker.want(new WantList(new int[] {1, 2}, 1));
    pick(silent, 10, 0);
    silent.giving = false;
    Peer other = peer(1);
    picker.passOver(silent, 0);
    assertThat(silent.cancelled).containsExactly("1/0", "1/1");
    assertThat(pick(other, 10, 0)).containsExactly("1/0", "1/1");
  }

  @Test
  void whoeverMissedMemoryIsToldWhenThereIsSome() {
    List<String> told = new ArrayList<>();
    PieceBuffers buffers = new PieceBuffers(LAYOUT.pieceLength());
    PiecePicker one = new PiecePicker(LAYOUT, buffers, stored::get, () -> told.add("one"));
    PiecePicker two = new PiecePicker(LAYOUT, buffers, stored::get, () -> told.add("two"));
    one.want(new WantList(new int[] {1, 2}, 0));
    two.want(new WantList(new int[] {1, 2}, 0));
    one.pick(new Peer(1, 2), 10, 0, (piece, block, length) -> {});
    two.pick(new Peer(1, 2), 10, 0, (piece, block, length) -> {});
    one.clear();
    assertThat(told).containsExactly("one");
    one.want(new WantList(new int[] {3}, 0));
    one.pick(new Peer(3), 10, 0, (piece, block, length) -> {});
    one.clear();
    assertThat(told).containsExactly("one", "two");
  }

  private Peer peer(int... has) {
    Peer peer = new Peer(has);
    picker.add(peer);
    return peer;
  }

  private Peer root(int... has) {
    Peer peer = peer(has);
    peer.root = true;
    return peer;
  }

  private List<String> pick(Peer peer, int max, long now) {
    List<String> picked = new ArrayList<>();
    picker.pick(peer, max, now, (piece, block, length) -> picked.add(piece + "/" + block));
    return picked;
  }
}
