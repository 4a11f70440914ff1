"""Exercise 12-4: how many machines to spare."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.checks.gradients import TOPICS
from course_lib.checks.compare import Wrong, several, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, whole

# --- 12-4: num_machines, spread -> (backups, speed_up) ------------------------------------------------------

backups = Exercise("12-4", "How many machines to spare", "best_backups", kind="predict", topics=TOPICS)

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
    """``(num_machines, spread)`` whose best number of backups is clearly best, at least 2 and less than half."""
    while True:
        machines, spread = int(rng.integers(8, 40)), float(rng.uniform(0.5, 0.95))
        first, second = np.sort(_speed_ups(machines, spread))[:-3:-1]
        if 1 < np.argmax(_speed_ups(machines, spread)) < machines // 2 and first > 1.001 * second:
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


def _search(name, fails, says, **switches):
    """A mistake that searches as it should, but for the ``switches``: functions of the arguments."""

    @backups.mistake(name, fails, says)
    def search(num_machines, spread):
        made = {key: switch(num_machines, spread) for key, switch in switches.items()}
        return _searched(num_machines, spread, **made)


def _time(of):
    """``of(machines, b, spread)`` as the time of a round."""
    return lambda machines, spread: lambda n, b: of(n, b, spread)


_search(
    "backups besides the machines",
    (BEST,),
    "The backups are among the num_machines: (12.4) has N + b = num_machines, not N = num_machines.",
    time=_time(lambda n, b, s: 1 - s + s * (_harmonic(n + b) - _harmonic(b))),
    used=lambda machines, spread: lambda n, b: n,
)
_search(
    "a backup in any case",
    (STEADY,),
    "b may be 0: where nothing is random, or one machine is all, a backup only throws a gradient away.",
    choices=lambda machines, spread: range(1, machines) if machines > 1 else (0,),
)
for choices in (
    lambda machines, spread: range(machines // 2 + 1) if machines > 1 else (0,),
    lambda machines, spread: range(max(machines // 2, 1)),
    lambda machines, spread: range(max(machines - 1, 1)),
):
    _search(
        "not every number is tried",
        WHOLE,
        "b may be anything from 0 to num_machines - 1: where all of the time is random, it pays to spare nearly all.",
        choices=choices,
    )
_search(
    "the random share comes on top",
    (BEST, STEADY),
    "The random share is a part of the time of 1: 1 - spread + spread * (...).",
    time=_time(lambda n, b, s: 1 + s * (_harmonic(n) - _harmonic(b))),
)
for least in (None, 1e-6, 1e-8, 1e-9, 1e-10, 1e-12):
    _search(
        "the whole time is random",
        (BEST, STEADY),
        "Only the share spread of a gradient's time is random: the share 1 - spread passes in any case.",
        time=_time(lambda n, b, s, least=least: s * (_harmonic(n) - _harmonic(b)) or least or 0.0),
    )
LOG = "The sum 1 + 1/2 + ... + 1/N is near log N + 0.58 for many machines only: add it up."
for harmonic in (
    lambda n: np.log(n) + 0.5772 if n else 0.0,
    lambda n: np.log(n) + np.euler_gamma if n else 0.0,
    lambda n: np.log(n) if n else 0.0,
    lambda n: np.log(n) + 0.577 if n else 0.0,
):
    _search(
        "a logarithm in place of the sum",
        (BEST, STEADY),
        LOG,
        time=_time(lambda n, b, s, harmonic=harmonic: 1 - s + s * (harmonic(n) - harmonic(b))),
    )
SHORT = "The sums of (12.4) end with 1 / N and with 1 / b: range(1, n + 1) goes to n."
for early in (
    lambda n, b: _harmonic(n - 1) - _harmonic(max(b - 1, 0)),
    lambda n, b: _harmonic(n) - _harmonic(b + 1),
    lambda n, b: _harmonic(n) - _harmonic(max(b - 1, 0)),
    lambda n, b: _harmonic(n - 1) - _harmonic(b),
):
    fails = (BEST, STEADY) if early(1, 0) != 1 else BEST
    _search(
        "a sum with one term too few or too many",
        fails,
        SHORT,
        time=_time(lambda n, b, s, early=early: max(1 - s + s * early(n, b), 1e-9)),
    )


@backups.mistake(
    "the shortest round",
    BEST,
    "The shortest round waits for one gradient and throws the others away: divide the gradients used by its time.",
)
def first_shortest_round(num_machines, spread):
    number = num_machines - 1 if spread and num_machines > 1 else 0
    return number, float(_speed_ups(num_machines, spread)[number])


def _told(name, fails, says, tell):
    """A mistake in what is returned: ``tell(machines, spread, number, speed_up)``."""

    @backups.mistake(name, fails, says)
    def told(num_machines, spread):
        return tell(num_machines, spread, *_searched(num_machines, spread))


_told(
    "the machines that are waited for",
    (BEST, STEADY),
    "The first result is how many are spared, not how many are used.",
    lambda machines, spread, number, speed_up: (machines - number, speed_up),
)
_told(
    "compared with waiting for all",
    (BEST, STEADY),
    "The speed-up is the number of gradients used in a unit of time, of which one machine alone uses 1.",
    lambda machines, spread, number, speed_up: (number, speed_up / _speed_ups(machines, spread)[0]),
)
