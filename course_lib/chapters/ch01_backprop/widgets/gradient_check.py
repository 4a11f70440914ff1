"""The gradient check's V with a slider for the step: the secant in the picture, both walls in words."""

import numpy as np
import traitlets

from course_lib.chapters.ch01_backprop.figures.gradient_check import SHOWN, SUBJECTS, best_steps, draw_v, quotient
from course_lib.figures.style import new_figure
from course_lib.figures.surface import outside_legend
from course_lib.finite_differences import EPS, METHODS
from course_lib.validation import in_range
from course_lib.widgets.controls import Menu, Slider, log_positions
from course_lib.widgets.live import LiveFigure

SECANT, TANGENT = "#D55E00", "#0072B2"


class StepSizeFigure(LiveFigure):
    """Error against step size; see ``gradient_check``.

    Attributes:
        function: name of a function in ``SUBJECTS``.
        method: "forward", "central" or "complex step".
        h: the step, larger than 0 and at most 1.
    """

    function = traitlets.Unicode("exp").tag(sync=True)
    method = traitlets.Unicode("central").tag(sync=True)
    h = traitlets.Float(0.5).tag(sync=True)

    rebuild_on = ("function",)

    def controls(self):
        return (
            Menu("function", "Function", tuple((name, subject.formula) for name, subject in SUBJECTS.items())),
            Menu("method", "Method", tuple((method, method) for method in METHODS)),
            Slider("h", "Step h", log_positions(1e-16, 1, 97, digits=2)),
        )

    def check(self):
        if self.function not in SUBJECTS:
            raise ValueError(f"There is no function {self.function!r}. Choose from: {', '.join(SUBJECTS)}.")
        if self.method not in METHODS:
            raise ValueError(f"There is no method {self.method!r}. Choose from: {', '.join(METHODS)}.")
        in_range("h", self.h, 1e-20, 1)

    def build(self):
        subject = SUBJECTS[self.function]
        figure, (curve, v) = new_figure(10.5, 4.6, ncols=2, width_ratios=(1, 1.35))
        x = np.linspace(subject.x - 1.15, subject.x + 1.15, 400)
        curve.plot(x, subject.function(x), color="black", lw=2.2)
        curve.plot(x, subject.value + subject.first * (x - subject.x), color=TANGENT, lw=1.6, label="true slope")
        span = np.ptp(subject.function(x))
        middle = np.mean([subject.function(x).min(), subject.function(x).max()])
        curve.set(xlim=(x[0], x[-1]), ylim=(middle - 0.75 * span, middle + 0.75 * span))
        curve.set(title=f"{subject.formula}", xlabel="x")
        (self.secant,) = curve.plot([], [], "--", color=SECANT, lw=2.4, label="measured slope")
        (self.points,) = curve.plot([], [], "o", color=SECANT, ms=9, mec="black")
        draw_v(v, self.function)
        v.set_ylabel("relative error of the slope")
        outside_legend(figure, curve, v)
        (self.line,) = v.plot([], [], "-", color="#666666", lw=1.4)
        (self.mark,) = v.plot([], [], "o", color=SECANT, ms=12, mec="black", zorder=6)
        return figure, [self.secant, self.points, self.line, self.mark]

    def update(self):
        subject, h = SUBJECTS[self.function], self.h
        slope = quotient(subject, self.method, h)
        left = subject.x - h if self.method == "central" else subject.x
        right = subject.x if self.method == "complex step" else subject.x + h
        ends = np.array([left, right])
        x = np.array([subject.x - 1.2, subject.x + 1.2])
        anchor = float(subject.function(left))
        shown = slope if np.isfinite(slope) else 0.0
        self.secant.set_data(x, anchor + shown * (x - left))
        self.points.set_data(ends, subject.function(ends))
        error = abs(slope - subject.first) / abs(subject.first)
        self.mark.set_data([h], [np.clip(error if np.isfinite(error) else SHOWN[1], *SHOWN)])
        self.line.set_data([h, h], [SHOWN[0] / 3, SHOWN[1]])
        return self._caption(subject, slope, error)

    def _caption(self, subject, slope, error):
        said = f"{self.method}, h = {self.h:.2g}: slope {slope:.12g}, true {subject.first:.12g}, relative error "
        said += "0" if error == 0 else f"{error:.1e}" if np.isfinite(error) else "without bound (the step is lost)"
        return f"{said}. {self._walls(subject)}"

    def _walls(self, subject):
        bend = {"forward": self.h * abs(subject.second) / 2}.get(self.method, self.h**2 * abs(subject.third) / 6)
        bend /= abs(subject.first)
        if self.method == "complex step":
            return f"Truncation, the bend of the curve over h: {bend:.1e}. Nothing is subtracted, so no digits cancel."
        lost = (2 if self.method == "forward" else 1) * EPS * abs(subject.value) / self.h / abs(subject.first)
        wall = "on the right wall, a smaller h helps" if bend > lost else "on the left wall, a smaller h harms"
        best, _ = best_steps(self.function)[self.method]
        return (
            f"Truncation, the bend of the curve over h: {bend:.1e}; rounding, the digits that cancel, divided by h: up "
            f"to {lost:.1e}. You are {wall}; theory's best h is {best:.1e}."
        )


def gradient_check(function="exp", method="central", h=0.5):
    """Return the live V: drag the step and see secant, error, and which of the two walls you are on.

    Args:
        function: "exp", "sine", "fast sine" or "cube on a pedestal".
        method: "forward", "central" or "complex step".
        h: the step, larger than 0 and at most 1.

    Raises:
        ValueError: a name that does not exist, or a step out of range.
    """
    return StepSizeFigure(function=function, method=method, h=h)
