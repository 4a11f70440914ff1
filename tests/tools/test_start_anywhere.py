"""``python course.py`` on machines that were used for something else: it works, or says in one sentence why not."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from course_lib import place, progress
from course_lib.tools import lab
from tests.tools.prepared_course import course
from tests.tools.test_bootstrap import NOWHERE, load

POSIX = pytest.mark.skipif(os.name == "nt", reason="links, mounts and device files of POSIX")
CHECK = ("check", "solutions/00_start.ipynb")


def works(done):
    return (done.returncode, done.stderr) == (0, "") and "visible checks passed" in done.stdout


# --- Python's own variables ----------------------------------------------------------------------------


@pytest.fixture
def other_packages(tmp_path):
    """A folder as PYTHONPATH may name it: an old NumPy, another course, a module called like one of Python's."""
    for name in ("numpy", "course_lib"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise ImportError('another {name}')")
    for name in ("json", "random", "platform", "argparse", "typing", "tomllib"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('another {name}')")
    return tmp_path


def test_packages_elsewhere_do_not_hide_those_of_the_course(prepared_course, other_packages):
    assert works(course(prepared_course, *CHECK, PYTHONPATH=str(other_packages)))
    several = os.pathsep.join(["", "no/such/folder", str(other_packages), str(Path(os.__file__).parent)])
    assert works(course(prepared_course, *CHECK, PYTHONPATH=several))


def test_the_doctor_names_what_was_set_aside(prepared_course, other_packages):
    done = course(prepared_course, "doctor", "--json", PYTHONPATH=str(other_packages))
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert str(other_packages) in rows["PYTHONPATH"]["found"] and "set aside" in rows["PYTHONPATH"]["found"]
    assert rows["PYTHONPATH"]["advice"] and rows["numpy"]["state"] == "ok"


@pytest.mark.parametrize("name", sorted(set(place.HARMFUL) - {"PYTHONPATH", "PYTHONINSPECT"}))
def test_no_variable_of_python_reaches_the_course(prepared_course, tmp_path, name):
    (tmp_path / "start.py").write_text("raise SystemExit('a start file')")
    value = {"PYTHONHOME": sys.base_prefix, "PYTHONSTARTUP": str(tmp_path / "start.py"), "PYTHONOPTIMIZE": "2"}[name]
    assert works(course(prepared_course, *CHECK, **{name: value}))


def test_another_environment_that_is_active_is_left_alone(prepared_course, tmp_path):
    active = {"VIRTUAL_ENV": str(tmp_path), "CONDA_PREFIX": str(tmp_path), "PIP_TARGET": str(tmp_path / "target")}
    assert works(course(prepared_course, *CHECK, **active))
    rows = json.loads(course(prepared_course, "doctor", "--json", **active).stdout)
    assert str(prepared_course) in rows[0]["found"]
    assert list(tmp_path.iterdir()) == []


# --- What an output can show ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "cp437", "latin-1", "ascii:strict", "utf-16", "cp1252:strict"])
def test_every_output_is_written_to_and_ticks_and_crosses_stay_apart(prepared_course, encoding):
    done = course(prepared_course, *CHECK, PYTHONIOENCODING=encoding)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    if encoding != "utf-16":
        assert "  + " in done.stdout and "  x " not in done.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX", "no_SUCH.locale", "C.UTF-8"])
def test_every_locale_is_written_to_as_well(prepared_course, locale):
    assert works(course(prepared_course, *CHECK, without=("PYTHONIOENCODING", "PYTHONUTF8"), LC_ALL=locale))


@POSIX
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_has_seen_enough_and_a_full_disk_make_no_traceback(prepared_course, unbuffered):
    command = [sys.executable, str(prepared_course / "course.py"), *CHECK]
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered, "COURSE_PROGRESS": str(prepared_course / "progress.json")}
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody:
        done = subprocess.run(command, stdout=nobody, stderr=subprocess.PIPE, cwd=prepared_course, env=env, text=True)
    assert (done.returncode, done.stderr) == (141, "")
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=prepared_course, env=env, text=True)
    assert done.returncode != 0 and done.stderr.count("\n") == 1 and "No space left" in done.stderr


# --- Where it is called from ---------------------------------------------------------------------------


@POSIX
def test_from_another_folder_and_through_a_link(prepared_course, tmp_path):
    link = tmp_path / "start.py"
    link.symlink_to(prepared_course / "course.py")
    assert works(course(prepared_course, *CHECK, cwd=tmp_path))
    assert works(course(prepared_course, *CHECK, cwd=tmp_path, start=link))
    assert course(prepared_course, "progress", cwd=tmp_path).stdout.startswith("chapter 00")
    released = course(prepared_course, "release", "00", "-o", "packed", cwd=tmp_path)
    assert released.returncode == 0 and (tmp_path / "packed" / "course.py").exists()


