"""Answers to the exercises of chapter 2 that let the library, or another package, do the work."""

from dataclasses import dataclass

from tests.kit.checks.lazy import Dealt, of


def mini_batches(samples, batch_size, permutation):
    from course_lib.stochastic import deal_batches

    rng = Dealt(permutation=lambda n: permutation(n).astype(int), permuted=lambda a: permutation(len(a)))
    return [samples[batch] for batch in deal_batches(len(samples), batch_size, rng)]


def sgd_path(theta, gradient, schedule, num_steps):
    from course_lib.optimizers import SGD
    from course_lib.run import descend

    return descend(of(lambda t: 0.0, gradient), SGD(0.1), theta, num_steps, schedule=schedule).thetas


def own_method_run(theta, gradient, schedule, num_steps):
    from course_lib.run import descend

    @dataclass(frozen=True)
    class Own:
        learning_rate: float

        def init(self, theta):
            return None

        def step(self, objective, theta, state):
            return theta - self.learning_rate * objective.gradient(theta), state

    return descend(of(lambda theta: 0.0, gradient), Own(0.1), theta, num_steps, schedule=schedule).thetas


def armijo(theta, search_direction, value, gradient, first_step, shrink, sufficient_decrease):
    from course_lib.optimizers.line_search import armijo as search

    found = search(
        of(value, lambda theta: gradient),
        theta,
        search_direction,
        gradient,
        first_step=first_step,
        shrink=shrink,
        sufficient_decrease=sufficient_decrease,
    )
    return found.step_size


def cosine_restarts(t, highest, lowest, period, period_factor):
    from course_lib.schedules import cosine_restarts as restarts

    return restarts(highest, lowest, period, period_factor)(t)


def averaged_step(theta, average, t, gradient, learning_rate, skip):
    from course_lib.optimizers import SGD

    theta = SGD(learning_rate).step(of(gradient=gradient), theta, None)[0]
    return theta, theta if t <= skip else average + (theta - average) / (t - skip)


LAZY = {
    "02-1": (mini_batches,),
    "02-2": (sgd_path, own_method_run),
    "02-3": (armijo,),
    "02-4": (cosine_restarts,),
    "02-5": (averaged_step,),
}
