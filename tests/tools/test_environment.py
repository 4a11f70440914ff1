"""environment.yml, pyproject.toml and the imports in the code say the same; a minimal install stays minimal."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from course_lib.place import TORCH_CPU

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OF_A_COURSE = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]  # what course.py always installs
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
HEAVY = {"torch", "nbgrader", "dask", "distributed", "playwright", "pytest", "nbval", "hypothesis", "ruff", "mypy"}
MODULE_OF = {"scikit-learn": "sklearn", "pyyaml": "yaml"}


def ranges(requirements):
    return {(parsed := Requirement(text)).name: str(parsed.specifier) for text in requirements}


def conda_ranges():
    return ranges(text for text in CONDA["dependencies"] if isinstance(text, str))


def pip_section():
    return next(entry["pip"] for entry in CONDA["dependencies"] if isinstance(entry, dict))


def test_conda_and_pip_get_the_same_packages_in_the_same_ranges():
    conda = conda_ranges()
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda.pop("pip") == ""
    assert conda == ranges(OF_A_COURSE + PROJECT["optional-dependencies"]["data"])


def test_what_is_installed_lies_in_every_range():
    from importlib.metadata import PackageNotFoundError, version

    for text in OF_A_COURSE + PROJECT["optional-dependencies"]["test"]:
        requirement = Requirement(text)
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            pytest.fail(f"{text} is not installed")
        assert requirement.specifier.contains(found, prereleases=True), f"{text}, but {found} is installed"


def test_the_pip_section_of_environment_yml_installs(tmp_path):
    listed = tmp_path / "requirements.txt"  # conda and Binder do it this way too
    listed.write_text("\n".join(pip_section()), encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--retries", "1", "-r", str(listed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode and os.environ.get("CI") != "true" and "No matching distribution found" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr
    assert "Would install optimisation-course" in done.stdout


def test_the_minimal_install_holds_none_of_the_heavy_packages():
    assert not HEAVY & set(ranges(OF_A_COURSE))
    assert not HEAVY & set(conda_ranges())


@pytest.mark.parametrize("module", ["course_lib", "course_lib.run", "course_lib.optimizers", "course_lib.checks"])
def test_importing_the_lower_floors_loads_neither_torch_nor_matplotlib_nor_widgets(module):
    code = f"import sys, {module}; print(*{{'torch', 'matplotlib', 'ipywidgets', 'scipy'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_reading_notebooks_builds_no_grammar_of_web_addresses():
    code = (
        "import sys, course_lib.tools.notebook_tools.files; print(*{'lark', 'rfc3987_syntax.utils'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def third_party_imports(folder):
    """Top-level names imported by the files below ``folder``, without the standard library and our own."""
    beside = {path.stem for room in ("tests", folder) for path in (ROOT / room).rglob("*.py")}
    ours = {"course_lib", "course", "tests"} | beside
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module]
            for name in (name.partition(".")[0] for name in names):
                if name not in sys.stdlib_module_names and name not in ours:
                    yield name, path


def comes_with(declared):
    """Modules of the declared distributions and of everything that these require."""
    from importlib.metadata import PackageNotFoundError, packages_distributions, requires

    wanted, queue = set(), [Requirement(text).name for text in declared]
    while queue:
        name = queue.pop().lower().replace("_", "-")
        if name in wanted:
            continue
        wanted.add(name)
        try:
            needs = [Requirement(text) for text in requires(name) or ()]
        except PackageNotFoundError:
            continue
        queue += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    owners = packages_distributions()
    return {
        module for module, names in owners.items() if {name.lower().replace("_", "-") for name in names} & wanted
    } | {MODULE_OF.get(name, name) for name in wanted}


@pytest.mark.parametrize("folder", ["course_lib", "tests", "benchmarks"])
def test_every_package_that_is_imported_is_declared(folder):
    declared = [
        *PROJECT["dependencies"],
        *(text for extra in PROJECT["optional-dependencies"].values() for text in extra),
    ]
    known = comes_with(declared)
    stray = sorted(
        {f"{name} in {path.relative_to(ROOT)}" for name, path in third_party_imports(folder) if name not in known}
    )
    assert not stray


def test_the_pinned_cpu_build_of_torch_lies_in_the_declared_range():
    pinned = Requirement(TORCH_CPU)
    (version,) = (clause.version for clause in pinned.specifier)
    assert version.endswith("+cpu")
    assert Requirement(PROJECT["optional-dependencies"]["torch"][0]).specifier.contains(version)
