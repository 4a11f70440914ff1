"""What students get: the exercise notebook, its data, the library as a wheel, and how to install it.

Nothing else goes in: no solution, no submission, no seed. The same course gives the same bytes.
"""

import base64
import hashlib
import io
import tomllib
import zipfile
from pathlib import Path

from course_lib.notebook_tools.files import ROOT

LEFT_OUT = ("__pycache__",)
LIBRARY_FILES = (".py", ".js", ".css", ".html", ".json", ".npz", ".csv", ".txt", ".gz")
README = """# {title}

Python 3.11 or newer. In this folder:

    python -m pip install -r requirements.txt
    python -m jupyterlab {notebook}

Write the functions, run the checks, hand in {notebook} as it is.
The visible checks can also be run from a terminal: course check {notebook}
"""


def release(assignment, out, root=ROOT):
    """Pack an assignment into a folder. Returns the paths of what was written.

    Args:
        assignment: chapter, such as ``"03"``, or the notebook's name.
        out: folder; made if missing. Other files in it stay, so it must not hold files of these names.
        root: the project's folder.

    Raises ``ValueError`` with a sentence.
    """
    root, out = Path(root), Path(out)
    notebook = _notebook(root, assignment)
    if out.resolve() in (root, root / "exercises", root / "solutions", root / "notebooks"):
        raise ValueError(f"{out} is a folder of the course itself: choose another one with -o.")
    wheel_name, wheel = library_wheel(root)
    files = {notebook.name: notebook.read_bytes(), wheel_name: wheel} | _data(root, notebook.stem)
    files["requirements.txt"] = f"./{wheel_name}\n".encode()
    files["README.md"] = README.format(title=notebook.stem.replace("_", " "), notebook=notebook.name).encode()
    for name, content in sorted(files.items()):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return [out / name for name in sorted(files)]


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
    name, version = project["name"].replace("-", "_"), _version(root)
    info = f"{name}-{version}.dist-info"
    library = root / "course_lib"
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(library.rglob("*"))
        if path.is_file() and path.suffix in LIBRARY_FILES and not set(path.parts) & set(LEFT_OUT)
    }
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
    line = next(
        line for line in (root / "course_lib" / "__init__.py").read_text().splitlines() if "__version__" in line
    )
    return line.split('"')[1]


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
