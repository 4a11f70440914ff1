"""Two preprocessors in place of nbgrader's own: one cuts solutions as ``course build`` does, one makes the verdict.

``Execute`` would run the student's cells in a kernel that also holds the tests, so that a mark can be forged.
``Verdict`` executes nothing: it lets ``course_lib.grading`` mark the notebook and writes the points below each
check cell.
"""

import atexit
import json
import os
import secrets
from html import escape
from pathlib import Path

from nbformat.v4 import new_output
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions, Execute, NbGraderPreprocessor
from traitlets import Bool, Integer, Unicode

from course_lib.checks.calls import GraderError
from course_lib.grading.batch import exercises_of
from course_lib.grading.marking import mark_file
from course_lib.grading.plan import NotGraded, confined_zygote, profile_of
from course_lib.grading.process import Limits
from course_lib.grading.sheet.mark import with_worth
from course_lib.grading.sheet.settings import sheet_of
from course_lib.grading.words import exercise_words, words_of_run
from course_lib.tools.nbgrader.mending import HANDED_IN, mend_folder, reader_for
from course_lib.tools.notebook_tools.assignments import exercise_notebook
from course_lib.tools.notebook_tools.sheets import asked_for
from course_lib.tools.notebook_tools.translated import translated

SEED_FILE = "hidden_seed"


def configure(config, root):
    """As ``course_lib.tools.nbgrader.configure`` says."""
    cut = [CutSolutions if p is ClearSolutions else p for p in _default(GenerateAssignment, "preprocessors")]
    # the solutions are cut first: the cells get their nbgrader metadata there
    config.GenerateAssignment.preprocessors = sorted(cut, key=lambda p: p is not CutSolutions)
    autograde = _default(Autograde, "autograde_preprocessors")
    config.Autograde.autograde_preprocessors = [Verdict if p is Execute else p for p in autograde]
    config.Autograde.pre_convert_hook = mend_submission
    ignored = CourseDirectory.class_traits()["ignore"].default_args[0]
    config.CourseDirectory.ignore = [*ignored, f"*{HANDED_IN}"]
    config.Verdict.seed_file = str(Path(root) / SEED_FILE)
    if not config.CourseDirectory.get("root"):
        config.CourseDirectory.root = str(root)


def _default(converter, name):
    return list(converter.class_traits()[name].default_args[0])


def mend_submission(assignment, student, notebooks):
    """nbgrader's hook before it looks at a submission: mends it, and names the mended file alone.

    Args:
        assignment, student: as on the command line; the paths say more.
        notebooks: paths of the notebooks in the submission's folder; changed in place.
    """
    folder = Path(notebooks[0]).parent
    try:
        exercises = sheet_of(exercises_of(folder.name)[0].id[:2]).asked()
    except NotGraded:  # an assignment of the lecturer's own
        return
    path, _ = mend_folder(folder, folder.name, exercises)
    notebooks[:] = [str(path)]


class CutSolutions(NbGraderPreprocessor):
    """Makes the exercise of a solution notebook, as ``course build`` does, in the language of the course."""

    def preprocess(self, nb, resources):
        path = Path("source", f"{resources['nbgrader']['notebook']}.ipynb")
        return translated(asked_for(exercise_notebook(nb, path), sheet_of(path.stem[:2]), path)), resources


class Verdict(NbGraderPreprocessor):
    """Marks the notebook in the course's sandbox and writes points and words under its check cells."""

    seed = Integer(None, allow_none=True, help="Seed of the hidden inputs; by default the one in seed_file").tag(
        config=True
    )
    seed_file = Unicode(SEED_FILE, help="File of the secret seed; made when it is missing").tag(config=True)
    allow_unsafe = Bool(False, help="Mark even where student code cannot be confined").tag(config=True)

    def preprocess(self, nb, resources):
        sheet = sheet_of(exercises_of(resources["nbgrader"]["assignment"])[0].id[:2])
        exercises = sheet.asked()
        name = f"{resources['nbgrader']['notebook']}.ipynb"
        handed = reader_for(exercises).read_bytes(name, json.dumps(nb).encode())
        zygote = _zygote(exercises, self.allow_unsafe)
        row = with_worth(mark_file(handed, exercises, zygote, self._seed()), sheet)
        if row["status"] not in ("graded", "unreadable"):
            raise GraderError(row["sentence"])
        marked = {f"check-{exercise['id']}": exercise for exercise in row["exercises"]}
        notes = row["notes"]
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            exercise = marked.pop(cell.metadata.get("nbgrader", {}).get("grade_id"), None)
            if exercise:
                cell.outputs = outputs(exercise, notes, row["level"])
                notes = []
        if marked:
            raise GraderError(f"There is no cell {', '.join(sorted(marked))}: was the pre_convert_hook switched off?")
        return nb, resources

    def _seed(self):
        return settled_seed(self.seed_file) if self.seed is None else self.seed


def settled_seed(path):
    """The seed in a file that only its owner can read; a new one if there is none."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return int(Path(path).read_text())
    with open(handle, "w") as file:
        file.write(f"{secrets.randbits(48)}\n")
    return int(Path(path).read_text())


_zygotes: dict = {}


def _zygote(exercises, allow_unsafe):
    """The process that starts children, kept for the whole batch."""
    kind = (*[exercise.id for exercise in exercises], allow_unsafe)
    if kind not in _zygotes:
        _zygotes[kind], _ = confined_zygote(exercises, Limits.of(profile_of(exercises)), allow_unsafe)
        atexit.register(_zygotes[kind].close)
    return _zygotes[kind]


def outputs(exercise, notes, level):
    """What stands under a check cell: the words, then the points as the number that nbgrader takes for the mark."""
    text = "\n".join([exercise_words(exercise), *words_of_run(notes, level)])
    page = f'<pre style="white-space: pre-wrap">{escape(text)}</pre>'
    shown = new_output("display_data", data={"text/plain": text, "text/html": page})
    points = repr(float(exercise["points"]))
    return [shown, new_output("execute_result", data={"text/plain": points}, execution_count=None)]
