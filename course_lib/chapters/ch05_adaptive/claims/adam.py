"""Chapter 5, Adam: what its steps depend on, what it is made of, where it does not converge, and weight decay in it."""

from math import erf

import numpy as np

from course_lib.chapters.ch05_adaptive.experiments.adam_steps import constant_theory, noise_level, step_lengths
from course_lib.chapters.ch05_adaptive.experiments.reddi import BETA2, LARGE, drift, sweeps
from course_lib.chapters.ch05_adaptive.experiments.weight_decay import decay_runs
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
    partly,
)
from course_lib.objective import Objective, with_l2_penalty
from course_lib.optimizers import SGD, Adam, AdamW, RMSprop
from course_lib.run import descend, iterate
from course_lib.stochastic import with_gradient_noise
from course_lib.surfaces import SURFACES, quadratic

# --- C-05-4 -------------------------------------------------------------------------------------------

POWERS = np.arange(-40, 41, 5)


def scaled(objective, factor):
    """``objective`` times ``factor``."""
    return Objective(lambda theta: factor * objective.value(theta), lambda theta: factor * objective.gradient(theta))


def _scale():
    surface = SURFACES["beale"]
    apart = {}
    for eps in (0.0, 1e-8):
        optimizer = Adam(0.05, eps=eps)
        right = descend(surface, optimizer, surface.start, 200).thetas
        apart[eps] = np.array(
            [
                np.max(np.abs(descend(scaled(surface, 2.0**p), optimizer, surface.start, 200).thetas - right))
                for p in POWERS
            ]
        )
    numbers = {
        "exact": Measured(np.max(apart[0.0]), label="largest change of the path, eps = 0, factors 2^-40 to 2^40"),
        "up": Measured(
            10.0 ** np.ceil(np.log10(np.max(apart[1e-8][POWERS >= 0]))),
            label="the same, eps = 1e-8, factors of 1 and more: less than",
        ),
        "down": Measured(np.max(apart[1e-8]), label="the same, eps = 1e-8, all factors"),
    }
    factors = 2.0**POWERS
    plot = Plot(
        "factor before f",
        "largest change of the path",
        (Line("eps = 0", factors, apart[0.0] + 1e-17), Line("eps = 1e-8", factors, apart[1e-8] + 1e-17)),
        log="xy",
    )
    return Evidence(numbers, plot)


def _judge_scale(n):
    if not n["exact"].value < 1e-9:  # nan, too
        return fails("the path changes even with eps = 0")
    if n["down"].value < 1e-6:
        return holds("the path does not change")
    return holds_if(
        "eps is 0, or small beside every gradient: once gradients come down to eps, the steps shrink with them"
    )


SCALE = Claim(
    id="C-05-4",
    lecture="L3 l.168",
    statement="Adam is invariant to the scale of the gradients",
    condition="Beale's function times powers of 2, which multiply without rounding; learning rate 0.05, 200 steps",
    rule="Fails if with eps = 0 the path changes by more than 1e-9; holds if with eps = 1e-8 it changes by less "
    "than 1e-6 for "
    "all factors; 'holds if' otherwise.",
    experiment=_scale,
    judge=_judge_scale,
    effects=(Effect("down"),),
)

# --- C-05-5 -------------------------------------------------------------------------------------------


def _shrinking():
    num_steps, curvature = 4000, 1e-3
    noisy = with_gradient_noise(quadratic([curvature]), 1.0)
    walk = iterate(noisy, Adam(0.01), np.zeros((400, 1)), num_steps, rng=np.random.default_rng(50505))
    thetas = np.array([theta[:, 0] for theta, _ in walk])
    lengths = np.sqrt(np.mean(np.diff(thetas, axis=0) ** 2, axis=1)) / 0.01
    early, late = lengths[400:800], lengths[-400:]
    alike = step_lengths(np.ones(num_steps), 0.9, 0.999)[0]
    numbers = {
        "ratio": Measured(late.mean() / early.mean(), label="steps in the last tenth / in the second tenth, noise"),
        "level": Measured(late.mean(), label="their root mean square in learning rates"),
        "theory": Measured(noise_level(0.9), label="the same by theory, sqrt((1 - beta1) / (1 + beta1))"),
        "deviation": Measured(abs(late.mean() / noise_level(0.9) - 1), label="deviation from theory", digits=1),
        "signal": Measured(alike[-1], label="steps after 4000 gradients that agree, in learning rates"),
    }
    t = np.arange(1, num_steps + 1)
    plot = Plot(
        "step",
        "root mean square of a step, in learning rates",
        (Line("measured", t, lengths), Line("theory", t, np.full(num_steps, noise_level(0.9)), theory=True)),
        log="x",
    )
    return Evidence(numbers, plot)


