"""What is said of results that no known mistake fits is true of them, and is not said of results of which it is not."""

import numpy as np
import pytest

from course_lib.checks.compare import close
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import different, either_sign, signs, whole, wide

SEEDS = range(20)


def right(x, rate, power):
    return rate * x**power + np.sum(x)


def exercise(again=True):
    made = Exercise("99-1", "Made up", "made_up")

    def cases(rng):
        sizes = different(rng, 3)
        return [(wide(rng, n) + 0.1, rng.uniform(0.1, 0.4), int(rng.integers(2, 4))) for n in sizes]

    whole(made, right, cases, ("the result",), again=again)
    made.mistake("never made", made.checks[0].title, "...")(lambda x, rate, power: -7.0 * x)
    return made


def names(answer, again=True):
    """The names of an answer at all seeds; a name that depends on the seed makes two of them."""
    reports = [exercise(again).run(answer, seed) for seed in SEEDS]
    assert not any(report.passed for report in reports)
    return {result.mistake for report in reports for result in report.results}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda x, rate, power: -right(x, rate, power), "the result with the opposite sign"),
        (lambda x, rate, power: 2 * right(x, rate, power), "the result twice what it should be"),
        (lambda x, rate, power: right(x, rate, power) / 2, "the result half of what it should be"),
        (lambda x, rate, power: 0 * x, "the result is 0 everywhere"),
        (lambda x, rate, power: right(x, rate, power) / len(x), "the result divided by the number of rows"),
        (lambda x, rate, power: right(x, rate, power) * rate, "the result times rate"),
        (lambda x, rate, power: right(x, rate, power) + x, "the result has x added"),
        (lambda x, rate, power: np.roll(right(x, rate, power), 1)[::-1], ""),
        (lambda x, rate, power: right(x, rate**2, power), "rate squared"),
        (lambda x, rate, power: right(x, rate, power + 1), "power one too large"),
        (lambda x, rate, power: 1.7 * right(x, rate, power), "the result is off by one and the same factor"),
        (lambda x, rate, power: (1 + 1e-6) * right(x, rate, power), ""),
        (lambda x, rate, power: right(x, rate, power) + 1e-6 * x**2, ""),
        (lambda x, rate, power: right(x, rate, power) * (1 + np.abs(x[0])), ""),
    ],
)
def test_what_is_said_is_true_of_every_case(answer, name):
    assert names(answer) == {name}


def test_nothing_is_asked_again_where_that_is_not_allowed():
    assert names(lambda x, rate, power: right(x, rate**2, power), again=False) == {""}


def test_a_name_does_not_rest_on_a_result_that_is_0():
    made = Exercise("99-3", "Made up, as well", "made_up")

    def narrow(function, rng):
        x = rng.normal(size=3)
        function(2 * x)
        close(function(x), x + 1)

    made.check("It adds 1", points=1)(narrow)
    made.mistake("subtracted", "It adds 1", "...")(lambda x: 0 * x)
    first = []

    def answer(x):
        first.append(1)
        return 0 * x if len(first) % 2 == 0 else 5 * x

    assert {result.mistake for result in made.run(answer, 3).results} != {"subtracted"}


@pytest.mark.parametrize("shape", [(), (0,), (1,), (2,), (3, 4)])
def test_signs_are_of_both_kinds(shape):
    rng = np.random.default_rng(1)
    for _ in range(200):
        drawn = signs(rng, *shape)
        assert np.shape(drawn) == shape and np.all(np.abs(drawn) == 1)
        assert np.size(drawn) < 2 or np.ptp(drawn) == 2


@pytest.mark.parametrize("shape", [(), 3, (2, 4)])
def test_numbers_of_either_sign_are_as_large_as_was_asked_for(shape):
    drawn = either_sign(np.random.default_rng(1), 0.5, 2.0, shape)
    assert np.shape(drawn) == np.zeros(shape).shape
    assert np.all((np.abs(drawn) >= 0.5) & (np.abs(drawn) <= 2.0))
    assert np.size(drawn) < 2 or np.min(drawn) < 0 < np.max(drawn)
