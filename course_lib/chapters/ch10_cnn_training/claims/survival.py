"""Chapter 10: what of chapters 5 to 8 survives on a convolutional network.

The trainings are stored (``cnn_measured.py``); here they are judged.
"""

import numpy as np

from course_lib.chapters.ch10_cnn_training.claims.measured import made_with, measured
from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, holds_if, mean_interval

SEEDS = "split, initial weights and order of the samples from the seed"


def difference(one, other, label):
    """Mean of ``one - other`` over the seeds, both trained from the same ones, with two standard errors."""
    return mean_interval(np.asarray(one) - np.asarray(other), label, 2)


ENOUGH = 0.985

# --- C-10-1 -------------------------------------------------------------------------------------------


def _reads():
    found = {name: np.sort(values) for name, values in measured("accuracies").items()}
    epochs = {"LeNet": 10, "LeNet, longer": 25, "LeNet with batchnorm": 10, "residual net": 10}
    keys = tuple(epochs)
    numbers = {
        key: Measured(
            np.median(found[key]),
            found[key][0],
            found[key][-1],
            f"{key.removesuffix(', longer')}, {epochs[key]} epochs: median of 10 seeds [all]",
        )
        for key in keys
    }
    ranks = np.arange(1, 11)
    lines = tuple(Line(key, ranks, found[key]) for key in keys)
    return Evidence(numbers, Plot("seed, from worst to best", "test accuracy", lines))


def _judge_reads(n):
    """Which way to 98.5 % leads there: a longer training, batchnorm, both or none."""
    ways = {"LeNet, longer": "it is trained for 25 epochs", "LeNet with batchnorm": "batchnorm is in"}
    found = [way for key, way in ways.items() if n[key].value >= ENOUGH]
    if n["LeNet"].value >= ENOUGH:
        return holds("the median is above 98.5 % after ten epochs already")
    if not found:
        return fails("neither 25 epochs nor batchnorm bring the median to 98.5 %")
    return holds_if(f"{' or '.join(found)}; plain, the median of ten epochs stays below 98.5 %")


READS = Claim(
    id="C-10-1",
    lecture="L1 l.31",
    statement="LeNet reads handwritten digits almost without error",
    condition="scikit-learn's digits, 1 527 to train on and 270 to test; Adam, one cycle; largest rate 0.005 for ten "
    "epochs of the plain LeNet, else 0.01; length and rate of the longer training chosen on seeds 100 to 109, reported "
    f"on 0 to 9; {SEEDS}; {made_with('accuracies')}",
    rule="Holds if the median test accuracy of the plain LeNet after ten epochs is 98.5 % or more; 'holds if' when "
    "only that after 25 epochs or that with batchnorm is; else fails.",
    experiment=_reads,
    judge=_judge_reads,
)

# --- C-10-2 -------------------------------------------------------------------------------------------


def _optimizers():
    found = measured("optimizers")
    curves = {name: np.array(values["accuracy"]) for name, values in found.items() if name != "AdamW"}
    others = {name: curve for name, curve in curves.items() if name != "Adam"}
    best = {when: max(others, key=lambda name: others[name][:, when].mean()) for when in (0, -1)}
    numbers = {
        "first": mean_interval(curves["Adam"][:, 0], "Adam: accuracy after 1 epoch", 3),
        "early": difference(curves["Adam"][:, 0], others[best[0]][:, 0], f"minus {best[0]}, the next best then"),
        "last": mean_interval(curves["Adam"][:, -1], "Adam: accuracy after 10 epochs", 3),
        "late": difference(curves["Adam"][:, -1], others[best[-1]][:, -1], f"minus {best[-1]}, the next best then"),
    }
    epochs = np.arange(1, 11)
    lines = tuple(Line(f"{name}, rate {found[name]['rate']:g}", epochs, c.mean(axis=0)) for name, c in curves.items())
    return Evidence(numbers, Plot("epoch", "test accuracy, mean of 10 seeds", lines))


def _judge_optimizers(n):
    if n["early"].lower <= 0:
        return fails("another optimizer is as good after one epoch")
    if n["late"].lower <= 0:
        return holds_if("the first epochs are meant; after ten of them the next best is level")
    return holds("Adam leads after one epoch and after ten, each optimizer at its own best rate")


