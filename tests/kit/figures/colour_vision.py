"""How people with a colour deficiency see a colour, and how far two colours are apart for them.

Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency" (2009),
severity 1.0, in linear RGB; distances in CIELAB (CIE 1976), white D65: 2.3 is just noticeable side by side.
"""

import numpy as np
from matplotlib.colors import to_rgb

SEEN = {
    "everybody": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
APART = 10  # what two colours must be that nothing else tells apart
WHITE = TO_XYZ @ np.ones(3)


def linear(color):
    """A colour of Matplotlib's in linear RGB, ``(3,)``."""
    value = np.array(to_rgb(color))
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(color, vision="everybody"):
    """CIELAB of a colour as it is seen: lightness from 0 to 100, and two opponent colours; ``(3,)``."""
    ratio = TO_XYZ @ np.clip(SEEN[vision] @ linear(color), 0, 1) / WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def apart(one, other):
    """The distance of two colours for those who tell them apart worst."""
    return min(np.linalg.norm(lab(one, vision) - lab(other, vision)) for vision in SEEN)
