"""Is this gradient right? Against numerical derivatives, with an answer that one can read.

``check_gradient`` compares coordinate by coordinate and says what a wrong gradient smells like: a sign,
a factor, a term that was left out, a transposed matrix. ``taylor_remainders`` is the second, independent test.

Source: L3 "Gradient check"; CS231n, neural-networks-3 "Gradient checks".
"""

from dataclasses import dataclass

import numpy as np

from course_lib.finite_differences import EPS, central_differences
from course_lib.validation import function_of, number, numbers, positive, shown

H = np.cbrt(EPS)


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck:
    """What ``check_gradient`` found.

    Attributes:
        passed: every coordinate agrees, but for those at a kink, and not all are.
        analytic, numeric: the two gradients, shape of theta.
        relative_error: |analytic - numeric| / max(|analytic|, |numeric|)  (1.16)
            and 0 where the difference is below the error of the numerical derivative.
        worst: index of the largest relative error among the coordinates that count.
        wrong: boolean, the coordinates that disagree.
        unknown: boolean, the coordinates where the function is not finite at theta or within the step, so that there
            is nothing to compare with.
        kinks: boolean, the coordinates where the function has a kink within the step, so that no
            numerical derivative can decide.
        suspicion: one sentence on what it looks like; empty if it passed.
    """

    passed: bool
    analytic: np.ndarray
    numeric: np.ndarray
    relative_error: np.ndarray
    worst: tuple
    wrong: np.ndarray
    kinks: np.ndarray
    unknown: np.ndarray
    suspicion: str

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return "\n".join([self._verdict(), *self._rows(), *([self.suspicion] if self.suspicion else [])])

    def _verdict(self):
        n = self.analytic.size
        if self.unknown.any() and not self.wrong.any():
            return f"Nothing is decided in {self.unknown.sum()} of {n} coordinates."
        if self.kinks.all():
            return "Nothing is decided: theta lies at a kink in every coordinate. Check at another theta."
        undecided = f"; {self.kinks.sum()} at a kink, not decided" if self.kinks.any() else ""
        if self.passed:
            return f"The gradient agrees in all {n - self.kinks.sum()} coordinates{undecided}, " + self._largest()
        return f"The gradient is wrong in {self.wrong.sum()} of {n} coordinates{undecided}, " + self._largest()

    def _largest(self):
        return f"largest relative error {self.relative_error[self.worst]:.1e} at theta{_index(self.worst)}."

    def _rows(self, most=5):
        shown = np.argsort(-np.where(self.wrong, self.relative_error, -1.0), axis=None)[: min(most, self.wrong.sum())]
        indices = [np.unravel_index(i, self.wrong.shape) for i in shown]
        return [
            f"  theta{_index(i)}: yours {self.analytic[i]:.8g}, numerical {self.numeric[i]:.8g}, "
            f"relative error {self.relative_error[i]:.1e}"
            for i in indices
        ]


def _index(index):
    return f"[{', '.join(str(int(i)) for i in index)}]" if index else ""


def _objective_or_pair(function, gradient, theta):
    """Accept ``(objective, theta)`` and ``(function, gradient, theta)``."""
    if theta is None:
        if not (hasattr(function, "value") and hasattr(function, "gradient")):
            raise TypeError("Give check_gradient(objective, theta) or check_gradient(function, gradient, theta).")
        return function.value, function.gradient, gradient
    return function_of("function", getattr(function, "value", function), "theta -> number"), gradient, theta


def check_gradient(function, gradient, theta=None, tolerance=1e-6):
    """Compare a gradient with central differences.

    Args:
        function: ``theta -> number``; or an objective, then ``check_gradient(objective, theta)``.
        gradient: ``theta -> array`` of theta's shape, or that array.
        theta: where, an array of any shape.
        tolerance: largest relative error that passes, per coordinate, beside what the
            numerical derivative itself may be off.

    Returns:
        ``GradientCheck``: true if passed; printing it shows the verdict, the worst coordinates and a suspicion.

    Raises:
        ValueError: the gradient has another shape than theta, the function's value is not one number,
            or one of them changes theta in place.

    >>> print(check_gradient(lambda theta: np.sum(theta**2), lambda theta: -2 * theta, [1.0, 3.0]))
    The gradient is wrong in 2 of 2 coordinates, largest relative error 2.0e+00 at theta[1].
      theta[1]: yours -6, numerical 6, relative error 2.0e+00
      theta[0]: yours -2, numerical 2, relative error 2.0e+00
    It looks like the sign: every coordinate is minus the numerical one.
    """
    function, gradient, theta = _objective_or_pair(function, gradient, theta)
    number("tolerance", tolerance, positive)
    theta = numbers("theta", theta).astype(float)
    if not theta.size:
        raise ValueError(f"theta must have at least one coordinate, but its shape is {theta.shape}.")
    if callable(gradient):
        gradient = _unchanged(function_of("gradient", gradient, "theta -> array"), theta, "gradient")
    analytic = numbers("The gradient", gradient).astype(float)
    if analytic.shape != theta.shape:
        raise ValueError(f"The gradient must have theta's shape, {theta.shape}, but it has {analytic.shape}.")
    value = numbers("The value of function", _unchanged(function, theta, "function"))
    if value.size != 1:
        raise ValueError(f"The function's value must be one number, but its shape is {value.shape}.")
    return _compare(function, analytic, theta, abs(float(value.reshape(()))), tolerance)