def _judge_shrinking(n):
    if n["ratio"].value < 0.5:
        return holds("the steps have shrunk to less than half")
    return fails(
        "in noise a step is sqrt((1 - beta1) / (1 + beta1)) = 0.23 learning rates long, early and late, however "
        "large the "
        "noise; only a schedule makes it shorter"
    )


SHRINKING = Claim(
    id="C-05-5",
    lecture="L3 l.190",
    statement="Adam's step size naturally becomes smaller over time",
    condition="One coordinate at its minimum, gradient noise 1, learning rate 0.01 without schedule, 400 runs "
    "of 4000 steps",
    rule="Holds if the root mean square of the steps falls to less than half from the second to the last tenth; "
    "else fails.",
    experiment=_shrinking,
    judge=_judge_shrinking,
    effects=(Effect("ratio"),),
)

# --- C-05-6 and C-05-7 --------------------------------------------------------------------------------

RATIOS = np.array([0.0, 0.1, 0.3, 0.6, 1.0, 1.5, 2.0, 4.0, 10.0])


def mean_steps(draw, num_runs=60, num_steps=3000):
    """Mean of Adam's steps in learning rates for each signal-to-noise ratio, ``(num_runs, ratios)``: later half."""
    rng, theta = np.random.default_rng(50506), np.zeros((num_runs, len(RATIOS), 1))
    optimizer = Adam(1.0)
    state, before = optimizer.init(theta), theta
    for t in range(num_steps):
        g = (RATIOS + draw(rng, (num_runs, 1)))[..., None]
        theta, state = optimizer.step(Objective(lambda x: 0 * x[..., 0], lambda x, g=g: g), theta, state)
        before = theta if t == num_steps // 2 - 1 else before
    return -(theta - before)[..., 0] / (num_steps - num_steps // 2)


def _normal(rng, shape):
    return rng.normal(size=shape)


def _signal():
    steps, theory = mean_steps(_normal), RATIOS / np.sqrt(1 + RATIOS**2)
    mean, error = steps.mean(axis=0), 2 * steps.std(axis=0, ddof=1) / np.sqrt(len(steps))
    numbers = {
        "weak": mean_interval(steps[:, 1], "mean step in learning rates at a signal of 0.1 of the noise"),
        "even": mean_interval(steps[:, 4], "at a signal as large as the noise"),
        "strong": mean_interval(steps[:, -1], "at ten times the noise"),
        "theory": Measured(np.max(np.abs(mean - theory)), label="largest deviation from s / sqrt(1 + s^2)", digits=1),
    }
    plot = Plot(
        "signal / noise of the gradient",
        "mean step in learning rates",
        (
            Line("Adam", RATIOS, mean, mean - error, mean + error),
            Line("s / sqrt(1 + s^2)", RATIOS, theory, theory=True),
            Line("signal / noise itself", RATIOS, np.minimum(RATIOS, 1.5), theory=True),
        ),
    )
    return Evidence(numbers, plot)


def _judge_signal(n):
    if n["weak"].lower > n["strong"].upper or n["even"].upper < n["weak"].lower:
        return fails("the step does not grow with the signal")
    if not n["weak"].upper < n["even"].lower < n["even"].upper < n["strong"].lower:
        return not_shown("the intervals do not tell the steps apart")
    if n["strong"].upper < 2:
        return holds_if(
            "the signal is weak: the step is s / sqrt(1 + s^2) learning rates for a ratio s, about s as long as "
            "that is small, and never more than one learning rate"
        )
    return holds("the step is proportional to the ratio")


SIGNAL = Claim(
    id="C-05-6",
    lecture="L3 l.190",
    statement="Adam's step can be interpreted as a signal-to-noise ratio",
    condition="Gradients with mean s and normal noise of standard deviation 1, default betas, 60 runs of 3000 "
    "steps, later half",
    rule="Fails unless the mean step grows from s = 0.1 over 1 to 10 (intervals apart); holds if at s = 10 it "
    "is at least 2 "
    "learning rates; 'holds if' when it is bounded.",
    experiment=_signal,
    judge=_judge_signal,
    effects=(Effect("weak", none=1.0), Effect("even")),
)


def _sign_average():
    normal, signs = mean_steps(_normal).mean(axis=0), np.array([erf(s / np.sqrt(2)) for s in RATIOS])
    heavy = mean_steps(lambda rng, shape: rng.standard_t(2.1, size=shape)).mean(axis=0)
    rng = np.random.default_rng(50507)
    heavy_signs = np.mean(np.sign(RATIOS + rng.standard_t(2.1, size=(200000, 1))), axis=0)
    numbers = {
        "normal": Measured(
            np.max(np.abs(normal - signs)), label="normal noise: largest difference in learning rates", digits=2
        ),
        "heavy": Measured(
            np.max(np.abs(heavy - heavy_signs)),
            label="noise with heavy tails (Student, 2.1): largest difference",
            digits=2,
        ),
        "alone": Measured(1.0, label="gradients that agree: Adam's step in learning rates, and that of the signs"),
    }
    plot = Plot(
        "signal / noise of the gradient",
        "mean step in learning rates",
        (
            Line("Adam, normal noise", RATIOS, normal),
            Line("Adam, heavy tails", RATIOS, heavy),
            Line("average of signs, normal noise: erf(s / sqrt 2)", RATIOS, signs, theory=True),
            Line("average of signs, heavy tails", RATIOS, heavy_signs, theory=True),
        ),
    )
    return Evidence(numbers, plot)


def _judge_sign_average(n):
    if n["normal"].value < 0.01 and n["heavy"].value < 0.01:
        return holds("the two are the same to a hundredth")
    if n["normal"].value < 0.15 and n["heavy"].value > 2 * n["normal"].value:
        return holds_if(
            "the noise is tame, and then as an approximation; where rare gradients are huge Adam is far more cautious"
        )
    if n["normal"].value < 0.15:
        return not_shown("about the same in both kinds of noise, but not the same")
    return fails("the two differ by more than 0.15 learning rates")


SIGN_AVERAGE = Claim(
    id="C-05-7",
    lecture="L3 l.190",
    statement="Adam can be seen as computing the moving average of g / |g|",
    condition="As C-05-6, and once more with noise of Student's t distribution with 2.1 degrees of freedom",
    rule="Holds if mean steps differ by less than 0.01 learning rates from the average of the signs, for all ratios "
    "and both kinds of noise; 'holds if' when by less than 0.15 in normal noise and by more than twice as much in "
    "the other; fails if by more than 0.15 in normal noise.",
    experiment=_sign_average,
    judge=_judge_sign_average,
    effects=(Effect("heavy"),),
)

# --- C-05-8 -------------------------------------------------------------------------------------------


def _unhatted():
    num_steps = 1000
    steps, theory = step_lengths(np.ones(num_steps), 0.9, 0.999), constant_theory(0.9, 0.999, num_steps)
    t = np.arange(1, num_steps + 1)
    numbers = {
        "first": Measured(steps[2, 0], label="first step as printed, in learning rates"),
        "theory": Measured(np.max(np.abs(steps / theory - 1)), label="largest deviation from theory", digits=1),
        "neither": Measured(steps[1].max(), label="longest step with neither correction (at step 12)"),
        "way": Measured(np.sum(steps[2, :100]) / 100, label="way of the first 100 steps / Adam's"),
        "late": Measured(steps[2, -1], label="step 1000 as printed, in learning rates"),
    }
    plot = Plot(
        "step",
        "step in learning rates",
        (
            Line("both corrected", t, steps[0]),
            Line("neither", t, steps[1]),
            Line("only the first, as printed", t, steps[2]),
            Line("1 / sqrt(1 - beta2^t)", t, theory[2], theory=True),
        ),
        log="xy",
    )
    return Evidence(numbers, plot)


def _judge_unhatted(n):
    if abs(n["first"].value - 1) < 0.01:
        return holds("the first step is one learning rate")
    return fails(
        "half a correction is worse than none: the first step is 1 / sqrt(1 - beta2) = 31.6 learning rates long"
    )


UNHATTED = Claim(
    id="C-05-8",
    lecture="L1 l.359",
    statement="Adam corrects the first moment and divides by the root of the second as it is",
    condition="Gradients that agree, beta1 0.9, beta2 0.999, eps 0",
    rule="Holds if the first step is one learning rate to 1 %, which is what the corrections are for; else fails.",
    experiment=_unhatted,
    judge=_judge_unhatted,
    identity=True,
)

# --- C-05-9 -------------------------------------------------------------------------------------------


def _decoupled():
    surface, decay, rate = SURFACES["booth"], 0.1, 0.02
    penalised = with_l2_penalty(surface, decay)

    def path(objective, optimizer):
        return descend(objective, optimizer, surface.start, 200).thetas

    theta, beside = np.array(surface.start), [np.array(surface.start)]
    for _ in range(200):
        theta = theta - rate * surface.gradient(theta) - rate * decay * theta
        beside.append(theta)
    runs = decay_runs(0.1, 0.03, (0.1, 10.0))
    numbers = {
        "sgd": Measured(
            np.max(np.abs(np.array(beside) - path(penalised, SGD(rate)))),
            label="gradient descent: penalty against decay",
            digits=1,
        ),
        "adam": Measured(
            np.max(np.abs(path(surface, AdamW(rate, weight_decay=decay)) - path(penalised, Adam(rate)))),
            label="Adam: largest distance of the two paths",
        ),
        "steep": Measured(
            runs["Adam + L2 penalty"][-1, 1], label="left of a steep coordinate after 400 steps, penalty", digits=2
        ),
        "flat": Measured(runs["Adam + L2 penalty"][-1, 0], label="left of a flat one, penalty", digits=2),
        "both": Measured(runs["AdamW"][-1, 1], label="left of either, AdamW", digits=2),
        "theory": Measured(
            np.max(np.abs(runs["AdamW"] - runs["decoupled theory"])),
            label="AdamW: deviation from Adam's steps and decay",
            digits=1,
        ),
    }
    t = np.arange(401)
    lines = [
        Line(f"{name}, {kind}", t, runs[name][:, i])
        for name in ("Adam + L2 penalty", "AdamW")
        for i, kind in ((0, "flat"), (1, "steep"))
    ]
    return Evidence(numbers, Plot("step", "theta", tuple(lines)))


def _judge_decoupled(n):
    if n["adam"].value < 1e-9:
        return holds("the two walk the same path")
    if n["sgd"].value < 1e-9:
        return fails(
            "in gradient descent penalty and decay are the same, in Adam they are not: it divides the penalty's "
            "gradient by the "
            "size of all gradients, so that steep coordinates hardly decay"
        )
    return fails("penalty and decay differ, even in gradient descent")


DECOUPLED = Claim(
    id="C-05-9",
    lecture="L4 l.101; L1 l.199",
    statement="AdamW includes a form of L2 regularisation",
    condition="Booth's function, decay 0.1, 200 steps; and two coordinates with gradients of alternating sign, "
    "0.1 and 10",
    rule="Holds if AdamW and Adam on the penalised function walk the same path to 1e-9; fails otherwise.",
    experiment=_decoupled,
    judge=_judge_decoupled,
    identity=True,
)

# --- C-05-10 ------------------------------------------------------------------------------------------


def _made_of():
    surface = SURFACES["beale"]

    def path(optimizer):
        return descend(surface, optimizer, surface.start, 100).thetas

    def apart(one, other):
        return float(np.max(np.abs(path(one) - path(other))))

    bare = {"beta2": 0.9, "bias_correction": False}
    numbers = {
        "rmsprop": Measured(
            apart(Adam(0.02, beta1=0.0, **bare), RMSprop(0.02, 0.9)),
            label="beta1 = 0, no correction, against RMSprop",
            digits=1,
        ),
        "order": Measured(
            apart(Adam(0.02, **bare), RMSprop(0.002, 0.9, momentum=0.9)),
            label="no correction, against RMSprop with a velocity (5.7)",
        ),
        "correction": Measured(
            apart(Adam(0.02, beta2=0.9), Adam(0.02, **bare)), label="with against without correction"
        ),
    }
    names = ("Adam", "Adam, no correction", "RMSprop with a velocity")
    makers = (Adam(0.02, beta2=0.9), Adam(0.02, **bare), RMSprop(0.002, 0.9, momentum=0.9))
    t = np.arange(101)
    lines = tuple(Line(n, t, surface.value(path(m))) for n, m in zip(names, makers, strict=True))
    return Evidence(numbers, Plot("step", "f", lines, log="y"))


def _judge_made_of(n):
    if n["rmsprop"].value > 1e-12:
        return fails("without its first moment it is not RMSprop")
    if n["order"].value < 1e-9 and n["correction"].value < 1e-9:
        return holds("RMSprop with a velocity walks the same path")
    return partly(
        "without momentum and correction it is RMSprop",
        "that the two together are Adam: Adam averages gradients and divides then, RMSprop with a velocity divides "
        "first, and the corrections are in neither",
    )


MADE_OF = Claim(
    id="C-05-10",
    lecture="L1 l.343; L2 l.164; L4 l.99",
    statement="Adam combines momentum and RMSprop",
    condition="Beale's function, 100 steps, beta2 = rho = 0.9",
    rule="Fails unless Adam with beta1 = 0 and no correction is RMSprop to 1e-12; holds if RMSprop with a "
    "velocity walks Adam's path "
    "to 1e-9; partly otherwise.",
    experiment=_made_of,
    judge=_judge_made_of,
    identity=True,
)

# --- C-05-11 ------------------------------------------------------------------------------------------


def _momentum_in_rmsprop():
    rng, n, runs, num_steps = np.random.default_rng(50511), 8, 20, 300
    turns = np.linalg.qr(rng.normal(size=(runs, n, n)))[0]
    hessians = turns @ (np.geomspace(0.01, 1, n)[:, None] * np.swapaxes(turns, -1, -2))
    start, rates = rng.normal(size=(runs, n)), np.geomspace(1e-5, 1, 21)[:, None, None]
    starts = np.broadcast_to(start, (len(rates), runs, n))
    tilted = Objective(
        lambda theta: np.einsum("...i,...ij,...j->...", theta, hessians, theta) / 2,
        lambda theta: np.einsum("...ij,...j->...i", hessians, theta),
    )

    def best(momentum, noise):
        objective = with_gradient_noise(tilted, noise)
        walk = iterate(objective, RMSprop(rates, momentum=momentum), starts, num_steps, rng=np.random.default_rng(1))
        late = sum(tilted.value(theta) for t, (theta, _) in enumerate(walk) if t > num_steps - 30) / 30
        return np.log10(np.min(late, axis=0))

    gains = {noise: best(0.0, noise) - best(0.9, noise) for noise in (0.0, 0.03, 0.3, 1.0)}
    numbers = {
        f"noise_{noise:g}": mean_interval(gain, f"gradient noise {noise:g}: powers of ten that momentum 0.9 gains", 2)
        for noise, gain in gains.items()
    }
    y, low, high = np.array([(number.value, number.lower, number.upper) for number in numbers.values()]).T
    line = Line("momentum 0.9", np.arange(len(y)), y, low, high)
    words = tuple(f"{noise:g}" for noise in gains)
    return Evidence(numbers, Plot("noise of the gradient", "powers of ten gained", (line,), words=words))


def _judge_momentum_in_rmsprop(n):
    numbers = n.values()
    if all(number.upper < 0.3 for number in numbers):
        return holds("with and without noise it gains less than a factor of 2")
    if all(number.lower > 0.3 for number in numbers):
        return fails("with and without noise it gains a factor of 2 or more")
    if all(number.upper < 0.3 or number.lower > 0.3 for number in numbers):
        return holds_if("gradients are noisy: there it gains less than a factor of 2, and without noise more than that")
    return not_shown("intervals hold both answers")


MOMENTUM_IN_RMSPROP = Claim(
    id="C-05-11",
    lecture="L0 l.245 (quoting Hinton)",
    statement="Adding standard momentum does not help RMSprop much",
    condition="Bowls with 8 coordinates that are no axes, condition number 100, 20 of them, 300 steps, the best "
    "of 21 learning rates "
    "with and without momentum 0.9",
    rule="Holds if momentum gains less than 0.3 powers of ten (upper end of the interval) with every noise; "
    "fails if with none; "
    "'holds if' between.",
    experiment=_momentum_in_rmsprop,
    judge=_judge_momentum_in_rmsprop,
    effects=tuple(Effect(f"noise_{level}") for level in ("0", "0.03", "0.3", "1")),
)

# --- C-05-14 ------------------------------------------------------------------------------------------


def _convergence():
    runs = sweeps()
    ends, safe = runs["Adam"][-1], runs["AMSGrad"][-1]
    large, beta2 = np.meshgrid(LARGE, BETA2, indexing="ij")
    pull = drift(beta2, large)
    clear = np.abs(pull) > 0.05
    theirs = [int(np.argmin(np.abs(np.array(BETA2) - 1 / (1 + c**2)))) for c in LARGE]
    numbers = {
        "worst": Measured(
            min(ends[i, j] for i, j in enumerate(theirs)),
            label="beta2 near 1 / (1 + C^2): least x at the end (the worst is +1)",
        ),
        "usual": Measured(np.max(ends[1:, -1]), label="beta2 = 0.999: largest x at the end, C from 2.5 to 50"),
        "theory": Measured(
            np.mean(np.sign(ends[clear]) == -np.sign(pull[clear])),
            label="share of (C, beta2) in which x went where theory says",
        ),
        "amsgrad": Measured(np.max(safe[1:]), label="AMSGrad: largest x at the end, C from 2.5, all beta2"),
        "threshold": Measured(
            float(np.interp(0, drift(np.linspace(0, 0.9, 9001), 3.0), np.linspace(0, 0.9, 9001))),
            label="C = 3: Adam goes wrong for beta2 below",
        ),
    }
    lines = [Line(f"Adam, C = {LARGE[i]:g}", np.array(BETA2), ends[i]) for i in (2, 4, 6)]
    return Evidence(
        numbers,
        Plot("beta2", "x at the end (the best is -1)", (*lines, Line("AMSGrad, C = 3", np.array(BETA2), safe[2]))),
    )


def _judge_convergence(n):
    if n["worst"].value < 0 and n["usual"].value < -0.5:
        return holds("it goes to the minimum for every beta2")
    if n["usual"].value < -0.5:
        return holds_if(
            "beta2 is large enough for the problem: with a short memory Adam walks to the worst point, and "
            "theory says at which "
            "beta2. AMSGrad goes to the minimum"
        )
    return fails("it walks away from the minimum at the usual beta2, too")


CONVERGENCE = Claim(
    id="C-05-14",
    lecture="L0 l.292 (why is Adam no guarantee?); Kingma and Ba 2015, theorem 4.1",
    statement="Adam converges on convex problems when its learning rate falls like 1 / sqrt(t)",
    condition="Reddi's example: gradients C, -1, -1, repeated, x between -1 and 1, C from 2.2 to 50, beta1 0, "
    "1500 steps",
    rule="Holds if it ends on the minimum's side for beta2 near 1 / (1 + C^2) and below -0.5 for 0.999; 'holds "
    "if' when only the "
    "latter; else fails.",
    experiment=_convergence,
    judge=_judge_convergence,
    effects=(Effect("usual"),),
)

ADAM_CLAIMS = (
    SCALE,
    SHRINKING,
    SIGNAL,
    SIGN_AVERAGE,
    UNHATTED,
    DECOUPLED,
    MADE_OF,
    MOMENTUM_IN_RMSPROP,
    CONVERGENCE,
)
