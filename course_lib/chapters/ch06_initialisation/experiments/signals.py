r"""How a signal fares on its way up through random layers, and the gradient on its way down: theory and experiment.

Layers count from 1; z = x W^T, x = f(z). W has independent entries of mean 0, so what is passed on is the second
moment, and theory is one factor a layer:

.. math:: E[z_l^2] = n_{l-1}\,\mathrm{Var}(W_l)\,E[x_{l-1}^2] \quad (6.1), \qquad
          E[d_{x_{l-1}}^2] = n_l\,\mathrm{Var}(W_l)\,E[f'(z_l)^2]\,E[d_{x_l}^2] \quad (6.3).

Without an activation these are exact means over the draws of W, at any width. With ReLU (6.1) and (6.2) are, if the
entries of W are as likely positive as negative. The exact mean of d_{x_l}^2 is then (6.3) times the probability that
layer l is not dead altogether, nearly 1 - 2^(-n_l), provided that the entries of d_y are independent with mean 0. Under
another d_y, such as all ones, the paths that go up and come down through one W add up: 1.55 in place of 1 from
widths 30-7-11-5 with He's weights. With other activations E[f(z)^2] is taken for a normal z, which is right in wide
layers (Glorot and Bengio 2010; He et al. 2015; Poole et al. 2016).
"""

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.initializers import he_normal, lecun_normal, normal, orthogonal, uniform, xavier_normal
from course_lib.layers import Identity, LeakyReLU, Linear, ReLU, Sigmoid, Tanh
from course_lib.network import Network
from course_lib.validation import count, finite, function_of, generator, non_negative, number, numbers, one_of, shown

NODES = 801  # of the quadrature


class Activation(NamedTuple):
    """An activation with what theory needs of it.

    Attributes:
        layer: its class in ``course_lib.layers``, or a function that makes one.
        function, slope: f(z) and f'(z), entry by entry.
        below: ``value -> z`` up to which f(z) <= value, for a distribution of f(z); -inf and inf where there is none.
        keeps: E[f(z)^2] / E[z^2] = E[f'(z)^2] where these are the same at every scale, else ``None``.
    """

    layer: Callable
    function: Callable
    slope: Callable
    below: Callable
    keeps: float | None = None


def _sigmoid(z):
    return (1 + np.tanh(z / 2)) / 2


def _logit(y):
    with np.errstate(divide="ignore"):
        inside = np.clip(y, 0, 1)
        return np.log(inside) - np.log1p(-inside)


def _artanh(y):
    with np.errstate(divide="ignore"):
        return np.arctanh(np.clip(y, -1, 1))


LEAK = 0.25
ACTIVATIONS = {
    "linear": Activation(Identity, lambda z: z, np.ones_like, lambda y: y, 1.0),
    "sigmoid": Activation(Sigmoid, _sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z)), _logit),
    "tanh": Activation(Tanh, np.tanh, lambda z: 1 - np.tanh(z) ** 2, _artanh),
    "relu": Activation(
        ReLU, lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0), lambda y: np.where(y < 0, -np.inf, y), 0.5
    ),
    "prelu": Activation(
        lambda: LeakyReLU(LEAK),  # a PReLU as it starts, without its slope among the parameters
        lambda z: np.where(z > 0, z, LEAK * z),
        lambda z: np.where(z > 0, 1.0, LEAK),
        lambda y: np.where(y < 0, y / LEAK, y),
        (1 + LEAK**2) / 2,
    ),
}


def in_words(activation):
    """The name of an activation as people write it: "ReLU" for "relu"."""
    return {"relu": "ReLU", "prelu": "PReLU"}.get(activation, activation)


INITIALIZERS = {
    "normal, 1/√n (LeCun)": lecun_normal,
    "Xavier": xavier_normal,
    "He": he_normal,
    "orthogonal": orthogonal,
    "uniform ±0.05": lambda i, o, rng: uniform(i, o, rng, 0.05),
    "uniform ±0.5": lambda i, o, rng: uniform(i, o, rng, 0.5),
    "normal, 0.01": lambda i, o, rng: normal(i, o, rng, 0.01),
}


