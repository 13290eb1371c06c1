#!/usr/bin/env python3
"""Simulates the rules by which six cold edges, all asked at once, take about one copy from the publisher.

  onecopy.py [SCENARIO...] [--seeds N] [--RULE VALUE]...     for instance: onecopy.py slow --slow-piece 0

A discrete-event simulation: nodes with an uplink and a downlink, a latency, and nothing of TCP but a pipe that holds
so much. It is kept beside the engine so that a rule is changed together with its figure. Python's standard library only.

Printed for each scenario, means over the random seeds:
  copies      bytes the publisher sent / file size
  mean        finish of an edge / what its own lines allow (file size / the slower of publisher's uplink and its
              downlink), mean over the edges that live
  fastest     the same of the edge with the fastest line
  gap         longest time in ms, in any round, that a reader waited for its next piece; then that of the fastest edge
  twice       bytes that came to an edge twice / file size
"""

import argparse
import heapq
import itertools
import random
from dataclasses import dataclass, fields, replace
from typing import Callable, Optional

MB = 1e6
PIECE = 1 << 20
UNIT = 64 << 10  # four blocks; finer ones change no figure and take four times as long
UNITS = PIECE // UNIT
TICK = 0.02


@dataclass(frozen=True)
class Rules:
    """Times in seconds. The publisher is the root; a hold keeps a piece it is sending to one edge from all others."""

    stall: float = 0.150  # a hold ends when so long nothing was sent that could have been,
    have_wait: float = 0.100  # or no HAVE comes so long after the last byte drained,
    cancel_grace: float = 0.250  # or so long after the HAVE, which leaves others the time to CANCEL,
    slow_piece: float = 1.0  # or the rest will take its receiver longer, by the time its pipe was full (0: no such rule)
    window: int = 16  # pieces an edge asks for ahead of its reader
    depth: int = 6  # units kept under way from an edge, as the engine does on such lines
    late: float = 0.300  # an edge's unit that takes longer, and longer than usual, is asked of another source,
    late_root: int = 1  # of the root too (0: of edges alone)
    whole: int = 0  # 1: edges too finish a piece to one receiver before they begin another, the earliest first
    silence: float = 1.0  # an edge that sends nothing for so long is passed over,
    silence_gaps: float = 8.0  # but not before so many of its usual gaps between blocks,
    passed_over: float = 5.0  # and for so long
    pipe: int = 4  # units that fit in the buffers of one connection


@dataclass(frozen=True)
class Scenario:
    title: str
    root_up: float  # bytes a second
    lines: tuple  # each edge's, both ways, bytes a second
    pieces: int
    latency: float = 0.0005
    spread: float = 0.005  # the edges are asked at random moments within this time
    dies: Optional[float] = None  # when the first edge falls silent, as a machine does whose power fails


SCENARIOS = {
    "slow10": Scenario("six at 10 MB/s", 10 * MB, (10 * MB,) * 6, 48, latency=0.005, spread=0.05),
    "line": Scenario("six at 12.5 MB/s", 12.5 * MB, (12.5 * MB,) * 6, 48, latency=0.010, spread=0.05),
    "lan": Scenario("six at 100 MB/s", 100 * MB, (100 * MB,) * 6, 64),
    "mixed": Scenario("one at 100, five at 10 MB/s", 100 * MB, (100 * MB,) + (10 * MB,) * 5, 64),
    "slow": Scenario("one at 100, five at 0.5 MB/s", 100 * MB, (100 * MB,) + (0.5 * MB,) * 5, 32),
    "dies": Scenario("six at 100 MB/s, one dies at 0.3 s", 100 * MB, (100 * MB,) * 6, 64, dies=0.3),
    "dies-line": Scenario("six at 12.5 MB/s, one dies at 0.8 s", 12.5 * MB, (12.5 * MB,) * 6, 48, dies=0.8),
}


