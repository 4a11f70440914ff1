"""course.py: from nothing but Python to a running command, and never a gigabyte of CUDA by accident."""

import ast
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and shell scripts of POSIX")


def load(folder):
    """The course.py of a folder as a module."""
    spec = importlib.util.spec_from_file_location("bootstrap", folder / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bare_bootstrap(tmp_path):
    """course.py as a module of a course in an empty folder."""
    shutil.copy(ROOT / "course.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return load(tmp_path)


@pytest.fixture
def bootstrap(bare_bootstrap, monkeypatch):
    """The same with every command recorded instead of run."""
    module = bare_bootstrap
    module.calls, module.refuse = [], ()

    def record(*command, **environment):
        command = [str(part) for part in command]
        module.calls.append(command)
        return not any(word in command for word in module.refuse)

    def make_environment():
        module.calls.append(["venv"])
        module.BIN.mkdir(parents=True, exist_ok=True)
        module.PYTHON.exists() or module.PYTHON.symlink_to(sys.executable)
        module.UNFINISHED.touch()

    monkeypatch.setattr(module, "succeeds", record)
    monkeypatch.setattr(module, "make_environment", make_environment)
    monkeypatch.setattr(module, "pip_settings", lambda: {"find-links": ["/a/folder"]})
    monkeypatch.setattr(module, "has_cuda_card", lambda: False)
    monkeypatch.setattr(module.platform, "system", lambda: "Linux")
    return module


def words(bootstrap, beginning):
    return [word for command in bootstrap.calls for word in command if word.startswith(beginning)]


# --- Old Pythons ---------------------------------------------------------------------------------------


def test_old_pythons_can_parse_the_bootstrap():
    text = (ROOT / "course.py").read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 4))
    assert text.isascii()
    with (ROOT / "course.py").open("rb") as file:  # f-strings are younger than 3.6 and escape feature_version
        strings = [token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.STRING]
    assert not [string for string in strings if string[:1] in "fF"]


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 9), (3, 10, 12)])
def test_an_old_python_is_told_so_before_anything_new_is_imported(version):
    code = (
        f"import sys, runpy; sys.version_info = {version}; sys.modules['tomllib'] = None; sys.argv = ['course.py'];"
        f"runpy.run_path({str(ROOT / 'course.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.startswith(f"Python 3.11 or newer is needed, this is {version[0]}.{version[1]}.")
    assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1


# --- What is installed ---------------------------------------------------------------------------------


def test_a_students_install_holds_the_lab_and_no_torch(bootstrap):
    bootstrap.ensure(set())
    assert [command[-1] for command in bootstrap.calls if "-e" in command] == [".[lab]"]
    assert not words(bootstrap, "torch")


@pytest.mark.parametrize("extras", [set(), {"data"}, {"data", "test"}])
def test_pip_takes_over_with_the_same_words_when_uv_cannot(bootstrap, extras):
    bootstrap.refuse = ("uv",)  # python -m uv ...
    bootstrap.ensure(extras)
    (command,) = (command for command in bootstrap.calls if "-e" in command and command[2] == "pip")
    name, _, brackets = command[-1].partition("[")
    assert name == "." and {*brackets.rstrip("]").split(",")} == {"lab", *extras}


def test_a_second_start_runs_no_command_at_all(bootstrap):
    bootstrap.ensure({"test", "torch"})
    bootstrap.calls.clear()
    bootstrap.ensure({"test", "torch"})
    bootstrap.ensure(set())
    assert bootstrap.calls == []


def test_a_changed_requirement_is_installed_with_all_that_was_there_before(bootstrap):
    bootstrap.ensure({"test"})
    bootstrap.calls.clear()
    project = bootstrap.ROOT / "pyproject.toml"
    project.write_text(project.read_text(encoding="utf-8").replace("numpy>=2.0", "numpy>=2.1"), encoding="utf-8")
    bootstrap.ensure(set())
    assert words(bootstrap, ".[") == [".[lab,test]"]


def test_the_folder_of_wheels_that_pip_knows_reaches_uv(bootstrap):
    bootstrap.ensure(set())
    (command,) = (command for command in bootstrap.calls if "uv" in command)
    assert command[command.index("--find-links") + 1] == "/a/folder"


def test_pips_configuration_is_read_with_its_quotes_and_lists(tmp_path, monkeypatch):
    module = load(ROOT)
    configuration = tmp_path / "pip.conf"
    configuration.write_text(
        "[global]\nfind-links = /one /two\nextra-index-url = https://a/simple\ntrusted-host = a\n"
        "[install]\nindex-url = https://b/simple\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))
    monkeypatch.setenv("PIP_FIND_LINKS", "/two /three")
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    options = module.uv_options(module.pip_settings())
    pairs = list(zip(options[::2], options[1::2], strict=True))
    folders = {value for option, value in pairs if option == "--find-links"}
    assert {"/one", "/two", "/three"} <= folders
    assert ("--index", "https://a/simple") in pairs
    assert ("--default-index", "https://b/simple") in pairs
    assert ("--allow-insecure-host", "a") in pairs
    assert ("--index-strategy", "unsafe-best-match") in pairs


# --- torch ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refuse", [(), ("uv>=0.9",), ("torch==2.13.0+cpu",), ("uv>=0.9", "torch==2.13.0+cpu")])
@pytest.mark.parametrize("settings", [{}, {"find-links": ["/a/folder"]}])
def test_linux_without_a_card_never_asks_for_anything_but_the_cpu_build(bootstrap, monkeypatch, refuse, settings):
    monkeypatch.setattr(bootstrap, "pip_settings", lambda: settings)
    bootstrap.refuse = refuse
    bootstrap.ensure({"test", "torch"})
    asked = words(bootstrap, "torch")
    assert asked and set(asked) == {"torch==2.13.0+cpu"}
    extras = {extra for word in words(bootstrap, ".[") for extra in word[2:-1].split(",")}
    assert "torch" not in extras  # the extra admits every build


def test_a_torch_that_cannot_be_had_leaves_a_finished_environment_and_is_tried_again(bootstrap, capsys):
    bootstrap.refuse = ("torch==2.13.0+cpu",)
    bootstrap.ensure({"test", "torch"})
    assert "PyTorch could not be had" in capsys.readouterr().err
    assert not bootstrap.UNFINISHED.exists()
    bootstrap.calls.clear()
    bootstrap.ensure(set())
    assert bootstrap.calls == []
    bootstrap.refuse = ()
    bootstrap.ensure({"test", "torch"})
    assert words(bootstrap, "torch==") and bootstrap.installed()["torch"] == "cpu"


def test_torch_none_leaves_torch_out_of_the_tests_install(bootstrap):
    bootstrap.ensure({"test", "torch"}, torch="none")
    assert not words(bootstrap, "torch")


def test_a_card_gets_the_ordinary_wheel_and_torch_cpu_overrides_it(bootstrap, monkeypatch):
    monkeypatch.setattr(bootstrap, "has_cuda_card", lambda: True)
    bootstrap.ensure({"torch"})
    assert words(bootstrap, "torch") == bootstrap.requirements()[1]["torch"]
    bootstrap.calls.clear()
    bootstrap.ensure({"torch"}, torch="cpu")
    assert set(words(bootstrap, "torch")) == {"torch==2.13.0+cpu"}


@pytest.mark.parametrize(
    ("system", "kind", "backend"), [("Darwin", "cpu", None), ("Windows", "cpu", None), ("Windows", "cuda", "auto")]
)
def test_other_systems_take_the_ordinary_release(bootstrap, monkeypatch, system, kind, backend):
    monkeypatch.setattr(bootstrap.platform, "system", lambda: system)
    bootstrap.ensure({"torch"}, torch=kind)
    assert set(words(bootstrap, "torch")) == set(bootstrap.requirements()[1]["torch"])
    (command,) = (command for command in bootstrap.calls if words(bootstrap, "torch")[0] in command)
    assert (command[command.index("--torch-backend") + 1] if "--torch-backend" in command else None) == backend


@POSIX
@pytest.mark.parametrize(
    ("script", "found"),
    [("echo 'GPU 0: NVIDIA H100'", True), ("echo 'No devices were found'", False), ("exit 9", False), (None, False)],
)
def test_only_a_driver_that_answers_counts_as_a_card(tmp_path, monkeypatch, script, found):
    module = load(ROOT)
    if script:
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert module.has_cuda_card() is found


# --- What the person types -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "rest", "torch", "extras"),
    [
        (["lab", "--port", "9000", "--torch", "cpu"], ["lab", "--port", "9000"], "cpu", set()),
        (["--torch=none", "test", "-x"], ["test", "-x"], "none", set()),
        (["lab", "--with", "torch,data"], ["lab"], "auto", {"torch", "data"}),
        (["lab", "--with=torch", "--with", "data"], ["lab"], "auto", {"torch", "data"}),
    ],
)
def test_options_of_the_installation_may_stand_anywhere(bootstrap, arguments, rest, torch, extras):
    assert bootstrap.split_options(arguments) == (rest, torch, extras)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["lba"], "There is no command 'lba'"),
        (["lab", "--torch", "gpu"], "--torch must be auto, cpu, cuda or none"),
        (["lab", "--torch"], "--torch must be"),
        (["lab", "--with", "tensorflow"], "There is no extra 'tensorflow'"),
    ],
)
def test_a_mistyped_call_is_answered_in_one_sentence(arguments, says):
    done = subprocess.run([sys.executable, ROOT / "course.py", *arguments], capture_output=True, text=True)
    assert done.returncode == 2
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


