"""Chapter 12, many machines: what averaging is, who waits for whom, and what old gradients cost."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.claims.measured import made_with, measured
from course_lib.chapters.ch12_scaling_out.experiments.cluster import synchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines
from course_lib.chapters.ch12_scaling_out.experiments.parallel import (
    average,
    digits_loss,
    shard,
    small_net,
    worker_gradients,
)
from course_lib.chapters.ch12_scaling_out.experiments.race import equal_gradients
from course_lib.chapters.ch12_scaling_out.experiments.speed_up import SIZES
from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    mean_interval,
    not_shown,
    partly,
)
from course_lib.claims.runs import ratio_interval

SEEDS = range(10)
OWN = "each arm at the best of 12 learning rates by factors of 1.4, chosen on 3 other seeds"

# --- C-12-1 -------------------------------------------------------------------------------------------


def _off(sizes, weights, norm, seed):
    """How far the average of the workers' gradients is from that of the whole batch, relative."""
    loss, rng = digits_loss(small_net(seed, norm=norm)), np.random.default_rng([121, seed])
    batch, theta = rng.choice(1000, sum(sizes), replace=False), loss.network.theta.copy()
    whole, parts = loss.on(batch).gradient(theta), worker_gradients(loss, theta, shard(batch, sizes))
    return np.linalg.norm(average(parts, weights) - whole) / np.linalg.norm(whole)


CASES = {
    "equal": ("equal shards, plain average: off by at most", (16, 16, 16, 16), None, False),
    "weighted": ("unequal shards, weighted by their sizes: off by at most", (34, 10, 15, 5), (34, 10, 15, 5), False),
    "plain": ("unequal shards, plain average: off by at least", (34, 10, 15, 5), None, False),
    "norm": ("equal shards, batch normalisation in the net: off by at least", (16, 16, 16, 16), None, True),
}


def _large_batch():
    found = {name: [_off(*about, seed) for seed in SEEDS] for name, (_, *about) in CASES.items()}
    ends = {"equal": max, "weighted": max, "plain": min, "norm": min}
    numbers = {name: Measured(ends[name](found[name]), label=label, digits=2) for name, (label, *_) in CASES.items()}
    lines = tuple(
        Line(label.partition(":")[0], np.array(SEEDS), np.maximum(found[n], 1e-17)) for n, (label, *_) in CASES.items()
    )
    return Evidence(numbers, Plot("seed", "distance of the average, relative", lines, "y"))


def _judge_large_batch(n):
    if max(n["equal"].value, n["weighted"].value) > 1e-9:
        return fails("the average of the workers' gradients is another than that of the large batch")
    if min(n["plain"].value, n["norm"].value) > 1e-3:
        return holds_if(
            "every worker's gradient counts by the size of its shard, and no layer looks at the whole batch: then they "
            "agree to rounding; batch normalisation over each shard is another function"
        )
    return holds("whatever the shards and layers")


LARGE_BATCH = Claim(
    id="C-12-1",
    lecture="L3 l.62",
    statement="Synchronous SGD means using larger batch sizes",
    condition="Gradients of a 64-32-10 net on 64 digits, dealt out to four workers, 10 seeds",
    rule="Fails if the average over equal shards, or the weighted one over unequal shards, is off by more than 1e-9 of "
    "the large batch's gradient. 'Holds if' when the plain average over unequal shards and a net with batch "
    "normalisation are off by more than 0.001; else holds.",
    experiment=_large_batch,
    judge=_judge_large_batch,
    identity=True,
)

# --- C-12-2 -------------------------------------------------------------------------------------------

WORKERS = (2, 4, 8, 16, 32)


def _rounds(workers, backups, seed, spread=0.8, tail="heavy"):
    return synchronous(Machines(workers, spread, tail, seed=seed), 300, backups).times[-1] / 300


