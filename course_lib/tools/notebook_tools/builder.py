"""``course build``: notebooks/ and solutions/ are executed and normalised, exercises/ is made from solutions/."""

from pathlib import Path

from course_lib.tools.notebook_tools.assignments import exercise_notebook, with_limits
from course_lib.tools.notebook_tools.execute import execute
from course_lib.tools.notebook_tools.files import ROOT, NotebookError, normalise, read, shown, text
from course_lib.tools.notebook_tools.lint import lint
from course_lib.tools.notebook_tools.reading import beyond_limits, with_minutes
from course_lib.tools.notebook_tools.tables import with_tables


def sources(paths=None, root=ROOT):
    """The hand-written notebooks: all of ``notebooks/`` and ``solutions/``, or those that ``paths`` name.

    A path may be a file or a folder; an exercise notebook stands for its solution.
    """
    if paths is None:
        paths = [root / "notebooks", root / "solutions"]
    found = []
    for path in map(Path, paths):
        if path.is_dir():
            found += sorted(path.glob("*.ipynb"))
        elif path.exists() or path.suffix == ".ipynb":
            found.append(path)
        else:
            raise NotebookError(f"{path}: there is no such notebook or folder.")
    folder = {"exercises": "solutions"}
    found = [path.parent.with_name(folder.get(path.parent.name, path.parent.name)) / path.name for path in found]
    return list(dict.fromkeys(path.resolve() for path in found))


def is_lecture(path):
    """Whether a notebook is a chapter to be read; the others hold exercises."""
    return path.parent.name == "notebooks"


def exercise_path(path):
    """Where the exercise of the solution in ``path`` goes; ``None`` for other notebooks."""
    return path.parent.with_name("exercises") / path.name if path.parent.name == "solutions" else None


def build(paths=None, check=False, root=ROOT, say=print):
    """Execute and normalise notebooks, make the exercises, and say what is wrong.

    Args:
        paths: files or folders; all of ``notebooks/`` and ``solutions/`` if left out.
        check: change and execute nothing, only compare what is stored with what it must be. (Whether stored
            outputs are what the cells give is compared by ``pytest --nbval notebooks solutions``.)
        root: the project's folder.
        say: takes every line of the progress.

    Returns:
        A list of sentences, empty if all is well. Unchanged notebooks keep their bytes; a notebook in which a
        cell fails keeps its file as it was.
    """
    problems = []
    try:
        files = sources(paths, root)
    except NotebookError as error:
        files, problems = [], [str(error)]
    for number, path in enumerate(files, start=1):
        say(f"[{number}/{len(files)}] {shown(path)}")
        try:
            problems += check_notebook_files(path) if check else _build_one(path, say)
        except NotebookError as error:
            problems.append(str(error))
    if not check:
        problems += write_tables(root, files, say)
    if paths is None:
        problems += _without_solution(root)
    for problem in problems:
        say(problem)
    return problems


def write_tables(root=ROOT, built=(), say=print):
    """Bring the tables of the lecture notebooks that were not ``built`` up to date; nothing is executed.

    Returns a sentence for each notebook that cannot be read.
    """
    problems = []
    for path in sources([folder] if (folder := root / "notebooks").is_dir() else [], root):
        try:
            if path not in built and text(read(path)) != text(new := with_tables(read(path), path)):
                _write(path, text(normalise(with_minutes(normalise(new)))), say)
        except NotebookError as error:
            problems.append(str(error))
    return problems


def written(path):
    """A notebook as it is read, with all that the build writes into its texts."""
    notebook = with_limits(read(path), path)
    return with_tables(notebook, path) if is_lecture(path) else notebook


def _build_one(path, say):
    notebook = written(path)
    exercise = exercise_notebook(notebook, path) if exercise_path(path) else None
    execute(notebook, path, say)
    normalise(notebook)
    if is_lecture(path):
        normalise(with_minutes(notebook))  # words of normal outputs are counted; the head's id follows from its text
        for sentence in beyond_limits(notebook):  # said, not refused: a chapter that is being written grows first
            say(f"    {sentence}")
    _write(path, text(notebook), say)
    if exercise:
        _write(exercise_path(path), text(exercise), say)
    return lint(notebook, path)


def _write(path, new, say):
    if path.exists() and path.read_text(encoding="utf-8") == new:
        return
    path.parent.mkdir(exist_ok=True)
    path.write_text(new, encoding="utf-8", newline="\n")
    say(f"    {shown(path)} changed")


def check_notebook_files(path):
    """Sentences about one hand-written notebook and the exercise made from it; nothing is executed or changed."""
    notebook = read(path)
    problems = lint(notebook, path)
    made = written(path)
    if text(normalise(with_minutes(made) if is_lecture(path) else made)) != path.read_text(encoding="utf-8"):
        problems.append(f"{shown(path)}: not in normal form; run `python course.py build`.")
    if target := exercise_path(path):
        made = text(exercise_notebook(notebook, path))
        if not target.exists():
            problems.append(f"{shown(target)}: missing; run `python course.py build`.")
        elif target.read_text(encoding="utf-8") != made:
            problems.append(f"{shown(target)}: not what its solution gives; never edit it, `python course.py build`.")
    return problems


def _without_solution(root):
    lost = [path for path in sorted(root.glob("exercises/*.ipynb")) if not (root / "solutions" / path.name).exists()]
    return [f"{shown(path)}: there is no solution that it could come from; delete it." for path in lost]
