"""The kit itself: what it tells apart, what it lets through, and what a report shows."""

import ast
import graphlib
import inspect
import json
import random
import tracemalloc
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from course_lib.checks import EXERCISES, check
from course_lib.checks.calls import GraderError, Recorder, Spy, StudentError
from course_lib.checks.compare import Wrong, alike, close, numbers, plain, several
from course_lib.checks.kit import Exercise
from course_lib.checks.report import CheckResult, Report, in_html


def exercise(run, **options):
    made = Exercise("99-1", "Twice", "twice")
    made.check("It doubles", points=2, hint=("Think.", "2 * x"), **options)(run)
    return made


def doubles(function, rng):
    x = rng.normal(size=3)
    close(function(x), 2 * x)


def the(report):
    (result,) = report.results
    return result


# --- Recognising a mistake --------------------------------------------------------------------------------


def test_of_two_fitting_mistakes_the_one_that_fits_more_checks_is_named():
    made = exercise(doubles)

    @made.check("It keeps zero", points=0)
    def _(function, rng):
        function(np.ones(2))
        close(function(np.zeros(2)), [0.0, 0.0])

    @made.mistake("thrice, if not on ones", "It doubles", "...")
    def _(x):
        return 2 * x if np.all(x == 1) else 3 * x

    @made.mistake("thrice", "It doubles", "...")
    def _(x):
        return 3 * x

    assert made.run(lambda x: x + x + x, 0).results[0].mistake == "thrice"


def test_a_mistake_is_known_by_what_it_raises_with_kind_and_text():
    made = exercise(doubles)

    @made.mistake("calls x", "It doubles", "x is no function.")
    def _(x):
        return x(2)

    assert the(made.run(lambda y: y(2), 0)).mistake == "calls x"
    assert the(made.run(lambda y: y + "a", 0)).mistake != "calls x"


def test_a_mistake_that_returns_nothing_or_nan_is_named_before_the_generic_one():
    made = exercise(doubles)

    @made.mistake("prints", "It doubles", "Return, do not print.")
    def _(x):
        return None

    assert the(made.run(lambda x: None, 0)).mistake == "prints"


def test_an_answer_has_one_name_or_none_whatever_the_seed():
    made = exercise(lambda function, rng: close(function(float(rng.integers(4))), 0.0))
    made.mistake("one more", "It doubles", "...")(lambda x: x + 1)
    named = {the(made.run(lambda x: 1.0 if x < 2 else x + 1, seed)).mistake for seed in range(12)}
    assert len(named) == 1, "it is the mistake on some draws, and the seed decides which"
    assert {the(made.run(lambda x: 1 + x, seed)).mistake for seed in range(12)} == {"one more"}


def test_a_report_without_names_runs_an_answer_once():
    made, asked = exercise(doubles), []
    made.mistake("thrice", "It doubles", "...")(lambda x: 3 * x)

    def answer(x):
        asked.append(x)
        return 3 * x

    assert the(made.run(answer, 0)).mistake == "thrice" and len(asked) > 1
    asked.clear()
    result = the(made.run(answer, 0, named=False))
    assert (result.passed, result.mistake, len(asked)) == (False, "", 1)


def test_another_wrong_answer_is_not_given_a_name_by_force():
    made = exercise(doubles)
    made.mistake("thrice", "It doubles", "...")(lambda x: 3 * x)
    result = the(made.run(lambda x: 5 * x, 0))
    assert (result.mistake, result.kind) == ("", "Value")
    assert result.given.startswith("x = [") and result.got and result.expected


def test_the_same_seed_draws_the_same_inputs_and_another_seed_others():
    reports = [the(exercise(doubles).run(lambda x: x, seed)).given for seed in (1, 1, 2)]
    assert reports[0] == reports[1] != reports[2]


def test_inputs_of_a_check_do_not_move_when_another_check_is_added():
    before = the(exercise(doubles).run(lambda x: x, 1)).given
    made = Exercise("99-1", "Twice", "twice")
    made.check("Another", points=1)(lambda function, rng: rng.normal())
    made.check("It doubles", points=2)(doubles)
    made.mistake("none", "Another", "")(lambda x: x)
    assert made.run(lambda x: x, 1).results[1].given.split("=")[1] == before.split("=")[1]


# --- What passes through and what does not -----------------------------------------------------------------


def test_an_error_in_a_check_is_never_the_students_fault():
    report = exercise(lambda function, rng: [][1]).run(lambda x: x, 0)
    assert report.broken and the(report).kind == "CheckError"
    assert "tell whoever runs the course" in the(report).sentence


@pytest.mark.parametrize("error", [GraderError, KeyboardInterrupt])
def test_errors_of_the_machinery_pass_through(error):
    def function(x):
        raise error

    with pytest.raises(error):
        exercise(doubles).run(function, 0)