def test_help_needs_no_environment(tmp_path):
    shutil.copy(ROOT / "course.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "course_lib", tmp_path / "course_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for arguments in (["--help"], ["grade", "--help"]):
        done = subprocess.run([sys.executable, tmp_path / "course.py", *arguments], capture_output=True, text=True)
        assert done.returncode == 0 and "usage: " in done.stdout
    assert not (tmp_path / ".venv").exists()


# --- The tests' own command ----------------------------------------------------------------------------


@pytest.mark.parametrize("failing", [None, "ruff", "course_lib.tools.cli", "pytest"])
def test_every_step_of_the_tests_runs_and_one_failure_fails_the_whole(bootstrap, failing):
    bootstrap.refuse = (failing,)
    assert bootstrap.run_tests([]) == (0 if failing is None else 1)
    steps = [command[2] for command in bootstrap.calls]
    assert sorted(set(steps)) == ["course_lib.tools.cli", "mypy", "pytest", "ruff"] and steps.count("pytest") == 2


def test_the_run_in_the_browser_has_every_file_with_a_test_of_it():
    places = ("tests/kit/browser/test_*.py", "tests/chapters/*/test_browser*.py")
    files = {path.relative_to(ROOT).as_posix() for place in places for path in ROOT.glob(place)}
    assert set(load(ROOT).of_the_browser()) == files


def test_what_ran_beside_the_rest_is_shown_whole_after_it(bare_bootstrap, monkeypatch, capsys):
    monkeypatch.setattr(bare_bootstrap, "PYTHON", sys.executable)
    steps = [(name, ["platform"]) for name in ("first", "second")]
    assert bare_bootstrap.run_steps(steps, beside=[("third", ["no_such_module"])]) == 1
    said = capsys.readouterr().err
    assert said.index("--- second") < said.index("--- third") < said.index("No module named no_such_module")
    assert re.findall(r"s  (\w+): (\w+)", said) == [("first", "passed"), ("second", "passed"), ("third", "FAILED")]


def test_a_quick_run_has_no_notebooks_and_no_browser_and_the_last_lines_say_what_ran(bootstrap, capsys):
    assert bootstrap.run_tests(["--quick"]) == 0
    (tests,) = [command for command in bootstrap.calls if command[2] == "pytest"]
    assert "--quick" in tests and "--nbval" not in tests and not {"browser", "tests", "notebooks"} & set(tests)
    assert all((ROOT / word).exists() for word in tests if word.startswith("tests/"))
    last = capsys.readouterr().err.partition("--- what ran")[2]
    assert "code style: passed" in last and "quick tests: passed" in last


# --- For real: a course of a few lines, installed over the network -------------------------------------


def make_small_course(folder):
    """The bootstrap before a library that requires nothing."""
    (folder / "course_lib" / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "course.py", folder)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "small-course"\nversion = "1"\ndependencies = []\noptional-dependencies = {data = []}\n'
        '[tool.setuptools]\npackages = ["course_lib", "course_lib.tools"]\n'
    )
    for name in ("__init__.py", "place.py", "tools/__init__.py", "tools/commands.py"):
        shutil.copy(ROOT / "course_lib" / name, folder / "course_lib" / name)
    shutil.copytree(ROOT / "course_lib" / "grading", folder / "course_lib" / "grading")
    (folder / "course_lib" / "tools" / "cli.py").write_text(
        "import os, sys\n"
        "def safe_output(): pass\n"
        "if __name__ == '__main__':\n"
        "    print(sys.prefix, sys.argv[1:], os.environ['OMP_NUM_THREADS'])\n"
        "    sys.exit(7 if sys.argv[-1] == 'seven' else 0)\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def small_course(tmp_path):
    """One in which nothing was ever started, in a folder whose name is awkward."""
    return make_small_course(tmp_path / "mein Kurs é")


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """``(folder, what its first command said)`` of one in which the tests below go on, each as the last one left it."""
    folder = make_small_course(tmp_path_factory.mktemp("started") / "mein Kurs é")
    return folder, course(folder, "grade", "a b", "-o", "seven", cwd=ROOT)  # another course's folder must not matter


NOWHERE = {
    **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("NO_PROXY", "no_proxy", "PIP_FIND_LINKS"), ""),
    **{"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "1", "UV_HTTP_RETRIES": "1"},
}


def course(folder, *arguments, cwd=None, **environment):
    env = {**os.environ, **environment}
    env.pop("OMP_NUM_THREADS", None)
    command = [sys.executable, str(folder / "course.py"), *arguments]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, encoding="utf-8", timeout=300)
    if "could not be installed" in done.stderr and os.environ.get("CI") != "true" and not environment:
        pytest.skip("no package index can be reached")
    return done


