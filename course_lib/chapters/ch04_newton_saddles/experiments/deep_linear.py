r"""The smallest deep linear network: one weight after another, f = (w_1 w_2 - target)^2 / 2.

Its minima are the hyperbola w_1 w_2 = target, two branches (E31); between them lies a saddle at 0. Gradient flow
keeps w_1^2 - w_2^2, and from balanced weights, w_1 = w_2, the product u = w_1 w_2 obeys a logistic equation:

.. math:: \dot u = 2 u \, (s - u), \qquad
          u(t) = \frac{s \, e^{2 s t}}{e^{2 s t} - 1 + s / u_0}, \qquad s = \text{target}. \tag{4.23}

With more of everything, W_2 W_1 = I, the minima hang together as soon as there are more hidden units than the map has
rank, and fall into two parts as long as there are just as many: then W_1 is square, and det W_1 would have to pass 0.

Source: L0 "saddle point considerations"; Saxe et al. 2014, (7) (dynamics); Baldi and Hornik 1989 (no bad minima);
Trager, Kohn and Bruna 2020 (how many parts the minima have).
"""

import numpy as np

from course_lib.objective import Objective
from course_lib.surfaces import Surface
from course_lib.validation import broadcast, fraction, non_negative, number, numbers, positive


def deep_linear(target=1.0):
    """The surface (w_1 w_2 - target)^2 / 2; its minima are two curves, so none is listed as a point."""
    s = number("target", target, positive)

    def parts(theta):
        theta = numbers("theta", theta)
        if theta.shape[-1:] != (2,):
            raise ValueError(f"theta must have the two coordinates w_1 and w_2, but its shape is {theta.shape}.")
        x, y = theta[..., 0], theta[..., 1]
        return x, y, x * y - s

    def value(theta):
        return parts(theta)[2] ** 2 / 2

    def gradient(theta):
        x, y, rest = parts(theta)
        return np.stack([rest * y, rest * x], axis=-1)

    def hessian(theta):
        x, y, rest = parts(theta)
        cross = rest + x * y
        return np.stack([np.stack([y * y, cross], axis=-1), np.stack([cross, x * x], axis=-1)], axis=-2)

    return Surface(
        value=value,
        gradient=gradient,
        hessian=hessian,
        name="deep_linear",
        title="Two linear layers, $w_1 w_2$",
        formula=r"(w_1 w_2 - 1)^2 / 2",
        start=(0.3, -0.1),
        saddles=((0.0, 0.0),),
        source="L0; Saxe et al. 2014",
    )


def saxe_product(t, start, target=1.0):
    """u(t) by (4.23) for gradient flow from balanced weights with product ``start`` > 0; shape of ``t``."""
    start, s, t = positive("start", start), positive("target", target), non_negative("t", t)
    broadcast(t=t, start=start, target=s)
    growth = np.exp(-2 * s * t)
    return s / (1 + (s / start - 1) * growth)  # (4.23)


def saxe_time(start, share=0.5, target=1.0):
    """Time until the product is ``share`` of its target, from (4.23): it grows like log(1 / start) / (2 target)."""
    target, share = positive("target", target), positive("share", fraction("share", share))
    start = positive("start", start)
    broadcast(start=start, share=share, target=target)
    if not np.all(start <= target):
        raise ValueError(f"start must be at most target, {target}, but it is {start}.")
    return np.log((target / start - 1) * share / (1 - share)) / (2 * target)


def linear_network(hidden, n):
    """|W_2 W_1 - I|^2 / 2 of a linear network with ``n`` inputs and outputs; ``theta`` is W_1, then W_2, flat."""

    def layers(theta):
        first, second = np.split(np.asarray(theta, dtype=float), 2, axis=-1)
        return first.reshape(*first.shape[:-1], hidden, n), second.reshape(*second.shape[:-1], n, hidden)

    def rest(theta):
        first, second = layers(theta)
        return second @ first - np.eye(n)

    def gradient(theta):
        first, second = layers(theta)
        off = rest(theta)
        parts = np.swapaxes(second, -1, -2) @ off, off @ np.swapaxes(first, -1, -2)
        return np.concatenate([part.reshape(*part.shape[:-2], -1) for part in parts], axis=-1)

    return Objective(value=lambda theta: np.sum(rest(theta) ** 2, axis=(-2, -1)) / 2, gradient=gradient)


def _power(matrix, t):
    """``matrix`` to the real power ``t``, for one with independent eigenvectors."""
    values, vectors = np.linalg.eig(matrix)
    return (vectors * values.astype(complex) ** t @ np.linalg.inv(vectors)).real


def way_of_minima(begin, end, hidden, n, num_points=41):
    """Minima of ``linear_network`` that lead from ``begin`` to ``end``, ``(2 num_points, 2 hidden n)``; or ``None``.

    The hidden space is turned and stretched until W_1 is the one of ``end``, W_2 following; then W_2, of which any
    left inverse of W_1 will do, goes straight. The turn exists if its determinant is positive. With a hidden unit to
    spare it may be mirrored in a direction that W_1 does not use; without one there may be no way at all.
    """
    (first, second), (last_first, last_second) = (
        (theta[: hidden * n].reshape(hidden, n), theta[hidden * n :].reshape(n, hidden)) for theta in (begin, end)
    )
    spare, last_spare = (np.linalg.svd(w)[0][:, n:] for w in (first, last_first))
    here, there = np.hstack([first, spare]), np.hstack([last_first, last_spare])
    if np.linalg.det(here) * np.linalg.det(there) < 0:
        if hidden == n:
            return None
        there[:, -1] *= -1
    turn = there @ np.linalg.inv(here)
    u, size, v = np.linalg.svd(turn)
    rotation, stretch = u @ v, v.T * size @ v
    points = []
    for t in np.linspace(0, 1, num_points):
        change = _power(rotation, t) @ _power(stretch, t)
        points.append(np.concatenate([(change @ first).ravel(), (second @ np.linalg.inv(change)).ravel()]))
    arrived = second @ np.linalg.inv(turn)
    for t in np.linspace(0, 1, num_points):
        points.append(np.concatenate([last_first.ravel(), ((1 - t) * arrived + t * last_second).ravel()]))
    return np.array(points)
