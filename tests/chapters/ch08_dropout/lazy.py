"""Answers to the exercises of chapter 8 that let the library, or another package, do the work."""

from types import SimpleNamespace

import numpy as np

from tests.kit.checks.lazy import Dealt


def dropout(x, d_y, drop_rate, draw, training):
    from course_lib.layers import Dropout

    layer = Dropout(drop_rate, Dealt(random=draw, uniform=lambda low=0, high=1, size=None: draw(size)))
    return layer.forward(x, training=training), layer.backward(d_y)


def early_stopping(theta, epoch, validation_loss, patience, max_epochs):
    from course_lib.chapters.ch08_dropout.experiments.overfitting import stops_at

    thetas, losses = [theta], [validation_loss(theta)]
    for _ in range(max_epochs):
        thetas.append(epoch(thetas[-1]))
        losses.append(validation_loss(thetas[-1]))
        if (
            stops_at(losses, patience)[0] < len(losses) - 1
            or len(losses) - 1 - stops_at(losses, patience)[1] >= patience
        ):
            break
    last, best = stops_at(losses, patience)
    return thetas[best], best, last


def penalty(weight, bias, l1_penalty, l2_penalty):
    from course_lib.objective import with_l1_penalty, with_l2_penalty

    nothing = SimpleNamespace(value=lambda w: 0.0, gradient=lambda w: 0.0 * w, hessian=None, has_hessian=False)
    both = with_l1_penalty(with_l2_penalty(nothing, l2_penalty), l1_penalty)
    return both.value(weight.ravel()), both.gradient(weight.ravel()).reshape(weight.shape), np.zeros_like(bias)


def monte_carlo_prediction(hidden, weight, bias, drop_rate, uniform):
    from course_lib.chapters.ch08_dropout.experiments.dropout_ensemble import softmax

    keep = 1 - drop_rate
    p = np.array([softmax((hidden * (u < keep) / keep) @ weight.T + bias) for u in uniform])
    return p.mean(axis=0), p.std(axis=0)


LAZY = {
    "08-1": (dropout,),
    "08-2": (early_stopping,),
    "08-3": (penalty,),
    "08-4": (monte_carlo_prediction,),
}
