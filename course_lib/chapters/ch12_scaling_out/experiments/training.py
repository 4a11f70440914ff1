r"""Learning along the log of a simulated cluster: which gradient moves which parameters.

.. math::
    \theta_{t+1} = \theta_t - \eta \, \nabla f(\theta_{t - \tau_t}) \tag{12.5}

.. math::
    \eta \, \lambda < 2 \sin \frac{\pi}{2 (2 \tau + 1)} \tag{12.6}

(12.6): with a fixed delay of tau updates, descent on a bowl of curvature lambda converges within this bound only; tau =
0 gives the 2 of chapter 2. Source: roots of z^(tau+1) = z^tau - eta lambda; Levin and May 1976.
"""

from typing import NamedTuple

import numpy as np

from course_lib.validation import count


class Bowl(NamedTuple):
    """f = sum of curvatures * theta^2 / 2, whose mini-batch gradients carry noise of standard deviation ``noise``.

    ``start``: every coordinate begins there.
    """

    curvatures: np.ndarray = np.geomspace(0.02, 1.0, 10)
    noise: float = 1.0
    start: float = 3.0

    def value(self, theta):
        """Loss of ``theta (..., n)``."""
        return 0.5 * (np.square(theta) @ self.curvatures)

    def gradient(self, theta, draws, batches):
        """Gradient at ``theta (..., n)``, the mean of ``batches`` mini-batches; ``draws (n,)`` standard normal."""
        return self.curvatures * theta + self.noise / np.sqrt(batches) * draws


def replay(log, bowl, learning_rates, seed=0, runs=1):
    """Learn along ``log``, at every learning rate; ``runs`` times with other noise, all at once.

    Returns the mean losses ``(k + 1, rates)`` before and after each update, inf where a run has diverged.
    """
    rates = np.asarray(learning_rates, dtype=float)[:, None]
    draws = np.random.default_rng([seed, 12]).normal(size=(len(log.times), runs, 1, len(bowl.curvatures)))
    thetas = np.empty((len(log.times) + 1, runs, len(rates), len(bowl.curvatures)))
    thetas[0] = bowl.start
    with np.errstate(over="ignore", invalid="ignore"):
        for t, (read, batches) in enumerate(zip(log.read.tolist(), log.gradients.tolist(), strict=True)):
            thetas[t + 1] = thetas[t] - rates * bowl.gradient(thetas[read], draws[t], batches)  # (12.5)
        return _mean_loss(bowl, thetas)


def _mean_loss(bowl, thetas):
    """``(..., rates)`` of ``thetas (..., runs, rates, n)``."""
    return np.nan_to_num(bowl.value(thetas).mean(axis=-2), nan=np.inf)


def replay_local(log, bowl, learning_rates, workers, steps, seed=0, runs=1):
    """The like for local SGD: each worker takes ``steps`` updates by itself, then their parameters are averaged."""
    rates = np.asarray(learning_rates, dtype=float)[:, None, None]
    rng, n = np.random.default_rng([seed, 12]), len(bowl.curvatures)
    thetas = [np.full((runs, len(rates), n), bowl.start)]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in log.times:
            local = np.repeat(thetas[-1][:, :, None], workers, axis=2)  # (runs, rates, workers, n)
            for draws in rng.normal(size=(steps, runs, 1, workers, n)):
                local = local - rates * bowl.gradient(local, draws, 1)
            thetas.append(local.mean(axis=2))
        return _mean_loss(bowl, np.array(thetas))


def largest_stable(delay):
    """The largest learning rate times curvature with which descent on a bowl converges at this delay, (12.6)."""
    return 2 * np.sin(np.pi / (2 * (2 * np.asarray(delay, dtype=float) + 1)))  # (12.6)


def delayed(delay, step, num_steps, start=1.0):
    """Path ``(num_steps + 1,)`` of descent on f = theta^2 / 2 with learning rate ``step`` and a fixed delay.

    Before the first ``delay`` updates the gradient is that of the start.
    """
    theta = np.full(count("num_steps", num_steps) + 1, float(start))
    for t in range(num_steps):
        theta[t + 1] = theta[t] - step * theta[max(t - delay, 0)]  # (12.5)
    return theta


def delayed_along(staleness, step, start=1.0):
    """The like where update t takes a gradient that is ``staleness[t]`` updates old; path ``(len(staleness) + 1,)``."""
    theta = np.full(len(staleness) + 1, float(start))
    for t, delay in enumerate(np.asarray(staleness).tolist()):
        theta[t + 1] = theta[t] - step * theta[max(t - delay, 0)]  # (12.5)
    return theta


# --- The digits -----------------------------------------------------------------------------------------


def time_to_target(log, loss, learning_rate, seed=0, target=0.15):
    """Simulated time until the loss on all samples of ``loss`` is below ``target`` along ``log``, else nan.

    Each of the gradients of an update sees a mini-batch of its own; looked at after every 2 % more updates.
    """
    rng, thetas, look = np.random.default_rng([seed, 12]), [loss.network.theta.copy()], 1
    with np.errstate(all="ignore"):
        for t, (read, batches) in enumerate(zip(log.read.tolist(), log.gradients.tolist(), strict=True), 1):
            samples = loss.on(rng.choice(loss.size, min(loss.size, batches * loss.batch_size), replace=False))
            thetas.append(thetas[-1] - learning_rate * samples.gradient(thetas[read]))  # (12.5)
            if t >= look:
                look = max(t + 1, int(1.02 * t))
                value = loss.value(thetas[-1])
                if value < target or not np.isfinite(value):
                    return float(log.times[t - 1]) if value < target else np.nan
    return np.nan
