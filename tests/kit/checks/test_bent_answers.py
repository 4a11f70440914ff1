"""No answer, however bent, earns a point, breaks a check, lets an exception out or takes long.

Checks compute with what ``compare``'s functions have taken: the net below them, which calls what a check could not
compute with a wrong answer, is never needed by any exercise here.
"""

import dataclasses
import itertools
import time
import tracemalloc
import warnings

import numpy as np
import pytest

from course_lib.checks import EXERCISES
from course_lib.checks.calls import MAX_ASKED, Recorder, bounded, point_asked
from course_lib.checks.compare import HUGE, Wrong, close, numbers, plain, shaped, sized
from course_lib.checks.kit import Exercise
from tests import sample
from tests.kit.checks.answers import ANSWERS
from tests.kit.checks.bent import PARTS, WHOLE, StandIn, bent, demanding

IDS = [id for id in EXERCISES if EXERCISES[id].profile == "numpy"]
READY = [id for id in EXERCISES if EXERCISES[id].ready]
PLACES = {id: place for place, id in enumerate(EXERCISES)}
SIZES = (-320, -308, -200, -154, -100, -30, *range(-16, 17), 30, 45, 60, 100, 154, 200, 308)
UNNAMED = "What came out cannot be compared"


def unnamed(id, checks=None):
    """The exercise without its known mistakes: only whether a check passes, and how it fails, is asked."""
    return dataclasses.replace(EXERCISES[id], mistakes=[], checks=checks or EXERCISES[id].checks)


def told(report):
    """Whether a report is one: not broken, and a sentence for every check that failed."""
    return not report.broken and all(result.passed or len(result.sentence) > 10 for result in report.results)


