"""The doctor names each problem and what to do, and gets through its list on any machine."""

import json
import socket
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from course_lib import place
from course_lib.tools import doctor
from course_lib.tools.cli import main

ROOT = Path(__file__).parents[2]


def states(findings):
    return {finding.name: finding.state for finding in findings}


def test_a_finished_environment_has_nothing_broken_and_every_problem_an_advice(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    findings = doctor.examine()
    assert [finding for finding in findings if finding.state == doctor.BROKEN] == []
    assert all(bool(finding.advice) == (finding.state != doctor.OK) for finding in findings)
    names = states(findings)
    assert {"Python", "numpy", "widgets in Python", "anywidget in JupyterLab", "kernel", "disk", "sandbox"} <= set(
        names
    )


def test_the_exit_code_says_whether_something_essential_is_broken(monkeypatch, capsys):
    fine, broken = doctor.Finding("a", doctor.NOTE, "b", "c"), doctor.Finding("d", doctor.BROKEN, "e", "do this")
    monkeypatch.setattr(doctor, "OF_LECTURERS", ())
    monkeypatch.setattr(doctor, "PROBES", (lambda: fine,))
    assert main(["doctor"]) == 0
    monkeypatch.setattr(doctor, "PROBES", (lambda: fine, lambda: [broken]))
    capsys.readouterr()
    assert main(["doctor"]) == 1
    assert "do this" in capsys.readouterr().out
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[1] == {
        "name": "d",
        "state": "broken",
        "found": "e",
        "advice": "do this",
    }


def test_a_probe_that_stumbles_is_a_finding_and_not_the_end(monkeypatch):
    def kernel():
        raise RuntimeError("no such thing")

    monkeypatch.setattr(doctor, "OF_LECTURERS", ())
    monkeypatch.setattr(doctor, "PROBES", (kernel, doctor.python))
    stumbled, python = doctor.examine()
    assert stumbled.name == "kernel" and "RuntimeError: no such thing" in stumbled.found
    assert python.state == doctor.OK


@pytest.mark.parametrize(("extra", "state"), [("base", doctor.BROKEN), ("test", doctor.NOTE)])
def test_a_missing_package_is_broken_in_the_base_and_a_note_in_an_extra(monkeypatch, extra, state):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: (_ for _ in ()).throw(metadata.PackageNotFoundError))
    finding = doctor.package("numpy>=2.0", extra)
    assert (finding.name, finding.state, finding.found) == ("numpy", state, "not installed")
    assert "python course.py install" in finding.advice
    assert ("--with test" in finding.advice) == (extra == "test")


@pytest.mark.parametrize(("version", "state"), [("1.26.4", doctor.BROKEN), ("2.0", doctor.OK), ("3.1.0rc1", doctor.OK)])
def test_a_version_outside_the_range_is_broken(monkeypatch, version, state):
    monkeypatch.setattr(doctor.metadata, "version", lambda name: version)
    assert doctor.package("numpy>=2.0", "base").state == state


def labextension(folder, name, version):
    package = folder / "labextensions" / name
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": name, "version": version}))


@pytest.fixture
def jupyter_folder(tmp_path, monkeypatch):
    """The only folder in which Jupyter finds anything, inside what counts as the environment."""
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *parts: [str(tmp_path.joinpath(*parts))])
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path))
    return tmp_path


def test_a_front_end_of_another_release_or_none_at_all_is_broken(jupyter_folder):
    assert doctor.front_end("anywidget", "anywidget").state == doctor.BROKEN
    labextension(jupyter_folder, "anywidget", "0.0.1")
    finding = doctor.front_end("anywidget", "anywidget")
    assert finding.state == doctor.BROKEN and "0.0.1, but its Python half is" in finding.found


def test_a_front_end_of_the_same_release_is_fine_and_one_outside_the_environment_is_named(jupyter_folder, monkeypatch):
    labextension(jupyter_folder, "anywidget", metadata.version("anywidget"))
    assert doctor.front_end("anywidget", "anywidget").state == doctor.OK
    monkeypatch.setattr(doctor.sys, "prefix", str(jupyter_folder / "elsewhere"))
    finding = doctor.front_end("anywidget", "anywidget")
    assert finding.state == doctor.NOTE and str(jupyter_folder) in finding.found


def test_a_disabled_front_end_is_broken(jupyter_folder, monkeypatch):
    import jupyterlab_server.config

    labextension(jupyter_folder, "anywidget", metadata.version("anywidget"))
    monkeypatch.setattr(
        jupyterlab_server.config, "get_page_config", lambda paths: {"disabledExtensions": ["anywidget"]}
    )
    assert "labextension enable anywidget" in doctor.front_end("anywidget", "anywidget").advice


