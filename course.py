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

import os

if __name__ == "__main__":  # a json.py beside this file, or PYTHONPATH, must not stand in for the standard library
    UNSURE = [os.path.abspath(path) for path in [sys.path[0]] + os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    UNSURE = set(UNSURE) - {os.path.dirname(os.__file__)}
    sys.path.sort(key=lambda folder: os.path.abspath(folder) in UNSURE)

import ast
import codecs
import contextlib
import errno
import importlib
import json
import locale
import platform
import re
import shutil
import subprocess
import tempfile
import time
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NOT_IN_THE_BROWSER = ["-m", "not browser", "--nbval", "tests", "notebooks", "solutions"]
QUICK = ["--quick", "tests/library", "tests/kit/checks/test_banks.py"]
QUICK += ["tests/tools/test_{0}.py".format(name) for name in ("floors", "docstrings", "words", "documents")]
SIDE_BY_SIDE = ["--numprocesses", "auto", "--maxprocesses", "4", "--dist", "loadfile"]  # a file stays in one process
ROOT = Path(__file__).resolve().parent
NAME = os.fsencode(str(ROOT)).decode("utf-8", "surrogateescape")  # of the folder, the same in every locale
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
MARKER = VENV / "course.json"  # what is installed; written last
UNFINISHED = VENV / "course.unfinished"  # an installation has begun and has not ended
PROJECT = ROOT / "pyproject.toml"  # in a clone; a pack has requirements.txt and a wheel
PROGRAM = "python course.py"
MORE = """
  --torch    which PyTorch to install, where one is wanted ('test', chapter 10, --with torch). auto, the default, takes
             the CPU build unless nvidia-smi finds a working card: no gigabytes of CUDA on a machine without a GPU.
  --with     install extras too: {extras}

The first call installs what the command needs into .venv beside this file (once, about a minute); nothing
has to be activated. A half-made .venv is repaired; deleting it is always safe.
python3 where python is missing or an older one, py on Windows."""


WHOLE = """
import importlib.metadata, sysconfig, sys
folders = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
found = list(importlib.metadata.distributions(path=list(folders)))
sizes = [(file.locate(), file.size) for package in found for file in package.files or ["no list of files"]]
right = all(size is None or path.is_file() and path.stat().st_size == size for path, size in sizes)
sys.exit(not (right and any(package.name == "pip" for package in found)))
"""


class Trouble(Exception):
    """Something the person can act on; its text is all they see."""


def say(text):
    print(text, file=sys.stderr)
    sys.stderr.flush()


def library(name):
    """A file of the course's library that needs the standard library only, before anything is installed."""
    if "course_lib" not in sys.modules:
        wheel = packed()[0]
        sys.path.insert(0, str(ROOT / wheel) if wheel else str(ROOT))
        import course_lib  # noqa: F401

        del sys.path[0]
    return importlib.import_module("course_lib." + name)


def child_environment():
    """The caller's variables as if .venv were activated, one thread for numerical libraries unless set otherwise.

    Variables with which another Python's packages would be used are set aside, and listed for the doctor.
    """
    env = dict(os.environ, VIRTUAL_ENV=str(VENV), PIP_USER="0", PIP_NO_INPUT="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    harmful = {name: env.pop(name) for name in library("place").HARMFUL if name in env}
    if harmful:
        env["COURSE_SET_ASIDE"] = json.dumps(harmful)
    for name in ("PIP_TARGET", "PIP_PREFIX", "UV_SYSTEM_PYTHON"):  # would install elsewhere
        env.pop(name, None)
    if codecs.lookup(locale.getencoding()).name == "ascii":  # the C locale: a folder with an accent stops Python
        env["LC_ALL"] = "C.UTF-8"
    env["PATH"] = str(BIN) + os.pathsep + env.get("PATH", "")
    env.setdefault("OMP_NUM_THREADS", "1")
    return env


def succeeds(*command, **more_environment):
    """Run a command in the course's folder, its output in plain sight or in ``output``, a file; say if it worked."""
    output = more_environment.pop("output", None)
    env = dict(child_environment(), **more_environment)
    command = [str(part) for part in command]
    return subprocess.call(command, cwd=str(ROOT), env=env, stdout=output, stderr=output) == 0


# --- What is wanted, what is there ---------------------------------------------------------------------


def packed():
    """``(wheel, extras)`` that requirements.txt names in a pack that was handed out, ``(None, [])`` in a clone."""
    if PROJECT.exists():
        return None, []
    listed = ROOT / "requirements.txt"
    text = listed.read_text(encoding="utf-8") if listed.exists() else ""
    found = re.search(r"^\./(\S+\.whl)(?:\[([\w,]*)\])?", text, re.MULTILINE)
    if not (found and (ROOT / found.group(1)).exists()):
        raise Trouble("Files are missing in {0}: unpack the whole archive again, into one folder.".format(ROOT))
    return found.group(1), [extra for extra in (found.group(2) or "").split(",") if extra not in ("", "lab")]


def requirements():
    """``(dependencies, extras)`` of pyproject.toml, or of the wheel of a pack."""
    wheel = packed()[0]
    if not wheel:
        project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
        return with_lab(project["dependencies"], project["optional-dependencies"])
    lines = []
    with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(str(ROOT / wheel)) as archive:
        for name in archive.namelist():
            if name.endswith(".dist-info/METADATA"):
                lines = archive.read(name).decode("utf-8").splitlines()
    if not lines:
        raise Trouble("{0} is damaged: unpack the archive again.".format(ROOT / wheel))
    lists = {line.partition(": ")[2]: [] for line in lines if line.startswith("Provides-Extra: ")}
    dependencies = []
    for line in lines:
        if line.startswith("Requires-Dist: "):
            requirement, _, extra = line.partition(": ")[2].partition("; extra == ")
            lists.get(extra.strip("\"' "), dependencies).append(requirement.strip())
    return with_lab(dependencies, lists)


def with_lab(dependencies, lists):
    """The library's requirements and those of its extra "lab", which a course always has, and the other extras."""
    return dependencies + lists.get("lab", []), {extra: lists[extra] for extra in lists if extra != "lab"}


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
    return {"root": NAME, "course": packed()[0], "requirements": lists, "torch": torch}


def installed():
    """The marker's content, or {} where there is no finished environment of this folder."""
    try:
        marker = json.loads(MARKER.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # An environment that was moved has scripts that start somewhere else.
    usable = marker.get("root") == NAME and PYTHON.exists() and not UNFINISHED.exists()
    return marker if usable else {}


def has_packages(there, want):
    """Whether the course and its lists of requirements are what is wanted; PyTorch is looked at by itself."""
    lists = there.get("requirements", {})
    return there.get("course") == want["course"] and all(
        lists.get(extra) == names for extra, names in want["requirements"].items()
    )


def covers(there, want):
    return has_packages(there, want) and want["torch"] in (None, there.get("torch"))


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


def is_whole(python):
    """True when every file that the environment's packages list is there, with its size."""
    return works(python) and subprocess.call([str(python), "-I", "-c", WHOLE], stderr=subprocess.DEVNULL) == 0


def make_environment():
    """A .venv that works: the one that is there, unless it is broken or an interruption left a package half-copied."""
    if VENV.exists() and not (is_whole(PYTHON) if UNFINISHED.exists() else works(PYTHON)):
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
    system, place = platform.system(), library("place")
    if system == "Linux" and kind == "cpu":
        if settings.get("find-links") and install([place.TORCH_CPU], settings, with_uv):
            return True
        if with_uv:
            patience = {"UV_HTTP_TIMEOUT": "20", "UV_HTTP_RETRIES": "1"}
            return install([place.TORCH_CPU], settings, True, "--torch-backend", "cpu", **patience)
        return install(
            [place.TORCH_CPU], settings, False, "--extra-index-url", place.TORCH_CPU_INDEX, "--timeout", "20"
        )
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
        if UNFINISHED.exists() and is_whole(PYTHON):  # interrupted before or after anything was copied
            UNFINISHED.unlink()
        there = installed()
        if covers(there, want) and not again:
            return
        try:
            set_up(want, there)
        except Trouble as trouble:  # such as: no network
            if again or not is_whole(PYTHON):
                raise
            with contextlib.suppress(FileNotFoundError):
                UNFINISHED.unlink()
            if not has_packages(installed(), wanted(set(), "none")):
                raise
            say("{0}\nGoing on without what is missing.".format(trouble))


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
    if not (with_uv and install_course(want["course"], extras, settings, True)):
        say("uv could not install the packages: trying with pip, which takes longer.")
        with_uv = False
        if not install_course(want["course"], extras, settings, False):
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
    marker = dict(want, requirements={name: lists[name] for name in ["base"] + extras}, torch=torch)
    half_written = MARKER.with_suffix(".new")
    half_written.write_text(json.dumps(marker, indent=1), encoding="utf-8")
    half_written.replace(MARKER)
    UNFINISHED.unlink()
    say("Ready after {0:.0f} s.".format(time.time() - begun))


def install_course(wheel, extras, settings, with_uv):
    """The library with its requirements: from the wheel of a pack, or as the folder of a clone that one works on."""
    suffix = "[{0}]".format(",".join(["lab"] + extras))
    what = ["./" + wheel + suffix] if wheel else ["-e", "." + suffix]
    return install(what, settings, with_uv)


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
    """All checks, or the quick ones: every one of them runs, and any that fails makes the whole fail."""
    quick = arguments == ["--quick"]
    if arguments[:1] == ["--for"]:
        arguments = tests_for(arguments[1:])
    if arguments and not quick:
        return hand_over([PYTHON, "-m", "pytest"] + arguments)
    steps = [
        ("code style", ["ruff", "check", "."]),
        ("code format", ["ruff", "format", "--check", "."]),
        ("exercises and stored outputs", ["course_lib.tools.cli", "build", "--check", "notebooks", "solutions"]),
    ]
    if quick:
        return run_steps(steps + [("quick tests", ["pytest"] + SIDE_BY_SIDE + QUICK)])
    tests = ["pytest"] + SIDE_BY_SIDE + NOT_IN_THE_BROWSER + ["--sample"]
    steps += [("types", ["mypy"]), ("tests and notebooks", tests)]
    in_the_browser = ["pytest", "--sample", "-m", "browser"] + of_the_browser()
    return run_steps(steps, beside=[("tests in the browser", in_the_browser)])


def of_the_browser():
    """The files that have a test in the browser: what is in the others need not be imported to be left out."""
    files = sorted((ROOT / "tests").glob("**/test_*.py"))
    return [str(file.relative_to(ROOT)) for file in files if b"pytest.mark.browser" in file.read_bytes()]


def tests_for(words):
    """The arguments of pytest for the tests of what is named first; the others are passed on."""
    if not words:
        raise Trouble(
            "--for needs a name: an exercise (03-5), a claim (C-03-5), a chapter (03), a class or a function."
        )
    try:
        return ["-q", *library("tools.concerning").tests_of(words[0], ROOT), *words[1:]]
    except ValueError as error:
        raise Trouble(str(error)) from None


def run_steps(steps, beside=()):
    """Run each ``(name, arguments of python -m)``, those ``beside`` meanwhile; the last lines say what ran and how."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
        ending = [pool.submit(run_step, folder, name, command, True) for name, command in beside]
        done = [run_step(folder, name, command) for name, command in steps]
        done += [end.result() for end in ending]
        for name, _ in beside:
            say("--- {0}\n{1}".format(name, Path(folder, name).read_text(encoding="utf-8", errors="replace")))
    say("--- what ran")
    say("\n".join(lines for _, lines in done))
    return 0 if all(well for well, _ in done) else 1


def run_step(folder, name, command, later=False):
    """``(whether it worked, what to say of it)``; what it prints is seen now, or ``later`` from ``folder``."""
    account = Path(folder, name + " account")  # the tests write theirs into it
    begun = time.time()
    later or say("--- " + name)
    with open(str(Path(folder, name)), "wb") as output:
        to = output if later else None
        well = succeeds(PYTHON, "-m", *command, output=to, COURSE_TEST_ACCOUNT=str(account))
    lines = ["{0:7.0f} s  {1}: {2}".format(time.time() - begun, name, "passed" if well else "FAILED")]
    if account.exists():
        lines += ["           " + line for line in account.read_text(encoding="utf-8").splitlines()]
    return well, "\n".join(lines)


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
    commands = library("tools.commands")
    library("tools.cli").safe_output()
    wheel, always = packed()
    parser = commands.make_parser(PROGRAM)
    if not rest or rest[0] in ("-h", "--help", "help"):
        usage = "COMMAND [ARGUMENTS] [--torch auto|cpu|cuda|none] [--with EXTRA[,EXTRA]]"
        text = parser.format_help().replace("COMMAND ...", usage, 1)
        print(text + MORE.format(extras=", ".join(sorted(requirements()[1]))))
        return 0 if rest else 2
    command = rest[0]
    known = commands.names(parser)
    if command not in known:
        raise Trouble("There is no command {0!r}. Choose from: {1}.".format(command, ", ".join(known)))
    of_pytest = rest[1:] if command == "test" and not {"-h", "--help"} & set(rest) else []
    os.environ["COURSE_FOLDER"] = str(ROOT)
    options = parser.parse_args(rest[:1] if of_pytest else rest)  # ends here for --help, and for what cannot be read
    if options.whole and wheel:
        raise Trouble("{0!r} needs the whole course; this folder was handed out of it.".format(command))
    ensure(extras | commands.needed_extras(options) | set(always), torch, again=command == "install")
    if command == "install":
        return 0
    if command == "test":
        del os.environ["COURSE_FOLDER"]  # tests have courses of their own
        return run_tests(of_pytest)
    return hand_over(
        [PYTHON, "-P", "-m", "course_lib.tools.cli"] + rest
    )  # -P: not the library of the folder we stand in


def explain(error):
    """One sentence for what the system refused."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "{0} cannot be written. Copy the course to a folder of your own.".format(error.filename)
    if error.errno == errno.ENOSPC:
        return "The disk is full. Free some space; the same command goes on from here."
    return "{0}: {1}".format(error.strerror, error.filename)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        say(trouble)
        sys.exit(2)
    except OSError as error:
        if error.errno is None:
            raise
        say(explain(error))
        sys.exit(2)
    except KeyboardInterrupt:
        say("Interrupted. The same command goes on from here.")
        sys.exit(130)
