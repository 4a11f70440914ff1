r"""Recurrent layers with gates: LSTM and GRU, each with its way back beneath it.

A gate is a number between 0 and 1 for each unit, computed from the input and the state before. It decides how much
of the old memory stays: a path through time whose factor is the gate itself, and no weight matrix.
"""

import numpy as np

from course_lib.layers.base import as_gradient
from course_lib.layers.recurrent import Recurrent
from course_lib.validation import count, number


def _sigmoid(x):
    return (1 + np.tanh(x / 2)) / 2  # cannot overflow


def _through_sigmoid(y, d_y):
    return d_y * y * (1 - y)


def _through_tanh(y, d_y):
    return d_y * (1 - y * y)


class LSTM(Recurrent):
    r"""Long short-term memory: x ``(batch, time, fan_in)`` -> h ``(batch, time, hidden)``, from h_0 = c_0 = 0.

    With i, f, o the sigmoid and g the tanh of W_x x_t + W_h h_{t-1} + b, each with weights of its own,

    .. math:: c_t = f_t c_{t-1} + i_t g_t, \quad h_t = o_t \tanh(c_t)   \tag{11.6}

    so that the gradient by the memory goes back with the forget gate as its factor, and what the gates add:

    .. math:: d_{c_{t-1}} = f_t \, d_{c_t} + \ldots   \tag{11.7}

    Params: ``weight_x (4 * hidden, fan_in)``, ``weight_h (4 * hidden, hidden)``, ``bias (4 * hidden,)``, in the order
    i, f, g, o of ``torch.nn.LSTM``, whose two biases only ever appear as their sum (``batch_first=True``).

    Args:
        truncate: as in ``RNN``; neither h nor c carries a gradient over a cut.
        forget_bias: of the forget gates at the start; PyTorch's are near 0.

    Source: Hochreiter and Schmidhuber 1997; the forget gate and its bias: Gers, Schmidhuber and Cummins 2000.
    """

    gates = 4

    def __init__(self, fan_in, hidden, rng, truncate=None, forget_bias=1.0):
        super().__init__(fan_in, hidden, rng, truncate)
        self.params["bias"][hidden : 2 * hidden] = number("forget_bias", forget_bias)

    def forward(self, x, training=False):
        x, driven = self._driven(x)
        states = self._zero_states(driven)
        c, steps = states[:, 0], []
        for t in range(x.shape[1]):
            z = np.split(driven[:, t] + states[:, t] @ self.params["weight_h"].T, 4, axis=-1)
            i, f, g, o = _sigmoid(z[0]), _sigmoid(z[1]), np.tanh(z[2]), _sigmoid(z[3])
            before, c = c, f * c + i * g  # (11.6)
            squashed = np.tanh(c)
            states[:, t + 1] = o * squashed  # (11.6)
            steps.append((i, f, g, o, before, squashed))
        self._remember(x, states, steps)
        return states[:, 1:]

    def backward(self, d_y):
        x, states, steps = self._recall()
        d_y = as_gradient(self, d_y, states[:, 1:].shape)
        delta = np.zeros((*d_y.shape[:2], 4 * self.hidden), dtype=states.dtype)
        d_h = d_c = np.zeros_like(states[:, 0])
        self.d_states = np.zeros_like(states[:, 1:])
        for t in reversed(range(len(steps))):
            self.d_states[:, t] = d_y[:, t] + d_h
            delta[:, t], d_c = self._one_step_back(steps[t], self.d_states[:, t], d_c)
            d_h = delta[:, t] @ self.params["weight_h"]
            if self._cuts(t):
                d_h, d_c = np.zeros_like(d_h), np.zeros_like(d_c)
        return self._sum_over_time(x, states, delta)

    @staticmethod
    def _one_step_back(step, d_h, d_c):
        """The gradient by all four sums before their squashing, and by c_{t-1} along the memory."""
        i, f, g, o, before, squashed = step
        d_c = d_c + _through_tanh(squashed, d_h * o)
        d_i, d_f = _through_sigmoid(i, d_c * g), _through_sigmoid(f, d_c * before)
        d_g, d_o = _through_tanh(g, d_c * i), _through_sigmoid(o, d_h * squashed)
        return np.concatenate([d_i, d_f, d_g, d_o], axis=-1), f * d_c  # (11.7)