@pytest.mark.parametrize(
    ("program", "state"), [("/other/bin/python", "broken"), ("python", "ok"), (sys.executable, "ok")]
)
def test_a_kernel_of_another_environment_is_broken(monkeypatch, program, state):
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    spec = KernelSpec(argv=[program, "-m", "ipykernel_launcher"], resource_dir="/somewhere")
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: spec)
    assert doctor.kernel().state == state


def test_a_card_that_torch_does_not_use_gets_the_command_that_changes_it(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA H100 80GB (UUID: GPU-1)'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "metadata_version", lambda name: None)
    assert doctor.graphics_card() == doctor.Finding("graphics card", "ok", "NVIDIA H100 80GB")
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(doctor, "metadata_version", lambda name: torch.__version__)
    if not torch.cuda.is_available():
        assert "--torch cuda" in doctor.graphics_card().advice


def test_little_room_on_the_disk_is_told(monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    for free, state in ((1e8, "broken"), (1e9, "note"), (1e10, "ok")):
        monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path, free=free: usage(0, 0, free))
        assert doctor.disk().state == state


def test_a_folder_that_cannot_be_written_is_broken(monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    assert doctor.write_access().state == doctor.BROKEN


@pytest.mark.parametrize(("number", "state"), [("1", "ok"), ("8", "note"), (None, "note")])
def test_many_threads_are_a_note(monkeypatch, number, state):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if number:
        monkeypatch.setenv("OMP_NUM_THREADS", number)
    assert doctor.threads().state == state


def test_a_port_in_use_is_a_note():
    with socket.socket() as busy:
        try:
            busy.bind(("127.0.0.1", 8888))
            busy.listen()
        except OSError:
            pass  # something else has it: as good
        assert doctor.port().state == doctor.NOTE


def test_missing_notebooks_are_broken_in_a_clone_and_a_note_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    assert doctor.course_files().state == doctor.BROKEN
    monkeypatch.setattr(place, "LIBRARY", tmp_path)
    assert doctor.course_files().state == doctor.NOTE
    (tmp_path / "03_momentum.ipynb").touch()
    assert doctor.course_files() == doctor.Finding("notebooks", doctor.OK, f"1 in {tmp_path}")


@pytest.fixture
def numpy_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("raise ImportError('old numpy')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return tmp_path


def run_doctor(*python):
    command = [*python, "-m", "course_lib.tools.cli", "doctor", "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=ROOT)
    assert done.stderr == ""
    return done.returncode, {row["name"]: row for row in json.loads(done.stdout)}


def test_a_numpy_that_hides_the_installed_one_is_named_with_its_cause(numpy_elsewhere):
    code, rows = run_doctor(sys.executable)
    assert code == 1
    assert rows["numpy"]["state"] == rows["NumPy computes"]["state"] == rows["PYTHONPATH"]["state"] == doctor.BROKEN
    assert str(numpy_elsewhere) in rows["numpy"]["found"] and "old numpy" in rows["NumPy computes"]["found"]
    assert "unset it, or start with python course.py" in rows["PYTHONPATH"]["advice"]


@pytest.mark.parametrize("name", sorted(place.HARMFUL))
def test_a_variable_that_was_set_aside_is_a_note_and_one_that_was_not_is_broken(name, monkeypatch):
    for other in place.HARMFUL:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("COURSE_SET_ASIDE", json.dumps({name: "/x"}))
    (finding,) = doctor.variables()
    assert (finding.name, finding.state) == (name, doctor.NOTE) and "/x" in finding.found
    monkeypatch.delenv("COURSE_SET_ASIDE")
    assert doctor.variables().state == doctor.OK
    monkeypatch.setenv(name, "/y")
    (finding,) = doctor.variables()
    assert (finding.name, finding.state, finding.found) == (name, doctor.BROKEN, "/y")


def test_what_students_got_is_not_asked_for_packages_of_tests_and_grading(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "LIBRARY", tmp_path)
    names = states(doctor.packages())
    assert {"numpy", "scikit-learn", "torch"} <= set(names)
    assert not {"pytest", "nbgrader", "distributed", "ruff"} & set(names)


@pytest.mark.skipif(sys.platform != "linux", reason="confinement is made of Linux")
def test_where_nothing_confines_student_code_that_is_a_note(monkeypatch):
    from course_lib.grading import confinement

    monkeypatch.setattr(confinement, "best_level", lambda: (confinement.at_level("none"), ["no user namespaces"]))
    finding = doctor.sandbox()
    assert finding.state == doctor.NOTE and "no user namespaces" in finding.found
    assert "--allow-unsafe" in finding.advice


def test_no_chromium_anywhere_is_a_note_that_says_where_to_get_it(monkeypatch):
    monkeypatch.setattr(doctor, "find_chromium", lambda: None)
    assert "playwright install chromium" in doctor.chromium().advice
