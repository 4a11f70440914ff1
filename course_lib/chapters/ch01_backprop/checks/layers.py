"""Exercises 01-1 to 01-3: the linear layer, softmax with cross-entropy, the deltas of a two-layer network.

All weights are square here, so that a transpose too many gives wrong numbers and no error: the shapes alone do
not save anyone. Each check looks at one result; what is made from an earlier result is compared with what
follows from the student's own earlier result, so that one mistake trips one check.
"""

import numpy as np

from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several, shaped, sized
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import either_sign

TOPICS = ("layers", "derivatives", "softmax")
PURE = "The arrays that were given are left as they were"
PURE_HINT = "a = a - b makes a new array; a -= b and a[...] = b write into the caller's."

linear = Exercise("01-1", "A linear layer, forward and back", "linear", topics=TOPICS)
cross_entropy = Exercise("01-2", "Softmax and cross-entropy", "softmax_cross_entropy", topics=TOPICS)
deltas = Exercise("01-3", "Deltas of a two-layer network", "two_layer_deltas", topics=TOPICS)


def driven(x, weight, most):
    """``x``, made so long or short that the unit that is driven farthest has ``most`` before its tanh."""
    return x * (most / np.abs(x @ weight.T).max())


# --- 01-1: x, weight, bias, d_y -> y, d_x, d_weight, d_bias -----------------------------------------------------

FORWARD = "Forward: y is x times the transposed weight, plus the bias"
DX = "d_x brings the delta back to the input"
DW = "d_weight pairs every delta with the input of its own sample"
DB = "d_bias sums the deltas of the batch"
LINEAR = ("y", "d_x", "d_weight", "d_bias")


def _layer(rng):
    return (*(rng.normal(size=shape) for shape in ((5, 3), (3, 3), (3,))), rng.normal(size=(5, 3)))


def _linear_check(title, points, index, expected, hint):
    @linear.check(title, points=points, hint=hint)
    def title_linear(function, rng):
        given = _layer(rng)
        close(several(function(*given), LINEAR)[index], expected(*given), LINEAR[index])


_linear_check(
    FORWARD,
    2,
    0,
    lambda x, weight, bias, d_y: x @ weight.T + bias,  # (1.1)
    ("Row i of weight holds the weights into unit i.", "y = x @ weight.T + bias"),
)
_linear_check(
    DX,
    2,
    1,
    lambda x, weight, bias, d_y: d_y @ weight,  # (1.4)
    ("An input reaches every unit; its delta is the sum over those units.", "d_x = d_y @ weight"),
)
_linear_check(
    DW,
    2,
    2,
    lambda x, weight, bias, d_y: d_y.T @ x,  # (1.2)
    ("d_weight has the shape of weight: units first, inputs second.", "d_weight = d_y.T @ x"),
)
_linear_check(
    DB,
    1,
    3,
    lambda x, weight, bias, d_y: d_y.sum(axis=0),  # (1.3)
    ("One bias serves all samples: the chain rule adds up all that it touches.", "d_bias = d_y.sum(axis=0)"),
)


@linear.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left(function, rng):
    leaves_inputs_alone(function, *_layer(rng), other=_layer(rng))


def _linear_mistake(name, fails, says, **wrong):
    """A right layer but for the results in ``wrong``, each a function of ``(x, weight, bias, d_y)``."""

    def function(x, weight, bias, d_y):
        right = {"y": x @ weight.T + bias, "d_x": d_y @ weight, "d_weight": d_y.T @ x, "d_bias": d_y.sum(axis=0)}
        return tuple(wrong[key](x, weight, bias, d_y) if key in wrong else right[key] for key in LINEAR)

    linear.mistake(name, fails, says)(function)


