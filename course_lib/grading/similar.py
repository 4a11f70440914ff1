"""Answers that are alike, as pairs for a person to look at. Never a verdict: short answers to one question are alike.

An answer is compared by its syntax tree: names that it gives itself, numbers, texts, comments, docstrings and
annotations make no difference. What is left is cut into pieces of ``PIECE`` nodes. Pieces that our solution, the known
mistakes or what was handed out have too say nothing, nor do those that many students have; of the others, the share
that two answers have in common is counted.
"""

import ast
import inspect
import textwrap
from collections import Counter
from dataclasses import dataclass
from html import escape
from itertools import combinations

from course_lib.checks import asked
from course_lib.grading.exports import number, table
from course_lib.grading.feedback import full_name, page
from course_lib.grading.private import write_text

PIECE = 6  # nodes
FEWEST = 8  # pieces of an answer's own, fewer say nothing
COMMON = 0.34  # share of the students; what more of them have is everybody's
SHARE = 0.6  # from which on a pair is shown
MOST = 60  # pairs
STYLE = """<style>
body { max-width: 96rem } .two { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
pre { overflow: auto; background: #f4f5f7; padding: .5rem } article { border-top: 1px solid #999; padding: .6rem 0 }
</style>"""
LEAD = (
    "Pairs of answers that have more in common than the exercise asks for: look at them, and ask. Friends who sat "
    "together, a common book and chance look the same as copying."
)


@dataclass(frozen=True)
class Pair:
    """Two answers to one exercise.

    Attributes:
        exercise: its id.
        first, second: the students' rows.
        share: of the smaller answer's own pieces that the other has too.
        pieces: how many these are.
    """

    exercise: str
    first: dict
    second: dict
    share: float
    pieces: int

    def sources(self):
        """The two answers."""
        return [_source(row, self.exercise) for row in (self.first, self.second)]


def pieces(source):
    """The pieces of an answer, as a set; of what is no Python there are none."""
    try:
        tree = ast.parse(textwrap.dedent(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    nodes = list(_nodes(tree, _own_names(tree)))
    return frozenset(tuple(nodes[i : i + PIECE]) for i in range(len(nodes) - PIECE + 1))


def _own_names(tree):
    """Names that the answer gives itself: arguments, and what is assigned to."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
    return found


def _nodes(node, own):
    """The nodes below, in order, as words: ``"BinOp"``, ``"name"``, ``"np"``, ``".sqrt"``."""
    if isinstance(node, ast.Name):
        yield "name" if node.id in own else node.id
    elif isinstance(node, ast.Constant):
        yield type(node.value).__name__
    elif isinstance(node, ast.Attribute):
        yield f".{node.attr}"
    elif not isinstance(node, ast.expr_context | ast.Load):
        yield type(node).__name__
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        below = _without_docstring(value) if name == "body" and isinstance(value, list) else value
        for child in below if isinstance(below, list) else [below]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.expr_context):
                yield from _nodes(child, own)


def _without_docstring(body):
    return [
        one
        for one in body
        if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and one.value.value)
    ]


def known_texts(id):
    """Our own answers to an exercise: the reference, the known mistakes, and the code that is handed out."""
    exercise = asked().get(id)
    functions = [getattr(exercise, "reference", None), getattr(exercise, "faulty", None)]
    functions += [mistake.function for mistake in getattr(exercise, "mistakes", ())]
    for function in filter(None, functions):
        try:
            yield textwrap.dedent(inspect.getsource(function))
        except (OSError, TypeError):
            continue


def pairs(rows, known=known_texts):
    """``Pair``s of the answers in these rows, the most alike first.

    Args:
        rows: as ``marking.mark_submission`` makes them.
        known: ``id -> texts`` that say nothing where they are found again.
    """
    found = []
    for id in [one["id"] for row in rows[:1] for one in row["exercises"] if one.get("function")]:
        ours = frozenset().union(*map(pieces, known(id)))
        answers = [(row, made - ours) for row in rows if (made := pieces(_source(row, id)))]
        count = Counter(piece for _, made in answers for piece in made)
        most = max(3, COMMON * len(answers))
        own = [(row, {piece for piece in made if count[piece] <= most}) for row, made in answers]
        for (first, mine), (second, theirs) in combinations([one for one in own if len(one[1]) >= FEWEST], 2):
            shared = len(mine & theirs)
            share = shared / min(len(mine), len(theirs))
            if share >= SHARE:
                found.append(Pair(id, first, second, share, shared))
    return sorted(found, key=lambda one: (-one.share, -one.pieces, one.exercise, one.first["student"]))[:MOST]


def _source(row, id):
    return next((one.get("source", "") for one in row["exercises"] if one["id"] == id), "")


def write_similar(rows, folder, solutions=()):
    """``similar.csv`` and ``similar.html`` into the results. Returns ``(paths, number of pairs)``.

    ``solutions``: texts of further answers of ours, such as those of ``solutions/``.
    """
    found = pairs(rows, lambda id: [*known_texts(id), *solutions])
    head = ["exercise", "first", "second", "share", "pieces in common"]
    lines = [
        [one.exercise, one.first["student"], one.second["student"], f"{one.share:.2f}", number(one.pieces)]
        for one in found
    ]
    write_text(folder / "similar.csv", table([head, *lines]))
    write_text(folder / "similar.html", page("Similar answers", _page(found)))
    return [folder / "similar.html", folder / "similar.csv"], len(found)


def _page(found):
    articles = "".join(map(_article, found)) or "<p>No pair is more alike than the exercise asks for.</p>"
    return f"{STYLE}<h1>Similar answers</h1><p>{escape(LEAD)}</p>{articles}"


def _article(pair):
    names = " and ".join(escape(full_name(row)) for row in (pair.first, pair.second))
    sides = "".join(f"<pre>{escape(text)}</pre>" for text in pair.sources())
    about = f"{100 * pair.share:.0f} % of the smaller answer's own pieces, {pair.pieces} of them"
    return f'<article><h2>{escape(pair.exercise)}: {names}</h2><p>{about}</p><div class="two">{sides}</div></article>'
