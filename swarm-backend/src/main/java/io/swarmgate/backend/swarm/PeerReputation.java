package io.swarmgate.backend.swarm;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which peers are banned and for how long: a minute at first, four times as long with each further
 * offence, an hour at most. A peer is known by its address and the id it gives itself, so that
 * others behind one address go free; an address from which several have offended is banned as a
 * whole, since ids cost nothing. Owned by the loop.
 */
final class PeerReputation {
  private static final Duration FIRST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final int GROWTH = 4;

  /** Peers banned within an hour after which the whole address is banned. */
  private static final int PER_ADDRESS = 16;

  private record Peer(InetAddress address, PeerId id) {}

  private static final class Record {
    int offences;
    long bannedUntil;
    long forgetAt;
  }

  private final Map<Peer, Record> peers = new HashMap<>();
  private final Map<InetAddress, Record> addresses = new HashMap<>();

  /** Bans a peer; returns for how long. */
  Duration ban(InetAddress address, PeerId id, long now) {
    forget(now);
    Record one = peers.computeIfAbsent(new Peer(address, id), absent -> new Record());
    if (isBanned(one, now)) {
      // What it sent before counts once, however many pieces that was.
      return Duration.ofNanos(one.bannedUntil - now);
    }
    Record whole = addresses.computeIfAbsent(address, absent -> new Record());
    whole.offences++;
    whole.forgetAt = now + LONGEST.toNanos();
    if (whole.offences >= PER_ADDRESS) {
      whole.bannedUntil = now + FIRST.toNanos();
    }
    Duration time = FIRST;
    for (int i = 0; i < one.offences && time.compareTo(LONGEST) < 0; i++) {
      time = time.multipliedBy(GROWTH);
    }
    time = time.compareTo(LONGEST) < 0 ? time : LONGEST;
    one.offences++;
    one.bannedUntil = now + time.toNanos();
    one.forgetAt = one.bannedUntil + LONGEST.toNanos();
    return time;
  }

  /** Bans everyone at an address for a time. */
  void ban(InetAddress address, Duration time, long now) {
    forget(now);
    Record whole = addresses.computeIfAbsent(address, absent -> new Record());
    whole.bannedUntil = now + time.toNanos();
    whole.forgetAt = whole.bannedUntil + LONGEST.toNanos();
  }

  /** Forgets what was done from an address; returns whether any ban lasted. */
  boolean pardon(InetAddress address, long now) {
    boolean banned = isBanned(addresses.remove(address), now);
    for (Map.Entry<Peer, Record> entry : List.copyOf(peers.entrySet())) {
      if (entry.getKey().address().equals(address)) {
        banned |= isBanned(entry.getValue(), now);
        peers.remove(entry.getKey());
      }
    }
    return banned;
  }

  /** The bans that last. */
  List<Ban> bans(long now) {
    List<Ban> all = new ArrayList<>();
    addresses.forEach((address, record) -> addIfBanned(all, address, true, record, now));
    peers.forEach((peer, record) -> addIfBanned(all, peer.address(), false, record, now));
    return all;
  }

  private static void addIfBanned(
      List<Ban> all, InetAddress address, boolean whole, Record record, long now) {
    if (isBanned(record, now)) {
      Duration left = Duration.ofNanos(record.bannedUntil - now);
      all.add(new Ban(address.getHostAddress(), whole, left));
    }
  }

  /** Whether nobody at an address is let in. */
  boolean isBanned(InetAddress address, long now) {
    return isBanned(addresses.get(address), now);
  }

  boolean isBanned(InetAddress address, PeerId id, long now) {
    return isBanned(address, now) || isBanned(peers.get(new Peer(address, id)), now);
  }

  private static boolean isBanned(@Nullable Record record, long now) {
    return record != null && record.bannedUntil != 0 && now - record.bannedUntil < 0;
  }

  private void forget(long now) {
    peers.values().removeIf(record -> now - record.forgetAt >= 0);
    addresses.values().removeIf(record -> now - record.forgetAt >= 0);
  }
}
