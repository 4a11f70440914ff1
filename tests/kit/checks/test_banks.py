"""Every exercise: right answers pass, every known mistake fails exactly its checks and is named."""

import inspect
import json
import random
import time
from functools import cache

import numpy as np
import pytest

from course_lib.checks import EXERCISES, kit, naming
from course_lib.checks.kit import _try, same_calls
from tests import sample
from tests.kit.checks.answers import ANSWERS

pytestmark = pytest.mark.filterwarnings("ignore:Degrees of freedom <= 0")  # a batch of one row, 07-3
RIGHT = [(id, answer) for id, answers in ANSWERS.items() for answer in answers]
MISTAKES = [(id, mistake) for id, exercise in EXERCISES.items() for mistake in exercise.mistakes]
ONE_IN_FOUR = {
    (id, one) for place, (id, exercise) in enumerate(EXERCISES.items()) for one in sample.turn(exercise.mistakes, place)
}


def titles(values):
    return [f"{id} {getattr(thing, '__name__', getattr(thing, 'name', ''))}" for id, thing in values]


def failed(report):
    return {result.title for result in report.results if not result.passed}


@pytest.mark.parametrize(("id", "answer"), RIGHT, ids=titles(RIGHT))
def test_every_way_to_write_a_right_answer_earns_full_points_with_every_seed(id, answer, seeds):
    for seed in seeds(id):
        report = EXERCISES[id].run(answer, seed)
        assert report.passed, str(report)
        assert report.points == EXERCISES[id].points


def in_a_quick_run(id, mistake):
    """All but three in four: a fault in a check shows at many of its mistakes."""
    return (id, mistake) if (id, mistake) in ONE_IN_FOUR else pytest.param(id, mistake, marks=pytest.mark.slow)


@pytest.mark.parametrize(("id", "mistake"), [in_a_quick_run(*case) for case in MISTAKES], ids=titles(MISTAKES))
def test_every_mistake_fails_exactly_its_checks_and_is_named_in_each(id, mistake, seeds):
    hidden = set()
    for seed in seeds(id):
        report = EXERCISES[id].run(mistake.function, seed)
        assert failed(report) == EXERCISES[id].failed_by(mistake), str(report)
        named = [result.mistake for result in report.results if not result.passed and result.kind != "NotYet"]
        assert set(named) == {mistake.name}, str(report)
        assert len(str(report).splitlines()) <= 40 and str(report).count(mistake.says) == 1, str(report)
        hidden.add(json.dumps(report.as_dict(hidden=True)))
    assert len(hidden) == 1, "a report to a student holds something that depends on the hidden inputs"


@pytest.mark.slow
@pytest.mark.parametrize("id", EXERCISES)
def test_nothing_in_a_trial_depends_on_chance(id, share):
    """Each known mistake, tried anew from another state of the global generators, does what is remembered of it."""
    exercise = EXERCISES[id]
    for place, mistake in enumerate(exercise.mistakes):
        for check in share(exercise.checks, place):
            trials = []
            for chance, run in enumerate((kit._try, kit._try.anew)):
                np.random.seed(chance)
                random.seed(chance)
                with np.errstate(all="ignore"):
                    trials.append(run(check, mistake.function, 1, exercise.profile, learners=False))
            one, other = trials
            assert one.like(other, same_calls), (check.title, mistake.name)
            assert str(one.error) == str(other.error), (check.title, mistake.name)


@pytest.mark.parametrize("id", EXERCISES)
def test_the_bank_is_large_enough_and_most_of_it_trips_one_check_only(id):
    mistakes = EXERCISES[id].mistakes
    assert len(mistakes) >= 5
    if EXERCISES[id].kind != "tune":  # there who fails one level fails all that are closer
        assert sum(len(mistake.fails) == 1 for mistake in mistakes) >= 5
    assert len({mistake.function for mistake in mistakes}) == len(mistakes)


