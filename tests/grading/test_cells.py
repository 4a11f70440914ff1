"""The text of a cell becomes statements, each by itself, in time that grows with its length and no faster."""

import ast
import time

import pytest

from course_lib.grading.cells import JUPYTER, assigned, statements
from tests.grading.handed_in import AHEAD, GLIDE, PAIR

FUNCTION = "def f(x):\n    return x"


def outline(source):
    """``[(first line, last line, kind of statement or why it is none), ...]``."""
    return [(s.line, s.last, type(s.tree).__name__ if s.tree else s.kind) for s in statements(source)]


CELLS = {
    "": [],
    "# only words": [],
    "x = 1\n\n\ny = 2": [(1, 1, "Assign"), (4, 4, "Assign")],
    "@a\n@b\ndef f(): pass": [(1, 3, "FunctionDef")],
    "x = 1; y = 2": [(1, 1, "Assign"), (1, 1, "Assign")],
    "%matplotlib inline\nx = 1": [(1, 1, JUPYTER), (2, 2, "Assign")],
    "pip install a\nx = 1": [(1, 1, JUPYTER), (2, 2, "Assign")],
    "!pip install a \\\n  b \\\n  c\nx = 1": [(1, 3, JUPYTER), (4, 4, "Assign")],
    "!echo \"it's (open\nx = 1": [(1, 1, JUPYTER), (2, 2, "Assign")],
    "files = !ls\na, b = %sql select": [(1, 1, JUPYTER), (2, 2, JUPYTER)],
    "?x\nx?\nnp.sum??\n%ls?": [(n, n, JUPYTER) for n in (1, 2, 3, 4)],
    "if True:\n    !ls\n    x = 1": [(1, 3, "If"), (2, 2, JUPYTER)],
    "%time x = 1\n%timeit x": [(1, 1, "Assign"), (2, 2, JUPYTER)],
    "%%time\nx = 1": [(2, 2, "Assign")],
    "\n%%time\nx = 1\nprint 1": [(3, 3, "Assign"), (4, 4, "SyntaxError")],
    "%%capture out\nx = 1": [(1, 1, JUPYTER), (2, 2, "Assign")],
    "%%bash\nls -l": [(1, 2, JUPYTER)],
    "%%writefile a.py\ndef f(): pass": [(1, 2, JUPYTER)],
    "%%some_extension --flag\nx = 1": [(2, 2, "Assign")],
    "%%some_extension\nselect * from x": [(1, 2, JUPYTER)],
    "a = (7\n% 4)\nb = '''\n!no command\n'''": [(1, 2, "Assign"), (3, 5, "Assign")],
    "x = 3 != 4\ncat = 1\ncd = cat - 1": [(1, 1, "Assign"), (2, 2, "Assign"), (3, 3, "Assign")],
    "    x = 1\n    if x:\n        y = 2": [(1, 1, "Assign"), (2, 3, "If")],
    ">>> x = 1\n>>> for i in y:\n...     print(i)": [(1, 1, "Assign"), (2, 3, "For")],
    "x = 1\nfrom __future__ import annotations": [(1, 1, "Assign"), (2, 2, "ImportFrom")],
    "await x\nasync for i in y: pass\nreturn 3": [(1, 1, "Expr"), (2, 2, "AsyncFor"), (3, 3, "Return")],
    f"{FUNCTION}\nprint 'x'": [(1, 2, "FunctionDef"), (3, 3, "SyntaxError")],
    f"print 'x'\n{FUNCTION}\nprint 'y'": [(1, 1, "SyntaxError"), (2, 3, "FunctionDef"), (4, 4, "SyntaxError")],
    f"x = (1,\n{FUNCTION}": [(1, 1, "SyntaxError"), (2, 3, "FunctionDef")],
    f"x = '''\n{FUNCTION}": [(1, 1, "SyntaxError"), (2, 3, "FunctionDef")],
    f"{FUNCTION}\n      y = 1\nz = 1": [(1, 2, "FunctionDef"), (3, 3, "IndentationError"), (4, 4, "Assign")],
    f"{FUNCTION}\n\ty = 1\nz = 1": [(1, 2, "FunctionDef"), (3, 3, "TabError"), (4, 4, "Assign")],
    f"def g(x)\n    return x\n{FUNCTION}": [(1, 2, "SyntaxError"), (3, 4, "FunctionDef")],
    "def g(x):\n    y = x x\n    return y\nz = 1": [(1, 3, "SyntaxError"), (4, 4, "Assign")],
    "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b": [
        (1, 1, "SyntaxError"),
        (2, 2, "Assign"),
        (3, 3, "SyntaxError"),
        (4, 4, "Assign"),
        (5, 5, "SyntaxError"),
    ],
    "if a:\n    b\nelse:\n    c\ntry:\n    d\nfinally:\n    e\nprint 1": [
        (1, 4, "If"),
        (5, 8, "Try"),
        (9, 9, "SyntaxError"),
    ],
}


