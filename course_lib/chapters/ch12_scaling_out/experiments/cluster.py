"""An event-driven simulator of training on many machines: who computes when, and which update sees which parameters.

It knows times only, no gradients: ``training.replay`` learns along its log afterwards. Every mode is a queue of events,
the next worker to be ready at the top.
"""

from heapq import heapify, heappop, heappush
from typing import NamedTuple

import numpy as np

from course_lib.validation import count


class Span(NamedTuple):
    """A stretch in which ``worker`` computed one gradient; ``used``: whether an update took it."""

    worker: int
    begun: float
    ended: float
    used: bool


class Log(NamedTuple):
    """What a simulated cluster did.

    Attributes:
        times: when each update was done, ``(k,)``, ascending.
        read: number of updates that the parameters had seen at which its gradient was computed, ``(k,)``.
        gradients: how many gradients were averaged in it, ``(k,)``.
        spans: who computed when, a list of ``Span``.
    """

    times: np.ndarray
    read: np.ndarray
    gradients: np.ndarray
    spans: list

    @property
    def staleness(self):
        """How many updates lay between reading the parameters and the update, ``(k,)``; 0 if none."""
        return np.arange(len(self.read)) - self.read

    @property
    def gradients_per_time(self):
        """Gradients used, over the time it took."""
        return float(self.gradients.sum() / self.times[-1])

    def until(self, time):
        """The log up to ``time``: its updates, and the spans that ended by then."""
        done = int(np.searchsorted(self.times, time, side="right"))
        spans = [span for span in self.spans if span.ended <= time]
        return Log(self.times[:done], self.read[:done], self.gradients[:done], spans)

    @property
    def wasted(self):
        """Share of the computed gradients that no update took."""
        return float(np.mean([not span.used for span in self.spans]))


def _log(updates, spans):
    times, read, gradients = zip(*updates, strict=True)
    return Log(np.array(times), np.array(read), np.array(gradients), spans)


def synchronous(machines, num_updates, backups=0, cancel=True):
    """Every update averages the gradients of all workers but the ``backups`` slowest, taken at the newest parameters.

    Args:
        machines: ``Machines``; ``backups`` of its workers are spare.
        num_updates: how many updates.
        backups: an update waits for ``num_workers - backups`` gradients.
        cancel: whether late workers stop at once and begin anew with the others. Else they finish first, what they
            bring is dropped, and they go on from the parameters as they are then.

    Returns ``Log``. The gradients that count are averaged in a ring, which takes ``machines.ring`` of time.
    Source: Chen et al. 2016, algorithms 1 and 2 (there without cancelling).
    """
    needed = count("num_workers - backups", machines.num_workers - count("backups", backups, minimum=0))
    clocks, ring, num_updates = machines.clocks(), machines.ring(needed), count("num_updates", num_updates)
    working = [(next(clock), worker, 0, 0.0) for worker, clock in enumerate(clocks)]  # ready, who, read, begun
    heapify(working)
    updates, spans, waiting, updated = [], [], [], 0.0
    while len(updates) < num_updates:
        ready, worker, read, begun = heappop(working)
        late = read < len(updates)
        spans.append(Span(worker, begun, ready, not late))
        waiting.append(worker)
        if late:
            _begin(working, clocks, waiting, len(updates), max(ready, updated))
        elif len(waiting) == needed:
            updates.append((ready + ring, read, needed))
            updated = ready + ring
            if cancel:
                _stop(working, spans, waiting, ready)
            _begin(working, clocks, waiting, len(updates), updated)
    return _log(updates, spans)


def _begin(working, clocks, waiting, version, now):
    """Send all that wait to work, at the parameters of ``version``."""
    while waiting:
        worker = waiting.pop()
        heappush(working, (now + next(clocks[worker]), worker, version, now))


def _stop(working, spans, waiting, now):
    """End the work of all that are not ready."""
    while working:
        _, worker, _, begun = working.pop()
        spans.append(Span(worker, begun, now, False))
        waiting.append(worker)


def asynchronous(machines, num_updates):
    """A server holds the parameters; every worker reads, computes, sends, and nobody waits for anybody.

    The server has one link: a gradient in and parameters out take ``2 * machines.network``, one worker after the other.
    Every gradient is an update by itself. Returns ``Log``. Source: Dean et al. 2012 (Downpour SGD).
    """
    clocks, exchange, free = machines.clocks(), 2 * machines.network, 0.0
    working = [(next(clock), worker, 0, 0.0) for worker, clock in enumerate(clocks)]
    heapify(working)
    updates, spans = [], []
    for version in range(1, count("num_updates", num_updates) + 1):
        ready, worker, read, begun = heappop(working)
        free = max(ready, free) + exchange
        spans.append(Span(worker, begun, ready, True))
        updates.append((free, read, 1))
        heappush(working, (free + next(clocks[worker]), worker, version, free))
    return _log(updates, spans)


def local_steps(machines, num_rounds, steps=8):
    """Every worker takes ``steps`` updates by itself, then all average their parameters in a ring.

    Returns ``Log`` with one entry a round; ``gradients`` counts those of all workers. Source: Stich 2019 (local SGD).
    """
    clocks, members, steps = machines.clocks(), machines.num_workers, count("steps", steps)
    updates, spans, now = [], [], 0.0
    for version in range(count("num_rounds", num_rounds)):
        ready = [now] * members
        for worker, clock in enumerate(clocks):
            for _ in range(steps):
                begun, ready[worker] = ready[worker], ready[worker] + next(clock)
                spans.append(Span(worker, begun, ready[worker], True))
        now = max(ready) + machines.ring(members)
        updates.append((now, version, steps * members))
    return _log(updates, spans)