def test_a_stand_in_may_report_a_limit():
    def slow(x):
        raise StudentError("TimeLimit", "The call took longer than 2 s.")

    result = the(exercise(doubles).run(slow, 0))
    assert (result.mistake, result.sentence) == ("takes too long", "The call took longer than 2 s.")


@pytest.mark.parametrize("name", ["CheckError", "NotYet", "NotWritten", "GraderError", "TimeLimit", "Value"])
def test_an_exception_class_with_a_name_of_ours_gains_nothing(name):
    forged = type(name, (Exception,), {})

    def function(x):
        raise forged("secret")

    report = exercise(doubles).run(function, 0)
    assert report.points == 0 and not report.broken
    assert "secret" not in json.dumps(report.as_dict(hidden=True))


def test_what_a_stand_in_says_about_limits_is_not_passed_on_by_hidden_reports():
    def forged(x):
        raise StudentError("TimeLimit", "secret")

    assert "secret" not in json.dumps(exercise(doubles).run(forged, 0).as_dict(hidden=True))


def test_a_library_s_own_exception_counts_as_the_built_in_one():
    result = the(exercise(doubles).run(lambda x: np.linalg.inv(np.zeros((2, 2))), 0))
    assert result.kind == "ValueError" and "LinAlgError: Singular matrix" in result.sentence


def test_supporting_checks_count_only_beside_another():
    made = exercise(doubles)
    made.check("It returns", points=1, supporting=True)(lambda function, rng: function(np.ones(2)))
    assert made.run(lambda x: 2 * x, 0).points == 3
    report = made.run(lambda x: x, 0)
    assert report.points == 0
    assert report.results[1].sentence == "This counts as soon as another check passes."


# --- Recording ---------------------------------------------------------------------------------------------


def test_the_function_gets_copies_and_the_record_shows_what_it_changed():
    def change(x, y):
        y += 1
        return x

    x, y = np.zeros(2), np.zeros(2)
    recorder = Recorder(change)
    recorder(x, y)
    assert recorder.calls[0].changed == (1,)
    assert not y.any()


def test_a_spy_remembers_copies_and_refuses_what_is_no_array():
    spy = Spy(lambda theta: 2 * theta)
    point = np.ones(2)
    spy(point)
    point[:] = 5
    np.testing.assert_array_equal(spy.asked[0], [1, 1])
    with pytest.raises(TypeError, match="needs an array"):
        spy(None)


# --- Comparing by value -------------------------------------------------------------------------------------


class Forged(np.ndarray):
    """Agrees with everything, whatever is asked of it."""

    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array_ufunc__(self, *args, **kwargs):
        return np.zeros(self.shape)

    def __array_function__(self, *args, **kwargs):
        return True

    def __array__(self, *args, **kwargs):
        return np.array([1.0, 2.0])


class Chameleon(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __hash__ = None


@pytest.mark.parametrize("value", [np.zeros(2).view(Forged), (np.zeros(2).view(Forged),)[0], [Chameleon(0)] * 2])
def test_objects_that_agree_with_everything_are_compared_by_value(value):
    with pytest.raises(Wrong):
        close(value, [1.0, 2.0])


def test_masked_arrays_and_scalars_of_all_kinds_are_numbers():
    assert type(plain(np.ma.masked_array([1.0, 2.0], [True, False]))) is np.ndarray
    for value in (1, 1.0, True, np.float32(1), np.int8(1), np.array(1), [1], (1.0,)):
        assert numbers(value).dtype.kind in "biuf"
    for value in ("1", None, {}, object(), 1j, [None], [[1], [1, 2]], np.array(["a"]), np.array([object()])):
        with pytest.raises(Wrong):
            numbers(value)


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        ([1.0, 2.0, 3.0], "Shape"),
        ([[1.25, 2.5]], "Shape"),
        (1.25, "Shape"),
        ([1.25, np.inf], "NotFinite"),
        ([1, 3], "Integer"),
        (np.array([1.25, 2.5], np.float32) + np.float32(1e-5), "Precision"),
        ([1.25, 2.6], "Value"),
        (None, "None"),
        ("text", "NotNumbers"),
    ],
)
def test_close_says_how_a_result_is_wrong(got, kind):
    with pytest.raises(Wrong) as caught:
        close(got, [1.25, 2.5])
    assert caught.value.kind == kind


def test_close_accepts_rounding_and_lists():
    close([1.25 * (1 + 1e-12), 2.5], [1.25, 2.5])
    close((0.1 + 0.2,), [0.3])


@pytest.mark.parametrize("result", [(1.0, 2.0), [1.0, 2.0], np.array([[1.0, 1.0], [2.0, 2.0]])])
def test_several_takes_a_tuple_a_list_or_stacked_rows(result):
    one, two = several(result, ("a", "b"))
    assert np.all(one == 1.0) and np.all(two == 2.0)


@pytest.mark.parametrize("result", [None, 1.0, np.ones(2), np.ones((3, 2)), (1.0,), (1.0, 2.0, 3.0), [1.0], "ab"])
def test_several_wants_exactly_as_many_results(result):
    with pytest.raises(Wrong, match="2 results were expected"):
        several(result, ("a", "b"))