@pytest.mark.parametrize("source", CELLS)
def test_a_cell_is_its_statements(source):
    assert outline(source) == CELLS[source]


BROKEN = [
    "print 'x'",
    "x = (1,",
    "x = [1, (2",
    "x = }",
    "s = 'open",
    'text = """never closed',
    "text = '''",
    "learning rate = 0.1",
    "for i in range(3) print(i)",
    "if x = 3:\n    pass",
    "def helper(x)\n    return x",
    "class :",
    "else:",
    "return = 3",
    "lambda x",
    "@",
    "a b c",
    "f(x))",
    "x = 1 + \\",
    "$cost",
    "1 = x",
    "import",
    "from x import",
    "x ==",
    "<<<<<<< HEAD",
    "Here I use the formula of the lecture.",
    "```python",
    "– 3",
    "x = “quoted”",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_broken_line_takes_no_function_with_it(broken, place, gap):
    pieces = [GLIDE, AHEAD, PAIR]
    pieces.insert(place, broken)
    found = statements(gap.join(pieces))
    names = [s.tree.name for s in found if isinstance(s.tree, ast.FunctionDef)]
    assert names == ["glide_step", "ahead_step", "rate_pair"]
    complaints = [s for s in found if s.tree is None]
    assert len(complaints) == 1
    first = gap.join(pieces[:place]).count("\n") + (len(gap) if place else 0) + 1
    assert first <= complaints[0].line <= complaints[0].place <= first + broken.count("\n")


@pytest.mark.parametrize("cut", range(4))
def test_a_function_that_is_broken_inside_is_no_function(cut):
    lines = GLIDE.split("\n")
    lines[cut] = lines[cut].replace("velocity", "velocity velocity").replace('"""One', '3 """One')
    assert not [s for s in statements("\n".join(lines)) if isinstance(s.tree, ast.FunctionDef)]


HOSTILE = {
    "spaces in a bracket": lambda n: "x = (\n" + " " * n + "y",
    "shell lines": lambda n: "!a\n" * (n // 3),
    "open brackets": lambda n: "x = (\n" * (n // 6),
    "quotes of both kinds": lambda n: "'''\n" * (n // 4) + '"""\n',
    "open strings in functions": lambda n: "def f(x)\n return '''\n" * (n // 22),
    "broken lines": lambda n: "print 3\n" * (n // 8),
    "depth": lambda n: "(" * n,
    "backslashes": lambda n: "\\\n" * (n // 2) + "1 1",
    "decorators": lambda n: "@a\n" * (n // 3) + "print 3",
    "quotes": lambda n: "'" * n + "\nprint 3",
    "words for Jupyter": lambda n: "pip " * (n // 4),
    "questions": lambda n: "a?" * (n // 2),
    "blocks": lambda n: "if x:\n" * (n // 6),
    "targets": lambda n: "a," * (n // 2) + "=!",
    "one long line": lambda n: "x" * n + " y",
    "escapes": lambda n: "s = '" + "\\'" * (n // 2) + "\nx y",
    "indents": lambda n: "\n".join(" " * (i % 50) + "x y" for i in range(n // 28)),
    "empty lines": lambda n: "x y" + "\n" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_text_and_no_faster(kind):
    seconds = []
    for size in (25_000, 200_000):
        source, began = HOSTILE[kind](size), time.process_time()
        statements(source)
        seconds.append(time.process_time() - began)
    assert seconds[1] < 0.5 + 32 * seconds[0], seconds  # eight times the text; squared, it would be 64


def test_what_a_statement_assigns():
    source = (
        "for i, (j, *k) in x:\n    with a as b, c as d.e: f = (g := 1)\n    def h(p): q = 1\n    import r.s, t as u"
    )
    assert set(assigned(ast.parse(source).body[0])) == set("ijkbfghru")
    assert statements("a, b = !ls")[0].names == ("a", "b")