class GRU(Recurrent):
    r"""Gated recurrent unit: x ``(batch, time, fan_in)`` -> h ``(batch, time, hidden)``, from h_0 = 0.

    With r and z the sigmoid of W_x x_t + W_h h_{t-1} + b, each with weights of its own,

    .. math:: n_t = \tanh(W_{xn} x_t + b_n + r_t (W_{hn} h_{t-1} + b_{hn})), \quad
              h_t = (1 - z_t) n_t + z_t h_{t-1}.   \tag{11.8}

    Params: ``weight_x (3 * hidden, fan_in)``, ``weight_h (3 * hidden, hidden)``, ``bias (3 * hidden,)`` in the order
    r, z, n of ``torch.nn.GRU``, and ``bias_h (hidden,)``, the b_hn inside the reset gate. (Its other hidden biases
    only ever appear in a sum. In the paper r stands inside the matrix product, and z and 1 - z are swapped.)

    Args:
        truncate: as in ``RNN``.
        update_bias: of the gates z at the start: the larger, the longer the memory; PyTorch's are near 0.

    Source: Cho et al. 2014, (5) to (8).
    """

    gates = 3

    def __init__(self, fan_in, hidden, rng, truncate=None, update_bias=0.0):
        super().__init__(fan_in, hidden, rng, truncate, bias_h=np.zeros(count("hidden", hidden)))
        self.params["bias"][hidden : 2 * hidden] = number("update_bias", update_bias)

    def forward(self, x, training=False):
        x, driven = self._driven(x)
        states, steps = self._zero_states(driven), []
        for t in range(x.shape[1]):
            (x_r, x_z, x_n), h = np.split(driven[:, t], 3, axis=-1), states[:, t]
            h_r, h_z, h_n = np.split(h @ self.params["weight_h"].T, 3, axis=-1)
            r, z, h_n = _sigmoid(x_r + h_r), _sigmoid(x_z + h_z), h_n + self.params["bias_h"]
            n = np.tanh(x_n + r * h_n)  # (11.8)
            states[:, t + 1] = (1 - z) * n + z * h  # (11.8)
            steps.append((r, z, n, h_n, h))
        self._remember(x, states, steps)
        return states[:, 1:]

    def backward(self, d_y):
        x, states, steps = self._recall()
        d_y = as_gradient(self, d_y, states[:, 1:].shape)
        delta = np.zeros((*d_y.shape[:2], 3 * self.hidden), dtype=states.dtype)
        delta_h, d_h = np.zeros_like(delta), np.zeros_like(states[:, 0])
        self.d_states = np.zeros_like(states[:, 1:])
        for t in reversed(range(len(steps))):
            d_h = self.d_states[:, t] = d_y[:, t] + d_h
            delta[:, t], delta_h[:, t] = self._one_step_back(steps[t], d_h)
            d_h = d_h * steps[t][1] + delta_h[:, t] @ self.params["weight_h"]
            if self._cuts(t):
                d_h = np.zeros_like(d_h)
        self.grads["bias_h"][:] = delta_h[..., 2 * self.hidden :].sum(axis=(0, 1))
        return self._sum_over_time(x, states, delta, delta_h)

    @staticmethod
    def _one_step_back(step, d_h):
        """The gradients by W_x x_t + b and by W_h h_{t-1}, which differ in n: there r stands between."""
        r, z, n, h_n, h = step
        d_n = _through_tanh(n, d_h * (1 - z))
        d_r, d_z = _through_sigmoid(r, d_n * h_n), _through_sigmoid(z, d_h * (h - n))
        return np.concatenate([d_r, d_z, d_n], axis=-1), np.concatenate([d_r, d_z, d_n * r], axis=-1)
