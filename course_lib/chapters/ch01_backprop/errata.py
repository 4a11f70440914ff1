"""Errata of chapter 1: E1 to E4, E6 to E8 and E10 of the lectures, each formula run as printed and put right."""

import numpy as np

from course_lib.autodiff import gradient, sigmoid
from course_lib.chapters.ch01_backprop.claims.autodiff import deltas_by_recursion, run_layers, small_net
from course_lib.chapters.ch01_backprop.claims.networks import decay, hessian, linear_objective
from course_lib.claims.errata import Erratum, Row
from course_lib.layers import CrossEntropy, Sigmoid, Tanh

SQUARE = (3, 3, 3, 3)  # all layers of one width, so that what is printed runs at all


def network(seed=0):
    """``(weights, us, xs, target, deltas)`` of a square tanh network, with the right deltas."""
    weights, x, target = small_net(np.random.default_rng(seed), SQUARE)
    us, xs = run_layers(weights, x)
    return weights, us, xs, target, deltas_by_recursion(weights, us, xs, target)


def angle(one, other):
    """Degrees between two arrays taken as vectors; 90 and more is no way down."""
    cosine = np.vdot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def hidden_deltas(printed):
    """First-layer deltas of 200 networks by ``printed(weights, deltas, l)`` and by the right rule."""
    angles = []
    for seed in range(200):
        weights, us, _, _, right = network(seed)
        found = list(right)
        for level in (1, 0):
            found[level] = printed(weights, found, level) * (1 - np.tanh(us[level]) ** 2)
        angles.append(angle(found[0], right[0]))
    return np.array(angles)


def wrong_index(weights, deltas, level):
    """L0 l.40: the sum runs over i, the unit below, where the index j of the unit above belongs."""
    return weights[level + 1] @ deltas[level + 1]


def own_weights(weights, deltas, level):
    """L1 l.161: the transpose of the layer's own weights."""
    return weights[level].T @ deltas[level + 1]


def _wrong_index():
    angles = hidden_deltas(wrong_index)
    return (
        Row("angle to the true first delta, mean of 200 square networks, degrees", angles.mean(), 0.0),
        Row("share of networks in which it points uphill", np.mean(angles > 90), 0.0),
    )


def _own_weights():
    angles = hidden_deltas(own_weights)
    shapes = np.array([[4, 3], [3, 4], [2, 3]])  # of W_1, W_2, W_3 in the net 3-4-3-2
    fits = [shapes[level][0] == shapes[level + 1][0] for level in (0, 1)]
    return (
        Row("angle to the true first delta, mean of 200 square networks, degrees", angles.mean(), 0.0),
        Row("layers of a 3-4-3-2 network in which the shapes fit", sum(fits), 2.0),
    )


def _own_activation():
    weights, _, xs, target, deltas = network()
    printed = np.outer(deltas[0], xs[1])
    right = np.outer(deltas[0], xs[0])
    h, moved = 1e-6, [weights[0].copy(), *weights[1:]]
    moved[0][0, 0] += h
    value = [np.sum((run_layers(w, xs[0])[1][-1] - target) ** 2) / 2 for w in (weights, moved)]
    slope = (value[1] - value[0]) / h
    return (
        Row("d loss / d W_1[0, 0]", printed[0, 0], right[0, 0]),
        Row("the same by a difference quotient", slope, slope),
        Row("angle to the true gradient of W_1, degrees", angle(printed, right), 0.0),
    )


def _swapped_cross_entropy():
    target, output = np.array([0.0, 1.0, 0.0]), np.array([0.1, 0.7, 0.2])
    with np.errstate(divide="ignore"):
        swapped = -np.sum(output * np.log(np.maximum(target, 1e-12)))
    scores = np.log(np.tile(output, (10, 1)))
    loss = CrossEntropy().forward(scores, np.tile(target, (10, 1)))
    return (
        Row("one sample, o read as the output as in LAD and LSE (log 0 cut at 1e-12)", swapped, -np.log(0.7)),
        Row("ten such samples: sum, as printed, and mean", 10 * loss, loss),
    )


def _not_a_bowl():
    def value(w):
        return (w[0] * w[1] - 1) ** 2

    at = np.zeros(2)
    rows = [gradient(value)(at + u) for u in 1e-4 * np.eye(2)]
    eigenvalues = np.linalg.eigvalsh(np.array(rows) / 1e-4)
    two = np.linalg.eigvalsh(hessian(linear_objective(3, 2, 1), np.zeros(8)))
    one = np.linalg.eigvalsh(hessian(linear_objective(3, 1), np.zeros(3)))
    return (
        Row("(w1 w2 - 1)^2 at 0: lowest eigenvalue of the Hessian; a bowl's is not negative", 2.0, eigenvalues[0]),
        Row("30 samples: lowest eigenvalue at 0, one layer (a bowl), two layers", one[0], two[0]),
        Row("(w1 w2 - 1)^2 midway between its minima (1, 1) and (-1, -1)", 0.0, float(value(at))),
    )


