"""Start here: ``python course.py lab`` opens the course, ``python course.py test`` runs its tests.

Needs nothing but Python. Whatever is missing is installed first, into ``.venv`` beside this file. The text
below is kept to what old Pythons can parse, so that they get far enough to say that they are too old.
"""

from __future__ import print_function

import sys

NEEDED = (3, 11)
if sys.version_info < NEEDED:
    sys.exit(
        "Python 3.11 or newer is needed, this is {0}.{1}. Install one from https://www.python.org/downloads/ and call "
        "it by its name, for example: python3.11 course.py lab".format(*sys.version_info[:2])
    )

import ast
import contextlib
import json
import os
import platform
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

COMMANDS = ("lab", "test", "install", "check", "grade", "claims", "page", "slides", "build", "doctor", "progress")
USAGE = """\
usage: python course.py COMMAND [ARGUMENTS] [--torch auto|cpu|cuda|none] [--with EXTRA[,EXTRA]]

  lab        open JupyterLab on notebooks/00_start.ipynb
  test       run all tests; arguments go to pytest (python course.py test tests/test_surfaces.py -x)
  install    install, or look that everything is still there, and stop
  check | grade | claims | page | slides | build | doctor | progress
             the course's own commands; python course.py COMMAND --help explains each

The first call installs what the command needs into .venv beside this file (once, about a minute); nothing
has to be activated. A half-made .venv is repaired; deleting it is always safe.

  --torch    which PyTorch to install, where one is wanted ('test', or --with torch). auto, the default, takes
             the CPU build unless nvidia-smi finds a working card: no gigabytes of CUDA on a machine without a GPU.
  --with     install extras too: {extras}
"""
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
MARKER = VENV / "course.json"  # what is installed; written last
UNFINISHED = VENV / "course.unfinished"  # an installation has begun and has not ended
TORCH_CPU = "torch==2.13.0+cpu"  # the local version keeps every installer away from the CUDA builds on PyPI
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class Trouble(Exception):
    """Something the person can act on; its text is all they see."""


def say(text):
    print(text, file=sys.stderr)
    sys.stderr.flush()