class Simulation:
    """The clock, the events and the wire."""

    def __init__(self, scenario, rules, seed, known=None):
        self.scenario, self.rules = scenario, rules
        self.random = random.Random(seed)
        self.now = 0.0
        self._events, self._count = [], itertools.count()
        self.root = Root(self, scenario.root_up)
        self.edges = [Edge(self, number, line) for number, line in enumerate(scenario.lines)]
        self._introduce(known)
        for edge in self.edges:
            self.after(self.random.uniform(0, scenario.spread), edge.plan)
        if scenario.dies is not None:
            self.after(scenario.dies, self.edges[0].die)
        self.after(TICK, self._tick)

    def _introduce(self, known):
        """Each edge dials so many others, all by default; connections are of use to both."""
        for edge in self.edges:
            others = [other for other in self.edges if other is not edge]
            for other in others if known is None else self.random.sample(others, known):
                edge.peers[other] = other.peers[edge] = True

    def after(self, delay, action: Callable, *arguments):
        heapq.heappush(self._events, (self.now + delay, next(self._count), action, arguments))

    def tell(self, action: Callable, *arguments):
        """A message, which takes the latency."""
        self.after(self.scenario.latency, action, *arguments)

    def run(self, limit=600.0):
        while self._events and self.now < limit and any(e.finish is None for e in self.living()):
            self.now, _, action, arguments = heapq.heappop(self._events)
            action(*arguments)
        return self

    def living(self):
        return [edge for edge in self.edges if not edge.dead]

    def _tick(self):
        for edge in self.living():
            edge.tick()
        for node in [self.root, *self.living()]:
            node.pump()
        self.after(TICK, self._tick)


@dataclass
class Request:
    """What one receiver still wants of one piece."""

    piece: int
    units: list
    fresh: bool = True  # nothing of it was sent yet


class Uploader:
    """Sends one unit after another over its uplink; which one is next, the two kinds decide."""

    def __init__(self, simulation, up):
        self.sim, self.up = simulation, up
        self.dead = False
        self.requests = {}  # receiver -> list of Request
        self.in_pipe = {}  # receiver -> units sent that have not drained
        self.sent = 0
        self._latest = {}  # receiver -> the piece a unit of which it was sent last
        self._sending = False

    def ask(self, receiver, piece, units):
        queue = self.requests.setdefault(receiver, [])
        request = next((request for request in queue if request.piece == piece), None)
        if request:
            request.units += units
        else:
            queue.append(Request(piece, list(units), self._latest.get(receiver) != piece))
        self.pump()

    def cancel(self, receiver, piece, units):
        for request in self.requests.get(receiver, []):
            if request.piece == piece:
                request.units = [unit for unit in request.units if unit not in units]
        self.requests[receiver] = [request for request in self.requests.get(receiver, []) if request.units]
        self.pump()

    def offered(self):
        """The receivers whose pipe has room, each with the first request that isn't held."""
        for receiver, requests in self.requests.items():
            if self.in_pipe.get(receiver, 0) < self.sim.rules.pipe:
                request = next((r for r in requests if not self.held(receiver, r)), None)
                if request:
                    yield receiver, request

    def pump(self):
        if self._sending or self.dead:
            return
        offers = list(self.offered())
        if not offers:
            return
        receiver, request = self.choose(offers)
        unit = request.units.pop(0)
        request.fresh = False
        self._latest[receiver] = request.piece
        if not request.units:
            self.requests[receiver].remove(request)
        self._sending = True
        self.sent += UNIT
        self.in_pipe[receiver] = self.in_pipe.get(receiver, 0) + 1
        self.sending(receiver, request)
        self.sim.after(UNIT / self.up, self._left, receiver, request.piece, unit)

    def _left(self, receiver, piece, unit):
        self._sending = False
        receiver.line_free = max(self.sim.now, receiver.line_free) + UNIT / receiver.down
        self.sim.after(receiver.line_free - self.sim.now + self.sim.scenario.latency, self._arrive, receiver, piece, unit)
        self.pump()

    def _arrive(self, receiver, piece, unit):
        if receiver.dead or self.dead:
            return  # and the pipe stays full
        self.in_pipe[receiver] -= 1
        self.drained(receiver, piece)
        self.pump()
        receiver.receive(self, piece, unit)

    # What the two kinds answer differently.

    def held(self, receiver, request):
        return False

    def choose(self, offers):
        raise NotImplementedError

    def sending(self, receiver, request):
        pass

    def drained(self, receiver, piece):
        pass


