"""Exercise 12-2: how old gradients are when they are used."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.checks.gradients import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, different, whole

# --- 12-2: workers, sends -> staleness ----------------------------------------------------------------------

stale = Exercise("12-2", "How old is each gradient?", "staleness", kind="predict", topics=TOPICS)

AGE = "A gradient is as old as the updates since its worker last read"
TURNS = "Workers that take turns are all equally late"
NOTHING = "Where nothing was sent, nothing comes back"


def _protocol(rng):
    """``(workers, sends)``: everybody reads first; then reads and sends as they come, either of them twice at times."""
    number = int(rng.integers(3, 6))
    events = [(worker, False) for worker in rng.permutation(number)]
    for _ in range(24):
        worker = int(rng.integers(number))
        events += {0: [(worker, True)], 1: [(worker, False)]}.get(
            int(rng.integers(4)), [(worker, True), (worker, False)]
        )
    # Always asked for: a second send without a new read, an update in between, and a second read before the send.
    one, other = rng.permutation(number)[:2]
    events += [(one, True), (other, True), (other, True), (one, True), (one, False), (other, True), (one, False)]
    events += [(other, True), (other, True), (one, True), (one, True)]
    workers, sends = zip(*events, strict=True)
    return [int(worker) for worker in workers], list(sends)


def _ages(workers, sends):
    version, read, found = 0, {}, []
    for worker, send in zip(workers, sends, strict=True):
        if send:
            found.append(version - read[worker])
            version += 1
        else:
            read[worker] = version
    return np.array(found, dtype=float)


@stale.check(
    AGE,
    points=2,
    hint=(
        "Keep two things: how many updates there have been, and at which number each worker last read.",
        "A send is an update: note its age first, then count it. A worker that reads again starts anew.",
    ),
)
def ages_are_counted_from_the_last_read(staleness, rng):
    for _ in range(2):
        workers, sends = _protocol(rng)
        close(staleness(workers, sends), _ages(workers, sends), "the ages")


@stale.check(TURNS, points=1, hint="Three workers that take turns: the ages are 0, 1, 2, 2, 2, ...")
def turns_make_equal_ages(staleness, rng):
    number = int(rng.integers(3, 6))
    order = np.tile(rng.permutation(number), 3)
    workers = np.concatenate([np.arange(number), np.repeat(order, 2)])
    sends = np.concatenate([np.zeros(number, dtype=bool), np.tile([True, False], len(order))])
    expected = np.minimum(np.arange(len(order)), number - 1)
    close(staleness(workers.tolist(), sends.tolist()), expected, "the ages")


@stale.check(NOTHING, points=1, hint="Reads alone move nothing: return an array of shape (0,).", supporting=True)
def reads_alone_are_no_updates(staleness, rng):
    number = int(rng.integers(1, 5))
    close(staleness(rng.permutation(number).tolist(), [False] * number), np.zeros(0), "the ages")


def _protocols(rng):
    """Long and short ones, one worker alone, one event, reads only, numbers of workers with gaps and below 0; a
    gradient that is older than 255 updates."""
    workers, sends = _protocol(rng)
    number = different(rng, 3, 2, 7)[0]
    reads = rng.permutation(number).tolist(), [False] * number
    alone = [3] * 7, [False, True, True, False, False, True, True]
    others = [([7 * worker for worker in workers], sends), ([worker - 2 for worker in workers], sends)]
    late = [0] + [1] * (int(rng.integers(260, 280))) + [0], [False, False]
    late[1].extend([True] * (len(late[0]) - 2))
    return [(workers, sends), _protocol(rng), reads, alone, ([0], [False]), *others, late]


def _by_looking_back(workers, sends):
    """For each send: back to the worker's last read, counting the sends on the way."""
    found = []
    for end in np.flatnonzero(sends):
        last = max(i for i in range(end) if workers[i] == workers[end] and not sends[i])
        found.append(float(np.sum(sends[last:end])))
    return np.array(found)


whole(stale, _by_looking_back, _protocols, ("the ages",))


@stale.check(PURE, points=1, hint=PURE_HINT, supporting=True)
def protocols_stay(staleness, rng):
    leaves_inputs_alone(staleness, *_protocol(rng), other=_protocol(rng))


def _kept(workers, sends, reread=True, own_read=False, own=True, first=0, distinct=False, since_send=False):
    """Bookkeeping with its faults as switches; ``log``: who made each update."""
    log, read, found, sent = [], {}, [], set()
    for worker, send in zip(workers, sends, strict=True):
        if send:
            since = log[read[worker] :]
            counted = [other for other in since if own or other != worker]
            found.append(first + (len(set(counted)) if distinct else len(counted)))
            log.append(worker)
            sent.add(worker)
            if own_read or since_send:
                read[worker] = len(log)
        elif worker not in read or (not since_send and (reread or worker in sent)):
            read[worker] = len(log)
            sent.discard(worker)
    return np.array(found, dtype=float)


@stale.mistake(
    "the first of two reads counts",
    AGE,
    "A worker that reads again before it sends computes at the newer parameters: take the last read.",
)
def first_of_two_reads(workers, sends):
    return _kept(workers, sends, reread=False)


