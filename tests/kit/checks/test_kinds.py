"""What kinds of exercises need beyond the kit: shares, faults with names, budgets, questions."""

import numpy as np
import pytest

from course_lib import checks
from course_lib.checks import kinds
from course_lib.checks.calls import StudentError
from course_lib.checks.compare import Wrong, close
from course_lib.checks.generic import GENERIC
from course_lib.checks.kinds import AS_HANDED_OUT, NAMED, Budget, Debug, Landscape, tiers, within
from course_lib.checks.kit import FOUND, KINDS, Exercise
from course_lib.checks.questions import Criterion, Question
from course_lib.checks.report import Report

DOUBLES = "It doubles"
MENU = {"wrong factor": "then the result is in proportion to x.", "wrong sign": "then the result points the other way."}


def mending():
    made = Debug("99-1", "Twice", "twice", menu=MENU, fault="wrong factor")

    @made.check(DOUBLES, points=3, hint="2 * x")
    def doubles(function, rng):
        x = rng.normal(size=3)
        close(function(x), 2 * x)

    @made.handed_out((DOUBLES, NAMED))
    def faulty(x):
        y = 3 * x  # three times
        return y

    made.names_the_fault(points=1)
    return made


def asked(word):
    made = mending()
    return made.run(made.joined([lambda x: x + x, lambda: word]), 1)


# --- Kinds ------------------------------------------------------------------------------------------------


def test_a_report_says_the_kind_unless_a_function_is_to_be_written():
    made = Exercise("99-1", "Twice", "twice", kind="derive")
    assert (
        "99-1 Twice (derive): " in str(made.run(lambda: 1, 0)) and made.run(lambda: 1, 0).as_dict()["kind"] == "derive"
    )
    assert str(Report("99-1", "Twice", ())).startswith("99-1 Twice: ")
    with pytest.raises(ValueError, match="no kind of exercise 'guess'"):
        Exercise("99-1", "Twice", "twice", kind="guess")
    assert all(exercise.kind in KINDS for exercise in checks.EXERCISES.values())


def test_what_has_to_be_found_counts_more_than_what_is_printed_and_typed():
    typed, found = (Exercise("99-1", "Twice", "twice", kind=kind) for kind in ("write", "derive"))
    for made in (typed, found):
        made.check("It doubles", points=2)(lambda function, rng: None)
        made.check("It is whole", whole=True)(lambda function, rng: None)
    assert (typed.points, found.points) == (4, 4 * FOUND)


@pytest.mark.parametrize("chapter", sorted({id[:2] for id in checks.ASKED} - {"00"}))
def test_half_of_a_chapter_s_points_at_least_are_for_what_is_not_printed(chapter):
    asked = [one for id, one in checks.ASKED.items() if id.startswith(chapter)]
    assert sum(one.points for one in asked if one.kind != "write") >= sum(one.points for one in asked) / 2


@pytest.mark.parametrize(("off", "passes"), [(0.0, True), (0.019, True), (-0.019, True), (0.021, False), (-1, False)])
def test_a_share_that_a_prediction_may_be_off(off, passes):
    expected = np.array([1e-3, 40.0])
    if passes:
        within(expected * (1 + off), expected, 0.02, "the curve")
    else:
        with pytest.raises(Wrong, match=r"The curve is more than 2 % off\."):
            within(expected * (1 + off), expected, 0.02, "the curve")


def test_a_prediction_of_few_steps_may_be_off_by_one():
    within(7.9, 7, 0.05, least=1)
    with pytest.raises(Wrong):
        within(8.1, 7, 0.05, least=1)
    with pytest.raises(Wrong):
        within([7.0], 7, 0.05)


# --- Debug ------------------------------------------------------------------------------------------------


def test_the_code_that_is_handed_out_earns_nothing_and_is_told_so():
    made = mending()
    report = made.run(made.faulty, 1)
    assert report.points == 0 and report.results[0].mistake == AS_HANDED_OUT
    assert made.body() == "    y = 3 * x  # three times\n    return y"
    assert made.functions == ("twice", "fault_of_twice")


@pytest.mark.parametrize(
    "word", ["wrong factor", "Wrong factor.", "'wrong factor'", "wrong_factor", " WRONG\n factor "]
)
def test_the_name_of_the_fault_in_other_dress(word):
    assert asked(word).points == 4 * FOUND


