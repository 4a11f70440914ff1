"""What every layer is: a function with a memory of its input, and its derivative."""

import numpy as np


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


def expect_shape(layer, x, *shape):
    """Raise ``ValueError`` unless x has this shape; ``None`` stands for any size, a name for what is expected."""
    fits = np.ndim(x) == len(shape) and all(
        not isinstance(wanted, int) or size == wanted for size, wanted in zip(np.shape(x), shape, strict=True)
    )
    if not fits:
        wanted = ", ".join(str(size) for size in shape)
        raise ValueError(f"{type(layer).__name__} expects x of shape ({wanted}), but it got {np.shape(x)}.")