def test_from_nothing_to_a_command_and_again(started):
    folder, first = started
    assert first.returncode == 7, first.stderr
    assert first.stdout.strip() == f"{folder / '.venv'} ['grade', 'a b', '-o', 'seven'] 1"
    assert "Ready after" in first.stderr
    marker = json.loads((folder / ".venv" / "course.json").read_text(encoding="utf-8"))
    assert marker["root"] == str(folder)
    second = course(folder, "doctor")
    assert (second.returncode, second.stderr) == (0, "")  # nothing is installed, so nothing is said


def test_an_interruption_keeps_what_is_whole_and_throws_away_what_is_half_copied(started):
    folder, _ = started
    unfinished = folder / ".venv" / "course.unfinished"
    unfinished.touch()
    again = course(folder, "doctor", **NOWHERE)  # whole: nothing is fetched
    assert (again.returncode, again.stderr) == (0, "")
    assert not unfinished.exists()

    bootstrap = load(folder)
    file, *_ = (folder / ".venv").glob("[Ll]ib/**/site-packages/pip/_internal/configuration.py")
    content = file.read_bytes()
    for damaged in (content[:-1], b"", None):
        assert bootstrap.is_whole(bootstrap.PYTHON)
        file.unlink() if damaged is None else file.write_bytes(damaged)
        assert not bootstrap.is_whole(bootstrap.PYTHON)
        damaged is None or file.write_bytes(content)
    unfinished.touch()
    again = course(folder, "doctor")
    assert again.returncode == 0, again.stderr
    assert "incomplete or broken" in again.stderr and file.exists()