def test_alike_takes_nan_for_nan_and_tells_shapes_apart():
    assert alike((1.0, [np.nan]), (np.array(1.0), [np.nan]))
    assert not alike(np.ones((1, 2)), np.ones(2))
    assert not alike(None, np.nan) and alike(None, None)


# --- Reports ------------------------------------------------------------------------------------------------


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_html_is_balanced_and_escapes_what_the_student_chose():
    def function(x):
        raise ValueError("<script>alert(1)</script> & more")

    report = exercise(doubles).run(function, 0)
    parser = Balanced()
    parser.feed(report._repr_html_())
    assert parser.open == [] and "script" not in parser.seen
    assert "failed" in report._repr_html_() and 'aria-hidden="true"' in report._repr_html_()


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("`a < b` and `c`", "<code>a &lt; b</code> and <code>c</code>"),
        ("one ` alone", "one ` alone"),
        ("`<script>`", "<code>&lt;script&gt;</code>"),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code_in_html(text, html):
    assert in_html(text) == html


def test_a_report_travels_as_json_and_says_visible_checks_never_all_tests():
    made = exercise(doubles)
    for function in (lambda x: 2 * x, lambda x: x, lambda x: object(), lambda x: {1: x}):
        report = made.run(function, 0)
        assert json.loads(json.dumps(report.as_dict())) == report.as_dict()
        assert "visible checks passed" in str(report)
        assert "all tests" not in str(report).lower()


def test_a_stub_gets_one_sentence_and_no_list_of_failures():
    def stub(x):
        raise NotImplementedError("Exercise 99-1: write twice")

    report = exercise(doubles).run(stub, 0)
    assert str(report).startswith("99-1 Twice: not written yet. Write the function's body")
    assert "\n" not in str(report) and "✗" not in report._repr_html_()


def test_large_and_odd_results_are_shown_in_a_few_lines():
    for value in (np.zeros((300, 300)), "x" * 10_000, list(range(10_000)), {i: i for i in range(1000)}):
        assert len(str(exercise(doubles).run(lambda x: value, 0))) < 3000  # noqa: B023


def test_one_long_text_among_many_short_ones_takes_no_memory():
    tracemalloc.start()
    with pytest.raises(Wrong):
        numbers(["x" * 4000] + ["y"] * 10_000)
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


def test_the_files_of_the_kit_import_each_other_without_a_circle():
    """Those inside functions count, too."""
    folder = Path(inspect.getfile(Exercise)).parent
    graph = {}
    for path in folder.glob("*.py"):
        names = [
            node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)
        ]
        graph[path.stem] = {name.rpartition(".")[2] for name in names if name.startswith("course_lib.checks.")}
    order = list(graphlib.TopologicalSorter(graph).static_order())  # CycleError if there is none
    assert order.index("tensors") < order.index("compare") < order.index("calls") < order.index("kit")


def test_what_draws_from_the_global_generators_gets_the_same_report_every_time_and_leaves_them_as_they_were():
    mistake = next(m for m in EXERCISES["06-2"].mistakes if "global generator" in m.name)
    before = np.random.get_state()[1].copy(), random.getstate()
    reports = {str(EXERCISES["06-2"].run(mistake.function, seed=5)) for _ in range(5)}
    assert len(reports) == 1
    assert np.array_equal(before[0], np.random.get_state()[1]) and before[1] == random.getstate()


def test_a_cause_is_told_once_with_the_line_and_without_the_hints_of_other_mistakes():
    def function(x):
        return x + undefined  # noqa: F821

    made = Exercise("99-1", "Twice", "twice")
    for title in ("It doubles", "It doubles again", "And again"):
        made.check(title, points=1, hint="Only the gradient's part is left.")(doubles)
    report = made.run(function, 0)
    text, html = str(report), report._repr_html_()
    assert text.count("NameError") == 1 and "The same cause in 2 further checks:" in text
    assert html.count("NameError") == 1 and "The same cause in 2 further checks:" in html
    assert "Hint" not in text and text.count("✗") == 3


def test_long_inputs_are_folded_in_html_and_cut_in_text():
    lines = "\n".join(f"x{n} = {n}" for n in range(30))
    failed = CheckResult("a", 0, 1, False, "Value", "It is wrong.", given=lines, expected="1")
    report = Report("99-1", "Twice", (failed,))
    assert "x29" not in str(report) and "..." in str(report)
    assert "<details><summary>x0 = 0 … (30 lines)</summary>" in report._repr_html_() and "x29" in report._repr_html_()


def test_only_in_a_notebook_a_cell_is_to_be_run(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "progress.json"))

    def stub(*arguments):
        raise NotImplementedError("Exercise 03-1: write it")

    assert "run that cell" in str(check("03-1", stub))
    assert "run that cell" not in str(EXERCISES["03-1"].run(stub, 0))