ADAM = Claim(
    id="C-10-2",
    lecture="L2 l.196",
    statement="Adam makes faster progress than the others",
    condition="LeNet on the digits, constant rates: the best of nine from 0.0001 to 1 for each optimizer, chosen on "
    f"other seeds; 10 seeds ({SEEDS}); AdamW without decay is Adam; {made_with('optimizers')}",
    rule="Fails if after one epoch the paired difference to the next best optimizer may be 0 (two standard errors); "
    "'holds if' when only the one after ten epochs may; else holds.",
    experiment=_optimizers,
    judge=_judge_optimizers,
)

# --- C-10-3 -------------------------------------------------------------------------------------------

USABLE = 0.9


def _usable(rates, accuracy):
    """Smallest and largest rate with a mean accuracy above 90 %."""
    usable = np.asarray(rates)[np.mean(accuracy, axis=1) > USABLE]
    return usable.min(), usable.max()


def _normalisation():
    found = measured("normalisation")
    rates = np.array(found["rates"])
    (low, high), (low_bn, high_bn) = (_usable(rates, found[key]) for key in ("without", "with"))
    numbers = {
        "largest": Measured(high_bn / high, label="largest usable rate, with / without batchnorm", digits=2),
        "smallest": Measured(low_bn / low, label="smallest usable rate, with / without", digits=2),
        "range": Measured(high / low, label="usable range without, largest / smallest", digits=2),
        "range_bn": Measured(high_bn / low_bn, label="usable range with", digits=2),
        "best": difference(
            found["with"][int(np.argmax(np.mean(found["with"], axis=1)))],
            found["without"][int(np.argmax(np.mean(found["without"], axis=1)))],
            "accuracy at the best rate, with - without",
        ),
    }
    lines = tuple(Line(f"{key} batchnorm", rates, *_bands(np.array(found[key]))) for key in ("without", "with"))
    return Evidence(numbers, Plot("learning rate", "test accuracy after 5 epochs", lines, "x"))


def _bands(accuracy):
    return accuracy.mean(axis=1), accuracy.min(axis=1), accuracy.max(axis=1)


def _judge_normalisation(n):
    if n["range_bn"].value <= n["range"].value:
        return fails("the range of usable learning rates is no wider")
    if n["largest"].value <= 1:
        return holds_if(
            "a wider range is meant: with batchnorm small rates work, too; the largest usable one is the same"
        )
    return holds("the largest usable learning rate is larger, and the range is wider")


NORMALISATION = Claim(
    id="C-10-3",
    lecture="L4 l.318 (Ioffe and Szegedy 2015)",
    statement="Batch normalisation allows larger learning rates",
    condition="LeNet on the digits, momentum 0.9, 5 epochs, nine rates from 0.0001 to 1, 5 seeds each; "
    f"{made_with('normalisation')}",
    rule="A rate is usable if the mean accuracy exceeds 90 %. Fails if the usable range (largest / smallest) is no "
    "wider with batchnorm; 'holds if' when it is wider, but the largest usable rate is not larger.",
    experiment=_normalisation,
    judge=_judge_normalisation,
)

# --- C-10-4 -------------------------------------------------------------------------------------------


def _dropout():
    found = measured("dropout")
    numbers = {}
    for key in ("right labels", "wrong labels"):
        numbers[f"{key}, plain"] = mean_interval(found[key]["0"], f"{key}: without dropout", 3)
        numbers[key] = difference(found[key]["0.5"], found[key]["0"], f"{key}: with - without dropout")
    seeds = np.arange(1, 1 + len(found["right labels"]["0"]))
    lines = tuple(
        Line(f"{key}, {'with' if rate != '0' else 'without'}", seeds, np.array(values))
        for key, by_rate in found.items()
        for rate, values in by_rate.items()
    )
    return Evidence(numbers, Plot("seed", "test accuracy", lines))


def _judge_dropout(n):
    if n["wrong labels"].lower <= 0:
        return fails("even where a fifth of the labels is wrong it does not help")
    if n["right labels"].lower <= 0:
        return holds_if(
            "the network has something to learn by heart, such as wrong labels; on right ones it does not pay"
        )
    return holds("it helps on right and on wrong labels")