def _slowest():
    alone = np.array([_rounds(1, 0, seed) for seed in SEEDS])
    waits = np.array([[_rounds(n, 0, seed) for n in WORKERS] for seed in SEEDS]) / alone[:, None]
    spare = np.array([[_rounds(n, max(1, n // 8), seed) for n in WORKERS] for seed in SEEDS]) / alone[:, None]
    teams = measured("processes")
    real = np.array([run["measured"] for run in teams])
    off = np.abs(real / np.array([run["predicted"] for run in teams]) - 1)[:, [0, 2, 3]]
    numbers = {
        "wait": ratio_interval(waits[:, 3], "a round of 16 workers over one gradient, heavy tails"),
        "spare": ratio_interval(spare[:, 3], "the same when the 2 slowest of the 16 are not waited for"),
        "real": ratio_interval(real[:, 3] / real[:, 0], f"a round of {SIZES[-1]} real processes over one gradient"),
        "off": mean_interval(100 * off.mean(axis=1), "simulator beside real processes, mean error in percent", 2),
    }
    lines = (
        Line("all are waited for", np.array(WORKERS), waits.mean(axis=0), waits.min(axis=0), waits.max(axis=0)),
        Line("all but one in eight", np.array(WORKERS), spare.mean(axis=0), spare.min(axis=0), spare.max(axis=0)),
    )
    return Evidence(numbers, Plot("workers", "time of a round, in gradients", lines, "x"))


def _judge_slowest(n):
    if max(n["wait"].upper, n["real"].upper) < 1.1:
        return fails("a round takes as long as one gradient")
    if min(n["wait"].lower, n["real"].lower) < 1.1:
        return not_shown("an interval holds a round as long as one gradient")
    if n["spare"].upper < 0.7 * n["wait"].lower:
        return holds_if("all are waited for: two spare workers of sixteen bring back most of what the slowest cost")
    return holds("spare workers do not help either")


SLOWEST = Claim(
    id="C-12-2",
    lecture="L3 l.60",
    statement="The whole system is limited to the speed of the slowest worker",
    condition="Simulated: 16 workers, spread 0.8, heavy tails, 300 rounds, 10 seeds. Real: four processes that sleep "
    f"for a gradient (spread 0.5, exponential) and average 2 MB over loopback, 6 teams; {made_with('processes')}",
    rule="Fails if a round takes less than 1.1 gradients, simulated and real (upper ends); not shown if either "
    "interval reaches down there. 'Holds if' when not waiting for two of the sixteen cuts the round by three tenths "
    "(intervals); else holds.",
    experiment=_slowest,
    judge=_judge_slowest,
    effects=(Effect("wait", 1.0, ratio=True), Effect("real", 1.0, ratio=True)),
)

# --- C-12-3 -------------------------------------------------------------------------------------------


def _stale():
    found = measured("staleness")
    workers, ages = np.array(found["workers"]), np.array(found["staleness"])
    gradients, place = np.array(found["gradients"]), list(found["workers"]).index
    numbers = {
        "age": ratio_interval(ages[place(16)] / ages[place(2)], "mean age of a gradient, 16 workers over 2"),
        "updates": mean_interval(ages[place(16)], "mean age with 16 workers, in updates"),
        "cost": ratio_interval(
            gradients[place(16)] / gradients[place(1)], "gradients to the target, 16 workers over 1"
        ),
        "two": ratio_interval(gradients[place(2)] / gradients[place(1)], "the same, 2 workers over 1"),
    }
    line = Line(
        "asynchronous, own best rate", workers, gradients.mean(axis=1), gradients.min(axis=1), gradients.max(axis=1)
    )
    return Evidence(numbers, Plot("workers", "gradients until the loss is 0.15", (line,), "xy"))


def _judge_stale(n):
    if n["age"].upper < 1 or n["cost"].upper < 1:
        return fails("gradients get no older with more workers, or old ones are as good")
    if n["age"].lower <= 1 or n["cost"].lower <= 1:
        return not_shown("an interval holds 'no older' or 'no dearer'")
    return holds("they are as many updates old as there are other workers, and the target takes more of them")


STALE = Claim(
    id="C-12-3",
    lecture="L3 l.54",
    statement="An asynchronous update can be several steps out of date, the more so the more workers there are",
    condition="64-32-10 net on 1 000 digits, batches of 8 a worker, simulated workers with spread 0.5, until the "
    "training loss is 0.15; 10 seeds, each number of workers at the best of 16 rates, chosen on 3 others; "
    f"{made_with('staleness')}",
    rule="Fails if gradients are no older with 16 workers than with 2, or if the target takes no more of them than "
    "with one worker (upper ends below 1); not shown if an interval holds 1; else holds.",
    experiment=_stale,
    judge=_judge_stale,
    effects=(Effect("age", 1.0, ratio=True), Effect("cost", 1.0, ratio=True)),
)

# --- C-12-4 and C-12-5 --------------------------------------------------------------------------------

LABELS = {
    "steady": "steady machines",
    "spread": "spread 0.5",
    "heavy tail": "heavy tails",
    "network": "spread 0.5, a message takes 1/4 of a gradient",
}


def _ratios(one, other):
    """``{cluster: time of one over time of other}`` as intervals, runs paired by seed."""
    found = measured("clusters")
    return {
        name: ratio_interval(np.divide(found[name][one]["times"], found[name][other]["times"]), label)
        for name, label in LABELS.items()
    }


def _arms():
    """A line an arm: mean time to the target on each cluster."""
    found = measured("clusters")
    x = np.arange(len(LABELS))
    arms = ("synchronous", "backups", "asynchronous")
    lines = tuple(Line(arm, x, np.array([np.mean(found[name][arm]["times"]) for name in LABELS])) for arm in arms)
    return Plot("cluster", "time to the target", lines, "y", tuple(LABELS))


CLUSTERS = (
    "64-32-10 net on 1 000 digits, batches of 8 a worker, 16 simulated workers, until the training loss is 0.15; "
    f"asynchronous through one server, the others over a ring; 10 seeds, paired, {OWN}; {made_with('clusters')}"
)


def _unlike():
    return Evidence(_ratios("synchronous", "asynchronous"), _arms())


def _judge_unlike(n):
    if n["heavy tail"].upper < 1:
        return fails("where some machines are slow, waiting for all is quicker all the same")
    if n["heavy tail"].lower <= 1 or n["network"].lower <= 1 <= n["network"].upper:
        return not_shown("an interval holds both answers")
    if n["network"].upper < 1:
        return holds_if("messages are cheap: a quarter of a gradient each, and the queue at the server costs more")
    return holds("waiting costs more than old gradients, with cheap and with dear messages")


ASYNCHRONOUS = Claim(
    id="C-12-4",
    lecture="L3 l.60",
    statement="Waiting for all workers can slow down learning, unlike in asynchronous SGD",
    condition=f"Time to the target, synchronous over asynchronous. {CLUSTERS}",
    rule="Fails if with heavy tails synchronous training is quicker (upper end below 1); not shown if an interval "
    "holds 1. 'Holds if' when with dear messages it is the other way round; else holds.",
    experiment=_unlike,
    judge=_judge_unlike,
    effects=(Effect("heavy tail", 1.0, ratio=True), Effect("network", 1.0, ratio=True)),
)


def _backups():
    return Evidence(_ratios("asynchronous", "backups"), _arms())


def _judge_backups(n):
    if max(n["spread"].upper, n["heavy tail"].upper, n["network"].upper) < 1:
        return fails("asynchronous training is quicker on all clusters")
    if min(n["spread"].lower, n["heavy tail"].lower, n["network"].lower) > 1:
        return holds("on all clusters")
    if n["network"].lower > 1 and max(n["spread"].upper, n["heavy tail"].upper) < 1:
        return holds_if("the server's network is what limits; where messages cost nothing, asynchronous is quicker")
    if n["network"].upper < 1 and min(n["spread"].lower, n["heavy tail"].lower) > 1:
        return partly("quicker where messages cost nothing", "where they cost, asynchronous is quicker")
    return not_shown("an interval holds both answers")


BACKUPS = Claim(
    id="C-12-5",
    lecture="L3 l.64 (Chen et al. 2016)",
    statement="Synchronous SGD with backup workers converges faster than asynchronous SGD",
    condition=f"Time to the target, asynchronous over synchronous with 2 of the 16 as backups. {CLUSTERS}",
    rule="Holds if the ratio is above 1 with spread, with heavy tails and with dear messages (lower ends), fails if "
    "it is below 1 in all three (upper ends). 'Holds if' when only dear messages make it so, partly when only cheap "
    "ones do; else not shown.",
    experiment=_backups,
    judge=_judge_backups,
    effects=tuple(Effect(name, 1.0, ratio=True) for name in ("spread", "heavy tail", "network")),
)

# --- C-12-10 ------------------------------------------------------------------------------------------

PERIODS = (1, 4, 16, 64)


def _local():
    losses = np.array([equal_gradients(8, 256, PERIODS, seed) for seed in SEEDS])
    ratios = losses / losses[:, :1]
    numbers = {
        "eight": ratio_interval(ratios[:, 1], "loss with an average every 4 steps / every step"),
        "often": ratio_interval(ratios[:, 2], "every 16 steps / every step"),
        "seldom": ratio_interval(ratios[:, 3], "every 64 steps / every step"),
    }
    line = Line("local SGD, 8 workers", np.array(PERIODS), losses.mean(axis=0), losses.min(axis=0), losses.max(axis=0))
    return Evidence(numbers, Plot("steps between two averages", "loss at the end", (line,), "xy"))


SAME = 1.25  # a loss within a quarter counts as the same


def _judge_local(n):
    if n["often"].lower > SAME:
        return fails("16 steps without an average cost more than a quarter of the loss")
    if n["often"].upper > SAME:
        return not_shown("the interval holds both answers")
    if n["seldom"].lower > SAME:
        return holds_if("the steps between two averages are some tens at most: with 64 the loss is higher")
    return holds("the loss is the same to a quarter up to 64 steps without an average")


LOCAL = Claim(
    id="C-12-10",
    lecture="Stich 2019, abstract",
    statement="Local SGD learns as much from each gradient as mini-batch SGD, and communicates less",
    condition="A noisy bowl in ten dimensions, 8 workers, 256 steps each, averages every 1, 4, 16 and 64 steps, each "
    "at the best of 14 rates by factors of 1.5; 10 seeds, mean of 4 runs each",
    rule="Fails if an average every 16 steps ends with a loss more than a quarter higher than one every step (lower "
    "end); not shown if the interval reaches there. 'Holds if' when every 64 steps it is; else holds.",
    experiment=_local,
    judge=_judge_local,
    effects=(Effect("often", 2.0, ratio=True),),  # none: half of what the workers learn is lost
)
