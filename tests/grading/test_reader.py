"""What the reader says of a file: cells and functions, or a sentence that its author can act on."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from course_lib.checks.calls import GraderError
from course_lib.grading import reader as module
from course_lib.grading.reader import Reader
from tests.grading.handed_in import AHEAD, GLIDE, RIGHT, STUB, handed, notebook

SIGNATURE = "def glide_step(theta, velocity, gradient, learning_rate, momentum):"


def cells(*rows):
    """The bytes of a notebook with ``(type, source)`` cells."""
    return json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in rows]}).encode()


def sources(data, place="somebody.ipynb"):
    return [source for _, source in handed(data, place).cells]


# --- The process ---------------------------------------------------------------------------------------

ESCAPES = {
    "open a file": "open('/etc/passwd')",
    "open its own text": "open(reading.__file__)",
    "list a folder": "__import__('os').listdir('/')",
    "write a file": "open('/tmp/written-by-the-reading-process', 'w')",
    "start a program": "__import__('os').system('true') and 1 / 0",
    "fork": "__import__('os').fork()",
    "reach the network": "__import__('socket').socket()",
    "take more memory": "bytearray(3 << 29)",
    "look at its parent": "__import__('os').kill(__import__('os').getppid(), 0)",
}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems cannot hold a process to this")
@pytest.mark.parametrize("deed", ESCAPES)
def test_the_reading_process_has_memory_and_the_files_it_is_given_and_nothing_else(deed):
    code = f"""
        import os, socket, subprocess
        from course_lib.grading import reading
        reading.limit(1 << 30)
        reading.confine()
        try:
            {ESCAPES[deed]}
        except (OSError, MemoryError, ZeroDivisionError):
            os._exit(0)
        os._exit(1)
    """
    assert subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False).returncode == 0


def test_it_ends_with_its_parent():
    code = "import sys; from tests.grading.handed_in import handed, notebook, reader_of; handed(notebook('x = 1'))\n"
    code += "from tests.grading import handed_in as h\n"
    code += "print(next(iter([h.reader_of(tuple(e.function for e in h.TOY)).program.pid])))"
    pid = int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    for _ in range(100):
        if not os.path.exists(f"/proc/{pid}"):
            return
        time.sleep(0.1)
    pytest.fail("the reading process is still there")


def test_where_open_files_cannot_be_passed_on_they_are_named(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook(*RIGHT))
    with Reader() as one, Reader() as other:
        one.by_path = True
        assert one.read("a.ipynb", path) == other.read("a.ipynb", path)
        assert not one.read("a.ipynb", path).problem


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.5)


def test_a_file_that_takes_too_long_is_a_sentence_and_the_next_is_read(small_limits):
    slow = notebook("f'" + "{x}" * 60_000 + "'", *["f'" + "{x}" * 50_000 + "'"] * 5)
    with Reader() as reader:
        for _ in range(2):
            assert "could not be read in the time" in reader.read_bytes("slow.ipynb", slow).problem
            assert len(reader.read_bytes("right.ipynb", notebook(*RIGHT)).cells) == len(RIGHT)


@pytest.mark.skipif(os.name == "nt", reason="no process can be stopped there")
def test_a_process_that_stands_still_is_ended(small_limits, monkeypatch):
    monkeypatch.setattr(module, "SLOWNESS", 2)
    start = Reader._start
    monkeypatch.setattr(Reader, "_start", lambda self: start(self) or os.kill(self.program.pid, signal.SIGSTOP))
    with Reader() as reader:
        assert "could not be read in the time" in reader.read_bytes("a.ipynb", notebook(*RIGHT)).problem


def test_a_process_that_is_ended_from_outside_is_nobody_s_fault(tmp_path, monkeypatch):
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook(*RIGHT))
    with Reader() as reader:
        start, started = Reader._start, []

        def killed(self):
            start(self)
            started.append(self.program.pid)
            if len(started) <= doomed:
                os.kill(self.program.pid, signal.SIGKILL)

        monkeypatch.setattr(Reader, "_start", killed)
        doomed = 2
        assert len(reader.read("a.ipynb", path).cells) == len(RIGHT) and len(started) == 3
        reader.close()
        started.clear()
        path.write_bytes(notebook(*RIGHT[:2]))  # what is known of a file is not asked again
        doomed = 100
        with pytest.raises(GraderError, match="from outside"):
            reader.read("a.ipynb", path)
        started.clear()
        doomed = 0
        assert not reader.read("a.ipynb", path).problem


def test_threads_may_share_it(tmp_path):
    with Reader() as reader:
        found = {}

        def work(name):
            found[name] = [reader.read_bytes(name, notebook(f"x = {name!r}")).cells for _ in range(5)]

        threads = [threading.Thread(target=work, args=(name,)) for name in "abcdef"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {name: [[["cell 1", f"x = {name!r}"]]] * 5 for name in "abcdef"}


MEMORY = """
import json, os, resource, sys
from course_lib.grading import reader
reader.MEMORY >>= 1
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path = sys.argv[1]
start, end = '{"cells": [{"cell_type": "code", "source": "x = 1", "outputs": [{"text": "', '"}]}]}'
with open(path, "w", encoding="utf-8") as file:
    file.write(start)
    for _ in range(45):
        file.write("x" * (1 << 20))
    file.write(chr(0x1F600) + end)
