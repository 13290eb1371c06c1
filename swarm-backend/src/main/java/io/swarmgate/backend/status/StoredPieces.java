package io.swarmgate.backend.status;

import io.swarmgate.backend.metainfo.PieceLayout;
import java.util.BitSet;

/**
 * What is stored of a torrent.
 *
 * @param have the verified pieces; not shared
 */
public record StoredPieces(PieceLayout layout, BitSet have) {}