def weight_variance(initializer, fan_in, fan_out):
    """Var(W) of an initialiser of ``INITIALIZERS``, by name.

    (6.4) LeCun, (6.5) Xavier, (6.6) He; an orthogonal matrix has the mean square 1 / max(fan_in, fan_out).
    """
    one_of("initializer", initializer, INITIALIZERS)
    fan_in, fan_out = count("fan_in", fan_in), count("fan_out", fan_out)
    variances = {
        "normal, 1/√n (LeCun)": 1 / fan_in,  # (6.4)
        "Xavier": 2 / (fan_in + fan_out),  # (6.5)
        "He": 2 / fan_in,  # (6.6)
        "orthogonal": 1 / max(fan_in, fan_out),
        "uniform ±0.05": 0.05**2 / 3,
        "uniform ±0.5": 0.5**2 / 3,
        "normal, 0.01": 0.01**2,
    }
    return variances[initializer]


@lru_cache(maxsize=1)
def _normal_nodes():
    """Nodes and weights of a mean over N(0, 1): the trapezoidal rule, dense at 0.

    A slope that is narrow against z (a saturated tanh) falls between the nodes of a Gauss-Hermite rule.
    """
    u = np.linspace(-14, 14, NODES)
    nodes = 10 * np.sinh(u) / np.sinh(14)
    weights = np.exp(-(nodes**2) / 2) * np.cosh(u)
    return nodes, weights / weights.sum()


def _moment(second_moment):
    """Second moments as an array; nan where a signal has lost its digits, but not negative."""
    moment = numbers("second_moment", second_moment)
    if np.any(moment < 0):
        raise ValueError(f"second_moment must be 0 or larger, but it is {shown(moment)}.")
    return moment


def _activation(activation):
    return ACTIVATIONS[one_of("activation", activation, ACTIVATIONS)]


def normal_mean(function, second_moment):
    """E[function(z)] for z normal with mean 0 and this second moment; ``second_moment`` may be an array (6.7)."""
    function_of("function", function, "np.tanh")
    nodes, weights = _normal_nodes()
    return function(np.sqrt(_moment(second_moment))[..., None] * nodes) @ weights  # (6.7)


def passed(activation, second_moment):
    """E[f(z)^2], what an activation passes on of E[z^2]."""
    chosen, second_moment = _activation(activation), _moment(second_moment)
    if chosen.keeps is not None:
        return chosen.keeps * second_moment
    return normal_mean(lambda z: chosen.function(z) ** 2, second_moment)


def mean_square_slope(activation, second_moment):
    """E[f'(z)^2], what an activation lets through of a squared gradient."""
    chosen, second_moment = _activation(activation), _moment(second_moment)
    if chosen.keeps is not None:
        return np.where(np.isnan(second_moment), np.nan, chosen.keeps)
    return normal_mean(lambda z: chosen.slope(z) ** 2, second_moment)


class Prediction(NamedTuple):
    """What theory says of a deep network, one number a layer.

    Attributes:
        z: E[z_l^2] for l = 1 ... L.
        x: E[x_l^2] for l = 0 ... L; x_0 is the input.
        d_x: E[d_{x_l}^2] for l = 0 ... L; that of l = L comes in.
    """

    z: np.ndarray
    x: np.ndarray
    d_x: np.ndarray


def _widths(widths):
    if numbers("widths", widths).ndim != 1 or len(widths) < 2:
        raise ValueError(f"widths must be two whole numbers or more, [64, 32, 10] say, but it is {shown(widths)}.")
    return [count("widths", width) for width in widths]


def _matrices(weights, x):
    """The matrices ``(n_l, n_{l-1})`` of layers that fit one behind the other, from ``x (..., n_0)`` on."""
    if not isinstance(weights, tuple | list):
        raise ValueError(f"weights must be a list of matrices, but it is {shown(weights)}.")
    checked, size = [], np.shape(x)[-1]
    for weight in weights:
        checked.append(numbers("weights", weight, "n", size))
        size = len(checked[-1])
    return checked, size


