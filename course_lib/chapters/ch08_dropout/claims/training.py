"""Chapter 8, what has to be trained: the price of dropout, co-adaptation, where it helps, early stopping."""

from functools import lru_cache

import numpy as np

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import softmax
from course_lib.chapters.ch08_dropout.experiments.overfitting import (
    Settings,
    cached_digits_run,
    cached_learning,
    digits_run,
    digits_task,
    stops_at,
)
from course_lib.chapters.ch08_dropout.experiments.rough_path import ARMS, path
from course_lib.chapters.ch08_dropout.experiments.shrinkage import bowl, early_stopping_factor, l2_factor
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
from course_lib.optimizers import SGD
from course_lib.run import descend

SEEDS, FEW, MANY = range(10), (100, 0.2), (1200, 0.0)
EPOCHS, EPOCHS_MANY = 60, 12
MEMBERS, BAGS = 5, 6  # nets in a bag; seeds for which there is one


def _pairs():
    """For each seed the nets without and with dropout 0.5, on 100 digits with a fifth of the labels wrong."""
    return [[cached_digits_run(*FEW, rate, seed, EPOCHS) for rate in (0.0, 0.5)] for seed in SEEDS]


def _log_loss(probabilities, labels):
    return -np.mean(np.log(probabilities[np.arange(len(labels)), labels] + 1e-12))


@lru_cache(maxsize=32)
def bagged(seed, members=MEMBERS):
    """Mean probabilities of ``members`` nets, each trained on a resample: ``(500, 10)``."""
    _, test = digits_task(*FEW, seed)
    total = 0.0
    for member in range(members):
        rng = np.random.default_rng([8, seed, member])
        net = digits_run(*FEW, 0.0, seed, EPOCHS, bootstrap=rng).net
        total = total + softmax(net.forward(test.x)) / members
    return total


# --- C-08-4: the price --------------------------------------------------------------------------------------


def epochs_to(losses, level):
    """First epoch at which ``losses`` has come down to ``level``; one past the last if it never does."""
    below = np.asarray(losses) <= level
    return int(np.argmax(below)) if below.any() else len(below)


def _price():
    pairs = _pairs()
    level = 0.8
    fit = np.array([[epochs_to(run.losses[:, 0], level) for run in pair] for pair in pairs])
    best = np.array([[run.losses[:, 1].argmin() for run in pair] for pair in pairs])
    ends = np.array([[run.losses[-1, 1] for run in pair] for pair in pairs])
    bags = np.array([_log_loss(bagged(seed), digits_task(*FEW, seed)[1].y) for seed in SEEDS[:BAGS]])
    numbers = {
        "fit": mean_interval(fit[:, 1] / fit[:, 0], f"epochs to a training loss of {level:g}, with over without"),
        "best": mean_interval(
            best[:, 1] / np.maximum(best[:, 0], 1), "epochs to the lowest test loss, with over without"
        ),
        "single": mean_interval(ends[:, 0], f"test loss after {EPOCHS} epochs: one net", 2),
        "dropout": mean_interval(ends[:, 1] - ends[:, 0], "the same with dropout 0.5: difference, seed by seed", 2),
        "bagging": mean_interval(
            bags - ends[:BAGS, 0], f"bagging, {MEMBERS} nets and {MEMBERS} times the updates: difference", 2
        ),
    }
    mean = np.mean([[run.losses[:, 1] for run in pair] for pair in pairs], axis=0)
    t = np.arange(EPOCHS + 1)
    lines = (
        Line("one net", t, mean[0]),
        Line("dropout 0.5", t, mean[1]),
        Line(f"bagging, {MEMBERS} nets", t, np.full(EPOCHS + 1, np.mean(bags))),
    )
    return Evidence(numbers, Plot("epoch", "test loss", lines))


MORE = 1.1  # times the epochs: what one would still call no additional cost


def _judge_price(n):
    if n["fit"].lower > MORE:
        return fails("an update costs the same, but more of them are needed")
    if n["fit"].upper > MORE:
        return not_shown("how many more epochs are needed lies within the interval")
    return holds("an update costs the same, and no more of them are needed")


