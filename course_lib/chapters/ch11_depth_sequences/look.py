"""If it works, look, chapter 11: gradients on their way back, clipped norms, a stream, and theory.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.signals import growth, recurrent_matrix, through_time
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show

HIDDEN, TIME = 16, 40


def _sequence(radius=0.9):
    """``(x, states, d_states, weight_x, weight_h)`` of a small net whose loss is at the last step."""
    rng = np.random.default_rng(0)
    x, weight_x = rng.normal(size=(4, TIME, 3)), 0.2 * rng.normal(size=(HIDDEN, 3))
    weight_h, states = radius * recurrent_matrix("rotation", rng, HIDDEN), np.zeros((4, TIME + 1, HIDDEN))
    for t in range(TIME):
        states[:, t + 1] = np.tanh(x[:, t] @ weight_x.T + states[:, t] @ weight_h.T)
    d_states = np.zeros((4, TIME, HIDDEN))
    d_states[:, -1] = rng.normal(size=(4, HIDDEN))
    return x, states, d_states, weight_x, weight_h


def _lengths(gradient):
    """Length at every step of time, newest first, as a share of the newest."""
    lengths = np.sqrt(np.mean(np.sum(np.square(gradient), axis=-1), axis=0))[::-1]
    return lengths / lengths[0]


def _backward(function):
    steps, curves = np.arange(TIME), {}
    for radius in (0.9, 1.1):
        curves[f"your d_x, radius {radius}"] = steps, _lengths(np.asarray(function(*_sequence(radius))[3], dtype=float))
    show(curves_figure(curves, "It vanishes on its way back", "steps back", "length of the gradient", "y"))


def _truncated(function):
    _, states, d_states, _, weight_h = _sequence()
    d_states = np.ones(d_states.shape) / HIDDEN  # an answer at every step
    curves = {}
    for chunk in (TIME, 10, 1):
        delta = np.asarray(function(d_states, states, weight_h, chunk), dtype=float)
        curves[f"your deltas, chunks of {chunk}"] = np.arange(TIME), np.linalg.norm(delta, axis=-1).mean(axis=0)
    show(curves_figure(curves, "What a step hears of later answers", "step of time", "length of delta"))


def _clip(function):
    rng, before, after = np.random.default_rng(0), [], []
    for size in np.geomspace(0.05, 20, 60):
        *clipped, norm = function(*(size * rng.normal(size=shape) for shape in ((3, 2), (3, 3), (3,))), 1.0)
        before.append(float(norm))
        after.append(np.sqrt(sum(np.sum(np.square(part)) for part in clipped)))
    curves = {"as they came": (before, before), "your clipped ones, at 1": (before, after)}
    show(curves_figure(curves, "Clipping by the global norm", "norm before", "norm after", "xy"))


def _stream(function):
    """The loss of each next stretch of an echo, while your loop learns it."""
    rng = np.random.default_rng(2)
    weight_x, readout = rng.normal(size=6), 0.5 * rng.normal(size=6)
    weight_h, losses = 0.5 * rng.normal(size=(6, 6)), []
    for _ in range(60):
        x = rng.uniform(-1, 1, size=40)
        y = np.append(0.0, x[:-1])
        h, errors = np.zeros(6), []
        for number, target in zip(x, y, strict=True):
            h = np.tanh(weight_x * number + weight_h @ h)
            errors.append((readout @ h - target) ** 2)
        losses.append(np.mean(errors))
        weight_h = np.asarray(function(x, y, weight_x, weight_h, readout, 0.03, 5)[0], dtype=float)
    curves = {"your loop": (np.arange(60), losses)}
    show(curves_figure(curves, "Learning to repeat the number before", "stream of 40 steps", "mean squared error"))


def _factor(function):
    radii = np.linspace(0.4, 1.6, 9)
    measured = [growth(through_time("RNN", radius, 0.5)) for radius in radii]
    yours = [float(function(float(radius), 0.5)) for radius in radii]
    curves = {"measured": (radii, measured), "your prediction": (radii, yours), "the radius": (radii, radii)}
    show(curves_figure(curves, "Factor of a step, inputs 0.5", "spectral radius", "factor"))


def _curriculum_lengths(function):
    """The lengths of a batch while the work is done, with a pace of 0.75."""
    shares, draws = np.linspace(0, 1, 101), (np.arange(1000) + 0.5) / 1000
    batches = np.array([function(share, 0.75, 4, 25, draws, 10**6)[0] for share in shares])
    curves = {"longest": batches.max(axis=1), "mean": batches.mean(axis=1), "shortest": batches.min(axis=1)}
    show(
        curves_figure(
            {label: (shares, lengths) for label, lengths in curves.items()},
            "Lengths of a batch, from 4 to 25",
            "share of the work that is done",
            "length",
        )
    )


LOOKS = {
    "11-1": _backward,
    "11-2": _truncated,
    "11-3": _clip,
    "11-4": _stream,
    "11-5": _factor,
    "11-6": _curriculum_lengths,
}