def predict(widths, weight_variances, activation, x_second_moment=1.0, d_second_moment=1.0):
    """``Prediction`` by (6.1) and (6.3), multiplied up and down through the layers (6.2).

    Args:
        widths: ``(L + 1,)``, units of the input and of each layer.
        weight_variances: ``(L,)``.
        activation: a name in ``ACTIVATIONS``.
        x_second_moment: E[x^2] of the input.
        d_second_moment: E[d_x^2] of the gradient by the top layer's output.
    """
    x_second_moment = number("x_second_moment", x_second_moment, non_negative)
    d_second_moment = number("d_second_moment", d_second_moment, non_negative)
    widths = _widths(widths)
    weight_variances = np.asarray(
        non_negative("weight_variances", numbers("weight_variances", weight_variances, len(widths) - 1))
    )
    z, x = [], [x_second_moment]
    for fan_in, variance in zip(widths[:-1], weight_variances, strict=True):
        z.append(fan_in * variance * x[-1])  # (6.1)
        x.append(float(passed(activation, z[-1])))  # (6.2)
    d_x = [d_second_moment]
    for fan_out, variance, below in zip(widths[:0:-1], weight_variances[::-1], z[::-1], strict=True):
        d_x.append(fan_out * variance * float(mean_square_slope(activation, below)) * d_x[-1])  # (6.3)
    return Prediction(np.array(z), np.array(x), np.array(d_x[::-1]))


class Signals(NamedTuple):
    """What a run through a network measured: lists over l, arrays ``(samples, n_l)``.

    ``z`` for l = 1 ... L, ``x`` for l = 0 ... L, ``d_x`` for l = 0 ... L (the last one is what came in).
    """

    z: list
    x: list
    d_x: list


def measure(weights, activation, x, d_y):
    """``Signals`` of a network of ``weights``, a list of ``(n_l, n_{l-1})``, for inputs x and top gradients d_y."""
    chosen, x = _activation(activation), numbers("x", x, "samples", "n")
    weights, outputs = _matrices(weights, x)
    d_y = numbers("d_y", d_y, len(x), outputs)
    z, signals = [], [x]
    with np.errstate(over="ignore", invalid="ignore"):  # a signal that explodes is a result
        for weight in weights:
            z.append(signals[-1] @ weight.T)
            signals.append(chosen.function(z[-1]))
        d_x = [d_y]
        for weight, below in zip(weights[::-1], z[::-1], strict=True):
            d_x.append((d_x[-1] * chosen.slope(below)) @ weight)
    return Signals(z, signals, d_x[::-1])


def mean_square(array):
    """E[a^2] over all entries."""
    return float(np.mean(np.square(numbers("array", array))))


def jacobian(weights, activation, x):
    """d x_L / d x_0 at one input x (n_0,): the product of all layers' slopes and weights, (6.9)."""
    chosen, x = _activation(activation), numbers("x", x, "n")
    weights, product = _matrices(weights, x)[0], np.eye(len(x))
    for weight in weights:
        z = weight @ x
        x = chosen.function(z)
        product = (chosen.slope(z)[:, None] * weight) @ product  # (6.9)
    return product


def fixed_point(activation, n_variance, steps=2000):
    """E[z^2] that n Var(W) = ``n_variance`` leads to in a deep network: q = n Var E[f(sqrt(q) g)^2] (6.8).

    0 or inf where the signal vanishes or explodes; a tanh with n Var = 1 approaches 0 like 1 / (2 l) only.
    """
    q, n_variance = 1.0, number("n_variance", n_variance, non_negative)
    _activation(activation)
    for _ in range(count("steps", steps)):
        q = n_variance * float(passed(activation, q))  # (6.8)
        if q > 1e100:
            return np.inf
    return q


def is_dead(z):
    """Which units are negative for ALL samples, of z ``(samples, units)``: no gradient gets through (6.12). L4; E9."""
    return np.all(finite("z", z, "samples", "units") <= 0, axis=0)  # (6.12)


def deep_network(widths, activation, rng, initializer, scale=1.0):
    """A ``Network`` of ``Linear`` layers with the activation between them (none after the last), biases 0."""

    widths, chosen = _widths(widths), _activation(activation)
    scale, rng = number("scale", scale, non_negative), generator("rng", rng)
    function_of("initializer", initializer, "he_normal")

    def scaled(fan_in, fan_out, rng):
        return scale * initializer(fan_in, fan_out, rng)

    layers = []
    for fan_in, fan_out in pairwise(widths):
        layers += [Linear(fan_in, fan_out, rng, scaled), chosen.layer()]
    return Network(*layers[:-1])