PRICE = Claim(
    id="C-08-4",
    lecture="L4 l.348",
    statement="Dropout trains an ensemble of networks at no additional computational cost",
    condition="64-128-10 on 100 digits, a fifth of the labels wrong, Adam with learning rate 0.003, 60 epochs, ten "
    "seeds (bagging: six)",
    rule="Fails if more than 1.1 times as many epochs are needed to fit the training set, beyond the interval; holds "
    "if fewer are, beyond the interval; else not shown. The test losses are reported and decide nothing: the sentence "
    "is about cost.",
    effects=(Effect("fit", 1.0, ratio=True),),
    revised="The verdict also said whether the net is better than a single one; the interval of that difference ends "
    "next to 0, and the sentence does not assert it.",
    experiment=_price,
    judge=_judge_price,
)


# --- C-08-5: co-adaptation ---------------------------------------------------------------------------------


def _hidden(net, x):
    """Activations of the hidden layer, ``(N, width)``."""
    return net.layers[1].forward(net.layers[0].forward(x))


def accuracy_without(net, test, share, rng, draws=20):
    """Test accuracy with ``share`` of the hidden units gone, the rest scaled up; mean over ``draws`` choices."""
    hidden, output = _hidden(net, test.x), net.layers[-1]
    kept = rng.random((draws, 1, hidden.shape[1])) < 1 - share
    scores = (hidden * kept / (1 - share)) @ output.params["weight"].T + output.params["bias"]
    return np.mean(scores.argmax(axis=-1) == test.y)


def _coadaptation():
    shares = np.array([0.0, 0.25, 0.5, 0.75, 0.9])
    curves, dead, correlations, norms = [], [], [], []
    for seed, pair in zip(SEEDS, _pairs(), strict=True):
        _, test = digits_task(*FEW, seed)
        rows = []
        for run in pair:
            rng = np.random.default_rng([5, seed])
            rows.append([accuracy_without(run.net, test, share, rng) for share in shares])
        curves.append(rows)
        hidden = [_hidden(run.net, test.x) for run in pair]
        dead.append([np.mean(h.max(axis=0) == 0) for h in hidden])
        correlations.append([_mean_correlation(h) for h in hidden])
        norms.append([np.linalg.norm(run.net.layers[0].params["weight"]) for run in pair])
    curves, dead, correlations, norms = map(np.array, (curves, dead, correlations, norms))
    lost = curves[:, :, :1] - curves
    numbers = {
        "lost": mean_interval(lost[:, 0, 3], "accuracy lost with three quarters of the units gone: without dropout", 2),
        "lost_dropout": mean_interval(lost[:, 1, 3], "the same, trained with dropout 0.5", 2),
        "gain": mean_interval(lost[:, 0, 3] - lost[:, 1, 3], "difference, seed by seed", 2),
        "correlation": mean_interval(
            correlations[:, 1] - correlations[:, 0], "mean |correlation| of hidden units, with minus without", 2
        ),
        "dead": mean_interval(dead[:, 1] - dead[:, 0], "share of units that never fire, with minus without", 2),
        "norm": mean_interval(norms[:, 1] / norms[:, 0], "norm of the first layer's weights, with over without"),
    }
    mean = curves.mean(axis=0)
    lines = tuple(Line(label, shares, mean[i]) for i, label in enumerate(("without dropout", "with dropout 0.5")))
    return Evidence(numbers, Plot("share of hidden units gone", "test accuracy", lines))


def _mean_correlation(hidden):
    alive = hidden[:, hidden.std(axis=0) > 0]
    matrix = np.abs(np.corrcoef(alive.T))
    return (matrix.sum() - len(matrix)) / (len(matrix) * (len(matrix) - 1))


def _judge_coadaptation(n):
    if n["gain"].upper < 0:
        return fails("a net that was trained with dropout depends on its units more than one that was not")
    if n["gain"].lower <= 0:
        return not_shown("whether units can be taken away at less loss lies within the interval")
    seen = {"fewer units that never fire": n["dead"].upper < 0, "smaller weights": n["norm"].upper < 1}
    if all(seen.values()):
        return holds("units can be taken away at less loss, fewer are silent, and weights are smaller")
    found, missing = (
        ", ".join(name for name, there in seen.items() if bool(there) == wanted) for wanted in (True, False)
    )
    also = f", and {found}" if found else ""
    return partly(f"units can be taken away at less loss{also}", f"there was no sign of {missing}")


