"""Where eps stands: the first step against the size of the gradient, and a run on a ravine with small gradients."""

from typing import NamedTuple

import numpy as np

from course_lib.figures.style import line_style
from course_lib.optimizers import Adagrad, Adam, RMSprop
from course_lib.run import iterate
from course_lib.surfaces import ravine

METHODS = {"Adagrad": Adagrad, "RMSprop": RMSprop, "Adam": Adam}
PLACES = ("outside: √v + eps", "inside: √(v + eps)", "outside, before the correction (Keras)")
LEARNING_RATE, NUM_STEPS, BETA2, RHO = 0.03, 150, 0.999, 0.9
SIZES = np.geomspace(1e-14, 1e4, 181)
RAVINE = ravine(30.0)


class EpsArtists(NamedTuple):
    """Lines of the first step, the mark on them, lines of the run."""

    lengths: list
    mark: object
    runs: list

    @property
    def moving(self):
        """All of them, in drawing order."""
        return [*self.lengths, self.mark, *self.runs]


def first_steps(method, eps, size):
    """First step in learning rates by place of eps, ``(2 or 3, ...)``, in closed form.

    The root is |g| for Adagrad and corrected Adam, sqrt(1 - rho) |g| for RMSprop.
    """
    share = np.sqrt(1 - RHO) if method == "RMSprop" else 1.0
    size = np.asarray(size, dtype=float)
    places = [size / (share * size + eps), size / np.sqrt((share * size) ** 2 + eps)]
    if method == "Adam":  # sqrt(v) + eps with v = (1 - beta2) g^2, times the correction sqrt(1 - beta2)
        hidden = np.sqrt(1 - BETA2)
        places.append(hidden * size / (hidden * size + eps))
    return np.array(places)


def _values(optimizer, scale):
    """Value over first value on the ravine times ``scale``, ``(NUM_STEPS + 1,)``."""

    class Scaled:
        gradient = staticmethod(lambda theta: scale * RAVINE.gradient(theta))

    thetas = np.array([theta for theta, _ in iterate(Scaled(), optimizer, RAVINE.start, NUM_STEPS)])
    values = RAVINE.value(thetas)
    return values / values[0]


def eps_lines(method, eps, scale):
    """``(lengths (places, sizes), runs (places, NUM_STEPS + 1), first steps at scale (places,))``."""
    hyperparameters = {"beta2": BETA2} if method == "Adam" else {"rho": RHO} if method == "RMSprop" else {}
    places = [{}, {"eps_inside_root": True}, {"eps_before_correction": True}][: 3 if method == "Adam" else 2]
    runs = [
        _values(METHODS[method](learning_rate=LEARNING_RATE, eps=eps, **place, **hyperparameters), scale)
        for place in places
    ]
    return first_steps(method, eps, SIZES), np.array(runs), first_steps(method, eps, scale)


def draw_eps(axes):
    """Prepare both axes; return the artists that move."""
    left, right = axes
    left.set(xscale="log", yscale="log", xlim=(1e-14, 1e4), ylim=(1e-6, 10), xlabel="size of the gradient")
    left.set(ylabel="learning rates", title="Length of the first step")
    right.set(yscale="log", xlim=(0, NUM_STEPS), ylim=(1e-6, 3), xlabel="step")
    right.set(title=f"f over first f, learning rate {LEARNING_RATE:g}")
    lengths, runs = [], []
    for index, place in enumerate(PLACES):
        style = line_style(index)
        drawn = {"color": style.color, "linestyle": style.dashes, "lw": (4.5, 3.0, 2.2)[index]}
        lengths += left.plot([], [], label=place, **drawn)
        runs += right.plot([], [], **drawn)
    for ax in axes:
        ax.grid(True, axis="y", color="#DDDDDD", lw=0.8)
    return EpsArtists(lengths, left.axvline(1, color="black", lw=1.4, ls=":"), runs)


def move_eps(artists, lines, scale):
    """Show ``lines`` of ``eps_lines``."""
    lengths, runs, _ = lines
    for index in range(3):
        there = index < len(lengths)
        artists.lengths[index].set_data(SIZES if there else [], lengths[index] if there else [])
        t = np.arange(NUM_STEPS + 1)
        artists.runs[index].set_data(t if there else [], np.maximum(runs[index], 1e-12) if there else [])
    artists.mark.set_xdata([scale, scale])


def eps_text(method, eps, scale, lines):
    """The finding in words."""
    _, runs, steps = lines
    said = "; ".join(
        f"{place.split(':')[0]} {step:.3g}, f falls to {run[-1]:.2g} of its start"
        for place, step, run in zip(PLACES, steps, runs, strict=False)
    )
    return (
        f"{method}, eps {eps:.3g}, gradients of size {scale:.3g}: first step in learning rates, and after {NUM_STEPS} "
        f"steps on the ravine: {said}."
    )
