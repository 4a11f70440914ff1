r"""A recurrent layer and backpropagation through time (L3).

.. math:: h_t = \tanh(W_x x_t + W_h h_{t-1} + b)   \tag{11.1}

and back, with delta_t the gradient of the loss by what stands in the brackets and d_t its gradient by the
output h_t alone, newest first from delta_{T+1} = 0,

.. math:: \delta_t = (1 - h_t^2) \, (d_t + W_h^T \delta_{t+1}).   \tag{11.2}

Every step uses these weights, so that their gradients are sums over all steps,

.. math:: d_{W_h} = \textstyle\sum_t \delta_t h_{t-1}^T, \quad d_{W_x} = \sum_t \delta_t x_t^T, \quad
          d_b = \sum_t \delta_t.   \tag{11.3}

Source: L3 "Backpropagation through time"; Werbos 1990.
"""

import numpy as np

from course_lib.initializers import orthogonal, xavier_uniform
from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.validation import count


class Recurrent(Layer):
    """What layers that go through time share: their weights, the sums over time, and where the gradient is cut.

    ``gates`` sets of weights stand one above the other in ``weight_x (gates * hidden, fan_in)``,
    ``weight_h (gates * hidden, hidden)`` and ``bias (gates * hidden,)``.

    Attributes:
        d_states: after ``backward`` the gradient of the loss by every state h_t, ``(batch, time, hidden)``.
    """

    gates = 1

    def __init__(self, fan_in, hidden, rng, truncate=None, **params):
        self.hidden, fan_in = count("hidden", hidden), count("fan_in", fan_in)
        super().__init__(
            weight_x=np.concatenate([xavier_uniform(fan_in, hidden, rng) for _ in range(self.gates)]),
            weight_h=np.concatenate([orthogonal(hidden, hidden, rng) for _ in range(self.gates)]),
            bias=np.zeros(self.gates * hidden),
            **params,
        )
        self.truncate = truncate if truncate is None else count("truncate", truncate)

    def _driven(self, x):
        """x as an array, and W_x x_t + b at all t, ``(batch, time, gates * hidden)``."""
        x = as_input(self, x, "batch", "time", self.params["weight_x"].shape[1])
        return x, x @ self.params["weight_x"].T + self.params["bias"]

    def _zero_states(self, driven):
        """h_0, ..., h_T as zeros, ``(batch, time + 1, hidden)``."""
        return np.zeros((len(driven), driven.shape[1] + 1, self.hidden), dtype=driven.dtype)

    def _cuts(self, t):
        """Whether truncated BPTT passes nothing on from step t to the steps before."""
        return bool(self.truncate) and t % self.truncate == 0

    def _sum_over_time(self, x, states, delta, delta_h=None):
        """Fill ``grads`` from delta ``(batch, time, gates * hidden)``, (11.3); return ``d_x``.

        ``delta_h``: the gradient by W_h h_{t-1}, where that is another one than by W_x x_t + b.
        """
        delta_h = delta if delta_h is None else delta_h
        self.grads["weight_x"][:] = _flat(delta).T @ _flat(x)  # (11.3)
        self.grads["weight_h"][:] = _flat(delta_h).T @ _flat(states[:, :-1])  # (11.3)
        self.grads["bias"][:] = delta.sum(axis=(0, 1))  # (11.3)
        return delta @ self.params["weight_x"]


def _flat(sequences):
    """``(batch, time, n)`` as ``(batch * time, n)``: every step of every sequence is one row of a product."""
    return sequences.reshape(-1, sequences.shape[-1])


class RNN(Recurrent):
    """Elman network: x ``(batch, time, fan_in)`` -> all states ``(batch, time, hidden)``, from h_0 = 0.

    Params: ``weight_x (hidden, fan_in)``, ``weight_h (hidden, hidden)``, ``bias (hidden,)``
    (``torch.nn.RNN`` has two biases that only ever appear as their sum, expects ``batch_first=True`` for this
    shape of x, and draws all of them uniform within 1 / sqrt(hidden)).

    Args:
        truncate: cut the gradient every ``truncate`` steps (truncated BPTT): the sequence is treated as
            chunks of that length that pass states on but no gradient back. ``None``: the whole sequence.
    """

    def forward(self, x, training=False):
        x, driven = self._driven(x)
        states = self._zero_states(driven)
        for t in range(x.shape[1]):
            states[:, t + 1] = np.tanh(driven[:, t] + states[:, t] @ self.params["weight_h"].T)  # (11.1)
        self._remember(x, states)
        return states[:, 1:]

    def backward(self, d_y):
        x, states = self._recall()
        d_y = as_gradient(self, d_y, states[:, 1:].shape)
        return self._sum_over_time(x, states, self._through_time(d_y, states))

    def _through_time(self, d_y, states):
        """delta_t of (11.2) at every t, the gradient of the loss by W_x x_t + W_h h_{t-1} + b."""
        delta, self.d_states = np.zeros_like(d_y), np.zeros_like(d_y)
        d_h = np.zeros_like(d_y[:, 0])
        for t in reversed(range(d_y.shape[1])):
            h, self.d_states[:, t] = states[:, t + 1], d_y[:, t] + d_h
            delta[:, t] = self.d_states[:, t] * (1 - h * h)  # (11.2)
            d_h = delta[:, t] @ self.params["weight_h"]  # W_h^T delta_{t+1} in (11.2)
            if self._cuts(t):
                d_h = np.zeros_like(d_h)
        return delta


class LastStep(Layer):
    """The last of all states, ``(batch, time, n)`` -> ``(batch, n)``. In PyTorch: ``states[:, -1]``."""

    def forward(self, x, training=False):
        x = as_input(self, x)
        if x.ndim != 3 or x.shape[1] == 0:
            raise ValueError(f"LastStep expects x of shape (batch, time, n), time at least 1, but it got {x.shape}.")
        self._remember(x.shape)
        return x[:, -1]

    def backward(self, d_y):
        (shape,) = self._recall()
        d_y = as_gradient(self, d_y, (shape[0], shape[2]))
        d_x = np.zeros(shape, dtype=d_y.dtype)
        d_x[:, -1] = d_y
        return d_x
