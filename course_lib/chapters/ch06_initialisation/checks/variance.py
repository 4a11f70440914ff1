"""Exercises 06-1 and 06-4: predict the variance, and break the symmetry."""

import numpy as np

from course_lib.chapters.ch06_initialisation.checks.initialisers import TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, several
from course_lib.checks.facts import telling
from course_lib.checks.kit import Exercise
from course_lib.checks.statistics import weights
from course_lib.checks.whole import either_sign

PURE = "The arrays that were given are left as they were"
PURE_HINT = "`a *= b` and `a[...] = b` write into the caller's array: write `a = a * b`, which makes a new one."

# --- 06-1 -----------------------------------------------------------------------------------------------------

NAMES = ("forward", "backward")
FORWARD_LINEAR = "Forward, no activation: the factors fan_in * variance are multiplied up"
FORWARD_RELU = "Forward, ReLU: a half between one layer and the next"
BACKWARD_LINEAR = "Backward, no activation: the factors fan_out * variance are multiplied down"
BACKWARD_RELU = "Backward, ReLU: a half in every layer"

ALL = (FORWARD_LINEAR, FORWARD_RELU, BACKWARD_LINEAR, BACKWARD_RELU, PURE)

predict = Exercise("06-1", "Predict the variance", "predict_second_moments", topics=TOPICS)


def _layers(rng):
    """``(weight_variances, widths)`` of a network of four layers, no two widths the same."""
    widths = rng.permutation(np.array([3, 5, 8, 13, 21, 34]))[:5]
    return rng.uniform(0.05, 0.4, 4), widths


def forward(weight_variances, widths, keep):
    """E[z^2] of each layer, written as a loop."""
    second_moment, found = 1.0, []
    for variance, fan_in in zip(weight_variances, widths[:-1], strict=True):
        found.append(fan_in * variance * second_moment)
        second_moment = keep * found[-1]
    return np.array(found)


def backward(weight_variances, widths, keep):
    """E[d_x^2] of each layer's input, written as a loop from the top."""
    second_moment, found = 1.0, []
    for variance, fan_out in zip(weight_variances[::-1], widths[:0:-1], strict=True):
        second_moment = fan_out * variance * keep * second_moment
        found.append(second_moment)
    return np.array(found[::-1])


def _means(widths, place):
    """The mean of both fans of each layer, where the fan of ``place`` (0 in, 1 out) is looked for."""
    means = (np.array(widths[1:]) + np.array(widths[:-1])) / 2
    return np.append(means, 0.0) if place == 0 else np.append(0.0, means)


def _added(weight_variances, widths, keep):
    """What has come in so far is added up."""
    came_in, found = 1.0, []
    for variance, fan_in in zip(weight_variances, widths[:-1], strict=True):
        found.append(fan_in * variance * came_in)
        came_in += keep * found[-1]
    return np.array(found)


def _check_prediction(title, points, hints, activation, part):
    @predict.check(title, points, hints)
    def title_predict(function, rng):
        given, keep = _layers(rng), {"linear": 1.0, "relu": 0.5}[activation]
        result = function(*given, activation)
        stacked = isinstance(result, np.ndarray) and result.ndim == 2  # one array with two rows says the same
        found = several(tuple(result) if stacked else result, NAMES)
        close(found[part], (forward, backward)[part](*given, keep), NAMES[part])


_check_prediction(
    FORWARD_LINEAR,
    1,
    (
        "A unit of layer l adds up widths[l - 1] products. What is the variance of a sum of independent products?",
        "forward[l] = widths[l] * weight_variances[l] * forward[l - 1] (counting from 0), and 1 comes in.",
    ),
    "linear",
    0,
)
_check_prediction(
    FORWARD_RELU,
    3,
    (
        "What does E[max(z, 0)^2] have to do with E[z^2] when z is symmetric about 0? The input has met no ReLU yet.",
        "From the second layer on: forward[l] = widths[l] * weight_variances[l] * forward[l - 1] / 2",
    ),
    "relu",
    0,
)
_check_prediction(
    BACKWARD_LINEAR,
    1,
    (
        "On the way back a unit of layer l - 1 adds up what all units of layer l send: how many are these?",
        "backward[l] = widths[l + 1] * weight_variances[l] * backward[l + 1] (counting from 0), 1 comes in on top.",
    ),
    "linear",
    1,
)
_check_prediction(
    BACKWARD_RELU,
    3,
    (
        "The gradient passes the ReLU of every layer, the top one too, and half of the units let nothing through.",
        "backward[l] = widths[l + 1] * weight_variances[l] / 2 * backward[l + 1]",
    ),
    "relu",
    1,
)


