"""Answers to the exercises of chapter 3 that let the library, or another package, do the work."""

from tests.kit.checks.lazy import of


def momentum_step(theta, velocity, gradient, learning_rate, momentum):
    from course_lib.optimizers.descent import Momentum, MomentumState

    new, state = Momentum(learning_rate, momentum).step(of(gradient=gradient), theta, MomentumState(velocity))
    return new, state.velocity


def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    import course_lib.optimizers.descent as descent

    method = descent.Nesterov(learning_rate, momentum)
    new, state = method.step(of(gradient=gradient), theta, descent.MomentumState(velocity))
    return new, state.velocity


def same_path_step(theta, velocity, gradient, learning_rate, previous_learning_rate, momentum):
    from course_lib.optimizers.descent import Momentum, MomentumState

    method = Momentum(learning_rate, momentum, learning_rate_outside=True)
    new, _ = method.step(of(gradient=gradient), theta, MomentumState(-velocity / previous_learning_rate))
    return new, new - theta


def best_pair(smallest, largest):
    from course_lib.chapters.ch03_momentum.experiments import optimal_momentum

    return optimal_momentum(smallest, largest)[:2]


LAZY = {
    "03-1": (momentum_step,),
    "03-2": (nesterov_step,),
    "03-3": (same_path_step,),
    "03-4": (best_pair,),
}
