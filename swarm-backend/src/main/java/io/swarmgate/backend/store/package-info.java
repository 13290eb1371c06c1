/**
 * Where verified pieces lie: extent files on edges, the published file itself on a publisher.
 *
 * <p>Locks of an {@code ExtentStore}, outermost first; none is held while a listener is called:
 *
 * <ol>
 *   <li>{@code ExtentStore}: which torrents there are; held while one is made or deleted
 *   <li>{@code TorrentExtents}: opening, last close and deletion of one torrent; held while its
 *       writers finish and its files are forced
 *   <li>{@code Room}: one evictor at a time; held while it unlinks, and while a writer without room
 *       waits for memory to be unmapped. A writer takes it with no other lock held, a start alone
 *   <li>{@code PieceMap}: writes to one small file
 *   <li>{@code TorrentState}: bits and extents of one torrent; no I/O
 *   <li>Caffeine's own; nothing is called back but an append to a queue
 *   <li>{@code Footprint}, then {@code Ledger}: sums; {@code WriteTrouble}: whether a line was
 *       logged
 * </ol>
 *
 * {@code Extent} and {@code MappedFile} lock themselves to make a file, and to map a window, once;
 * under theirs only {@code Footprint}'s is taken. Closing a slice takes that as well, where it
 * unmaps.
 */
@NullMarked
package io.swarmgate.backend.store;

import org.jspecify.annotations.NullMarked;
