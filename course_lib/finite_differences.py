r"""Numerical derivatives, and how wrong they are.

A difference quotient has two errors. Truncation: the curve is not straight over the step ``h``, an
error that shrinks with ``h``. Rounding: the two values agree in most of their digits, and what is lost
is divided by ``h``, an error that grows as ``h`` shrinks. On log-log axes their sum is a V.

=============  ==========================================  ==========  ===============  =========
method         formula                                     truncation  rounding         best h
=============  ==========================================  ==========  ===============  =========
forward        (f(x + h) - f(x)) / h                       h f''/2     2 eps abs f / h  eps^(1/2)
central        (f(x + h) - f(x - h)) / (2 h)               h^2 f'''/6  eps abs f / h    eps^(1/3)
complex step   Im f(x + i h) / h                           h^2 f'''/6  none             any tiny h
=============  ==========================================  ==========  ===============  =========

Source: L3 "Gradient check"; CS231n "Gradient checks"; Squire and Trapp 1998 (complex step).
"""

from typing import NamedTuple

import numpy as np

from course_lib.validation import broadcast, finite, function_of, number, numbers, one_of, positive, shown

EPS = np.finfo(float).eps
# For functions and x of size about 1, in steps relative to 1 + |x|.
BEST_STEP = {"forward": EPS ** (1 / 2), "central": EPS ** (1 / 3), "complex step": 1e-30}


def _checked(function, theta, h):
    """theta in float64 and the step, if all three are what they must be."""
    function_of("function", function, "theta -> number")
    return numbers("theta", theta).astype(float), number("h", h, positive)


def _value(value):
    """What the function returned, as an array of numbers; complex ones too."""
    array = np.asarray(value)
    return array if array.dtype.kind == "c" else numbers("The value of function", value)


def _jacobian(quotient, theta, steps):
    """Collect ``quotient(unit * step, step)`` over all coordinates of ``theta``, on the last axes."""
    columns = []
    for i in np.ndindex(theta.shape):
        step = steps[i]
        move = np.zeros(theta.shape)
        move[i] = step
        columns.append(np.asarray(quotient(move, step)))
    if not columns:
        raise ValueError("theta has no coordinates to move.")
    return np.stack(columns, axis=-1).reshape(columns[0].shape + theta.shape)


def forward_difference(function, theta, h=BEST_STEP["forward"]):
    """Slope to a point ahead, n + 1 calls, about 8 right digits; for each coordinate

        (f(theta + h) - f(theta)) / h.  (1.13)

    Args:
        function: array of the shape of ``theta`` -> number or array.
        theta: any shape; it is never changed.
        h: step, relative to 1 + |coordinate|.

    Returns:
        Shape (shape of the value, shape of theta): a gradient, or a Jacobian.
    """
    theta, h = _checked(function, theta, h)
    here = _value(function(theta.copy()))

    def quotient(move, step):
        there = theta + move
        # The step that was really made, after rounding.
        return (_value(function(there)) - here) / np.sum(there - theta)  # (1.13)

    return _jacobian(quotient, theta, h * (1 + np.abs(theta)))


def central_difference(function, theta, h=BEST_STEP["central"]):
    """Slope from a point behind to one ahead, 2 n calls, about 10 right digits; for each coordinate

        (f(theta + h) - f(theta - h)) / (2 h).  (1.14)

    Arguments and result as in ``forward_difference``. Of a gradient it gives the Hessian.
    """
    theta, h = _checked(function, theta, h)
    return central_differences(function, theta, h * (1 + np.abs(theta)))


def central_differences(function, theta, steps):
    """``central_difference`` with a step for each coordinate, ``steps`` of theta's shape."""

    def quotient(move, step):
        right, left = theta + move, theta - move
        distance = np.sum(right - left)
        return (_value(function(right)) - _value(function(left))) / distance  # (1.14)

    return _jacobian(quotient, theta, steps)


