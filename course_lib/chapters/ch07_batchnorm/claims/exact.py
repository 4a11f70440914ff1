"""Chapter 7, what can be said exactly: the redundant constant, and weights whose length does not matter."""

import numpy as np

from course_lib.chapters.ch07_batchnorm.experiments import StubbornBatchNorm
from course_lib.claims.kit import Claim, Evidence, Line, Measured, Plot, fails, holds, holds_if
from course_lib.initializers import he_normal
from course_lib.layers import BatchNorm, CrossEntropy, Linear, ReLU
from course_lib.network import Network, NetworkLoss
from course_lib.optimizers import SGD
from course_lib.run import descend

NUM_SEEDS = 10


def small_task(rng):
    """``(x, labels)``: 60 points in three overlapping clouds."""
    labels = np.arange(60) % 3
    return rng.normal(size=(60, 5)) + 2 * np.eye(3, 5)[labels], labels


def small_net(rng, before=True, bias=True):
    """``(Linear, network)``: one hidden layer with batch normalisation before or after its activation."""
    linear, norm = Linear(5, 7, rng, he_normal, bias=bias), BatchNorm(7, eps=1e-12)
    middle = (norm, ReLU()) if before else (ReLU(), norm)
    return linear, Network(linear, *middle, Linear(7, 3, rng))


# --- C-07-4 -------------------------------------------------------------------------------------------


def _shifted(network, linear, x, by, training):
    """Largest change of the output when ``by`` is added to the constant terms of ``linear``."""
    before = network.forward(x, training=training)
    linear.params["bias"] += by
    after = network.forward(x, training=training)
    linear.params["bias"] -= by
    return np.max(np.abs(after - before))


def _constant():
    found = {name: [] for name in ("before", "gradient", "path", "after", "inference")}
    for seed in range(NUM_SEEDS):
        rng = np.random.default_rng([74, seed])
        x, labels = small_task(rng)
        by = rng.normal(size=7)
        for before in (True, False):
            linear, network = small_net(np.random.default_rng(seed), before)
            found["before" if before else "after"].append(_shifted(network, linear, x, by, True))
            if before:
                loss = NetworkLoss(network, x, labels, CrossEntropy())
                loss.gradient(network.theta.copy())
                found["gradient"].append(np.max(np.abs(linear.grads["bias"])))
                network.forward(x, training=True)
                found["inference"].append(_shifted(network, linear, x, by, False))
        found["path"].append(_paths_apart(x, labels, seed))
    numbers = {
        "before": Measured(max(found["before"]), label="before the activation, training: largest change of the output"),
        "gradient": Measured(max(found["gradient"]), label="gradient of the constant terms, largest"),
        "path": Measured(max(found["path"]), label="50 steps with and without them: losses differ by at most"),
        "after": Measured(
            min(found["after"]), label="norm after the activation: smallest change of the output", digits=2
        ),
        "inference": Measured(
            min(found["inference"]), label="at inference, statistics kept: smallest change", digits=2
        ),
    }
    seeds = np.arange(NUM_SEEDS)
    lines = (
        Line("norm before the activation", seeds, np.maximum(found["before"], 1e-17)),
        Line("norm after the activation", seeds, np.array(found["after"])),
        Line("before, at inference", seeds, np.array(found["inference"])),
    )
    return Evidence(numbers, Plot("seed", "largest change of the output by new constant terms", lines, "y"))


def _paths_apart(x, labels, seed):
    values = []
    for bias in (True, False):
        rng = np.random.default_rng(seed)
        _, network = small_net(rng, bias=bias)
        loss = NetworkLoss(network, x, labels, CrossEntropy())
        values.append(descend(loss, SGD(0.2), network.theta.copy(), 50).values)
    return np.max(np.abs(values[0] - values[1]))


def _judge_constant(n):
    if max(n["before"].value, n["gradient"].value, n["path"].value) > 1e-9:
        return fails("a constant term changes what the net computes or learns")
    if min(n["after"].value, n["inference"].value) > 1e-3:
        return holds_if(
            "the norm follows the linear layer directly, and in training: there the constant cancels to rounding; "
            "behind the activation it does not, nor at inference, where the running mean must have seen it"
        )
    return holds("wherever the norm stands, in both modes")


CONSTANT_TERM = Claim(
    id="C-07-4",
    lecture="L4 l.323",
    statement="Before the activation, the constant term becomes redundant as batch normalisation controls the shift",
    condition="5-7-3 nets on three clouds, 10 seeds; constants of size 1 added to the layer before the norm; 50 steps "
    "of descent, learning rate 0.2",
    rule="Fails if, in training with the norm before the activation, a new constant changes the output by more than "
    "1e-9, has a gradient above 1e-9, or if training without it differs by more than 1e-9. Of these only, and not "
    "behind the activation or at inference (changes above 0.001 in every seed): 'holds if'.",
    identity=True,
    experiment=_constant,
    judge=_judge_constant,
)


