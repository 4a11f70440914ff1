r"""How many updates a batch size needs, each at its own best learning rate, and where larger ones stop to pay.

.. math::
    S(B) = S_{\min} \Big( 1 + \frac{B_{\text{crit}}}{B} \Big) \tag{12.8}

.. math::
    B_{\text{noise}} = \frac{\operatorname{tr} \Sigma}{\lVert G \rVert^2} \tag{12.9}

.. math::
    \eta_t = \eta \Big( 1 + (k - 1) \min\big(1, \tfrac{t}{W}\big) \Big) \tag{12.7}

(12.7): the learning rate for a batch k times as large, with a warm-up of W updates from the rate of the small one.
Sources: Goyal et al. 2017, section 2 (12.7); McCandlish et al. 2018, (2.11) and appendix (12.8), (12.9).
"""

from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch12_scaling_out.experiments.parallel import digits_loss, digits_split, small_net
from course_lib.validation import count

TARGET = 0.15  # of the loss on all training digits
MOST = 6000  # updates, after which a run counts as one that does not arrive


def scaled_rate(learning_rate, factor, warm_up=0):
    """The schedule ``t -> learning rate`` of the linear scaling rule, (12.7); ``warm_up`` 0: from the first update."""
    return lambda t: learning_rate * (1 + (factor - 1) * (min(1.0, t / warm_up) if warm_up else 1.0))  # (12.7)


class Run(NamedTuple):
    """``steps`` until the target was reached (nan: it was not), and ``theta`` there."""

    steps: float
    theta: np.ndarray


def train_to(batch_size, schedule, seed=0, target=TARGET, most=MOST):
    """Train the small network from the weights of ``seed`` until the loss on all training digits is below ``target``.

    ``schedule``: ``t -> learning rate``. The loss on all digits is looked at whenever the steps have grown by 2 %.
    Returns ``Run``.
    """
    loss = digits_loss(small_net(seed), count("batch_size", batch_size))
    theta, rng, look = loss.network.theta.copy(), np.random.default_rng([seed, batch_size]), 1
    with np.errstate(all="ignore"):
        for t in range(1, most + 1):
            seen = loss if batch_size >= loss.size else loss.sample(rng)
            theta = theta - schedule(t) * seen.gradient(theta)
            if t >= look:
                look = max(t + 1, int(1.02 * t))
                value = loss.value(theta)
                if value < target:
                    return Run(t, theta)
                if not np.isfinite(value):
                    break
    return Run(np.nan, theta)


def steps_to(batch_size, rate, seeds, factor=1.0, warm_up=0, **run):
    """Steps of each seed, nan where the target was not reached."""
    return [train_to(batch_size, scaled_rate(rate, factor, warm_up), seed, **run).steps for seed in seeds]


def best_rate(batch_size, rates, seeds, **run):
    """``(rate, [mean steps of each rate])``: the fewest updates on average over ``seeds``; all of them must arrive.

    A rate with four times the updates of the best one so far counts as one that does not arrive.
    """
    means, most = [], MOST
    for rate in rates:
        means.append(float(np.mean(steps_to(batch_size, rate, seeds, most=most, **run))))
        most = min(MOST, int(4 * np.nanmin([MOST / 4, *means])))
    return rates[int(np.nanargmin(means))], means


class Fit(NamedTuple):
    """(12.8): ``fewest`` updates of an infinite batch, and the critical batch size ``critical``."""

    fewest: float
    critical: float

    def steps(self, batch_size):
        """Updates at this batch size."""
        return self.fewest * (1 + self.critical / np.asarray(batch_size, dtype=float))  # (12.8)


def fit_asymptotes(batch_sizes, steps):
    """Fit (12.8) to ``steps (k,)``: least squares of log S over S_min and B_crit, by Gauss-Newton. Returns ``Fit``."""
    sizes, logs = np.asarray(batch_sizes, dtype=float), np.log(np.asarray(steps, dtype=float))
    p = np.array([logs.min(), np.log(np.median(sizes))])
    for _ in range(100):
        share = np.exp(p[1]) / (sizes + np.exp(p[1]))
        slopes = np.stack([np.ones_like(sizes), share], axis=1)
        off = logs - p[0] - np.log1p(np.exp(p[1]) / sizes)
        p = p + np.clip(np.linalg.lstsq(slopes, off, rcond=None)[0], -1, 1)
    return Fit(*np.exp(p).tolist())


def noise_scale(loss, theta):
    """tr Sigma / |G|^2 of the gradients of single samples at ``theta``, (12.9); G is the mean over all of them."""
    single = np.array([loss.on([i]).gradient(theta) for i in range(loss.size)])
    mean = single.mean(axis=0)
    return float(single.var(axis=0).sum() / (mean @ mean))  # (12.9)


def sharpness(theta, seed=0, num_iterations=40):
    """The largest eigenvalue of the Hessian of the loss on all training digits, by power iteration."""
    loss = digits_loss(small_net())
    v = np.random.default_rng(seed).normal(size=theta.size)
    for _ in range(num_iterations):
        v = v / np.linalg.norm(v)
        product = loss.hvp(theta, v)
        found, v = float(v @ product), product
    return found


def scores(theta):
    """``(validation accuracy, test accuracy)`` of the small network."""
    network, (*_, x_validation, y_validation, x_test, y_test) = small_net(), digits_split()
    network.theta = theta
    pairs = (x_validation, y_validation), (x_test, y_test)
    return tuple(float(np.mean(network.forward(x).argmax(axis=1) == y)) for x, y in pairs)