def _unchanged(function, theta, name):
    given = theta.copy()
    result = function(given)
    if not np.array_equal(given, theta, equal_nan=True):
        raise ValueError(f"The {name} changes theta in place: work on a copy, theta = theta.copy().")
    return result


def _compare(function, analytic, theta, value, tolerance):
    def single(theta):
        return np.reshape(function(theta), ())

    with np.errstate(invalid="ignore", over="ignore"):
        numeric, noise = _slope(single, theta, value, H * (1 + np.abs(theta)))
        relative = _relative_error(analytic, numeric, noise)
        swallowed = (relative == 0) & ~(np.abs(analytic - numeric) <= tolerance * np.abs(numeric))
        if swallowed.any():  # agrees only because the step is coarse: look again with one that fits a small theta
            fine, fine_noise = _slope(single, theta, value, H * np.abs(theta))
            sharp = swallowed & (fine_noise <= 0.01 * np.abs(fine))
            numeric = np.where(sharp, fine, numeric)
            relative = np.where(sharp, _relative_error(analytic, fine, fine_noise), relative)
    unknown = np.isfinite(analytic) & ~(np.isfinite(numeric) & np.isfinite(noise))
    suspects = ~(relative <= tolerance) & ~unknown
    kinks = suspects & np.isfinite(analytic) & _has_kink(single, theta, suspects, noise)
    wrong = suspects & ~kinks
    counted = np.where(kinks | unknown, -1.0, relative)
    worst = tuple(int(i) for i in np.unravel_index(np.argmax(counted), counted.shape))
    passed = not wrong.any() and not unknown.any() and not kinks.all()
    suspicion = _suspicion(analytic, numeric, theta, wrong, unknown) if (wrong | unknown).any() else ""
    return GradientCheck(passed, analytic, numeric, relative, worst, wrong, kinks, unknown, suspicion)


def _slope(function, theta, value, step):
    """``(numeric, noise)``: central differences with this ``step``, and what they themselves may be off.

    Off by rounding, and by truncation, which a double step makes visible. Where the step is 0 both are nan.
    """
    numeric, double = (central_differences(function, theta, factor * step) for factor in (1, 2))
    with np.errstate(divide="ignore"):
        return numeric, 20 * EPS * value / step + np.abs(double - numeric)


def _relative_error(analytic, numeric, noise):
    """(1.16), 0 where the difference is within the noise, and inf where there is nothing to compare."""
    size, gap = np.maximum(np.abs(analytic), np.abs(numeric)), np.abs(analytic - numeric)
    relative = np.where(gap <= noise, 0.0, gap / np.where(size == 0, 1, size))  # (1.16)
    return np.where(np.isfinite(gap) & np.isfinite(noise), relative, np.inf)


def _has_kink(function, theta, suspects, noise):
    """Whether the slopes to the left and to the right stay apart as the step shrinks by 4."""
    here = function(theta)
    kinks = np.zeros(theta.shape, dtype=bool)
    for i in zip(*np.nonzero(suspects), strict=True) if theta.ndim else [()]:
        gaps = []
        for h in (H, H / 4):
            move = np.zeros(theta.shape)
            move[i] = h * (1 + abs(theta[i]))
            gaps.append(abs(function(theta + move) - 2 * here + function(theta - move)) / move[i])
        # A smooth function's gap shrinks with the step, by 4; a kink's stays, or grows.
        kinks[i] = gaps[1] > 20 * noise[i] and gaps[1] > 0.5 * gaps[0]
    return kinks


def _close(a, b):
    return bool(np.linalg.norm(a - b) <= 1e-4 * np.linalg.norm(b))


def _suspicion(analytic, numeric, theta, wrong, unknown):
    """The first explanation that fits all wrong coordinates."""
    if not np.isfinite(analytic).all():
        return "It has entries that are no finite numbers: look for 0/0, log(0) or an overflow of exp."
    if unknown.any():
        return "The function itself is not finite around theta: choose another theta."
    if not analytic.any():
        return "It is 0 everywhere: is the result of the calculation returned?"
    return (
        _factor(analytic[wrong], numeric[wrong])
        or _rearranged(analytic, numeric)
        or _missing(analytic, numeric, theta, wrong)
    )


