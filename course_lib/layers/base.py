"""What every layer is: a function with a memory of its input, and its derivative."""

import numpy as np

from course_lib.validation import fits, numbers, words


class Layer:
    """One step of a network.

    ``forward(x, training=False)`` returns y and remembers what ``backward`` needs; ``backward(d_y)``
    takes the gradient of the loss by y, fills ``grads`` and returns ``d_x``, the gradient by x.
    ``params`` and ``grads`` are dicts of arrays that share names and shapes. The first axis of x is
    the batch. ``torch.nn.Module`` finds its backward pass itself, and that adds to ``.grad`` instead of filling it.
    """

    def __init__(self, **params):
        self.params = params
        self.grads = {name: np.zeros_like(value) for name, value in params.items()}

    def forward(self, x, training=False):
        raise NotImplementedError(f"{type(self).__name__} has no forward pass.")

    def backward(self, d_y):
        raise NotImplementedError(f"{type(self).__name__} has no backward pass.")

    def _remember(self, *values):
        self._memory = values

    def _recall(self):
        """Return what the last forward pass left, or say that there was none."""
        try:
            return self._memory
        except AttributeError:
            raise RuntimeError(f"Call {type(self).__name__}.forward(x) before backward(d_y).") from None


def as_input(layer, x, *shape):
    """Return x as a float array (float32 stays) of this shape, a word for a free size; ``ValueError`` for another."""
    x = numbers("x", x)
    if shape and not fits(x.shape, shape):
        raise ValueError(f"{type(layer).__name__} expects x of shape {words(shape)}, but it got {x.shape}.")
    return x


def as_gradient(layer, d_y, shape):
    """Return d_y as a float array of the ``shape`` of y; one number counts for all. ``ValueError`` for other shapes."""
    d_y = numbers("d_y", d_y)
    if d_y.ndim == 0:  # one number is the same for every output, as in NumPy
        return np.broadcast_to(d_y, shape)
    if d_y.shape != tuple(shape):
        raise ValueError(
            f"{type(layer).__name__} expects d_y of the shape of its output, {tuple(shape)}, but it got {d_y.shape}."
        )
    return d_y