@pytest.mark.parametrize(
    ("word", "kind", "says"),
    [
        ("wrong sign", "OtherFault", "It is not 'wrong sign': then the result points the other way."),
        ("typing error", "NotOnMenu", "That is not on the menu: wrong factor, wrong sign."),
        ("", "NotOnMenu", "That is not on the menu"),
        (None, "NotOnMenu", "as text"),
        (3, "NotOnMenu", "as text"),
        (["wrong factor"], "NotOnMenu", "as text"),
        ("wrong factor" * 10_000, "NotOnMenu", "not on the menu"),
    ],
)
def test_another_word_is_answered_with_what_that_fault_would_do(word, kind, says):
    report = asked(word)
    result = report.results[1]
    assert (report.points, result.kind, result.mistake) == (
        3 * FOUND,
        kind,
        GENERIC[kind][0],
    ) and says in result.sentence


def test_a_name_that_is_not_written_or_raises_costs_its_own_points_only():
    made = mending()

    def unwritten():
        raise NotImplementedError("Exercise 99-1: write fault_of_twice")

    assert made.run(made.joined([lambda x: 2 * x, unwritten]), 1).results[1].kind == "NotWritten"
    assert made.run(made.joined([lambda x: 2 * x, lambda: {}["fault"]]), 1).results[1].kind == "KeyError"
    assert made.run(made.joined([lambda x: 2 * x, lambda x: "wrong factor"]), 1).points == 3 * FOUND


@pytest.mark.parametrize("word", ["wrong factor", "wrong sign", None])
def test_the_name_alone_earns_nothing_and_code_with_its_fault_is_told_as_it_was_handed_out(word):
    made = mending()
    report = made.run(made.joined([made.faulty, lambda: word]), 1)
    assert report.points == 0 and [result.mistake for result in report.results] == [AS_HANDED_OUT, ""]
    assert report.results[1].kind == "NotYet"


def test_a_menu_without_the_fault_is_refused():
    with pytest.raises(ValueError, match="lacks the fault itself"):
        Debug("99-1", "Twice", "twice", menu=MENU, fault="wrong colour")


def test_a_check_wants_both_functions(monkeypatch):
    monkeypatch.setattr(checks, "exercises", lambda: {"99-1": mending()})
    with pytest.raises(ValueError, match=r"check\('99-1', twice, fault_of_twice\)"):
        checks.check("99-1", lambda x: 2 * x)
    with pytest.raises(ValueError, match="needs the function fault_of_twice itself"):
        checks.check("99-1", lambda x: 2 * x, "wrong factor")


def test_a_line_of_the_students_is_shown_through_the_pair():
    made = mending()

    def twice(x):
        return x.no_such_thing

    report = made.run(made.joined([twice, lambda: "wrong factor"]), 1)
    assert "x.no_such_thing" in report.results[0].line


# --- Tune -------------------------------------------------------------------------------------------------

RATES = np.logspace(-4, 2, 241)


def valleys(rng):
    """Parabolas in the logarithm of the rate; the best rates are decades apart."""
    return [
        Landscape([RATES], np.exp(np.log(RATES / best) ** 2))
        for best in 10.0 ** (np.arange(-2, 1) + rng.uniform(0, 0.5))
    ]


def tuning():
    made = Exercise("99-1", "Rate", "best_rate", kind="tune")
    titles = tiers(made, valleys, 9, ((4.0, 1), (1.3, 1), (1.02, 1)), "The loss", hint="Try.")
    return made, titles


def coarse(loss_after, trials):
    rates = np.logspace(-3, 1, trials)
    return rates[np.argmin([loss_after(rate) for rate in rates])]


def fine(loss_after, trials):
    rates = np.logspace(-3, 1, 5)
    losses = [loss_after(rate) for rate in rates]
    middle = np.argmin(losses)
    logs = np.log(rates[middle - 1 : middle + 2]) if 0 < middle < 4 else np.log(rates[:3])
    return np.exp(np.roots(np.polyder(np.polyfit(logs, np.log([loss_after(np.exp(log)) for log in logs]), 2))))[0]


def named(function, seed=0):
    return {result.mistake for result in tuning()[0].run(function, seed).results if not result.passed}


def test_who_comes_closer_earns_no_less_whatever_the_seed():
    for seed in range(20):
        marks = [tuning()[0].run(answer, seed).points for answer in (lambda loss, trials: 0.1, coarse, fine)]
        assert marks == sorted(marks) and marks[0] == 0 and marks[2] == 3 * FOUND, (seed, marks)
        for answer in (coarse, fine):
            passed = [result.passed for result in tuning()[0].run(answer, seed).results]
            assert passed == sorted(passed, reverse=True)


