"""Chapter 6, training: tied units with every optimizer, He against others, updates of one sign, dead units."""

import numpy as np

from course_lib.chapters.ch06_initialisation.claims.measured import made_with, measured
from course_lib.chapters.ch06_initialisation.experiments import zigzag
from course_lib.chapters.ch06_initialisation.experiments.dead_units import census
from course_lib.chapters.ch06_initialisation.experiments.symmetry import STARTS, spreads
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
from course_lib.optimizers import BY_GRADIENTS, OPTIMIZERS, CoordinateDescent

# --- C-06-5 -------------------------------------------------------------------------------------------

TIED = 1e-6


def _symmetry(num_steps=20):
    runs = {cls.__name__: spreads(cls, STARTS[0], num_steps) for cls in OPTIMIZERS}
    first = {name: run[0][1] for name, run in runs.items()}
    last = {name: np.nanmax(run[0]) for name, run in runs.items()}
    one_by_one = CoordinateDescent.__name__
    together = [name for name in runs if name != one_by_one]
    lasting = [cls.__name__ for cls in BY_GRADIENTS if cls is not CoordinateDescent]
    noisy, *_ = spreads(OPTIMIZERS[0], STARTS[0], num_steps, noisy=True)
    numbers = {
        "methods": Measured(len(together), label="methods that move all coordinates together"),
        "tied": Measured(sum(first[name] < TIED for name in together), label="of these, units tied after a step"),
        "simple": Measured(len(lasting), label="methods that use gradients only, all coordinates together"),
        "lasting": Measured(sum(last[name] < TIED for name in lasting), label="of these, units tied for 20 steps"),
        "progress": Measured(
            sum(run[2] < run[1] for run in runs.values()), label="methods whose loss went down meanwhile"
        ),
        "one_by_one": Measured(first[one_by_one], label="coordinate descent: units apart after a step", digits=1),
        "noisy": Measured(float(noisy.max() > TIED), label="SGD with mini-batches: units apart", yes_or_no=True),
        "small": Measured(
            spreads(OPTIMIZERS[0], STARTS[3], num_steps)[0][-1], label="SGD from units 1e-6 apart: apart", digits=1
        ),
    }
    steps = np.arange(num_steps + 1)
    lines = [Line(name, steps, np.maximum(runs[name][0], 1e-17)) for name in ("SGD", "Adagrad", "Adam")]
    lines.append(Line("CoordinateDescent", steps, np.maximum(runs["CoordinateDescent"][0], 1e-17)))
    return Evidence(numbers, Plot("step", "largest difference of two units", tuple(lines), "y"))


def _judge_symmetry(n):
    if n["tied"].value < n["methods"].value or n["lasting"].value < n["simple"].value or n["noisy"].value:
        return fails("some method unties units although it moves all coordinates together")
    if n["one_by_one"].value > TIED:
        return holds_if(
            "all coordinates move together: then no optimizer unties them, Adagrad and Adam included, nor do "
            "mini-batches; a method that moves one coordinate after the other does"
        )
    return holds("with every optimizer")


SYMMETRY = Claim(
    id="C-06-5",
    lecture="L4, constant values; L0 l.233 (E34)",
    statement="Units that start with the same weights stay tied, whatever the optimizer",
    condition="Two moons, five tanh units with equal weights, 20 steps of every optimizer of the library (Newton's "
    "methods damped: the Hessian of tied units is singular), full batches, and SGD with mini-batches",
    rule="Fails if a method that moves all coordinates together takes units further apart than 1e-6 (relative) in its "
    "first step, if one that uses gradients only does within 20 steps, or if the noise of mini-batches does. 'Holds "
    "if' when coordinate descent does, else holds.",
    effects=(Effect("one_by_one"),),
    experiment=_symmetry,
    judge=_judge_symmetry,
    revised="In a first run Newton's methods had no damping and divided rounding errors by zero eigenvalues; and all "
    "methods had 20 steps, within which Krylov subspace descent magnifies rounding errors to the size of the units.",
)


# --- C-06-6 -------------------------------------------------------------------------------------------

ENOUGH = 0.1  # a gain in accuracy that one would call "does not work"