@pytest.mark.parametrize("id", EXERCISES)
def test_points_add_up_and_every_check_has_a_hint_and_a_mistake_or_is_generic(id):
    exercise = EXERCISES[id]
    assert exercise.points > 0 and all(check.points > 0 for check in exercise.checks)
    assert all(hint for check in exercise.checks for hint in check.hints)
    known = {title for mistake in exercise.mistakes for title in exercise.failed_by(mistake)}
    assert known <= {check.title for check in exercise.checks}
    assert {check.title for check in exercise.checks if not check.supporting} <= known
    assert any(not check.supporting for check in exercise.checks)


@pytest.mark.parametrize("id", [id for id, exercise in EXERCISES.items() if any(c.whole for c in exercise.checks)])
def test_the_whole_carries_half_of_the_points_so_that_a_plain_fault_keeps_no_more(id):
    exercise = EXERCISES[id]
    assert sum(check.points for check in exercise.checks if check.whole) >= exercise.points / 2
    assert exercise.run(exercise.reference, 1).passed
    for mistake in exercise.mistakes:
        lost = sum(check.points for check in exercise.checks if check.title in exercise.failed_by(mistake))
        aside = all(check.aside for check in exercise.checks if check.title in mistake.fails)
        assert aside or exercise.points - lost <= exercise.points / 2, mistake.name


@pytest.mark.parametrize("id", [id for id in EXERCISES if EXERCISES[id].kind == "debug"])
def test_the_code_that_is_handed_out_earns_nothing_with_every_seed(id, seeds):
    for seed in seeds(id):
        assert EXERCISES[id].run(EXERCISES[id].faulty, seed).points == 0
        named = EXERCISES[id].joined([EXERCISES[id].faulty, lambda: EXERCISES[id].fault])
        assert EXERCISES[id].run(named, seed).points == 0
    assert len(EXERCISES[id].menu) >= 4


@pytest.mark.parametrize("id", EXERCISES)
def test_mistakes_take_the_arguments_of_the_answer(id):
    wanted = list(inspect.signature(ANSWERS[id][0]).parameters)
    assert ANSWERS[id][0].__name__ == EXERCISES[id].function
    for mistake in EXERCISES[id].mistakes:
        assert list(inspect.signature(mistake.function).parameters) == wanted


# --- Faults that every exercise can have -------------------------------------------------------------------


def changed(answer, how):
    """``answer`` with every result passed through ``how``."""

    def function(*arguments):
        results = answer(*arguments)
        if isinstance(results, (tuple, list)):
            return type(results)(how(result) for result in results)
        return how(results)

    return function


def stub(*arguments):
    raise NotImplementedError("Exercise: write it")


def crash(*arguments):
    return arguments[0].no_such_thing


def forged(answer):
    class Equal(np.ndarray):
        def __eq__(self, other):
            return True

        def __array__(self, *args, **kwargs):
            raise AssertionError("asked the student's object")

        __abs__ = __sub__ = __rsub__ = __array_ufunc__ = None

    return changed(answer, lambda result: np.zeros(np.shape(result)).view(Equal))


def endless(*arguments):
    return endless(*arguments)


WHOLE = {
    "stub": (lambda answer: stub, "not written yet"),
    "none": (lambda answer: lambda *arguments: None, "returns nothing"),
    "nan": (lambda answer: changed(answer, lambda result: np.nan * np.asarray(result)), "not finite"),
    "shape": (lambda answer: changed(answer, lambda result: np.asarray(result)[None]), "wrong shape"),
    "text": (lambda answer: changed(answer, str), "returns something that is not numbers"),
    "ragged": (lambda answer: changed(answer, lambda result: [[1.0], [1.0, 2.0]]), "returns something that is not"),
    "complex": (
        lambda answer: changed(answer, lambda result: np.asarray(result) + 1j),
        "returns something that is not",
    ),
    "exception": (lambda answer: crash, ""),
    "exit": (lambda answer: lambda *arguments: exit(3), "ends the program"),
    "endless": (lambda answer: endless, "calls itself for ever"),
    "arguments": (lambda answer: lambda: 1, ""),
    "forged": (forged, ""),
}


QUICKLY = {(fault, id) for place, id in enumerate(EXERCISES) for fault in sample.turn(WHOLE, place)}
WHOLE_OF_EACH = [
    pytest.param(fault, id) if (fault, id) in QUICKLY else sample.at_night(fault, id)
    for fault in WHOLE
    for id in EXERCISES
]