_linear_mistake(
    "bias missing",
    FORWARD,
    "The sum lacks the bias, as L0's backprop loop does (erratum E1).",
    y=lambda x, weight, bias, d_y: x @ weight.T,
)
_linear_mistake(
    "weight not transposed in the forward pass",
    FORWARD,
    "Row i of weight belongs to unit i, so a row of x meets its columns only after a transpose: x @ weight.T.",
    y=lambda x, weight, bias, d_y: x @ weight + bias,
)
_linear_mistake("bias subtracted", FORWARD, "The bias is added.", y=lambda x, weight, bias, d_y: x @ weight.T - bias)
_linear_mistake(
    "weight transposed on the way back",
    DX,
    "This sums over the wrong index (erratum E1): going back, delta j comes through weight[j, i], summed over j.",
    d_x=lambda x, weight, bias, d_y: d_y @ weight.T,
)
_linear_mistake(
    "d_x averaged over the batch",
    DX,
    "Every sample has its own delta: divide nothing here, the loss has done it.",
    d_x=lambda x, weight, bias, d_y: d_y @ weight / len(x),
)
_linear_mistake(
    "d_y handed on as d_x",
    DX,
    "The delta has to pass the weights: d_y belongs to the outputs.",
    d_x=lambda x, weight, bias, d_y: 1.0 * d_y,
)
_linear_mistake(
    "d_weight transposed",
    DW,
    "Entry (i, j) belongs to unit i and input j: d_y.T @ x, not x.T @ d_y.",
    d_weight=lambda x, weight, bias, d_y: x.T @ d_y,
)
_linear_mistake(
    "output in place of input",
    DW,
    "A weight is met by what comes INTO its layer: x, not y (erratum E3).",
    d_weight=lambda x, weight, bias, d_y: d_y.T @ (x @ weight.T + bias),
)
_linear_mistake(
    "d_weight averaged over the batch",
    DW,
    "The mean over samples belongs to the loss, and d_y has it in it already: here everything is summed.",
    d_weight=lambda x, weight, bias, d_y: d_y.T @ x / len(x),
)
_linear_mistake(
    "only the first sample counts",
    DW,
    "All samples pull at the same weight: their outer products add up.",
    d_weight=lambda x, weight, bias, d_y: np.outer(d_y[0], x[0]),
)
_linear_mistake(
    "only the first sample counts in d_bias",
    DB,
    "All samples pull at the same bias: their deltas add up.",
    d_bias=lambda x, weight, bias, d_y: 1.0 * d_y[0],
)
_linear_mistake(
    "d_bias averaged over the batch",
    DB,
    "Sum the deltas: the mean over samples is in d_y already.",
    d_bias=lambda x, weight, bias, d_y: d_y.mean(axis=0),
)
_linear_mistake(
    "d_bias not summed",
    DB,
    "One bias serves the whole batch: add the deltas of all samples, axis 0.",
    d_bias=lambda x, weight, bias, d_y: 1.0 * d_y,
)
_linear_mistake(
    "d_bias summed over the units",
    DB,
    "This adds up the units of a sample; add up the samples of a unit, axis 0.",
    d_bias=lambda x, weight, bias, d_y: d_y.sum(axis=1),
)


# --- 01-2: scores, target -> loss, d_scores ---------------------------------------------------------------------

MEAN_LOSS = "The loss is the mean over the samples of -sum target log(softmax)"
SLOPE = "d_scores is softmax minus target, shared among the samples"
EXTREME = "Scores of a thousand neither overflow nor lose the loss"
ENTROPY = ("loss", "d_scores")


def _softmax(scores):
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _log_softmax(scores):
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))  # (1.8)


def _scores(rng):
    return rng.normal(size=(4, 3)), rng.dirichlet(np.full(3, 3.0), size=4)


@cross_entropy.check(
    MEAN_LOSS,
    points=2,
    hint=(
        "First the logarithm of the softmax, then its sum weighted with target.",
        "loss = -(target * log_p).sum() / len(scores)",
    ),
)
def loss_is_the_mean_over(function, rng):
    scores, target = _scores(rng)
    loss, _ = several(function(scores, target), ENTROPY)
    close(loss, -np.sum(target * _log_softmax(scores)) / 4, "the loss")


