r"""Initialisers: ``(fan_in, fan_out, rng) -> weights``, shape ``(fan_out, fan_in)`` unless told otherwise.

A unit that adds up ``fan_in`` independent inputs has variance fan_in * Var(weight) * E[x^2]  (6.1);
every named initialiser is a choice of Var(weight). Convolutions pass their own ``shape``
``(out_channels, in_channels, height, width)`` and count fans over the receptive field.
"""

import numpy as np

from course_lib.validation import count, generator, in_range, non_negative, number, one_of, shown

# Factors that undo what an activation does to E[x^2], as PyTorch's ``calculate_gain`` lists them.
RELU_GAIN = float(np.sqrt(2))
CONVOLUTIONS = ("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": RELU_GAIN,
    "selu": 3 / 4,
    **dict.fromkeys(CONVOLUTIONS, 1.0),  # linear, as long as nothing follows
}


def gain(activation, slope=0.0):
    """Gain of ``activation``: one of ``GAINS``, or ``"leaky_relu"`` with its negative ``slope``.

    sqrt(2 / (1 + slope^2)) for the leaky ReLU (He et al. 2015, (15)). ``torch.nn.init.calculate_gain``, the same,
    but its slope is 0.01 if left out.
    """
    slope = number("slope", slope)
    if one_of("activation", activation, (*GAINS, "leaky_relu")) == "leaky_relu":
        return np.sqrt(2 / (1 + slope * slope))
    return GAINS[activation]


def _shape(fan_in, fan_out, shape):
    """The shape of the weights; whole numbers above 0, all of them."""
    fan_in, fan_out = count("fan_in", fan_in), count("fan_out", fan_out)
    if shape is None:
        return fan_out, fan_in
    if not isinstance(shape, tuple | list) or not shape:
        raise ValueError(f"shape must be a tuple of whole numbers, (fan_out, fan_in) say, but it is {shown(shape)}.")
    return tuple(count("shape", size) for size in shape)


def constant(fan_in, fan_out, rng=None, value=0.0, shape=None):
    """All weights ``value``: the units of a layer stay tied for ever (L4; chapter 6). ``torch.nn.init.constant_``."""
    if rng is not None:
        generator("rng", rng)
    return np.full(_shape(fan_in, fan_out, shape), number("value", value))


def uniform(fan_in, fan_out, rng, limit=0.05, shape=None):
    """Uniform on [-limit, limit], variance limit^2 / 3 (6.10). L4's first two draws: limit 0.05 and 0.5.

    ``torch.nn.init.uniform_(-limit, limit)``, which is on [0, 1] by default.
    """
    most = np.finfo(float).max / 2  # the draws lie 2 limit apart
    limit, shape = in_range("limit", number("limit", limit), 0, most), _shape(fan_in, fan_out, shape)
    return generator("rng", rng).uniform(-limit, limit, size=shape)


def normal(fan_in, fan_out, rng, std=0.01, shape=None):
    """Normal with standard deviation ``std``, whatever the fans. ``torch.nn.init.normal_`` has std 1 by default."""
    std, shape = number("std", std, non_negative), _shape(fan_in, fan_out, shape)
    return std * generator("rng", rng).normal(size=shape)


def _with_variance(draw, variance, fan_in, fan_out, rng, shape, gain=1.0):
    """Draws of ``variance(gain, fan_in, fan_out)``."""
    _shape(fan_in, fan_out, shape)  # whole numbers, before a formula divides by them
    var = variance(in_range("gain", number("gain", gain), 0, 1e100), fan_in, fan_out)
    if draw == "uniform":
        return uniform(fan_in, fan_out, rng, np.sqrt(3 * var), shape)  # (6.10)
    return normal(fan_in, fan_out, rng, np.sqrt(var), shape)


def _lecun(gain, fan_in, fan_out):
    return 1 / fan_in  # (6.4)


def _xavier(gain, fan_in, fan_out):
    return 2 * gain * gain / (fan_in + fan_out)  # (6.5)


def _he(gain, fan_in, fan_out):
    return gain * gain / fan_in  # (6.6)


def lecun_normal(fan_in, fan_out, rng, shape=None):
    """Var = 1 / fan_in (LeCun et al. 1998, section 4.6): what L4 l.278 prints under Glorot's name (E46).

    PyTorch has none of that name: ``kaiming_normal_(nonlinearity="linear")``.
    """
    return _with_variance("normal", _lecun, fan_in, fan_out, rng, shape)


def lecun_uniform(fan_in, fan_out, rng, shape=None):
    """Var = 1 / fan_in, uniform. PyTorch: ``kaiming_uniform_(nonlinearity="linear")``."""
    return _with_variance("uniform", _lecun, fan_in, fan_out, rng, shape)


def xavier_normal(fan_in, fan_out, rng, gain=1.0, shape=None):
    """Var = 2 gain^2 / (fan_in + fan_out) (Glorot and Bengio 2010, (12)); ``torch.nn.init.xavier_normal_``."""
    return _with_variance("normal", _xavier, fan_in, fan_out, rng, shape, gain)


def xavier_uniform(fan_in, fan_out, rng, gain=1.0, shape=None):
    """Var = 2 gain^2 / (fan_in + fan_out), uniform (Glorot and Bengio 2010, (16)).

    ``torch.nn.init.xavier_uniform_``.
    """
    return _with_variance("uniform", _xavier, fan_in, fan_out, rng, shape, gain)


def he_normal(fan_in, fan_out, rng, gain=RELU_GAIN, shape=None):
    """Var = gain^2 / fan_in, 2 / fan_in for ReLU (He et al. 2015, (10)); ``torch.nn.init.kaiming_normal_``."""
    return _with_variance("normal", _he, fan_in, fan_out, rng, shape, gain)


def he_uniform(fan_in, fan_out, rng, gain=RELU_GAIN, shape=None):
    """Var = gain^2 / fan_in, uniform.

    ``torch.nn.init.kaiming_uniform_``; PyTorch's own layers use it with the gain 1 / sqrt(3).
    """
    return _with_variance("uniform", _he, fan_in, fan_out, rng, shape, gain)


def orthogonal(fan_in, fan_out, rng, gain=1.0, shape=None):
    """``gain`` times a random matrix with orthonormal rows or columns (6.11) (Saxe, McClelland and Ganguli 2014).

    With ``shape``, the first axis is the rows and all others together the columns, as in
    ``torch.nn.init.orthogonal_``.
    """
    shape, gain = _shape(fan_in, fan_out, shape), number("gain", gain, non_negative)
    rows, columns = shape[0], int(np.prod(shape[1:]))
    q, r = np.linalg.qr(generator("rng", rng).normal(size=(max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diag(r))  # without this, QR's sign convention would favour some rotations
    return gain * (q if rows >= columns else q.T).reshape(shape)  # (6.11)
