"""If it works, look, for chapter 8: the student's dropout averaged, stopping, penalties and masks at work.

Not imported by ``course_lib.checks``, since it brings Matplotlib.
"""

import numpy as np

from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import softmax
from course_lib.chapters.ch08_dropout.experiments.overfitting import cached_digits_run, digits_task, stops_at
from course_lib.chapters.ch08_dropout.experiments.shrinkage import bowl, l2_factor
from course_lib.chapters.ch08_dropout.figures.overfitting import scrubbed
from course_lib.chapters.ch08_dropout.figures.regularisation import CURVATURES, MINIMUM
from course_lib.figures.curves import curves_figure
from course_lib.figures.show import show
from course_lib.figures.student import lines_figure


def _dropout(function):
    """The mean output of three units over more and more masks."""
    rng, x = np.random.default_rng(0), np.array([[0.5, 1.0, 2.0]])
    outputs = np.array([function(x.copy(), np.ones((1, 3)), 0.5, rng.random, True)[0][0] for _ in range(400)])
    means = np.cumsum(outputs, axis=0) / np.arange(1, 401)[:, None]
    lines = {f"input {value:g}": means[:, i] for i, value in enumerate(x[0])}
    show(lines_figure(lines, "masks averaged", "mean output"))
    print("mean of 400 masks over the input:", *(f"{mean:.2f}" for mean in means[-1] / x[0]))


def _stopping(function):
    """The losses of the chapter's training, and where the student's loop stops."""
    _, learning = scrubbed(3, 100)
    validation = learning.losses[:, 1]

    def loss(theta):
        return float(validation[min(round(float(theta[0])), len(validation) - 1)])

    theta, best, stop = function(np.zeros(1), lambda theta: theta + 1.0, loss, 20, len(validation) - 1)
    seen = learning.losses[: int(stop) + 1]
    show(lines_figure({"training": seen[:, 0], "validation": seen[:, 1]}, "epoch", "loss"))
    print(f"patience 20: stops after epoch {int(stop)}, returns epoch {int(best)}, loss {loss(theta):.3f}")
    wanted = stops_at(validation, 20)
    print(f"the library: stops after epoch {wanted[0]}, returns epoch {wanted[1]}")


def _penalties(function):
    """Eight weights pulled towards 0 while gradient descent pulls them to their minimum."""
    objective, lines = bowl(CURVATURES, MINIMUM), {"no penalty": np.abs(MINIMUM)}
    for label, l1, l2 in (("L2 penalty 1", 0.0, 1.0), ("L1 penalty 0.5", 0.5, 0.0)):
        weight = np.ones((1, 8))
        for _ in range(400):
            _, d_weight, _ = function(weight, np.zeros(1), l1, l2)
            weight = weight - 0.02 * (objective.gradient(weight) + np.asarray(d_weight))
        lines[label] = np.abs(weight[0])
    show(lines_figure(lines, "weight (largest first)", "size of the weight"))
    off = np.abs(lines["L2 penalty 1"] - np.abs(MINIMUM) * l2_factor(CURVATURES, 1.0)).max()
    print(f"L2: {'as (8.3) says' if off < 1e-3 else f'{off:.2f} off (8.3)'}")
    print(f"L1: {int(np.sum(lines['L1 penalty 0.5'] < 0.02))} of 8 weights within 0.02 of 0, none exactly 0")


def _monte_carlo(function):
    """One doubtful digit: the whole net, and the mean over 200 masks with two standard deviations."""
    run, (_, test) = cached_digits_run(100, 0.2, 0.5, 0, 60), digits_task(100, 0.2, 0)
    first, relu, _, last = run.net.layers
    hidden = relu.forward(first.forward(test.x))
    weight, bias = last.params["weight"], last.params["bias"]
    whole = softmax(hidden @ weight.T + bias)
    uniform = np.random.default_rng(1).random((200, *hidden[:60].shape))
    mean, std = (np.asarray(part) for part in function(hidden[:60], weight, bias, 0.5, uniform))
    doubtful = int(np.argmax(std.max(axis=1)))
    lines = {"the whole net": whole[doubtful], "mean of 200 masks": mean[doubtful], "their spread": std[doubtful]}
    show(lines_figure(lines, "digit", "probability"))
    for label, p in (("whole net", whole[:60]), ("200 masks", mean)):
        print(
            f"{label}: {np.mean(p.argmax(axis=1) == test.y[:60]):.0%} of 60 digits right, largest probability "
            f"{p.max(axis=1).mean():.2f} on average"
        )