@stale.mistake(
    "a send counts as a read",
    AGE,
    "Sending brings no new parameters: without a read, the next gradient is computed at the old ones.",
)
def send_counts_as_read(workers, sends):
    return _kept(workers, sends, own_read=True)


@stale.mistake(
    "own updates left out",
    AGE,
    "An update of its own moves the parameters, too, if the worker has not read since: count all updates.",
)
def own_left_out(workers, sends):
    return _kept(workers, sends, own=False)


@stale.mistake(
    "counts workers, not updates",
    AGE,
    "A quick worker may bring several updates in between: count updates, not how many workers brought some.",
)
def counts_workers(workers, sends):
    return _kept(workers, sends, distinct=True)


@stale.mistake(
    "counted from its last send",
    AGE,
    "Between its last send and its next read others may have moved the parameters: count from the read.",
)
def counted_from_last_send(workers, sends):
    return _kept(workers, sends, since_send=True)


@stale.mistake(
    "the update itself counts",
    (AGE, TURNS, NOTHING, PURE),
    "A gradient that is used at once is 0 updates old: note its age before you count its own update.",
)
def update_itself_counts(workers, sends):
    return _kept(workers, sends, first=1)


@stale.mistake(
    "a zero for nothing", NOTHING, "Without a send there is no gradient and no age: return an empty array, not [0]."
)
def zero_for_nothing(workers, sends):
    found = _kept(workers, sends)
    return found if len(found) else np.zeros(1)


@stale.mistake(
    "always workers less one",
    (AGE, TURNS, NOTHING, PURE),
    "That is the average in the long run: here the age of each gradient is asked for.",
)
def workers_less_one(workers, sends):
    return np.full(sum(sends), len(set(workers)) - 1.0)


@stale.mistake(
    "reads counted, too",
    (AGE, TURNS, NOTHING, PURE),
    "A read changes nothing in the parameters: count the sends in between only.",
)
def reads_counted(workers, sends):
    read, found = {}, []
    for t, (worker, send) in enumerate(zip(workers, sends, strict=True)):
        if send:
            found.append(t - read[worker] - 1.0)
        else:
            read[worker] = t
    return np.array(found)


@stale.mistake(
    "reads counted, too",
    (AGE, TURNS, NOTHING, PURE),
    "A read changes nothing in the parameters: count the sends in between only.",
)
def reads_and_the_send_itself_counted(workers, sends):
    return reads_counted(workers, sends) + 1


@stale.mistake(
    "the first read of all",
    (AGE, TURNS, NOTHING, PURE),
    "A worker that reads again computes at the newer parameters: its last read counts, not its first.",
)
def first_read_of_all(workers, sends):
    read, found, version = {}, [], 0
    for worker, send in zip(workers, sends, strict=True):
        found += [version - read[worker]] * send
        version += send
        read.setdefault(worker, version)
    return np.array(found, dtype=float)


@stale.mistake(
    "the last read of anybody",
    (AGE, TURNS, NOTHING, PURE),
    "Another worker's read brings this one nothing: keep for each worker where it read last.",
)
def last_read_of_anybody(workers, sends):
    return _ages([0] * len(workers), sends)


@stale.mistake(
    "a send counts as a read",
    AGE,
    "Sending brings no new parameters: without a read, the next gradient is computed at the old ones.",
)
def read_used_up_by_a_send(workers, sends):
    read, found, version = {}, [], 0
    for worker, send in zip(workers, sends, strict=True):
        if send:
            found.append(version - read.pop(worker, version))
            version += 1
        else:
            read[worker] = version
    return np.array(found, dtype=float)


@stale.mistake(
    "at most workers less one",
    AGE,
    "A worker that is slower than the others is later than that: there is no largest age.",
)
def at_most_workers_less_one(workers, sends):
    return np.minimum(_ages(workers, sends), len(set(workers)) - 1.0)


ORDER = "The ages stand in the order of sending, whoever sent and however old: append them as they come."


@stale.mistake("not in the order of sending", AGE, ORDER)
def sorted_by_age(workers, sends):
    return np.sort(_ages(workers, sends))


@stale.mistake("not in the order of sending", (AGE, TURNS, NOTHING, PURE), ORDER)
def worker_by_worker(workers, sends):
    senders = [worker for worker, send in zip(workers, sends, strict=True) if send]
    return _ages(workers, sends)[np.argsort(senders, kind="stable")]


def _without_gaps(places):
    """An answer that keeps ``places(number of workers)``, one for each worker, in the order of their numbers."""

    def answer(workers, sends):
        read, version, found = places(len(set(workers))), 0, []
        for worker, send in zip(workers, sends, strict=True):
            if send:
                found.append(version - read[worker])
                version += 1
            else:
                read[worker] = version
        return np.array(found)

    return answer


for places in (lambda number: [0] * number, np.zeros):
    stale.mistake(
        "workers numbered without gaps",
        WHOLE,
        "The numbers of the workers need not be 0, 1, 2, ...: keep where each read last in a dict.",
    )(_without_gaps(places))