def test_a_file_of_ones_own_beside_course_py_is_not_imported(prepared_course):
    mine = [prepared_course / f"{name}.py" for name in ("random", "json", "numpy", "argparse", "zipfile")]
    try:
        for file in mine:
            file.write_text("raise ImportError('not what was meant')")
        assert works(course(prepared_course, *CHECK))
    finally:
        for file in mine:
            file.unlink()


def test_no_network_is_needed_once_everything_is_there(prepared_course):
    assert works(course(prepared_course, *CHECK, **NOWHERE, UV_CACHE_DIR="/proc/nope"))


@pytest.mark.parametrize("home", [None, "/proc/nope", "/dev/null"])
def test_a_home_that_is_missing_or_closed_costs_nothing(prepared_course, home):
    without = ("HOME", "COURSE_PROGRESS", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    done = course(prepared_course, *CHECK, without=without, COURSE_PROGRESS="", **({"HOME": home} if home else {}))
    assert done.returncode == 0 and "visible checks passed" in done.stdout and "Traceback" not in done.stderr
    if home:  # progress is kept in the course's own folder
        rows = json.loads(course(prepared_course, "doctor", "--json", COURSE_PROGRESS="", HOME=home).stdout)
        (row,) = (row for row in rows if row["name"] == "progress")
        assert row["state"] == "ok" and str(prepared_course.resolve()) in row["found"]


def test_progress_that_cannot_be_kept_is_noted_with_what_to_do(prepared_course, tmp_path):
    (tmp_path / "file").touch()
    nowhere = str(tmp_path / "file" / "progress.json")
    rows = json.loads(course(prepared_course, "doctor", "--json", COURSE_PROGRESS=nowhere).stdout)
    (row,) = (row for row in rows if row["name"] == "progress")
    assert row["state"] == "note" and "COURSE_PROGRESS" in row["advice"]


def test_an_account_without_a_home_keeps_progress_in_the_folder_for_temporary_files(monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("course_lib.progress.store.os.access", lambda *_: False)  # nor may it write to the course
    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError("no home")))
    monkeypatch.setattr(place, "folder", lambda: Path("/a/course/of/another"))
    assert Path(tempfile.gettempdir()) in progress.path().parents


def test_jupyter_gets_folders_for_the_day_where_the_home_is_closed(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / "file" / name))
    said = []
    lab.writable_folders(said.append)
    assert len(said) == 1 and str(tmp_path / "file") in said[0]
    assert all(Path(os.environ[name]).is_dir() for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"))
    lab.writable_folders(said.append)
    assert len(said) == 1


# --- What cannot be written ----------------------------------------------------------------------------


@pytest.mark.skipif(not shutil.which("unshare"), reason="a folder is made read-only by mounting it so")
def test_a_folder_that_cannot_be_written_is_used_if_installed_and_told_if_not(prepared_course, tmp_path):
    bare = tmp_path / "bare"
    shutil.copytree(prepared_course / "course_lib", bare / "course_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.py", "pyproject.toml"):
        shutil.copy(prepared_course / name, bare)
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 77; cd "$1"; shift; exec "$@"'

    def read_only(folder):
        command = [sys.executable, "course.py", "check", str(prepared_course / "solutions/00_start.ipynb")]
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", folder, *command],
            env={**os.environ, "COURSE_PROGRESS": str(tmp_path / "progress.json")},
            capture_output=True,
            encoding="utf-8",
        )
        if done.returncode == 77 or "unshare" in done.stderr:
            pytest.skip("nothing can be mounted here")
        return done

    assert works(read_only(prepared_course))
    done = read_only(bare)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("cannot be written. Copy the course to a folder of your own.")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC, errno.ENOTDIR, errno.EIO, errno.EDQUOT])
def test_whatever_the_system_refuses_is_one_sentence(number):
    text = load(Path(__file__).parents[2]).explain(OSError(number, os.strerror(number), "/a/folder"))
    assert text.count("\n") == 0 and ("/a/folder" in text or "disk is full" in text)


# --- What to type to get what is missing ---------------------------------------------------------------


def test_what_to_install_suits_the_environment_one_is_in(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "made_by_course", lambda: True)
    assert place.installing("torch") == "python course.py install --with torch"
    monkeypatch.setattr(place, "made_by_course", lambda: False)
    monkeypatch.setenv("CONDA_PREFIX", sys.prefix)
    assert place.installing("data") == 'python -m pip install "scikit-learn>=1.5"'
    assert place.installing() == "python -m pip install -e .[lab]"
    monkeypatch.setattr(place.platform, "system", lambda: "Linux")
    assert place.TORCH_CPU in place.installing("torch") and place.TORCH_CPU_INDEX in place.installing("torch")
    monkeypatch.setattr(place, "LIBRARY", tmp_path)
    assert place.installing() == "python -m pip install -r requirements.txt"