def child_environment():
    """The caller's variables as if .venv were activated, one thread for numerical libraries unless set otherwise."""
    env = dict(os.environ, VIRTUAL_ENV=str(VENV), PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    env.pop("PYTHONHOME", None)
    env["PATH"] = str(BIN) + os.pathsep + env.get("PATH", "")
    env.setdefault("OMP_NUM_THREADS", "1")
    return env


def succeeds(*command, **more_environment):
    """Run a command in the course's folder, its output in plain sight; say whether it worked."""
    env = dict(child_environment(), **more_environment)
    return subprocess.call([str(part) for part in command], cwd=str(ROOT), env=env) == 0


# --- What is wanted, what is there ---------------------------------------------------------------------


def requirements():
    """``(dependencies, extras)`` of pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["dependencies"], project["optional-dependencies"]


def has_cuda_card():
    """True where the driver answers; a driver package without a card does not count."""
    try:
        found = subprocess.run(["nvidia-smi", "-L"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and b"GPU" in found.stdout


def wanted(extras, torch):
    """What the marker must say: requirement lists by extra and "base", and the kind of torch."""
    base, optional = requirements()
    unknown = sorted(set(extras) - set(optional))
    if unknown:
        raise Trouble("There is no extra {0!r}. Choose from: {1}.".format(unknown[0], ", ".join(sorted(optional))))
    if "torch" not in extras or torch == "none":
        torch = None
    elif torch == "auto":
        torch = "cuda" if has_cuda_card() else "cpu"
    lists = {extra: optional[extra] for extra in extras if extra != "torch"}
    lists["base"] = base
    return {"root": str(ROOT), "requirements": lists, "torch": torch}


def installed():
    """The marker's content, or {} where there is no finished environment of this folder."""
    try:
        marker = json.loads(MARKER.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # An environment that was moved has scripts that start somewhere else.
    usable = marker.get("root") == str(ROOT) and PYTHON.exists() and not UNFINISHED.exists()
    return marker if usable else {}


def covers(there, want):
    lists = there.get("requirements", {})
    return all(lists.get(extra) == names for extra, names in want["requirements"].items()) and (
        want["torch"] in (None, there.get("torch"))
    )


# --- Installing ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def one_at_a_time():
    """Hold a lock on this very file, so that two first starts do not install into each other."""
    with Path(__file__).open("rb") as handle:
        try:
            import fcntl
        except ImportError:  # Windows has no flock; two first starts at once are left to the person
            yield
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another course.py is installing in this folder; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield


def works(python):
    """True for an interpreter that starts and is new enough."""
    test = "import sys; sys.exit(sys.version_info < {0!r})".format(NEEDED)
    try:
        return subprocess.call([str(python), "-c", test], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_environment():
    """A .venv that works: the one that is there, unless its installation was interrupted or it is broken."""
    if VENV.exists() and (UNFINISHED.exists() or not works(PYTHON)):
        say("The environment in .venv is incomplete or broken: making it anew.")
        shutil.rmtree(str(VENV))
    if not VENV.exists():
        VENV.mkdir()
        UNFINISHED.touch()
        command = [sys.executable, "-m", "venv", str(VENV)]
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=child_environment())
        if made.returncode:  # its output is kept back, so that Ctrl-C shows none of its tracebacks
            say(made.stdout.decode("utf-8", "replace"))
            shutil.rmtree(str(VENV))
            raise Trouble(
                "Python could not make an environment in {0}. On Debian and Ubuntu the part that is missing comes "
                "with: sudo apt install python3-venv".format(VENV)
            )
    UNFINISHED.touch()
    if not list(VENV.glob("[Ll]ib/**/site-packages/pip")):
        succeeds(PYTHON, "-m", "ensurepip")


def pip_settings():
    """The indexes, wheel folders and certificates that pip is configured with, which uv does not read by itself."""
    command = [str(PYTHON), "-m", "pip", "config", "list"]
    output = subprocess.run(command, stdout=subprocess.PIPE, env=child_environment()).stdout
    settings = {}
    for line in output.decode("utf-8", "replace").splitlines():  # global.find-links='/a/folder /another'
        key, _, value = line.partition("=")
        known = settings.setdefault(key.rpartition(".")[2], [])
        with contextlib.suppress(ValueError, SyntaxError):
            known.extend(word for word in str(ast.literal_eval(value)).split() if word not in known)
    return settings


def uv_options(settings):
    """pip's settings as uv's options."""
    options = []
    for name, option in (
        ("extra-index-url", "--index"),
        ("find-links", "--find-links"),
        ("trusted-host", "--allow-insecure-host"),
    ):
        for value in settings.get(name, []):
            options += [option, value]
    if settings.get("index-url"):
        options += ["--default-index", settings["index-url"][0]]
    if settings.get("extra-index-url"):
        options += ["--index-strategy", "unsafe-best-match"]  # the best of all indexes, as pip does
    return options


def install(what, settings, with_uv, *options, **environment):
    """Install requirements with uv where it could be had, else with pip."""
    if with_uv:
        certificate = settings.get("cert", [])
        if certificate:
            environment.setdefault("SSL_CERT_FILE", os.environ.get("SSL_CERT_FILE", certificate[0]))
        command = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON] + uv_options(settings)
    else:
        command = [PYTHON, "-m", "pip", "install", "--retries", "1"]
    return succeeds(*(command + list(options) + list(what)), **environment)


def install_torch(kind, settings, with_uv):
    """Install PyTorch and say whether it worked. On Linux the CPU build never turns into the CUDA build."""
    system = platform.system()
    if system == "Linux" and kind == "cpu":
        if settings.get("find-links") and install([TORCH_CPU], settings, with_uv):
            return True
        if with_uv:
            patience = {"UV_HTTP_TIMEOUT": "20", "UV_HTTP_RETRIES": "1"}
            return install([TORCH_CPU], settings, True, "--torch-backend", "cpu", **patience)
        return install([TORCH_CPU], settings, False, "--extra-index-url", TORCH_CPU_INDEX, "--timeout", "20")
    ordinary = requirements()[1]["torch"]
    if system == "Windows" and kind == "cuda" and with_uv:
        return install(ordinary, settings, True, "--torch-backend", "auto")
    return install(ordinary, settings, with_uv)


def ensure(extras, torch="auto", again=False):
    """Install what is missing; with ``again`` look at every package even where nothing seems to be."""
    want = wanted(extras, torch)
    if covers(installed(), want) and not again:
        return
    with one_at_a_time():
        there = installed()
        if again or not covers(there, want):
            set_up(want, there)


def set_up(want, there):
    begun = time.time()
    if there:
        say("Bringing {0} up to date.".format(VENV))
    else:
        say("Installing the course into {0} (once; about a minute, 0.5 GB).".format(VENV))
    lists = dict(there.get("requirements", {}), **want["requirements"])
    extras = sorted(set(lists) & set(requirements()[1]))
    say("[1/3] environment")
    make_environment()
    settings = pip_settings()
    say("[2/3] installer")
    with_uv = succeeds(PYTHON, "-m", "pip", "install", "--quiet", "--retries", "1", "uv>=0.9")
    say("[3/3] packages")
    course = ["-e", ".[{0}]".format(",".join(extras))]
    if not (with_uv and install(course, settings, True)):
        say("uv could not install the packages: trying with pip, which takes longer.")
        with_uv = False
        if not install(course, settings, False):
            raise Trouble(
                "The packages could not be installed; the lines above say why. Without a network connect first, then "
                "give the same command again: it goes on from here."
            )
    torch = want["torch"] or there.get("torch")
    if torch != there.get("torch"):
        say("[3/3] PyTorch ({0})".format(torch))
        if not install_torch(torch, settings, with_uv):
            torch = None
            say(
                "PyTorch could not be had (the lines above say why). Everything that does not need it works; its tests "
                "are skipped, and the chapters that train with it will say so."
            )
    marker = {"root": str(ROOT), "requirements": {name: lists[name] for name in ["base"] + extras}, "torch": torch}
    half_written = MARKER.with_suffix(".new")
    half_written.write_text(json.dumps(marker, indent=1), encoding="utf-8")
    half_written.replace(MARKER)
    UNFINISHED.unlink()
    say("Ready after {0:.0f} s.".format(time.time() - begun))


# --- Commands ------------------------------------------------------------------------------------------


def hand_over(command):
    """Become the command: its exit code and its Ctrl-C are ours."""
    command = [str(part) for part in command]
    if os.name != "nt":
        os.execve(command[0], command, child_environment())
    process = subprocess.Popen(command, env=child_environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # the child got it too and decides what it means


def run_tests(arguments):
    """All checks, tests last: every one of them runs, and any that fails makes the whole fail."""
    if arguments:
        return hand_over([PYTHON, "-m", "pytest"] + arguments)
    steps = (
        ("code style", ["ruff", "check", "."]),
        ("code format", ["ruff", "format", "--check", "."]),
        ("exercises and stored outputs", ["course_lib.cli", "build", "--check"]),
        ("tests", ["pytest", "--nbval", "tests", "notebooks", "solutions"]),
    )
    failed = []
    for name, command in steps:
        say("--- " + name)
        if not succeeds(PYTHON, "-m", *command):
            failed.append(name)
    if failed:
        say("Failed: " + ", ".join(failed))
    return 1 if failed else 0


def split_options(arguments):
    """Take --torch and --with out of the arguments: ``(rest, torch, extras)``."""
    rest, torch, extras = [], "auto", set()
    queue = list(arguments)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if name not in ("--torch", "--with"):
            rest.append(word)
            continue
        if not equals:
            value = queue.pop(0) if queue else ""
        if name == "--with":
            extras.update(extra for extra in value.split(",") if extra)
        elif value in ("auto", "cpu", "cuda", "none"):
            torch = value
        else:
            raise Trouble("--torch must be auto, cpu, cuda or none, not {0!r}.".format(value))
    return rest, torch, extras


def main(arguments):
    rest, torch, extras = split_options(arguments)
    if not rest or rest[0] in ("-h", "--help", "help"):
        print(USAGE.format(extras=", ".join(sorted(requirements()[1]))))
        return 0 if rest else 2
    command = rest[0]
    if command not in COMMANDS:
        raise Trouble("There is no command {0!r}. Choose from: {1}.".format(command, ", ".join(COMMANDS)))
    if command not in ("test", "install") and {"-h", "--help"} & set(rest):
        os.chdir(str(ROOT))
        return hand_over([sys.executable, "-m", "course_lib.cli"] + rest)  # needs no package
    if command == "test":
        extras |= {"test", "data", "torch", "nbgrader", "dask"}
    elif command in ("lab", "claims", "page", "slides", "build"):
        extras.add("data")  # from chapter 5 on, networks learn the digits of scikit-learn
    ensure(extras, torch, again=command == "install")
    if command == "install":
        return 0
    if command == "test":
        return run_tests(rest[1:])
    return hand_over([PYTHON, "-P", "-m", "course_lib.cli"] + rest)  # -P: not the library of the folder we stand in


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        say(trouble)
        sys.exit(2)
    except PermissionError as error:
        say("{0} cannot be written. Copy the course to a folder of your own.".format(error.filename))
        sys.exit(2)
    except KeyboardInterrupt:
        say("Interrupted. The same command goes on from here.")
        sys.exit(130)