def sign_shares(batch, seeds=400, inputs=8):
    """``(one unit, whole layer)``: share of draws in which the updates of all weights have one sign.

    Two units with sigmoid inputs; the gradient of the weights is the batch's mean of delta * input.
    """
    rng = np.random.default_rng(5)
    below = sigmoid(rng.normal(size=(seeds, batch, inputs)))
    deltas = rng.normal(size=(seeds, batch, 2))
    grads = np.einsum("sbu,sbi->sui", deltas, below)
    alike = np.abs(np.sign(grads).sum(axis=2)) == inputs
    layer = alike.all(axis=1) & (np.sign(grads[:, 0, 0]) == np.sign(grads[:, 1, 0]))
    return float(alike[:, 0].mean()), float(layer.mean())


def _zigzag():
    (unit, layer), (batch_unit, batch_layer) = sign_shares(1), sign_shares(32)
    return (
        Row("one sample, one unit: share of updates with one sign", 1.0, unit),
        Row("one sample, a layer of two units", 1.0, layer),
        Row("batch of 32, one unit", 1.0, batch_unit),
        Row("batch of 32, a layer of two units", 1.0, batch_layer),
    )


def exponential_tangent(x):
    """A literal reading of the slip's name: tan(exp(x)), which is no activation."""
    return np.tan(np.exp(x))


def _tanh():
    return tuple(
        Row(
            f"at x = {x:g}: tan(exp(x)), if one takes the name at its word, and tanh",
            exponential_tangent(x),
            np.tanh(x),
        )
        for x in (-1.0, 0.0, 1.0)
    )


def _explosion():
    z = np.linspace(-8, 8, 16001)
    slopes = []
    for layer in (Sigmoid(), Tanh()):
        layer.forward(z, training=True)
        slopes.append(layer.backward(np.ones_like(z)).max())
    small, large = decay(Tanh, 1.0).mean(), decay(Tanh, 4.0).mean()
    return (
        Row("largest slope of the sigmoid: printed bound, true one", 1.0, slopes[0]),
        Row("largest slope of tanh: printed bound, true one", 1.0, slopes[1]),
        Row("tanh, 20 layers: delta's factor a layer at weights of size 1 and of size 4", small, large),
    )


ERRATA = (
    Erratum(
        "E1",
        "L0 l.40, l.46",
        "delta_i = g'(s_i) * sum over i of w_ij delta_j; the loop returns W_ii; no biases",
        "delta_i = g'(s_i) * sum over j of w_ij delta_j; it returns W_ij; s_j has a bias, updated with -eta delta_j",
        "The delta comes back from all units j above. Summed over i, the formula uses i twice and leaves j free. May "
        "be a slip of the transcription.",
        _wrong_index,
        "C-01-6",
    ),
    Erratum(
        "E2",
        "L1 l.161",
        "df/du_l = W_l^T df/du_(l+1) * sigma'(u_l)",
        "df/du_l = W_(l+1)^T df/du_(l+1) * sigma'(u_l)",
        "u_(l+1) = W_(l+1) x_l: that matrix, transposed, is the way back. Only square networks hide it. "
        "May be a slip of the transcription.",
        _own_weights,
        "C-01-6",
    ),
    Erratum(
        "E3",
        "L1 l.168",
        "df/dW_l = df/du_l x_l^T; the target in R_L^n; W with learning rate alpha_k, b with eta_k",
        "df/dW_l = df/du_l x_(l-1)^T; the target in R^(n_L); one learning rate",
        "A weight is met by what comes into its layer. The indices may be a slip of the transcription.",
        _own_activation,
        "C-01-6",
    ),
    Erratum(
        "E4",
        "L2 l.59",
        "CEL = -sum over c of o_i log(yhat_i), beside LAD and LSE in which o is the output",
        "the mean over samples of -sum over classes of target log(output)",
        "In the other two losses o and yhat may be swapped without harm; here the logarithm belongs to the output. "
        "The mean over samples is missing, and c is not defined.",
        _swapped_cross_entropy,
    ),
    Erratum(
        "E6",
        "L3 l.80",
        "the error surface of a linear network with squared loss is a quadratic bowl",
        "only with one layer; a product of weights is no quadratic",
        "(w1 w2 - 1)^2 has two valleys of minima and a saddle at 0.",
        _not_a_bowl,
        "C-01-5",
        ("a bowl would give", "measured"),
    ),
    Erratum(
        "E7",
        "L4 l.168",
        "the updates of all parameters of a layer have one sign when the inputs are positive",
        "the weights into ONE unit, for ONE sample; a batch and other units mix signs",
        "The sign is the delta's. Each unit has its own, and a batch adds different ones.",
        _zigzag,
        "",
        ("as claimed", "measured"),
    ),
    Erratum(
        "E8",
        "L4 l.173",
        "exponential tangent",
        "hyperbolic tangent, tanh(x) = (exp(x) - exp(-x)) / (exp(x) + exp(-x))",
        "A slip of the name; zero-centred and saturating, as the lecture says, is tanh.",
        _tanh,
    ),
    Erratum(
        "E10",
        "L3 l.280",
        "slopes between 0 and 1; gradients explode if the slopes are larger than 1",
        "the sigmoid's slope is at most 1/4, tanh's at most 1; what explodes is weight times slope",
        "No slope of these exceeds 1, yet gradients explode: the weights do it.",
        _explosion,
        "C-01-4",
        ("first", "second"),
    ),
)
