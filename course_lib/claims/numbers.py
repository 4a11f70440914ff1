"""Measured numbers with the interval to which each is trusted."""

from typing import NamedTuple

import numpy as np


class Measured(NamedTuple):
    """One number of an experiment and the interval it is trusted to (``None``: exact up to rounding).

    With ``yes_or_no`` the number is 1 or 0, and is read as a word.
    """

    value: float
    low: float | None = None
    high: float | None = None
    label: str = ""
    digits: int = 3
    yes_or_no: bool = False

    @property
    def lower(self) -> float:
        """The lower end of the interval, the value itself where there is none."""
        return self.value if self.low is None else self.low

    @property
    def upper(self) -> float:
        """The upper end of the interval, the value itself where there is none."""
        return self.value if self.high is None else self.high

    def __str__(self):
        if self.yes_or_no:
            return "yes" if self.value else "no"
        shown = rounded(self.value, self.digits)
        if self.low is None:
            return shown
        return f"{shown}  [{rounded(self.low, self.digits)}, {rounded(self.high, self.digits)}]"


def rounded(value: float, digits: int = 3) -> str:
    """``value`` in ``digits`` significant digits; what is 0 up to rounding errors reads 0."""
    if abs(value) < 1e-11:
        return "0"
    text = f"{value:.{digits}g}"
    return f"{float(text):.0f}" if "e+" in text and abs(value) < 1e7 else text


def mean_interval(samples, label, digits=3):
    """Mean of ``samples`` with two standard errors on each side."""
    samples = np.asarray(samples, dtype=float)
    mean, error = samples.mean(), samples.std(ddof=1) / np.sqrt(len(samples))
    return Measured(mean, mean - 2 * error, mean + 2 * error, label, digits)


def positive_interval(samples, label, digits=3):
    """Mean of positive ``samples`` with two standard errors of its logarithm: the interval cannot reach below 0."""
    mean = mean_interval(samples, label, digits)
    factor = np.exp((mean.value - mean.low) / mean.value)
    return mean._replace(low=mean.value / factor, high=mean.value * factor)


def share_interval(hits, label, digits=2):
    """Share of True in ``hits`` with its 95 % Wilson interval (Wilson 1927)."""
    hits = np.ravel(hits)
    n, share, z = len(hits), np.mean(hits), 1.96
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At a share of 0 or 1 the interval ends there exactly; rounding would leave 1e-18 of it.
    return Measured(share, max(0.0, centre - half), min(1.0, centre + half), label, digits)


def log_slope(x, y):
    """Slope of log ``y`` against log ``x`` by least squares, over the last axis of ``y``."""
    log_x = np.log(x) - np.mean(np.log(x))
    return np.log(y) @ log_x / (log_x @ log_x)