@dataclass
class Hold:
    """A piece under way from the root to one edge."""

    receiver: "Edge"
    progress: float  # when a unit was last sent or drained
    units_drained: int = 0
    all_sent: bool = False
    blocked: float = 0.0  # how long its receiver's pipe was full: the root could have sent, the line could not
    full_since: Optional[float] = None


class Root(Uploader):
    """The publisher. Sends a piece to one edge to the end before it begins it to another, which by then can mostly
    have it from the first."""

    def __init__(self, simulation, up):
        super().__init__(simulation, up)
        self._holds = {}  # piece -> Hold; the latest, so that one waiter is released at a time
        self._had = {}  # (edge, piece) -> when its HAVE came

    def held(self, receiver, request):
        hold = self._holds.get(request.piece)
        if hold is None or hold.receiver is receiver:
            return False
        rules, now = self.sim.rules, self.sim.now
        had = self._had.get((hold.receiver, request.piece))
        if had is not None:
            return now - had < rules.cancel_grace
        if hold.all_sent and not self.in_pipe.get(hold.receiver):
            return now - hold.progress < rules.have_wait
        if now - hold.progress >= rules.stall:
            return False
        return not self._too_slow(hold)

    def _too_slow(self, hold):
        """Time in which the root sent to others doesn't count: a busy root must not end its own holds."""
        # One unit tells nothing: it may have waited for pieces that were under way before.
        if not self.sim.rules.slow_piece or hold.units_drained < 2:
            return False
        blocked = hold.blocked + (self.sim.now - hold.full_since if hold.full_since is not None else 0)
        return blocked / hold.units_drained * (UNITS - hold.units_drained) > self.sim.rules.slow_piece

    def choose(self, offers):
        # Pieces that were begun first, then the earliest: it is the one a reader waits for.
        return min(offers, key=lambda offer: (offer[1].fresh, offer[1].piece, self.sim.random.random()))

    def sending(self, receiver, request):
        hold = self._holds.get(request.piece)
        if hold is None or hold.receiver is not receiver:
            hold = self._holds[request.piece] = Hold(receiver, self.sim.now)
        hold.progress = self.sim.now
        if self.in_pipe[receiver] == self.sim.rules.pipe:
            hold.full_since = self.sim.now
        hold.all_sent = not request.units

    def drained(self, receiver, piece):
        hold = self._holds.get(piece)
        if hold and hold.receiver is receiver:
            hold.progress = self.sim.now
            hold.units_drained += 1
            if hold.full_since is not None:
                hold.blocked += self.sim.now - hold.full_since
                hold.full_since = None

    def has(self, edge, piece):
        self._had[(edge, piece)] = self.sim.now


@dataclass
class Heard:
    """What an edge knows of another's pace; answers are smoothed as TCP does it (RFC 6298)."""

    last: float = 0.0
    gap: float = 0.0  # between its blocks, smoothed
    answer: float = 0.0
    deviation: float = 0.0
    shunned_until: float = 0.0

    def answered(self, asked, now):
        self.gap += (now - max(self.last, asked) - self.gap) / 8
        took = now - asked
        if self.answer:
            self.deviation += (abs(took - self.answer) - self.deviation) / 4
            self.answer += (took - self.answer) / 8
        else:
            self.answer, self.deviation = took, took / 2


