"""``course check``: one notebook, run as ``course grade`` would run it, with the seed that the notebook itself uses."""

from dataclasses import dataclass
from pathlib import Path

from course_lib.checks import VISIBLE_SEED
from course_lib.grading import marking
from course_lib.grading.assignment import NotGraded, chapter_of, exercises_of
from course_lib.grading.confinement import best_level
from course_lib.grading.notes import HARMLESS
from course_lib.grading.plan import needs, profile_of
from course_lib.grading.process import Limits
from course_lib.grading.reader import FUNCTIONS, Reader


@dataclass(frozen=True)
class Checked:
    """What ``check_notebook`` found; ``str`` is for the terminal.

    Attributes:
        reports: a ``Report`` for each exercise of the assignment.
        missing: for each exercise, sentences on why there is no function to check.
        notes: sentences about what was left out, as grading writes them.
        ran: whether all that could run here did.
    """

    reports: tuple
    missing: tuple
    notes: tuple
    ran: bool

    @property
    def well(self):
        """Whether every check passed and every statement ran."""
        return self.ran and all(report.passed for report in self.reports)

    def __str__(self):
        shown = [
            f"{report.exercise_id} {report.title}: {' '.join(why)}" if why else str(report)
            for report, why in zip(self.reports, self.missing, strict=True)
        ]
        return "\n\n".join([*shown, *self.notes])


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
    exercises = exercises_of(_chapter(handed, path.name))
    limits = Limits.of(profile_of(exercises))
    with best_level(memory=limits.memory, **needs(exercises))[0] as zygote:
        session, notes = marking.session_of(handed, exercises, zygote, limits)
        try:
            reports = marking.run_exercises(session, exercises, VISIBLE_SEED)
            about, notes = marking.words_about(handed, exercises, session, reports, notes)
        finally:
            session.end_child()
    ran = all(problem.kind in HARMLESS for problem in session.problems)
    return Checked(tuple(reports), tuple(map(tuple, about)), (*handed.notes, *notes), ran)


def _chapter(handed, name):
    """The chapter that a notebook is an exercise of, by the functions it defines or, where it is broken, tries to."""
    tried = [function for function in FUNCTIONS if any(f"def {function}(" in source for _, source in handed.cells)]
    chapter = chapter_of(handed.defined) or chapter_of(tried)
    if not chapter:
        raise NotGraded(f"{name} defines no function of an exercise.")
    return chapter
