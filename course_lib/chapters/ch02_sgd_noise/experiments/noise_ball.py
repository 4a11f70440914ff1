r"""Where SGD ends on bowls that share one Hessian, exactly: the noise ball.

Every sample is a point :math:`c_i` with its own bowl, and the objective is their mean:

.. math:: f_i(\theta) = \tfrac12 (\theta - c_i)^T H (\theta - c_i), \qquad
          f(\theta) = \frac1N \sum_i f_i(\theta), \qquad \theta^* = \bar c.

The mean and the covariance of SGD's iterates obey recursions without any approximation, for every learning
rate, schedule and way of drawing batches. H is diagonal here: ``curvatures`` are its eigenvalues.

Sources: L1 section 3.3; Robbins and Monro 1951; Bottou, Curtis and Nocedal 2018, section 4; Mandt, Hoffman and Blei
2017, (12).
"""

import numpy as np

from course_lib.objective import no_hessian
from course_lib.stochastic import FiniteSum, finite_sum
from course_lib.validation import broadcast, count, finite, non_negative, number, numbers, one_of, positive

SAMPLING = ("with replacement", "without replacement", "epochs")


def bowls(centres, curvatures, batch_size=1, replacement=False, runs=()) -> FiniteSum:
    """The bowls around ``centres (N, n)`` with Hessian ``diag(curvatures)`` as a ``FiniteSum``.

    >>> sum_of_bowls = bowls(np.array([[0.0], [2.0]]), np.array([1.0]))
    >>> sum_of_bowls.gradient(np.array([1.0]))
    array([0.])
    """
    centres = finite("centres", centres, "N", "n").astype(float, copy=False)
    curvatures = positive("curvatures", numbers("curvatures", curvatures, centres.shape[1]))

    def checked(theta):
        theta = numbers("theta", theta)
        if np.shape(theta)[-1:] != curvatures.shape:
            raise ValueError(f"theta must have {len(curvatures)} coordinates, but its shape is {np.shape(theta)}.")
        return theta

    def value(theta, batch):
        away = checked(theta)[..., None, :] - centres[batch]
        return np.mean(np.sum(curvatures * away**2, axis=-1), axis=-1) / 2

    def gradient(theta, batch):
        return curvatures * (checked(theta) - centres[batch].mean(axis=-2))

    return finite_sum(value, gradient, len(centres), batch_size, replacement, runs, no_hessian)


def variance_factor(size, batch_size, sampling="with replacement"):
    r"""Variance of a batch mean over that of one sample.

    .. math:: \frac1m \text{ with replacement}, \qquad \frac1m \cdot \frac{N - m}{N - 1} \text{ without.} \tag{2.2}

    >>> variance_factor(32, 4), variance_factor(32, 32, "without replacement")
    (0.25, 0.0)
    """
    one_of("sampling", sampling, SAMPLING)
    size, batch_size = count("size", size), count("batch_size", batch_size)
    if sampling != "with replacement" and batch_size > size:
        raise ValueError(f"batch_size is {batch_size}, but only size = {size} samples can be drawn {sampling}.")
    share = 1.0 if sampling == "with replacement" else (size - batch_size) / max(size - 1, 1)
    return share / batch_size  # (2.2)


def ball_variance(learning_rate, curvature=1.0, noise=1.0):
    r"""Variance in which SGD with a fixed learning rate ends, for gradient noise of variance ``noise * curvature^2``.

    .. math:: \frac{\eta \lambda}{2 - \eta \lambda} \cdot \text{noise}, \qquad 0 < \eta < 2 / \lambda \tag{2.3}

    On the unit example (curvature and noise 1) this is eta / (2 - eta). Infinite from 2 / curvature on, and where
    the curvature is negative; nan where it is nan.

    >>> round(ball_variance(0.5), 6)
    0.333333
    """
    learning_rate, noise = positive("learning_rate", learning_rate), non_negative("noise", noise)
    curvature = numbers("curvature", curvature)
    broadcast(learning_rate=learning_rate, curvature=curvature, noise=noise)
    product = np.asarray(learning_rate) * curvature
    with np.errstate(divide="ignore", invalid="ignore"):
        ball = np.where((product >= 0) & (product < 2), product / np.maximum(2 - product, 0.0), np.inf)  # (2.3)
        variance = np.where(np.isnan(product), np.nan, ball) * noise
    return float(variance) if variance.ndim == 0 else variance


