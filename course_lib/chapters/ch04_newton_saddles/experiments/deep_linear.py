r"""The smallest deep linear network: one weight after another, f = (w_1 w_2 - target)^2 / 2.

Its minima are the hyperbola w_1 w_2 = target, two branches (E31); between them lies a saddle at 0. Gradient flow
keeps w_1^2 - w_2^2, and from balanced weights, w_1 = w_2, the product u = w_1 w_2 obeys a logistic equation:

.. math:: \dot u = 2 u \, (s - u), \qquad
          u(t) = \frac{s \, e^{2 s t}}{e^{2 s t} - 1 + s / u_0}, \qquad s = \text{target}. \tag{4.23}

Source: L0 "saddle point considerations"; Saxe et al. 2014, (7) (dynamics); Baldi and Hornik 1989 (no bad minima).
"""

import numpy as np

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
    broadcast(start=positive("start", start), share=share, target=target)
    if not np.all(np.asarray(start, dtype=float) <= target):
        raise ValueError(f"start must be at most target, {target}, but it is {start}.")
    return np.log((target / start - 1) * share / (1 - share)) / (2 * target)