@predict.check(PURE, 1, PURE_HINT, aside=True)
def arrays_that_were_given_are_left(function, rng):
    leaves_inputs_alone(function, *_layers(rng), "relu", other=(*_layers(rng), "linear"))


def _wrong_prediction(name, fails, says, up=forward, down=backward):
    @predict.mistake(name, fails, says)
    def name_predict(weight_variances, widths, activation):
        keep = 0.5 if activation == "relu" else 1.0
        return up(weight_variances, widths, keep), down(weight_variances, widths, keep)


_wrong_prediction(
    "fan_out on the way forward",
    (FORWARD_LINEAR, FORWARD_RELU),
    "Forward, a unit adds up its inputs: the factor is fan_in, widths[l], not the width of the layer itself.",
    up=lambda v, w, keep: forward(v, [*w[1:], 0], keep),
)
_wrong_prediction(
    "fan_in on the way back",
    (BACKWARD_LINEAR, BACKWARD_RELU),
    "Backward, a unit adds up what the units above send: the factor is fan_out, the width of the layer above.",
    down=lambda v, w, keep: backward(v, [0, *w[:-1]], keep),
)
_wrong_prediction(
    "ReLU's half forgotten on the way forward",
    FORWARD_RELU,
    "ReLU sets half of the inputs to 0: E[max(z, 0)^2] is half of E[z^2].",
    up=lambda v, w, keep: forward(v, w, 1.0),
)
_wrong_prediction(
    "ReLU's half forgotten on the way back",
    BACKWARD_RELU,
    "The slope of ReLU is 0 for half of the units: on average half of the squared gradient gets through.",
    down=lambda v, w, keep: backward(v, w, 1.0),
)
_wrong_prediction(
    "activation without effect",
    (FORWARD_RELU, BACKWARD_RELU),
    'Both results are those of "linear": ReLU lets half of E[z^2] and half of the squared gradient through.',
    up=lambda v, w, keep: forward(v, w, 1.0),
    down=lambda v, w, keep: backward(v, w, 1.0),
)
_wrong_prediction(
    "one half for all layers",
    (FORWARD_RELU, BACKWARD_RELU),
    "The half is there once. Every layer has a ReLU of its own: the halves are multiplied up, too.",
    up=lambda v, w, keep: forward(v, w, 1.0) * np.where(np.arange(len(v)) == 0, 1.0, keep),
    down=lambda v, w, keep: backward(v, w, 1.0) * keep,
)
_wrong_prediction(
    "widths left out",
    ALL,
    "A unit adds up many products: each layer multiplies by the number of them and the variance of the weights.",
    up=lambda v, w, keep: forward(v, np.ones(len(w)), keep),
    down=lambda v, w, keep: backward(v, np.ones(len(w)), keep),
)
_wrong_prediction(
    "a half too many on the way forward",
    FORWARD_RELU,
    "forward holds E[z^2] before the activation, and the input has met no ReLU: layer l has l halves, counted from 0.",
    up=lambda v, w, keep: keep * forward(v, w, keep),
)
_wrong_prediction(
    "no half at the top",
    BACKWARD_RELU,
    "The gradient that comes in on top is by x, after the activation: it passes the ReLU of the top layer, too.",
    down=lambda v, w, keep: backward(v, w, keep) / keep,
)
_wrong_prediction(
    "the variance of ReLU's output in place of its second moment",
    FORWARD_RELU,
    "ReLU's output has a mean: its variance is E[z^2] (1/2 - 1/(2 pi)). But what the next layer multiplies up is "
    "E[x^2], the mean included: a half.",
    up=lambda v, w, keep: forward(v, w, keep if keep == 1 else 0.5 - 0.5 / np.pi),
)
_wrong_prediction(
    "standard deviations in place of variances",
    ALL,
    "Variances add up, standard deviations do not: work with variances throughout, and take no root.",
    up=lambda v, w, keep: np.sqrt(forward(v, w, keep)),
    down=lambda v, w, keep: np.sqrt(backward(v, w, keep)),
)
_wrong_prediction(
    "each layer for itself",
    ALL,
    "You return the factor of each layer. The signal carries all factors that it has met: multiply them up.",
    up=lambda v, w, keep: np.array(w[:-1]) * v * keep,
    down=lambda v, w, keep: np.array(w[1:]) * v * keep,
)
_wrong_prediction(
    "the mean of both fans",
    ALL,
    "That is Xavier's compromise. Here forward has the number of inputs, and backward the number of units above.",
    up=lambda v, w, keep: forward(v, _means(w, 0), keep),
    down=lambda v, w, keep: backward(v, _means(w, 1), keep),
)
_wrong_prediction(
    "the variance of another layer on the way back",
    (BACKWARD_LINEAR, BACKWARD_RELU),
    "On its way through layer l the gradient meets the weights of that very layer: weight_variances[l].",
    down=lambda v, w, keep: backward(np.append(v[1:], v[-1]), w, keep),
)
_wrong_prediction(
    "factors added up",
    (FORWARD_LINEAR, FORWARD_RELU),
    "Layer follows layer: the factors are multiplied up, not added.",
    up=_added,
)
_wrong_prediction(
    "backward in the wrong order",
    (BACKWARD_LINEAR, BACKWARD_RELU),
    "backward[0] belongs to the first layer's input: it has come down through all layers and stands first.",
    down=lambda v, w, keep: backward(v, w, keep)[::-1],
)
_wrong_prediction(
    "backward from the bottom up",
    (BACKWARD_LINEAR, BACKWARD_RELU),
    "The gradient comes in at the top, with second moment 1, and is multiplied layer by layer on its way down.",
    down=lambda v, w, keep: np.cumprod(np.array(w[1:]) * v * keep),
)
_wrong_prediction(
    "the variances squared",
    ALL,
    "weight_variances are variances already: they are not squared again.",
    up=lambda v, w, keep: forward(v**2, w, keep),
    down=lambda v, w, keep: backward(v**2, w, keep),
)
_wrong_prediction(
    "deviations of the weights",
    ALL,
    "(6.1) and (6.3) have the variance of the weights, not its root.",
    up=lambda v, w, keep: forward(np.sqrt(v), w, keep),
    down=lambda v, w, keep: backward(np.sqrt(v), w, keep),
)
_wrong_prediction(
    "the widths squared",
    ALL,
    "A unit adds up as many products as there are inputs: their number counts once.",
    up=lambda v, w, keep: forward(v, np.square(w), keep),
    down=lambda v, w, keep: backward(v, np.square(w), keep),
)
_wrong_prediction(
    "a quarter on the way back",
    BACKWARD_RELU,
    "The slope of ReLU is 0 or 1, and so is its square: on average one half, not the square of one half.",
    down=lambda v, w, keep: backward(v, w, keep**2),
)
_wrong_prediction(
    "a quarter on the way forward",
    FORWARD_RELU,
    "E[max(z, 0)^2] is half of E[z^2]: the half is not squared.",
    up=lambda v, w, keep: forward(v, w, keep**2),
)
_wrong_prediction(
    "twice in place of half",
    (FORWARD_RELU, BACKWARD_RELU),
    "The 2 of He's weights makes up for ReLU; here ReLU itself is asked for, which halves.",
    up=lambda v, w, keep: forward(v, w, 1 / keep),
    down=lambda v, w, keep: backward(v, w, 1 / keep),
)
_wrong_prediction(
    "backward begins with what comes in",
    (BACKWARD_LINEAR, BACKWARD_RELU),
    "backward[l] belongs to the input of layer l: the 1 that comes in on top is none of them.",
    down=lambda v, w, keep: np.append(backward(v, w, keep)[1:], 1.0),
)
_wrong_prediction(
    "forward begins with what comes in",
    (FORWARD_LINEAR, FORWARD_RELU),
    "forward[0] belongs to the first layer: the 1 that comes in is not one of them.",
    up=lambda v, w, keep: np.append(1.0, forward(v, w, keep)[:-1]),
)
_wrong_prediction(
    "the width of the input in every layer",
    (FORWARD_LINEAR, FORWARD_RELU),
    "Each layer has a fan_in of its own, widths[l].",
    up=lambda v, w, keep: forward(v, [w[0]] * len(w), keep),
)
_wrong_prediction(
    "the width of the output in every layer",
    (BACKWARD_LINEAR, BACKWARD_RELU),
    "Each layer has a fan_out of its own, widths[l + 1].",
    down=lambda v, w, keep: backward(v, [w[-1]] * len(w), keep),
)
_wrong_prediction(
    "results in the wrong order",
    ALL,
    "Return forward first, then backward.",
    up=backward,
    down=forward,
)