class Edge(Uploader):
    """Reads from byte 0, and serves what it has: round-robin by block, holding nothing."""

    def __init__(self, simulation, number, line):
        super().__init__(simulation, line)
        self.number, self.down = number, line
        self.line_free = 0.0
        self.finish = None
        self.advances = [0.0]  # when the reader could go on
        self.twice = 0
        self.peers = {}  # the other edges that it knows
        self._position = 0
        self._units = {}  # piece -> units here
        self._have = set()
        self._wanted = []  # pieces, most wanted first
        # Units that nobody is asked for.
        self._free = {piece: list(range(UNITS)) for piece in range(simulation.scenario.pieces)}
        self._asked = {}  # source -> {(piece, unit): when}
        self._owners = {}  # piece -> peers that have it, in the order of their HAVEs
        self._heard = {}  # source -> Heard
        self._turn = 0

    def die(self):
        self.dead = True

    def choose(self, offers):
        if self.sim.rules.whole:
            return min(offers, key=lambda offer: (offer[1].fresh, offer[1].piece, self.sim.random.random()))
        count = len(self.sim.edges)
        receiver, request = min(offers, key=lambda offer: (offer[0].number - self._turn - 1) % count)
        self._turn = receiver.number
        return receiver, request

    # The requester.

    def plan(self):
        """Wants the piece the reader is at, then its window, this edge's own stripe of it first."""
        if self.dead or self.finish is not None:
            return
        end = min(self.sim.scenario.pieces, self._position + self.sim.rules.window)
        share, nodes = sum(peer.number < self.number for peer in self.peers), len(self.peers) + 1
        self._wanted = [piece for piece in range(self._position, end) if piece not in self._have]
        self._wanted.sort(key=lambda p: (p != self._position, (p - share) % nodes != 0, p))
        for piece in self._wanted:
            if self._free[piece]:
                for owner in list(self._owners.get(piece, ())):
                    self._refill(owner)
        self._refill(self.sim.root)

    def _refill(self, source):
        """Asks an edge for the units that are kept under way; the root, which holds, for all that no edge has."""
        if self.dead or self._shuns(source):
            return
        root = source is self.sim.root
        room = UNITS * self.sim.rules.window if root else self.sim.rules.depth - len(self._asked.get(source, ()))
        for piece in self._wanted:
            if room <= 0:
                return
            free = self._free[piece]
            if free and (not self._is_elsewhere(piece) if root else source in self._owners.get(piece, ())):
                units, self._free[piece] = free[:room], free[room:]
                room -= len(units)
                self._ask(source, piece, units)
        late = self.sim.rules.late_root if root else self._wanted and source in self._owners.get(self._wanted[0], ())
        if room > 0 and self._wanted and late:
            self._ask_late(source, self._wanted[0], room)

    def _is_elsewhere(self, piece):
        return any(not self._shuns(owner) for owner in self._owners.get(piece, ()))

    def _ask_late(self, source, piece, room):
        """What the reader waits for and another source is late with, or this one would have brought long since."""
        now, quick = self.sim.now, self._patience(source)
        for other, asked in [(other, asked) for other, asked in self._asked.items() if asked and other is not source]:
            patience = min(self._patience(other), 2 * quick)
            late = [unit for (p, unit), at in asked.items() if p == piece and now - at > patience][:room]
            if late:
                room -= len(late)
                self._withdraw(other, piece, late)
                self._ask(source, piece, late)

    def _patience(self, source):
        heard = self._heard.setdefault(source, Heard())
        return max(self.sim.rules.late, heard.answer + 4 * heard.deviation)

    def _shuns(self, source):
        heard = self._heard.get(source)
        return heard is not None and heard.shunned_until > self.sim.now

    def _ask(self, source, piece, units):
        self._asked.setdefault(source, {}).update({(piece, unit): self.sim.now for unit in units})
        self._free[piece] = [unit for unit in self._free[piece] if unit not in units]
        self.sim.tell(source.ask, self, piece, units)

    def _withdraw(self, source, piece, units=range(UNITS)):
        """Cancels what a source was asked of a piece; it is free then."""
        asked = self._asked.get(source, {})
        mine = [unit for unit in units if asked.pop((piece, unit), None) is not None]
        if mine:
            self._free[piece] = sorted(self._free[piece] + mine)
            self.sim.tell(source.cancel, self, piece, mine)

    def receive(self, source, piece, unit):
        asked = self._asked.get(source, {}).pop((piece, unit), None)
        heard = self._heard.setdefault(source, Heard())
        if asked is not None:
            heard.answered(asked, self.sim.now)
        heard.last = self.sim.now
        here = self._units.setdefault(piece, set())
        if piece in self._have or unit in here:
            self.twice += UNIT
        else:
            here.add(unit)
            if asked is None:
                for other in list(self._asked):
                    self._withdraw(other, piece, [unit])
                self._free[piece] = [free for free in self._free[piece] if free != unit]
            if len(here) == UNITS:
                self._complete(piece)
        self._refill(source)

    def _complete(self, piece):
        self._have.add(piece)
        self.sim.tell(self.sim.root.has, self, piece)
        for peer in self.peers:
            self.sim.tell(peer.learn, self, piece)
        while self._position in self._have:
            self._position += 1
            self.advances.append(self.sim.now)
        if self._position == self.sim.scenario.pieces:
            self.finish = self.sim.now
        self.plan()

    def learn(self, peer, piece):
        """On a HAVE: what was asked of the root, and has not begun to come, can be asked of that edge instead."""
        self._owners.setdefault(piece, {})[peer] = True
        if self.dead or piece in self._have or self._shuns(peer):
            return
        if not self._units.get(piece):
            self._withdraw(self.sim.root, piece)
        self._refill(peer)

    def tick(self):
        """Passes over who is silent, and looks for what is late."""
        rules = self.sim.rules
        for source, asked in self._asked.items():
            if source is self.sim.root or not asked or self._shuns(source):
                continue
            heard = self._heard.setdefault(source, Heard())
            if self.sim.now - max(min(asked.values()), heard.last) > max(rules.silence, rules.silence_gaps * heard.gap):
                heard.shunned_until = self.sim.now + rules.passed_over
                for piece in {piece for piece, _ in asked}:
                    self._withdraw(source, piece)
                return self.plan()
        if self._wanted:
            for owner in list(self._owners.get(self._wanted[0], ())):
                self._refill(owner)
        self._refill(self.sim.root)