@cross_entropy.check(
    SLOPE,
    points=2,
    hint=("Differentiate (1.8): nearly everything cancels.", "d_scores = (softmax - target) / len(scores)"),
)
def d_scores_is_softmax_minus_target(function, rng):
    scores, target = _scores(rng)
    _, d_scores = several(function(scores, target), ENTROPY)
    close(d_scores, (_softmax(scores) - target) / 4, "d_scores")  # (1.9)


@cross_entropy.check(
    EXTREME,
    points=1,
    hint=(
        "Subtracting the largest score of a row from that row changes no probability.",
        "Work with log_p = s - max - log(sum(exp(s - max))) and never take the log of a probability.",
    ),
)
def scores_of_a_thousand_neither_overflow(function, rng):
    scores = np.array([[1000.0, 0.0, -900.0]]) + rng.uniform(0, 50, (1, 3))
    target = np.array([[0.0, 1.0, 0.0]])
    loss, d_scores = several(function(scores, target), ENTROPY)
    close(loss, scores[0, 0] - scores[0, 1], "the loss")
    shaped(d_scores, (1, 3), "d_scores")


@cross_entropy.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left_as_they_were(function, rng):
    leaves_inputs_alone(function, *_scores(rng), other=_scores(rng))


def _entropy_mistake(name, fails, says, loss=None, slope=None):
    """A wrong ``loss(scores, target)`` or ``slope(scores, target)`` beside the right other half."""

    def function(scores, target):
        right = -np.sum(target * _log_softmax(scores)) / len(scores), (_softmax(scores) - target) / len(scores)
        return loss(scores, target) if loss else right[0], slope(scores, target) if slope else right[1]

    cross_entropy.mistake(name, fails, says)(function)


_entropy_mistake(
    "sum over the batch",
    MEAN_LOSS,
    "The mean over the samples is missing, as on L2's slide (erratum E4).",
    loss=lambda s, t: -np.sum(t * _log_softmax(s)),
)
_entropy_mistake(
    "output and target swapped",
    (MEAN_LOSS, EXTREME),
    "The logarithm belongs to the output. L2 calls the output o in two losses and the target o in the third (E4).",
    loss=lambda s, t: -np.sum(_softmax(s) * np.log(t)) / len(s),
)
_entropy_mistake(
    "averaged over the classes too",
    (MEAN_LOSS, EXTREME),
    "Sum over the classes; the mean runs over the samples only.",
    loss=lambda s, t: -np.mean(t * _log_softmax(s)),
)
_entropy_mistake(
    "minus forgotten",
    (MEAN_LOSS, EXTREME),
    "The logarithm of a probability is negative, a loss is positive.",
    loss=lambda s, t: np.sum(t * _log_softmax(s)) / len(s),
)
_entropy_mistake(
    "logarithm to base 2",
    (MEAN_LOSS, EXTREME),
    "Use the natural logarithm: only its derivative is 1 / p.",
    loss=lambda s, t: -np.sum(t * _log_softmax(s)) / len(s) / np.log(2),
)
_entropy_mistake(
    "a small number added inside the logarithm",
    EXTREME,
    "log(p + 1e-12) can never exceed 27.6: a confident mistake of 1000 is reported as that. Use (1.8).",
    loss=lambda s, t: -np.sum(t * np.log(_softmax(s) + 1e-12)) / len(s),
)
_entropy_mistake(
    "probabilities clipped",
    EXTREME,
    "A clipped probability caps the loss and kills its gradient. Use (1.8).",
    loss=lambda s, t: -np.sum(t * np.log(np.clip(_softmax(s), 1e-15, 1))) / len(s),
)
_entropy_mistake(
    "slope not shared among the samples",
    SLOPE,
    "The loss is a mean: each sample's slope is divided by their number.",
    slope=lambda s, t: _softmax(s) - t,
)
_entropy_mistake(
    "target minus softmax",
    SLOPE,
    "This points downhill: the gradient is softmax minus target.",
    slope=lambda s, t: (t - _softmax(s)) / len(s),
)
_entropy_mistake(
    "target forgotten in the slope",
    SLOPE,
    "This is the gradient of the first term of (1.8) only: subtract target.",
    slope=lambda s, t: _softmax(s) / len(s),
)
_entropy_mistake(
    "derivative by the probabilities",
    (SLOPE, EXTREME),
    "-target / p is the derivative by the probability; d_scores goes on through the softmax.",
    slope=lambda s, t: -t / _softmax(s) / len(s),
)
_entropy_mistake(
    "softmax as if the classes were independent",
    SLOPE,
    "A score moves ALL probabilities of its row: p (1 - p) is only the diagonal of the softmax's Jacobian.",
    slope=lambda s, t: -t * (1 - _softmax(s)) / len(s),
)


