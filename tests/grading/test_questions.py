"""Answers in words: found in odd notebooks, shown on a page, marked by a person, and back into every table."""

import csv
import json
import re
import stat
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from course_lib.checks.compare import close
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.questions import Criterion, Question
from course_lib.grading import hand
from course_lib.grading.answers import MOST, placeholder
from course_lib.grading.batch import grade_folder
from course_lib.grading.marks_table import BadTable
from course_lib.grading.questions import NothingToMark, take_marks, write_questions
from course_lib.grading.reader import reader_of
from course_lib.grading.show import student_feedback
from tests.grading.handed_in import QUICK, SEED

DOUBLES = "It doubles"
mend = Debug("99-1", "Twice", "twice", menu={"factor": "...", "sign": "..."}, fault="factor")


@mend.check(DOUBLES, points=3, hint="2 * x")
def doubles(function, rng):
    x = rng.normal(size=3)
    close(function(x), 2 * x)


@mend.handed_out((DOUBLES, NAMED))
def twice_with_a_fault(x):
    y = 3 * x  # what is this?
    return y


mend.names_the_fault(points=1)
WHY = Question(
    "99-2", "Why it stays", "Why does it stay?", (Criterion(2, "the noise <stays>"), Criterion(2, "so does it"))
)
WHEN = Question("99-10", "When it goes", "When does it go?", (Criterion(3, "when all agree"),))
ASKED = [mend, WHY, WHEN]
QUESTIONS = {question.id: question for question in (WHY, WHEN)}
RIGHT = "def twice(x):\n    return 2 * x\n\ndef fault_of_twice():\n    return 'factor'"
HANDED_OUT = f"def twice(x):\n    '''Twice x.'''\n{mend.body()}"

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)></bdi></article><style>*{display:none}</style>&lt;b&gt;"
ODD = {
    "empty": "",
    "blank": " \n\n\t ",
    "hostile": HOSTILE,
    "long": "ball " * 200_000,
    "hebrew": "הרעש נשאר \u202e txet desrever \u202c בכל צעד",
    "persian": "نمی\u200cرود",
    "latex": r"$V = \frac{\alpha\lambda}{2-\alpha\lambda}\sigma^2$ and \end{document}",
    "formula": '=HYPERLINK("http://x";"y")',
    "nul": "a\0b\x1b[31m\ud800",
    "markdown": "# Heading\n\n| a | b |\n|---|---|\n\n![x](http://x/y.png) [l](javascript:alert(1))",
    "emoji": "🧑\u200d🔬 sees it",
}


def markdown(text, about=None):
    return {"cell_type": "markdown", "id": "m", "metadata": about or {}, "source": text}


def code(text):
    return {"cell_type": "code", "id": "c", "metadata": {}, "source": text, "outputs": [], "execution_count": None}


def labelled(id, text):
    return markdown(text, {"course": {"role": "text", "exercise": id}})


def notebook(*cells):
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def written(why, when, function=RIGHT):
    """A notebook as it comes back, with these answers."""
    return notebook(
        code(function),
        markdown("## Exercise 99-2: why", {"course": {"role": "statement", "exercise": "99-2"}}),
        labelled("99-2", why or placeholder("99-2")),
        markdown("## Exercise 99-10: when", {"course": {"role": "statement", "exercise": "99-10"}}),
        labelled("99-10", when or placeholder("99-10")),
        markdown("Hand in this notebook."),
    )


def texts(data):
    with reader_of(ASKED) as reader:
        return reader.read_bytes("a.ipynb", data)


# --- Where answers stand -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        [labelled("99-2", "mine")],
        [markdown("mine", {"nbgrader": {"grade_id": "text-99-2"}})],
        [code("x = 1"), markdown("## Exercise 99-2: why\n\nWhy?"), markdown("mine")],
        [labelled("99-2", placeholder("99-2")), markdown("mine")],
        [labelled("99-2", f"{placeholder('99-2')}\nmine")],
        [labelled("99-2", "mine"), labelled("99-2", "mine")],
        [labelled("99-2", placeholder("99-2")), code("1"), labelled("99-2", " mine ")],
        [code("1") | {"source": "mine", "metadata": {"course": {"role": "text", "exercise": "99-2"}}}],
        [labelled("99-2", "mine"), markdown("## Exercise 99-3\n\nText of mine"), markdown("not this")],
        [labelled("99-2", "mine"), code("1"), markdown("a remark")],
        [markdown("## Exercise 99-2"), {"cell_type": "raw", "id": "r", "metadata": {}, "source": "mine"}],
        [labelled("99-2", ["mi", "ne"])],
        [labelled("99-2", "mine"), 3, None, {"source": 4}, {"metadata": [], "source": "x", "cell_type": "code"}],
    ],
)
def test_an_answer_is_found_wherever_a_program_or_a_student_has_put_it(cells):
    handed = texts(notebook(*cells))
    assert handed.texts["99-2"] == "mine" and "99-10" not in handed.texts
    assert handed.problem == ""


