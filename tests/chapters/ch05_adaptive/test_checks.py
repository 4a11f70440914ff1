"""Chapter 5's exercises: a neighbouring method earns little and is called by its name, and so is another convention."""

import numpy as np
import pytest

from course_lib.checks import EXERCISES
from course_lib.optimizers import Adagrad, Adam, AdamW
from course_lib.optimizers.adam import AdamState
from course_lib.optimizers.adaptive import AdagradState
from tests.chapters.ch05_adaptive.answers import ANSWERS, adam_step

SEEDS = range(12)


class Given:
    """A gradient function as an objective."""

    def __init__(self, gradient):
        self.gradient = gradient


def library_adagrad(theta, sum_of_squares, gradient, learning_rate, eps):
    new, state = Adagrad(learning_rate, eps).step(Given(gradient), theta, AdagradState(sum_of_squares))
    return new, state.sum_of_squares


def library_adam(theta, first_moment, second_moment, t, gradient, *rest):
    new, state = Adam(*rest).step(Given(gradient), theta, AdamState(t - 1, first_moment, second_moment))
    return new, state.first_moment, state.second_moment


def library_adamw(theta, first_moment, second_moment, t, gradient, *rest):
    optimizer = AdamW(*rest[:-1], weight_decay=rest[-1])
    new, state = optimizer.step(Given(gradient), theta, AdamState(t - 1, first_moment, second_moment))
    return new, state.first_moment, state.second_moment


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("05-1", library_adagrad),
        ("05-4", library_adam),
        ("05-5", library_adamw),
    ],
)
def test_the_librarys_own_optimizer_earns_full_points(id, answer):
    for seed in SEEDS:
        report = EXERCISES[id].run(answer, seed)
        assert report.points == EXERCISES[id].points, str(report)


@pytest.mark.parametrize(
    ("id", "name", "share"),
    [
        ("05-1", "RMSprop in place of Adagrad", 0.0),
        ("05-1", "gradient descent", 0.0),
        ("05-4", "RMSprop in place of Adam", 0.2),
        ("05-4", "momentum in place of Adam", 0.0),
        ("05-4", "second moment not corrected, eps inside", 0.3),
        ("05-5", "Adam in place of AdamW", 0.2),
        ("05-5", "L2 penalty in place of decay", 0.0),
    ],
)
def test_a_neighbouring_method_earns_little_and_is_named(id, name, share):
    exercise = EXERCISES[id]
    mistake = next(mistake for mistake in exercise.mistakes if mistake.name == name)
    for seed in SEEDS:
        report = exercise.run(mistake.function, seed)
        assert report.points <= share * exercise.points
        assert {result.mistake for result in report.results if not result.passed} & {name}


@pytest.mark.parametrize("id", ["05-1", "05-4", "05-5"])
def test_the_place_of_eps_costs_one_point_and_the_whole_whichever_convention_it_follows(id):
    exercise = EXERCISES[id]
    others = [mistake for mistake in exercise.mistakes if mistake.name.startswith("eps ")]
    assert len(others) >= 2
    for mistake in others:
        assert exercise.run(mistake.function, 1).points == exercise.points // 2 - 1


def test_each_convention_says_where_it_is_printed():
    for id, name, word in (
        ("05-1", "eps inside the root", "L1"),
        ("05-4", "eps on the uncorrected root", "Keras"),
        ("05-4", "second moment not corrected", "E40"),
        ("05-4", "t counted from 0", "beta**t"),
        ("05-5", "decay without the learning rate", "Loshchilov"),
        ("05-5", "L2 penalty in place of decay", "E43"),
    ):
        assert word in next(mistake.says for mistake in EXERCISES[id].mistakes if mistake.name == name)


@pytest.mark.parametrize("id", [id for id in ANSWERS if EXERCISES[id].kind not in ("predict", "tune")])
def test_float32_is_called_lost_digits(id):
    def short(*arguments):
        return tuple(np.asarray(result, dtype=np.float32) for result in ANSWERS[id][0](*arguments))

    report = EXERCISES[id].run(short, 3)
    assert "lost digits" in {result.mistake for result in report.results}


def test_a_mixture_of_mistakes_is_not_given_the_name_of_one_that_it_is_not():
    def half_right(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps):
        new, m, v = adam_step(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps)
        return new + 0.01, m, v

    report = EXERCISES["05-4"].run(half_right, 2)
    assert {result.mistake for result in report.results if not result.passed} == {""}


def test_a_wrong_step_that_uses_eps_is_not_told_that_eps_has_no_effect():
    def one_norm(theta, sum_of_squares, gradient, learning_rate, eps):
        g = gradient(theta)
        total = sum_of_squares + g**2
        return theta - learning_rate * g / (np.sqrt(total.sum()) + eps), total

    report = EXERCISES["05-1"].run(one_norm, 1)
    assert {result.mistake for result in report.results if not result.passed} == {""}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_decay_alone_earns_less_than_half(seed):
    def decay(theta, first_moment, second_moment, t, gradient, learning_rate, beta1, beta2, eps, weight_decay):
        return theta * (1 - learning_rate * weight_decay), first_moment, second_moment

    exercise = EXERCISES["05-5"]
    assert exercise.run(decay, seed).points < exercise.points / 2


def test_the_state_alone_earns_less_than_half():
    def still(theta, sum_of_squares, gradient, learning_rate, eps):
        return theta, sum_of_squares + gradient(theta) ** 2

    assert EXERCISES["05-1"].run(still, 1).points < EXERCISES["05-1"].points / 2