COADAPTATION = Claim(
    id="C-08-5",
    lecture="L4 l.372-376",
    statement="Dropout reduces co-adaptation, keeps units from becoming inactive and shrinks larger parameters",
    condition="the nets of C-08-4 after 60 epochs; hidden units removed at random, 20 choices each",
    rule="Fails if the accuracy lost with three quarters of the hidden units gone is larger after training with "
    "dropout, not shown if it may be the same; holds if it is smaller, fewer units never fire and the first layer's "
    "weights are smaller, all beyond the interval; partly if one of the last two is missing.",
    effects=(Effect("gain"),),
    experiment=_coadaptation,
    judge=_judge_coadaptation,
)


# --- C-08-7: early stopping and L2 ------------------------------------------------------------------------


def _stopping_is_l2():
    eigenvalues, eta, t = np.geomspace(1e-3, 10, 41), 0.1, 50
    run = descend(bowl(eigenvalues, np.ones(41)), SGD(eta), np.zeros(41), t).thetas[-1]
    stopped, shrunk = early_stopping_factor(eigenvalues, eta, t), l2_factor(eigenvalues, 1 / (eta * t))
    flat = eta * t * eigenvalues < 0.1
    ends = eta * t * np.array([eigenvalues[0], eigenvalues[-1]])
    numbers = {
        "formula": Measured(np.abs(run - stopped).max(), label="run against 1 - (1 - eta lambda)^t: largest deviation"),
        "flat": Measured(
            np.abs(run[flat] / shrunk[flat] - 1).max(),
            label="against L2 with 1 / (eta t), where eta lambda t < 0.1: largest relative difference",
        ),
        "all": Measured(np.abs(run - shrunk).max(), label="the same at all eigenvalues: largest difference"),
        "order": Measured(
            float(np.mean(np.diff(run) >= -1e-12)),
            label="share of steps in which the factor rises with "
            f"the eigenvalue ({ends[0]:.3g} < eta lambda t < {ends[1]:.3g})",
        ),
    }
    lines = (
        Line("early stopping, run", eigenvalues, run),
        Line("L2 penalty 1 / (eta t)", eigenvalues, shrunk),
        Line("1 - (1 - eta lambda)^t", eigenvalues, stopped, theory=True),
    )
    return Evidence(numbers, Plot("eigenvalue", "what is left of the minimum", lines, "x"))


def _judge_stopping_is_l2(n):
    if n["formula"].value > EXACT_RUN or n["order"].value < 1:
        return fails("the run does not shrink flat directions most")
    if n["all"].value < 0.02:
        return holds("along every eigenvector the coordinate is shrunk by the same factor")
    if n["flat"].value < 0.1:
        return holds_if(
            "the run starts at 0 and one looks at flat directions; where eta lambda t is about 1 or more, stopping "
            "shrinks less, up to a fifth of the coordinate"
        )
    return fails("the factors are not those of an L2 penalty")


EXACT_RUN = 1e-12
STOPPING_IS_L2 = Claim(
    id="C-08-7",
    lecture="L4 l.338",
    statement="Early stopping constrains the size of the parameter updates, as an L2 penalty does",
    condition="gradient descent from 0 on a quadratic with eigenvalues 0.001 to 10, learning rate 0.1, 50 steps",
    rule="Fails if the run is off (8.5) by more than 1e-12 or does not shrink flat directions most; holds if its "
    "factors are those of the L2 penalty 1 / (eta t) to 0.02; 'holds if' they are, to a tenth, where eta lambda t < "
    "0.1.",
    effects=(Effect("flat", 1.0),),
    experiment=_stopping_is_l2,
    judge=_judge_stopping_is_l2,
)


# --- C-08-8: where it helps ------------------------------------------------------------------------------


