"""Chapter 11, on its way back: gradients that vanish, explode, and pass through time as through depth."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.experiments.signals import (
    growth,
    rate_through_time,
    through_depth,
    through_time,
)
from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Plot,
    fails,
    holds,
    holds_if,
    mean_interval,
    not_shown,
    partly,
    positive_interval,
)

SEEDS = range(10)
STEPS = np.arange(51)


def factors(cell, radius, **settings):
    """The measured factor a step for every seed."""
    return np.array([growth(through_time(cell, radius, seed=seed, **settings)) for seed in SEEDS])


# --- C-11-1 -------------------------------------------------------------------------------------------


def _explodes():
    linear, driven = factors("RNN", 1.2, drive=0.0), factors("RNN", 1.2, drive=0.5)
    theory = float(rate_through_time([1.2], 0.5)[0])
    numbers = {
        "linear": positive_interval(linear, "factor a step, radius 1.2, no inputs (tanh stays linear)"),
        "driven": positive_interval(driven, "the same net, inputs of standard deviation 0.5"),
        "theory": positive_interval(driven / theory, "that over theory's (11.5)"),
        "strong": positive_interval(factors("RNN", 2.5, drive=0.5), "radius 2.5, the same inputs"),
    }
    lines = (
        Line("radius 1.2, no inputs", STEPS, through_time("RNN", 1.2, drive=0.0)),
        Line("radius 1.2, inputs 0.5", STEPS, through_time("RNN", 1.2, drive=0.5)),
        Line("1.2 to the power of the steps", STEPS, 1.2**STEPS, theory=True),
        Line("theory with the tanh", STEPS, theory**STEPS, theory=True),
    )
    return Evidence(numbers, Plot("steps back", "length of the gradient", lines, "y"))


def _judge_explodes(n):
    if n["linear"].upper < 1:
        return fails("it does not grow even in a linear net")
    if n["linear"].lower <= 1 or n["driven"].lower <= 1 <= n["driven"].upper:
        return not_shown("a factor of 1 a step lies within the interval")
    if n["driven"].lower > 1:
        return holds("with a radius above 1 it grows by a constant factor a step, with inputs and without")
    return holds_if(
        "units are not saturated: a radius above 1 is not enough, since the slopes of the tanh shrink the gradient as "
        "soon as inputs drive the units"
    )


EXPLODES = Claim(
    id="C-11-1",
    lecture="L3 l.84",
    statement="The gradient grows exponentially as we move backward",
    condition="Tanh RNN, 32 units, recurrent rotation times 1.2 (2.5), 50 steps, 10 seeds, without inputs and with "
    "normal "
    "ones of standard deviation 0.5",
    rule="Holds if the factor a step is above 1 with inputs and without (intervals). 'Holds if' when it is above 1 "
    "without inputs and below 1 with them; fails if it is below 1 without; an interval that holds 1 shows nothing.",
    effects=(Effect("linear", 1.0, ratio=True), Effect("driven", 1.0, ratio=True)),
    experiment=_explodes,
    judge=_judge_explodes,
)

# --- C-11-2 -------------------------------------------------------------------------------------------


def _vanishes():
    """The slopes of the tanh lie between 0 and 1 in all of these; only the weights differ."""
    radii = (0.6, 0.9, 1.2, 1.8, 2.5, 3.5)
    found = {radius: factors("RNN", radius, drive=0.1) for radius in radii}
    numbers = {
        "small": positive_interval(found[0.9], "factor a step, radius 0.9, inputs 0.1"),
        "large": positive_interval(found[2.5], "radius 2.5: the same activation, larger weights"),
        "largest": positive_interval(found[3.5], "radius 3.5"),
    }
    means = np.array([values.mean() for values in found.values()])
    errors = 2 * np.array([values.std(ddof=1) for values in found.values()]) / np.sqrt(len(SEEDS))
    fine = np.linspace(0.6, 3.5, 30)
    lines = (
        Line("measured", np.array(radii), means, means - errors, means + errors),
        Line("theory (11.5)", fine, rate_through_time(fine, 0.1), theory=True),
    )
    return Evidence(numbers, Plot("spectral radius", "factor a step", lines))


def _judge_vanishes(n):
    if n["small"].lower > 1:
        return fails("it grows with small weights already")
    if n["small"].upper >= 1 or n["large"].lower <= 1 <= n["large"].upper:
        return not_shown("a factor of 1 a step lies within the interval")
    if n["large"].upper < 1:
        return holds("slopes between 0 and 1 make it vanish with small weights and with large ones")
    return holds_if("the weights do not make up for it: radius times root mean square slope must be below 1")


VANISHES = Claim(
    id="C-11-2",
    lecture="L3 l.280",
    statement="Slopes of activations lie between 0 and 1, so gradients become smaller towards the beginning",
    condition="Tanh RNN, 32 units, a rotation times 0.6 to 3.5, inputs of standard deviation 0.1, 50 steps, 10 seeds",
    rule="Holds if the factor a step is below 1 with radius 0.9 and with 2.5. 'Holds if' when it is below 1 with 0.9 "
    "and "
    "above 1 with 2.5; fails if it is above 1 with 0.9; an interval that holds 1 shows nothing.",
    effects=(Effect("small", 1.0, ratio=True), Effect("large", 1.0, ratio=True)),
    experiment=_vanishes,
    judge=_judge_vanishes,
)

# --- C-11-3 -------------------------------------------------------------------------------------------


def _depth_and_time():
    radii = np.array([0.7, 0.9, 1.1, 1.3])
    deep = np.array([through_depth(radii, 0.0, matrix="random", seed=seed) for seed in SEEDS])  # (seeds, layers, radii)
    deep = np.array([[growth(lengths[:, i]) for i in range(len(radii))] for lengths in deep])
    time = np.array([factors("RNN", radius, drive=0.0, matrix="random") for radius in radii]).T
    numbers = {
        "vanishing": mean_interval(1 - np.stack([deep[:, 0], time[:, 0]]).max(axis=0), "radius 0.7: 1 - larger factor"),
        "exploding": mean_interval(
            np.stack([deep[:, 3], time[:, 3]]).min(axis=0) - 1, "radius 1.3: smaller factor - 1"
        ),
        "apart": mean_interval((deep - time)[:, 3], "radius 1.3: factor through depth - through time", 2),
    }
    lines = (
        Line("through depth, matrices of their own", radii, deep.mean(axis=0)),
        Line("through time, one matrix", radii, time.mean(axis=0)),
    )
    return Evidence(numbers, Plot("spectral radius", "factor a step or layer", lines))


def _judge_depth_and_time(n):
    if n["vanishing"].upper < 0 or n["exploding"].upper < 0:
        return fails("one of the two nets has no such problem")
    if n["vanishing"].lower <= 0 or n["exploding"].lower <= 0:
        return not_shown("a factor of 1 lies within the interval")
    return holds("with radius 0.7 gradients vanish in both, with 1.3 they explode in both, at factors that are near")


DEPTH_AND_TIME = Claim(
    id="C-11-3",
    lecture="L3 l.44",
    statement="Problems of depth are seen both in deep feed-forward networks and in recurrent ones unfolded over time",
    condition="50 layers with a random matrix each, or 50 steps with one, spectral radius 0.7 to 1.3, 32 tanh units, "
    "no "
    "inputs, 10 seeds",
    rule="Fails if with radius 0.7 the factor of one of the two is above 1, or with 1.3 below; an interval that holds "
    "1 "
    "shows nothing; else it holds.",
    effects=(Effect("vanishing"), Effect("exploding")),
    experiment=_depth_and_time,
    judge=_judge_depth_and_time,
)

# --- C-11-7 -------------------------------------------------------------------------------------------


def _gated():
    """What a gate and a residual path keep of the gradient where an RNN loses it; radius 0.9, driven."""
    kept = {}
    for name, settings in {"RNN": {}, "GRU": {"gate_bias": 4.0}, "LSTM": {"gate_bias": 4.0}}.items():
        lengths = [through_time(name, 0.9, drive=0.5, seed=seed, **settings) for seed in SEEDS]
        kept[name] = np.log10([length[-1] for length in lengths])
    kept["residual"] = np.log10([through_depth([0.9], 0.5, "1/√L", seed=seed)[-1, 0] for seed in SEEDS])
    kept["feed-forward"] = np.log10([through_depth([0.9], 0.5, "", seed=seed)[-1, 0] for seed in SEEDS])
    return kept


def _remedies():
    kept = _gated()
    numbers = {
        "gate": mean_interval(kept["GRU"] - kept["RNN"], "powers of ten that a GRU keeps more than an RNN"),
        "path": mean_interval(kept["residual"] - kept["feed-forward"], "the same, a residual path through 50 layers"),
        **{name: mean_interval(values, f"{name}: power of ten after 50 steps") for name, values in kept.items()},
    }
    lines = (
        Line("RNN", STEPS, through_time("RNN", 0.9, drive=0.5)),
        Line("GRU", STEPS, through_time("GRU", 0.9, drive=0.5, gate_bias=4.0)),
        Line("LSTM", STEPS, through_time("LSTM", 0.9, drive=0.5, gate_bias=4.0)),
        Line("residual, through depth", STEPS, through_depth([0.9], 0.5, "1/√L")[:, 0]),
    )
    return Evidence(numbers, Plot("steps back", "length of the gradient", lines, "y"))


def _judge_remedies(n):
    if n["gate"].upper < 0 or n["path"].upper < 0:
        return fails("a gate or a residual path keeps less of the gradient")
    if n["gate"].lower <= 0 or n["path"].lower <= 0:
        return not_shown("no difference lies within the interval")
    if min(n["gate"].lower, n["path"].lower) < 1:
        return partly(
            "both keep more of the gradient", "that it is a remedy: one of them keeps less than ten times as much"
        )
    return holds("after 50 steps a gate and a residual path each keep more than ten times as much of the gradient")


REMEDIES = Claim(
    id="C-11-7",
    lecture="L3 l.46 announces remedies, its list is lost; Hochreiter and Schmidhuber 1997; He et al. 2016b",
    statement="A gate, or a residual path, keeps gradients from vanishing",
    condition="32 units, rotations times 0.9, inputs of standard deviation 0.5, gates with bias 4, 50 steps, 10 seeds",
    rule="Holds if gate and residual path each keep more than ten times as much of the gradient after 50 steps "
    "(intervals); partly if more, but less than ten times; fails if one keeps less; else not shown.",
    effects=(Effect("gate"), Effect("path")),
    experiment=_remedies,
    judge=_judge_remedies,
)

GRADIENT_CLAIMS = (EXPLODES, VANISHES, DEPTH_AND_TIME, REMEDIES)
