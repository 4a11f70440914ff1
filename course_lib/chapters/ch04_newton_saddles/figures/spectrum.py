"""The eigenvalue explorer: spectra of random symmetric matrices, and how seldom all eigenvalues are positive."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.random_matrices import (
    coin_flip_probability,
    goe,
    log_probability_asymptotic,
    probability_all_positive,
)
from course_lib.figures.style import STYLE
from course_lib.validation import count

MOST = 200  # dimensions
EDGES = np.linspace(-5, 8, 131)  # one dimension is as wide as a normal distribution, and can be shifted
SHOWN = tuple(range(1, 13))
LOWEST = 1e-12


class Spectrum(NamedTuple):
    """``heights`` of the histogram over ``EDGES``; ``positive``: share of the eigenvalues; ``minima``: share of the
    matrices that have no other; ``number`` of matrices; all eigenvalues in units of sqrt(n)."""

    heights: np.ndarray
    positive: float
    minima: float
    number: int


@lru_cache(maxsize=400)
def spectrum(n, sample=1, shift=0.0):
    """Eigenvalues of as many random matrices as are quick to do, ``shift`` sqrt(n) added to each.

    Raises:
        ValueError: n outside 1 to 200, a bad sample number.
    """
    n, sample = count("n", n), count("sample", sample)
    if n > MOST:
        raise ValueError(f"The explorer goes up to {MOST} dimensions, but n is {n}.")
    if not -1 <= shift <= 3:
        raise ValueError(f"The shift must lie between -1 and 3, but it is {shift}.")
    number = int(np.clip(20_000 / n**1.6, 4, 20_000))
    scaled = _eigenvalues(n, sample, number) + shift
    heights, _ = np.histogram(scaled, EDGES)
    heights = heights / scaled.size / np.diff(EDGES)
    return Spectrum(heights, float(np.mean(scaled > 0)), float(np.mean(scaled[:, 0] > 0)), number)


@lru_cache(maxsize=64)
def _eigenvalues(n, sample, number):
    return np.linalg.eigvalsh(goe(n, np.random.default_rng([n, sample]), number)) / np.sqrt(n)


def half_circle(x, shift=0.0):
    """Density of the eigenvalues / sqrt(n) for large n: a half circle of radius 2 around ``shift``."""
    return np.sqrt(np.clip(4 - (np.asarray(x) - shift) ** 2, 0, None)) / (2 * np.pi)


def share_positive(shift):
    """Share of the half circle above 0: 1 from a shift of 2 on."""
    c = np.clip(shift / 2, -1, 1)
    return float(0.5 + (c * np.sqrt(1 - c * c) + np.arcsin(c)) / np.pi)


def draw_spectrum(ax):
    """Histogram and half circle, ``(fill, circle)`` to move."""
    fill = ax.fill_between(EDGES[:2], [0, 0], color="#56B4E9", step="post", lw=0.8, ec="#0072B2")
    (circle,) = ax.plot([], [], "-", color="black", lw=2.2)
    ax.axvline(0, color="#D55E00", lw=2)
    ax.set(xlim=(-5, 7.5), ylim=(0, 0.62), xlabel=r"eigenvalue / $\sqrt{n}$", ylabel="density")
    ax.set_title("Spectrum and half circle", fontsize=STYLE["axes.titlesize"])
    return fill, circle


def draw_probabilities(ax):
    """The lines that do not move; returns what does: ``(mark, mark of a bound, words)``, which ``move_here`` moves."""
    n = np.array(SHOWN)
    ax.semilogy(n, [coin_flip_probability(k) for k in SHOWN], "--", color="#0072B2", label=r"coins: $2^{-n}$")
    exact = [probability_all_positive(k) for k in SHOWN]
    ax.semilogy(n, exact, "-", color="black", lw=1.8, label="exact (4.22)")
    limit = np.exp([log_probability_asymptotic(k) for k in SHOWN])
    ax.semilogy(n, limit, ":", color="black", lw=1.8, label=r"$e^{-(\ln 3)/4 \cdot n^2}$")
    own = [spectrum(k).minima for k in SHOWN]
    seen = [max(share, LOWEST / 100) for share in own]
    ax.semilogy(n, seen, "s", color="#E69F00", markeredgecolor="black", markersize=8, label="measured")
    about = {"color": "#D55E00", "markeredgecolor": "black", "markersize": 13}
    (dot,) = ax.plot([], [], "o", label="here, with this shift", **about)
    (bound,) = ax.plot([], [], "v", label="here: none seen, so less", **about)
    words = ax.text(0.98, 0.5, "", transform=ax.transAxes, ha="right", fontsize=STYLE["font.size"])
    ax.set(xlim=(0.5, 12.5), ylim=(LOWEST, 2), xlabel="dimension n", xticks=SHOWN[::2])
    ax.set_title("P(all eigenvalues positive)", fontsize=STYLE["axes.titlesize"])
    ax.minorticks_off()
    return dot, bound, words


def move_here(artists, n, found):
    """Mark what was measured in ``n`` dimensions: a share, or the bound 1 / matrices where none had a minimum."""
    dot, bound, words = artists
    share, none, beyond = found.minima or 1 / found.number, not found.minima, n > SHOWN[-1]
    dot.set_data(*([], []) if none or beyond else ([n], [share]))
    bound.set_data(*([n], [share]) if none and not beyond else ([], []))
    words.set_text(f"n = {n} →\n{'less than ' if none else ''}{share:.2g}" if beyond else "")


def spectrum_text(n, sample, shift, found):
    """What the explorer shows, in numbers."""
    text = (
        f"{found.number} random symmetric matrices in {n} dimensions (sample {sample})"
        f"{f', shifted up by {shift:g} √n' if shift else ''}: {100 * found.positive:.1f} % of the eigenvalues are "
        f"positive (half circle: {100 * share_positive(shift):.1f} %); a share of {found.minima:.3g} of the "
        "matrices has no negative one."
    )
    if shift == 0:
        exact = f", exactly {probability_all_positive(n):.3g}" if n <= 12 else ""
        power = log_probability_asymptotic(n) / np.log(10)
        far = f" (about 10^{power:.0f} for repelling eigenvalues)" if n > 12 else ""
        text += f" Coin flips would say {coin_flip_probability(n):.3g}{exact}{far}."
    return text