# --- 06-4 -----------------------------------------------------------------------------------------------------

APART = "No two units get the same gradient"
SAME_OUTPUT = "Other weights, and the network computes what it computed before"
GROUP = (APART, SAME_OUTPUT, PURE)
STILL_TIED = (
    "units that are still tied",
    "Some columns are equal, or nearly so: every unit needs outgoing weights of its own.",
)
EVERY_SECOND = (
    "every second unit",
    "Odd and even units differ now, but all odd ones are tied still, and so are all even ones.",
)
IN_COLUMNS = (
    "balanced over the outputs",
    "What you add sums up to 0 in each column. Each ROW must keep its sum: its entries are what one output gets.",
)
NOT_KEPT = (
    "the sum is not kept",
    "The network computes something else now: what one unit gets more, in a row, the others must get less.",
)

break_symmetry = Exercise("06-4", "Break the symmetry", "break_symmetry", topics=TOPICS)


def _tied(rng):
    """Outgoing weights of five tied units to three outputs: five equal columns."""
    return np.repeat(either_sign(rng, 0.5, 2.0, (3, 1)), 5, axis=1)


@break_symmetry.check(
    APART,
    2,
    (
        "The gradient of a unit's incoming weights is its delta times x. The deltas of two units differ as soon as "
        "their outgoing weights do.",
        "Give every unit a share of its own: w_out times five different numbers, one for each column.",
    ),
)
def no_two_units_get_the_same(function, rng):
    w_out, size = _tied(rng), 5
    new = weights(function(w_out), w_out.shape)
    deltas = rng.normal(size=(8, 3)) @ new  # of the five units for eight samples, but for the common slope
    apart = np.abs(deltas[:, :, None] - deltas[:, None, :]).max(axis=0) / (np.abs(deltas).max() + 1e-300)
    in_turn = np.allclose(new[:, 2:], new[:, :-2]) and not np.allclose(new[:, 0], new[:, 1])
    with telling(in_turn, *EVERY_SECOND), telling(not in_turn, *STILL_TIED):
        if not np.all(apart[~np.eye(size, dtype=bool)] > 1e-6):
            raise Wrong("Two units, at least, get the same gradient: they stay tied.", got=new)