def test_cells_below_the_answer_belong_to_it_up_to_the_next_heading():
    handed = texts(notebook(labelled("99-2", "one"), markdown("two"), markdown("## Exercise 99-10"), markdown("three")))
    assert handed.texts == {"99-2": "one\n\ntwo", "99-10": "three"}


def test_an_answer_in_a_cell_of_code_is_not_run():
    cell = code("def twice(x):\n    return 3") | {"metadata": {"course": {"role": "text", "exercise": "99-2"}}}
    handed = texts(notebook(code(RIGHT), cell))
    assert len(handed.cells) == 1 and handed.texts["99-2"].startswith("def twice")


def test_a_long_answer_is_cut_and_said_so():
    handed = texts(notebook(labelled("99-2", "x" * (MOST + 1))))
    assert len(handed.texts["99-2"]) == MOST
    assert f"{MOST + 1} characters; the first {MOST} were kept" in handed.notes[0]


@pytest.mark.parametrize("change", ["", "# mine\n", "reformatted"])
def test_the_code_that_was_handed_out_is_no_answer_and_an_untouched_copy_undoes_none(change):
    source = HANDED_OUT.replace("3 * x", "(3*x)") if change == "reformatted" else change + HANDED_OUT
    handed = texts(notebook(code(RIGHT), code(source)))
    assert [stub for _, _, stub, _ in handed.defined["twice"]] == [False, True]
    cells, notes = handed.without_spare_stubs(["twice", "fault_of_twice"])
    assert "3" not in cells[1][1] and "untouched copy of twice" in notes[0]
    mended = texts(notebook(code(HANDED_OUT.replace("3 * x", "2 * x"))))
    assert mended.defined["twice"][0][2] is False


# --- A class of forty ----------------------------------------------------------------------------------------


