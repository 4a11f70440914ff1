"""Automatic differentiation in both modes, to be read.

Read ``elementary.py`` (the calculus; ``cones.py`` where it ends), then ``forward.py`` (dual numbers), ``reverse.py``
(the graph) with ``pulls.py`` (its rules), ``derivatives.py`` (what one asks for) and ``trace.py`` (a graph step
by step).
``traced.py`` is the plumbing that lets NumPy's own functions work on both.
"""

from course_lib.autodiff import cones  # noqa: F401  (its rules join the tables)
from course_lib.autodiff.derivatives import gradient, hessian, hvp, jacobian, objective, value_and_gradient
from course_lib.autodiff.forward import Dual, derivative, jvp
from course_lib.autodiff.functions import log_softmax, logsumexp, relu, sigmoid, softmax, softplus, stop_gradient
from course_lib.autodiff.reverse import Node
from course_lib.autodiff.traced import plain

__all__ = [
    "Dual",
    "Node",
    "derivative",
    "gradient",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "log_softmax",
    "logsumexp",
    "objective",
    "plain",
    "relu",
    "sigmoid",
    "softmax",
    "softplus",
    "stop_gradient",
    "value_and_gradient",
]