@cross_entropy.mistake("naive softmax", EXTREME, "exp(1000) overflows: subtract the largest score of each row first.")
def naive_softmax(scores, target):
    p = np.exp(scores) / np.sum(np.exp(scores), axis=-1, keepdims=True)
    return -np.sum(target * np.log(p)) / len(scores), (p - target) / len(scores)


@cross_entropy.mistake(
    "softmax down the batch",
    (MEAN_LOSS, SLOPE, EXTREME, PURE),
    "The classes of ONE sample share it: axis -1.",
)
def softmax_down_the_batch(scores, target):
    p = np.exp(scores - scores.max(axis=0))
    p = p / p.sum(axis=0)
    return -np.sum(target * np.log(p)) / len(scores), (p - target) / len(scores)


# --- 01-3: x, weight1, weight2, target -> delta1, delta2, d_weight1, d_weight2 ----------------------------------

TOP = "The top delta is the error times the slope of the top activation"
HIDDEN = "The hidden delta comes back through the weights above it"
PAIRED = "Each weight's gradient is the delta above it times the activation below it"
DELTAS = ("delta1", "delta2", "d_weight1", "d_weight2")


def _network(rng):
    weights = [either_sign(rng, 0.3, 0.9, (3, 3)) for _ in range(2)]
    return driven(rng.normal(size=(5, 3)), weights[0], 6.0), *weights, rng.uniform(-0.8, 0.8, (5, 3))


def _forward(x, weight1, weight2):
    """``(f1, f2)``: what both layers say."""
    f1 = np.tanh(x @ weight1.T)
    return f1, np.tanh(f1 @ weight2.T)


@deltas.check(
    TOP,
    points=2,
    hint=(
        "J = sum of (f2 - target)**2 / 2, and tanh has the slope 1 - tanh**2.",
        "delta2 = (f2 - target) * (1 - f2**2)",
    ),
)
def top_delta_is_the_error_times(function, rng):
    x, weight1, weight2, target = _network(rng)
    _, f2 = _forward(x, weight1, weight2)
    close(several(function(x, weight1, weight2, target), DELTAS)[1], (f2 - target) * (1 - f2**2), "delta2")  # (1.6)


@deltas.check(
    HIDDEN,
    points=3,
    hint=(
        "Hidden unit i feeds every unit j above it, through weight2[j, i]: add up what comes back from all j.",
        "delta1 = (delta2 @ weight2) * (1 - f1**2)",
    ),
)
def hidden_delta_comes_back_through(function, rng):
    x, weight1, weight2, target = _network(rng)
    f1, _ = _forward(x, weight1, weight2)
    delta1, delta2, *_ = several(function(x, weight1, weight2, target), DELTAS)
    close(delta1, (sized(delta2, (5, 3), "delta2") @ weight2) * (1 - f1**2), "delta1")  # (1.7)