@dataclass
class Result:
    copies: float
    mean: float
    fastest: float
    gap: float
    fastest_gap: float
    twice: float


def result(sim):
    size = sim.scenario.pieces * PIECE
    living = sim.living()

    def over_ideal(edge):
        return (edge.finish or float("inf")) / (size / min(sim.scenario.root_up, edge.down))

    def gap(edge):
        return 1000 * max(later - earlier for earlier, later in zip(edge.advances, edge.advances[1:]))

    fast = max(living, key=lambda edge: edge.down)
    return Result(
        copies=sim.root.sent / size,
        mean=sum(map(over_ideal, living)) / len(living),
        fastest=over_ideal(fast),
        gap=max(map(gap, living)),
        fastest_gap=gap(fast),
        twice=sum(edge.twice for edge in living) / size,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS) + "; all by default")
    parser.add_argument("--seeds", type=int, default=3, help="random seeds (3)")
    parser.add_argument("--edges", type=int, help="in place of six, in scenarios whose edges are all alike")
    parser.add_argument("--known", type=int, help="edges that each edge dials; all by default")
    for rule in fields(Rules):
        parser.add_argument("--" + rule.name.replace("_", "-"), type=type(rule.default), default=rule.default)
    options = parser.parse_args()
    for name in options.scenarios:
        if name not in SCENARIOS:
            parser.error(f"{name}: expected one of {', '.join(SCENARIOS)}")
    rules = Rules(**{rule.name: getattr(options, rule.name) for rule in fields(Rules)})

    print(f"{'':36s} copies   mean  fastest    gap ms  (fastest)  twice")
    for name in options.scenarios or SCENARIOS:
        scenario = SCENARIOS[name]
        if options.edges and len(set(scenario.lines)) == 1:
            lines = scenario.lines[:1] * options.edges
            scenario = replace(scenario, title=f"{scenario.title}, {options.edges} edges", lines=lines)
        runs = [result(Simulation(scenario, rules, seed, options.known).run()) for seed in range(1, options.seeds + 1)]

        def mean(pick):
            return sum(map(pick, runs)) / len(runs)

        print(
            f"{scenario.title:36s} {mean(lambda r: r.copies):6.2f} {mean(lambda r: r.mean):6.2f}"
            f" {mean(lambda r: r.fastest):8.2f} {max(r.gap for r in runs):9.0f}"
            f" {max(r.fastest_gap for r in runs):10.0f} {mean(lambda r: r.twice):6.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
