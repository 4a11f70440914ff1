"""Twenty further ways to get a mark, a secret or a mess; each earns nothing and leaves the others alone."""

import csv
import io
import json
import os
import re
import stat
import time
import zipfile
from pathlib import Path

import pytest

from course_lib.grading import batch
from course_lib.grading.exports import defused
from course_lib.grading.private import page_key, page_name
from tests.grading.handed_in import FULL, GLIDE, QUICK, RIGHT, SEED, SETUP, TOY, notebook, words
from tests.grading.test_attacks import wrong_answers

INSIDE = {
    "a profiler that looks at the grader's frames": (
        "import sys\nseen = []\nsys.setprofile(lambda f, e, a: seen.append(f))\n"
        "sys.settrace(lambda f, e, a: f.f_locals.update(points=99))"
    ),
    "the frames above": (
        "import sys\nf = sys._getframe()\nwhile f:\n    f.f_globals['points'] = f.f_locals.get('x')\n    f = f.f_back"
    ),
    "objects of the garbage collector": (
        "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict) and 'op' in o: o['op'] = 'return'"
    ),
    "frozen objects": (
        "import gc\ngc.unfreeze()\nfor o in gc.get_objects():\n    if isinstance(o, list) and len(o) < 3: o.clear()"
    ),
    "ctypes writes into memory": "import ctypes\nctypes.memset(id(0) + 16, 1, 8)",
    "ctypes calls the interpreter": "import ctypes\nctypes.pythonapi.PyErr_SetInterrupt()\nctypes.pythonapi.Py_Exit(0)",
    "own memory": "open('/proc/self/mem', 'r+b').write(b'x')",
    "signal handlers": (
        "import signal\nfor s in range(1, 65):\n"
        "    try: signal.signal(s, lambda *a: None)\n    except Exception: pass\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)"
    ),
    "something at the end": "import atexit\natexit.register(lambda: __import__('os').write(3, b'x' * 1000))",
    "a destructor": "class D:\n    def __del__(s): __import__('os').write(3, b'points')\nd = D(); del d",
    "an audit hook that refuses everything": "import sys\ndef no(*a): raise RuntimeError('no')\nsys.addaudithook(no)",
    "a display hook": "import sys\nsys.displayhook = sys.excepthook = sys.unraisablehook = lambda *a: 99",
    "import machinery": "import sys\nsys.meta_path.clear(); sys.path_hooks.clear(); sys.modules.clear()",
    "a flood of prints": "for _ in range(300_000): print('points: 99' * 10)",
    "a flood of errors": "import os\nfor _ in range(1000): os.write(2, b'x' * 100_000)",
    "a flood of warnings": "import warnings\nfor i in range(20_000): warnings.warn(str(i))",
    "recursion without a limit": "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()",
    "all descriptors": "import os\nfds = []\nwhile True: fds.append(os.dup(3))",
    "a closed line": "import os\nos.close(3)",
    "a second reader of the line": "import os\nos.set_blocking(3, False) if 0 else os.read(3, 10)",
    "no memory left": "hog = [bytearray(10**7) for _ in range(10**4)]",
    "codecs": (
        "import codecs, json\ncodecs.register_error('strict', lambda e: ('', e.end))\njson.dumps = lambda *a, **k: '{}'"
    ),
    "builtins gone": (
        "import builtins\nfor n in list(vars(builtins)):\n    if n != '__import__': delattr(builtins, n)"
    ),
    "types redefined": "import builtins\nbuiltins.dict = builtins.list = builtins.type = None",
    "a thread that never ends": "import _thread\n_thread.start_new_thread(lambda: 1, ())",
    "unicode directions": "raise ValueError('\\u202e99 fo 99\\u2066 \\u200b')",
    "a name in another script": "def mоmentum_step(*a): return 1",
    "a page of its own in an error": "raise ValueError('</pre><script>alert(1)</script><img src=x onerror=alert(1)>')",
    "a formula in an error": 'raise ValueError(\'=HYPERLINK("http://x", "click")\')',
    "terminal escapes": "raise ValueError('\\x1b[2J\\x1b]0;owned\\x07')",
}