@deltas.check(
    PAIRED,
    points=2,
    hint=(
        "L0's update: w_ij gets f_i of the layer below times delta_j of the layer above, summed over the samples.",
        "d_weight1 = delta1.T @ x and d_weight2 = delta2.T @ f1",
    ),
)
def each_weights_gradient_is_the_delta(function, rng):
    x, weight1, weight2, target = _network(rng)
    f1, _ = _forward(x, weight1, weight2)
    delta1, delta2, d_weight1, d_weight2 = several(function(x, weight1, weight2, target), DELTAS)
    close(d_weight1, sized(delta1, (5, 3), "delta1").T @ x, "d_weight1")
    close(d_weight2, sized(delta2, (5, 3), "delta2").T @ f1, "d_weight2")


@deltas.check(PURE, points=1, hint=PURE_HINT, aside=True)
def arrays_that_were_given_are_left_deltas(function, rng):
    leaves_inputs_alone(function, *_network(rng), other=_network(rng))


def _deltas_mistake(name, fails, says, top=None, hidden=None, paired=None):
    """Right but for ``top(f1, f2, target)``, ``hidden(delta2, weight1, weight2, f1, f2)`` or
    ``paired(delta1, delta2, x, f1, f2)``."""

    def function(x, weight1, weight2, target):
        f1, f2 = _forward(x, weight1, weight2)
        delta2 = top(f1, f2, target) if top else (f2 - target) * (1 - f2**2)
        delta1 = hidden(delta2, weight1, weight2, f1, f2) if hidden else (delta2 @ weight2) * (1 - f1**2)
        weights = paired(delta1, delta2, x, f1, f2) if paired else (delta1.T @ x, delta2.T @ f1)
        return delta1, delta2, *weights

    deltas.mistake(name, fails, says)(function)


_deltas_mistake(
    "summed over the wrong index",
    HIDDEN,
    "delta1[i] sums weight2[j, i] * delta2[j] over j, the units above. L0 prints the sum over i (erratum E1).",
    hidden=lambda d2, w1, w2, f1, f2: (d2 @ w2.T) * (1 - f1**2),
)
_deltas_mistake(
    "the layer's own weights",
    HIDDEN,
    "The delta comes back through the weights ABOVE the hidden layer, weight2. L1 prints its own, W_l (erratum E2).",
    hidden=lambda d2, w1, w2, f1, f2: (d2 @ w1) * (1 - f1**2),
)
_deltas_mistake(
    "slope of the hidden layer forgotten",
    HIDDEN,
    "The way back passes the activation too: times 1 - f1**2.",
    hidden=lambda d2, w1, w2, f1, f2: d2 @ w2,
)
_deltas_mistake(
    "slope of the wrong layer",
    HIDDEN,
    "delta1 belongs to the hidden layer: its slope is 1 - f1**2, not 1 - f2**2.",
    hidden=lambda d2, w1, w2, f1, f2: (d2 @ w2) * (1 - f2**2),
)
_deltas_mistake(
    "slope taken at the activation",
    HIDDEN,
    "f1 is tanh(s1) already: the slope is 1 - f1**2, without another tanh.",
    hidden=lambda d2, w1, w2, f1, f2: (d2 @ w2) * (1 - np.tanh(f1) ** 2),
)
_deltas_mistake(
    "the sigmoid's slope",
    (TOP, HIDDEN),
    "f (1 - f) is the slope of the sigmoid; this network has tanh: 1 - f**2.",
    top=lambda f1, f2, t: (f2 - t) * f2 * (1 - f2),
    hidden=lambda d2, w1, w2, f1, f2: (d2 @ w2) * f1 * (1 - f1),
)
_deltas_mistake(
    "activation of its own layer",
    PAIRED,
    "A weight is met by what comes from BELOW: x for weight1, f1 for weight2. L1 prints x_l for x_(l-1) (E3).",
    paired=lambda d1, d2, x, f1, f2: (d1.T @ f1, d2.T @ f2),
)
_deltas_mistake(
    "weight gradients transposed",
    PAIRED,
    "d_weight has the shape of weight, units first: delta.T @ below.",
    paired=lambda d1, d2, x, f1, f2: (x.T @ d1, f1.T @ d2),
)
_deltas_mistake(
    "weight gradients averaged",
    PAIRED,
    "J is a sum over the samples here: add up, do not average.",
    paired=lambda d1, d2, x, f1, f2: (d1.T @ x / len(x), d2.T @ f1 / len(x)),
)


