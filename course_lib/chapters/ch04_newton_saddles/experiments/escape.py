r"""How long does a saddle hold gradient descent, and how much noise does it take to get away?

On f = (x^2 - y^2) / 2 gradient descent on the stable manifold, y = 0, never leaves. With gradient noise of
standard deviation sigma the unstable coordinate is Gaussian,

.. math:: y_{t+1} = (1 + \eta) \, y_t + \eta \sigma \xi_t, \qquad
          \text{Var} \, y_t = (\eta \sigma)^2 \, \frac{(1 + \eta)^{2t} - 1}{(1 + \eta)^2 - 1}, \tag{4.24}

so that half of the runs are farther than 1 from it after log(1/sigma) / log(1 + eta) steps and a constant: a thousand
times less noise costs a few steps more, no noise costs eternity.

Source: L3 "Saddle points", L4; Jin et al. 2017 (noise escapes); Du et al. 2017 (without it, exponentially long).
"""

import numpy as np

from course_lib.validation import broadcast, count, generator, non_negative, number, positive

MEDIAN = 0.6744897501960817  # a standard normal number is farther than this from 0 half of the time


def unstable_deviation(t, noise, learning_rate):
    """Standard deviation of y after ``t`` steps from y = 0, by (4.24)."""
    t, noise, learning_rate = (
        non_negative("t", t),
        non_negative("noise", noise),
        positive("learning_rate", learning_rate),
    )
    broadcast(t=t, noise=noise, learning_rate=learning_rate)
    growth = 1 + learning_rate
    return learning_rate * noise * np.sqrt((growth ** (2.0 * t) - 1) / (growth * growth - 1))  # (4.24)


def median_escape(noise, learning_rate, distance=1.0):
    """Steps after which half of the runs are farther than ``distance`` away: where (4.24) says so, a real number."""
    noise, learning_rate = np.asarray(non_negative("noise", noise)), positive("learning_rate", learning_rate)
    distance, growth = positive("distance", distance), 1 + learning_rate
    broadcast(noise=noise, learning_rate=learning_rate, distance=distance)
    with np.errstate(divide="ignore"):  # without noise it never gets away
        ratio = distance / (MEDIAN * learning_rate * noise)
    return np.log1p(ratio**2 * (growth * growth - 1)) / (2 * np.log(growth))


def escape_steps(noise, learning_rate, rng, num_runs=1000, distance=1.0, offset=0.0, limit=5000):
    """First step at which each of ``num_runs`` runs from y = ``offset`` is farther than ``distance`` away.

    Returns:
        ``(num_runs,)`` whole numbers; ``limit`` + 1 where it was not.
    """
    learning_rate = number("learning_rate", learning_rate, positive)
    noise, distance = number("noise", noise, non_negative), number("distance", distance, positive)
    num_runs, limit, rng = count("num_runs", num_runs), count("limit", limit), generator("rng", rng)
    y = np.full(num_runs, number("offset", offset))
    first = np.full(num_runs, limit + 1)
    for t in range(1, limit + 1):
        y = (1 + learning_rate) * y + learning_rate * noise * rng.normal(size=num_runs)
        gone = np.abs(y) > distance
        first[gone & (first > limit)] = t
        if (first <= limit).all() or not y.any():
            break
    return first
