"""From the text of a cell to its statements: each stands and falls alone.

Python that is whole is split by its syntax tree. In a cell that is not, IPython's own lines are taken out, and if that
does not help, each piece that begins at the left margin is read by itself, so that one broken line takes nothing with
it. Everything here is linear in the length of the text.
"""

import ast
import re
import warnings
from typing import NamedTuple

JUPYTER = "Jupyter"  # the kind of what only Jupyter understands
OTHER_LANGUAGES = frozenset(
    [
        "!",
        "bash",
        "cmd",
        "cpp",
        "cython",
        "file",
        "html",
        "javascript",
        "js",
        "julia",
        "latex",
        "markdown",
        "mermaid",
        "perl",
        "powershell",
        "pypy",
        "python",
        "python2",
        "python3",
        "R",
        "ruby",
        "rust",
        "script",
        "sh",
        "sql",
        "svg",
        "sx",
        "system",
        "writefile",
    ]
)
AROUND_PYTHON = frozenset({"capture", "prun", "time", "timeit"})
AUTOMAGIC = frozenset(
    [
        "alias",
        "autoreload",
        "bookmark",
        "cat",
        "cd",
        "clear",
        "conda",
        "config",
        "cp",
        "env",
        "history",
        "less",
        "ll",
        "load_ext",
        "ls",
        "lsmagic",
        "magic",
        "mamba",
        "matplotlib",
        "mkdir",
        "more",
        "mv",
        "pdb",
        "pinfo",
        "pip",
        "psource",
        "pwd",
        "pylab",
        "rehashx",
        "reset",
        "rm",
        "rmdir",
        "run",
        "set_env",
        "time",
        "timeit",
        "uv",
        "who",
        "whos",
        "writefile",
        "xmode",
    ]
)
TIMING = ("%time ", "%prun ", "%memit ")  # what follows is Python, and counts
TOKEN = re.compile(r"#.*|'''|\"\"\"|'(?:[^'\\]|\\.)*'?|\"(?:[^\"\\]|\\.)*\"?|[()\[\]{}]|\\$")
QUOTED = {quote: re.compile(rf"\\.|{quote}") for quote in ("'''", '"""')}
GOES_ON = re.compile(r"(?:async\s+)?(?:if|for|while|try)\b")  # may have clauses
CLAUSE = re.compile(r"(?:else|elif|except|finally)\b")
OPENER = re.compile(r"(?:async\s+)?(?:def|class|if|for|while|try|with|match)\b")
FRESH = re.compile(r"(?:(?:async\s+)?def|class|import|from)\s|@")  # never inside brackets
HELP = re.compile(r"[\w.%*\[\]'\"]+")
TARGETS = re.compile(r"[\w, ]+")
PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)|In \[\d+\]: |\s*\.{3,}: ?")


class Statement(NamedTuple):
    """One statement at the top of a cell, or a piece of text that is none.

    Attributes:
        line, last: its first and last line in the cell, from 1; decorators belong to it.
        tree: its syntax tree, ``None`` if it cannot be run.
        kind, message: why it cannot: ``JUPYTER`` and the line, or the name of an exception and its text.
        place: the line that ``message`` speaks of.
        names: what it would have assigned, as far as that is known of what cannot be run.
    """

    line: int
    last: int
    tree: ast.stmt | None = None
    kind: str = ""
    message: str = ""
    place: int = 0
    names: tuple = ()


def statements(source):
    """The ``Statement``s of a cell, in order."""
    lines = _as_ipython_reads(source)
    if magic := _cell_magic(lines):
        word, name, python = magic
        lines[0] = ""
        if not python or (word not in AROUND_PYTHON and _parsed(lines)[0] is None):
            return [Statement(1, len(lines), None, JUPYTER, f"%%{word}", 1)]
        return ([Statement(1, 1, None, JUPYTER, f"%%{word}", 1, (name,))] if name else []) + _of_lines(lines)
    return _of_lines(lines)


def _of_lines(lines):
    trees, _ = _parsed(lines)
    return _of(trees) if trees is not None else _of_broken(lines)


