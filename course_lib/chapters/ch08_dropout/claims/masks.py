"""Chapter 8, what can be said exactly about masks: mean, variance, the whole net in the ensemble's place, shrinkage."""

import numpy as np

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import (
    all_masks,
    dropout_moments,
    exact_average,
    geometric_average,
    mask_probabilities,
    small_net,
    weight_scaling,
)
from course_lib.chapters.ch08_dropout.experiments.shrinkage import dropout_penalty, penalised_solution
from course_lib.claims.kit import (
    Claim,
    Effect,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    mean_interval,
    not_shown,
)
from course_lib.layers import Dropout

EXACT = 1e-9
NEAR = 0.02  # of a mean of random masks from 1


# --- C-08-1: the expected output -------------------------------------------------------------------------


def _expected_output():
    rng = np.random.default_rng(1)
    x, rates = rng.uniform(0.2, 2.0, 8), np.linspace(0.1, 0.9, 9)
    masks = all_masks(8)
    shares = np.array([mask_probabilities(masks, rate) @ (masks @ x) / x.sum() for rate in rates])
    linear = small_net((8, 5), rng)
    off = [np.abs(exact_average(linear, x, rate) - weight_scaling(linear, x)).max() for rate in rates]
    draws = Dropout(0.3, rng).forward(np.tile(x, (4000, 1)), training=True).sum(axis=1) / x.sum()
    numbers = {
        "unscaled": Measured(shares[2], label="mean output without scaling, drop rate 0.3, over the input"),
        "deviation": Measured(np.abs(shares - (1 - rates)).max(), label="largest deviation from 1 - drop rate"),
        "scaled": mean_interval(draws, "mean of 4000 inverted masks, over the input"),
        "linear": Measured(max(off), label="after a linear layer, all 256 masks: largest deviation from the whole net"),
    }
    lines = (
        Line("not scaled", rates, shares),
        Line("1 - drop rate", rates, 1 - rates, theory=True),
        Line("inverted", rates, shares / (1 - rates)),
    )
    return Evidence(numbers, Plot("drop rate", "mean output over the input", lines))


def _judge_expected_output(n):
    if n["deviation"].value > EXACT or n["scaled"].upper < 1 - NEAR or n["scaled"].lower > 1 + NEAR:
        return fails("dividing by the probability to keep does not bring the mean back")
    if n["scaled"].lower <= 1 - NEAR or n["scaled"].upper >= 1 + NEAR:
        return not_shown("the mean of random masks is not known to two parts in a hundred")
    if n["linear"].value > EXACT:
        return holds_if("one looks at the output of the dropout layer itself")
    return holds("the mean falls by exactly the drop rate and comes back exactly, also through a linear layer")


EXPECTED_OUTPUT = Claim(
    id="C-08-1",
    lecture="L4 l.370",
    statement="Dropout lowers the expected output by the drop rate, and dividing by the probability to keep restores "
    "it",
    condition="8 inputs, all 256 masks counted out at nine drop rates; 4000 random masks of the library's layer at 0.3",
    rule="Fails if a mean deviates from 1 - drop rate by more than 1e-9, or the interval of the mean of random masks "
    "lies outside of 0.98 to 1.02; not shown if it lies across an end; holds if the mean is also exact after a linear "
    "layer, else 'holds if'.",
    effects=(Effect("scaled", 0.7),),
    experiment=_expected_output,
    judge=_judge_expected_output,
)


# --- C-08-2: noise on the inputs -----------------------------------------------------------------------------


def _input_noise():
    rng, rates = np.random.default_rng(2), np.linspace(0.1, 0.8, 8)
    x = np.array([0.0, 0.5, 1.0, 2.0])
    measured = np.array([Dropout(rate, rng).forward(np.tile(x, (40_000, 1)), True).var(axis=0) for rate in rates])
    theory = np.array([dropout_moments(x, rate)[1] for rate in rates])
    off = np.abs(measured[:, 1:] / theory[:, 1:] - 1)
    numbers = {
        "half": Measured(measured[4, 2], label="variance at input 1, drop rate 0.5 (theory 1)"),
        "deviation": Measured(off.max(), label="largest relative deviation from x^2 p / (1 - p)", digits=1),
        "double": Measured(measured[4, 3] / measured[4, 2], label="variance at input 2 over that at input 1"),
        "zero": Measured(measured[:, 0].max(), label="variance at input 0"),
    }
    lines = [Line(f"input {value:g}", rates, measured[:, i]) for i, value in enumerate(x) if value]
    lines += [Line("x² p / (1 − p)", rates, theory[:, i], theory=True) for i in (3,)]
    return Evidence(numbers, Plot("drop rate", "variance of the output", tuple(lines), "y"))


