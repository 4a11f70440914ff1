"""Exercises 12-2 to 12-4: how old gradients are, the rate of a larger batch, how many machines to spare."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.checks.gradients import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, whole

stale = Exercise("12-2", "How old is each gradient?", "staleness", points=10, kind="predict", topics=TOPICS)
scaling = Exercise("12-3", "Linear scaling with warm-up", "scaled_rates", points=8, topics=TOPICS)
backups = Exercise("12-4", "How many machines to spare", "best_backups", points=10, kind="predict", topics=TOPICS)


# --- 12-2: workers, sends -> staleness ----------------------------------------------------------------------

AGE = "A gradient is as old as the updates since its worker last read"
TURNS = "Workers that take turns are all equally late"
NOTHING = "Where nothing was sent, nothing comes back"


def _protocol(rng):
    """``(workers, sends)``: everybody reads first; then reads and sends as they come, some reads twice, some sends "
    "too."""
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
    number = int(rng.integers(2, 6))
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
    """Long and short ones, one worker alone, one event, reads only, and numbers of workers with gaps."""
    workers, sends = _protocol(rng)
    number = different(rng, 3, 2, 7)[0]
    reads = rng.permutation(number).tolist(), [False] * number
    alone = [3] * 7, [False, True, True, False, False, True, True]
    return [(workers, sends), _protocol(rng), reads, alone, ([0], [False]), ([7 * worker for worker in workers], sends)]


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


# --- 12-3: t, learning_rate, batch_size, base, warm_up -> rates ---------------------------------------------

RAMP = "The rate rises in a straight line from that of the small batch, then stays"
FULL = "From the end of the warm-up on it is in proportion to the batch"
COLD = "Without a warm-up the first update has the full rate"


def _plan(rng):
    """``(t, learning_rate, batch_size, base, warm_up)``; t goes beyond the warm-up, in no order."""
    warm_up, base = int(rng.integers(5, 12)), int(rng.choice([8, 16, 32]))
    t = rng.permutation(np.arange(1, 2 * warm_up))
    return t, rng.uniform(0.05, 0.5), base * int(rng.integers(3, 9)), base, warm_up


def _rates(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size / base - 1) * done)


@scaling.check(
    RAMP,
    points=1,
    hint=(
        "Where does the rate start, where does it end, and how much of the way is done at update t?",
        "k = batch_size / base; learning_rate * (1 + (k - 1) * np.minimum(1, t / warm_up)).",
    ),
)
def it_rises_and_stays(scaled_rates, rng):
    for _ in range(3):
        plan = _plan(rng)
        close(scaled_rates(*plan), _rates(*plan), "the learning rates")


@scaling.check(FULL, points=1, hint="A batch half as large as the base has half its rate in the end.")
def it_ends_in_proportion(scaled_rates, rng):
    _, learning_rate, _, base, warm_up = _plan(rng)
    for batch_size in (base // 2, base, 5 * base):
        plan = warm_up + np.arange(4), learning_rate, batch_size, base, warm_up
        close(scaled_rates(*plan), _rates(*plan), "the learning rates")


@scaling.check(COLD, points=1, hint="warm_up may be 0: then nothing must be divided by it.")
def without_a_warm_up(scaled_rates, rng):
    t, learning_rate, batch_size, base, _ = _plan(rng)
    plan = t, learning_rate, batch_size, base, 0
    close(scaled_rates(*plan), _rates(*plan), "the learning rates")


def _plans(rng):
    """Larger and smaller batches and equal ones, short and long warm-ups and none, one update and many."""
    plans = [_plan(rng) for _ in range(3)]
    for batch_size, base, warm_up in ((4, 32, 10), (16, 16, 5), (96, 32, 1), (10, 4, 0), (1000, 1, 40)):
        t = rng.permutation(np.arange(1, 2 * warm_up + 4))
        plans.append((t, rng.uniform(0.01, 1), batch_size, base, warm_up))
    return [*plans, (np.array([1]), 0.3, 64, 8, 3)]


def _rate_by_rate(t, learning_rate, batch_size, base, warm_up):
    last = learning_rate * batch_size / base
    return np.array(
        [last if n >= warm_up else learning_rate + (last - learning_rate) * n / warm_up for n in t.tolist()]
    )


whole(scaling, _rate_by_rate, _plans, ("the learning rates",))


@scaling.check(PURE, points=1, hint=PURE_HINT, supporting=True)
def updates_stay(scaled_rates, rng):
    plan = _plan(rng)
    leaves_inputs_alone(scaled_rates, *plan, other=(plan[0] + 1, 0.3, 64, 16, 4))


def _scaled(t, learning_rate, batch_size, base, warm_up, way):
    """``way``: (share of the way that is done (k,), factor k) -> factor on the learning rate (k,)."""
    done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * way(done, batch_size / base)


@scaling.mistake(
    "rises from 0", RAMP, "The warm-up begins at the rate of the small batch, which is known to work, and not at 0."
)
def rises_from_0(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: k * done)


@scaling.mistake("no warm-up", RAMP, "The rate is full from the first update on: let it rise over warm_up updates.")
def no_warm_up(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: k * np.ones(len(done)))


@scaling.mistake("a jump", RAMP, "The rate stays small and then jumps: let it rise in a straight line.")
def a_jump(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: np.where(done < 1, 1.0, k))


@scaling.mistake(
    "rises by a constant factor", RAMP, "This line is straight on a logarithmic axis only: add, do not multiply."
)
def rises_by_a_factor(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: k**done)


@scaling.mistake("a bent line", RAMP, "The share of the way is t / warm_up, not its square.")
def a_bent_line(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: 1 + (k - 1) * done**2)


@scaling.mistake(
    "one update late",
    (RAMP, FULL),
    "t is 1 at the first update: update number warm_up has the full rate already, so take t, not t - 1.",
)
def one_update_late(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t - 1, learning_rate, batch_size, base, warm_up, lambda done, k: 1 + (k - 1) * done)


@scaling.mistake(
    "by the root of k",
    (RAMP, FULL, COLD, PURE),
    "The rule here is linear: k times the batch, k times the rate. (The root keeps the noise of one step.)",
)
def by_the_root(t, learning_rate, batch_size, base, warm_up):
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: 1 + (np.sqrt(k) - 1) * done)