def _he():
    found = measured("own_rates")
    gains = {case: np.subtract(draws["He"]["accuracy"], draws["1/n"]["accuracy"]) for case, draws in found.items()}
    deep = found["8 layers, 6 epochs"]
    numbers = {
        "deep": mean_interval(gains["8 layers, 6 epochs"], "8 layers, 6 epochs: accuracy, He - 1/n, same seeds", 2),
        "long": mean_interval(gains["8 layers, 20 epochs"], "8 layers, 20 epochs: the same", 2),
        "shallow": mean_interval(gains["2 layers, 6 epochs"], "2 layers, 6 epochs: the same", 1),
        "he": mean_interval(deep["He"]["accuracy"], f"8 layers, 6 epochs: He, rate {deep['He']['rate']:.2g}", 2),
        "lecun": mean_interval(deep["1/n"]["accuracy"], f"the same: 1/n, rate {deep['1/n']['rate']:.2g}", 2),
    }
    seeds = np.arange(1, 11)
    lines = tuple(
        Line(f"{case}, {draw}", seeds, np.sort(values["accuracy"]))
        for case, draws in found.items()
        for draw, values in draws.items()
    )
    return Evidence(numbers, Plot("seed, from worst to best", "test accuracy", lines))


def _judge_he(n):
    if n["deep"].upper < ENOUGH:
        return fails("at its own learning rate a network of eight layers trains as well from variance 1/n")
    if n["deep"].lower <= 0:
        return not_shown("even in eight layers the gain may be 0")
    if n["shallow"].lower > 0 and n["long"].lower > ENOUGH:
        return holds("at both depths, and more epochs do not make up for it")
    where = "the network is deep" + (": with two layers there is no gain" if n["shallow"].upper < ENOUGH else "")
    if n["long"].upper < n["deep"].lower:
        return holds_if(f"{where}; and the training is short: more epochs make up for most of it")
    return holds_if(where)


HE = Claim(
    id="C-06-6",
    lecture="L4 l.289",
    statement="For ReLU the variance 1/n does not work (it needs He's 2/n)",
    condition="Digits, 2 and 8 hidden layers of 32 ReLU units, plain SGD, 6 and 20 epochs; each draw at its own best "
    "rate of seven from 0.03 to 0.34 (lowest training loss on seeds 100 to 102), 10 other seeds, paired; "
    f"{made_with('own_rates')}",
    rule="Fails if at 8 layers and 6 epochs He gains less than 10 points of accuracy over 1/n (interval); not shown if "
    "the gain may be 0. Holds if 2 layers gain, too, and 20 epochs leave a gain above 10 points; else 'holds if'.",
    effects=(Effect("deep"),),
    experiment=_he,
    judge=_judge_he,
    revised="A first version trained both draws at the one rate 0.1, the best of He's, and found a gain of 39 points.",
)


# --- C-06-7 -------------------------------------------------------------------------------------------

MEANS = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])


def _one_sign():
    def slowest(mean, batch_size):
        descent = zigzag.run(float(mean), batch_size, 0.5)
        return np.log10(descent.losses[-1] + 1e-300)

    positive = {size: zigzag.run(1.0, size, 0.5) for size in zigzag.BATCHES}
    numbers = {
        "one": Measured(positive[1].one_sign, label="positive inputs, batch of 1: share of updates of one sign"),
        "all": Measured(positive[64].one_sign, label="positive inputs, all 64 samples: the same"),
        "centred": Measured(zigzag.run(0.0, 1, 0.5).one_sign, label="centred inputs, batch of 1: the same", digits=2),
        "loss_one": Measured(slowest(2.0, 1), label="inputs 1 to 3, batch of 1: log10 of the last loss", digits=2),
        "loss_all": Measured(slowest(2.0, 64), label="inputs 1 to 3, all samples: the same", digits=2),
        "loss_centred": Measured(max(slowest(0.0, 64), -30), label="centred, all samples: the same, or less", digits=2),
    }
    kappa = np.array([zigzag.condition(zigzag.run(m, 64, 0.5).hessian) for m in MEANS])
    lines = (
        Line("condition number", MEANS, kappa),
        Line("1 + 6 mean^2", MEANS, 1 + 6 * MEANS**2, theory=True),
    )
    return Evidence(numbers, Plot("mean of the inputs", "condition number", lines, "y"))


def _judge_one_sign(n):
    if n["one"].value < 1:
        return fails("not even one sample gives one sign")
    if (
        n["all"].value < 0.5
        and abs(n["loss_all"].value - n["loss_one"].value) < 2 < n["loss_one"].value - n["loss_centred"].value
    ):
        return holds_if(
            "it is one unit and one sample; batches mix signs and are as slow all the same: what slows both down "
            "is the condition number, 1 + 6 mean^2 here, which a mean of the inputs brings"
        )
    return holds("for batches too")


ONE_SIGN = Claim(
    id="C-06-7",
    lecture="L4 l.168 (E7)",
    statement="Inputs that are all positive give all updates of a layer one sign; the zigzag is what slows training",
    condition="One linear unit, two inputs in [mean - 1, mean + 1], 64 samples, 150 updates, batches of 1 and of 64, "
    "learning rate half of 1 / largest eigenvalue; the weights must move in opposite directions",
    rule="Fails unless all updates of single samples have one sign. 'Holds if' when fewer than half of the full-batch "
    "updates have, while both are equally slow (within two decades of the loss) and centred inputs gain more than two "
    "decades; else holds.",
    effects=(Effect("all", 1.0),),
    experiment=_one_sign,
    judge=_judge_one_sign,
)