@pytest.fixture(autouse=True)
def nothing_is_printed():
    """Warnings are errors: none reaches a terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("id", READY)
def test_a_bent_answer_earns_nothing_and_is_told_why(id, share):
    if EXERCISES[id].profile == "torch":
        pytest.importorskip("torch")  # that takes its time
    for name in share((*PARTS, *WHOLE), PLACES[id]):
        function = bent(ANSWERS[id][0], PARTS[name]) if name in PARTS else WHOLE[name]
        start = time.process_time()
        report = EXERCISES[id].run(function, 3)
        about = f"{name}: {report}"
        if EXERCISES[id].profile == "torch":  # what became of the model counts beside what is returned
            assert report.points < report.max_points, about
        else:
            assert report.points == 0 and len(str(report)) < 40_000, about
        assert told(report) and UNNAMED not in str(report), about
        assert time.process_time() - start < (10 if EXERCISES[id].profile == "torch" else 5), about
        assert report.as_dict(hidden=True)


def at_call(answer, call, part, how):
    """``answer``, but ``part`` of what call number ``call`` and all later ones return is bent."""
    numbered = (number for number in itertools.count())  # which cannot be copied, so that nobody puts it back

    def through(result, seen):
        if isinstance(result, (tuple, list)) and len(result) <= 6:
            return type(result)(through(item, seen) for item in result)
        seen.append(1)
        return how(result) if len(seen) - 1 == part else result

    def function(*arguments):
        result = answer(*arguments)
        return result if next(numbered) < call else through(result, [])

    return function


def parts_of(result):
    nested = isinstance(result, (tuple, list)) and len(result) <= 6
    return sum(map(parts_of, result)) if nested else 1


@pytest.mark.parametrize("id", IDS)
def test_no_check_computes_with_a_result_that_it_has_not_taken(id, share):
    """One part of one call is bent, all before is right: whatever a check does with it first must not fail."""
    answer, place = ANSWERS[id][0], itertools.count(PLACES[id])
    for check in EXERCISES[id].checks:
        alone, recorded = unnamed(id, [check]), []

        def count(*arguments, recorded=recorded):
            recorded.append(answer(*arguments))
            return recorded[-1]

        alone.run(count, 3)
        for call in {0, min(len(recorded), 4) - 1} if recorded else ():
            for part in range(parts_of(recorded[call])):
                for name, how in share(PARTS.items(), next(place)):
                    report = alone.run(at_call(answer, call, part, how), 3)
                    assert told(report), f"{check.title}, call {call}, part {part}, {name}: {report}"


@pytest.mark.parametrize("id", IDS)
def test_numbers_of_any_size_earn_nothing(id, share):
    exercise = unnamed(id)
    for number, size in share(enumerate(SIZES), PLACES[id]):
        value = (-1) ** (number // sample.IN_SO_MANY) * float(f"1e{size}")  # a share has both signs
        function = bent(ANSWERS[id][0], lambda part: np.full(np.shape(part), value))  # noqa: B023
        report = exercise.run(function, size + 400)
        assert report.points == 0 and told(report), f"{value}: {report}"


@pytest.mark.parametrize("id", IDS)
def test_right_values_in_another_dress_keep_their_points_where_nothing_is_lost(id):
    dresses = {
        "longdouble": lambda part: np.asarray(part, dtype=np.longdouble),
        "backwards in memory": lambda part: np.asarray(part, dtype=">f8"),
        "masked": np.ma.masked_array,
        "lists": lambda part: np.asarray(part).tolist(),
        "read-only": read_only,
        "in columns": lambda part: np.array(part, order="F"),
    }
    for name, how in dresses.items():
        report = unnamed(id).run(bent(ANSWERS[id][0], how), 3)
        assert report.passed, f"{name}: {report}"


def read_only(part):
    array = np.array(part)
    array.flags.writeable = False
    return array


# --- What a student asks the check for ------------------------------------------------------------------------------

ASKED = (10**9, 10**400, -1, 0.5, np.nan, np.inf, True, "ten", None, [], {}, (10**5, 10**5), [1] * 200, [[1, 2], [3]])
ASKED = (*ASKED, np.broadcast_to(0.0, (1 << 20, 1 << 10)), np.zeros((2, 3, 4)), 1j, StandIn(), np.array([None]), np.eye)


@pytest.mark.parametrize("id", IDS)
def test_what_a_check_is_asked_for_is_bounded(id):
    """The answer comes from the process in which the check runs: in grading, the grader itself."""
    callables = []

    def gather(*arguments):
        callables.extend(filter(callable, arguments))
        return ANSWERS[id][0](*arguments)

    EXERCISES[id].run(gather, 3)
    tracemalloc.start()
    try:
        ask_all(callables[:20])
        assert tracemalloc.get_traced_memory()[1] < 30 << 20
    finally:
        tracemalloc.stop()


def ask_all(callables):
    for ask in callables:
        for size in ASKED:
            try:
                with np.errstate(all="ignore"):
                    answer = ask(size)
            except Exception as error:
                assert str(error)
            else:
                assert np.asarray(answer).nbytes <= 16 * MAX_ASKED
    assert tracemalloc.get_traced_memory()[1] < 30 << 20
    tracemalloc.stop()


def test_an_answer_that_asks_for_too_much_reads_a_sentence():
    report = EXERCISES["02-1"].run(demanding(10**8), 3)
    assert "This function was asked for more than 100000 numbers" in report.results[0].sentence


@pytest.mark.parametrize("size", [5, 5.0, np.int8(5), np.array(5), (5,), [5], (1, 5), np.array([5, 1]), True])
def test_sizes_of_every_kind_are_taken(size):
    assert bounded(size) == (1 if size is True else 5)


@pytest.mark.parametrize("size", [-1, 0.5, np.nan, np.inf, [[1]], MAX_ASKED + 1, (10**4, 10**4), [1] * 100])
def test_what_is_no_size_is_refused(size):
    with pytest.raises(ValueError, match=r"size|numbers"):
        bounded(size)


def test_a_point_is_copied():
    point = np.ones(2)
    assert point_asked(point) is not point
    with pytest.raises(TypeError, match="needs an array"):
        point_asked("1")


# --- The kit below ---------------------------------------------------------------------------------------------------


def made(run):
    exercise = Exercise("99-1", "Twice", "twice")
    exercise.check("It doubles", points=2)(run)
    exercise.check("Another", points=0)(lambda function, rng: close(function(np.ones(1)), [2.0]))
    exercise.mistake("thrice on ones", "Another", "...")(lambda x: 3 * x if np.all(x == 1) else 2 * x)
    return exercise


def careless(function, rng):
    x = rng.normal(size=3)
    if np.any(np.abs(function(x) - 2 * x) > 1e-9):  # computes with what came out as it came
        raise Wrong("Not doubled.")


@pytest.mark.parametrize("value", [StandIn(), "text", {}, None, np.zeros((2, 2)), [1, "a"], np.array([None] * 3)])
def test_what_a_check_cannot_compute_with_is_a_wrong_answer(value):
    report = made(careless).run(lambda x: value, 3)
    assert not report.broken and report.points == 0
    assert report.results[0].sentence.startswith(UNNAMED) and report.results[0].mistake
    assert made(careless).run(lambda x: 2 * x, 3).points == 2


def test_a_check_that_fails_for_a_right_answer_is_broken_and_says_so():
    def faulty(function, rng):
        careless(function, rng)
        return [][0]

    assert made(faulty).run(lambda x: 2 * x, 3).broken
    assert made(faulty).run(lambda x: "text", 3).broken  # nothing shows that it is in order


def test_a_check_that_fails_before_it_calls_is_broken():
    report = made(lambda function, rng: rng.no_such_draw()).run(lambda x: 2 * x, 3)
    assert report.broken and "tell whoever runs the course" in report.results[0].sentence


def test_a_mask_is_said_to_be_one():
    with pytest.raises(Wrong, match="it is a mask of True and False"):
        numbers(np.array([True, False]))
    report = EXERCISES["07-4"].run(lambda x, *rest: x > 0, 3)
    assert report.points == 0 and "mask" in report.results[0].sentence


@pytest.mark.parametrize("value", [HUGE, -HUGE, 1e300, np.inf, np.nan])
def test_what_overflows_is_equal_to_nothing(value):
    with pytest.raises(Wrong):
        shaped(np.full(3, value), (3,))
    with pytest.raises(Wrong), np.errstate(all="ignore"):
        close(np.full(3, value), np.full(3, value))
    with pytest.raises(Wrong), np.errstate(all="ignore"):
        close(np.zeros(3), np.zeros(3) * value if not np.isfinite(value) else np.full(3, value))


@pytest.mark.parametrize("size", [0.0, 1e-300, 1e-16, 1e-7, 1e7, 1e16, 1e49])
def test_an_own_result_far_off_its_size_is_no_ground_to_go_on_from(size):
    with pytest.raises(Wrong, match=r"far too|so large"):
        sized(np.full((2, 3), size), (2, 3), "d_x")
    assert sized(np.full((2, 3), size), (2, 3), "d_x", scale=size).shape == (2, 3) if size else True


def test_plain_values_are_what_they_would_be_on_the_line():
    assert plain(np.longdouble(1)).dtype == float and plain(np.zeros(2, ">f8")).dtype.isnative
    assert plain(np.zeros(2, np.clongdouble)).dtype == complex and plain(np.zeros(2, np.float16)).dtype == np.float16


@pytest.mark.parametrize("name", ["one list twice, forty times", "a list that holds itself", "a million numbers"])
def test_what_is_too_large_to_cross_is_too_large_here(name):
    recorder = Recorder(WHOLE[name])
    with pytest.raises(Exception, match="too large or too deeply nested"):
        recorder(1.0)
    assert recorder.calls[0].error.kind == "TooLarge"
