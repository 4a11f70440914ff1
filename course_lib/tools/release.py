"""What students get: the exercise notebook, its data, the library as a wheel, and what starts it.

``course.py`` is the course's own, byte for byte: without a ``pyproject.toml`` beside it, it installs the wheel that
``requirements.txt`` names. Nothing else goes in: no solution, no submission, no seed. The same course, the same bytes.
"""

import base64
import hashlib
import io
import re
import tomllib
import zipfile
from pathlib import Path

from course_lib import place
from course_lib.checks import EXERCISES
from course_lib.grading.sheet.settings import FOLDER as ASSIGNMENTS
from course_lib.grading.sheet.settings import read_sheet, sheet_of
from course_lib.settings.course import FILE as COURSE
from course_lib.settings.course import read_course
from course_lib.settings.language import later, tr
from course_lib.tools.notebook_tools.files import ROOT, read, text
from course_lib.tools.notebook_tools.sheets import asked_for, public_text, with_header
from course_lib.tools.notebook_tools.translated import translated

LEFT_OUT = ("__pycache__",)
WITHOUT_ENDING = ("run_autograder", "LICENSE")
LIBRARY_FILES = (".py", ".sh", ".js", ".css", ".html", ".json", ".npz", ".csv", ".txt", ".md", ".gz", ".woff2", ".po")
LINK = re.compile(r"\[([^\]]+)\]\((?!\w+:|#)[^)]*\)")  # to another file of the course; the text of the link stays
README = later(
    """# {title}

In this folder, with nothing installed but Python 3.11 or newer (https://www.python.org/downloads/):

    python course.py lab

opens the notebook. Type `python3` where `python` is missing or older, `py` on Windows. The first start installs what is
needed into `.venv` in this folder, once, in about a minute{size}; later starts take seconds and no network.

Write the functions, run the checks, hand in `{notebook}` as it is. In a terminal:

    python course.py check {notebook}
    python course.py progress
    python course.py doctor

`check` prints what the check cells say, `progress` what is done; `doctor` says what to do when something does not work.

## With pip instead

In an environment of your own (conda, Binder), in this folder:

    python -m pip install -r requirements.txt
    python -m jupyterlab {notebook}

and `course check {notebook}`, `course progress`, `course doctor`. On Colab upload the files and run, in the first cell,
`%pip install "./{wheel}[lab,data]"`; PyTorch is there already.
"""
)


def release(assignment, out, root=ROOT, settings=None):
    """Pack an assignment into a folder. Returns the paths of what was written.

    Args:
        assignment: chapter, such as ``"03"``, or the notebook's name.
        out: folder; made if missing. Other files in it stay (but for an older wheel of the course), so it must not hold
            files of these names. Several assignments can be packed into one folder.
        root: the project's folder.
        settings: path of the sheet's file; ``assignments/NN.toml`` if left out, where it is there.

    Raises ``ValueError`` with a sentence.
    """
    root, out = Path(root), Path(out)
    notebook = _notebook(root, assignment)
    chapter = notebook.stem[:2]
    sheet = read_sheet(settings, chapter) if settings else sheet_of(chapter, root)
    course = read_course(root / COURSE)
    if out.resolve() in (root, *(path.parent for path in root.glob("*/*.ipynb"))):
        raise ValueError(f"{out} is a folder of the course itself: choose another one with -o.")
    wheel, library = library_wheel(root)
    torch = trains_with_torch(chapter)
    size = tr(", with PyTorch (0.2 GB) too") if torch else ""
    title = notebook.stem.replace("_", " ")
    readme = tr(README, title=title, notebook=notebook.name, wheel=wheel, size=size)
    files = _data(root, notebook.stem) | {
        notebook.name: handed_out(notebook, sheet, course).encode(),
        wheel: library,
        "course.py": (root / "course.py").read_bytes(),
        "requirements.txt": requirements(wheel, torch).encode(),
        "README.md": readme.encode(),
    }
    if sheet.file:
        files[f"{ASSIGNMENTS}/{chapter}.toml"] = public_text(sheet).encode()
    if (root / COURSE).is_file():
        files |= {name: (root / name).read_bytes() for name in (COURSE, course.logo) if name}
    for name, content in sorted(files.items()):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for older in set(out.glob(f"{wheel.partition('-')[0]}-*.whl")) - {out / wheel}:
        older.unlink()
    return [out / name for name in sorted(files)]


