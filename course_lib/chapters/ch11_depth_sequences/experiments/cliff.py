r"""The loss of a recurrent net with one unit and two weights: flat floors, and a cliff between them.

.. math:: h_t = w \, \sigma(h_{t-1}) + b, \qquad L(w, b) = (\sigma(h_T) - 0.7)^2, \qquad T = 50   \tag{11.13}

Where a fixed point of the recursion is lost, h_T goes elsewhere, and the gradient of 50 steps explodes on the edge.
Source: Pascanu, Mikolov and Bengio 2013, section 2.3 and figure 6 (this net, 50 steps, target 0.7).
"""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import SGD, clip_by_norm, clip_by_value, with_clipping
from course_lib.run import descend
from course_lib.validation import one_of, vector

NUM_STEPS, TARGET = 50, 0.7
WINDOW = ((3.4, 5.6), (-3.2, -1.4))  # w, b
CLIPS = ("by norm", "by value", "none")


def _sigma(h):
    return (1 + np.tanh(h / 2)) / 2


def last_state(theta):
    """``(h_T, dh_T / dw, dh_T / db)`` for ``theta (..., 2)``, in forward mode: two weights, fifty steps."""
    w, b = (vector("theta", theta)[..., i] for i in (0, 1))
    h, d_w, d_b = np.zeros(w.shape), np.zeros(w.shape), np.zeros(w.shape)
    single = w.ndim == 0
    if single:  # Python's own numbers: the same digits in a third of the time
        w, b, h, d_w, d_b = (float(x) for x in (w, b, h, d_w, d_b))
    for _ in range(NUM_STEPS):
        s = float(_sigma(h)) if single else _sigma(h)
        carried = w * s
        slope = carried * (1 - s)
        h, d_w, d_b = carried + b, s + slope * d_w, 1 + slope * d_b  # (11.13)
    return np.float64(h), np.float64(d_w), np.float64(d_b)


def _value(theta):
    return (_sigma(last_state(theta)[0]) - TARGET) ** 2


def _gradient(theta):
    h, d_w, d_b = last_state(theta)
    s = _sigma(h)
    return (2 * (s - TARGET) * s * (1 - s))[..., None] * np.stack([d_w, d_b], axis=-1)


CLIFF = Objective(_value, _gradient)


def clipped_cliff(clip, threshold):
    """The cliff with its gradient clipped: ``clip`` of ``CLIPS``, ``threshold`` a number or ``(..., 1)``."""
    function = {"by norm": clip_by_norm, "by value": clip_by_value, "none": lambda g, _: g}[one_of("clip", clip, CLIPS)]
    return with_clipping(CLIFF, lambda gradient: function(gradient, threshold))


def walk(start, learning_rate, threshold, clip="by norm", num_steps=60):
    """Gradient descent over the cliff, a ``Trajectory``; rate and threshold may be arrays ``(..., 1)``."""
    with np.errstate(all="ignore"):
        return descend(clipped_cliff(clip, threshold), SGD(learning_rate), start, num_steps)