@scaling.mistake(
    "the small rate without a warm-up",
    COLD,
    "warm_up = 0 means that the rate is full at once, not that it never rises.",
)
def small_without_warm_up(t, learning_rate, batch_size, base, warm_up):
    if not warm_up:
        return np.full(len(t), learning_rate)
    return _scaled(t, learning_rate, batch_size, base, warm_up, lambda done, k: 1 + (k - 1) * done)


@scaling.mistake(
    "rises on for ever",
    (RAMP, FULL),
    "After the warm-up the rate stays: the share of the way is 1 at most.",
)
def rises_on(t, learning_rate, batch_size, base, warm_up):
    done = t / warm_up if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size / base - 1) * done)


# --- 12-4: num_machines, spread -> (backups, speed_up) ------------------------------------------------------

BEST = "No other number of backups is quicker, and the speed-up is that of this number"
STEADY = "Machines without spread need no backups, nor does a machine alone"


SHARE = 0.01


def _harmonic(n):
    return float(np.sum(1 / np.arange(1, n + 1)))


def _speed_ups(machines, spread):
    """For each number of backups 0, 1, ..., machines - 1: gradients used over the time of a round."""
    spare = range(machines)
    times = [1 - spread + spread * (_harmonic(machines) - _harmonic(b)) for b in spare]
    return (machines - np.arange(machines)) / np.array(times)


def _cluster(rng):
    """``(num_machines, spread)`` whose best number of backups is at least 2 and clearly the best."""
    while True:
        machines, spread = int(rng.integers(8, 40)), float(rng.uniform(0.5, 1.0))
        first, second = np.sort(_speed_ups(machines, spread))[:-3:-1]
        if np.argmax(_speed_ups(machines, spread)) > 1 and first > 1.001 * second:
            return machines, spread


def _best(result, machines, spread):
    number, speed_up = several(result, ("backups", "speed_up"))
    ways = _speed_ups(machines, spread)
    number, speed_up = shaped(number, (), "the number of backups"), shaped(speed_up, (), "the speed-up")
    if number != np.argmax(ways) or abs(speed_up / ways.max() - 1) > SHARE:
        sentence = "The number of backups and the speed-up are not those of the best choice."
        raise Wrong(sentence, got=(number, speed_up), expected=(int(np.argmax(ways)), ways.max()))


@backups.check(
    BEST,
    points=2,
    hint=(
        "With b backups a round uses num_machines - b gradients. How long does it take, by (12.4)?",
        "(12.4) with N + b = num_machines; try every b from 0 to num_machines - 1 and keep the best.",
    ),
)
def nothing_is_quicker(best_backups, rng):
    for _ in range(3):
        machines, spread = _cluster(rng)
        _best(best_backups(machines, spread), machines, spread)