@deltas.mistake(
    "the deltas in the wrong order", (TOP, HIDDEN, PAIRED, PURE), "Return delta1, the hidden one, before delta2."
)
def deltas_in_the_wrong_order(x, weight1, weight2, target):
    f1, f2 = _forward(x, weight1, weight2)
    delta2 = (f2 - target) * (1 - f2**2)
    delta1 = (delta2 @ weight2) * (1 - f1**2)
    return delta2, delta1, delta1.T @ x, delta2.T @ f1


_deltas_mistake(
    "slope of the top forgotten",
    TOP,
    "The output passes tanh: the error is multiplied by 1 - f2**2.",
    top=lambda f1, f2, t: f2 - t,
)
_deltas_mistake(
    "target minus output",
    TOP,
    "dJ/df2 = f2 - target: with the other sign the step would climb.",
    top=lambda f1, f2, t: (t - f2) * (1 - f2**2),
)
_deltas_mistake(
    "factor 2 of the square",
    TOP,
    "J has a factor 1/2 that the 2 of the square cancels.",
    top=lambda f1, f2, t: 2 * (f2 - t) * (1 - f2**2),
)


@linear.mistake("the last sample left out of d_weight", DW, "Every sample counts in d_weight, the last one too.")
def the_last_sample_left_out_of_d_weight(x, weight, bias, d_y):
    y = x @ weight.T + bias
    d_weight = d_y[:-1].T @ x[:-1]
    d_bias = d_y.sum(axis=0)
    return (y, d_y @ weight, d_weight, d_bias)


@cross_entropy.mistake(
    "averaged over the classes too, in both",
    (MEAN_LOSS, SLOPE, EXTREME, PURE),
    "Divide by the number of samples alone, in the loss and in its gradient: scores.size counts the classes, too.",
)
def averaged_over_the_classes_too_in_both(scores, target):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.mean(target * log_p)
    return (loss, (np.exp(log_p) - target) / scores.size)


@cross_entropy.mistake(
    "a small number inside the logarithm",
    (MEAN_LOSS, EXTREME),
    "log(p + 1e-8) hides what it cannot compute: subtract the log of the sum from the scores, and nothing is 0.",
)
def a_small_number_inside_the_logarithm(scores, target):
    shifted = scores - scores.max(axis=1, keepdims=True)
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    log_p = np.log(p + 1e-08)
    loss = -np.sum(target * log_p) / len(scores)
    return (loss, (p - target) / len(scores))


@cross_entropy.mistake(
    "the target taken as a class, in the gradient",
    SLOPE,
    "A target is a distribution: subtract target itself, not its largest class.",
)
def the_target_taken_as_a_class_in_the_gradient(scores, target):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.sum(target * log_p) / len(scores)
    return (loss, (np.exp(log_p) - np.eye(target.shape[1])[target.argmax(axis=1)]) / len(scores))


@cross_entropy.mistake(
    "the target taken as a class, in the loss",
    MEAN_LOSS,
    "A target is a distribution: weigh the logarithms by it, all of them.",
)
def the_target_taken_as_a_class_in_the_loss(scores, target):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.mean(log_p[np.arange(len(scores)), target.argmax(axis=1)])
    return (loss, (np.exp(log_p) - target) / len(scores))


