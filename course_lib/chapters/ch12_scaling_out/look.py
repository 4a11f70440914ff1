"""If it works, look: the student's functions of chapter 12, drawn."""

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.cluster import asynchronous
from course_lib.chapters.ch12_scaling_out.experiments.machines import Machines, expected_round
from course_lib.chapters.ch12_scaling_out.experiments.parallel import digits_loss, shard, small_net, worker_gradients
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.figures.student import lines_figure

SIZES = np.array([50, 6, 3, 5])


def _walk(combine, steps=60):
    """Loss on all digits before each update of four workers with uneven shards, their gradients combined so."""
    loss, rng = digits_loss(small_net()), np.random.default_rng(120)
    theta, values = loss.network.theta.copy(), []
    for _ in range(steps):
        batch = rng.choice(loss.size, SIZES.sum(), replace=False)
        values.append(loss.value(theta))
        theta = theta - 0.5 * combine(worker_gradients(loss, theta, shard(batch, SIZES)))
    return np.array(values)


def _average(function):
    """Training with the student's average beside the large batch's own gradient and the plain average."""
    lines = {
        "the large batch": _walk(lambda parts: SIZES @ parts / SIZES.sum()),
        "yours": _walk(lambda parts: np.asarray(function(parts, SIZES), dtype=float)),
        "plain average": _walk(lambda parts: parts.mean(axis=0)),
    }
    show(lines_figure(lines, "update", "loss on all digits", log=True))
    gap = np.max(np.abs(lines["yours"] - lines["the large batch"]))
    print(f"yours is the large batch to {'rounding' if gap < 1e-9 else f'{gap:.2g}'}")


def _protocol(log, updates):
    """Reads and sends of a simulated server as the exercise has them: ``(workers, sends)``."""
    senders = [span.worker for span in log.spans][:updates]
    number = max(senders) + 1
    workers = np.concatenate([np.arange(number), np.repeat(senders, 2)])
    sends = np.concatenate([np.zeros(number, dtype=bool), np.tile([True, False], updates)])
    return workers.tolist(), sends.tolist()


def _stale(function):
    """The ages of 8 simulated workers' gradients, as the student counts them and as the simulator does."""
    log = asynchronous(Machines(8, 0.8), 200)
    own = np.asarray(function(*_protocol(log, 200)), dtype=float)
    show(lines_figure({"the simulator's": log.staleness.astype(float), "yours": own}, "update", "age in updates"))
    print(f"mean age {own.mean():.2f}; 8 workers less one are 7")


def _scaling(function):
    """Warm-up to four and to sixteen times the batch."""
    t = np.arange(1, 41)
    curves = {f"batch {size}": (t, np.asarray(function(t, 0.1, size, 32, 20), dtype=float)) for size in (512, 128, 32)}
    show(curves_figure(curves, "From batches of 32 at rate 0.1, warm-up of 20 updates", "update", "learning rate"))


def _backups(function):
    """The student's choice for 2 to 32 machines beside waiting for all."""
    machines = np.arange(2, 33)
    found = [function(int(n), 0.8) for n in machines]
    curves = {
        "with your backups": (machines, [float(speed_up) for _, speed_up in found]),
        "all are waited for": (machines, [n / expected_round(int(n), 0.8) for n in machines]),
    }
    show(curves_figure(curves, "Gradients used a unit of time, spread 0.8", "machines", "speed-up", "xy"))
    print(f"of 32 machines you spare {int(found[-1][0])}")


def _loop(function):
    """Where an epoch ends with 1, 2, 4 and 8 workers and the same large batch."""
    rng = np.random.default_rng(121)
    x, y, order = rng.normal(size=(200, 3)), rng.normal(size=200), rng.permutation(200)
    workers = np.array([1, 2, 4, 8])
    ends = [np.asarray(function(np.ones(3), x, y, order, int(n), 16 // int(n), 0.1), dtype=float) for n in workers]
    curves = {f"theta {i + 1}": (workers, [end[i] for end in ends]) for i in range(3)}
    show(curves_figure(curves, "After an epoch with 16 samples a step", "workers", "theta", "x"))
    gap = max(np.max(np.abs(end - ends[0])) for end in ends)
    print(f"8 workers end where one machine does to {'rounding' if gap < 1e-9 else f'{gap:.2g}'}")


LOOKS = {"12-1": _average, "12-2": _stale, "12-3": _scaling, "12-4": _backups, "12-5": _loop}
