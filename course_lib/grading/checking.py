"""``course check``: one notebook, run as ``course grade`` would run it, with the seed that the notebook itself uses."""

from dataclasses import dataclass
from pathlib import Path

from course_lib.checks import VISIBLE_SEED, exercise_of
from course_lib.checks.report import called
from course_lib.grading import marking
from course_lib.grading.assignment import NotGraded, chapter_of
from course_lib.grading.confinement import best_level
from course_lib.grading.notes import HARMLESS
from course_lib.grading.plan import needs, profile_of
from course_lib.grading.process import Limits
from course_lib.grading.reader import Reader
from course_lib.grading.sheet.settings import sheet_of
from course_lib.settings.language import tr


@dataclass(frozen=True)
class Checked:
    """What ``check_notebook`` found; ``str`` is for the terminal.

    Attributes:
        reports: a ``Report`` for each exercise of the assignment.
        missing: for each exercise, sentences on why there is no function to check.
        notes: sentences about what was left out, as grading writes them.
        ran: whether all that could run here did.
        answers: for each question, what there is to be marked by a person.
        unanswered: how many of these are empty.
    """

    reports: tuple
    missing: tuple
    notes: tuple
    ran: bool
    answers: tuple = ()
    unanswered: int = 0

    @property
    def well(self):
        """Whether every check passed, every statement ran and every question has an answer."""
        return self.ran and not self.unanswered and all(report.passed for report in self.reports)

    def __str__(self):
        shown = [
            f"{report.called}: {' '.join(why)}" if why else str(report)
            for report, why in zip(self.reports, self.missing, strict=True)
        ]
        return "\n\n".join([*shown, *self.answers, *self.notes])


def check_notebook(path):
    """Run a notebook in a process of its own, as ``grade_folder`` would, but with the visible seed; a ``Checked``.

    Args:
        path: of the notebook.

    Every exercise of the assignment that the notebook belongs to is reported, whether it is there or not. Confined as
    far as this computer can. Raises ``ValueError`` with a sentence if the file is no notebook or holds no exercise.
    """
    path = Path(path)
    with Reader() as reader:
        handed = reader.read(path.name, path)
    if handed.problem:
        raise NotGraded(f"{path.name}: {handed.problem}")
    asked = sheet_of(_chapter(handed, path.name)).asked()
    exercises = [one for one in asked if one.functions]
    limits = Limits.of(profile_of(exercises))
    with best_level(memory=limits.memory, **needs(exercises))[0] as zygote:
        session, notes = marking.session_of(handed, exercises, zygote, limits)
        try:
            reports = marking.run_exercises(session, exercises, VISIBLE_SEED)
            about, notes = marking.words_about(handed, exercises, session, reports, notes)
        finally:
            session.end_child()
    ran = all(problem.kind in HARMLESS for problem in session.problems)
    answers = {one: handed.texts.get(one.id, "") for one in asked if not one.functions}
    said = tuple(f"{called(one.id, one.title, one.kind)}: {_of_words(text)}" for one, text in answers.items())
    about, notes = tuple(map(tuple, about)), (*handed.notes, *notes)
    return Checked(tuple(reports), about, notes, ran, said, sum(not text for text in answers.values()))


def _of_words(text):
    """What is said of an answer in words, which no check reads."""
    return tr("{count} words; a person marks them.", count=len(text.split())) if text else tr("no answer yet.")


def _chapter(handed, name):
    """The chapter that a notebook is an exercise of: by the functions it defines, tries to, or has in a text cell."""
    tried = [function for function in exercise_of() if any(f"def {function}(" in source for _, source in handed.cells)]
    chapter = chapter_of(handed.defined) or chapter_of(tried) or chapter_of(handed.asleep)
    if not chapter:
        raise NotGraded(f"{name} defines no function of an exercise.")
    return chapter