def _judge_input_noise(n):
    if n["deviation"].value > 0.1:
        return fails("the variance is not that of theory")
    if n["double"].value < 0.9:
        return fails("a large input gets less noise")
    if 0.9 < n["double"].value < 1.1 and n["zero"].value > 0:
        return holds("every input gets the same noise")
    return holds_if("one means noise that multiplies: twice the input has four times the variance, an input of 0 none")


INPUT_NOISE = Claim(
    id="C-08-2",
    lecture="L4 l.381",
    statement="Dropout on the input layer adds noise to the training data",
    condition="inputs 0, 0.5, 1 and 2, eight drop rates, 40 000 masks each",
    rule="Fails if a variance is off x^2 p / (1 - p) by more than a tenth, or smaller at the larger input; holds if "
    "large and small inputs get the same variance (ratio 0.9 to 1.1) and 0 gets some; 'holds if' otherwise.",
    effects=(Effect("double", 1.0, ratio=True), Effect("zero", 1.0)),
    experiment=_input_noise,
    judge=_judge_input_noise,
)


# --- C-08-3: the whole net in the ensemble's place ------------------------------------------------------------


CLOSE = 0.001  # of a probability from the mean over all masks


def _error(net, x, rate):
    return float(np.abs(exact_average(net, x, rate) - weight_scaling(net, x)).max())


def _whole_net():
    rng, rate = np.random.default_rng(3), 0.5
    linear, single, deep, geometric, mirrored = [], [], [], [], []
    for _ in range(40):
        x = rng.uniform(0.2, 1.0, 8)
        linear.append(_error(small_net((8, 3), rng), x, rate))
        net = small_net((8, 3), rng, "softmax")
        single.append(_error(net, x, rate))
        geometric.append(np.abs(geometric_average(net, x, rate) - weight_scaling(net, x)).max())
        net = small_net((8, 30, 3), rng, "softmax")
        deep.append(_error(net, x, rate))
        average, whole = exact_average(net, x, rate), weight_scaling(net, x)
        mirrored.append(average.argmax() == whole.argmax())
    numbers = {
        "linear": Measured(max(linear), label="linear output: largest deviation"),
        "geometric": Measured(max(geometric), label="one softmax layer: from the geometric mean"),
        "softmax": mean_interval(single, "one softmax layer: from the mean of the probabilities"),
        "relu": mean_interval(deep, "with a ReLU layer between: from the mean of the probabilities"),
        "class": Measured(
            float(np.mean(mirrored)), label="with a ReLU layer: share of nets with the same largest class"
        ),
    }
    k = np.arange(1, 41)
    lines = (Line("one softmax layer", k, np.sort(single)), Line("a ReLU layer between", k, np.sort(deep)))
    return Evidence(numbers, Plot("net, sorted", "deviation of the whole net from the mean of all masks", lines))


def _judge_whole_net(n):
    if n["linear"].value > EXACT:
        return fails("not even a linear output is that of the average")
    if max(n["softmax"].upper, n["relu"].upper) < CLOSE:
        return holds("the whole net gives the mean of all masks")
    if max(n["softmax"].lower, n["relu"].lower) > CLOSE:
        return holds_if(
            "the output is linear in the dropped units, or one means the geometric mean of one softmax layer; "
            "elsewhere it is an approximation"
        )
    return not_shown("whether probabilities are those of the mean lies within the interval")


