"""The smallest network with a landscape of its own: its loss, counted by what it costs, and its critical points."""

from dataclasses import dataclass, replace

import numpy as np

from course_lib.chapters.ch04_newton_saddles.experiments.spin_glass import CriticalPoints
from course_lib.objective import hvp_by_differences

INPUTS = 2


@dataclass
class TanhFit:
    """Half the mean squared error of a network with two inputs, tanh units and one output; ``spent`` counts passes.

    ``theta`` is ``(..., 4 hidden + 1)``: how many hidden units there are is read from its length.

    A gradient on all samples costs 1, a value 1/2, a Hessian-vector product (two gradients) 2; fewer samples cost
    their share.
    """

    x: np.ndarray
    y: np.ndarray
    share: float = 1.0
    spent: float = 0.0
    has_hessian = False

    def _forward(self, theta):
        hidden = (theta.shape[-1] - 1) // (INPUTS + 2)
        split = [hidden * INPUTS, hidden * (INPUTS + 1), hidden * (INPUTS + 2)]
        w, b, v, c = np.split(theta, split, axis=-1)
        w = w.reshape(*theta.shape[:-1], INPUTS, hidden)
        active = np.tanh(self.x @ w + b[..., None, :])
        return active, v, (active @ v[..., None])[..., 0] + c - self.y

    def value(self, theta):
        self.spent += self.share / 2
        return np.mean(self._forward(theta)[-1] ** 2, axis=-1) / 2

    def gradient(self, theta):
        self.spent += self.share
        hidden, v, rest = self._forward(theta)
        rest = rest / len(self.y)
        inside = rest[..., None] * v[..., None, :] * (1 - hidden**2)
        d_w = np.swapaxes(np.swapaxes(inside, -1, -2) @ self.x, -1, -2)
        flat = d_w.reshape(*theta.shape[:-1], -1)
        d_v = (rest[..., None, :] @ hidden)[..., 0, :]
        return np.concatenate([flat, inside.sum(-2), d_v, rest.sum(-1, keepdims=True)], axis=-1)

    def hvp(self, theta, v):
        return hvp_by_differences(self.gradient, theta, v)

    def on(self, batch):
        return replace(self, x=self.x[batch], y=self.y[batch], share=len(batch) / len(self.y), spent=0.0)


def two_waves(samples, rng):
    """``samples`` points of sin(2 x) cos(y) on the square from -2 to 2, as a ``TanhFit``."""
    x = rng.uniform(-2, 2, (samples, INPUTS))
    return TanhFit(x, np.sin(2 * x[:, 0]) * np.cos(x[:, 1]))


def network_critical_points(rng, hidden=5, samples=40, l2_penalty=0.01, num_starts=50, num_steps=60):
    """Different critical points of a network's loss, found as Dauphin et al. 2014 do: by minimising |gradient|^2.

    The penalty (half of ``l2_penalty`` times |theta|^2) keeps units that do nothing from making the loss flat. Steps
    are those of Levenberg and Marquardt: (H^2 + damping I)^-1 H g, kept if they make the gradient smaller.
    """
    fit, n = two_waves(samples, rng), hidden * (INPUTS + 2) + 1
    theta = rng.normal(size=(num_starts, n)) * rng.uniform(0.1, 2, size=(num_starts, 1))

    def gradient(at):
        return fit.gradient(at) + l2_penalty * at

    def hessian(at, h=1e-5):
        ahead, behind = at[:, None, :] + h * np.eye(n), at[:, None, :] - h * np.eye(n)
        matrix = (gradient(ahead) - gradient(behind)) / (2 * h)
        return (matrix + np.swapaxes(matrix, 1, 2)) / 2

    g, damping = gradient(theta), np.full(num_starts, 0.01)
    for _ in range(num_steps):
        h = hessian(theta)
        step = np.linalg.solve(h @ h + damping[:, None, None] * np.eye(n), h @ g[..., None])[..., 0]
        new = gradient(theta - step)
        better = np.linalg.norm(new, axis=1) < np.linalg.norm(g, axis=1)
        theta, g = np.where(better[:, None], theta - step, theta), np.where(better[:, None], new, g)
        damping = np.clip(np.where(better, damping / 4, damping * 4), 1e-14, 1e4)
    theta = theta[np.linalg.norm(g, axis=1) < 1e-7]
    losses = fit.value(theta) + l2_penalty / 2 * np.sum(theta**2, axis=1)
    indices = np.mean(np.linalg.eigvalsh(hessian(theta)) < -1e-6, axis=1)
    _, first = np.unique(np.round(np.stack([losses, indices]), 6), axis=1, return_index=True)
    return CriticalPoints(losses[first], indices[first])
