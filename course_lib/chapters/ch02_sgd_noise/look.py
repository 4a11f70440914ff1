"""If it works, look, for chapter 2: the student's own function runs, drawn beside what theory or the library says."""

import numpy as np

from course_lib.chapters.ch02_sgd_noise.experiments import bowls
from course_lib.chapters.ch02_sgd_noise.figures.line_search import line_search_figure
from course_lib.chapters.ch02_sgd_noise.figures.noise_ball import SIZE, START, centres
from course_lib.figures.show import show
from course_lib.figures.student import bars_figure, lines_figure
from course_lib.schedules import cosine_restarts, inverse_time
from course_lib.surfaces import SURFACES


def _batches(function):
    """Which sample is in which batch, over one epoch of 32 in batches of 5."""
    rng, numbers = np.random.default_rng(0), np.arange(SIZE, dtype=float)[:, None]
    epoch = [np.asarray(batch)[:, 0] for batch in function(numbers, 5, rng.permutation)]
    show(bars_figure(epoch, SIZE))
    seen = np.concatenate(epoch)
    print(f"{len(epoch)} batches, {len(seen)} samples, {len(np.unique(seen))} of them different")


def _sgd(function):
    """Distance from the minimum with a constant and with a falling learning rate, the same 400 mini-batches."""
    lines = {}
    for name, schedule in (("constant 0.3", lambda t: 0.3), ("3 / (t + 9)", inverse_time(3.0, 9.0))):
        rng, sampled = np.random.default_rng(1), bowls(centres(), np.ones(2), batch_size=2)
        path = np.asarray(function(START, lambda theta: sampled.sample(rng).gradient(theta), schedule, 400))  # noqa: B023
        lines[name] = np.linalg.norm(path, axis=-1)
    show(lines_figure(lines, "step", "distance from the minimum", log=True))
    late = {name: np.sqrt(np.mean(line[-100:] ** 2)) for name, line in lines.items()}
    print("; ".join(f"{name}: {value:.3f} over the last 100 steps" for name, value in late.items()))


def _armijo(function):
    """The student's step size on Rosenbrock's function, beside the search that is drawn."""
    surface = SURFACES["rosenbrock"]
    start = np.array(surface.start)
    gradient = surface.gradient(start)
    step = function(start, -gradient, surface.value, gradient, 0.01, 0.5, 0.1)
    show(line_search_figure(surface, start, 0.01, 0.5, 0.1))
    print(f"your step size: {float(step):g}")


def _restarts(function):
    """150 updates, restarting after 10, 20, 40, ... of them."""
    t = range(1, 151)
    own = np.array([function(k, 0.1, 0.01, 10, 2) for k in t], dtype=float)
    right = np.array([cosine_restarts(0.1, 0.01, 10, 2)(k) for k in t])
    show(lines_figure({"the library's": right, "yours": own}, "update t - 1", "learning rate"))
    apart = np.max(np.abs(own - right))
    print(f"the two are the same {'to rounding' if apart < 1e-12 else f'but for {apart:.2g}'}")


def _averaging(function):
    """Root mean square distance from the minimum, 50 runs, of the walking point and of the average."""
    squares = {"theta": 0.0, "average": 0.0}
    for seed in range(50):
        rng, sampled = np.random.default_rng([2, seed]), bowls(centres(), np.ones(2), batch_size=1)
        theta = average = START
        walk, mean = [theta], [average]
        for t in range(1, 401):
            theta, average = function(theta, average, t, sampled.sample(rng).gradient, 0.3, 20)
            walk.append(theta)
            mean.append(average)
        for name, path in (("theta", walk), ("average", mean)):
            squares[name] = squares[name] + np.sum(np.square(path), axis=-1) / 50
    lines = {name: np.sqrt(square) for name, square in squares.items()}
    show(lines_figure(lines, "step", "distance (50 runs)", log=True))
    late = {name: np.sqrt(np.mean(line[-100:] ** 2)) for name, line in lines.items()}
    print("; ".join(f"{name}: {value:.3f} away over the last 100 steps" for name, value in late.items()))


LOOKS = {"02-1": _batches, "02-2": _sgd, "02-3": _armijo, "02-4": _restarts, "02-5": _averaging}
