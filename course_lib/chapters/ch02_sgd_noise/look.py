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


def _limit(function):
    """The mean square over 60 steps, exactly, at the student's rate and a tenth below and above it."""
    curvatures, batch_size = np.array([0.0, 0.5, 4.0, 1.5]), 2
    pairs = np.add.outer(curvatures, curvatures).ravel() / batch_size
    rate = float(function(curvatures, batch_size))
    factors = {f"{share:g} times yours": np.mean((1 - share * rate * pairs) ** 2) for share in (1.0, 0.9, 1.1)}
    lines = {name: factor ** np.arange(61) for name, factor in factors.items()}
    show(lines_figure(lines, "step", "mean square of theta", log=True))
    print(
        f"your limit for batches of 2: {rate:.4g}; " + ", ".join(f"{n}: x {f:.3f} a step" for n, f in factors.items())
    )


def _arrival(function):
    """The mean square distance of a run, in units of what it ends at, and when the student says that it is at 2."""
    curvature, learning_rate, noise, distance = 1.0, 0.1, 1.0, 8.0
    pull, square = learning_rate * curvature, [distance**2]
    for _ in range(80):
        square.append((1 - pull) ** 2 * square[-1] + pull**2 * noise)
    ratio, foretold = (
        np.array(square) / (pull / (2 - pull) * noise),
        float(function(curvature, learning_rate, noise, distance)),
    )
    show(lines_figure({"the run": ratio, "twice the ball": np.full(81, 2.0)}, "step", "mean square / ball", log=True))
    print(f"you foretold {foretold:.1f} steps; the run is there after {int(np.argmax(ratio <= 2))}")


def _pieces(function):
    """How far the step is from that of the whole batch, for pieces of 1 to 12 of 12 samples."""
    samples, theta = (
        np.random.default_rng(3).normal(size=(12, 2)) + np.linspace(0, 3, 12)[:, None],
        np.array([2.0, -1.0]),
    )

    def gradient(theta, part):
        return np.tanh(theta - part).mean(axis=0)

    whole = theta - 0.5 * gradient(theta, samples)
    away = [np.linalg.norm(function(theta, samples, gradient, 0.5, piece) - whole) for piece in range(1, 13)]
    show(lines_figure({"yours": np.array(away)}, "piece - 1", "how far the step is off"))
    off = [str(piece) for piece, distance in enumerate(away, start=1) if distance > 1e-9]
    print(f"off for pieces of {', '.join(off)}" if off else "the step of the whole batch, whatever the pieces")


def _tuned(function):
    """The best of the student's trials so far, on one noisy problem, and the best of a fine grid."""
    pull = np.logspace(-3, 0.2, 200)
    losses = (1 - pull) ** 200 * 50 + pull / (2 - pull) * (1 - (1 - pull) ** 200) / 2
    found = []

    def loss_after(rate):
        found.append(float(np.exp(np.interp(np.log(rate), np.log(pull), np.log(losses), right=20.0))))
        return found[-1]

    rate = float(function(loss_after, 12))
    best = np.minimum.accumulate(found)
    lines = {"best of your trials so far": best, "best of a fine grid": np.full(len(best), losses.min())}
    show(lines_figure(lines, "trial - 1", "loss after 100 steps", log=True))
    print(f"{len(best)} trials; at your {rate:.3g} the loss is {loss_after(rate) / losses.min():.2f} times the best")


LOOKS = {
    "02-1": _batches,
    "02-2": _sgd,
    "02-3": _armijo,
    "02-4": _restarts,
    "02-5": _averaging,
    "02-6": _limit,
    "02-7": _arrival,
    "02-8": _pieces,
    "02-9": _tuned,
}