@break_symmetry.check(
    SAME_OUTPUT,
    3,
    "Tied units give one number y to the output: w_out[k, 0] y + w_out[k, 1] y + ... Keep the sum of every row.",
)
def other_weights_and_the_network_computes(function, rng):
    w_out, w_in, x = _tied(rng), np.tile(rng.normal(size=(1, 4)), (5, 1)), rng.normal(size=(6, 4))
    hidden = np.tanh(x @ w_in.T)
    new = weights(function(w_out), w_out.shape)
    if np.allclose(new, w_out):
        raise Wrong("The outgoing weights are what they were.", got=new)
    in_columns = np.allclose(new.sum(axis=0), w_out.sum(axis=0))
    with telling(in_columns, *IN_COLUMNS), telling(not in_columns, *NOT_KEPT):
        close(hidden @ new.T, hidden @ w_out.T, "the output of the network")


@break_symmetry.check(PURE, 1, PURE_HINT, aside=True)
def arrays_that_were_given_are_left_as_they_were(function, rng):
    leaves_inputs_alone(function, _tied(rng), other=(_tied(rng),), repeatable=False)  # it may draw its shares


@break_symmetry.mistake("nothing changed", GROUP, "Equal columns come in and equal columns go out: nothing is broken.")
def nothing_changed(w_out):
    return w_out.copy()


@break_symmetry.mistake(
    "mirrored shares",
    APART,
    "The first unit has the share of the last one, the second that of the last but one: these pairs are still tied.",
)
def mirrored_shares(w_out):
    shares = 1 + np.abs(np.arange(w_out.shape[1]) - (w_out.shape[1] - 1) / 2)
    return w_out * shares / shares.mean()