@cross_entropy.mistake("logarithm to the base of 2", (MEAN_LOSS, SLOPE), "The logarithm is the natural one: np.log.")
def logarithm_to_the_base_of_2(scores, target):
    shifted = scores - scores.max(axis=1, keepdims=True)
    log_p = shifted - np.log2(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -np.sum(target * log_p) / len(scores)
    return (loss, (np.exp(log_p) - target) / len(scores))


@deltas.mistake(
    "the error comes back without the slope of the top",
    HIDDEN,
    "What comes back through weight2 is delta2, slope included, not the error alone.",
)
def the_error_comes_back_without_the_slope_of_the_top(x, weight1, weight2, target):
    f1 = np.tanh(x @ weight1.T)
    f2 = np.tanh(f1 @ weight2.T)
    delta2 = (f2 - target) * (1 - f2**2)
    delta1 = (f2 - target) @ weight2 * (1 - f1**2)
    return (delta1, delta2, delta1.T @ x, delta2.T @ f1)


def _slope_before_the_tanh(at_the_top, below):
    """An answer that takes 1 - s^2, of what stands before the tanh, for the slope in one layer or in both."""

    def function(x, weight1, weight2, target):
        s1 = x @ weight1.T
        f1 = np.tanh(s1)
        s2 = f1 @ weight2.T
        f2 = np.tanh(s2)
        delta2 = (f2 - target) * (1 - (s2 if at_the_top else f2) ** 2)
        delta1 = (delta2 @ weight2) * (1 - (s1 if below else f1) ** 2)
        return delta1, delta2, delta1.T @ x, delta2.T @ f1

    return function


for fails, layers in ((HIDDEN, (False, True)), (TOP, (True, False)), ((TOP, HIDDEN), (True, True))):
    deltas.mistake(
        "slope made of what stands before the tanh",
        fails,
        "The slope of tanh is 1 - f^2, with what came out of the tanh; 1 - s^2 has what went in.",
    )(_slope_before_the_tanh(*layers))


@deltas.mistake("slope without the square", (TOP, HIDDEN), "The slope of tanh is 1 - f^2: the square is missing.")
def slope_without_the_square(x, weight1, weight2, target):
    f1 = np.tanh(x @ weight1.T)
    f2 = np.tanh(f1 @ weight2.T)
    delta2 = (f2 - target) * (1 - f2)
    delta1 = delta2 @ weight2 * (1 - f1)
    return (delta1, delta2, delta1.T @ x, delta2.T @ f1)


@deltas.mistake("slope of the top without the square", TOP, "The slope of tanh is 1 - f2^2: the square is missing.")
def slope_of_the_top_without_the_square(x, weight1, weight2, target):
    f1 = np.tanh(x @ weight1.T)
    f2 = np.tanh(f1 @ weight2.T)
    delta2 = (f2 - target) * (1 - f2)
    delta1 = delta2 @ weight2 * (1 - f1**2)
    return (delta1, delta2, delta1.T @ x, delta2.T @ f1)


@deltas.mistake(
    "d_weight2 with what stands before the tanh",
    PAIRED,
    "weight2 meets the activations f1: their tanh is missing in d_weight2.",
)
def d_weight2_with_what_stands_before_the_tanh(x, weight1, weight2, target):
    f1 = np.tanh(x @ weight1.T)
    f2 = np.tanh(f1 @ weight2.T)
    delta2 = (f2 - target) * (1 - f2**2)
    delta1 = delta2 @ weight2 * (1 - f1**2)
    return (delta1, delta2, delta1.T @ x, delta2.T @ (x @ weight1.T))


@deltas.mistake("a linear output", TOP, "The output has a tanh, too: f2 = tanh(f1 W2^T).")
def a_linear_output(x, weight1, weight2, target):
    f1 = np.tanh(x @ weight1.T)
    f2 = f1 @ weight2.T
    delta2 = (f2 - target) * (1 - f2**2)
    delta1 = delta2 @ weight2 * (1 - f1**2)
    return (delta1, delta2, delta1.T @ x, delta2.T @ f1)