def test_all_levels_are_asked_about_the_same_landscapes():
    seen = []
    made = Exercise("99-1", "Rate", "best_rate", kind="tune")
    tiers(made, lambda rng: seen.append(rng.random()) or valleys(rng), 9, ((4.0, 1), (1.3, 1)), "The loss", "Try.")
    made.run(fine, 0)
    made.run(fine, 1)
    assert len(seen) == 2 and seen[0] != seen[1]  # made once for both levels


def test_more_trials_than_there_are_earn_nothing_even_if_the_error_is_caught():
    def greedy(loss_after, trials):
        return min(np.logspace(-4, 2, 500), key=loss_after)

    def quiet(loss_after, trials):
        try:
            greedy(loss_after, trials)
        except ValueError:
            return 1.0

    for answer in (greedy, quiet):
        report = tuning()[0].run(answer, 0)
        assert report.points == 0 and named(answer) == {GENERIC["OverBudget"][0]}
        assert "More than 9 trials" in report.results[0].sentence


def test_searches_that_go_wrong_are_named_by_what_they_did():
    def last(loss_after, trials):
        return [loss_after(rate) and rate for rate in np.logspace(-3, 2, 6)][-1]

    def timid(loss_after, trials):
        return min(np.logspace(-4, -3.5, 5), key=loss_after)

    assert named(last) == {GENERIC["TriedBetter"][0]}
    assert named(timid) == {GENERIC["Edge"][0]}
    assert named(lambda loss_after, trials: 0.1) == {GENERIC["NoTrial"][0]}


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf, None, "0.1", [1.0, 2.0]])
def test_what_is_no_setting_is_told(value):
    report = tuning()[0].run(lambda loss_after, trials: value, 0)
    assert report.points == 0 and not report.broken and all(len(result.sentence) > 10 for result in report.results)


def test_a_landscape_of_two_settings_is_met_at_its_points_and_between_them():
    axes = [np.logspace(-2, 1, 7), np.logspace(-1, 0, 5)]
    losses = 1 + np.add.outer(np.log(axes[0] / 0.5) ** 2, np.log(axes[1] / 0.3) ** 2)
    landscape = Landscape(axes, losses)
    for i, j in np.ndindex(losses.shape):
        assert landscape(axes[0][i], axes[1][j]) == pytest.approx(losses[i, j])
    between = landscape(np.sqrt(axes[0][2] * axes[0][3]), axes[1][1])
    assert between == pytest.approx(np.sqrt(losses[2, 1] * losses[3, 1]))
    assert landscape(*landscape.best) == pytest.approx(losses.min())
    assert landscape(1e9, 1e9) == pytest.approx(losses[-1, -1])
    with pytest.raises(ValueError, match="2 numbers larger than 0"):
        landscape(0.1)


def test_a_budget_counts_and_says_when_it_is_spent():
    budget = Budget(Landscape([RATES], RATES), 1)
    assert budget(np.array([0.5])) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="budget of 1 trials is spent"):
        budget(0.5)
    assert budget.over and len(budget.asked) == 1
    with pytest.raises(StudentError):
        Budget(Landscape([RATES], RATES), 1).result_of(raises)


def raises(loss_after, trials):
    raise StudentError("KeyError")


# --- Explain ----------------------------------------------------------------------------------------------


def test_a_question_has_the_points_of_its_rubric_and_no_check():
    question = Question("99-2", "Why", "Why?", (Criterion(2, "says why"), Criterion(1.5, "says when")))
    assert question.points == 3.5 and question.kind == "explain" and question.functions == ()
    with pytest.raises(ValueError, match="needs criteria"):
        Question("99-2", "Why", "Why?", ())


def test_questions_are_not_checked_and_say_so(monkeypatch):
    monkeypatch.setattr(checks, "questions", lambda: {"99-2": None})
    with pytest.raises(ValueError, match="a person marks"):
        checks.check("99-2", lambda: 1)


def test_every_id_is_there_once_and_every_kind_in_the_table_is_one():
    ids = [one.id for module in checks.parts("checks").values() for one in module.CHAPTER]
    assert len(ids) == len(set(ids)) and set(ids) == set(checks.ASKED)
    table = kinds.__doc__
    assert [line.split()[0] for line in table.splitlines() if line.split()[:1] and line.split()[0] in KINDS] == [*KINDS]
