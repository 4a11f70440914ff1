"""Marking answers in words: a page for each question, a table to fill in, and the way back from the table to marks.

The page shows all answers to a question beside its rubric, by a key that tells nothing of the student; names are there
and hidden. The key belongs to the student, the question and the words of the answer: a mark reaches no other answer.
"""

import hmac
import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from html import escape
from pathlib import Path

from course_lib import checks
from course_lib.grading import marks_table
from course_lib.grading.batch import write_results
from course_lib.grading.exports import number, table
from course_lib.grading.feedback import answer_html, full_name, page
from course_lib.grading.hand import digest, is_open
from course_lib.grading.marks_table import HEAD, Line, read_lines
from course_lib.grading.private import page_key, write_text
from course_lib.grading.sheet.settled import kept, settled, with_everything
from course_lib.grading.store import Store

FOLDER, TABLE = "questions", "marks.csv"
NOTHING = "nothing was written"
STYLE = """<style>
body { max-width: 90rem } .sides { display: grid; grid-template-columns: minmax(16rem, 1fr) 3fr; gap: 2rem }
.rubric { position: sticky; top: 1rem; align-self: start } .who, .shown { display: none }
#names:checked ~ .sides .who { display: inline } #names:checked ~ label .shown { display: inline }
#names:checked ~ label .hidden { display: none } #names:focus-visible + label { outline: 2px solid #0072b2 }
article { border-top: 1px solid #999; padding: .6rem 0 } article h2 { margin: 0 0 .3rem; font-size: 1rem }
</style>"""


@dataclass(frozen=True)
class Answer:
    """One student's answer to one question.

    Attributes:
        key: what stands for it on the page and in the table.
        row: of the student.
        exercise: of the row, with ``points`` ``None`` or a mark.
    """

    key: str
    row: dict
    exercise: dict

    @property
    def place(self):
        """Under which a mark is kept."""
        return self.row["student"], self.exercise["id"]


class NothingToMark(ValueError):
    """There is no question, or no results; the text says what to do."""


def key_of(student, question, text, secret):
    """Ten digits that stand for an answer; who does not know the run's secret can tell nothing by them."""
    whole = "\0".join((student, question, digest(text))).encode("utf-8", "surrogatepass")
    return hmac.new(secret, whole, "sha256").hexdigest()[:10]


def answers_in(rows, seed):
    """``{question id: [Answer, ...]}`` of the rows that were marked, in the order of the keys."""
    secret, found = page_key(seed), defaultdict(list)
    for row in rows:
        for exercise in row["exercises"] if row["status"] == "graded" else ():
            if exercise.get("kind") == "explain":
                key = key_of(row["student"], exercise["id"], exercise["text"], secret)
                found[exercise["id"]].append(Answer(key, row, exercise))
    return {id: sorted(answers, key=lambda answer: answer.key) for id, answers in sorted(found.items())}


def _opened(folder):
    """``(Store, rows with marks, seed)`` of the results in a folder. Raises ``NothingToMark``."""
    path = Path(folder, "grades.sqlite")
    if not path.is_file():
        raise NothingToMark(f"There are no results in {folder}: grade first, or name their folder.")
    store = Store(path)
    seed = store.get("seed")
    if seed is None:
        store.close()
        raise NothingToMark(f"The run in {folder} was never begun: grade first.")
    return store, _rows(store), seed


def _rows(store):
    """The rows of a run with all that people gave, before they become marks."""
    return with_everything(store.rows(), store.by_hand(), store.changes(), kept(store.get)[0])


# --- The pages and the table -----------------------------------------------------------------------------


