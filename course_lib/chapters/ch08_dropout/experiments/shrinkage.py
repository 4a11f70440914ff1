r"""What regularisers do on a quadratic and on a linear model, where it can be said exactly.

Near a minimum theta* with Hessian eigenvalues lambda every eigenvector goes its own way; a regulariser multiplies
the coordinate along it by a factor between 0 and 1. Everything here broadcasts.
"""

import numpy as np

from course_lib.objective import Objective
from course_lib.optimizers import soft_threshold
from course_lib.validation import (
    broadcast,
    count,
    finite,
    fraction,
    having,
    non_negative,
    number,
    numbers,
    positive,
    vector,
)


def bowl(eigenvalues, minimum):
    """sum_j eigenvalue_j (theta_j - minimum_j)^2 / 2, as an objective; both ``(n,)``."""
    eigenvalues = finite("eigenvalues", eigenvalues, "n")
    minimum = finite("minimum", minimum, len(eigenvalues))

    def away(theta):
        theta = numbers("theta", theta)
        if np.shape(theta)[-1:] != minimum.shape:
            raise ValueError(f"theta must have {len(minimum)} coordinates, but its shape is {np.shape(theta)}.")
        return theta - minimum

    return Objective(
        lambda theta: np.sum(eigenvalues * away(theta) ** 2, axis=-1) / 2,
        lambda theta: eigenvalues * away(theta),
        lambda theta: np.broadcast_to(np.diag(eigenvalues), (*away(theta).shape, len(eigenvalues))),
    )


def l2_factor(eigenvalue, l2_penalty):
    r"""What is left of a coordinate of the minimum under the penalty l2_penalty / 2 * ||theta||^2.

    .. math:: \frac{\lambda}{\lambda + \alpha}  \tag{8.3}

    Flat directions are shrunk most. Source: Goodfellow et al. 2016, (7.13).

    >>> l2_factor(np.array([0.1, 1.0, 10.0]), 1.0).round(2)
    array([0.09, 0.5 , 0.91])
    """
    eigenvalue, l2_penalty = non_negative("eigenvalue", eigenvalue), non_negative("l2_penalty", l2_penalty)
    broadcast(eigenvalue=eigenvalue, l2_penalty=l2_penalty)
    return np.asarray(eigenvalue) / (eigenvalue + np.asarray(l2_penalty))  # (8.3)


def proximal_descent(objective, l1_penalty, learning_rate, start, num_steps):
    """Gradient descent on ``objective``, and a soft threshold after every step: ``(num_steps + 1, n)``.

    It minimises objective + l1_penalty * sum |theta| and reaches exact zeros, which steps along a subgradient
    (``objective.with_l1_penalty``) jump over. Source: Daubechies et al. 2004; ISTA in Beck and Teboulle 2009, (1.4).
    """
    having("objective", objective, "gradient")
    l1_penalty = number("l1_penalty", l1_penalty, non_negative)
    learning_rate = number("learning_rate", learning_rate, non_negative)
    path = [vector("start", start).astype(float)]
    for _ in range(count("num_steps", num_steps, minimum=0)):
        step = path[-1] - learning_rate * objective.gradient(path[-1])
        path.append(soft_threshold(step, learning_rate * l1_penalty))
    return np.array(path)


def early_stopping_factor(eigenvalue, learning_rate, num_steps):
    r"""What gradient descent from 0 has reached of a coordinate of the minimum after ``num_steps`` steps.

    .. math:: 1 - (1 - \eta\lambda)^t  \tag{8.5}

    Source: Goodfellow et al. 2016, (7.40); L4 "Better regularisation".
    """
    return 1 - _left(eigenvalue, learning_rate, num_steps)  # (8.5)


def _left(eigenvalue, learning_rate, num_steps):
    """What ``num_steps`` steps have left of the way to the minimum."""
    eigenvalue, learning_rate = numbers("eigenvalue", eigenvalue), positive("learning_rate", learning_rate)
    num_steps = non_negative("num_steps", num_steps)
    broadcast(eigenvalue=eigenvalue, learning_rate=learning_rate, num_steps=num_steps)
    return (1 - learning_rate * eigenvalue) ** num_steps


def matching_l2_penalty(eigenvalue, learning_rate, num_steps):
    r"""The L2 penalty that shrinks this eigenvector exactly as stopping after ``num_steps`` steps does.

    .. math:: \alpha(\lambda) = \lambda \frac{(1 - \eta\lambda)^t}{1 - (1 - \eta\lambda)^t}  \tag{8.6}

    For eta * lambda * t << 1 it is 1 / (eta t), whatever the eigenvalue; elsewhere every eigenvalue has its own.
    """
    left = _left(eigenvalue, learning_rate, num_steps)
    with np.errstate(divide="ignore", invalid="ignore"):  # before the first step the penalty is infinite
        return np.asarray(eigenvalue, dtype=float) * left / (1 - left)  # (8.6)


def dropout_penalty(x, drop_rate):
    r"""Coefficients ``(n,)`` of the L2 penalty that dropout on the inputs of a linear model amounts to.

    .. math:: E_m \tfrac{1}{2N}\sum_i (x_i \odot m \cdot \theta - y_i)^2
              = \tfrac{1}{2N}\sum_i (x_i \cdot \theta - y_i)^2 + \tfrac12 \sum_j c_j \theta_j^2, \quad
              c_j = \frac{p}{1 - p} \, \frac1N \sum_i x_{ij}^2  \tag{8.10}

    p is ``drop_rate``. Exact for squares; inputs of large scale are penalised most.
    Source: Srivastava et al. 2014, section 9.1; Wager, Wang and Liang 2013.
    """
    drop_rate, x = number("drop_rate", drop_rate, fraction), numbers("x", x, "N", "n")
    return drop_rate / (1 - drop_rate) * np.mean(np.square(x), axis=0)  # (8.10)


def noise_penalty(noise):
    r"""The L2 penalty that noise on the inputs of a linear model amounts to: its variance.

    .. math:: E_\epsilon \tfrac12 ((x + \epsilon) \cdot \theta - y)^2
              = \tfrac12 (x \cdot \theta - y)^2 + \tfrac{\sigma^2}{2} \|\theta\|^2  \tag{8.11}

    Source: Bishop 1995, (for squares of a linear model without any approximation).
    """
    return np.square(non_negative("noise", noise))  # (8.11)


def penalised_solution(x, y, penalty):
    """Minimum of the mean of (x . theta - y)^2 / 2 plus sum_j penalty_j theta_j^2 / 2; ``penalty`` one or ``(n,)``."""
    x = finite("x", x, "N", "n").astype(float, copy=False)
    y, penalty = finite("y", y, len(x)).astype(float, copy=False), non_negative("penalty", penalty)
    if np.ndim(penalty):
        numbers("penalty", penalty, x.shape[1])
    hessian = x.T @ x / len(x) + np.diag(np.broadcast_to(penalty, x.shape[1:]))
    if np.linalg.matrix_rank(hessian) < len(hessian):
        raise ValueError("Without a penalty this has no single minimum: x has columns that depend on each other.")
    return np.linalg.solve(hessian, x.T @ y / len(x))
