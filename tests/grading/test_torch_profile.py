"""Exercises with models and optimizers: the same report in the notebook and in a confined process that has PyTorch."""

import pytest

pytest.importorskip("torch")

import torch

from course_lib.checks import VISIBLE_SEED
from course_lib.grading.batch import needs
from course_lib.grading.process import Limits, best_level
from course_lib.grading.session import Session
from tests.grading import torch_exercises as bank
from tests.grading.test_fidelity import without_places


@pytest.fixture(scope="module")
def zygote():
    zygote, reasons = best_level(memory=Limits.of("torch").memory, **needs(bank.EXERCISES))
    with zygote:
        if zygote.level == "none":
            pytest.skip(f"no sandbox here: {reasons}")
        yield zygote


def at_home(source, name):
    space = {}
    exec(bank.SETUP, space)
    exec(source, space)
    return space[name]


def both(zygote, exercise, source, seed):
    """The report made in the notebook's process, and the one made through the sandbox."""
    with Session(zygote, [("cell 1", bank.SETUP), ("cell 2", source)], [exercise.function]) as session:
        there = exercise.run(session.function(exercise.function), seed)
    here = exercise.run(at_home(source, exercise.function), seed)
    torch.set_grad_enabled(True)
    return without_places(here), without_places(there)


@pytest.mark.parametrize("name", bank.STEPS)
def test_a_training_step_gets_the_same_report_in_both_places(zygote, name):
    for seed in (VISIBLE_SEED, 5):
        here, there = both(zygote, bank.training, bank.STEPS[name], seed)
        assert here == there


@pytest.mark.parametrize("name", bank.EVALUATIONS)
def test_an_evaluation_gets_the_same_report_in_both_places(zygote, name):
    for seed in (VISIBLE_SEED, 5):
        here, there = both(zygote, bank.evaluating, bank.EVALUATIONS[name], seed)
        assert here == there


def test_right_answers_and_mistakes_are_told_apart():
    """The bank is an author's: answers that differ in form pass, each mistake fails its checks and is named."""
    for exercise, answers in ((bank.training, bank.STEPS), (bank.evaluating, bank.EVALUATIONS)):
        for name in {"right", "set to none by hand", "detached", "by autograd.grad", "new data"} & set(answers):
            assert exercise.run(at_home(answers[name], exercise.function), 3).passed, name
        for mistake in exercise.mistakes:
            report = exercise.run(mistake.function, 3)
            assert {result.title for result in report.results if not result.passed} == set(mistake.fails)
            assert {result.mistake for result in report.results if not result.passed} == {mistake.name}