def _factor(analytic, numeric):
    """A common factor between the wrong coordinates."""
    factor = np.vdot(analytic, numeric) / np.vdot(numeric, numeric) if numeric.any() else 0.0
    if factor == 0 or not _close(analytic, factor * numeric) or (analytic.size == 1 and abs(factor) not in (1, 2, 0.5)):
        near = [c for c in (-1.0, 2.0, 0.5, -2.0, -0.5) if _close(analytic, c * numeric)]
        if not near:
            return ""
        factor = near[0]
    if np.isclose(factor, -1, rtol=1e-3):
        return "It looks like the sign: every coordinate is minus the numerical one."
    if np.isclose(factor, 2, rtol=1e-3):
        return "It looks like a factor 2: the function has a 1/2 that the gradient forgets, or 2 came in twice."
    if np.isclose(factor, 0.5, rtol=1e-3):
        return "It looks like a factor 1/2: the derivative of a square is 2 times, is the 2 missing?"
    whole = factor if abs(factor) >= 1 else 1 / factor
    words = f"{factor:.4g}" if abs(factor) >= 1 else f"1/{whole:.4g}"
    return f"It is {words} times too large: a mean in one and a sum in the other, over {abs(whole):.4g} samples?"


def _rearranged(analytic, numeric):
    """The right numbers at the wrong places."""
    if analytic.ndim == 2 and analytic.shape[0] == analytic.shape[1] and _close(analytic.T, numeric):
        return "It looks transposed: as a matrix it is the numerical one with rows and columns exchanged."
    if analytic.ndim and _close(np.flip(analytic), numeric):
        return "It looks reversed: the right numbers in the opposite order."
    if _close(np.sort(analytic, axis=None), np.sort(numeric, axis=None)):
        return "The right numbers are at the wrong places: look at the order of the coordinates."
    return ""


def _missing(analytic, numeric, theta, wrong):
    """What has to be added to make it right."""
    rest = (numeric - analytic)[wrong]
    there = theta[wrong]
    penalty = np.vdot(rest, there) / np.vdot(there, there) if there.any() else 0.0
    if rest.size > 1 and _close(rest, penalty * there):
        return f"What is missing is {penalty:.4g} * theta: is the derivative of an L2 penalty left out?"
    if rest.size > 1 and _close(rest, np.full(rest.shape, rest.mean())):
        return f"The same number, {rest.mean():.4g}, is missing everywhere: a term was left out or added twice."
    if wrong.sum() < wrong.size:
        if not analytic[wrong].any():
            return "The wrong coordinates are 0: a term was left out for them, or never filled in."
        return f"Only {wrong.sum()} of {wrong.size} coordinates are wrong: look at what is special about them."
    return "No simple pattern: probably a term is missing or evaluated at the wrong place."


def taylor_remainders(function, gradient, theta, direction, steps=None):
    """``(steps, remainders)``: what the first-order Taylor polynomial leaves over,

        |f(theta + h d) - f(theta) - h gradient . d|,  (1.17)

    which falls as h^2.
    A wrong gradient leaves a remainder that falls as h only; ``taylor_slope`` tells 2 from 1.

    Args:
        function: ``theta -> number``.
        gradient: ``theta -> array``.
        direction: same shape as theta.
        steps: step sizes; 2^-6 ... 2^-13 if left out.
    """
    function_of("function", function, "theta -> number")
    function_of("gradient", gradient, "theta -> array")
    theta = numbers("theta", theta).astype(float)
    direction = numbers("direction", direction, *theta.shape).astype(float)
    steps = 0.5 ** np.arange(6, 14) if steps is None else positive("steps", numbers("steps", steps, "m"))
    slope = np.sum(numbers("The gradient", gradient(theta), *theta.shape) * direction)

    def value(theta):
        return number("The value of function", function(theta), numbers)

    here = value(theta)
    return steps, np.array([abs(value(theta + h * direction) - here - h * slope) for h in steps])  # (1.17)


def taylor_slope(function, gradient, theta, direction, steps=None):
    """Slope of the Taylor remainder on log-log axes: 2 for a right gradient, 1 for a wrong one.

    ``inf`` where the function is straight along the direction and nothing remains but rounding; ``nan`` where a value
    is not finite.
    """
    steps, remainders = taylor_remainders(function, gradient, theta, direction, steps)
    if not np.all(np.isfinite(remainders)):
        return np.nan
    if len(set(steps)) < 2:
        raise ValueError(
            f"steps must be at least two different step sizes, or there is no slope, but they are {shown(steps)}."
        )
    theta, direction = np.asarray(theta, dtype=float), np.asarray(direction, dtype=float)
    sizes = [abs(float(function(theta + h * direction))) for h in (0, *steps)]
    if np.all(remainders <= 100 * EPS * max(sizes)):
        return np.inf
    return float(np.polyfit(np.log(steps), np.log(np.maximum(remainders, np.finfo(float).tiny)), 1)[0])