# --- C-06-8 -------------------------------------------------------------------------------------------

LEARNS = 1.0  # training loss; guessing has 2.3
SMALL, LEARNING, LARGE = 0.45, 1.0, 1.5


def _dead():
    runs = {
        (rate, bias): [census(rate, bias, seed=seed, num_epochs=6) for seed in range(10)]
        for rate, bias in ((SMALL, 0.0), (LEARNING, 0.0), (LEARNING, 0.1), (LEARNING, 0.5), (LARGE, 0.0), (LARGE, 0.5))
    }
    shares = {key: np.array([run.dead[-1, 1] for run in found]) for key, found in runs.items()}
    born = [census(SMALL, -2.0, seed=seed, num_epochs=6).dead[:, 1] for seed in range(10)]
    losses = {key: np.array([run.losses[-1] for run in found]) for key, found in runs.items()}
    numbers = {
        "loss": Measured(
            losses[LEARNING, 0.0].max(), label="rate 1, initial bias 0: largest loss of 10 seeds", digits=1
        ),
        "loss_biased": Measured(losses[LEARNING, 0.5].max(), label="rate 1, initial bias 0.5: the same", digits=1),
        "small": mean_interval(shares[SMALL, 0.0], "rate 0.45: share of dead units in layer 2", 2),
        "learning": mean_interval(shares[LEARNING, 0.0], "rate 1: the same", 1),
        "large": mean_interval(shares[LARGE, 0.0] - shares[SMALL, 0.0], "rate 1.5: more than at rate 0.45, paired", 2),
        "slight": mean_interval(shares[LEARNING, 0.1] - shares[LEARNING, 0.0], "rate 1: more with initial bias 0.1", 1),
        "biased": mean_interval(shares[LEARNING, 0.5] - shares[LEARNING, 0.0], "rate 1: more with initial bias 0.5", 2),
        "large_biased": mean_interval(shares[LARGE, 0.5] - shares[LARGE, 0.0], "rate 1.5: the same", 1),
        "born": mean_interval([dead[0] for dead in born], "initial bias -2: dead before training", 2),
        "revived": mean_interval([dead[0] - dead[-1] for dead in born], "of all units, back after 6 epochs at 0.45", 2),
    }
    lines = tuple(
        Line(f"initial bias {bias:g}", np.array(rates), np.array([shares[rate, bias].mean() for rate in rates]))
        for bias, rates in ((0.0, (SMALL, LEARNING, LARGE)), (0.5, (LEARNING, LARGE)))
    )
    return Evidence(numbers, Plot("learning rate", "dead units of the second layer, share", lines, "x"))


def _judge_dead(n):
    if max(n["loss"].value, n["loss_biased"].value) >= LEARNS:
        return not_shown("at rate 1 not every net learns, and dead nets tell nothing about a remedy")
    if n["large"].upper < 0.1:
        return fails("a large learning rate kills no units here")
    if n["large"].lower <= 0.1:
        return not_shown("whether a large learning rate kills units lies within the interval")
    kills = "a learning rate that is too large kills units"
    if n["biased"].upper < 0:
        return holds(f"{kills}, and fewer with a positive initial bias")
    if n["biased"].lower > 0:
        return partly(kills, "a positive initial bias is no remedy: where both nets learn, more units die with it")
    return not_shown("whether a positive initial bias saves units or kills them lies within the interval")


DEAD = Claim(
    id="C-06-8",
    lecture="L4 l.183",
    statement="Large learning rates make ReLU units die, and a positive initial bias is the remedy",
    condition="Digits, 64-40-40-10, plain SGD, 6 epochs, 10 seeds, paired: learning rates 0.45, 1 and 1.5, all biases "
    "of the hidden layers 0, 0.1 or 0.5 at first; and -2 at rate 0.45",
    rule="Not shown unless at rate 1 every net learns (loss below 1), with either bias. Fails if the share of dead "
    "units at rate 1.5 exceeds that at 0.45 by less than 0.1 (interval). Holds if at rate 1 fewer die with an initial "
    "bias of 0.5 (paired interval below 0), partly if more do; an interval that holds the border shows nothing.",
    effects=(Effect("large"), Effect("biased")),
    experiment=_dead,
    judge=_judge_dead,
    revised="A first version measured the bias at rate 3 only, where all units die and no net learns, with and without "
    "it, and concluded that it changes nothing.",
)

TRAINING_CLAIMS = (SYMMETRY, HE, ONE_SIGN, DEAD)