def _selection(function):
    """Losses that are pure noise: what the student reports of many runs, against what every net is worth."""
    rng, numbers = np.random.default_rng(85), (1, 2, 4, 8, 16, 32)
    reported = []
    for number in numbers:
        draws = [1 + 0.2 * rng.normal(size=(2, number, 10)) for _ in range(200)]
        reported.append(np.mean([float(function(*draw)[2]) for draw in draws]))
    lines = {"you report": np.array(reported), "what each net is worth": np.ones(len(numbers))}
    show(lines_figure(lines, "log2 of the number of runs", "test loss"))
    print(f"of 32 runs you report {reported[-1]:.2f}; every net is worth 1.00")


def _ensemble(function):
    """The student's variances beside drawn errors that are partly shared, for 1 to 16 nets."""
    rng, numbers, correlation = np.random.default_rng(86), np.arange(1, 17), 0.3
    shared, own = rng.normal(size=(4000, 1)), rng.normal(size=(4000, 16))
    errors = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    drawn = np.array([np.var(errors[:, :number].mean(axis=1)) for number in numbers])
    yours = np.array([float(function(1.0, correlation, int(number), 0.5)[0]) for number in numbers])
    lines = {"drawn": drawn, "yours": yours, "the shared part": np.full(16, correlation)}
    show(lines_figure(lines, "nets - 1", "variance of the mean"))
    print(f"largest difference: below 0.05: {np.abs(drawn - yours).max() < 0.05}")
    print(f"for a variance of 0.5 you need {float(function(1.0, correlation, 1, 0.5)[1]):.0f} nets")


def _steps(function):
    """What the student's steps and the penalty let through, against the curvature."""
    curvatures, rate, penalty = np.geomspace(1e-3, 9, 41), 0.1, 0.2
    taken = np.asarray(function(curvatures, rate, penalty), dtype=float)
    lines = {
        "with the penalty": curvatures / (curvatures + penalty),
        "after your steps": 1 - (1 - rate * curvatures) ** taken,
    }
    show(lines_figure(lines, "curvature, from 0.001 to 9", "share of the way"))
    print(f"steps: {taken[0]:.0f} in the flattest direction, {taken[-1]:.1f} in the steepest")


def _best_penalty(function):
    """The expected error against the penalty, and the student's penalty, from what it says is left up to 1."""
    truth, deviation, curvature = np.array([1.0, -2.0, 0.5]), np.array([1.0, 1.5, 0.8]), 3.0
    best, left = (float(part) for part in function(truth, deviation, curvature))
    penalties = best * np.geomspace(0.01, 100, 81)
    share = curvature / (curvature + penalties)
    error = (1 - share) ** 2 * np.sum(truth**2) + share**2 * np.sum(deviation**2)
    curves = {
        "error": (penalties, error / np.sum(deviation**2)),
        "yours": (np.array([best, best]), np.array([left, 1.0])),
    }
    show(curves_figure(curves, "Three noisy coordinates", "penalty", "expected error, without a penalty 1", log="x"))
    print(f"lowest at your penalty: {np.argmin(error) == 40}")
    print(f"what you say is left, is left: {np.isclose(min(error) / np.sum(deviation**2), left)}")


LOOKS = {
    "08-1": _dropout,
    "08-2": _stopping,
    "08-3": _penalties,
    "08-4": _monte_carlo,
    "08-5": _selection,
    "08-6": _ensemble,
    "08-7": _steps,
    "08-8": _best_penalty,
}
