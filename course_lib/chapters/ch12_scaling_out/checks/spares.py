"""Exercise 12-4: how many machines to spare."""

from functools import cache

import numpy as np

from course_lib.chapters.ch12_scaling_out.checks.gradients import TOPICS
from course_lib.checks.compare import Wrong, several_numbers, shaped
from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, drawn_until, whole

# --- 12-4: num_machines, spread -> (backups, speed_up) ------------------------------------------------------

backups = Exercise("12-4", "How many machines to spare", "best_backups", kind="predict", topics=TOPICS)

BEST = "No other number of backups is quicker, and the speed-up is that of this number"
STEADY = "Machines without spread need no backups, nor does a machine alone"


SHARE = 0.01


@cache
def _harmonic(n):
    return float(np.sum(1 / np.arange(1, n + 1)))


def _speed_ups(machines, spread):
    """For each number of backups 0, 1, ..., machines - 1: gradients used over the time of a round."""
    spare = range(machines)
    times = [1 - spread + spread * (_harmonic(machines) - _harmonic(b)) for b in spare]
    return (machines - np.arange(machines)) / np.array(times)


def _small_cluster(rng):
    """``(num_machines, spread)``: few machines, much of whose time is not random."""
    return int(rng.integers(8, 17)), float(rng.uniform(0.4, 0.6))


def _cluster(rng):
    """More machines, of which more than a third are best spared, and less than half."""
    return int(rng.integers(25, 41)), float(rng.uniform(0.62, 0.76))


def _large_cluster(rng):
    """Many machines: who stops trying at 30 backups stops too early."""
    return int(rng.integers(72, 84)), float(rng.uniform(0.62, 0.76))


def _clear(least):
    """``(num_machines, spread) ->`` whether the best number is clearly so, ``least`` of the machines and below half."""

    def accept(cluster):
        ways = _speed_ups(*cluster)
        first, second = np.sort(ways)[:-3:-1]
        return max(1, least * cluster[0]) < np.argmax(ways) < cluster[0] // 2 and first > 1.0001 * second

    return accept


DRAWS = (_small_cluster, _clear(0)), (_cluster, _clear(0.35)), (_large_cluster, _clear(0.41))


def _drawn(rng):
    return [drawn_until(rng, draw, accept) for draw, accept in DRAWS]


def _right(machines, spread):
    """The best number of backups, and its speed-up."""
    ways = _speed_ups(machines, spread)
    return int(np.argmax(ways)), float(ways.max())


def _as_it_says(found, machines, spread):
    """Whether the speed-up is that of the number of backups beside it."""
    number, speed_up = found
    known = number == int(number) and 0 <= number < machines
    return known and bool(np.isclose(speed_up, _speed_ups(machines, spread)[int(number)], rtol=1e-9))


NONE = (
    "0 backups where some are quicker",
    "You find b = 0 best, where all are waited for, (12.3). Others are quicker: the time of a round is 1 - spread + "
    "spread times H of num_machines less H of b.",
)
MORE = (
    "a larger number of backups is quicker",
    "The speed-up is right for this b, but there is a larger b with a better one: try every b up to num_machines - 1.",
)
FEWER = (
    "a smaller number of backups is quicker",
    "The speed-up is right for this b, but there is a smaller b with a better one: compare speed-ups, from b = 0 on.",
)


def _best(result, machines, spread, expected=None):
    number, speed_up = several_numbers(result, ("backups", "speed_up"))
    number, speed_up = shaped(number, (), "the number of backups"), shaped(speed_up, (), "the speed-up")
    right = expected or _right(machines, spread)
    if number == right[0] and abs(speed_up / right[1] - 1) <= SHARE:
        return
    name, says = NONE if number == 0 else MORE if number < right[0] else FEWER
    as_it_says = number == 0 or _as_it_says((number, speed_up), machines, spread)
    with telling(number != right[0] and as_it_says, name, says):
        sentence = "The number of backups and the speed-up are not those of the best choice."
        raise Wrong(sentence, got=(number, speed_up), expected=right)


@backups.check(
    BEST,
    points=2,
    hint=(
        "With b backups a round uses num_machines - b gradients. How long does it take, by (12.4)?",
        "(12.4) with N + b = num_machines; try every b from 0 to num_machines - 1 and keep the best.",
    ),
)
def nothing_is_quicker(best_backups, rng):
    for cluster in _drawn(rng):
        _best(best_backups(*cluster), *cluster)


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


def _none_or_one(rng):
    """Spreads just below and just above the one at which a backup is as good as none."""
    machines = int(rng.integers(15, 30))
    even = 1 / (machines + 1 - _harmonic(machines))
    return (machines, 0.93 * even), (machines, 1.07 * even)


def _clusters(rng):
    """Two machines and hundreds, spread and none, and all of the time random."""
    large = int(rng.integers(40, 60)), int(rng.integers(210, 240))
    few = (1, 0.7), (2, 0.3), (int(rng.integers(3, 9)), 0.0)
    return [*_drawn(rng), *few, *_none_or_one(rng), *((machines, 1.0) for machines in large)]


def _ring_by_ring(machines, spread):
    """The machines become ready one after the other; after each of them it might be the time to go on."""
    time, ways = 1 - spread, []
    for ready in range(1, machines + 1):
        time += spread / (machines - ready + 1)
        ways.append((ready / time, machines - ready))
    best = max(way for way, _ in ways)
    return min(spare for way, spare in ways if way >= best * (1 - 1e-9)), best


def _agree(result, expected, given, mine):
    _best(result, *mine, expected)


whole(backups, _ring_by_ring, _clusters, ("backups", "speed_up"), _agree, again=True)


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


@backups.mistake(NONE[0], BEST, NONE[1])
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
ALL = "b may be anything from 0 to num_machines - 1: where much of the time is random, it pays to spare nearly all."
for fails, counts in (
    (BEST, (3, 5, 10, 20, 30)),
    (WHOLE, (50, 100, 200)),
):
    for count in counts:
        _search(
            "not every number is tried",
            fails,
            ALL,
            choices=lambda machines, spread, count=count: range(min(count, machines)),
        )
for fails, choices in (
    (WHOLE, lambda machines, spread: range(machines // 2 + 1) if machines > 1 else (0,)),
    (WHOLE, lambda machines, spread: range(max(machines // 2, 1))),
    (WHOLE, lambda machines, spread: range(max(machines - 1, 1))),
    (BEST, lambda machines, spread: range(machines // 3 + 1)),
    (BEST, lambda machines, spread: range(machines // 4 + 1)),
):
    _search("not every number is tried", fails, ALL, choices=choices)
_search(
    "the machines' times are added up",
    BEST,
    "They compute at the same time: a round lasts as long as the slowest of those that are waited for, (12.4).",
    time=_time(lambda n, b, s: 1 - s + s * (n - b)),
)
_search(
    "the share of the random time squared",
    (BEST, STEADY),
    "The share spread of the time is random, and a mean time is linear in it: 1 - spread + spread * (...).",
    time=_time(lambda n, b, s: 1 - s + s**2 * (_harmonic(n) - _harmonic(b))),
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