def expected_square(t, away, variances, curvatures, learning_rate, factor=1.0):
    r"""Mean squared distance from the minimum after ``t`` updates with a fixed learning rate, by (2.4) in closed form.

    With q = 1 - eta lambda, each coordinate has q^2t away^2 left of its start, and 1 - q^2t of its noise ball (2.3).

    Args:
        t: number of updates, of any shape.
        away, variances, curvatures: ``(n,)``: the start minus the minimum, variances of the samples, eigenvalues.
        learning_rate: below 2 / largest curvature.
        factor: the ``variance_factor`` of the batches, drawn independently.

    >>> expected_square(np.array([0, 1, 100]), np.array([1.0]), np.array([1.0]), np.array([1.0]), 0.5).round(3)
    array([1.   , 0.5  , 0.333])
    """
    away, curvatures = numbers("away", away, "n"), numbers("curvatures", curvatures, "n")
    variances = numbers("variances", non_negative("variances", variances), "n")
    learning_rate = number("learning_rate", learning_rate, positive)
    t, factor = np.asarray(non_negative("t", t)), number("factor", factor, non_negative)
    broadcast(away=away, variances=variances, curvatures=curvatures, learning_rate=learning_rate)
    left = (1 - learning_rate * curvatures) ** (2 * t[..., None])
    ball = ball_variance(learning_rate, curvatures, finite("factor times variances", factor * variances))  # (2.3)
    return np.sum(left * away**2 + (1 - left) * ball, axis=-1)


def expected_path(away, covariance, curvatures, rates, size, batch_size=1, sampling="with replacement"):
    r"""Mean and covariance of SGD's distance from the minimum after 0, 1, ... updates.

    With q = 1 - eta_t lambda in each coordinate,

    .. math:: \operatorname{E} e \leftarrow q \operatorname{E} e, \qquad
              C_{jk} \leftarrow q_j q_k C_{jk} + \eta_t^2 \lambda_j \lambda_k \, v \, S_{jk} \tag{2.4}

    where S is the ``covariance`` of the samples and v the ``variance_factor``. In ``"epochs"``, where batches
    are dealt out until all samples had their turn, two batches of an epoch are negatively correlated
    (-S / (N - 1)); a second sum takes that away again.

    Args:
        away: ``(n,)``, the start minus the minimum.
        covariance: ``(n, n)`` of the samples, divided by N.
        curvatures: ``(n,)``.
        rates: ``(num_steps,)``, the learning rate of each update.
        size: N. In epochs it must be a multiple of ``batch_size``, else ``ValueError``.

    Returns:
        ``(means (num_steps + 1, n), covariances (num_steps + 1, n, n))``.
    """
    factor = variance_factor(size, batch_size, sampling)
    if sampling == "epochs" and size % batch_size:
        raise ValueError(f"In epochs size must be a multiple of batch_size, but they are {size} and {batch_size}.")
    mean = numbers("away", away, "n").astype(float)
    covariance = numbers("covariance", covariance, len(mean), len(mean)).astype(float, copy=False)
    curvatures = numbers("curvatures", curvatures, len(mean))
    rates = non_negative("rates", numbers("rates", rates, "num_steps"))
    of_steps = np.zeros_like(covariance)
    base, shared, drawn = np.zeros_like(covariance), np.zeros_like(mean), 0
    means, covariances = [mean], [of_steps]
    for rate in rates:
        q, pull = 1 - rate * curvatures, rate * curvatures
        if sampling == "epochs" and drawn == 0:  # a new order: nothing that came before is correlated with it
            base, of_steps, shared = covariances[-1], np.zeros_like(covariance), np.zeros_like(mean)
        mean = q * mean
        if sampling == "epochs":
            base = np.outer(q, q) * base
            of_steps = np.outer(q, q) * of_steps + np.outer(pull, pull) * size / (batch_size * max(size - 1, 1))
            shared = q * shared + pull
            now = base + covariance * (of_steps - np.outer(shared, shared) / max(size - 1, 1))
            drawn = (drawn + batch_size) % size
        else:
            now = np.outer(q, q) * covariances[-1] + np.outer(pull, pull) * factor * covariance  # (2.4)
        means.append(mean)
        covariances.append(now)
    return np.array(means), np.array(covariances)


def diminishing_bound(t, beta, gamma, mu, moment, first):
    r"""L1's bound on E |theta_t - theta*|^2 for learning rates beta / (t + gamma).

    .. math:: \frac{\nu}{t + \gamma}, \qquad
              \nu = \max\Big(\frac{\beta^2 M^2}{2 \beta \mu - 1}, \; (\gamma + 1) \, \Delta_1^2\Big) \tag{2.5}

    ``t`` numbers the points, 1 the start. ``moment`` is M^2, a bound on E |gradient|^2, and ``first`` is Delta_1^2.

    Raises ``ValueError`` unless 2 beta mu > 1.

    >>> diminishing_bound(3, beta=1.0, gamma=1.0, mu=1.0, moment=2.0, first=1.0)
    0.5
    """
    t, gamma = positive("t", t), non_negative("gamma", gamma)
    beta, mu = number("beta", beta, positive), number("mu", mu, positive)
    moment, first = number("moment", moment, non_negative), number("first", first, non_negative)
    broadcast(t=t, gamma=gamma)
    if not 2 * beta * mu > 1:
        raise ValueError(f"The bound needs beta > 1 / (2 mu), but beta is {beta} and mu {mu}.")
    nu = np.maximum(beta * beta * moment / (2 * beta * mu - 1), (gamma + 1) * first)
    bound = nu / (t + gamma)  # (2.5)
    return float(bound) if np.ndim(bound) == 0 else bound
