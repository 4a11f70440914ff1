"""Exercise 12-3: the learning rate of a larger batch, with a warm-up."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.checks.gradients import PURE, PURE_HINT, TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, whole

# --- 12-3: t, learning_rate, batch_size, base, warm_up -> rates ---------------------------------------------

scaling = Exercise("12-3", "Linear scaling with warm-up", "scaled_rates", topics=TOPICS)

RAMP = "The rate rises in a straight line from that of the small batch, then stays"
FULL = "From the end of the warm-up on it is in proportion to the batch"
COLD = "Without a warm-up the first update has the full rate"


def _plan(rng):
    """``(t, learning_rate, batch_size, base, warm_up)``; t goes beyond the warm-up, in no order; rates end above 1."""
    warm_up, base = int(rng.integers(5, 12)), int(rng.choice([8, 16, 32]))
    t = rng.permutation(np.arange(1, 2 * warm_up))
    while np.all(np.diff(t) > 0):
        t = rng.permutation(t)
    return t, rng.uniform(0.4, 0.6), base * int(rng.integers(3, 9)), base, warm_up


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
    long = rng.permutation(np.arange(1, 30_000, 977)), 0.2, 256, 32, 20_000
    return [*plans, (np.array([1]), 0.3, 64, 8, 3), long]


def _rate_by_rate(t, learning_rate, batch_size, base, warm_up):
    last = learning_rate * batch_size / base
    return np.array(
        [last if n >= warm_up else learning_rate + (last - learning_rate) * n / warm_up for n in t.tolist()]
    )


whole(scaling, _rate_by_rate, _plans, ("the learning rates",), again=True)


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


@scaling.mistake(
    "base over batch_size", (RAMP, FULL, COLD, PURE), "A larger batch has a larger rate: batch_size / base."
)
def base_over_batch_size(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (base / batch_size - 1) * done)


@scaling.mistake(
    "counted by places, not by t", (RAMP, FULL), "t holds the numbers of the updates, in any order: use them."
)
def counted_by_places_not_by_t(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, np.arange(1, len(t) + 1) / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size / base - 1) * done)


@scaling.mistake("base left out", (RAMP, FULL, COLD, PURE), "The factor is batch_size / base.")
def base_left_out(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size - 1) * done)


@scaling.mistake("whole multiples only", FULL, "batch_size / base need not be whole: no //.")
def whole_multiples_only(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, t / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size // base - 1) * done)


@scaling.mistake("one update early", RAMP, "Update t has t / warm_up of the rise: nothing is added.")
def one_update_early(t, learning_rate, batch_size, base, warm_up):
    done = np.minimum(1.0, (t + 1) / warm_up) if warm_up else np.ones(len(t))
    return learning_rate * (1 + (batch_size / base - 1) * done)


def _otherwise(name, fails, says, way=lambda done, k: 1 + (k - 1) * done, share=lambda t, warm_up: t / warm_up):
    """A mistake in the ``way`` from 1 to k, or in the ``share`` of it that is done at update t of a warm-up."""

    @scaling.mistake(name, fails, says)
    def otherwise(t, learning_rate, batch_size, base, warm_up):
        done = np.minimum(1.0, share(t, warm_up)) if warm_up else np.ones(len(t))
        return learning_rate * way(done, batch_size / base)


_otherwise(
    "a warm-up one update too long",
    (RAMP, FULL),
    "At update number warm_up the rise is done: the share of the way is t / warm_up, not t / (warm_up + 1).",
    share=lambda t, warm_up: t / (warm_up + 1),
)
_otherwise(
    "half a wave in place of a straight line",
    RAMP,
    "The rate rises in a straight line: the share of the way is t / warm_up, without a cosine.",
    way=lambda done, k: 1 + (k - 1) * (1 - np.cos(np.pi * done)) / 2,
)
_otherwise(
    "a smaller batch keeps the rate",
    FULL,
    "The batch may be smaller than the base: then the rate falls in the same proportion, k is below 1.",
    way=lambda done, k: 1 + (max(k, 1.0) - 1) * done,
)
_otherwise(
    "no warm-up where the batch is smaller",
    WHOLE,
    "Where the batch is smaller than the base the straight line leads down, by the same formula.",
    way=lambda done, k: 1 + (k - 1) * (done if k > 1 else np.ones_like(done)),
)
_otherwise(
    "whole multiples only",
    FULL,
    "batch_size / base need not be whole: no //.",
    way=lambda done, k: 1 + (np.round(k) - 1) * done,
)
_otherwise(
    "sorted first",
    RAMP,
    "The updates come in any order, and their rates in the same: do not sort them.",
    share=lambda t, warm_up: np.sort(t) / warm_up,
)
_otherwise(
    "the small rate again behind the warm-up",
    (RAMP, FULL),
    "After the warm-up the rate stays where it has come to: np.minimum(1, t / warm_up).",
    share=lambda t, warm_up: np.where(t <= warm_up, t / warm_up, 0.0),
)


@scaling.mistake(
    "no rate above 1",
    (RAMP, FULL, COLD, PURE),
    "The share of the way is 1 at most, not the rate: take the minimum of 1 and t / warm_up only.",
)
def no_rate_above_1(t, learning_rate, batch_size, base, warm_up):
    return np.minimum(1.0, _rates(t, learning_rate, batch_size, base, warm_up))
