"""The V of the gradient check: error against step size, with the two walls that theory predicts."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.figures.style import line_style, new_figure
from course_lib.figures.surface import outside_legend
from course_lib.finite_differences import METHODS, predicted_best_step, predicted_error, step_curve


class Subject(NamedTuple):
    """A function of one number to be differentiated at ``x``: its formula and its first three derivatives there."""

    formula: str
    function: object
    x: float
    first: float
    second: float
    third: float

    @property
    def value(self):
        """The function at ``x``."""
        return float(self.function(self.x))


SUBJECTS = {
    "exp": Subject("exp(x)", np.exp, 1.0, np.exp(1), np.exp(1), np.exp(1)),
    "sine": Subject("sin(x)", np.sin, 0.8, np.cos(0.8), -np.sin(0.8), -np.cos(0.8)),
    "fast sine": Subject(
        "sin(30 x)", lambda x: np.sin(30 * x), 0.8, 30 * np.cos(24), -900 * np.sin(24), -27000 * np.cos(24)
    ),
    "cube on a pedestal": Subject("1000 + x³", lambda x: 1000 + x**3, 1.0, 3.0, 6.0, 6.0),
}
SHOWN = (1e-17, 1e3)  # of relative errors; below, an error is 0


def quotient(subject, method, h):
    """The difference quotient of ``method`` at ``subject.x`` with the step ``h`` itself."""
    x, f = subject.x, subject.function
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "forward":
            return float(np.divide(f(x + h) - f(x), (x + h) - x))
        if method == "central":
            return float(np.divide(f(x + h) - f(x - h), (x + h) - (x - h)))
        return float(np.imag(f(x + 1j * h)) / h)


@lru_cache(maxsize=8)
def measured_v(name):
    """``StepCurve`` of a subject over 129 steps from 1 to 1e-16; steps are absolute."""
    subject = SUBJECTS[name]
    steps = np.logspace(0, -16, 129)
    scale = 1 + abs(subject.x)  # the library's step is relative to this
    curve = step_curve(
        lambda x: subject.function(x[0]), np.array([subject.first]), np.array([subject.x]), steps / scale
    )
    return curve._replace(steps=steps)


def draw_v(ax, name):
    """Draw measured errors (coloured) and theory's walls (black) of a subject."""
    curve, subject = measured_v(name), SUBJECTS[name]
    for index, method in enumerate(METHODS):
        style = line_style(index)
        errors = np.clip(np.nan_to_num(curve.errors[method], nan=SHOWN[1], posinf=SHOWN[1]), *SHOWN)
        ax.plot(
            curve.steps, errors, style.marker, color=style.color, ms=4, label=method, ls=style.dashes, lw=1, zorder=2
        )
    for method, dashes in (("forward", "--"), ("central", ":")):
        wall = predicted_error(method, curve.steps, subject.value, subject.second, subject.third)
        ax.plot(
            curve.steps, wall / abs(subject.first), dashes, color="black", lw=1.6, label=f"theory, {method}", zorder=3
        )
    ax.set(xscale="log", yscale="log", xlim=(1e-16, 1), ylim=(SHOWN[0] / 3, SHOWN[1]))
    ax.set(xlabel="step h", ylabel="relative error of the slope", title=f"Slope of {subject.formula} at {subject.x:g}")


def best_steps(name):
    """``{method: (h, error)}`` that theory calls best for the two differences, errors relative."""
    subject, best = SUBJECTS[name], {}
    for method in ("forward", "central"):
        h = float(predicted_best_step(method, subject.value, subject.second, subject.third))
        error = predicted_error(method, h, subject.value, subject.second, subject.third)
        best[method] = h, float(error / abs(subject.first))
    return best


def v_figure(name="exp"):
    """Return ``(figure, alt)``: the V of one subject with both walls."""
    figure, ax = new_figure(9.5, 4.4)
    draw_v(ax, name)
    outside_legend(figure, ax)
    best = best_steps(name)
    said = "; ".join(
        f"{method} differences best near h = {h:.1g}, error about {e:.0e}" for method, (h, e) in best.items()
    )
    return figure, (
        f"Error of the slope of {SUBJECTS[name].formula} against the step h: {said}; the complex step has no wall on "
        "the left. Right of the best h the curve is bent, left of it digits cancel."
    )
