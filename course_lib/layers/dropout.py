"""Inverted dropout."""

import numpy as np

from course_lib.layers.base import Layer
from course_lib.validation import fraction


class Dropout(Layer):
    """In training, each entry is dropped with probability ``drop_rate`` and the rest is scaled up.

    y = x * mask / (1 - drop_rate), so the expected output is x and inference needs nothing (L4;
    Srivastava et al. 2014). L4 and CS231n write p for the probability to KEEP, PyTorch and Keras for the
    probability to DROP, as here (E50).
    """

    def __init__(self, drop_rate, rng):
        super().__init__()
        self.drop_rate = fraction("drop_rate", drop_rate)
        self.rng = rng

    def forward(self, x, training=False):
        keep = 1 - self.drop_rate
        scaled_mask = (self.rng.random(np.shape(x)) < keep).astype(x.dtype) / x.dtype.type(keep) if training else 1
        self._remember(scaled_mask)
        return x * scaled_mask  # (8.1)

    def backward(self, d_y):
        (scaled_mask,) = self._recall()
        return d_y * scaled_mask