def the_class():
    """Answers of 40 students: ``{name: (why, when)}``."""
    odd = {name: (text, text) for name, text in ODD.items()}
    return odd | {
        f"student{i:02d}": (f"The noise of step {i} stays.", f"When {i} agree.") for i in range(40 - len(odd))
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    (folder / "in").mkdir()
    for number, (name, (why, when)) in enumerate(the_class().items()):
        function = (RIGHT, HANDED_OUT, "x = 1")[number % 3]
        (folder / "in" / f"{name}.ipynb").write_bytes(written(why, when, function))
    (folder / "in" / "broken.ipynb").write_bytes(b"{")
    grade(folder)
    return folder


def grade(folder):
    return grade_folder(folder / "in", folder / "out", exercises=ASKED, assignment="99", seed=SEED, limits=QUICK)


@pytest.fixture
def marking(graded, tmp_path):
    """A copy of the results, with pages and table."""
    import shutil

    shutil.copytree(graded, tmp_path / "copy")
    write_questions(tmp_path / "copy" / "out", QUESTIONS)
    return tmp_path / "copy"


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(folder, points, comment=""):
    """Write the table with ``points(question)`` for every answer; returns its rows as they were."""
    path = folder / "out" / "questions" / "marks.csv"
    rows = table(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["key", "question", "points", "comment"])
        writer.writerows([row["key"], row["question"], points(row["question"]), comment] for row in rows)
    return rows


class Seen(HTMLParser):
    """Tags and text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.text, self.attributes = [], "", []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def seen(path):
    page = Seen()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_what_is_not_marked_yet_is_no_0(graded):
    rows = {row["student"]: row for row in table(graded / "out" / "grades.csv")}
    row = rows["student00"]
    assert (
        row["99-2 Why it stays (explain) (4)"]
        == row["99-10 When it goes (explain) (3)"]
        == row["points"]
        == "to be marked"
    )
    assert row["percent"] == "" and row["max_points"] == "19"
    assert rows["broken"]["points"] == "0"
    (mine,) = [row for row in table(graded / "out" / "canvas.csv") if row["Student"] == "student00"]
    assert mine["Assignment"] == ""
    (mine,) = [row for row in table(graded / "out" / "moodle.csv") if row["Identifier"] == "student00"]
    assert mine["Grade"] == ""
    shown = json.loads((graded / "out" / "gradescope" / "student00" / "results.json").read_text())
    why = next(test for test in shown["tests"] if test["name"].startswith("99-2"))
    assert why["output"] == "to be marked" and "score" not in why and "99-2, 99-10" in shown["output"]
    assert "99-2 (40 answers), 99-10 (40 answers)" not in (graded / "out" / "grades.csv").read_text()
    report = (graded / "out" / "class_report.html").read_text()
    assert "To be marked by hand: 99-10 (40 answers), 99-2 (40 answers)." in report and "Points by kind" not in report
    words = student_feedback("student00", graded / "out")
    assert "still to be marked" in words and "99-2 Why it stays (explain): to be marked" in words


def test_the_summary_says_what_is_to_be_done_and_the_kinds_go_through_the_tables(graded):
    told = str(grade(graded))
    assert "To be marked by hand: 99-10 (40 answers), 99-2 (40 answers). Next: course questions" in told
    marks = {row["student"]: row["99-1 Twice (debug) (12)"] for row in table(graded / "out" / "grades.csv")}
    names = list(the_class())
    assert [marks[name] for name in names[:3]] == ["12", "0", "0"]
    assert "as it was handed out" not in (graded / "out" / "class_report.html").read_text()


def test_one_page_a_question_holds_all_answers_and_nothing_that_acts(marking):
    folder = marking / "out" / "questions"
    assert sorted(path.name for path in folder.iterdir()) == ["99-10.html", "99-2.html", "marks.csv"]
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    page = seen(folder / "99-2.html")
    assert page.tags.count("article") == 40
    assert (
        not {"script", "img", "a", "iframe", "link", "form", "object"} & set(page.tags)
        and page.tags.count("style") == 2
    )
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert HOSTILE in page.text and r"\frac{\alpha\lambda}" in page.text and "نمی\u200cرود" in page.text
    assert "\u202e" not in page.text and "the noise <stays>" in page.text
    assert "2 without a word" in page.text
    assert (folder / "99-2.html").stat().st_size < 200_000


def test_names_are_hidden_until_they_are_asked_for_and_keys_do_not_tell_them(marking):
    page = (marking / "out" / "questions" / "99-2.html").read_text()
    assert ".who, .shown { display: none }" in page and "#names:checked ~ .sides .who" in page
    assert len(re.findall(r'<span class="who">', page)) == 40
    rows = table(marking / "out" / "questions" / "marks.csv")
    keys = [row["key"] for row in rows]
    assert len(rows) == len(set(keys)) == 80 and all(re.fullmatch(r"[0-9a-f]{10}", key) for key in keys)
    assert {row["question"] for row in rows} == {"99-2", "99-10"}
    assert sum(row["points"] == "0" for row in rows) == 4 and sum(row["points"] == "" for row in rows) == 76


def test_equal_answers_are_pointed_out(tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(
            written("The  noise\nSTAYS" if name == "a" else "the noise stays", "x")
        )
    grade(tmp_path)
    write_questions(tmp_path / "out", QUESTIONS)
    assert seen(tmp_path / "out" / "questions" / "99-2.html").text.count("the same as 2 other") == 3


def test_marks_come_back_into_tables_feedback_and_exports(marking):
    out = marking / "out"
    fill_in(marking, {"99-2": "3.5", "99-10": "2"}.get, "Well <b>seen</b>")
    taken = take_marks(out)
    assert (taken.marks, taken.refused, taken.open) == (80, (), {})
    rows = {row["student"]: row for row in table(out / "grades.csv")}
    assert (rows["student01"]["99-2 Why it stays (explain) (4)"], rows["empty"]["points"]) == ("3.5", "17.5")
    (mine,) = [row for row in table(out / "canvas.csv") if row["Student"] == "empty"]
    assert mine["Assignment"] == "17.5"
    shown = json.loads((out / "gradescope" / "empty" / "results.json").read_text())
    assert shown["score"] == 17.5 and sum(test["score"] for test in shown["tests"]) == 17.5
    assert "Well <b>seen</b>" in student_feedback("empty", out)
    (page,) = [path for path in (out / "feedback").iterdir() if path.name.startswith("hostile-")]
    text = page.read_text()
    assert "Well &lt;b&gt;seen&lt;/b&gt;" in text and "<script" not in text and "alert(1)&lt;/script&gt;" in text
    assert stat.S_IMODE(page.stat().st_mode) == 0o600 and re.fullmatch(r"hostile-[0-9a-f]{20}\.html", page.name)
    report = (out / "class_report.html").read_text()
    assert "To be marked" not in report and "Points by kind of exercise" in report


def test_reading_twice_or_grading_again_changes_nothing(marking):
    out = marking / "out"
    fill_in(marking, {"99-2": "1", "99-10": "1"}.get)
    take_marks(out)
    before = {path.name: path.read_bytes() for path in out.rglob("*") if path.suffix in (".csv", ".html")}
    take_marks(out)
    grade(marking)
    write_questions(out, QUESTIONS)
    after = {path.name: path.read_bytes() for path in out.rglob("*") if path.suffix in (".csv", ".html")}
    before.pop("99-2.html"), before.pop("99-10.html"), before.pop("marks.csv")
    assert before == {name: after[name] for name in before}
    assert {row["points"] for row in table(out / "questions" / "marks.csv")} == {"1"}


def test_an_answer_that_was_changed_is_to_be_marked_again_and_keeps_the_other_mark(marking):
    out = marking / "out"
    fill_in(marking, {"99-2": "1", "99-10": "1"}.get)
    take_marks(out)
    (marking / "in" / "student05.ipynb").write_bytes(written("Another answer.", "When 5 agree."))
    grade(marking)
    rows = {row["student"]: row for row in table(out / "grades.csv")}
    assert rows["student05"]["99-2 Why it stays (explain) (4)"] == "to be marked"
    assert rows["student05"]["99-10 When it goes (explain) (3)"] == "1"
    assert hand.CHANGED.format(points="1") in student_feedback("student05", out)
    write_questions(out, QUESTIONS)
    assert "was changed after it had been marked" in (out / "questions" / "99-2.html").read_text()


def test_a_table_with_marks_that_were_not_read_back_is_kept(marking):
    out = marking / "out"
    fill_in(marking, {"99-2": "1", "99-10": ""}.get)
    *_, kept, written_anew = write_questions(out, QUESTIONS)
    assert kept.name == "marks-kept-1.csv" and len([row for row in table(kept) if row["points"] == "1"]) == 40
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    take_marks(out, kept)
    assert len(write_questions(out, QUESTIONS)) == 3
    assert {row["points"] for row in table(written_anew) if row["question"] == "99-2"} == {"1"}


def lines(folder, *rows, head="key,question,points,comment", encoding="utf-8"):
    path = folder / "table.csv"
    path.write_bytes("\n".join([head, *rows, ""]).encode(encoding))
    return path


def keys(folder, question="99-2"):
    return [row["key"] for row in table(folder / "out" / "questions" / "marks.csv") if row["question"] == question]


def test_each_wrong_line_is_one_sentence_and_the_others_count(marking):
    a, b, c, d, e, f, g, *_ = keys(marking)
    rows = [
        *(f"{a},99-2,4,good", "nobody,99-2,3,", f"{b},99-2,5,", f"{c},99-2,-1,", f"{d},99-2,many,"),
        *(f"{e},99-7,3,", f"{f},99-10,3,", f"{g},99-2,2,5,a", f"{e},99-2,1,", f"{e},99-2,2,", f"{d},99-2,,a comment"),
        *(f"{f},99-2,nan,", f'{g},99-2,"2,5",half', f"{b},99-2,1_0,"),
    ]
    taken = take_marks(marking / "out", lines(marking, *rows))
    told = "\n".join(taken.refused)
    assert taken.marks == 2 and len(taken.refused) == 11
    for sentence in (
        *(
            "Line 3: no answer to 99-2 has the key 'nobody'",
            "Line 4: 5 points, but 99-2 has 0 to 4.",
            "Line 5: -1 points",
        ),
        *(
            "Line 6: points are a number, not 'many'.",
            "Line 7: there is no question '99-7' here; there are 99-10, 99-2.",
        ),
        *("Line 8: no answer to 99-10 has the key", "Line 9: it has 5 cells, not 4: a decimal comma"),
        *("Lines 10 and 11 mark the same answer differently", "Line 12: there is a comment, but no points"),
        *("Line 13: points are a number, not 'nan'.", "Line 15: points are a number, not '1_0'."),
    ):
        assert sentence in told
    assert len(taken.open["99-2"]) == 38 and "99-2: 38 still to be marked" in str(taken)
    assert all("\n" not in sentence and sentence.endswith(".") for sentence in taken.refused)


@pytest.mark.parametrize(
    ("head", "row", "encoding"),
    [
        ("key;question;points;comment", "{};99-2;2,5;größer, aber gut", "utf-8"),
        ("key;question;points;comment", "{};99-2;2,5;größer, aber gut", "cp1252"),
        ("key\tquestion\tpoints\tcomment", "{}\t99-2\t2.5\tgrößer, aber gut", "utf-16"),
        ("\ufeffComment,KEY,Points,Question,more", '"größer, aber gut",{},2.50, 99-2 ,x', "utf-8"),
        ("key,question,points,comment", '{},99-2,"2,5","größer, aber gut"\r', "utf-8"),
    ],
)
def test_tables_as_spreadsheets_of_all_countries_write_them(marking, head, row, encoding):
    (key, *_) = keys(marking)
    taken = take_marks(marking / "out", lines(marking, row.format(key), head=head, encoding=encoding))
    assert (taken.marks, taken.refused) == (1, ())
    marks = [
        row for row in table(marking / "out" / "checks.csv") if row["exercise"] == "99-2" and row["points"] == "2.5"
    ]
    assert [row["sentence"] for row in marks] == ["größer, aber gut"]


def test_the_name_of_a_student_is_taken_for_a_key_too(marking):
    assert take_marks(marking / "out", lines(marking, "student07,99-2,4,")).marks == 1
    rows = {row["student"]: row for row in table(marking / "out" / "grades.csv")}
    assert rows["student07"]["99-2 Why it stays (explain) (4)"] == "4"


def test_a_comment_that_looks_like_a_formula_goes_out_and_comes_back(marking):
    (key, *_) = keys(marking)
    take_marks(marking / "out", lines(marking, f'{key},99-2,4,"=1+1, or\n-2"'))
    path = write_questions(marking / "out", QUESTIONS)[-1]
    (row,) = [row for row in table(path) if row["key"] == key]
    assert row["comment"] == "'=1+1, or\n-2"
    before = student_feedback_of(marking, key)
    take_marks(marking / "out")
    assert student_feedback_of(marking, key) == before and "=1+1" in before


def student_feedback_of(folder, key):
    page = (folder / "out" / "questions" / "99-2.html").read_text()
    name = re.search(rf'{key} <span class="who">([^<]+)', page)[1]
    return student_feedback(name, folder / "out")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "must name the columns"),
        (b"name,mark\na,3\n", "lacks key"),
        (b"PK\x03\x04", "save it as CSV"),
        (b"key,question,points\n" * 1_000_000, "save it as CSV"),
    ],
)
def test_what_is_no_table_is_a_sentence_and_costs_nothing(marking, data, says):
    (marking / "table.csv").write_bytes(data)
    with pytest.raises(BadTable, match=says):
        take_marks(marking / "out", marking / "table.csv")
    with pytest.raises(BadTable, match="cannot be read"):
        take_marks(marking / "out", marking / "nowhere.csv")


def test_a_folder_without_results_or_questions_is_a_sentence(tmp_path):
    with pytest.raises(NothingToMark, match="grade first"):
        write_questions(tmp_path, QUESTIONS)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(notebook(code(RIGHT)))
    grade_folder(tmp_path / "in", tmp_path / "out", exercises=[mend], assignment="99", seed=SEED, limits=QUICK)
    with pytest.raises(NothingToMark, match="has a question"):
        write_questions(tmp_path / "out", QUESTIONS)


def test_of_several_files_the_answer_may_stand_in_another_one(tmp_path):
    folder = tmp_path / "in" / "anna"
    folder.mkdir(parents=True)
    (folder / "99_twice.ipynb").write_bytes(written("here", "", HANDED_OUT))
    (folder / "99_twice (2).ipynb").write_bytes(written("", "there", RIGHT))
    (tmp_path / "in" / "ben").mkdir()
    (tmp_path / "in" / "ben" / "99_twice.ipynb").write_bytes(written("", "", RIGHT))
    row = grade(tmp_path).rows[0]
    assert [exercise.get("text") for exercise in row["exercises"]] == [None, "here", "there"]
    assert row["exercises"][0]["points"] == 12


def test_an_exercise_without_code_is_graded_too(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.ipynb").write_bytes(notebook(labelled("99-2", "only words")))
    (row,) = grade_folder(
        tmp_path / "in", tmp_path / "out", exercises=[replace(WHY)], assignment="99", seed=SEED, limits=QUICK
    ).rows
    assert (row["status"], row["exercises"][0]["text"], row["exercises"][0]["points"]) == ("graded", "only words", None)
