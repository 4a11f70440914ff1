"""Answers to the exercises of chapter 5 that let the library, or another package, do the work."""

from tests.kit.checks.lazy import of


def adagrad_step(theta, sum_of_squares, gradient, learning_rate, eps):
    from course_lib.optimizers.adaptive import Adagrad, AdagradState

    method = Adagrad(learning_rate, eps=eps)
    new, state = method.step(of(gradient=gradient), theta, AdagradState(sum_of_squares))
    return new, state.sum_of_squares


def adam_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
    from course_lib.optimizers import Adam

    method = Adam(learning_rate, beta1=beta1, beta2=beta2, eps=eps)
    state = method.init(theta)._replace(first_moment=first_moment, second_moment=second_moment, t=t - 1)
    new, state = method.step(of(gradient=gradient), theta, state)
    return new, state.first_moment, state.second_moment


def adamw_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
    from course_lib.optimizers import AdamW

    method = AdamW(learning_rate, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay)
    state = method.init(theta)._replace(first_moment=first_moment, second_moment=second_moment, t=t - 1)
    new, state = method.step(of(gradient=gradient), theta, state)
    return new, state.first_moment, state.second_moment


LAZY = {
    "05-1": (adagrad_step,),
    "05-4": (adam_step,),
    "05-5": (adamw_step,),
}