def trains_with_torch(chapter):
    """Whether an exercise of the chapter is given tensors or models."""
    return any(exercise.profile == "torch" for id, exercise in EXERCISES.items() if id.startswith(f"{chapter}-"))


def requirements(wheel, torch):
    """requirements.txt: the library with what a lab needs; on Linux the build of PyTorch without gigabytes of CUDA."""
    lines = ["# python -m pip install -r requirements.txt, in this folder; course.py reads it too"]
    if torch:
        lines += [f"--extra-index-url {place.TORCH_CPU_INDEX}", f'{place.TORCH_CPU} ; sys_platform == "linux"']
    return "\n".join([*lines, f"./{wheel}[{'lab,data,torch' if torch else 'lab,data'}]", ""])


def handed_out(path, sheet, course):
    """The notebook's text as the sheet has it; what its prose links to is not in the pack: names stay, links go."""
    notebook = with_header(translated(asked_for(read(path), sheet, path)), sheet, course)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = LINK.sub(r"\1", cell.source)
    return text(notebook)


def chapter_of(assignment, root=ROOT):
    """The chapter of an assignment, such as ``"03"``. Raises ``ValueError`` where there is none."""
    return _notebook(Path(root), assignment).stem[:2]


def _notebook(root, assignment):
    """The exercise notebook that is meant."""
    found = sorted((root / "exercises").glob("*.ipynb"))
    for path in found:
        if assignment in (path.stem, path.name) or path.stem.split("_")[0] == str(assignment).zfill(2):
            return path
    raise ValueError(f"There is no assignment {assignment!r}; there are {', '.join(path.stem for path in found)}.")


def _data(root, name):
    """Files that stand beside the solution in a folder ``NN_name_data``: ``{path in the release: bytes}``."""
    folder = root / "solutions" / f"{name}_data"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return {path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in files}


def library_wheel(root=ROOT):
    """``(file name, bytes)`` of ``course_lib`` as a wheel, with the requirements of pyproject.toml.

    Written here and not by a build tool, so that it needs no network and comes out the same every time.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = project["name"].replace("-", "_")
    library = root / "course_lib"
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(library.rglob("*"))
        if path.is_file()
        and (path.suffix in LIBRARY_FILES or path.name in WITHOUT_ENDING)
        and not set(path.parts) & set(LEFT_OUT)
    }
    version = f"{_version(root)}+{_digest(files)}"  # so that installers notice what has changed
    info = f"{name}-{version}.dist-info"
    files[f"{info}/METADATA"] = _metadata(project, version).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    scripts = "".join(f"{command} = {target}\n" for command, target in sorted(project["scripts"].items()))
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{scripts}".encode()
    files[f"{info}/RECORD"] = _record(files, info).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(entry, content)
    return f"{name}-{version}-py3-none-any.whl", buffer.getvalue()


def _version(root):
    lines = (root / "course_lib" / "__init__.py").read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if "__version__" in line).split('"')[1]


def _digest(files):
    """Eight characters that follow from the files' names and contents."""
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        whole.update(f"{path} {len(content)}\n".encode() + content)
    return whole.hexdigest()[:8]


def _metadata(project, version):
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {version}"]
    lines += [f"Summary: {project['description']}", f"Requires-Python: {project['requires-python']}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in project["dependencies"]]
    for extra, requirements in sorted(project["optional-dependencies"].items()):
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {requirement}; extra == "{extra}"' for requirement in requirements]
    return "\n".join(lines) + "\n"


def _record(files, info):
    """The wheel's list of its files with their digests (PEP 376)."""
    lines = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{path},sha256={digest},{len(content)}")
    return "\n".join([*lines, f"{info}/RECORD,,"]) + "\n"
