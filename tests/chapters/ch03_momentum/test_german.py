"""Exercise 03 in another language than English: what a student reads of it is all in the catalogue, and in German."""

import inspect
import json
import re
from copy import deepcopy
from html import unescape

import numpy as np
import pytest
from matplotlib.text import Text

from course_lib.chapters import part
from course_lib.checks import VISIBLE_SEED, check
from course_lib.checks import look as looking
from course_lib.checks.kinds import Debug
from course_lib.checks.look import look as shown
from course_lib.grading import grade_folder
from course_lib.grading.answers import END
from course_lib.progress import overview
from course_lib.settings.language import speaking, translations_of
from course_lib.tools import languages
from course_lib.tools.notebook_tools.files import ROOT, read
from course_lib.tools.notebook_tools.translated import texts, translated
from course_lib.tools.release import LINK, release
from course_lib.widgets.predict import predict, resolve
from course_lib.widgets.quiz import quiz

CHAPTER = "ch03_momentum"
EXERCISES = part(CHAPTER, "checks").CHAPTER
NOTEBOOK = ROOT / "exercises" / "03_momentum.ipynb"
COMMON = """the and of is are with that which your you from to it its by not for than each this there what where when
has have be or on at every both only"""
ENGLISH = set(COMMON.split())  # words that German does not have
WORD = re.compile(r"[^\W\d_]{2,}")
CODE = re.compile(r"\$\$.*?\$\$|\$[^$]+\$|`[^`]+`|\]\([^)]*\)", re.DOTALL)
BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")


class Pseudo:
    """A language in which every text of the catalogue stands in brackets; what has none did not come from there."""

    def __init__(self):
        self.known = {
            one
            for template in languages.templates([CHAPTER]).values()
            for message in template
            for one in (message.id if isinstance(message.id, tuple) else (message.id,))
        }

    def gettext(self, text):
        return f"⟦{text}⟧" if text in self.known else text

    def ngettext(self, one, many, count):
        return self.gettext(one if count == 1 else many)


@pytest.fixture(scope="module")
def pseudo():
    with speaking("qps", Pseudo()):
        yield


@pytest.fixture
def german():
    with speaking("de"):
        yield


def outside(text):
    """The words of a text, or page, that do not stand in brackets."""
    labels = re.findall(r'(?:aria-label|title|alt)="([^"]*)"', text)
    text = " ".join([re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL), *labels])
    text = unescape(text)
    while text != (text := BRACKETED.sub(" ", text)):
        pass
    return set(WORD.findall(text))


def names_in(exercise):
    """Names of arguments and results, which are the same in every language, and of what NumPy shows."""
    functions = [exercise.reference, *(mistake.function for mistake in exercise.mistakes)]
    names = {name for one in functions for name in inspect.signature(one).parameters}
    return {part for name in (*names, exercise.function, "velocity", "theta") for part in name.split("_")} | {
        "inf",
        "nan",
    }


def answers(exercise):
    """Right and wrong answers, and some that are none."""
    yield exercise.reference
    yield from (mistake.function for mistake in exercise.mistakes)
    yield from (lambda *given: None, lambda *given: "x", lambda *given: np.zeros((7, 3)), lambda *given: (1, 2, 3))
    yield from (lambda *given: (1j, 1j), lambda *given: [[1], [2, 3]], lambda *given: np.full(3, np.inf))


def reports(exercise):
    for answer in answers(exercise):
        for named in ("velocity starts anew", "uphill", "x", 3) if isinstance(exercise, Debug) else ("",):
            given = [answer, lambda named=named: named] if isinstance(exercise, Debug) else [answer]
            yield exercise.run(exercise.joined(given), VISIBLE_SEED)


def role(cell):
    return cell.metadata.get("course", {}).get("role")


def not_written(*given):
    raise NotImplementedError


def broken(*given):
    return given[0] / [].undefined


# --- The catalogue ----------------------------------------------------------------------------------------------


def test_the_german_catalogues_are_complete():
    lines = languages.told({path: found for path, found in languages.stale("de").items() if found})
    assert not lines, "\n".join([*lines, "course.py translate de brings the files up to date."])


def test_a_text_that_has_changed_is_named_and_stays_english():
    notebook, changed = read(NOTEBOOK), None
    catalogue = languages.read_catalogue(languages.place_of(CHAPTER) / languages.FOLDER / "de.po")
    changed = deepcopy(notebook)
    place = next(i for i, cell in enumerate(changed.cells) if "points downhill and is added" in cell.source)
    changed.cells[place].source = changed.cells[place].source.replace("points downhill and is added", "is added")
    (new,) = set(text for _, text in texts(changed)) - set(text for _, text in texts(notebook))
    template = languages._catalogue([(text, "exercises") for _, text in texts(changed)])
    assert [str(fault.why) for fault in languages.faults_in(catalogue, template)] == ["not in the catalogue"]
    catalogue.update(template)
    assert [(fault.why, fault.text) for fault in languages.faults_in(catalogue, template)] == [
        ("the English text has changed", new)
    ]
    with speaking("de"):
        said = translated(changed)
    assert "is added" in said.cells[place].source and "## Aufgabe 03-1: Momentum" in said.cells[place].source