def _where():
    few = np.array([[run.accuracies[-1] for run in pair] for pair in _pairs()])
    clean = np.array(
        [[cached_digits_run(100, 0.0, rate, seed, EPOCHS).accuracies[-1] for rate in (0.0, 0.5)] for seed in SEEDS]
    )
    many = np.array(
        [
            [cached_digits_run(*MANY, rate, seed, EPOCHS_MANY).accuracies[-1] for rate in (0.0, 0.5)]
            for seed in SEEDS[:6]
        ]
    )
    narrow = np.array(
        [[cached_digits_run(*FEW, rate, seed, EPOCHS, width=8).accuracies[-1] for rate in (0.0, 0.5)] for seed in SEEDS]
    )
    cases = {"few": few, "clean": clean, "many": many, "narrow": narrow}
    labels = {
        "few": "gain in accuracy: 100 digits, a fifth of the labels wrong",
        "clean": "100 digits, right labels",
        "many": "1200 digits, right labels",
        "narrow": "100 digits, a fifth wrong, 8 hidden units",
    }
    numbers = {name: mean_interval(case[:, 1] - case[:, 0], labels[name], 2) for name, case in cases.items()}
    x, means = np.arange(len(cases)), np.array([case.mean(axis=0) for case in cases.values()])
    words = ("100 digits, a fifth wrong", "100 digits, right", "1200 digits, right", "a fifth wrong, 8 hidden units")
    lines = (Line("without dropout", x, means[:, 0]), Line("with dropout 0.5", x, means[:, 1]))
    return Evidence(numbers, Plot("training set", "test accuracy", lines, words=words))


def _judge_where(n):
    if n["few"].upper < 0:
        return fails("even a wide net on few samples with wrong labels loses")
    elsewhere = [n[name] for name in ("clean", "many", "narrow")]
    if n["few"].lower <= 0 or any(max(abs(case.lower), case.upper) > 0.3 for case in elsewhere):
        return not_shown("the intervals hold both answers")
    if min(case.lower for case in elsewhere) > 0:
        return holds("and it helps elsewhere, too")
    return holds_if(
        "a wide net has wrong labels to learn by heart; with right labels or many samples no gain was found, and a "
        "narrow net loses"
    )


WHERE = Claim(
    id="C-08-8",
    lecture="L4 l.378",
    statement="Dropout should be used when the model overfits, in layers with many parameters",
    condition="64-128-10 on digits, dropout 0.5 on the hidden layer, 60 epochs (1200 digits: 12), ten seeds (six), the "
    "same 500 test digits for both of a pair",
    rule="Fails if on 100 digits with wrong labels accuracy is lost beyond the interval, not shown if the gain may be "
    "0; holds without condition if right labels, many samples and a narrow net gain as well; 'holds if' otherwise. An "
    "interval that reaches 30 points to either side shows nothing.",
    effects=(Effect("few"),),
    experiment=_where,
    judge=_judge_where,
)


# --- C-08-9: early stopping with patience -----------------------------------------------------------------


def _patience():
    patience, gains, saved, missed, accurate = 15, [], [], [], []
    mean = np.zeros((101, 3))
    for seed in range(16):
        losses = cached_learning(Settings(width=50, num_epochs=100, seed=seed)).losses
        stop, best = stops_at(losses[:, 1], patience)
        gains.append(losses[-1, 2] - losses[best, 2])
        saved.append(1 - stop / 100)
        missed.append(losses[best, 2] - losses[:, 2].min())
        accurate.append(losses[best, 1] - losses[best, 2])
        mean += losses / 16
    numbers = {
        "gain": mean_interval(gains, "loss on fresh samples: last epoch minus the one returned", 2),
        "saved": mean_interval(saved, "share of the epochs saved", 2),
        "missed": mean_interval(missed, "loss on fresh samples: the one returned minus the lowest", 2),
        "flattered": mean_interval(accurate, "at the epoch returned: validation loss minus fresh loss", 2),
    }
    t = np.arange(101)
    lines = (
        Line("training", t, mean[:, 0]),
        Line("validation, 15 samples", t, mean[:, 1]),
        Line("fresh samples", t, mean[:, 2]),
    )
    return Evidence(numbers, Plot("epoch", "loss, mean of 16 draws", lines, "y"))


MISSED = 0.01


