"""Gradient, Jacobian, Hessian and Hessian-vector product of a function written in NumPy.

Each takes a function and returns a function. They nest: the Hessian-vector product is forward mode
over reverse mode, "how does the gradient move when theta moves along v".

Source: Pearlmutter 1994 (R-operator); Griewank and Walther 2008, section 5.
"""

import numpy as np

from course_lib.autodiff.forward import jvp
from course_lib.autodiff.reverse import Node
from course_lib.autodiff.traced import Traced, new_level, number
from course_lib.objective import Objective
from course_lib.validation import function_of, one_of


def _leaves(x, level):
    """Nodes in place of the arrays of ``x``: one array (or list of numbers), or a list, tuple or dict of arrays."""
    if isinstance(x, dict):
        return {key: _leaves(part, level) for key, part in x.items()}
    if isinstance(x, tuple) or (isinstance(x, list) and any(isinstance(part, np.ndarray) for part in x)):
        return type(x)(_leaves(part, level) for part in x)
    return Node(number(x, "theta"), level=level)


def _deltas(leaves):
    if isinstance(leaves, dict):
        return {key: _deltas(part) for key, part in leaves.items()}
    if isinstance(leaves, list | tuple):
        return type(leaves)(_deltas(part) for part in leaves)
    if leaves.delta is None:
        return np.zeros(leaves.shape)
    # A copy: a delta may be a view of another node's.
    return leaves.delta if isinstance(leaves.delta, Traced) else np.array(leaves.delta)


def _recorded(function, theta, args):
    """``(leaves, result, is_node)``: the function on nodes of a new level."""
    level = new_level()
    leaves = _leaves(theta, level)
    result = function(leaves, *args)
    if result is None:
        raise TypeError("The function returns None: has it lost its return statement?")
    return leaves, result, isinstance(result, Node) and result.level == level


def value_and_gradient(function):
    """``(theta, *args) -> (value, gradient)``, for about the price of the value.

    ``theta`` is an array, or a list (of arrays), tuple or dict of arrays; the gradient has its form.

    Raises:
        ValueError: the function's value is not a single number.
        TypeError: theta is not real numbers, or the function returns nothing.
    """

    function_of("function", function, "lambda theta: np.sum(theta**2)")

    def at(theta, *args):
        leaves, result, is_node = _recorded(function, theta, args)
        if np.size(result) != 1:
            raise ValueError(
                f"gradient needs a function whose value is one number, but its shape is {np.shape(result)}. "
                "Sum it, or ask for the jacobian."
            )
        if is_node:
            result.backward()
        return (result.value if is_node else result), _deltas(leaves)

    return at


def gradient(function):
    """``(theta, *args) -> gradient`` of a function whose value is one number, in reverse mode.

    >>> gradient(lambda theta: np.sum(theta**2))([1.0, -2.0])
    array([ 2., -4.])
    """

    both = value_and_gradient(function)

    def at(theta, *args):
        return both(theta, *args)[1]

    return at


def jacobian(function, mode="reverse"):
    """``x -> J``, ``J[i, j] = d function(x)_i / d x_j``, shape (shape of the value, shape of x).

    Args:
        mode: ``"reverse"`` costs one pass back for each output, ``"forward"`` one run for each input.

    >>> jacobian(lambda x: np.stack([x[0] * x[1], x[0] + x[1]]))([2.0, 3.0])
    array([[3., 2.],
           [1., 1.]])
    """
    one_of("mode", mode, ("reverse", "forward"))
    function_of("function", function, "lambda x: x**2")
    return _reverse_jacobian(function) if mode == "reverse" else _forward_jacobian(function)


def _units(shape):
    """The unit vectors of an array of ``shape``."""
    n = int(np.prod(shape))
    return np.eye(n).reshape(n, *shape)


def _reverse_jacobian(function):
    def at(x, *args):
        x = number(x, "x")
        leaf, y, is_node = _recorded(function, x, args)
        rows = []
        for unit in _units(np.shape(y)):
            if is_node:
                y.backward(unit)
            rows.append(_deltas(leaf))
        return np.reshape(np.stack(rows), np.shape(y) + np.shape(x))

    return at


def _forward_jacobian(function):
    def at(x, *args):
        x = number(x, "x")
        if np.size(x) == 0:
            raise ValueError(f"x must have at least one entry, but its shape is {np.shape(x)}.")
        along = jvp(lambda inner: function(inner, *args))
        columns = [along(x, unit)[1] for unit in _units(np.shape(x))]
        shape = np.shape(columns[0])
        return np.reshape(np.stack(columns, axis=-1), shape + np.shape(x))

    return at


def hvp(function):
    """``(theta, v) -> H(theta) v``: forward mode over reverse mode, no Hessian is made.

    For a stack of thetas see ``objective``.

    Raises:
        ValueError: theta and v have different shapes.
    """

    along = jvp(gradient(function))

    def at(theta, v):
        theta, v = number(theta, "theta"), number(v, "v")
        if np.shape(theta) != np.shape(v):
            raise ValueError(f"theta and v must have one shape, but they have {np.shape(theta)} and {np.shape(v)}.")
        return along(theta, v)[1]

    return at


def hessian(function):
    """``theta -> H``, shape ``(n, n)`` for theta of shape ``(n,)``: the forward Jacobian of the gradient."""
    return jacobian(gradient(function), mode="forward")


def objective(value):
    """Make an ``Objective`` of a function ``theta (..., n) -> (...)`` written in NumPy.

    Rows of a stack do not see each other, so the gradient of their sum holds the gradient of each.

    >>> bowl = objective(lambda theta: np.sum(theta**2, axis=-1))
    >>> bowl.gradient(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[2., 4.],
           [6., 8.]])
    """

    function_of("value", value, "lambda theta: np.sum(theta**2, axis=-1)")

    def rowwise_gradient(theta):
        return gradient(lambda inner: np.sum(value(inner)))(theta)

    def rowwise_hessian(theta):
        theta = number(theta, "theta")
        if np.ndim(theta) == 0 or np.shape(theta)[-1] == 0:
            raise ValueError(f"theta must be a vector (n,) or a stack of them, but its shape is {np.shape(theta)}.")
        moved = jvp(rowwise_gradient)
        units = np.eye(np.shape(theta)[-1])
        return np.stack([moved(theta, np.broadcast_to(unit, np.shape(theta)))[1] for unit in units], axis=-1)

    def bare_value(theta):
        return value(theta if isinstance(theta, Traced) else number(theta, "theta"))

    return Objective(bare_value, rowwise_gradient, rowwise_hessian)