@pytest.mark.parametrize(("fault", "id"), WHOLE_OF_EACH)
def test_a_fault_in_everything_earns_nothing_and_is_named(fault, id):
    wreck, name = WHOLE[fault]
    report = EXERCISES[id].run(wreck(ANSWERS[id][0]), seed=1)
    assert report.points == 0, str(report)
    for result in report.results:
        if result.kind != "NotYet" and name:
            assert result.mistake.startswith(name), str(report)
    assert not report.broken, str(report)


TO_THE_DIGIT = [id for id, exercise in EXERCISES.items() if exercise.kind not in ("predict", "tune")]


@pytest.mark.slow
@pytest.mark.parametrize("id", TO_THE_DIGIT)
@pytest.mark.parametrize(
    ("dtype", "kind"), [(np.float32, "Precision"), (np.float16, "Precision"), (np.int64, "Integer")], ids=str
)
def test_results_that_were_rounded_lose_points_and_the_dtype_is_named(id, dtype, kind):
    report = EXERCISES[id].run(changed(ANSWERS[id][0], lambda result: np.asarray(result).astype(dtype)), seed=2)
    assert not report.passed
    assert kind in {result.kind for result in report.results}, str(report)


def kind(id):
    """What a right answer is given and gives back, seen in the first call of the first check.

    "torch": PyTorch's own objects, which it is meant to change; "numbers": no array, so nothing that it could change;
    "same shape": an array, and one of the results has its shape; "other shape": an array, and none has.
    """
    if EXERCISES[id].profile == "torch":
        return "torch"
    tried = _try(EXERCISES[id].checks[0], ANSWERS[id][0], 0)
    assert tried.calls, (id, tried)
    call = tried.calls[0]
    if not isinstance(call.given[0], np.ndarray):
        return "numbers"
    parts = call.result if isinstance(call.result, (tuple, list)) else (call.result,)
    return "same shape" if any(np.shape(part) == call.given[0].shape for part in parts) else "other shape"


KINDS = {id: kind(id) for id in EXERCISES}
OTHER_SHAPES = [id for id in EXERCISES if KINDS[id] == "other shape"]
ARRAYS = [id for id in EXERCISES if KINDS[id] == "same shape"]


def test_every_kind_of_exercise_is_there():
    assert set(KINDS.values()) == {"torch", "numbers", "same shape", "other shape"} and len(ARRAYS) > len(KINDS) / 3


@pytest.mark.slow
@pytest.mark.parametrize("id", OTHER_SHAPES)
def test_a_right_answer_that_spoils_its_input_loses_that_check_only(id, seeds):
    def spoil(array, *rest):
        result = ANSWERS[id][0](array, *rest)
        array += 1.0
        return result

    for seed in seeds(id):
        report = EXERCISES[id].run(spoil, seed)
        assert [result.mistake for result in report.results if not result.passed] == ["changes its input in place"]


@pytest.mark.slow
@pytest.mark.parametrize("id", ARRAYS)
def test_a_right_answer_that_changes_its_input_loses_that_check_only(id, seeds):
    def in_place(theta, *rest):
        result = ANSWERS[id][0](theta, *rest)
        new = result[0] if isinstance(result, tuple) else result
        theta[...] = new if np.shape(new) == theta.shape else theta + 1.0  # the whole has inputs of other shapes
        return result

    for seed in seeds(id):
        report = EXERCISES[id].run(in_place, seed)
        assert [result.mistake for result in report.results if not result.passed] == ["changes its input in place"]


@pytest.mark.parametrize("id", ARRAYS)
def test_a_right_answer_in_one_shared_array_loses_that_check_only(id):
    shared = {}

    def share(result, key):
        key = key, np.shape(result)  # checks of one exercise may differ in their shapes
        shared.setdefault(key, np.empty(np.shape(result)))[...] = result
        return shared[key]

    def function(*arguments):
        result = ANSWERS[id][0](*arguments)
        return tuple(map(share, result, "abcd")) if isinstance(result, tuple) else share(result, "a")

    report = EXERCISES[id].run(function, seed=3)
    named = [result.mistake for result in report.results if not result.passed]
    assert named == ["returns the same array every time"]


