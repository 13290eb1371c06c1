#!/usr/bin/python3
"""libtorrent as one node of a measured swarm: the counterpart of SwarmNode.java.

  lt.py seed  FILE TORRENT HOST:PORT
  lt.py leech TORRENT DIRECTORY HOST:PORT PEERS fill|sequential
  lt.py seek  TORRENT DIRECTORY HOST:PORT PEERS COUNT
  lt.py version

Arguments, lines and figures are SwarmNode's, so that `run` treats both alike; see the head of its source.
Plaintext, no uTP, no DHT, no local discovery: what is compared is the exchange of blocks over TCP. Needs the Python
binding of libtorrent 2 (Debian: python3-libtorrent).
"""

import json
import os
import random
import resource
import sys
import time
import zlib

import libtorrent as lt

GIVE_UP_SECONDS = 300
SEED_OF_SEEKS = 7

SETTINGS = {
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    "enable_outgoing_utp": False,
    "enable_incoming_utp": False,
    "in_enc_policy": 2,  # pe_disabled
    "out_enc_policy": 2,
    # Every node of a bench on loopback has the same address.
    "allow_multiple_connections_per_ip": True,
    # A node that has finished goes on seeding to the others.
    "close_redundant_connections": False,
    # Roomier than the defaults, each found faster or no slower on loopback: this is libtorrent at its best.
    "aio_threads": 2,
    "hashing_threads": 2,
    "max_queued_disk_bytes": 64 << 20,
    "send_buffer_watermark": 4 << 20,
    "request_queue_time": 10,
    "max_out_request_queue": 3000,
    "max_allowed_in_request_queue": 4000,
    "alert_queue_size": 100000,
}


def say(word, figures=None):
    print(word if figures is None else word + " " + json.dumps(figures), flush=True)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def max_rss():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def start(torrent, directory, listen, seed):
    settings = dict(SETTINGS, listen_interfaces=listen)
    settings["alert_mask"] = lt.alert.category_t.error_notification | lt.alert.category_t.progress_notification
    session = lt.session(settings)
    params = lt.add_torrent_params()
    params.ti = lt.torrent_info(torrent)
    params.save_path = directory
    params.flags &= ~lt.torrent_flags.auto_managed
    params.flags &= ~lt.torrent_flags.paused
    if seed:
        params.flags |= lt.torrent_flags.seed_mode
    handle = session.add_torrent(params)
    wanted = lt.torrent_status.seeding if seed else lt.torrent_status.downloading
    wait_until(lambda: handle.status().state == wanted)
    return session, handle


def wait_until(condition):
    end = time.monotonic() + GIVE_UP_SECONDS
    while not condition():
        if time.monotonic() > end:
            sys.exit("what was waited for did not come within %d s" % GIVE_UP_SECONDS)
        time.sleep(0.002)


def finished_pieces(session):
    """Pieces whose hash was found right, as they come; ends the process if none comes for too long."""
    while True:
        if session.wait_for_alert(GIVE_UP_SECONDS * 1000) is None:
            sys.exit("no piece came within %d s" % GIVE_UP_SECONDS)
        for alert in session.pop_alerts():
            if isinstance(alert, lt.piece_finished_alert):
                yield alert.piece_index


def connect(handle, peers):
    for peer in peers.split(","):
        host, port = peer.rsplit(":", 1)
        handle.connect_peer((host, int(port)))


def fetch(session, handle, peers, order, path):
    """Fetches everything; in `sequential` order the figures are those of a reader from byte 0."""
    info = handle.torrent_file()
    pieces, length = info.num_pieces(), info.total_size()
    if order == "sequential":
        handle.set_flags(lt.torrent_flags.sequential_download)
    cpu = cpu_seconds()
    begun = last = time.monotonic()
    connect(handle, peers)
    here, position, gap, first = set(), 0, 0, None
    finished = finished_pieces(session)
    while len(here) < pieces:
        here.add(next(finished))
        now = time.monotonic()
        if first is None:
            first = now
        before = position
        while position in here:
            position += 1
        if position > before:
            gap, last = max(gap, now - last), now
        if order == "sequential" and before < pieces / 2 <= position:
            say("HALF")
    end = time.monotonic()
    seconds = end - begun
    figures = {
        "seconds": seconds,
        "first": first - begun,
        "gap": gap,
        "rate": length / 1e6 / seconds,
        "warmRate": (length - info.piece_length()) / 1e6 / max(end - first, 1e-9),
        "cpu": cpu_seconds() - cpu,
        "rss": max_rss(),
    }
    if order == "sequential":
        figures["crc"] = crc_of(path, length)
    say("DONE", figures)


def crc_of(path, length):
    """After the clock has stopped: libtorrent may still have blocks to write, and says a piece is there before."""
    time.sleep(0.5)
    crc, read = 0, 0
    with open(path, "rb") as data:
        while block := data.read(1 << 20):
            crc, read = zlib.crc32(block, crc), read + len(block)
    return crc if read == length else -1


def seek(session, handle, peers, count):
    """Times pieces that nobody asked for before, one by one, on a connection that stands."""
    pieces = handle.torrent_file().num_pieces()
    handle.prioritize_pieces([0] * pieces)
    connect(handle, peers)
    order = seek_order(pieces)
    finished = finished_pieces(session)
    time_seek(handle, finished, order[-1])
    pauses = random.Random(SEED_OF_SEEKS)
    millis = []
    for piece in order[: min(count, pieces - 1)]:
        time.sleep(0.02 + pauses.random() * 0.08)
        millis.append(time_seek(handle, finished, piece))
    millis.sort()

    def percentile(percent):
        return millis[min(len(millis) - 1, len(millis) * percent // 100)]

    say("DONE", {"seeks": len(millis), "p50": percentile(50), "p90": percentile(90), "p99": percentile(99), "max": millis[-1]})


def time_seek(handle, finished, piece):
    begun = time.monotonic()
    handle.piece_priority(piece, 7)
    handle.set_piece_deadline(piece, 0)
    while next(finished) != piece:
        pass
    return (time.monotonic() - begun) * 1000


def seek_order(pieces):
    """SwarmNode.order, to the letter."""
    order, state = list(range(pieces)), SEED_OF_SEEKS
    for i in range(pieces - 1, 0, -1):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        other = state % (i + 1)
        order[i], order[other] = order[other], order[i]
    return order


def answer(handle):
    for line in sys.stdin:
        if line.strip() == "stat":
            status = handle.status()
            figures = {
                "uploaded": status.total_payload_upload,
                "downloaded": status.total_payload_download,
                "peers": status.num_peers,
                "cpu": cpu_seconds(),
                "rss": max_rss(),
            }
            say("STAT", figures)
        elif line.strip() == "quit":
            break


def main(role, *args):
    if role == "version":
        print(lt.__version__)
        return
    if role == "seed":
        file, torrent, listen = args
        session, handle = start(torrent, os.path.dirname(os.path.abspath(file)), listen, True)
        say("READY")
    else:
        torrent, directory, listen, peers, mode = args
        session, handle = start(torrent, directory, listen, False)
        say("READY")
        if sys.stdin.readline().strip() != "go":
            return
        if role == "seek":
            seek(session, handle, peers, int(mode))
        else:
            path = os.path.join(directory, handle.torrent_file().files().file_path(0))
            fetch(session, handle, peers, mode, path)
    answer(handle)


if __name__ == "__main__":
    main(*sys.argv[1:])
