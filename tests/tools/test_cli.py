"""The course command: help that reads like documentation, one sentence for what cannot be done, a lab that opens."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from course_lib import place
from course_lib.tools import cli, commands, lab, presenting

ROOT = Path(__file__).parents[2]
COMMANDS = commands.names(commands.make_parser())


# --- Words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_what_it_does_gives_an_example_and_its_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert re.search(r"examples?:\n  course " + command, text)
    assert "exit codes:\n  0  done" in text
    assert max(map(len, text.splitlines())) <= 120


def test_help_loads_no_package():
    code = (
        "import sys\nfrom course_lib.tools.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print({'numpy', 'jupyterlab', 'matplotlib', 'nbformat'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"
    assert all(re.search(rf"^    {command}\s", done.stdout, re.M) for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "no/such.ipynb"],
        ["check", "broken.ipynb"],
        ["grade", "no-such-folder", "-o", "grades"],
        ["claims", "C-99-1"],
        ["release", "77", "-o", "release"],
        ["feedback", "student42", "--grades", "no-grades"],
        ["nbgrader", "shop", "--submissions", "in"],
        ["build", "no/such.ipynb"],
        ["lab", "no/such.ipynb", "--no-browser"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_2(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    assert cli.main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1 and said.err.startswith("course: ")
    named = next(word for word in arguments[1:] if not word.startswith("-"))
    assert named in said.err
    assert list(tmp_path.iterdir()) == [tmp_path / "broken.ipynb"]


@pytest.mark.parametrize("arguments", [[], ["lba"], ["lab", "--port", "70000"], ["lab", "--port", "x"], ["grade", "a"]])
def test_a_mistyped_command_line_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_our_own_mistakes_are_not_passed_off_as_the_persons(monkeypatch):
    monkeypatch.setattr("course_lib.tools.doctor.examine", lambda: 1 + "1")
    with pytest.raises(TypeError):
        cli.main(["doctor"])


def test_a_package_that_is_missing_leads_to_the_doctor(monkeypatch, capsys):
    def examine():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("course_lib.tools.doctor.examine", examine)
    assert cli.main(["doctor"]) == 2
    assert "torch is not installed here. course doctor says how" in capsys.readouterr().err
    monkeypatch.setenv("COURSE_TRACEBACK", "1")
    with pytest.raises(ModuleNotFoundError):
        cli.main(["doctor"])


def test_a_claim_is_printed_drawn_and_written_as_json(tmp_path, capsys):
    assert cli.main(["claims", "C-03-10", "--figures", str(tmp_path / "figures")]) == 0
    assert "C-03-10" in capsys.readouterr().out
    assert (tmp_path / "figures" / "C-03-10.png").read_bytes().startswith(b"\x89PNG")
    assert cli.main(["claims", "C-03-10", "--json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert result["id"] == "C-03-10" and result["verdict"]


# --- lab -----------------------------------------------------------------------------------------------


@pytest.fixture
def busy_port():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        yield busy.getsockname()[1]


def test_a_port_in_use_is_passed_over(busy_port):
    assert not lab.is_free(busy_port)
    assert lab.free_port(busy_port) > busy_port


def test_no_free_port_and_a_number_that_is_none_are_told(busy_port):
    with pytest.raises(ValueError, match="No port from"):
        lab.free_port(busy_port, tries=1)
    with pytest.raises(ValueError, match="1 to 65535"):
        lab.is_free(0)


def test_a_terminal_browser_does_not_count_as_one(monkeypatch):
    monkeypatch.setattr(lab.sys, "platform", "linux")
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not lab.has_browser()
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(lab.webbrowser, "get", lambda: None)
    assert lab.has_browser()


def test_a_notebook_is_found_from_the_course_and_from_the_folder_one_stands_in(tmp_path, monkeypatch):
    monkeypatch.setattr(place, "LIBRARY", tmp_path / "site-packages")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a b.ipynb").touch()
    assert lab.notebook_path("notebooks/a b.ipynb") == "notebooks/a b.ipynb"
    monkeypatch.chdir(tmp_path / "notebooks")
    assert lab.notebook_path("a b.ipynb") == "notebooks/a b.ipynb"
    assert "--LabApp.default_url=/lab/tree/notebooks/a%20b.ipynb" in lab.server_arguments(
        "notebooks/a b.ipynb", 1, True
    )
    with pytest.raises(FileNotFoundError, match=r"no notebook 'c\.ipynb'"):
        lab.notebook_path("c.ipynb")


def fetch(url, tries=100):
    for _ in range(tries):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return answer.status, answer.read()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def interrupted(server):
    """Press Ctrl-C, again where the first one met a moment that swallowed it; nothing is left running."""
    try:
        for _ in range(3):
            server.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                return server.wait(timeout=15)
        raise AssertionError("The lab does not end with Ctrl-C.")
    finally:
        server.kill()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal of POSIX")
def test_the_lab_opens_on_the_first_notebook_beside_a_busy_port_and_ends_with_ctrl_c(busy_port, tmp_path):
    env = {
        **os.environ,
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
    }
    for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY", "OMP_NUM_THREADS"):
        env.pop(name, None)
    command = [sys.executable, "-m", "course_lib.tools.cli", "lab", "--port", str(busy_port)]
    said = tmp_path / "said.txt"
    with said.open("w") as out:
        server = subprocess.Popen(
            command,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
        )
    try:
        for _ in range(300):
            if found := re.search(r"http://localhost:(\d+)(/\S+)\?token=(\w+)", said.read_text()):
                break
            assert server.poll() is None, said.read_text()
            time.sleep(0.1)
        port, path, token = found.groups()
        assert f"Port {busy_port} is in use; taking {port}." in said.read_text()
        assert "no browser here: open the address below" in said.read_text()
        assert path == "/lab/tree/notebooks/00_start.ipynb"
        assert fetch(f"http://127.0.0.1:{port}{path}?token={token}")[0] == 200
        _, answer = fetch(f"http://127.0.0.1:{port}/api/contents?token={token}")
        assert {"notebooks", "exercises", "README.md"} <= {entry["name"] for entry in json.loads(answer)["content"]}
    finally:
        code = interrupted(server)
    assert code == 0
    assert "Traceback" not in said.read_text()


def test_a_chapter_can_be_named_by_its_number_and_presented(monkeypatch):
    opened = []
    monkeypatch.setattr(lab, "start", lambda notebook, *_, **__: opened.append(Path(notebook)))
    monkeypatch.setattr(presenting, "presented", lambda notebook: Path("presented") / Path(notebook).name)
    cli.main(["lab", "03"])
    cli.main(["lab", "03", "--present"])
    assert [path.parent.name for path in opened] == ["notebooks", "presented"]
    assert {path.name for path in opened} == {"03_momentum.ipynb"}