def write_questions(folder, questions=None):
    """A page for each question, and the table of marks, below ``folder/questions``. Returns the paths, the table last.

    A table that is there and holds marks which were not read back is kept under another name.

    Args:
        folder: results of ``course grade``.
        questions: ``{id: Question}``; those of the course if left out.

    Raises ``NothingToMark``.
    """
    folder, questions = Path(folder), checks.questions() if questions is None else questions
    store, rows, seed = _opened(folder)
    with store:
        answers = answers_in(rows, seed)
        questions = questions | kept(store.get)[0].questions()
    if not answers:
        raise NothingToMark(f"No assignment in {folder} has a question that is answered in words.")
    written = []
    for id, given in answers.items():
        written.append(folder / FOLDER / f"{id}.html")
        write_text(written[-1], question_page(questions[id], given))
    target = folder / FOLDER / TABLE
    earlier = _kept(target, answers)
    write_text(target, table(marks_rows(answers)))
    return [*written, *earlier, target]


def marks_rows(answers):
    """The rows of the table; who wrote nothing has 0 points there, for the marker to leave or to change."""
    yield [*HEAD]
    for id, given in answers.items():
        for answer in given:
            mark = answer.exercise
            blank = is_open(mark) and not mark["text"]
            points = "0" if blank else "" if is_open(mark) else number(mark["points"])
            yield [answer.key, id, points, NOTHING if blank else mark.get("comment", "")]


def _kept(path, answers):
    """``[new path]`` of a table that holds what is nowhere else, moved out of the way; ``[]`` if there is none."""
    if not path.is_file():
        return []
    known = {(key, id, marks_table.number(points), comment) for key, id, points, comment in marks_rows(answers)}
    try:
        lines = read_lines(path)[0]
    except ValueError:
        lines = None
    if lines is not None and all(_said(line) in known or _is_ours(line) for line in lines):
        return []
    number = next(n for n in range(1, 10_000) if not path.with_name(f"marks-kept-{n}.csv").exists())
    return [path.rename(path.with_name(f"marks-kept-{number}.csv"))]


def _is_ours(line):
    """Whether a line is as it was written before a person saw it."""
    return (line.value, line.comment) == (0, NOTHING) or not (line.points or line.comment)


def _said(line):
    return line.key, line.question, line.value, line.comment


def question_page(question, answers):
    """All answers to a question beside its rubric; names are hidden until they are asked for. No script."""
    blank = [answer for answer in answers if not answer.exercise["text"]]
    shown = [answer for answer in answers if answer.exercise["text"]]
    same = Counter(_folded(answer) for answer in shown)
    rubric = "".join(f"<tr><td>{number(c.points)}</td><td>{escape(c.says)}</td></tr>" for c in question.rubric)
    parts = [
        STYLE,
        f"<h1>{escape(question.id)} {escape(question.title)}</h1><p>{escape(question.asks)}</p>",
        '<input type="checkbox" id="names"><label for="names"> <span class="hidden">Names are hidden: tick to show '
        'them.</span><span class="shown">Names are shown: untick to hide them.</span></label>',
        f'<div class="sides"><section class="rubric" aria-label="Rubric"><h2>{number(question.points)} points</h2>'
        f"<table>{rubric}</table><p>{len(shown)} answers, {len(blank)} without a word.</p>"
        f"<p>Points and a comment go into {TABLE}, beside the key.</p></section><main>",
        *(_article(answer, same[_folded(answer)]) for answer in shown),
        *(_article(answer, 1) for answer in blank),
        "</main></div>",
    ]
    return page(f"{question.id} {question.title}", "\n".join(parts))


def _folded(answer):
    return " ".join(answer.exercise["text"].casefold().split())


def _article(answer, count):
    exercise, text = answer.exercise, answer.exercise["text"]
    remark = f"{len(text.split())} words" if text else NOTHING
    remark += f", the same as {count - 1} other" if count > 1 else ""
    remark += "" if is_open(exercise) else f", marked with {number(exercise['points'])}"
    who = f' <span class="who">{escape(full_name(answer.row))}</span>'
    notes = "".join(f"<p>{escape(note)}</p>" for note in exercise["notes"])
    shown = answer_html(exercise)
    return f"<article><h2>{answer.key}{who} <small>({remark})</small></h2>{notes}{shown}</article>"