@pytest.mark.parametrize("name", INSIDE)
def test_no_mark_and_a_row(mark, name):
    row = mark(SETUP, INSIDE[name], wrong_answers())
    assert (row["points"], row["status"]) == (0, "graded")
    text = words(row)
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\x1b\x07]", text)


@pytest.mark.parametrize("name", INSIDE)
def test_what_is_done_in_a_function_costs_that_function_only(mark, name):
    body = INSIDE[name].replace("\n", "\n    ")
    first = TOY[0].function
    row = mark(SETUP, *RIGHT[1:], f"def {first}(*given):\n    {body}\n    return 0, 0")
    marks = [exercise["points"] for exercise in row["exercises"]]
    assert marks[0] == 0 and marks[-1] > 0, (marks, row["notes"])


def test_time_tells_nothing_that_many_calls_could_add_up(mark):
    """A function that waits as long as a hidden digit says learns nothing: the row is the same."""
    line = "time.sleep(float(abs(given[0][0])) / 50) if hasattr(given[0], 'shape') else 0"
    source = "import time\n" + wrong_answers(line)
    rows = [mark(SETUP, source) for _ in range(2)]
    assert rows[0] == rows[1]


def grade(folder, out, **more):
    return batch.grade_folder(folder, out, assignment="90", seed=SEED, limits=QUICK, **more)


NAMES = [
    '=HYPERLINK("http:x","y").ipynb',
    "+1+1.ipynb",
    "@SUM(A1).ipynb",
    "-2+3.ipynb",
    "<script>alert(1)<script>.ipynb",
    "\u202egnp.ipynb",
    "\ufeffanna.ipynb",
    "a\u200bnna.ipynb",
    "anna.ipynb",
    "ANNA.ipynb",
    "a" * 240 + ".ipynb",
    "con.ipynb",
    "new\nline.ipynb",
    "tab\tbed.ipynb",
    "'quoted'.ipynb",
    "semi;colon,comma.ipynb",
    "e\u0301va.ipynb",
    "\u00e9va.ipynb",
    "grades.csv.ipynb",
    "%2e%2e%2fetc.ipynb",
]


@pytest.fixture(scope="module")
def odd_names(tmp_path_factory, zygote):
    folder = tmp_path_factory.mktemp("names")
    for name in NAMES:
        (folder / "in" / name).parent.mkdir(exist_ok=True)
        (folder / "in" / name).write_bytes(notebook(SETUP, GLIDE))
    return grade(folder / "in", folder / "out"), folder / "out"


def test_every_odd_name_is_a_row_of_its_own(odd_names):
    summary, out = odd_names
    assert len(summary.rows) == len(NAMES)
    assert {row["points"] for row in summary.rows} == {TOY[0].points}
    assert len(list((out / "feedback").iterdir())) == len(NAMES)
    assert all(path.parent in (out, out / "feedback") or "gradescope" in path.parts for path in out.rglob("*.*"))


def test_no_table_holds_a_formula_and_no_page_a_tag_or_a_turned_name(odd_names):
    _, out = odd_names
    for table in out.glob("*.csv"):
        for row in csv.reader(io.StringIO(table.read_text(encoding="utf-8"))):
            assert not [cell for cell in row if cell.lstrip().startswith(("=", "+", "@", "-"))], table
    for page in [*out.glob("*.html"), *(out / "feedback").iterdir()]:
        text = page.read_text(encoding="utf-8")
        assert "<script>" not in text and not re.search(r"[\u202a-\u202e\u2066-\u2069]", text), page


@pytest.mark.parametrize("cell", ["=1", " =1", "\t=1", "\u00a0=1", "\uff1d1", "|x", "%0A=1", '"=1'])
def test_cells_are_defused_behind_spaces_too(cell):
    assert defused(cell)[:1] in ("'", "|", "%", '"') and not defused(cell).lstrip().startswith(("=", "\uff1d"))


