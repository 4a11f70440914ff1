r"""How long machines take for one gradient, and what is expected of the slowest of them.

The unit of time is the mean time of one gradient. With ``spread`` s in place of s of it stands a random share with
mean s: exponential, or heavy-tailed (the square root law 1 / sqrt(U) - 1 of a uniform U, whose variance is infinite).

.. math::
    \operatorname{E} \max_{w \le N} T_w = 1 - s + s \, H_N, \quad H_N = 1 + \tfrac12 + \dots + \tfrac1N \tag{12.3}

.. math::
    \operatorname{E} T_{(N \text{ of } N + b)} = 1 - s + s \, (H_{N+b} - H_b) \tag{12.4}

Source: order statistics of the exponential distribution, Renyi 1953; backup workers, Chen et al. 2016.
"""

from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np

from course_lib.validation import count, in_range, non_negative, number, one_of

TAILS = ("exponential", "heavy", "one slow machine")
SLOWER = 4.0  # the slow machine takes 1 + 4 * spread


@dataclass(frozen=True)
class Machines:
    """Workers that need random times for a gradient, one unit on average.

    Attributes:
        num_workers: how many, at least 1.
        spread: s, the random share of a time, 0 to 1; with 0 all take 1.
        tail: one of ``TAILS``. With "one slow machine" the last one takes 1 + 4 s, and the others 1.
        network: time in which a link carries one gradient, >= 0.
        seed: of all times. Worker w has a generator of its own, so that more workers change nothing for the others.
    """

    num_workers: int = 8
    spread: float = 0.3
    tail: str = "exponential"
    network: float = 0.0
    seed: int = 0

    def __post_init__(self):
        count("num_workers", self.num_workers)
        number("spread", self.spread, lambda name, value: in_range(name, value, 0, 1))
        number("network", self.network, non_negative)
        one_of("tail", self.tail, TAILS)
        count("seed", self.seed, minimum=0)

    def clocks(self):
        """One endless iterator of times for each worker."""
        return [self._times(worker) for worker in range(self.num_workers)]

    def _times(self, worker):
        if self.tail == "one slow machine":
            return repeat(1.0 + SLOWER * self.spread * (worker == self.num_workers - 1))
        rng = np.random.default_rng([self.seed, worker])
        blocks = ((1 - self.spread + self.spread * self._random(rng)).tolist() for _ in repeat(None))
        return chain.from_iterable(blocks)

    def _random(self, rng, size=64):
        uniform = 1 - rng.random(size)  # 0 < uniform <= 1
        return -np.log(uniform) if self.tail == "exponential" else 1 / np.sqrt(uniform) - 1

    def ring(self, members):
        """Time of an all-reduce among ``members`` in a ring: each link carries 2 (n - 1) / n gradients."""
        return 2 * (members - 1) / members * self.network


def harmonic(n):
    """H_n = 1 + 1/2 + ... + 1/n; 0 for n = 0."""
    return float(np.sum(1 / np.arange(1, n + 1)))


def expected_round(num_workers, spread=0.3, tail="exponential", backups=0):
    """Mean time until ``num_workers`` of ``num_workers + backups`` gradients are there, all begun together.

    Exponential: (12.4), without backups (12.3). Heavy: the (b + 1)-th smallest U of n = N + b is beta-distributed, and
    E U^(-1/2) = Gamma(b + 1/2) Gamma(n + 1) / (Gamma(b + 1) Gamma(n + 1/2)).
    """
    total = count("num_workers", num_workers) + count("backups", backups, minimum=0)
    if one_of("tail", tail, TAILS) == "exponential":
        return 1 - spread + spread * (harmonic(total) - harmonic(backups))  # (12.3), (12.4)
    if tail == "one slow machine":
        return 1.0 if backups else 1.0 + SLOWER * spread
    odds = np.prod(
        np.arange(backups + 1, total + 1) / np.arange(backups + 0.5, total)
    )  # Gamma ratios, factor by factor
    return float(1 - spread + spread * (odds - 1))
