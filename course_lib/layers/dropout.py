"""Inverted dropout."""

import numpy as np

from course_lib.layers.base import Layer, as_gradient, as_input
from course_lib.validation import flag, fraction, generator, number


class Dropout(Layer):
    """In training, each entry is dropped with probability ``drop_rate`` and the rest is scaled up.

    y = x * mask / (1 - drop_rate), so the expected output is x and inference needs nothing (L4;
    Srivastava et al. 2014). L4 and CS231n write p for the probability to KEEP, PyTorch and Keras for the
    probability to DROP, as here (E50).
    """

    def __init__(self, drop_rate, rng):
        super().__init__()
        self.drop_rate = number("drop_rate", drop_rate, fraction)
        self.rng = generator("rng", rng)

    def forward(self, x, training=False):
        x, training = as_input(self, x), flag("training", training)
        keep = 1 - self.drop_rate
        scaled_mask = (self.rng.random(np.shape(x)) < keep).astype(x.dtype) / x.dtype.type(keep) if training else 1
        self._remember(scaled_mask, x.shape)
        return x * scaled_mask  # (8.1)

    def backward(self, d_y):
        scaled_mask, shape = self._recall()
        return as_gradient(self, d_y, shape) * scaled_mask