def test_links_and_pipes_in_the_folder_are_named_and_not_followed(tmp_path, zygote):
    folder = tmp_path / "in"
    (folder / "dora").mkdir(parents=True)
    (folder / "anna.ipynb").write_bytes(notebook(*RIGHT))
    os.symlink(folder / "anna.ipynb", folder / "ben.ipynb")
    os.symlink("/etc", folder / "cem")
    os.symlink(folder, folder / "dora" / "again")
    os.mkfifo(folder / "eve.ipynb")
    os.link(folder / "anna.ipynb", folder / "fay.ipynb")
    (folder / "gil.ipynb").mkdir()
    os.symlink("/dev/zero", folder / "hal.ipynb")
    began = time.monotonic()
    rows = {row["student"]: row for row in grade(folder, tmp_path / "out").rows}
    assert time.monotonic() - began < 60
    assert rows["anna"]["points"] == rows["fay"]["points"] == FULL
    for name in ("ben", "eve", "hal"):
        assert rows[name]["status"] == "unreadable" and rows[name]["points"] == 0
    assert not [row for row in rows.values() if "root:" in json.dumps(row)]


def test_results_are_not_written_through_links(tmp_path, zygote):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "anna.ipynb").write_bytes(notebook(*RIGHT))
    (tmp_path / "out" / "feedback").mkdir(parents=True)
    (tmp_path / "victim").write_text("mine")
    os.symlink(tmp_path / "victim", tmp_path / "out" / "feedback" / page_name("anna", page_key(SEED)))
    os.symlink(tmp_path / "victim", tmp_path / "out" / "grades.csv")
    grade(tmp_path / "in", tmp_path / "out")
    assert (tmp_path / "victim").read_text() == "mine"


def bomb(depth=3):
    """Zeros in an archive in an archive ..."""
    data = b"0" * (20 << 20)
    for _ in range(depth):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for i in range(2 if len(data) > 1 << 24 else 10):  # packing many of the largest takes long
                archive.writestr(f"{i}.{'ipynb' if len(data) > 1 << 24 else 'zip'}", data)
        data = file.getvalue()
    return data


def test_a_zip_bomb_is_a_row_and_costs_little(tmp_path, zygote):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "bomb.zip").write_bytes(bomb())
    with zipfile.ZipFile(folder / "many.zip", "w") as archive:
        for i in range(6_000):  # more than are looked at in one of several archives
            archive.writestr(f"{i}.txt", b"")
    with zipfile.ZipFile(folder / "slip.zip", "w") as archive:
        archive.writestr("../../anna.ipynb", notebook(*RIGHT))
        archive.writestr("/etc/ben.ipynb", notebook(*RIGHT))
        link = zipfile.ZipInfo("link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    (folder / "anna.ipynb").write_bytes(notebook(*RIGHT))
    began = time.monotonic()
    rows = {row["student"]: row for row in grade(folder, tmp_path / "out").rows}
    assert time.monotonic() - began < 120
    assert set(rows) == {"anna", "bomb", "many", "slip"}
    assert rows["bomb"]["points"] == rows["many"]["points"] == 0
    assert not (tmp_path / "anna.ipynb").exists() and not Path("/etc/ben.ipynb").exists()


def test_metadata_and_ids_of_any_size_and_kind_are_ignored(mark):
    cells = json.loads(notebook(*RIGHT))
    for cell in cells["cells"]:
        cell["id"] = "x" * 1_000_000
        cell["metadata"] = {"nbgrader": {"points": 1e308, "grade": True, "grade_id": ["a"] * 1000}}
        cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "99"}}]
    row = mark(data=json.dumps(cells | {"metadata": {"score": float("nan")}}).encode())
    assert row["points"] == row["max_points"]


def test_marks_are_numbers_of_json(odd_names):
    _, out = odd_names
    for path in (out / "gradescope").rglob("results.json"):
        json.loads(path.read_text(), parse_constant=lambda text: pytest.fail(text))
