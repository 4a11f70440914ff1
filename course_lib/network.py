"""Layers in a row, their parameters as one vector, and the loss of a network as an objective.

Every optimizer of the course moves one vector ``theta``. So a network lays all its parameters into one
array, and each layer's ``params`` and ``grads`` are views into it: nothing is copied back and forth.
"""

from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from course_lib.layers import Layer, Loss
from course_lib.objective import hvp_by_differences, no_hessian
from course_lib.stochastic import deal_batches, draw_batch
from course_lib.validation import count, flag, having, indices, numbers, shown


def _into_one_vector(arrays, dtype):
    """Return ``(vector, views)``: the arrays laid one behind the other, and a view of each."""
    vector = np.concatenate([np.ravel(array) for array in arrays] or [np.zeros(0)]).astype(dtype)
    ends = np.cumsum([np.size(array) for array in arrays])
    views = [vector[end - np.size(array) : end].reshape(array.shape) for array, end in zip(arrays, ends, strict=True)]
    return vector, views


def _float_type(dtype):
    """``dtype`` as NumPy's, if it is one of floats."""
    try:
        found = np.dtype(dtype)
    except (TypeError, ValueError):
        found = None
    if dtype is None or found is None or found.kind != "f":
        raise TypeError(f"dtype must be float or np.float32, but it is {shown(dtype)}.")
    return found


class Network:
    """Layers in a row, each of them once.

    Attributes:
        theta: all parameters, ``(n,)``; assigning copies the values in.
        gradient: all gradients of the last ``backward``, ``(n,)``, in its order.
        dtype: of both; ``np.float32`` halves memory and time.
    """

    def __init__(self, *layers, dtype=float):
        self.layers = layers
        dtype = _float_type(dtype)
        for i, layer in enumerate(layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"A Network needs layers, Linear(...) say, but layer {i} is {shown(layer)}.")
            if any(layer is other for other in layers[:i]):
                raise ValueError(
                    f"layer {i} is in this Network twice: make two layers, each with parameters of its own."
                )
        slots = [(layer, name) for layer in layers for name in layer.params]
        self._theta, params = _into_one_vector([layer.params[name] for layer, name in slots], dtype)
        self.gradient, grads = _into_one_vector([layer.grads[name] for layer, name in slots], dtype)
        for (layer, name), param, grad in zip(slots, params, grads, strict=True):
            layer.params[name], layer.grads[name] = param, grad

    @property
    def theta(self):
        return self._theta

    @theta.setter
    def theta(self, values):
        values = numbers("theta", values)
        if np.shape(values) != self._theta.shape:
            raise ValueError(f"This network has {self._theta.size} parameters, but theta has shape {np.shape(values)}.")
        self._theta[:] = values

    def forward(self, x, training=False):
        """Return the output of the last layer."""
        x, training = numbers("x", x), flag("training", training)
        for layer in self.layers:
            x = layer.forward(x, training=training)
        return x

    def backward(self, d_y):
        """Fill ``gradient`` and return ``d_x``, the gradient of the loss by the input."""
        for layer in reversed(self.layers):
            d_y = layer.backward(d_y)
        return d_y


def _targets(y):
    """Targets as an array: whole numbers if all are, as in a list of labels, else floats."""
    array = numbers("y", y)
    whole = isinstance(y, list | tuple | range) and np.asarray(y).dtype.kind in "iu"
    return array.astype(int) if whole else array


@dataclass(frozen=True)
class NetworkLoss:
    """The loss of ``network`` on data, as a function of its parameters: what an optimizer minimises.

    Attributes:
        network: asking for a value or gradient leaves its parameters at that theta.
        x, y: inputs ``(N, ...)`` and targets ``(N, ...)``.
        loss: from ``course_lib.layers``.
        training: whether layers behave as in training (dropout, batch statistics).
        batch_size: of the mini-batch that ``sample(rng)`` draws without replacement.
    """

    network: Network
    x: np.ndarray
    y: np.ndarray
    loss: Loss
    training: bool = True
    batch_size: int = 32

    hessian = staticmethod(no_hessian)
    has_hessian = False

    def __post_init__(self):
        count("batch_size", self.batch_size)
        flag("training", self.training)
        having("network", self.network, "forward", "backward")
        having("loss", self.loss, "forward", "backward")
        object.__setattr__(self, "x", numbers("x", self.x))
        if not isinstance(self.y, np.ndarray) or self.y.dtype.kind not in "iu":  # labels stay whole numbers
            object.__setattr__(self, "y", _targets(self.y))
        if np.ndim(self.x) == 0 or np.ndim(self.y) == 0:
            raise ValueError("x and y must be arrays with a row for each sample, but one of them is a single number.")
        if len(self.x) != len(self.y):
            raise ValueError(f"x has {len(self.x)} inputs, but y {len(self.y)} targets: each input needs one.")

    def value(self, theta):
        """Mean loss over the samples; a stack ``(..., n)`` is evaluated one vector after the other."""
        return self._each(self._value, theta)

    def gradient(self, theta):
        """Gradient of ``value``, shape of ``theta``; one backward pass for all parameters."""
        return self._each(lambda one: self.value_and_gradient(one)[1], theta)

    def value_and_gradient(self, theta):
        """Both at ``theta (n,)``, for the price of the gradient."""
        value = self._value(theta)
        self.network.backward(self.loss.backward())
        return value, self.network.gradient.copy()

    def hvp(self, theta, v):
        """Hessian-vector product by a central difference of the gradient; no Hessian is built.

        In the network's precision, whatever that of theta and v is.
        """
        dtype = self.network.theta.dtype
        theta, v = numbers("theta", theta).astype(dtype), numbers("v", v).astype(dtype)
        return hvp_by_differences(self.gradient, theta, v)

    @property
    def size(self):
        """How many samples the mean runs over."""
        return len(self.x)

    def on(self, batch):
        """Return the loss on the samples whose numbers are in ``batch``."""
        return self._on(indices("batch", batch, self.size))

    def _on(self, batch):
        part = copy(self)  # replace(...) would look at everything again
        object.__setattr__(part, "x", self.x[batch])
        object.__setattr__(part, "y", self.y[batch])
        return part

    def sample(self, rng):
        """Return the loss on a random mini-batch of ``batch_size`` different samples."""
        return self._on(draw_batch(self.size, self.batch_size, rng))

    def epoch(self, rng):
        """Yield the loss on each mini-batch of one pass through all samples, in random order (L4)."""
        return (self._on(batch) for batch in deal_batches(self.size, self.batch_size, rng))

    def evaluated(self):
        """Return this loss with the layers in evaluation mode."""
        return replace(self, training=False)

    def _each(self, function, theta):
        theta = numbers("theta", theta)
        if np.ndim(theta) <= 1:
            return function(theta)
        return np.stack([self._each(function, one) for one in theta])

    def _value(self, theta):
        self.network.theta = theta
        return self.loss.forward(self.network.forward(self.x, self.training), self.y)