# --- C-07-6 -------------------------------------------------------------------------------------------


def scale_free_loss(seed=0):
    """``(loss, number of weights)``: hidden weights behind which batch normalisation stands; the rest is fixed."""
    rng = np.random.default_rng(seed)
    x, labels = small_task(rng)
    linear = Linear(5, 7, rng, he_normal, bias=False)
    tail = Network(StubbornBatchNorm(7, eps=1e-12), ReLU(), Linear(7, 3, rng))
    return HiddenWeights(linear, tail, x, labels)


class HiddenWeights:
    """Cross-entropy as a function of the weights ``(35,)`` before batch normalisation only."""

    def __init__(self, linear, tail, x, labels):
        self.linear, self.tail, self.x, self.labels = linear, tail, x, labels
        self.start = linear.params["weight"].ravel().copy()
        self.loss = CrossEntropy()

    def value(self, theta):
        if np.ndim(theta) > 1:
            return np.array([self.value(one) for one in theta])
        self.linear.params["weight"][:] = np.reshape(theta, self.linear.params["weight"].shape)
        hidden = self.linear.forward(self.x, training=True)
        return self.loss.forward(self.tail.forward(hidden, training=True), self.labels)

    def gradient(self, theta):
        self.value(theta)
        self.linear.backward(self.tail.backward(self.loss.backward()))
        return self.linear.grads["weight"].ravel().copy()


def _scale():
    scales, numbers = np.array([0.1, 0.5, 2.0, 10.0]), {}
    worst = {"value": 0.0, "gradient": 0.0, "angle": 0.0, "pythagoras": 0.0, "growth": np.inf}
    for seed in range(NUM_SEEDS):
        loss = scale_free_loss(seed)
        theta, gradient = loss.start, loss.gradient(loss.start)
        for c in scales:
            worst["value"] = max(worst["value"], abs(loss.value(c * theta) - loss.value(theta)))
            scaled = c * loss.gradient(c * theta)
            worst["gradient"] = max(worst["gradient"], np.max(np.abs(scaled - gradient)) / np.max(np.abs(gradient)))
        cosine = abs(theta @ gradient) / np.linalg.norm(theta) / np.linalg.norm(gradient)
        worst["angle"] = max(worst["angle"], cosine)
        path = descend(loss, SGD(3.0), theta, 60).thetas
        squares = np.sum(path**2, axis=1)
        steps = np.sum(np.diff(path, axis=0) ** 2, axis=1)
        worst["pythagoras"] = max(worst["pythagoras"], np.max(np.abs(np.diff(squares) / steps - 1)))
        worst["growth"] = min(worst["growth"], squares[-1] / squares[0])
    labels = {
        "value": "weights times 0.1 to 10: loss changes by at most",
        "gradient": "gradient times the same factor: relative change at most",
        "angle": "cosine between gradient and weights, largest",
        "pythagoras": "growth of |w|^2 over the squared step, less 1, largest",
    }
    numbers = {name: Measured(_floor(worst[name]), label=label) for name, label in labels.items()}
    numbers["growth"] = Measured(worst["growth"], label="|w|^2 after 60 steps over |w|^2 before, smallest")
    t = np.arange(len(squares))
    lines = (
        Line("measured", t, squares),
        Line("theory: the sum of squared steps", t, squares[0] + np.append(0, np.cumsum(steps)), theory=True),
    )
    return Evidence(numbers, Plot("step", "squared norm of the weights", lines))


def _floor(value):
    """Rounding errors differ between machines: what is below 1e-8 reads 0."""
    return value if value > 1e-8 else 0.0


def _judge_scale(n):
    if max(n[name].value for name in ("value", "gradient", "angle", "pythagoras")) > 1e-6:
        return fails("the length of the weights matters")
    if n["growth"].lower > 1:
        return holds("loss, direction and angle do not see the length, which only grows, so the effective step shrinks")
    return holds_if("the length is left alone: here it does not grow")


SCALE_FREE = Claim(
    id="C-07-6",
    lecture="L4 l.318 (Ioffe and Szegedy 2015, section 3.3)",
    statement="Batch normalisation makes training robust: the scale of the weights before it does not matter",
    condition="35 weights before batch normalisation, eps 1e-12, 10 seeds; descent with learning rate 3 for 60 steps",
    rule="Fails if scaling the weights changes the loss, the gradient times the scale, or the right angle between "
    "gradient and weights by more than 1e-6, or if |w|^2 does not grow by exactly the squared step (1e-6). Holds if it "
    "grows in every seed.",
    identity=True,
    experiment=_scale,
    judge=_judge_scale,
)

EXACT_CLAIMS = (CONSTANT_TERM, SCALE_FREE)