@break_symmetry.mistake(EVERY_SECOND[0], APART, EVERY_SECOND[1])
def every_second_unit(w_out):
    shares = np.where(np.arange(w_out.shape[1]) % 2 == 0, 0.5, 1.5)
    return w_out * shares / shares.mean()


@break_symmetry.mistake(
    "one unit gets everything",
    APART,
    "The units whose outgoing weights are now all 0 are tied to each other, and their gradient is 0 besides.",
)
def one_unit_gets_everything(w_out):
    new = np.zeros(w_out.shape)
    new[:, 0] = w_out.sum(axis=1)
    return new


@break_symmetry.mistake(
    "only one unit is told apart",
    APART,
    "One unit differs from the others, which are still tied among themselves: every unit needs its own share.",
)
def only_one_unit_is_told_apart(w_out):
    shares = np.ones(w_out.shape[1])
    shares[0] = 2.0
    return w_out * shares / shares.mean()


@break_symmetry.mistake(
    "shares that do not average 1",
    SAME_OUTPUT,
    "The units are apart, but the network computes something else now: divide the shares by their mean.",
)
def sum_is_not_kept(w_out):
    return w_out * np.arange(1, w_out.shape[1] + 1)


@break_symmetry.mistake(
    "divided by the sum of the shares",
    SAME_OUTPUT,
    "Shares that add up to 1 make the outputs smaller by the number of units: divide by their mean, not by their sum.",
)
def divided_by_the_sum(w_out):
    shares = np.arange(1, w_out.shape[1] + 1)
    return w_out * shares / shares.sum()


@break_symmetry.mistake(
    "noise that does not add up to 0",
    SAME_OUTPUT,
    "Noise on the outgoing weights breaks the tie and changes the output: subtract each row's mean of the noise.",
)
def noise_that_does_not_add_up(w_out):
    return w_out + 0.01 * np.random.default_rng(0).normal(size=w_out.shape)


@break_symmetry.mistake(
    "the sum of all weights is kept, but not of each row",
    GROUP,
    "You gave different factors to the outputs (rows). The units are the columns.",
)
def sum_of_all_weights_is_kept(w_out):
    return w_out * (2 * np.arange(1, len(w_out) + 1) / (len(w_out) + 1))[:, None]


@break_symmetry.mistake(
    "the same number added everywhere",
    GROUP,
    "Adding one number to all weights leaves all columns equal: the units stay tied, and the output changes.",
)
def same_number_added_everywhere(w_out):
    return w_out + 0.1


@break_symmetry.mistake(
    "all weights the mean",
    GROUP,
    "One number for all weights ties the units even more: each column needs its own share of the row.",
)
def all_weights_the_mean(w_out):
    return np.full(w_out.shape, w_out.mean())


_wrong_prediction(
    "a half without ReLU as well",
    (FORWARD_LINEAR, BACKWARD_LINEAR),
    'Without an activation nothing is lost: the half belongs to "relu".',
    up=lambda v, w, keep: forward(v, w, 0.5),
    down=lambda v, w, keep: backward(v, w, 0.5),
)
_wrong_prediction(
    "a quarter in place of a half",
    (FORWARD_RELU, BACKWARD_RELU),
    "ReLU keeps half of the second moment, not of the first twice.",
    up=lambda v, w, keep: forward(v, w, keep**2),
    down=lambda v, w, keep: backward(v, w, keep**2),
)
_wrong_prediction(
    "deviations in place of variances",
    (FORWARD_LINEAR, FORWARD_RELU),
    "weight_variances are variances already: no root.",
    up=lambda v, w, keep: forward(np.sqrt(v), w, keep),
)
_wrong_prediction(
    "only the layer's own factor",
    (FORWARD_LINEAR, FORWARD_RELU),
    "The factors of all layers below are multiplied up.",
    up=lambda v, w, keep: np.array(v) * w[:-1] * [1.0, *[keep] * (len(v) - 1)],
)


@break_symmetry.mistake(
    "different amounts added to all",
    SAME_OUTPUT,
    "What you add to one unit must be taken from others, so that each row keeps its sum.",
)
def different_amounts_added_to_all(w_out):
    shares = np.arange(1, w_out.shape[1] + 1)
    return w_out + 0.01 * shares
