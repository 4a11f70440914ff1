r"""A recurrent layer and backpropagation through time (L3).

.. math:: h_t = \tanh(W_x x_t + W_h h_{t-1} + b)   \tag{11.1}

and back, with delta_t the gradient of the loss by what stands in the brackets and d_t its gradient by the
output h_t alone, newest first from delta_{T+1} = 0,

.. math:: \delta_t = (1 - h_t^2) \, (d_t + W_h^T \delta_{t+1}).   \tag{11.2}
"""

import numpy as np

from course_lib.initializers import orthogonal, xavier_uniform
from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.validation import count


class RNN(Layer):
    """Elman network: x ``(batch, time, fan_in)`` -> all states ``(batch, time, hidden)``, from h_0 = 0.

    Params: ``weight_x (hidden, fan_in)``, ``weight_h (hidden, hidden)``, ``bias (hidden,)``
    (``torch.nn.RNN`` has two biases that only ever appear as their sum, expects ``batch_first=True`` for this
    shape of x, and draws all of them uniform within 1 / sqrt(hidden)).

    Args:
        truncate: cut the gradient every ``truncate`` steps (truncated BPTT): the sequence is treated as
            chunks of that length that pass states on but no gradient back. ``None``: the whole sequence.
    """

    def __init__(self, fan_in, hidden, rng, truncate=None):
        fan_in, hidden = count("fan_in", fan_in), count("hidden", hidden)
        super().__init__(
            weight_x=xavier_uniform(fan_in, hidden, rng),
            weight_h=orthogonal(hidden, hidden, rng),
            bias=np.zeros(hidden),
        )
        self.truncate = truncate if truncate is None else count("truncate", truncate)

    def forward(self, x, training=False):
        weight_h = self.params["weight_h"]
        x = as_input(self, x, "batch", "time", self.params["weight_x"].shape[1])
        driven = x @ self.params["weight_x"].T + self.params["bias"]
        states = np.zeros((len(x), x.shape[1] + 1, len(weight_h)), dtype=driven.dtype)
        for t in range(x.shape[1]):
            states[:, t + 1] = np.tanh(driven[:, t] + states[:, t] @ weight_h.T)  # (11.1)
        self._remember(x, states)
        return states[:, 1:]

    def backward(self, d_y):
        x, states = self._recall()
        d_y = as_gradient(self, d_y, states[:, 1:].shape)
        d_before_tanh = self._through_time(d_y, states)
        self.grads["weight_x"][:] = np.einsum("nth,ntd->hd", d_before_tanh, x)
        self.grads["weight_h"][:] = np.einsum("nth,ntk->hk", d_before_tanh, states[:, :-1])
        self.grads["bias"][:] = d_before_tanh.sum(axis=(0, 1))
        return d_before_tanh @ self.params["weight_x"]

    def _through_time(self, d_y, states):
        """delta_t of (11.2) at every t, the gradient of the loss by W_x x_t + W_h h_{t-1} + b."""
        d_before_tanh = np.zeros_like(d_y)
        d_h = np.zeros_like(d_y[:, 0])
        for t in reversed(range(d_y.shape[1])):
            h = states[:, t + 1]
            d_before_tanh[:, t] = (d_y[:, t] + d_h) * (1 - h * h)  # (11.2)
            d_h = d_before_tanh[:, t] @ self.params["weight_h"]  # W_h^T delta_{t+1} in (11.2)
            if self.truncate and t % self.truncate == 0:
                d_h = np.zeros_like(d_h)
        return d_before_tanh