# --- Back from the table ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """What was read of a table. ``str`` is for the terminal.

    Attributes:
        marks: how many were taken.
        refused: sentences about lines that were not.
        open: ``{question id: keys of answers that are still to be marked}``.
    """

    marks: int
    refused: tuple
    open: dict

    def __str__(self):
        lines = [f"{self.marks} marks were taken; tables, feedback and the class report are up to date."]
        lines += self.refused
        for id, keys in self.open.items():
            more = f" and {len(keys) - 5} more" if len(keys) > 5 else ""
            lines.append(f"{id}: {len(keys)} still to be marked ({', '.join(keys[:5])}{more}).")
        return "\n".join(lines)


def take_marks(folder, path=None):
    """Read a table of marks back, and write tables, feedback and the class report anew. Returns ``Taken``.

    Each line stands alone: what is wrong with one is said, and the others count. Marks that are there already stay
    unless a line says otherwise.

    Args:
        folder: results of ``course grade``.
        path: of the table; the one in ``folder/questions`` if left out.

    Raises ``ValueError`` with a sentence if there are no results, or the file is no such table.
    """
    folder = Path(folder)
    store, rows, seed = _opened(folder)
    with store:
        answers = answers_in(rows, seed)
        lines, refused = read_lines(Path(path or folder / FOLDER / TABLE))
        marks, more = _marks(lines, answers)
        store.put_by_hand(marks)
        left = answers_in(_rows(store), seed)
        sheet, times = kept(store.get)
        rows, _ = settled(store.rows(), store.by_hand(), store.changes(), sheet, times)
    packages = json.loads((folder / "run.json").read_text(encoding="utf-8"))["packages"]
    write_results(rows, folder, seed, packages, sheet)
    left = {id: [a.key for a in given if is_open(a.exercise)] for id, given in left.items()}
    return Taken(len(marks), (*refused, *more), {id: keys for id, keys in left.items() if keys})


def _marks(lines, answers):
    """``({place: mark}, sentences about lines that were not taken)``."""
    by_key = {answer.key: answer for given in answers.values() for answer in given}
    by_name = {(a.row["student"], id): a for id, given in answers.items() for a in given}
    found, refused = defaultdict(list), []
    for line in lines:
        answer = by_key.get(line.key) or by_name.get((line.key, line.question))
        if problem := _problem(line, answer, answers):
            refused.append(f"Line {line.number}: {problem}")
        elif line.points:
            found[answer.place].append((line, answer))
    for place, twice in list(found.items()):
        if len({(line.value, line.comment) for line, _ in twice}) > 1:
            numbers = " and ".join(str(line.number) for line, _ in twice)
            refused.append(f"Lines {numbers} mark the same answer differently: neither was taken.")
            del found[place]
    return {place: _mark(*given[-1]) for place, given in found.items()}, refused


def _mark(line, answer):
    return {"points": line.value, "comment": line.comment, "text": digest(answer.exercise["text"])}


def _problem(line: Line, answer, answers):
    """What is wrong with a line, in a sentence; "" if nothing is."""
    if line.question not in answers:
        return f"there is no question {line.question!r} here; there are {', '.join(answers)}."
    if answer is None or answer.exercise["id"] != line.question:
        return (
            f"no answer to {line.question} has the key {line.key!r}; if the student has handed in another one since, "
            "write the pages again."
        )
    if not line.points:
        lost = line.comment and is_open(answer.exercise)
        return "there is a comment, but no points: it was not taken." if lost else ""
    if line.value is None or not math.isfinite(line.value):
        return f"points are a number, not {line.points!r}."
    most = answer.exercise["max_points"]
    if not 0 <= line.value <= most:
        return f"{line.points} points, but {line.question} has 0 to {number(most)}."
    return ""