def test_line_breaks_are_no_change():
    notebook = read(NOTEBOOK)
    broken_anew = deepcopy(notebook)
    for cell in broken_anew.cells:
        if cell.cell_type == "markdown" and "|" not in cell.source:
            cell.source = re.sub(r"(?<=[a-z]) (?=[a-z])", "\n", cell.source)
    assert [text for _, text in texts(broken_anew)] == [text for _, text in texts(notebook)]


# --- All that is said comes from it ------------------------------------------------------------------------------


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_reports_say_nothing_that_is_not_in_the_catalogue(exercise, pseudo):
    for report in reports(exercise):
        for text in (str(report), report._repr_html_()):
            assert outside(text) <= names_in(exercise), text


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_nor_do_the_hints_of_repeated_attempts_and_the_drawing(exercise, pseudo, monkeypatch, capsys):
    more = [lambda: "uphill"] if isinstance(exercise, Debug) else []
    seen = "".join(str(check(exercise.id, broken, *more)) for _ in "abc")
    seen += check(exercise.id, not_written, *more)._repr_html_()
    seen += "".join(str(check(exercise.id, exercise.mistakes[0].function, *more)) for _ in "abcd")
    own = {"given", "undefined", "AttributeError", "list", "object", "has", "no", "attribute", "return"}
    own |= {"raise", "NotImplementedError"}
    assert outside(seen) <= names_in(exercise) | own, outside(seen)
    drawn = []
    for home in (looking, part(CHAPTER, "look")):
        monkeypatch.setattr(home, "show", drawn.append)
    for function in (exercise.reference, not_written, lambda *given: "x"):
        shown(exercise.id, function)
    words = [capsys.readouterr().out, *(alt for _, alt in drawn)]
    for figure, _ in drawn:
        words += [text.get_text() for text in figure.findobj(Text)]
    assert drawn and outside(" ".join(words).replace("$\\theta", "$")) <= names_in(exercise) | {"mathdefault"}, words


def test_nor_do_questions_and_progress(pseudo):
    options = {"⟦a⟧": "⟦because⟧", "⟦b⟧": "⟦no⟧"}
    asked = predict("03-p99", "⟦question⟧", options, right="⟦a⟧")
    for one in (asked, resolve("03-p99"), quiz("03-q99", "⟦question⟧", ("⟦a⟧", "⟦c⟧"), [("⟦b⟧", "⟦d⟧")])):
        assert outside(one.text() + one.page()) == set()
        assert one.words and outside(" ".join(one.words.values())) <= {"answer"}
    said = overview.summary() + overview.table()
    lines = [line for line in said.splitlines() if "03" in line.split(":")[0]]
    assert lines and outside(" ".join(lines)) == set()


@pytest.fixture(scope="module")
def feedback(tmp_path_factory):
    """Pages of a class: everything right, nothing written, mistakes, a notebook in disorder, an empty file."""
    folder = tmp_path_factory.mktemp("class")
    made = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    right = json.loads((ROOT / "solutions" / NOTEBOOK.name).read_text(encoding="utf-8"))
    wrong, messy = deepcopy(right), deepcopy(right)
    for cell in wrong["cells"]:
        cell["source"] = "".join(cell["source"]).replace("- learning_rate", "+ learning_rate").replace("np.inf", "3")
    sources = [
        "%%time\n1",
        "import zz1\n",
        "def momentum_step(:\n",
        "def nesterov_step(*a):\n    return 1 / 0",
        "1 / 0",
    ]
    sources += ["!ls", "while True: pass", "from course_lib.optimizers import Momentum\nMomentum(1)"]
    blank = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    messy["cells"] = [{**blank, "id": f"c{i}", "source": source} for i, source in enumerate(sources)]
    for name, notebook in {"zz1": right, "zz2": made, "zz3": wrong, "zz4": messy, "zz5": None}.items():
        (folder / "in" / name).mkdir(parents=True)
        text = json.dumps(notebook) if notebook else "{}"
        (folder / "in" / name / "zz.ipynb").write_text(text, encoding="utf-8")
    return folder