@backups.check(
    STEADY,
    points=3,
    hint=(
        "With spread 0 every gradient takes 1: all machines count.",
        "At least one gradient has to be waited for: num_machines = 1 gives 0 backups.",
    ),
)
def all_machines_count(best_backups, rng):
    machines = int(rng.integers(3, 20))
    _best(best_backups(machines, 0.0), machines, 0.0)
    _best(best_backups(1, rng.uniform(0.2, 1.0)), 1, 0.0)


def _searched(machines, spread, used=None, time=None, choices=None):
    """The search with its parts as switches."""
    used = used or (lambda n, b: n - b)
    time = time or (lambda n, b: 1 - spread + spread * (_harmonic(n) - _harmonic(b)))
    choices = choices or range(machines)
    ways = [used(machines, b) / time(machines, b) for b in choices]
    return choices[int(np.argmax(ways))], float(np.max(ways))


def _clusters(rng):
    """Two machines and many, spread and none, and all of the time random."""
    drawn = [_cluster(rng) for _ in range(4)]
    return [*drawn, (1, 0.7), (2, 0.3), (int(rng.integers(3, 9)), 0.0), (int(rng.integers(40, 60)), 1.0)]


def _ring_by_ring(machines, spread):
    """The machines become ready one after the other; after each of them it might be the time to go on."""
    time, ways = 1 - spread, []
    for ready in range(1, machines + 1):
        time += spread / (machines - ready + 1)
        ways.append((ready / time, machines - ready))
    best = max(way for way, _ in ways)
    return min(spare for way, spare in ways if way >= best * (1 - 1e-9)), best


def _agree(result, expected, given, mine):
    _best(result, *mine)


whole(backups, _ring_by_ring, _clusters, ("backups", "speed_up"), _agree)


@backups.mistake(
    "dropped gradients count",
    BEST,
    "A round uses num_machines - b gradients: what the backups bring too late is thrown away.",
)
def dropped_count(num_machines, spread):
    return _searched(
        num_machines, spread, used=lambda n, b: n, choices=range(num_machines) if num_machines > 1 else (0,)
    )


@backups.mistake(
    "backups besides the machines",
    (BEST,),
    "The backups are among the num_machines: (12.4) has N + b = num_machines, not N = num_machines.",
)
def backups_besides(num_machines, spread):
    return _searched(num_machines, spread, time=lambda n, b: 1 - spread + spread * (_harmonic(n + b) - _harmonic(b)))


@backups.mistake(
    "no backups at all", BEST, "This is the speed-up when all are waited for, (12.3): try other numbers, too."
)
def none_at_all(num_machines, spread):
    return _searched(num_machines, spread, choices=(0,))


@backups.mistake("one backup at most", BEST, "Go on: a second backup may be worth its gradient, too.")
def one_at_most(num_machines, spread):
    return _searched(num_machines, spread, choices=range(min(2, num_machines)))


@backups.mistake(
    "the whole time is random",
    BEST,
    "Only the share spread of a gradient's time is random: the share 1 - spread passes in any case.",
)
def all_random(num_machines, spread):
    if spread == 0 or num_machines == 1:
        return 0, float(num_machines)
    return _searched(num_machines, 1.0)


@backups.mistake(
    "the shortest round",
    (BEST, STEADY),
    "The shortest round waits for one gradient and throws the others away: divide the gradients used by its time.",
)
def shortest_round(num_machines, spread):
    return num_machines - 1, 1 / (1 - spread + spread / num_machines) if num_machines > 1 else 1.0


@backups.mistake(
    "the time in place of the speed-up",
    (BEST, STEADY),
    "The second result is how many gradients are used in a unit of time, not how long a round takes.",
)
def time_of_a_round(num_machines, spread):
    number, speed_up = _searched(num_machines, spread)
    return number, (num_machines - number) / speed_up


@backups.mistake(
    "a share of the machines",
    BEST,
    "The speed-up is asked for, compared with one machine; divided by num_machines it is the efficiency.",
)
def a_share(num_machines, spread):
    number, speed_up = _searched(num_machines, spread)
    return number, speed_up / (num_machines if spread else 1)


@backups.mistake(
    "a backup in any case",
    (STEADY,),
    "b may be 0: where nothing is random, or one machine is all, a backup only throws a gradient away.",
)
def backup_in_any_case(num_machines, spread):
    return _searched(num_machines, spread, choices=range(1, num_machines)) if num_machines > 1 else (1, 0.0)