with reader.Reader() as one:
    for number in range(3):
        os.utime(path, (number, number))
        found = one.read("a.ipynb", path)
        assert [source for _, source in found.cells] == ["x = 1"], found.problem
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory as Linux does")
def test_files_of_45_mb_with_an_emoji_are_read_in_half_the_memory_and_take_none_of_the_grader_s(tmp_path):
    command = [sys.executable, "-c", MEMORY, str(tmp_path / "a.ipynb")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 30


def test_bytes_come_out_of_archives_as_they_went_in(tmp_path):
    import zipfile

    data = os.urandom(5 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("deep/x.ipynb", data)
    (tmp_path / "plain").write_bytes(data)
    with Reader() as reader:
        assert reader.copy(tmp_path / "a.zip", ("deep/x.ipynb",), tmp_path / "copy") == ""
        assert (tmp_path / "copy").read_bytes() == data
        assert reader.copy(tmp_path / "plain", (), tmp_path / "copy") == ""
        assert (tmp_path / "copy").read_bytes() == data
        assert "not in the archive" in reader.copy(tmp_path / "a.zip", ("y",), tmp_path / "copy")
        assert "cannot be read" in reader.copy(tmp_path / "nowhere", (), tmp_path / "copy")


@pytest.mark.parametrize("make", ["link", "folder", "pipe", "nothing", "device", "name with a NUL"])
def test_what_is_no_ordinary_file_is_not_opened(tmp_path, make):
    path = tmp_path / "a.ipynb"
    if make == "link":
        path.symlink_to("/etc/passwd")
    elif make == "folder":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    elif make == "device":
        path = "/dev/zero"
    elif make == "name with a NUL":
        path = f"{path}\0b"
    with Reader() as reader:
        found = reader.read("a.ipynb", path)
        assert found.problem.endswith((".", ").")) and not found.cells
        assert reader.members(path)[0].problem == found.problem


# --- Files that are no notebooks -----------------------------------------------------------------------

OTHERS = {
    b"%PDF-1.7\n...": "a PDF",
    b"\x89PNG\r\n\x1a\n": "a picture",
    b"\xff\xd8\xff\xe0\0\x10JFIF": "a picture",
    b"\n <!DOCTYPE html><html>": "a web page",
    b'<?xml version="1.0"?>': "a web page",
    b"{\\rtf1\\ansi hello}": "RTF",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Office file",
    b"PK\x03\x04...word/document.xml": "a Word document",
    b"PK\x03\x04...xl/workbook.xml": "an Excel table",
    b"PK\x03\x04...": "a zip archive",
    b"Rar!\x1a\x07\x01\x00": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c\x00\x04": "a 7z archive",
    b"\x1f\x8b\x08\x00": "gzip",
    b"version https://git-lfs.github.com/spec/v1\n": "Git LFS",
    b"": "empty",
    b" \r\n\t": "empty",
    b"\xef\xbb\xbf": "empty",
    bytes(5000): "nothing but zeros",
    b"I could not open the notebook, sorry!": "a text",
    b"import numpy as np\nx = 1\n": "a text",
    b'"cells"': "no list of cells",
    b"[1, 2]": "no list of cells",
    b"null": "no list of cells",
    b'{"cells": 3}': "no list of cells",
    b"[" * 1_000_000: "nested deeper",
}


@pytest.mark.parametrize("data", OTHERS, ids=OTHERS.values())
def test_another_kind_of_file_is_called_what_it_is(data):
    found = handed(data)
    assert OTHERS[data] in found.problem and "hand" in found.problem.lower() and not found.cells
    assert found.problem.endswith(".") and len(found.problem) < 300


PRETTY = json.dumps(json.loads(notebook(*RIGHT)), indent=1)


@pytest.mark.parametrize("cut", [1, 3, 40, 200, len(PRETTY) // 2])
def test_an_upload_that_was_cut_off_is_called_that(cut):
    assert "ends in the middle" in handed(PRETTY[:-cut].encode()).problem


def slip(old, new, count=1):
    assert old in PRETTY
    text = PRETTY.replace(old, new, count)
    line = next(i for i, (a, b) in enumerate(zip(text.split("\n"), PRETTY.split("\n"), strict=False), 1) if a != b)
    return text, line


@pytest.mark.parametrize(
    ("old", "new", "words", "below"),
    [
        ("\n ],", ",\n ],", "a comma before ]", 1),
        ("\n  },", ",\n  },", "a comma before }", 1),
        ('"cell_type": "code",', '"cell_type": "code"', "is not JSON", 1),
        ('"cell_type": "code"', '"cell_type: "code"', "is not JSON", 0),
        ('"cell_type": "code",', '"cell_type": "code,', "a quotation mark is missing", 0),
        ('"nbformat": 4', "'nbformat': 4", "is not JSON", 0),
        ('"execution_count": null', '"execution_count": None', "is not JSON", 0),
    ],
)
def test_a_slip_in_the_json_is_named_with_its_line(old, new, words, below):
    text, line = slip(old, new)
    problem = handed(text.encode()).problem
    assert words in problem and f"line {line + below}, column" in problem


def test_both_sides_of_a_merge_conflict_are_named_with_their_line():
    text, line = slip('   "source"', '<<<<<<< HEAD\n   "source": "x",\n=======\n   "source"')
    assert f"merge conflict (line {line} begins" in handed(text.encode()).problem
    assert "merge conflict (line 1 begins" in handed(f"<<<<<<< HEAD\n{PRETTY}".encode()).problem


def test_a_text_about_merge_conflicts_in_a_cell_is_no_merge_conflict():
    assert not handed(notebook("s = '''\n<<<<<<< HEAD\n'''", *RIGHT)).problem


# --- Scripts, other cells, definitions -----------------------------------------------------------------


@pytest.mark.parametrize("place", ["anna.py", "anna.ipynb", "anna.txt"])
def test_a_script_with_the_functions_in_it_is_read(place):
    script = "\n\n".join(RIGHT)
    assert sources(script.encode(), place) == [script]
    assert set(handed(script.encode(), place).defined) >= {"glide_step", "ahead_step"}


@pytest.mark.parametrize("mark", ["# %%", "#%% tests", "# In[3]:", "# <codecell>", "# %% [markdown]"])
def test_a_script_of_cells_is_read_as_cells(mark):
    script = f"import numpy\r\n{mark}\r\n{GLIDE}\r\n{mark}\r\n{AHEAD}"
    assert sources(script.encode("utf-8-sig"), "a.py") == [
        "import numpy",
        f"{mark}\n{GLIDE}",
        f"{mark}\n{AHEAD}",
    ]


def test_a_script_without_a_function_says_so():
    assert "no function of an exercise is written" in handed(b"import numpy\nx = 1\n", "anna.py").problem


@pytest.mark.parametrize(
    ("kind", "shown"), [("markdown", "Markdown"), ("raw", "Raw"), ("heading", "Heading"), ("?", "text")]
)
@pytest.mark.parametrize("source", [GLIDE, f"```python\n{GLIDE}\n```", GLIDE.replace("\n", "\n> ")])
def test_a_function_in_a_cell_that_does_not_run_is_named(kind, shown, source):
    for others in ([], [("code", STUB)]):
        assert handed(cells(("code", "x = 1"), (kind, source), *others)).asleep == {"glide_step": ["cell 2", shown]}
    assert handed(cells(("code", "x = 1"), (kind, source), ("code", GLIDE))).asleep == {}


DEFINITIONS = {
    "a function": f"{SIGNATURE}\n    return 1",
    "one that is decorated": f"@cache\n@other(3)\n{SIGNATURE}\n    return 1",
    "one in if": f"if True:\n    x = 1\n    {SIGNATURE}\n        return 1",
    "one in else": f"if False:\n    pass\nelif x:\n    pass\nelse:\n    {SIGNATURE}\n        return 1",
    "one in try": f"try:\n    {SIGNATURE}\n        return 1\nexcept ValueError:\n    pass",
    "one in except": f"try:\n    pass\nexcept ValueError:\n    {SIGNATURE}\n        return 1",
    "one in finally": f"try:\n    pass\nfinally:\n    {SIGNATURE}\n        return 1",
    "one in with": f"with open('x') as y:\n    {SIGNATURE}\n        return 1",
    "one in for": f"for _ in range(1):\n    {SIGNATURE}\n        return 1",
    "one in while": f"while True:\n    {SIGNATURE}\n        return 1\n    break",
    "one in match": f"match 3:\n    case 3:\n        {SIGNATURE}\n            return 1",
    "one that waits": f"async {SIGNATURE}\n    return 1",
    "a lambda": "glide_step = lambda *a: 1",
    "an annotated lambda": "glide_step: object = lambda *a: 1",
    "one of several names": "a = glide_step = f",
    "one of a tuple": "glide_step, b = f, g",
    "a class": "class glide_step:\n    pass",
}
NO_DEFINITIONS = {
    "a call": "glide_step(1)",
    "one inside a function": f"def f():\n    {SIGNATURE}\n        return 1",
    "one inside a class": f"class A:\n    {SIGNATURE}\n        return 1",
    "an annotation": "glide_step: object",
    "a text": f'"""\n{SIGNATURE}\n    return 1\n"""',
    "an attribute": "x.glide_step = 1",
    "one that is imported": "from mine import glide_step",
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_what_defines_a_function_is_found_with_its_lines(name):
    source = f"import numpy\n\n{DEFINITIONS[name]}\n\nx = 1"
    ((cell, first, stub, last),) = handed(notebook("y = 1", source)).defined["glide_step"]
    assert (cell, stub) == ("cell 2", False)
    part = "\n".join(source.split("\n")[first - 1 : last])
    assert "glide_step" in part and part in DEFINITIONS[name]
    assert ("@cache" in part) == ("decorated" in name)


@pytest.mark.parametrize("name", NO_DEFINITIONS)
def test_what_defines_none_is_not_taken_for_one(name):
    assert handed(notebook(NO_DEFINITIONS[name])).defined == {}


def test_a_cell_that_is_not_python_is_named_with_its_line():
    found = handed(notebook("x = 1", "y = 2\nz = (1\n", GLIDE))
    assert [(cell, line) for cell, line, _ in found.unparsed] == [("cell 2", 2)]
    assert "glide_step" in found.defined and len(found.cells) == 3


def test_spare_stubs_go_and_line_numbers_stay():
    source = f"x = 1\n\n{STUB}\ny = 2\nif x:\n" + "\n".join("    " + line for line in STUB.split("\n"))
    found = handed(notebook(GLIDE, source))
    made, notes = found.without_spare_stubs(["glide_step"])
    assert made[1][1].count("\n") == source.count("\n")
    assert "NotImplementedError" not in made[1][1] and "y = 2\nif x:\n    pass" in made[1][1]
    assert notes == ["cell 2 holds an untouched copy of glide_step; the one in cell 1 was marked."]


def test_a_lone_stub_stays():
    found = handed(notebook(STUB, STUB))
    assert found.without_spare_stubs(["glide_step"]) == (found.cells, [])


# --- Too much ------------------------------------------------------------------------------------------

LARGE = {
    "a line of spaces": ["x = (\n" + " " * 199_000 + "y"],
    "many of them": ["x = (\n" + " " * 19_000 + "y"] * 20,
    "commands": ["!a\n" * 66_000],
    "commands in what is not Python": ["!a\n" * 66_000 + "x = ("],
    "stubs": [f"{STUB}\n" * 1200] * 4,
    "parentheses": ["(" * 199_000],
    "nested lists": ["[" * 90_000 + "]" * 90_000],
    "minus signs": ["-" * 190_000 + "1"],
    "nots": ["not " * 40_000 + "1"],
    "attributes": ["a" + ".b" * 90_000],
    "calls": ["a" + "()" * 90_000],
    "a long sum": ["1" + " + 1" * 40_000],
    "lambdas": ["lambda:" * 20_000 + "1"],
    "elifs": ["if a: pass\n" + "elif b: pass\n" * 1_200],
    "more elifs": ["if a: pass\n" + "elif b: pass\n" * 14_000],
    "digits": ["x = " + "9" * 190_000],
    "decimals": ["x = " + "9" * 190_000 + ".0"],
    "a long f-string": ["f'" + "{x}" * 9_000 + "'"],
    "text after text": ["'a' " * 45_000],
    "backslashes": ["\\\n" * 95_000 + "x"],
    "decorators": ["@a\n" * 60_000 + "def f(): pass"],
    "indents": ["\n".join(" " * i + "if x:" for i in range(600))],
    "quotation marks": ["'" * 190_001],
    "half signs": ["x = '\ud800\udfff'\ny = '\udc00'"],
    "question marks": ["a?" * 90_000, "?" * 190_000, "a" * 190_000 + "?"],
    "equals signs": ["a=" * 90_000, "a,b " * 40_000 + "= !x"],
}


@pytest.mark.parametrize("name", LARGE)
def test_what_is_large_is_read_in_its_time_and_costs_no_other_cell(name):
    source = [*LARGE[name], GLIDE]
    data = json.dumps({"cells": [{"cell_type": "code", "source": text} for text in source]}).encode()
    found = handed(data)
    assert not found.problem and len(found.cells) == len(source)
    assert [cell for cell, _, stub, _ in found.defined["glide_step"] if not stub] == [f"cell {len(source)}"]


def test_what_is_too_large_is_left_out_and_said():
    found = handed(notebook("x" * 200_001, *["x = [1, 2, 3]\n" * 14_000] * 45, GLIDE))
    assert found.notes[0] == "cell 1 was left out: it has 200001 characters, more than 200000."
    assert "for all cells together" in found.notes[1]
    assert sum(len(source) for _, source in found.cells) <= 1_000_000
    assert set(found.defined) == {"glide_step"}
    many = handed(notebook(*["x"] * 2_500))
    assert len(many.cells) == 2_000 and "2500 cells" in many.notes[0]


@pytest.mark.parametrize(("part", "count"), [(b"[],", 8_000_000), (b"{},", 8_000_000), (b'"\\u00e9",', 2_500_000)])
def test_json_that_takes_too_much_memory_is_refused_and_harms_nobody(monkeypatch, part, count):
    monkeypatch.setattr(module, "MEMORY", 256 << 20)
    with Reader() as reader:
        found = reader.read_bytes("a.ipynb", b'{"cells": [' + part * count + b"0]}")
        assert found.problem or not found.cells
        assert len(reader.read_bytes("a.ipynb", notebook(*RIGHT)).cells) == len(RIGHT)


def test_numbers_without_end_are_forgiven():
    document = json.loads(notebook(*RIGHT))
    data = json.dumps(document).replace('"execution_count": null', f'"execution_count": {"9" * 100_000}').encode()
    assert len(handed(data).cells) == len(RIGHT)


@pytest.mark.parametrize(
    "document",
    [
        {"cells": [None, 3, [], {}, {"cell_type": "code"}, {"cell_type": "code", "source": 5}]},
        {"cells": [{"cell_type": "code", "source": ["x = 1\n", None, 7]}]},
        {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}, None], "nbformat": 3},
        {"cells": [{"cell_type": ["code"], "source": "x"}, {"cell_type": {}, "source": GLIDE}]},
        {"cells": []},
    ],
)
def test_odd_documents_are_forgiven(document):
    found = handed(json.dumps(document).encode())
    assert not found.problem and [source for _, source in found.cells] in ([], ["x = 1\n"], ["x = 1"])


def test_an_answer_is_not_asked_for_again_unless_the_file_changes(tmp_path, monkeypatch):
    path, asked, exchange = tmp_path / "a.ipynb", [], Reader._exchange
    monkeypatch.setattr(Reader, "_exchange", lambda *args: asked.append(1) or exchange(*args))
    path.write_bytes(notebook(*RIGHT))
    with Reader() as reader:
        found = [reader.read("a.ipynb", path) for _ in range(5)]
        assert found == found[:1] * 5 and len(asked) == 1
        path.write_bytes(notebook(*RIGHT[:2]))
        assert len(reader.read("a.ipynb", path).cells) == 2 and len(asked) == 2


def test_answers_are_kept_while_there_is_room_and_those_that_took_long_make_some(tmp_path, monkeypatch):
    asked, exchange = [], Reader._exchange
    monkeypatch.setattr(Reader, "_exchange", lambda *args: asked.append(1) or exchange(*args))

    def questions(name):
        """How often the process was asked for one more answer about this file."""
        (path := tmp_path / name).exists() or path.write_bytes(notebook(*RIGHT, f"# {name}"))
        before = len(asked)
        assert len(reader.read(name, path).cells) == len(RIGHT) + 1
        return len(asked) - before

    with Reader() as reader:
        questions("a")
        size = module.KEPT - reader.room
    monkeypatch.setattr(module, "KEPT", int(2.5 * size))
    monkeypatch.setattr(module, "LONG", 100)  # however busy this computer is
    with Reader() as reader:
        assert [questions(name) for name in "abcabc"] == [1, 1, 1, 0, 0, 1]
        monkeypatch.setattr(module, "LONG", -1)  # all took long, those too whose time is below what the clock tells
        assert [questions(name) for name in "cdcdb"] == [1, 1, 0, 0, 1]
        assert sum(map(len, reader.kept.values())) == module.KEPT - reader.room <= module.KEPT
    monkeypatch.setattr(module, "KEPT", 10)
    with Reader() as reader:
        assert [questions("a") for _ in range(2)] == [1, 1] and not reader.kept


def test_many_files_are_read_in_the_time_of_a_few(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(notebook("f'" + "{x}" * 60_000 + "'"))
    with Reader() as reader:
        assert "in the time" in reader.read("a.ipynb", path, (), 0.1).problem
        path.write_bytes(notebook(*RIGHT))
        assert len(reader.read("a.ipynb", path, (), 0.1).cells) == len(RIGHT)
