"""Solutions with one thing changed fail their checks; ``python -m tests.mutants`` tries all of them at twenty seeds."""

import pytest

from course_lib.checks import EXERCISES
from course_lib.checks.compare import close
from course_lib.checks.kit import Exercise
from tests import mutants, proved_same
from tests.same_mutants import SAME
from tests.wide_inputs import WIDE

pytestmark = pytest.mark.filterwarnings("ignore:Degrees of freedom <= 0")  # a batch of one row, 07-3
SOLUTIONS = mutants.solutions()
WRITTEN = [id for id, exercise in EXERCISES.items() if exercise.kind == "write" and exercise.reference]
SLOW = 5  # of mutants that are given a model, one in so many


@pytest.mark.parametrize("id", WRITTEN)
def test_no_mutant_of_a_solution_earns_all_points(id):
    take = SLOW if EXERCISES[id].profile == "torch" else 1
    found = mutants.survivors(id, *SOLUTIONS[id], seeds=[7], take=take)
    assert not found, [mutants.changed(SOLUTIONS[id][0], mutant) for mutant in found]


def test_what_has_a_reason_is_a_mutant_still():
    listed = {mutant for reasons in SAME.values() for mutant in reasons}
    there = {
        (id, mutants.changed(SOLUTIONS[id][0], mutant))
        for id in {id for id, _ in listed}
        for mutant in mutants.mutants(SOLUTIONS[id][0])
    }
    assert listed <= there, listed - there
    assert sum(map(len, SAME.values())) == len(listed)


def test_mutants_that_are_said_to_be_the_same_are_on_wider_inputs():
    """A few of the inputs of ``python -m tests.proved_same``, but for what is given a model."""
    tried = [case for case in proved_same.listed() if EXERCISES[case[0]].profile == "numpy"]
    found = [case[-1] for case in tried if proved_same.refuted(*case[:-1], range(12)) is not None]
    assert not found and len(tried) > 50, found


def test_a_reason_that_does_not_hold_is_refuted():
    source, setup = SOLUTIONS["03-4"]
    other = mutants.mutants(source)[0]
    assert proved_same.refuted("03-4", source, other, setup, range(12)) is not None
    assert proved_same.refuted("03-4", source, source, setup, range(12)) is None
    assert {id for reasons in SAME.values() for id, _ in reasons} <= set(WIDE)


def test_there_are_enough_of_them_and_of_every_kind():
    assert sum(len(mutants.mutants(SOLUTIONS[id][0])) for id in WRITTEN) > 2800
    source = "def f(a, b):\n    c = np.sum(a, axis=0)\n    if c > 1:\n        c = c.copy() * 2\n    return c, b\n"
    made = "\n".join(mutants.mutants(source))
    for part in (
        "axis=1",
        "np.mean",
        "c >= 1",
        "if False",
        "c.copy() / 2",
        "c = c * 2",
        "return (b, c)",
        "np.sum(b",
        "np.sum(a)",
    ):
        assert part in made, part


def test_a_hole_in_a_check_is_found():
    made = Exercise("99-1", "Mean", "mean")

    @made.check("Of one number", points=2)  # where a sum is a mean
    def of_one(mean, rng):
        x = rng.normal(size=1)
        close(mean(x), x[0])

    source = "def mean(x):\n    return x.sum() / len(x)\n"
    passed = [m for m in mutants.mutants(source) if mutants.earns_all(made, mutants.function_of(m, "", "mean"), [0])]
    assert "def mean(x):\n    return x.sum()" in passed


def test_a_mutant_that_never_ends_is_caught():
    source = "def mean(x):\n    while True:\n        pass\n"
    made = Exercise("99-1", "Mean", "mean")
    made.check("Of three", points=2)(lambda mean, rng: close(mean(rng.normal(size=3)), 1.0))
    assert not mutants.earns_all(made, mutants.function_of(source, "", "mean"), [0])
