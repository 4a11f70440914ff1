"""Chapter 6, training: tied units with every optimizer, He against others, updates of one sign, dead units."""

import numpy as np

from course_lib.chapters.ch06_initialisation.experiments import deep_training, zigzag
from course_lib.chapters.ch06_initialisation.experiments.dead_units import census
from course_lib.chapters.ch06_initialisation.experiments.symmetry import STARTS, spreads
from course_lib.claims.kit import (
    Claim,
    Evidence,
    Line,
    Measured,
    Plot,
    fails,
    holds,
    holds_if,
    mean_interval,
    share_interval,
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
        "noisy": Measured(float(noisy.max() > TIED), label="SGD with mini-batches: units apart (1: yes)"),
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
            "all coordinates move together: then no optimizer unties them, Adagrad and Adam included (E34), nor do "
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
    experiment=_symmetry,
    judge=_judge_symmetry,
    revised="In a first run Newton's methods had no damping and divided rounding errors by zero eigenvalues; and all "
    "methods had 20 steps, within which Krylov subspace descent magnifies rounding errors to the size of the units.",
)


# --- C-06-6 -------------------------------------------------------------------------------------------

SEEDS = range(6)


def _he():
    names = {"he": "He", "lecun": "normal, 1/√n (LeCun)", "small": "normal, 0.01"}
    depths = np.array([2, 8])
    right = {
        key: np.array(
            [
                [
                    deep_training.run(name, int(depth), seed=seed, num_epochs=6).accuracies[-1]
                    for seed in (SEEDS if key != "small" else SEEDS[:2])
                ]
                for depth in depths
            ]
        )
        for key, name in names.items()
    }
    numbers = {
        "deep": mean_interval(right["he"][1] - right["lecun"][1], "8 layers: gain of He over 1/n, same seeds", 2),
        "shallow": mean_interval(right["he"][0] - right["lecun"][0], "2 layers: gain of He over 1/n", 1),
        "he": mean_interval(right["he"][1], "8 layers, He: right on test digits", 2),
        "lecun": mean_interval(right["lecun"][1], "8 layers, 1/n: the same", 2),
        "small": mean_interval(right["small"].ravel(), "N(0, 0.01²), 2 and 8 layers: the same", 2),
    }
    lines = [Line(key, depths, values.mean(1), values.min(1), values.max(1)) for key, values in right.items()]
    return Evidence(numbers, Plot("hidden layers", "right on the test digits", tuple(lines)))


def _judge_he(n):
    if n["deep"].lower <= 0.1:
        return fails("at this depth a deep ReLU network trains as well from variance 1/n")
    if n["shallow"].upper < 0.1:
        return holds_if("the network is deep: with two layers the factor 2 changes nothing that matters (E46)")
    return holds("at any depth")


HE = Claim(
    id="C-06-6",
    lecture="L4, normal initialisation",
    statement="For ReLU the variance 1/n does not work, it needs He's 2/n",
    condition="Digits, 2 and 8 hidden layers of 32 ReLU units, 6 epochs of plain SGD at learning rate 0.1, 6 seeds, "
    "paired",
    rule="Fails unless at 8 layers He gains more than 10 points over 1/n (interval). 'Holds if' when at 2 layers the "
    "gain is below 10 points (interval), else holds.",
    experiment=_he,
    judge=_judge_he,
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
            "it is one unit and one sample (E7); batches mix signs and are as slow all the same: what slows both down "
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
    experiment=_one_sign,
    judge=_judge_one_sign,
)


# --- C-06-8 -------------------------------------------------------------------------------------------

RATES = (0.1, 1.0, 3.0)


def _dead():
    seeds = range(4)
    dead = {
        (rate, bias): np.array([census(rate, bias, seed=seed, num_epochs=6).dead[-1] for seed in seeds])
        for rate, bias in ((0.1, 0.0), (3.0, 0.0), (3.0, 0.5))
    }
    negative = [census(1.0, -2.0, seed=seed, num_epochs=6).dead for seed in seeds]
    numbers = {
        "small": share_interval(_units(dead[0.1, 0.0]), "learning rate 0.1: dead units, second layer", 1),
        "large": share_interval(_units(dead[3.0, 0.0]), "learning rate 3: the same", 1),
        "biased": share_interval(_units(dead[3.0, 0.5]), "learning rate 3, first bias 0.5: the same", 1),
        "born": share_interval(_units(np.array([d[0] for d in negative])), "first bias -2: dead before training", 1),
        "revived": share_interval(_units(np.array([d[-1] for d in negative])), "... after 6 epochs at rate 1", 1),
    }
    shares = [np.nanmean(dead[key][:, 1]) for key in ((0.1, 0.0), (3.0, 0.0))]
    lines = (Line("bias 0", np.array([0.1, 3.0]), np.array(shares)),)
    return Evidence(numbers, Plot("learning rate", "dead units of the second layer", lines, "x"))


def _units(shares, units=40):
    """Booleans, one a unit of the second layer, from shares ``(seeds, 2)``; runs that diverged are left out."""
    kept = shares[np.isfinite(shares[:, 1]), 1]
    return np.concatenate([np.arange(units) < round(units * share) for share in kept])


def _judge_dead(n):
    if n["large"].lower <= n["small"].upper:
        return fails("a large learning rate kills no units here")
    if n["biased"].lower > 0.5 and n["revived"].upper < n["born"].lower:
        return holds_if(
            "'dead' means negative for ALL samples and the layers below stand still: a positive first bias does not "
            "prevent it at a large rate, and units that were dead at birth came back when the layer below moved (E9)"
        )
    return holds("and a positive bias helps")


DEAD = Claim(
    id="C-06-8",
    lecture="L4 l.183 (E9)",
    statement="Large learning rates make ReLU units die for good, and a positive first bias is the remedy",
    condition="Digits, 64-40-40-10, plain SGD, 6 epochs, 4 seeds: learning rates 0.1 and 3, first bias 0 and 0.5; and "
    "first bias -2 at learning rate 1",
    rule="Fails unless learning rate 3 kills more than 0.1 (intervals apart). 'Holds if' when with the bias more than "
    "half still die and fewer units are dead after training from bias -2 than before; else holds.",
    experiment=_dead,
    judge=_judge_dead,
)

TRAINING_CLAIMS = (SYMMETRY, HE, ONE_SIGN, DEAD)