def complex_step(function, theta, h=BEST_STEP["complex step"]):
    """A step into the complex plane, n calls, all digits right: no difference, so no rounding; for each coordinate

        Im f(theta + i h) / h.  (1.15)

    Arguments and result as in ``forward_difference``. The function must pass complex numbers through:
    ``abs``, ``max``, comparisons and ``float`` cut the imaginary part off or refuse it.

    Raises:
        TypeError: the function refuses complex numbers, or cuts them to real ones.
    """
    theta, h = _checked(function, theta, h)

    def quotient(move, step):
        try:
            value = _value(function(theta + 1j * move))
        except (TypeError, ValueError) as error:
            raise TypeError(f"The function does not take complex numbers ({error}): use central_difference.") from None
        if not np.iscomplexobj(value):
            raise TypeError("The function turns complex numbers into real ones (abs?): use central_difference.")
        return value.imag / step  # (1.15)

    return _jacobian(quotient, theta, h * (1 + np.abs(theta)))


METHODS = {"forward": forward_difference, "central": central_difference, "complex step": complex_step}


class StepCurve(NamedTuple):
    """Error of numerical derivatives against the step size: data for the V.

    Attributes:
        steps: ``(m,)``.
        errors: method -> ``(m,)`` relative errors; ``nan`` everywhere if the method does not apply.
    """

    steps: np.ndarray
    errors: dict

    def best(self, method):
        """``(step, error)`` at the bottom of the V; nan where the method does not apply."""
        one_of("method", method, self.errors)
        if not np.any(np.isfinite(self.errors[method])):
            return np.nan, np.nan
        i = np.nanargmin(self.errors[method])
        return float(self.steps[i]), float(self.errors[method][i])


def step_curve(function, exact, theta, steps=None, methods=tuple(METHODS)):
    """Measure the relative error |numeric - exact| / |exact| of each method at each step size.

    Args:
        function: as in ``forward_difference``.
        exact: the true gradient at ``theta``, an array.
        theta: where.
        steps: step sizes; 10^0, 10^-0.25, ..., 10^-16 if left out.
    """
    function_of("function", function, "theta -> number")
    theta = numbers("theta", theta).astype(float)
    exact = numbers("exact", exact)
    if exact.shape[exact.ndim - theta.ndim :] != theta.shape:
        raise ValueError(f"exact must end with theta's shape, {theta.shape}, but it has {exact.shape}.")
    steps = np.logspace(0, -16, 65) if steps is None else positive("steps", numbers("steps", steps, "m"))
    if not isinstance(methods, tuple | list):
        raise ValueError(f"methods must be a tuple of names from {', '.join(METHODS)}, but it is {shown(methods)}.")
    for method in methods:
        one_of("methods", method, METHODS)
    size = np.linalg.norm(exact)
    if size == 0:
        raise ValueError("The exact derivative is 0 here, so there is no relative error: choose another theta.")

    def error(method, h):
        try:
            return np.linalg.norm(METHODS[method](function, theta, h) - exact) / size
        except TypeError:
            return np.nan

    with np.errstate(divide="ignore", invalid="ignore"):  # a step too small to be made divides by 0
        return StepCurve(steps, {method: np.array([error(method, h) for h in steps]) for method in methods})


def predicted_error(method, h, value, second=0.0, third=0.0, eps=EPS):
    """Truncation + rounding of one difference quotient, absolute: the table at the top of this file.

    Args:
        method: ``"forward"``, ``"central"`` or ``"complex step"``.
        value, second, third: |f|, |f''|, |f'''| at the point.
        eps: unit of rounding, 2.2e-16 for float64 and 1.2e-7 for float32.
    """
    one_of("method", method, METHODS)
    h, eps = positive("h", h), positive("eps", eps)
    value, second, third = finite("value", value), finite("second", second), finite("third", third)
    broadcast(h=h, value=value, second=second, third=third, eps=eps)
    if method == "forward":
        return h * abs(second) / 2 + 2 * eps * abs(value) / h
    if method == "central":
        return h * h * abs(third) / 6 + eps * abs(value) / h
    return h * h * abs(third) / 6


def predicted_best_step(method, value, second=0.0, third=0.0, eps=EPS):
    """The step where ``predicted_error`` is smallest: the bottom of the V, by theory.

    forward: 2 sqrt(eps |f / f''|), central: (3 eps |f / f'''|)^(1/3).
    """
    one_of("method", method, METHODS)
    value, second, third = finite("value", value), finite("second", second), finite("third", third)
    eps = positive("eps", eps)
    broadcast(value=value, second=second, third=third, eps=eps)
    if method == "forward":
        return 2 * np.sqrt(eps * abs(value / second))
    if method == "central":
        return np.cbrt(3 * eps * abs(value / third))
    raise ValueError(f"The {method} has no best step: the smaller, the better.")