@pytest.mark.parametrize("id", [id for id in ARRAYS if id != "06-4"])  # there an answer may draw at random
def test_a_memory_between_calls_is_found(id):
    calls = []

    def function(*arguments):
        result = ANSWERS[id][0](*arguments)
        drift = 1e-3 * len(calls)
        calls.append(1)
        return tuple(part + drift for part in result) if isinstance(result, tuple) else result + drift

    report = EXERCISES[id].run(function, seed=3)
    assert "remembers something between calls" in {result.mistake for result in report.results}
    assert report.points <= report.max_points / 2


@pytest.mark.parametrize("id", EXERCISES)
def test_returning_what_was_given_earns_nothing(id):
    for echo in (lambda *arguments: arguments[0], lambda *arguments: arguments[:2]):
        report = EXERCISES[id].run(echo, seed=4)
        assert report.points == 0, str(report)


@pytest.mark.parametrize("id", ARRAYS)
def test_constant_answers_earn_nothing(id):
    for constant in (0.0, 1.0):
        report = EXERCISES[id].run(changed(ANSWERS[id][0], lambda result: np.full(np.shape(result), constant)), seed=5)  # noqa: B023
        assert report.points == 0, str(report)


def test_an_exception_shows_the_students_own_line_and_none_of_ours():
    report = EXERCISES["03-1"].run(crash, seed=0)
    assert "arguments[0].no_such_thing" in report.results[0].line
    assert "AttributeError" in report.results[0].sentence
    assert "Recorder" not in str(report) and "Traceback" not in str(report)


@pytest.mark.parametrize("id", EXERCISES)
def test_a_hidden_report_does_not_pass_on_what_an_answer_tattles(id):
    def tattle(*arguments):
        raise ValueError(f"the secret is {arguments}")

    one, other = (EXERCISES[id].run(tattle, seed).as_dict(hidden=True) for seed in (11, 12))
    assert one == other
    assert "secret" not in str(one)


@pytest.mark.slow
@pytest.mark.parametrize("id", EXERCISES)
def test_one_visible_check_takes_less_than_50_ms(id):
    most = seconds_of_2400_steps() if EXERCISES[id].profile == "torch" else 0.05
    for function, draws in ((ANSWERS[id][0], 1), (EXERCISES[id].mistakes[0].function, 1 + len(naming.DRAWS))):
        function = changed(function, lambda result: result)  # a known mistake itself would be remembered
        seconds = []
        for _ in range(4):
            start = time.process_time()
            EXERCISES[id].run(function, 0)
            seconds.append(time.process_time() - start)
        assert min(seconds) < draws * most


@cache
def seconds_of_2400_steps():
    """What training takes here, a step at a time: what PyTorch needs for itself differs from machine to machine."""
    import torch

    model, seconds = torch.nn.Linear(2, 1).double(), []
    optimizer, x = torch.optim.SGD(model.parameters(), lr=1e-3), torch.ones(3, 2).double()
    for _ in range(5):
        start = time.process_time()
        for _ in range(160):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x), x[:, :1]).backward()
            optimizer.step()
        seconds.append(time.process_time() - start)
    return 15 * min(seconds)


def named(exercise_id, function):
    return {result.mistake for result in EXERCISES[exercise_id].run(function, 1).results}


def test_an_answer_that_looks_like_a_mistake_in_one_check_only_is_not_given_its_name():
    def returns_the_gradient(theta, velocity, gradient, learning_rate, momentum):
        g = gradient(theta)
        return theta + momentum * velocity - learning_rate * g, g

    assert "learning rate outside the velocity" not in named("03-1", returns_the_gradient)


def test_rounding_to_whole_numbers_is_called_that_and_not_what_zero_looks_like():
    def whole(theta, velocity, gradient, learning_rate, momentum):
        new = (momentum * velocity - learning_rate * gradient(theta)).astype(int)
        return theta + new, new

    assert "a product of gradients" not in named("03-1", whole)
