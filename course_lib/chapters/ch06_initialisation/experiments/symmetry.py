"""Units that start alike, and what each optimizer makes of them."""

from dataclasses import dataclass, fields

import numpy as np

from course_lib.data import moons
from course_lib.layers import CrossEntropy, Linear, Tanh
from course_lib.network import Network, NetworkLoss
from course_lib.run import descend

UNITS, NUM_STEPS = 5, 100
STARTS = ("all weights equal", "all weights 0", "outgoing weights differ", "incoming weights differ by 1e-6", "Xavier")


@dataclass(frozen=True)
class Small(NetworkLoss):
    """A loss with a Hessian, by central differences of the gradient: for Newton and its kin on 27 parameters."""

    has_hessian = True

    def hessian(self, theta):
        """Hessian ``(n, n)`` at ``theta``, symmetric."""
        h = 1e-5
        rows = [(self.gradient(theta + h * u) - self.gradient(theta - h * u)) / (2 * h) for u in np.eye(len(theta))]
        return (np.array(rows) + np.array(rows).T) / 2


def problem(size=60):
    """Two moons, one hidden layer of five tanh units, two scores."""
    dataset, rng = moons(size, np.random.default_rng(0)), np.random.default_rng(0)
    network = Network(Linear(2, UNITS, rng), Tanh(), Linear(UNITS, 2, rng))
    return Small(network, dataset.x, dataset.y, CrossEntropy(), batch_size=10)


def units(objective, theta):
    """``(UNITS, 5)``: the incoming weights, bias and outgoing weights of each hidden unit."""
    objective.network.theta = theta
    first, _, last = objective.network.layers
    return np.column_stack([first.params["weight"], first.params["bias"], last.params["weight"].T])


def start(objective, kind, seed=1):
    """First parameters of one of ``STARTS``."""
    rng, (first, _, last) = np.random.default_rng(seed), objective.network.layers
    xavier = [rng.normal(size=(UNITS, 2)) * np.sqrt(2 / (UNITS + 2)), rng.normal(size=(2, UNITS)) * np.sqrt(2 / 7)]
    equal = [np.tile([0.3, -0.2], (UNITS, 1)), np.tile([[0.4], [-0.3]], UNITS)]
    weights = {
        STARTS[0]: equal,
        STARTS[1]: [0 * equal[0], 0 * equal[1]],
        STARTS[2]: [equal[0], xavier[1]],
        STARTS[3]: [equal[0] + 1e-6 * xavier[0], equal[1]],
        STARTS[4]: xavier,
    }[kind]
    objective.network.theta = np.zeros(objective.network.theta.size)
    first.params["weight"][:], last.params["weight"][:] = weights
    return objective.network.theta.copy()


def spread(objective, theta):
    """Largest difference between two hidden units in any of their parameters, by the size of the units."""
    rows = units(objective, theta)
    return float(np.max(np.ptp(rows, axis=0)) / (np.max(np.abs(rows)) + 1e-300))


RATES = {"SGD": 0.5, "Subgradient": 0.5, "CoordinateDescent": 0.5, "Momentum": 0.1, "Nesterov": 0.1, "Adagrad": 0.1}


def optimizer_for(cls):
    """An instance that makes progress here; those whose learning rate is 1 by default keep it.

    Newton's Hessian is singular where units are tied (moving weight from one to the other changes nothing), so both
    Newton methods get a damping of 1: without it they divide rounding errors by 0.
    """
    names = {field.name for field in fields(cls)}
    if "damping" in names and cls.__name__.endswith("Newton"):
        return cls(damping=1.0)
    keep = "learning_rate" not in names or cls.__name__ == "Adadelta"
    return cls() if keep else cls(learning_rate=RATES.get(cls.__name__, 0.02))


def spreads(cls, kind, num_steps=NUM_STEPS, noisy=False):
    """``(spread after each step (num_steps + 1,), loss before, loss after)`` of one optimizer from one start."""
    objective = problem()
    rng = np.random.default_rng(2) if noisy else None
    run = descend(objective, optimizer_for(cls), start(objective, kind), num_steps, rng=rng)
    return np.array([spread(objective, theta) for theta in run.thetas]), run.values[0], run.values[-1]