def _judge_patience(n):
    if n["gain"].upper < 0:
        return fails("the net that is returned is worse than the last one")
    if n["gain"].lower <= 0 or n["missed"].lower < MISSED < n["missed"].upper:
        return not_shown("the intervals hold both answers")
    if n["missed"].upper < MISSED:
        return holds("it returns the best net there was")
    flatters = (
        "; and the validation loss of the chosen epoch is lower than the truth" if n["flattered"].upper < 0 else ""
    )
    return holds_if(f"a good epoch will do: 15 validation samples do not find the very best one{flatters}")


PATIENCE = Claim(
    id="C-08-9",
    lecture="L4 l.329-334, L3 l.66",
    statement="Stopping when the validation error has not fallen for a while, the patience, keeps the model that "
    "generalises",
    condition="two moons, 100 samples split 70/15/15, 15 % wrong labels, width 50, patience 15 of 100 epochs, 16 draws",
    rule="Fails if the loss on 500 fresh samples is higher at the epoch returned than at the last, beyond the "
    "interval, not shown if it may be the same; holds if it is lower and the lowest fresh loss is missed by less than "
    "0.01, 'holds if' when by more (interval).",
    effects=(Effect("gain"),),
    revised="At first 'holds' also asked that the validation loss at the chosen epoch be no lower than the fresh "
    "one. 16 draws cannot tell, so that number is reported and decides nothing.",
    experiment=_patience,
    judge=_judge_patience,
)

# --- C-08-10: the way is less smooth --------------------------------------------------------------------


def _less_smooth():
    def cosines(arm, size):
        return np.array([path(arm, size, seed).cosines.mean() for seed in SEEDS])

    none, inputs, hidden = ARMS
    numbers = {
        "plain": mean_interval(cosines(none, None), "all samples, no dropout: cosine of an update with the next", 2),
        "hidden": mean_interval(cosines(hidden, None) - cosines(none, None), f"{hidden}: difference to that", 2),
        "inputs": mean_interval(cosines(inputs, None) - cosines(none, None), f"{inputs}: difference", 2),
        "plain_mini": mean_interval(cosines(none, MINI), f"batches of {MINI}, no dropout: the same cosine", 2),
        "hidden_mini": mean_interval(cosines(hidden, MINI) - cosines(none, MINI), f"{hidden}: difference to that", 2),
    }
    t = np.arange(1, len(path(none, None, 0).cosines) + 1)
    lines = tuple(Line(arm, t, np.mean([path(arm, None, seed).cosines for seed in SEEDS], axis=0)) for arm in ARMS)
    return Evidence(numbers, Plot("step", "cosine of an update with the next", lines))


MINI = 16


def _judge_less_smooth(n):
    if max(n["hidden"].upper, n["inputs"].upper) < 0:
        if n["hidden_mini"].upper < 0:
            return holds("updates turn more, on all samples and beside the noise of mini-batches")
        if n["hidden_mini"].lower > 0:
            return holds_if("batches are large: with small ones updates turn less")
    if n["hidden"].lower > 0:
        return fails("with dropout updates turn less")
    return not_shown("whether updates turn more lies within the interval")


LESS_SMOOTH = Claim(
    id="C-08-10",
    lecture="L4 l.382",
    statement="With dropout the optimisation path is less smooth, as the loss changes with every iteration",
    condition=f"64-64-10 on 300 digits, SGD with learning rate 0.1, 80 steps on all samples and on batches of {MINI}; "
    "dropout 0.5 on hidden units or 0.2 on the inputs, against none, from the same weights; 10 seeds",
    rule="Cosine of each update with the next one, mean over the run, paired differences. On all samples: fails if it "
    "is larger with dropout on hidden units. Holds if it is smaller with either, and with batches of 16, too, 'holds "
    "if' when it is larger there; an interval that holds 0 shows nothing.",
    effects=(Effect("hidden"), Effect("inputs"), Effect("hidden_mini")),
    experiment=_less_smooth,
    judge=_judge_less_smooth,
)

TRAINING_CLAIMS = (PRICE, COADAPTATION, STOPPING_IS_L2, WHERE, PATIENCE, LESS_SMOOTH)