def test_without_a_network_what_is_installed_goes_on_working(started):
    folder, _ = started
    project = folder / "pyproject.toml"
    before = project.read_text()
    project.write_text(before.replace("data = []", "data = ['no-such-package-at-all']"))
    wanting = course(folder, "grade", "in", "-o", "out", **NOWHERE)
    assert wanting.returncode == 0 and wanting.stdout
    assert wanting.stderr.splitlines()[-1] == "Going on without what is missing."
    assert not (folder / ".venv" / "course.unfinished").exists()
    assert course(folder, "doctor", **NOWHERE).stderr == ""
    project.write_text(before)


def test_a_course_that_was_moved_is_installed_anew(started):
    folder, _ = started
    moved = folder.with_name("moved")
    folder.rename(moved)  # scripts in an environment hold absolute paths
    third = course(moved, "doctor")
    assert third.returncode == 0 and third.stdout.startswith(str(moved / ".venv"))


@POSIX
def test_an_installation_that_was_killed_goes_on(small_course):
    command = [sys.executable, str(small_course / "course.py"), "doctor"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    for line in process.stderr:
        if line.startswith("[2/3]"):
            os.killpg(process.pid, signal.SIGKILL)
            break
    process.wait()
    process.stderr.close()
    assert (small_course / ".venv" / "course.unfinished").exists()
    again = course(small_course, "doctor")
    assert again.returncode == 0, again.stderr
    assert not (small_course / ".venv" / "course.unfinished").exists()


@POSIX
def test_a_python_without_venv_is_told_which_package_it_lacks(bare_bootstrap, tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho No module named venv >&2; exit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(bare_bootstrap.sys, "executable", str(python))
    with pytest.raises(bare_bootstrap.Trouble, match="sudo apt install python3-venv"):
        bare_bootstrap.make_environment()
    assert not bare_bootstrap.VENV.exists()


def test_a_cache_that_uv_cannot_write_costs_time_and_nothing_else(small_course):
    done = course(small_course, "doctor", UV_CACHE_DIR="/dev/null/cache")
    assert done.returncode == 0, done.stderr
    assert "trying with pip" in done.stderr and "Ready after" in done.stderr


def test_without_a_network_one_sentence_says_what_to_do(small_course, tmp_path):
    begun = time.perf_counter()
    done = course(small_course, "doctor", **NOWHERE, UV_CACHE_DIR=str(tmp_path / "uv"))
    assert done.returncode == 2
    assert "could not be installed" in done.stderr.splitlines()[-1]
    assert "connect first" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr.splitlines()[-1]
    assert time.perf_counter() - begun < 60


@POSIX
def test_two_first_starts_at_once_do_not_install_into_each_other(small_course):
    command = [sys.executable, str(small_course / "course.py"), "doctor"]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert sum("Installing" in errors for _, errors in ends) == 1
    assert sum("waiting for it" in errors for _, errors in ends) == 1
