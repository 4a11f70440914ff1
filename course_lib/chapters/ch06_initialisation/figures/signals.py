"""Histograms layer by layer, the signal going up and the gradient coming down, with theory drawn on them."""

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments.signals import (
    ACTIVATIONS,
    INITIALIZERS,
    Prediction,
    Signals,
    in_words,
    mean_square,
    measure,
    predict,
    weight_variance,
)
from course_lib.figures.style import PALETTE, new_figure
from course_lib.figures.surface import outside_legend

PANELS = 6
SAMPLES = 48
MOST_LAYERS = 20
NUM_BINS = 41
FORWARD, BACKWARD = PALETTE[0], PALETTE[1]
DECADES = (-6.0, 4.0)  # of the root mean square
SHAPES = ("all the same", "narrowing to a quarter", "widening from a quarter", "alternating, n and n/2")
BOUNDS = {"tanh": 1.1, "sigmoid": 1.1}  # how far the histograms of the signal reach; 3 for all others


class Case(NamedTuple):
    """One setting: widths (L + 1,), what was measured, and what theory says."""

    widths: tuple
    signals: Signals
    theory: Prediction


def widths_of(depth, width, shape):
    """Units of the input and of ``depth`` layers, ``width`` at most."""
    if shape == "all the same":
        return (width,) * (depth + 1)
    if shape.startswith("alternating"):
        return tuple(width if layer % 2 == 0 else width // 2 for layer in range(depth + 1))
    narrowing = tuple(int(n) for n in np.geomspace(width, width / 4, depth + 1).round())
    return narrowing if shape.startswith("narrowing") else narrowing[::-1]


@lru_cache(maxsize=4)
def drawn(initializer, widths, seed=0):
    """Weights of all layers, and inputs and top gradients of 48 samples: the same random numbers at every scale."""
    rng = np.random.default_rng(seed)
    weights = [INITIALIZERS[initializer](i, o, rng) for i, o in pairwise(widths)]
    return weights, rng.normal(size=(SAMPLES, widths[0])), rng.normal(size=(SAMPLES, widths[-1]))


def compute_case(activation, initializer, scale, depth, width, shape=SHAPES[0], seed=0):
    """The ``Case`` of one setting: theory by (6.1) to (6.3), and one network of 48 samples."""
    widths = widths_of(depth, width, shape)
    weights, x, d_y = drawn(initializer, widths, seed)
    variances = [scale**2 * weight_variance(initializer, i, o) for i, o in pairwise(widths)]
    signals = measure([scale * weight for weight in weights], activation, x, d_y)
    return Case(widths, signals, predict(widths, variances, activation))


def shown_layers(depth):
    """Numbers of the layers that have a panel, ``PANELS`` at most, the first and the last among them."""
    return np.unique(np.round(np.linspace(1, depth, min(PANELS, depth))).astype(int))


def bound_of(activation):
    """How far to each side the histograms of the signal reach."""
    return BOUNDS.get(activation, 3.0)


def shares(values, bound):
    """Share of ``values`` in each bin from -bound to bound, ``(NUM_BINS,)``."""
    scaled = (np.ravel(values) + bound) * (NUM_BINS / (2 * bound))
    inside = scaled[(scaled >= 0) & (scaled < NUM_BINS)]
    return np.bincount(inside.astype(int), minlength=NUM_BINS) / np.size(values)


def _phi(z):
    """The normal distribution function, to 2e-7 (Abramowitz and Stegun, 26.2.17): scipy is slow to import."""
    t = 1 / (1 + 0.2316419 * np.abs(z))
    series = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    with np.errstate(under="ignore"):
        upper = np.exp(-np.minimum(z * z, 1400) / 2) / np.sqrt(2 * np.pi) * series
    return np.where(z > 0, 1 - upper, upper)


def predicted_shares(activation, second_moment, bound):
    """``shares`` by theory, for f(z) with z normal of this second moment."""
    edges = np.linspace(-bound, bound, NUM_BINS + 1)
    spread = max(np.sqrt(second_moment), 1e-150) if np.isfinite(second_moment) else 1e150
    with np.errstate(over="ignore", invalid="ignore"):
        below = ACTIVATIONS[activation].below(edges) / spread
    return np.diff(_phi(np.clip(below, -40, 40)))


def height(values):
    """1 at the highest bin but the middle one: ReLU's half at 0 would dwarf all others."""
    others = np.delete(values, NUM_BINS // 2)
    return max(others.max(), 0.04)


class Picture:
    """The artists of the figure; ``move`` sets them to a case."""

    def __init__(self, activation):
        self.activation, self.bound = activation, bound_of(activation)
        ratios = [1] * PANELS + [0.45, 2.5]
        self.figure, axes = new_figure(11.5, 5.1, nrows=2, ncols=PANELS + 2, width_ratios=ratios)
        self.figure.get_layout_engine().set(w_pad=0.02, wspace=0.03, h_pad=0.05)
        for row in axes:
            row[PANELS].remove()
        self.panels = [self._panels(axes[0], self.bound, FORWARD), self._panels(axes[1], 3.0, BACKWARD)]
        self.names = [self._name(panel) for panel in axes[0][:PANELS]]
        axes[0][0].set_ylabel("signal x")
        axes[1][0].set_ylabel("gradient")
        self.curves = [self._curves(axes[0][-1], FORWARD, "signal"), self._curves(axes[1][-1], BACKWARD, "gradient")]
        outside_legend(self.figure, axes[0][-1], axes[1][-1])
        axes[0][-1].set_title("Root mean square", fontsize=13)
        axes[1][-1].set_xlabel("layer (0 is the input)")
        self.moving = [artist for part in (*self.panels, *self.curves) for group in part for artist in group]
        self.moving += self.names

    def _name(self, axes):
        axes.set_title(" ", fontsize=13)  # keeps the place of the text that moves
        return axes.text(0.5, 1.04, "", transform=axes.transAxes, ha="center", va="bottom", fontsize=13)

    def _panels(self, row, bound, colour):
        edges, found = np.linspace(-bound, bound, NUM_BINS + 1), []
        for axes in row[:PANELS]:
            axes.set(xlim=(-bound, bound), ylim=(0, 1.25), yticks=[], xticks=[-2, 0, 2] if bound > 2 else [0, 1])
            axes.spines["left"].set_visible(False)
            axes.tick_params(labelsize=11)
            bars = axes.stairs(np.zeros(NUM_BINS), edges, fill=True, color=colour, alpha=0.75)
            (line,) = axes.plot([], [], color="black", lw=1.5)
            found.append((bars, line))
        return found

    def _curves(self, axes, colour, name):
        axes.set(xlim=(-0.6, MOST_LAYERS + 0.6), ylim=DECADES, yticks=range(-6, 5, 2), xticks=range(0, 21, 5))
        axes.set_yticklabels([f"$10^{{{decade}}}$" for decade in range(-6, 5, 2)])
        axes.grid(True, axis="y", color="#DDDDDD", lw=0.8)
        (theory,) = axes.plot([], [], color="black", lw=1.6, label="theory")
        (dots,) = axes.plot([], [], "o", color=colour, ms=6, mec="black", mew=0.6, label=f"{name}, measured")
        return [(theory, dots)]

    def move(self, case):
        """Show ``case``."""
        layers = shown_layers(len(case.widths) - 1)
        theory_shares = [predicted_shares(self.activation, case.theory.z[layer - 1], self.bound) for layer in layers]
        spreads = np.sqrt(case.theory.d_x)
        gradients = [_phi_shares(spreads[layer]) for layer in layers]
        for place, text in enumerate(self.names):
            text.set_text(f"layer {layers[place]}" if place < len(layers) else "")
        self._move_panels(self.panels[0], case.signals.x, layers, self.bound, theory_shares)
        self._move_panels(self.panels[1], case.signals.d_x, layers, 3.0, gradients)
        for ((line, dots),), measured, theory in (
            (self.curves[0], case.signals.x, case.theory.x),
            (self.curves[1], case.signals.d_x, case.theory.d_x),
        ):
            steps = np.arange(len(theory))
            line.set_data(steps, decade(np.array(theory)))
            dots.set_data(steps, decade(np.array([mean_square(part) for part in measured])))

    def _move_panels(self, panels, values, layers, bound, theory):
        centres = (np.arange(NUM_BINS) + 0.5) * (2 * bound / NUM_BINS) - bound
        for place, (bars, line) in enumerate(panels):
            if place >= len(layers):
                bars.set_data(np.zeros(NUM_BINS))
                line.set_data([], [])
                continue
            layer = int(layers[place])
            found = shares(values[layer], bound)
            top = height(theory[place])
            bars.set_data(np.minimum(found / top, 1.25))
            line.set_data(centres, np.minimum(theory[place] / top, 1.25))


def _phi_shares(spread):
    return predicted_shares("linear", spread**2, 3.0)


def decade(second_moments):
    """log10 of the root mean square; what lies beyond the axes stays beyond them, a little."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.nan_to_num(np.log10(second_moments) / 2, nan=DECADES[1] + 1), DECADES[0] - 1, DECADES[1] + 1)


def short(number):
    """A number in two digits: 0.63, 1.2e-05, 3e+04."""
    if not np.isfinite(number):
        return "too large"
    return f"{number:.2g}" if 1e-3 <= number < 1e3 or number == 0 else f"{number:.0e}".replace("e-0", "e-")


def saturated(case, activation, share=0.1):
    """Share of the last layer's units whose slope is below ``share`` of the largest that the activation has."""
    slope = ACTIVATIONS[activation].slope
    return float(np.mean(slope(case.signals.z[-1]) < share * float(slope(np.array(1e-9)))))


def signals_text(case, activation, initializer, scale):
    """The finding: the signal's and the gradient's root mean square at both ends, measured and by theory."""
    root = [np.sqrt(mean_square(part)) for part in (case.signals.x[-1], case.signals.d_x[0])]
    theory = np.sqrt([case.theory.x[-1], case.theory.d_x[0]])
    depth, last = len(case.widths) - 1, 100 * saturated(case, activation)
    idle = f" {last:.0f} % of the last layer's units have a slope of nearly 0." if activation != "linear" else ""
    return (
        f"{in_words(activation)}, {depth} layers, {initializer} × {short(scale)}: the signal goes from 1 to "
        f"{short(root[0])} (theory {short(theory[0])}), the gradient from 1 at the top to {short(root[1])} at the "
        f"input (theory {short(theory[1])}).{idle}"
    )


def signals_figure(activation, initializer, scale=1.0, depth=10, width=100, shape=SHAPES[0]):
    """Return ``(figure, alt)``: what the widget shows at this setting."""
    picture, case = Picture(activation), compute_case(activation, initializer, scale, depth, width, shape)
    picture.move(case)
    return picture.figure, signals_text(case, activation, initializer, scale)


# --- Three draws of a lecture -----------------------------------------------------------------------------------------

THREE = ("uniform ±0.05", "uniform ±0.5", "normal, 1/√n (LeCun)")


def three_draws():
    """L4's script, each of its draws by itself: ``{initializer: Case}``; 100 samples, tanh, three layers of 32."""
    found, widths = {}, (32,) * 4
    for name in THREE:
        rng = np.random.default_rng(4)
        x = rng.normal(size=(100, 32))
        weights = [INITIALIZERS[name](32, 32, rng) for _ in range(3)]
        theory = predict(widths, [weight_variance(name, 32, 32)] * 3, "tanh")
        found[name] = Case(widths, measure(weights, "tanh", x, rng.normal(size=(100, 32))), theory)
    return found


def three_draws_figure():
    """Return ``(figure, alt)``: L4's histograms with the distribution that theory predicts."""
    figure, axes = new_figure(10.5, 5.6, nrows=3, ncols=3, sharex=True)
    edges = np.linspace(-1.1, 1.1, NUM_BINS + 1)
    centres, says = (edges[1:] + edges[:-1]) / 2, []
    for row, (name, case) in zip(axes, three_draws().items(), strict=True):
        n_variance = 32 * weight_variance(name, 32, 32)  # E44
        for layer, ax in enumerate(row, start=1):
            theory = predicted_shares("tanh", case.theory.z[layer - 1], 1.1)
            top = height(theory)
            ax.stairs(shares(case.signals.x[layer], 1.1) / top, edges, fill=True, color=FORWARD, alpha=0.75)
            ax.plot(centres, theory / top, color="black", lw=1.5)
            ax.set(yticks=[], ylim=(0, 1.3), xlim=(-1.1, 1.1))
            ax.spines["left"].set_visible(False)
            rms = np.sqrt(mean_square(case.signals.x[layer]))
            ax.set_title(f"layer {layer}: {short(rms)}", fontsize=13)
        row[0].set_ylabel(f"{name.removesuffix(' (LeCun)')}\n$n$ Var = {n_variance:.3g}")
        last, wanted = np.sqrt(mean_square(case.signals.x[3])), np.sqrt(case.theory.x[3])
        says.append(
            f"{name}: n Var = {n_variance:.4g}, root mean square {last:.2g} after 3 layers (theory {wanted:.2g})"
        )
    return figure, f"Outputs of three tanh layers of 32 units, three draws, root mean square. {'; '.join(says)}."
