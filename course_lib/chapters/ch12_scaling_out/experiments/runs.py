"""Long runs of chapter 12, stored beside its claims: batch sizes, minima, clusters on the digits, real processes."""

from functools import partial

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.batch_sizes import (
    MOST,
    best_rate,
    noise_scale,
    scaled_rate,
    scores,
    sharpness,
    steps_to,
    train_to,
)
from course_lib.chapters.ch12_scaling_out.experiments.cluster import asynchronous, synchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines
from course_lib.chapters.ch12_scaling_out.experiments.parallel import digits_loss, small_net
from course_lib.chapters.ch12_scaling_out.experiments.speed_up import (
    CALIBRATED,
    SIZES,
    calibrated,
    measure,
    predicted,
    predicted_served,
)
from course_lib.chapters.ch12_scaling_out.experiments.training import time_to_target

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
RATES = tuple(float(f"{0.02 * 1.4**k:.3g}") for k in range(16))  # 0.02 to 3.11
SEEDS, TUNING = range(10), range(100, 104)
BASE = 1  # the batch size from which the linear scaling rule starts
FACTORS = (1, 2, 4, 8, 16, 24, 32)


def batch_sizes(sizes=BATCH_SIZES, rates=RATES, seeds=SEEDS, tuning=TUNING):
    """Updates until the target for each batch size, at its own best rate, and the noise scale on the way.

    Returns ``{"sizes", "rates", "best": [rate], "tuned": [[mean steps of each rate]], "steps": [[one a seed]], "noise":
    [one a seed]}``.
    """
    found = {"sizes": list(sizes), "rates": list(rates), "best": [], "tuned": [], "steps": []}
    for size in sizes:
        rate, means = best_rate(size, rates, tuning)
        found["best"].append(rate)
        found["tuned"].append(_or_none(means))
        found["steps"].append(steps_to(size, rate, seeds))
    return found | {"noise": [_noise(seed) for seed in seeds]}


def _or_none(numbers):
    """The numbers with None for nan, which JSON does not have."""
    return [None if np.isnan(number) else number for number in numbers]


def _noise(seed, targets=(1.5, 0.8, 0.4, 0.2)):
    """The noise scale, geometric mean over four places of a run with batches of 64."""
    loss = digits_loss(small_net(seed))
    places = [train_to(64, lambda t: 0.2, seed, target).theta for target in targets]
    return float(np.exp(np.mean([np.log(noise_scale(loss, theta)) for theta in places])))


def linear_scaling(base=BASE, factors=FACTORS, seeds=SEEDS, tuning=TUNING, warm_up=160, most=1000):
    """Updates with batch and rate k times as large, from the best rate of ``base``: at once, and after a warm-up."""
    rate, _ = best_rate(base, RATES[:6], tuning)
    found = {"base": base, "rate": rate, "factors": list(factors), "at once": [], "warm-up": []}
    for factor in factors:
        limit = MOST if factor < 4 else most  # one that arrives needs a few hundred
        found["at once"].append(_or_none(steps_to(base * factor, rate, seeds, factor, most=limit)))
        found["warm-up"].append(_or_none(steps_to(base * factor, rate, seeds, factor, warm_up, most=limit)))
    return found


def minima(small=16, large=500, rates=RATES[2:], seeds=SEEDS, tuning=TUNING, target=0.1):
    """Where batches of 16 and of 500 end, at one training loss: sharpness and accuracy of each seed.

    Each at the rate with the best validation accuracy on the tuning seeds among those that arrive; and the large batch
    at the rate of the small one, as in the comparison that made the question famous.
    """
    own = {size: _most_accurate(size, rates, tuning, target) for size in (small, large)}
    arms = {"small": (small, own[small]), "large": (large, own[large]), "large, same rate": (large, own[small])}
    return {
        name: {"size": size, "rate": rate, **_ends(size, rate, seeds, target)} for name, (size, rate) in arms.items()
    }


def _most_accurate(size, rates, tuning, target):
    found = {}
    for rate in rates:
        runs = [train_to(size, scaled_rate(rate, 1.0), seed, target, most=3000) for seed in tuning]
        if not np.isnan([run.steps for run in runs]).any():
            found[rate] = np.mean([scores(run.theta)[0] for run in runs])
    return max(found, key=found.get)


