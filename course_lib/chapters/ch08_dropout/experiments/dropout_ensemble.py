r"""Dropout as an ensemble: one net for every mask, and what can be said about all of them together.

``net`` is any function from inputs ``(..., n)`` to outputs ``(..., k)``; dropout sits on its inputs (which may be
the activations of a hidden layer). With n inputs there are 2^n masks: for small n they are all counted out.
"""

from itertools import pairwise

import numpy as np

from course_lib.validation import count, fraction, function_of, generator, number, numbers, one_of, shown

LARGEST = 16  # inputs; 65 536 masks


def dropout_moments(x, drop_rate):
    r"""Mean and variance of x * mask / (1 - drop_rate), entry by entry.

    .. math:: E[y] = x, \qquad \mathrm{Var}[y] = x^2 \, \frac{p}{1 - p}  \tag{8.7}

    >>> dropout_moments(np.array([2.0]), 0.5)
    (array([2.]), array([4.]))
    """
    drop_rate, x = number("drop_rate", drop_rate, fraction), numbers("x", x)
    return x, np.square(x) * drop_rate / (1 - drop_rate)  # (8.7)


def all_masks(n):
    """All masks of ``n`` entries, ``(2^n, n)`` of 0 and 1."""
    if count("n", n) > LARGEST:
        raise ValueError(f"n = {n} inputs have 2^{n} masks, too many to count out: at most {LARGEST} inputs.")
    return (np.arange(2**n)[:, None] >> np.arange(n)) & 1


def _checked_masks(masks):
    masks = numbers("masks", masks, "masks", "n")
    if not np.isin(masks, (0, 1)).all():
        raise ValueError(f"masks must hold 0 and 1 only, but they are {shown(masks)}.")
    return masks


def _checked(net, x, drop_rate=0.0):
    """``x (..., n)`` as floats and the rate as a number."""
    function_of("net", net, "x -> outputs")
    x, drop_rate = numbers("x", x), number("drop_rate", drop_rate, fraction)
    if not x.size or x.ndim == 0:
        raise ValueError(f"x must be inputs (n,) or (B, n), but its shape is {x.shape}.")
    return x, drop_rate


def mask_probabilities(masks, drop_rate):
    """Probability of each mask, ``(masks,)``."""
    masks, drop_rate = _checked_masks(masks), number("drop_rate", drop_rate, fraction)
    kept = np.sum(masks, axis=-1)
    return (1 - drop_rate) ** kept * drop_rate ** (np.shape(masks)[-1] - kept)


def thinned(net, x, masks, drop_rate):
    """Outputs of ``net`` on ``x (n,)`` or ``(B, n)`` under each mask ``(masks, n)``: ``(masks, ..., k)``."""
    x, drop_rate = _checked(net, x, drop_rate)
    masks = numbers("masks", _checked_masks(masks), "masks", x.shape[-1])
    masks = np.reshape(masks, (len(masks), *(1,) * (x.ndim - 1), x.shape[-1]))
    return numbers("The output of net", net(x * masks / (1 - drop_rate)))


def exact_average(net, x, drop_rate):
    r"""The mean output over all 2^n masks, each with its probability.

    .. math:: \bar f(x) = \sum_m P(m) \, f\!\left(\frac{x \odot m}{1 - p}\right)  \tag{8.8}
    """
    x, drop_rate = _checked(net, x, drop_rate)
    masks = all_masks(x.shape[-1])
    return np.tensordot(mask_probabilities(masks, drop_rate), thinned(net, x, masks, drop_rate), axes=1)  # (8.8)


def monte_carlo_average(net, x, drop_rate, num_masks, rng):
    """The mean output over ``num_masks`` random masks; its error falls like 1 / sqrt(num_masks)."""
    x, drop_rate = _checked(net, x, drop_rate)
    masks = generator("rng", rng).random((count("num_masks", num_masks), x.shape[-1])) < 1 - drop_rate
    return thinned(net, x, masks, drop_rate).mean(axis=0)


def weight_scaling(net, x):
    """What inverted dropout predicts at inference: the whole net, once. The name is that of the published form,
    which multiplies weights by the probability to keep (Srivastava et al. 2014, section 10)."""
    return numbers("The output of net", net(_checked(net, x)[0]))


def geometric_average(net, x, drop_rate):
    r"""The renormalised geometric mean of the probabilities that all masks give; ``net`` returns probabilities.

    .. math:: \tilde p(x) \propto \prod_m p_m(x)^{P(m)}  \tag{8.9}

    For a softmax of one linear layer it IS the prediction of the whole net (Hinton et al. 2012; Goodfellow et al.
    2016, (7.66)).
    """
    function_of("net", net, "x -> probabilities")
    log_mean = exact_average(lambda inputs: np.log(numbers("The output of net", net(inputs))), x, drop_rate)
    p = np.exp(log_mean - np.max(log_mean, axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)  # (8.9)


def softmax(scores):
    """Probabilities from scores ``(..., classes)``; large scores do not overflow."""
    scores = numbers("scores", scores)
    if not scores.size or scores.ndim == 0:
        raise ValueError(f"scores must have the shape (..., classes), but it has {scores.shape}.")
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def small_net(sizes, rng, output="linear"):
    """A random ReLU net of linear layers ``sizes``, as a function; ``output`` is "linear" or "softmax".

    ``small_net((10, 3), rng, "softmax")`` has one layer, ``small_net((10, 20, 3), rng)`` a ReLU between two.
    """
    one_of("output", output, ("linear", "softmax"))
    if not isinstance(sizes, tuple | list) or len(sizes) < 2:
        raise ValueError(f"sizes must be two whole numbers or more, (10, 20, 3) say, but it is {shown(sizes)}.")
    sizes, rng = [count("sizes", size) for size in sizes], generator("rng", rng)
    layers = [
        (rng.normal(size=(after, before)) * np.sqrt(2 / before), 0.1 * rng.normal(size=after))
        for before, after in pairwise(sizes)
    ]

    def net(x):
        x = numbers("x", x)
        if x.shape[-1:] != (sizes[0],):
            raise ValueError(f"x must have {sizes[0]} features on its last axis, but its shape is {x.shape}.")
        for weight, bias in layers[:-1]:
            x = np.maximum(x @ weight.T + bias, 0)
        scores = x @ layers[-1][0].T + layers[-1][1]
        return softmax(scores) if output == "softmax" else scores

    return net