WHOLE_NET = Claim(
    id="C-08-3",
    lecture="L4 l.380",
    statement="Dropout is switched off for predictions; the rescaling makes sure that they remain valid",
    condition="40 random nets with 8 dropped inputs, drop rate 0.5, the mean over all 256 masks",
    rule="Fails if a linear output deviates by more than 1e-9; holds if softmax outputs deviate by less than 0.001 on "
    "average too, with and without a ReLU layer (intervals); 'holds if' when one deviates by more; else not shown.",
    effects=(Effect("softmax"), Effect("relu")),
    experiment=_whole_net,
    judge=_judge_whole_net,
)


# --- C-08-6: shrinkage in a linear model -------------------------------------------------------------------


def masked_solution(x, y, drop_rate):
    """Minimum of the least squares of a linear model over all masks at once, counted out: ``(n,)``."""
    masks = all_masks(x.shape[1])
    p = mask_probabilities(masks, drop_rate)
    thinned = x * masks[:, None] / (1 - drop_rate)  # (masks, N, n)
    hessian = np.einsum("m,mia,mib->ab", p, thinned, thinned) / len(x)
    return np.linalg.solve(hessian, np.einsum("m,mia,i->a", p, thinned, y) / len(x))


def _linear_shrinkage():
    rng, rate = np.random.default_rng(6), 0.4
    base = np.linalg.qr(rng.normal(size=(60, 6)))[0] * np.sqrt(60)  # orthogonal inputs, variance 1
    scales = np.geomspace(0.1, 10, 6)
    x, theta = base * scales, np.ones(6)
    y = x @ theta
    mixed = rng.normal(size=(60, 6)) @ rng.normal(size=(6, 6))
    target = mixed @ theta + 0.1 * rng.normal(size=60)
    off = masked_solution(mixed, target, rate) - penalised_solution(mixed, target, dropout_penalty(mixed, rate))
    dropped = masked_solution(x, y, rate)
    plain = penalised_solution(x, y, 1.0)
    numbers = {
        "formula": Measured(np.abs(off).max(), label="correlated inputs: largest deviation from (8.10)"),
        "dropout_low": Measured(dropped.min(), label="dropout: smallest factor over inputs of scale 0.1 to 10"),
        "dropout_high": Measured(dropped.max(), label="dropout: largest factor (theory for both: 1 - drop rate = 0.6)"),
        "l2_low": Measured(plain.min(), label="plain L2 penalty 1: smallest factor"),
        "l2_high": Measured(plain.max(), label="plain L2 penalty 1: largest factor"),
    }
    lines = (
        Line("dropout 0.4", scales, dropped),
        Line("L2 penalty 1", scales, plain),
        Line("1 - drop rate", scales, np.full(6, 0.6), theory=True),
    )
    return Evidence(numbers, Plot("scale of the input", "coefficient that is left of 1", lines, "x"))


def _judge_linear_shrinkage(n):
    if n["formula"].value > EXACT:
        return fails("dropout on a linear model is no L2 penalty")
    if n["dropout_high"].value > 0.95:
        return fails("some coefficients grow or stay")
    if n["dropout_high"].value - n["dropout_low"].value > 0.05:
        return holds("coefficients are shrunk, unequally")
    return holds_if(
        "the model is linear: an L2 penalty weighted by the inputs' squares, which takes the same share of every "
        "coefficient of uncorrelated inputs, large or small"
    )


LINEAR_SHRINKAGE = Claim(
    id="C-08-6",
    lecture="L4 l.375",
    statement="Dropout shrinks the larger parameter values, which is similar to other regularisation techniques",
    condition="least squares on 60 samples with 6 inputs, drop rate 0.4, all 64 masks; inputs correlated, and "
    "orthogonal with scales from 0.1 to 10",
    rule="Fails if the minimum over all masks is off the weighted L2 penalty (8.10) by more than 1e-9 or a coefficient "
    "keeps more than 0.95; holds if coefficients of different size are shrunk by different factors (0.05 apart); "
    "'holds if' otherwise. What happens in a net is C-08-5.",
    effects=(Effect("dropout_low", 1.0), Effect("dropout_high", 1.0)),
    experiment=_linear_shrinkage,
    judge=_judge_linear_shrinkage,
)

MASK_CLAIMS = (EXPECTED_OUTPUT, INPUT_NOISE, WHOLE_NET, LINEAR_SHRINKAGE)
