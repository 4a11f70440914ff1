"""The class report: what counts, how hard exercises were, and what each student is told once."""

import re

import pytest

from course_lib.checks.report import MOST_GIVEN
from course_lib.grading.class_report import class_page, discrimination, distribution, heading, mean_share
from course_lib.grading.feedback import student_page
from course_lib.grading.pages import NOT_WRITTEN
from course_lib.grading.words import student_words

KEY = b"k" * 32


def check(title, passed=True, mistake="", details=(), sentence="It is wrong.", points=2):
    got = points if passed else 0
    told = {"sentence": "" if passed else sentence, "mistake": mistake, "details": [list(row) for row in details]}
    return {"title": title, "points": got, "max_points": points, "passed": passed, **told}


def exercise(id, *checks, notes=()):
    points = sum(one["points"] for one in checks), sum(one["max_points"] for one in checks)
    about = {"id": id, "title": f"Title {id}", "kind": "write", "notes": list(notes), "text": ""}
    return {**about, "points": points[0], "max_points": points[1], "checks": list(checks)}


def row(student, *exercises, status="graded", sentence=""):
    points = sum(one["points"] for one in exercises), sum(one["max_points"] for one in exercises)
    about = {"student": student, "name": "", "status": status, "sentence": sentence, "notes": [], "level": "full"}
    return {
        **about,
        "file": f"{student}.ipynb",
        "points": points[0],
        "max_points": points[1],
        "exercises": [*exercises],
    }


def passing(student, *pattern):
    """A row whose exercises 99-1, 99-2, ... pass where ``pattern`` is true."""
    return row(student, *(exercise(f"99-{n}", check("a", bool(done))) for n, done in enumerate(pattern, start=1)))


GIVEN = ("Given", "\n".join(f"x{n} = {n}" for n in range(20)))
RAISED = ("Your code", "cell 9, line 3: return velocty")


def test_what_cannot_be_read_counts_nowhere():
    graded = [passing("a", 1, 1), passing("b", 1, 0), passing("c", 0, 0)]
    lost = [row(name, exercise("99-1", check("a", False)), status="unreadable") for name in "de"]
    page = class_page([*graded, *lost], KEY)
    assert "Median 2 of 4 points; 1 student has all of them." in page
    assert '0 to 10 %</th><td class="count">1</td>' in page
    assert page.count(">unreadable</td>") == 2 and "5 students: 3 graded, 2 unreadable" in page


@pytest.mark.parametrize(("points", "middle"), [([0, 2, 4], "2"), ([0, 2, 2, 4], "2"), ([0, 0, 2, 4], "1"), ([4], "4")])
def test_the_median_is_the_middle_of_those_who_have_a_mark(points, middle):
    rows = [passing(str(n), *[1] * (value // 2), *[0] * (2 - value // 2)) for n, value in enumerate(points)]
    assert f"Median {middle} of 4 points" in distribution(rows)


def test_one_is_singular_and_none_is_plural():
    assert "0 students have all" in distribution([passing("a", 0, 1)])
    assert "1 student has all" in distribution([passing("a", 1, 1)])
    assert "2 students have all" in distribution([passing("a", 1, 1), passing("b", 1, 1)])
    assert "1 student: 1 graded" in class_page([passing("a", 1, 1)], KEY)


def test_difficulty_is_the_mean_share_and_discrimination_the_correlation_with_the_rest():
    rows = [passing(str(n), n >= 3, n >= 3, n >= 2, n < 3, 1) for n in range(6)]
    assert mean_share([one["exercises"][0] for one in rows]) == 0.5
    assert discrimination(rows, 0) > 0.4 and discrimination(rows, 3) < -0.8
    assert discrimination(rows, 4) is None, "all have the same points"
    assert discrimination(rows[:4], 0) is None, "four students are too few"
    page = class_page(rows, KEY)
    assert re.search(r"99-1 Title 99-1</th><td[^>]*>2</td><td[^>]*>50 %</td><td[^>]*>\d\.\d\d</td>", page)
    assert re.search(r"99-5 Title 99-5</th><td[^>]*>2</td><td[^>]*>100 %</td><td[^>]*>–</td>", page)


def test_who_left_an_exercise_as_it_was_did_not_write_it():
    left = row("b", exercise("99-1", check("a", False, NOT_WRITTEN[1]), check("b", False, "another fault")))
    page = class_page([row("a", exercise("99-1", check("a"), check("b"))), left], KEY)
    assert ">1 of 2</td></tr>" in page and "another fault" not in page.partition("Mistakes")[0]


def test_the_title_is_the_chapter_s_and_an_assignment_of_one_s_own_has_its_number():
    assert heading("03") == "Assignment 03: Momentum and Nesterov"
    assert heading("98") == "Assignment 98" and heading("") == "The class"
    page = class_page([passing("a", 1)], KEY, occasion={"assignment": "03", "day": "2026-11-29"})
    assert (
        "<title>Class report, Assignment 03: Momentum and Nesterov</title>" in page and "marked on 2026-11-29" in page
    )


def test_one_cause_is_told_once_with_its_line_and_the_checks_that_it_fails():
    details = [
        GIVEN,
        RAISED,
        ("Looks like", "A name that does not exist."),
        ("Hint", "Only the gradient's part is left."),
    ]
    sentence = "The function raised NameError: name 'velocty' is not defined"
    failing = [check(t, False, "a name that does not exist", details, sentence) for t in "abcde"]
    page, words = (make(row("anna", exercise("99-1", *failing, check("f")))) for make in (student_page, student_words))
    for text in (page, words):
        assert text.count("NameError") == 1 and text.count("cell 9, line 3") == 1
        assert "The same cause in 4 further checks:" in text and "Only the gradient" not in text
    assert all(f"<li>{title} (0 of 2)</li>" in page for title in "bcde")
    assert page.count("<details><summary>x0 = 0 … (20 lines)</summary>") == 1
    assert "x6 = 6" in words and "x19 = 19" not in words and MOST_GIVEN < 20


def test_different_causes_stay_apart():
    one = check("a", False, "uphill", [GIVEN])
    other = check("b", False, "downhill", [GIVEN])
    third, fourth = (check(title, False, details=[GIVEN], sentence="Theta is not what was expected.") for title in "cd")
    page = student_page(row("anna", exercise("99-1", one, other, third, fourth)))
    assert "same cause" not in page and page.count("Theta is not what was expected.") == 2


def test_a_missing_answer_is_one_line():
    stub = [check(title, False, NOT_WRITTEN[0], sentence="") for title in "abc"]
    page = student_page(row("anna", exercise("99-1", *stub, notes=["Not written yet. Write the function's body."])))
    assert page.count("Not written yet") == 1 and "✗" not in page