def assigned(tree):
    """The names that a statement assigns, those inside functions and classes left out."""
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
            continue
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, ast.alias):
            found.append(node.asname or node.name.partition(".")[0])
        waiting += ast.iter_child_nodes(node)
    return tuple(name for name in dict.fromkeys(found) if name != "*")


def first_line(node):
    """Where a statement begins: at its first decorator."""
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


def _of(trees):
    return [Statement(first_line(tree), tree.end_lineno, tree) for tree in trees]


def _parsed(lines, first=0):
    """``(syntax trees, None)``, or ``(None, what is wrong)``; ``first``: lines of the cell above these."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return None, error
    return (ast.increment_lineno(tree, first) if first else tree).body, None


# --- IPython -------------------------------------------------------------------------------------------------


def _as_ipython_reads(source):
    """The lines of a cell: without prompts, and without the indent that all of it may have."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n")
    start = next((line for line in lines if line.strip()), "")
    if start.startswith((">>>", "In [")):
        return [line[PROMPT.match(line).end() :] if PROMPT.match(line) else line for line in lines]
    indent = start[: len(start) - len(start.lstrip())]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _cell_magic(lines):
    """``(word, name that it assigns, whether the rest is Python)`` of a cell that starts with ``%%``."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not lines[first].startswith("%%"):
        return None
    lines[0], lines[first] = lines[first], lines[0]
    word, _, rest = lines[0][2:].strip().partition(" ")
    name = rest.split(" ")[0] if word == "capture" else ""
    return word, name if name.isidentifier() else "", word not in OTHER_LANGUAGES


def is_jupyter(line):
    """Whether a line, at the start of a statement, is one that only IPython understands."""
    line = line.strip()
    if line.startswith(("%", "!", "?")):
        return True
    if line.endswith("?"):
        return bool(HELP.fullmatch(line.rstrip("?")))
    target, equals, value = line.partition("=")
    if equals and value.lstrip().startswith(("!", "%")) and TARGETS.fullmatch(target):
        return True
    word, _, rest = line.partition(" ")
    rest = rest.lstrip()
    operator = rest.startswith(("-=", "/=", "*=", "- ", "/ ", "* ", "> ", "in ", "is ", "and ", "or ", "if ", "not "))
    return word in AUTOMAGIC and bool(rest) and not operator and (rest[0].isalnum() or rest[0] in "-./~*>\"'$_%")


def _in_place_of(line):
    """What stands for one of IPython's lines: the Python that it times, else nothing."""
    indent, text = line[: len(line) - len(line.lstrip())], line.strip()
    timed = next((text.removeprefix(word) for word in TIMING if text.startswith(word)), "").strip()
    return indent + timed if timed and _parsed([timed])[0] else indent + "pass"


def _named(line):
    target, equals, _ = line.partition("=")
    names = [name.strip() for name in target.split(",")] if equals and TARGETS.fullmatch(target) else []
    return tuple(name for name in names if name.isidentifier())


# --- Text that is not Python as a whole -----------------------------------------------------------------------


def _of_broken(lines):
    """The statements of a cell with lines that are not Python."""
    found, cleaned = [], list(lines)
    logical = _logical_lines(lines)
    for first, end, jupyter in logical:
        if jupyter:
            cleaned[first] = _in_place_of(lines[first]) if end == first + 1 else _in_place_of("%")
            cleaned[first + 1 : end] = [""] * (end - first - 1)
            if cleaned[first].strip() == "pass":
                found.append(
                    Statement(first + 1, end, None, JUPYTER, lines[first].strip(), first + 1, _named(lines[first]))
                )
    trees, _ = _parsed(cleaned)
    found += _of(trees) if trees is not None else _pieces(cleaned, logical)
    taken_out = {(statement.line, statement.kind) for statement in found if statement.kind}
    found = [s for s in found if not (isinstance(s.tree, ast.Pass) and (s.line, JUPYTER) in taken_out)]
    return sorted(found, key=lambda statement: statement.line)


