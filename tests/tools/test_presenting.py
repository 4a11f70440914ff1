"""JupyterLab in front of a class: large type and folded side bars, and nobody's own settings are touched."""

import json
import os

import pytest

from course_lib.tools import lab, presenting


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A course's folder, and beside it a person's settings of JupyterLab."""
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "course"))
    monkeypatch.setenv("JUPYTERLAB_SETTINGS_DIR", str(tmp_path / "theirs"))
    (tmp_path / "course").mkdir()
    return tmp_path


def write(folder, text):
    file = folder / "theirs" / presenting.THEMES
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_type_is_large_and_the_rest_of_ones_settings_stays(folder):
    theirs = '{ // dark\n "theme": "JupyterLab Dark", "overrides": {"code-font-family": "mono"}}'
    file = write(folder, theirs)
    made = json.loads((presenting.settings() / presenting.THEMES).read_text(encoding="utf-8"))
    assert made["theme"] == "JupyterLab Dark" and made["overrides"]["code-font-family"] == "mono"
    assert made["overrides"] | presenting.TYPE == made["overrides"]
    assert file.read_text(encoding="utf-8") == theirs


def test_nothing_of_an_earlier_lecture_is_left(folder):
    first = presenting.settings()
    (first / "old").write_text("")
    assert presenting.settings() == first and not (first / "old").exists()


def test_the_side_bars_are_folded_in_a_workspace_of_the_course(folder):
    (file,) = presenting.workspaces().iterdir()
    layout = json.loads(file.read_text(encoding="utf-8"))["data"]["layout-restorer:data"]
    assert layout["left"]["collapsed"] and layout["right"]["collapsed"]
    assert file.is_relative_to(folder / "course")


def test_only_a_lecture_gets_them(folder):
    plain, shown = (lab.server_arguments("presented/03.ipynb", 8888, False, present) for present in (False, True))
    assert not any("user_settings_dir" in one or "workspaces_dir" in one for one in plain)
    inside = str(folder / "course" / "presented")
    assert {one.split("=")[0] for one in shown if f"={inside}" in one} == {
        "--LabApp.user_settings_dir",
        "--LabApp.workspaces_dir",
    }
    assert any(one.endswith("/lab/workspaces/lecture/tree/presented/03.ipynb") for one in shown)
    assert not os.path.exists(os.environ["JUPYTERLAB_SETTINGS_DIR"])