DROPOUT = Claim(
    id="C-10-4",
    lecture="L4 l.372-378",
    statement="Dropout makes the model more robust; use it when the model overfits",
    condition="LeNet on 5 000 images of MNIST, dropout 0.5 in the hidden layers, 12 epochs of Adam at 0.003, labels "
    f"right or 20 % of them wrong, test labels right; 5 seeds; {made_with('dropout')}",
    rule="Fails if with wrong labels the paired difference in test accuracy may be 0 (two standard errors); 'holds if' "
    "when the one with right labels may; else holds.",
    experiment=_dropout,
    judge=_judge_dropout,
)

# --- C-10-5 and C-10-6 --------------------------------------------------------------------------------

SENSIBLE = ("PyTorch's own", "He", "Xavier")


def _draws():
    found = measured("initialisations")
    plain, residual = found["LeNet"], found["residual net without batchnorm"]
    numbers = {
        "lenet": difference(plain["He"], plain["Xavier"], "LeNet: He - Xavier"),
        "residual": difference(residual["He"], residual["Xavier"], "residual net: He - Xavier"),
        "small": mean_interval(plain["too small"], "LeNet, every weight drawn with deviation 0.01", 3),
        "large": mean_interval(plain["too large"], "LeNet, every weight drawn with deviation 0.5", 3),
        "alike": mean_interval(plain["all alike"], "LeNet, all weights alike", 3),
    }
    return Evidence(numbers, _initial_plot(found, ("LeNet", "residual net without batchnorm")))


def _initial_plot(found, networks):
    places = np.arange(1, 1 + len(found[networks[0]]))
    lines = tuple(Line(name, places, *_bands(np.array(list(found[name].values())))) for name in networks)
    return Plot(
        f"initialisation: {', '.join(f'{i} {name}' for i, name in enumerate(found[networks[0]], 1))}",
        "test accuracy after 4 epochs",
        lines,
    )


def _judge_draws(n):
    if n["lenet"].lower > 0 and n["residual"].lower > 0:
        return holds("He's draw beats Xavier's on both networks")
    if n["lenet"].lower > 0 or n["residual"].lower > 0:
        return holds_if("the network is the right one of the two: on the other Xavier's draw does as well")
    return fails(
        "a net of this depth learns as well from Xavier's draw; only draws that are off by far keep it from learning"
    )


DRAWS = Claim(
    id="C-10-5",
    lecture="L4 l.289",
    statement="For ReLU the Xavier initialisation does not work (He et al. 2015)",
    condition="LeNet (4 layers) and the residual net (10 layers), without batchnorm, momentum 0.9 at 0.05, 4 epochs on "
    f"the digits, 5 seeds; {made_with('initialisations')}",
    rule="Holds if He's draw is better than Xavier's on both networks (paired difference, two standard errors), 'holds "
    "if' on one; else fails.",
    experiment=_draws,
    judge=_judge_draws,
)


def _forgives():
    found = measured("initialisations")
    numbers = {}
    for name in ("too small", "too large", "all alike"):
        for key, network in (("plain", "LeNet"), ("bn", "LeNet with batchnorm")):
            numbers[f"{name}, {key}"] = mean_interval(found[network][name], f"{network}, {name}", 3)
    return Evidence(numbers, _initial_plot(found, ("LeNet", "LeNet with batchnorm")))


def _judge_forgives(n):
    if n["too small, bn"].lower < 0.9:
        return fails("weights that are too small keep it from learning with batchnorm, too")
    if n["too large, bn"].lower < 0.9 or n["all alike, bn"].lower < 0.9:
        return holds_if(
            "only the scale of the weights is wrong; it cannot break a symmetry, and far too large costs accuracy"
        )
    return holds("every initialisation learns with batchnorm")


FORGIVES = Claim(
    id="C-10-6",
    lecture="L4 l.318 (Ioffe and Szegedy 2015)",
    statement="With batch normalisation the initialisation matters less",
    condition="LeNet with and without batchnorm from weights that are too small (deviation 0.01), too large (0.5) or "
    f"all alike (0.05); momentum 0.9 at 0.05, 4 epochs on the digits, 5 seeds; {made_with('initialisations')}",
    rule="Fails unless the lower end of the accuracy from too small weights is 90 % or more with batchnorm; 'holds if' "
    "when that from too large or from equal weights is not; else holds.",
    experiment=_forgives,
    judge=_judge_forgives,
)