def _pieces(lines, logical):
    """What can be read of each piece at the left margin; neighbours that cannot are one."""
    found = []
    for first, end in _chunks(lines, logical):
        trees, error = _parsed(lines[first:end], first)
        if trees is not None:
            found += _of(trees)
            continue
        inside = lines[first:end]
        parts = [(first + a, first + b) for a, b in _chunks(inside, _logical_lines(inside, True), strict=True)]
        for a, b in parts:
            trees, error = _parsed(lines[a:b], a) if len(parts) > 1 else (None, error)
            found += _of(trees) if trees is not None else _above_the_fault(lines, a, b, error)
    merged = []
    for statement in found:
        if statement.tree is None and merged and merged[-1].tree is None:
            merged[-1] = merged[-1]._replace(last=statement.last)
        else:
            merged.append(statement)
    return merged


def _above_the_fault(lines, first, end, error):
    """A function that has returned before a line whose indent is wrong stands; else all of it is broken."""
    fault = first + (getattr(error, "lineno", None) or 1) - 1
    trees = _parsed(lines[first:fault], first)[0] if isinstance(error, IndentationError) and fault > first else None
    if trees and isinstance(getattr(trees[-1], "body", [None])[-1], ast.Return):
        return [*_of(trees), _broken(fault, end, error)._replace(place=fault + 1)]
    return [_broken(first, end, error)]


def _broken(first, end, error):
    """The ``Statement`` of lines that are not Python."""
    inside = getattr(error, "lineno", None) or 1
    message = error.msg if isinstance(error, SyntaxError) else "too deeply nested"
    return Statement(first + 1, end, None, type(error).__name__, message, min(first + inside, end))


def _logical_lines(lines, strict=False):
    """``[(first, end, whether only IPython understands it), ...]``: lines that brackets and quotes hold together.

    ``strict``: a definition or an import at the left margin, or any text there after an empty line, closes whatever
    is still open above it.
    """
    found, start, depth, quote, goes_on = [], None, 0, "", False
    for number, line in enumerate(lines):
        inside = depth > 0 or quote or goes_on
        after_gap = number and not lines[number - 1].strip() and line[:1].isalpha()
        if (strict and inside and (FRESH.match(line) or after_gap)) or (goes_on and FRESH.match(line)):
            depth, quote, goes_on, inside = 0, "", False, False
        if inside and start is None:  # a line of IPython's that is continued
            found[-1][1], goes_on = number + 1, line.endswith("\\")
            continue
        if not inside:
            start = None
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            jupyter = is_jupyter(line)
            found.append([number, number + 1, jupyter])
            if jupyter:
                goes_on = line.endswith("\\")
                continue
            start = number
        found[-1][1] = number + 1
        depth, quote, goes_on = _after(line, depth, quote)
    if quote and not strict:  # never closed: what stands below its first line is read again
        first = found[-1][0]
        again = _logical_lines(lines[first + 1 :], True)
        found[-1:] = [[first, first + 1, False], *([a + first + 1, b + first + 1, c] for a, b, c in again)]
    return found


def _after(line, depth, quote):
    """``(depth of brackets, open quote, whether it ends with a backslash)`` after a line."""
    at, goes_on = 0, False
    while at < len(line):
        token = (QUOTED[quote] if quote else TOKEN).search(line, at)
        if token is None:
            break
        at, text = token.end(), token[0]
        if quote:
            quote = "" if text == quote else quote
        elif text in QUOTED:
            quote = text
        elif text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(0, depth - 1)
        goes_on = text == "\\"
    return depth, quote, goes_on


def _chunks(lines, logical, strict=False):
    """``[(first, end), ...]``: the pieces that begin at the left margin, with what belongs to them.

    ``strict``: a decorator does not belong to what stands below it.
    """
    found, opened, decorated = [], False, False
    for first, end, _ in logical:
        line = lines[first]
        clause = found and CLAUSE.match(line) and GOES_ON.match(lines[found[-1][0]])
        if found and (decorated or clause or (opened and line[:1] in " \t")):
            found[-1][1] = end
        else:
            found.append([first, end])
            opened = False
        opened = opened or bool(OPENER.match(line))
        decorated = line.startswith("@") and not strict
    return found