def test_nor_do_feedback_pages(feedback, pseudo):
    grade_folder(feedback / "in", feedback / "out", assignment="03", seed=1)
    names = set().union(*map(names_in, EXERCISES))
    own = {"zz", "ipynb", "while", "True", "pass", "import", "def", "time", "ls", "from", "course", "lib", "optimizers"}
    own |= {"Momentum", "return", "ZeroDivisionError", "division", "by", "zero", "SyntaxError", "invalid", "syntax"}
    own |= {"momentum", "step", "nesterov", "JSON"}
    pages = [path.read_text(encoding="utf-8") for path in sorted((feedback / "out" / "feedback").glob("*.html"))]
    assert len(pages) == 5
    for text in pages:
        assert '<html lang="qps">' in text
        assert outside(text) <= names | own, outside(text) - names - own


# --- And it is German ---------------------------------------------------------------------------------------------


def english_in(text):
    return ENGLISH & {word.lower() for word in WORD.findall(CODE.sub(" ", text))}


def test_the_released_notebook_is_german(german, tmp_path):
    release("03", tmp_path)
    made = read(tmp_path / NOTEBOOK.name)
    before = read(NOTEBOOK)
    said = texts(made)
    assert len(said) == len(texts(before)) > 50
    assert [text for _, text in said if english_in(text)] == []
    unchanged = {text for _, text in said} & {text for _, text in texts(before)}
    assert unchanged == set()
    assert 'raise NotImplementedError("Aufgabe 03-1: momentum_step ist zu schreiben")' in made.cells[3].source
    for cell in made.cells:
        if cell.cell_type == "code":
            compile(cell.source, "cell", "exec")
    assert not any(cell.source.startswith(END) for cell in made.cells)
    about = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "Schreibe die Funktionen" in about and english_in(re.sub(r"^ {4}.*", "", about, flags=re.M)) == set()


def test_the_notebook_that_nbgrader_releases_is_the_same_german_one(german, tmp_path):
    pytest.importorskip("nbgrader", reason="nbgrader is not installed: python course.py install --with nbgrader")
    from course_lib.tools.nbgrader.plugin import CutSolutions

    resources = {"nbgrader": {"notebook": NOTEBOOK.stem, "assignment": NOTEBOOK.stem}}
    cut, _ = CutSolutions().preprocess(read(ROOT / "solutions" / NOTEBOOK.name), resources)
    release("03", tmp_path)
    said = [LINK.sub(r"\1", text) for _, text in texts(cut)]  # a pack leaves links out
    assert said == [text for _, text in texts(read(tmp_path / NOTEBOOK.name))]


def test_what_is_released_in_german_is_marked_as_the_english_one(german, tmp_path):
    """Written into the translated stubs, the right answers have full marks, and the German name of the fault counts."""
    release("03", tmp_path / "out")
    made, right = read(tmp_path / "out" / NOTEBOOK.name), read(ROOT / "solutions" / NOTEBOOK.name)
    written, answers = ([one for one in book.cells if role(one) == "solution"] for book in (made, right))
    for cell, answer in zip(written, answers, strict=True):
        cell.source = answer.source.replace('"velocity starts anew"', '"Geschwindigkeit beginnt neu"')
    assert sum("Geschwindigkeit beginnt neu" in cell.source for cell in written) == 1
    (tmp_path / "in" / "zz").mkdir(parents=True)
    (tmp_path / "in" / "zz" / NOTEBOOK.name).write_text(json.dumps(made), encoding="utf-8")
    summary = grade_folder(tmp_path / "in", tmp_path / "grades", assignment="03", seed=1)
    assert summary.rows[0]["points"] == summary.rows[0]["max_points"]
    (page,) = (tmp_path / "grades" / "feedback").glob("*.html")
    text = page.read_text(encoding="utf-8")
    assert (
        '<html lang="de">' in text
        and "Momentum: 12 von 12" in text
        and not english_in(re.sub(r"<style.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL))
    )


def test_the_menu_in_the_docstring_is_that_of_the_check(german):
    exercise = next(one for one in EXERCISES if isinstance(one, Debug))
    made = translated(read(NOTEBOOK))
    (docstring,) = [cell.source for cell in made.cells if "def fault_of_" in cell.source]
    for word in exercise.menu:
        assert f'"{translations_of("de").gettext(word)}"' in docstring.replace("\n    ", " ")


def test_reports_are_german(german):
    for exercise in EXERCISES:
        for report in reports(exercise):
            assert not english_in(re.sub(r"<pre.*?</pre>|<[^>]+>", " ", report._repr_html_(), flags=re.DOTALL))


def test_without_settings_english_is_spoken_and_nothing_is_read():
    assert translations_of("en") is None and translations_of("en-GB") is None