def _ends(size, rate, seeds, target):
    runs = [train_to(size, scaled_rate(rate, 1.0), seed, target) for seed in seeds]
    loss = digits_loss(small_net())
    return {
        "loss": [loss.value(run.theta) for run in runs],
        "sharpness": [sharpness(run.theta) for run in runs],
        "accuracy": [scores(run.theta)[1] for run in runs],
    }


ARMS = {  # of 16 machines: which of them wait for whom
    "synchronous": lambda machines, updates: synchronous(machines, updates),
    "backups": lambda machines, updates: synchronous(machines, updates, backups=2),
    "asynchronous": lambda machines, updates: asynchronous(machines, 8 * updates),
}
CLUSTERS = {
    "steady": Machines(16, 0.1),
    "spread": Machines(16, 0.5),
    "heavy tail": Machines(16, 0.8, "heavy"),
    "network": Machines(16, 0.5, network=0.25),
}


def clusters(seeds=SEEDS, tuning=TUNING[:3], rates=RATES[2:14], updates=400):
    """Simulated time to the target on the digits, batches of 8 a worker, each arm at its own best rate.

    Returns ``{cluster: {arm: {"rate": ..., "times": [one a seed]}}}``.
    """
    return {
        name: {arm: _tuned(machines, run, seeds, tuning, rates, updates) for arm, run in ARMS.items()}
        for name, machines in CLUSTERS.items()
    }


def _tuned(machines, run, seeds, tuning, rates, updates):
    def times(rate, seeds):
        return [_time(machines, run, rate, seed, updates) for seed in seeds]

    means = [np.mean(times(rate, tuning)) for rate in rates]
    if np.isnan(means).all():
        raise ValueError(f"At none of the rates {rates} all runs reach the target in {updates} updates: try others.")
    rate = rates[int(np.nanargmin(means))]
    return {"rate": rate, "times": times(rate, seeds)}


def _time(machines, run, rate, seed, updates):
    log = run(Machines(machines.num_workers, machines.spread, machines.tail, machines.network, seed), updates)
    return time_to_target(log, digits_loss(small_net(seed), 8), rate, seed)


def staleness(workers=(1, 2, 4, 8, 16, 32), seeds=SEEDS, tuning=TUNING[:3], rates=RATES):
    """Asynchronous descent on the digits, batches of 8: the best rate, and gradients to the target at it.

    Returns ``{"workers", "staleness": [[one a seed]], "rate": [...], "gradients": [[one a seed]]}``.
    """
    found = {"workers": list(workers), "staleness": [], "rate": [], "gradients": []}
    for number in workers:
        run = partial(_gradients, number)
        means = [np.mean([run(rate, seed) for seed in tuning]) for rate in rates]
        rate = rates[int(np.nanargmin(means))]
        found["rate"].append(rate)
        found["gradients"].append([run(rate, seed) for seed in seeds])
        logs = [asynchronous(Machines(number, 0.5, seed=seed), 2000) for seed in seeds]
        found["staleness"].append([log.staleness[500:].mean() for log in logs])
    return found


def _gradients(number, rate, seed, updates=3000):
    log = asynchronous(Machines(number, 0.5, seed=seed), updates)
    return time_to_target(log._replace(times=np.arange(1.0, updates + 1)), digits_loss(small_net(seed), 8), rate, seed)


def processes(repeats=6):
    """Real teams beside the simulator: seconds a round, measured ``repeats`` times with other times of the machines."""
    found = []
    for seed in range(repeats):
        machines = Machines(spread=0.5, seed=seed)
        teams = measure(machines)
        network = calibrated(machines, teams.asleep[SIZES.index(CALIBRATED)])
        found.append(
            {
                "measured": teams.asleep,
                "predicted": predicted(network),
                "computing": teams.computing,
                "served": [team["seconds"] for team in teams.served],
                "served, predicted": predicted_served(machines),
                "staleness": [float(np.mean(team["staleness"])) for team in teams.served],
            }
        )
    return found


EXPERIMENTS = {
    "batch_sizes": batch_sizes,
    "linear_scaling": linear_scaling,
    "minima": minima,
    "clusters": clusters,
    "staleness": staleness,
    "processes": processes,
}
