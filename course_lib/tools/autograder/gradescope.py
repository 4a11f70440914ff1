"""The zip that Gradescope wants for a programming assignment: ``setup.sh``, ``run_autograder``, and our own wheel.

Documented by https://gradescope-autograders.readthedocs.io/en/latest/specs/ (read on 2026-11-29): both scripts lie at
the top of the zip, which is unpacked to ``/autograder/source``.
"""

import io
import json
import secrets
import tomllib
import zipfile
from pathlib import Path

from course_lib import place
from course_lib.grading.gradescope_run import SETTINGS, SHEET
from course_lib.grading.private import claim_file
from course_lib.grading.sheet.settings import read_sheet, sheet_path
from course_lib.settings.course import FILE as COURSE
from course_lib.settings.course import read_course
from course_lib.tools.notebook_tools.files import ROOT
from course_lib.tools.release import chapter_of, library_wheel, trains_with_torch

SCRIPTS = ("setup.sh", "run_autograder")
TIME_ZONES = "tzdata"  # which a small image lacks
NEEDED = ("numpy",)  # of the course's own requirements, beside its extra "data"


def write_autograder(assignment, out, settings=None, seed=None, allow_unsafe=False, root=ROOT):
    """Write the zip. Returns its path.

    Args:
        assignment: chapter, such as ``"03"``.
        out: path of the zip, or a folder for it.
        settings: path of the sheet's file; ``assignments/NN.toml`` if left out, where it is there.
        seed: of the hidden inputs; a new secret one if left out. It stands in the zip, and so do extensions: the zip is
            the lecturer's alone.
        allow_unsafe: mark even where Gradescope's machine has no sandbox.

    Raises ``ValueError`` with a sentence.
    """
    chapter = chapter_of(assignment, root)
    path = Path(settings) if settings else sheet_path(chapter, root)
    if settings or path.is_file():
        read_sheet(path, chapter)  # so that what is wrong in it is said here, and not there
    written = {"chapter": chapter, "seed": secrets.randbits(48) if seed is None else seed, "allow_unsafe": allow_unsafe}
    wheel, library = library_wheel(root)
    files = {name: ((Path(__file__).parent / name).read_bytes(), 0o755) for name in SCRIPTS}
    files |= {
        wheel: (library, 0o644),
        "requirements.txt": (requirements(chapter, root).encode(), 0o644),
        SETTINGS: ((json.dumps(written, sort_keys=True) + "\n").encode(), 0o600),
    }
    if (course := Path(root) / COURSE).is_file():
        files |= {one: ((Path(root) / one).read_bytes(), 0o644) for one in (COURSE, read_course(course).logo) if one}
    if path.is_file():
        files[SHEET] = (path.read_bytes(), 0o600)
    out = Path(out)
    out = out if out.suffix == ".zip" else out / f"gradescope_{chapter}.zip"
    out.parent.mkdir(parents=True, exist_ok=True)
    claim_file(out)
    out.write_bytes(_zipped(files))
    return out


def requirements(chapter, root=ROOT):
    """What the grader needs, and nothing that only draws or teaches."""
    project = tomllib.loads((Path(root) / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [line for line in project["dependencies"] if line.startswith(NEEDED)]
    lines += project["optional-dependencies"]["data"]
    if (Path(root) / COURSE).is_file():  # which may name a language
        lines += [line for line in project["optional-dependencies"]["lab"] if line.startswith("babel")]
    if trains_with_torch(chapter):
        lines = [f"--extra-index-url {place.TORCH_CPU_INDEX}", *lines, place.TORCH_CPU]
    return "\n".join([*lines, TIME_ZONES, ""])


def _zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (content, mode) in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
