"""Whether the lowest versions that pyproject.toml allows pass the quick tests.

    .venv/bin/python benchmarks/lowest.py /tmp/lowest            # makes the environment, runs the quick tests
    .venv/bin/python benchmarks/lowest.py /tmp/lowest -k optim   # what follows goes to pytest

uv installs the lowest version of every requirement that is named, and what these need themselves in the newest
versions that fit. PyTorch is the build that ``course.py`` installs: older CPU builds are not on PyPI.
"""

import json
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from packaging.requirements import Requirement  # noqa: E402

from course_lib.place import TORCH_CPU  # noqa: E402

WITHOUT = ("torch",)  # extras
VERSIONS = (
    "import json, importlib.metadata as m; print(json.dumps({d.name.lower(): d.version for d in m.distributions()}))"
)


def wanted():
    """All requirements with a lower bound, and PyTorch."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(text for name in extras if name not in WITHOUT for text in extras[name])]


def install(folder):
    """An environment in ``folder`` with the lowest versions; returns its Python."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    uv = [sys.executable, "-m", "uv"]
    links = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    found = [line.partition("=")[2].strip("' ") for line in links.splitlines() if "find-links" in line]
    subprocess.run(
        [*uv, "venv", "--quiet", "--seed", "--allow-existing", "--python", sys.executable, str(folder)], check=True
    )
    more = [word for link in found for word in ("--find-links", link)]
    listed = folder / "requirements.txt"
    listed.write_text("\n".join([*wanted(), TORCH_CPU]), encoding="utf-8")
    command = [*uv, "pip", "install", "--python", str(python), "--resolution", "lowest-direct", *more]
    subprocess.run([*command, "-r", str(listed)], check=True)
    course = [*uv, "pip", "install", "--quiet", "--python", str(python), "--no-deps", "--editable", str(ROOT)]
    subprocess.run(course, check=True)
    return python


def higher(python):
    """``{name: (version that is there, lower bound)}`` of those that are not at their bound."""
    there = json.loads(subprocess.run([python, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout)
    made = {}
    for requirement in map(Requirement, wanted()):
        found = there.get(requirement.name.lower()) or there.get(requirement.name.lower().replace("-", "_"))
        if found is None:
            raise PackageNotFoundError(requirement.name)
        (bound,) = [one.version for one in requirement.specifier if one.operator == ">="]
        if not found.startswith(bound):
            made[requirement.name] = found, bound
    return made


def main(folder, *arguments):
    python = install(Path(folder).resolve())
    for name, (found, bound) in higher(python).items():
        print(f"{name} {bound} is not to be had with the others: {found}")
    return subprocess.run([python, "-m", "pytest", "-q", *(arguments or ("--quick", "-n", "2"))], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
