"""Solutions with one thing changed, and whether the checks notice.

    python -m tests.mutants [03-2 ...] [--seeds 20]

takes the function of each solution apart (operators, comparisons, numbers, axes, the order of statements, statements
left out, results exchanged, copies that become aliases, branches never taken), runs every mutant through the checks of
its exercise and prints those that earn all points at some seed. A survivor is a hole in the checks, or it computes the
same: then it stands in ``same_mutants.py`` with the reason.
"""

import argparse
import ast
import copy
import difflib
import sys
from pathlib import Path

import nbformat
import numpy as np

from course_lib.checks import EXERCISES
from course_lib.checks.limits import limited
from tests.same_mutants import SAME

ROOT = Path(__file__).parents[1]
SWAPPED = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
RELATIVES = ("sum mean", "max min", "argmax argmin", "maximum minimum", "var std", "zeros ones", "zeros_like ones_like")
OTHER_NAME = {one: other for pair in RELATIVES for one, other in (pair.split(), pair.split()[::-1])}
REASONS = {mutant: reason for reason, listed in SAME.items() for mutant in listed}


def solutions():
    """``{exercise id: (source of the function, set-up of its notebook)}``."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("*.ipynb")):
        cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        setup = "\n".join(cell.source for cell in cells if cell.metadata.get("course", {}).get("role") == "setup")
        for cell in cells:
            course = cell.metadata.get("course", {})
            if course.get("role") == "solution" and course["exercise"] in EXERCISES:
                found.setdefault(course["exercise"], (cell.source, setup))
    return found


def _variants(node, names):
    """Nodes that may stand in the place of ``node``, each with one thing changed in it; ``names``: of the arguments."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        place = names.index(node.id)
        for other in {names[place - 1], names[(place + 1) % len(names)]} - {node.id}:
            yield ast.Name(other, ast.Load())
    if isinstance(node, ast.Attribute) and node.attr in OTHER_NAME:
        yield _with(node, attr=OTHER_NAME[node.attr])
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        for other in SWAPPED.get(type(node.op), ()):
            yield _with(node, op=other())
    if isinstance(node, ast.BinOp):
        yield node.left
        yield node.right
    if isinstance(node, ast.Compare):
        for other in SWAPPED.get(type(node.ops[0]), ()):
            yield _with(node, ops=[other(), *node.ops[1:]])
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in {node.value + 1, node.value - 1, 2 * node.value} - {node.value}:
            yield ast.Constant(value)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield ast.Constant(not node.value)
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.IfExp):
        yield node.body
        yield node.orelse
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        for i in range(len(node.elts) - 1):
            order = [*node.elts[:i], node.elts[i + 1], node.elts[i], *node.elts[i + 2 :]]
            yield _with(node, elts=order)
    if isinstance(node, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(node, part) is not None:
                yield _with(node, **{part: None})
    if isinstance(node, ast.Call):
        yield from _other_calls(node)


def _other_calls(node):
    for i, keyword in enumerate(node.keywords):
        rest = node.keywords[:i], node.keywords[i + 1 :]
        yield _with(node, keywords=[*rest[0], *rest[1]])
        if keyword.arg in ("axis", "dim"):
            other = ast.Constant(1 if getattr(keyword.value, "value", 1) == 0 else 0)
            yield _with(node, keywords=[*rest[0], ast.keyword(keyword.arg, other), *rest[1]])
    if len(node.args) == 1 and not node.keywords:
        yield node.args[0]  # the function left out
    if len(node.args) == 2:
        yield _with(node, args=node.args[::-1])
    if isinstance(node.func, ast.Attribute) and not (
        isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
    ):
        yield node.func.value  # the method left out: an alias where it was a copy


def _with(node, **fields):
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _other_bodies(body):
    """Lists of statements with one left out, two exchanged, or a branch that is never or always taken."""
    for i, statement in enumerate(body):
        if not (isinstance(statement, (ast.Return, ast.FunctionDef)) and statement is body[-1]):
            rest = [*body[:i], *body[i + 1 :]]
            yield rest or [ast.Pass()]
        if i + 1 < len(body):
            yield [*body[:i], body[i + 1], statement, *body[i + 2 :]]
        if isinstance(statement, ast.If):
            for value in (False, True):
                yield [*body[:i], _with(statement, test=ast.Constant(value)), *body[i + 1 :]]


def _places(tree):
    """``(parent, field, index)`` of every node and of every body below ``tree``."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.AST):
                yield parent, field, None
            elif isinstance(value, list):
                yield from ((parent, field, i) for i, item in enumerate(value) if isinstance(item, ast.AST))
                if field in ("body", "orelse") and value and isinstance(value[0], ast.stmt):
                    yield parent, field, "all"


def mutants(source):
    """``{source of a mutant}`` of a function, in their order; its docstring is left out."""
    tree = ast.parse(source)
    function = tree.body[0]
    if ast.get_docstring(function):
        function.body = function.body[1:]
    original, found = ast.unparse(tree), {}
    names = [argument.arg for argument in function.args.args]
    for parent, field, index in list(_places(function)):
        if field in ("args", "decorator_list", "returns") and parent is function:
            continue
        value = getattr(parent, field)
        options = _other_bodies(value) if index == "all" else _variants(value if index is None else value[index], names)
        for option in options:
            new = option if index in (None, "all") else [*value[:index], option, *value[index + 1 :]]
            setattr(parent, field, new)
            found[ast.unparse(ast.fix_missing_locations(tree))] = None
            setattr(parent, field, value)
    found.pop(original, None)
    return list(found)


def changed(source, mutant):
    """What is different in a mutant, as one line of text: the lines that are new, and those that are gone."""
    tree = ast.parse(source)
    if ast.get_docstring(tree.body[0]):
        tree.body[0].body = tree.body[0].body[1:]
    lines = difflib.ndiff(ast.unparse(tree).splitlines(), mutant.splitlines())
    return " ".join(f"{line[0]} {line[2:].strip()}" for line in lines if line[0] in "+-")


def function_of(source, setup, name):
    """The function that ``source`` defines, with a limit on its time."""
    space = {}
    exec(setup, space)
    exec(compile(source, f"<mutant of {name}>", "exec"), space)
    return limited(space[name], 0.3)


def earns_all(exercise, function, seeds):
    """The seeds at which ``function`` earns all points; the checks of the whole are asked first."""
    return [seed for seed in seeds if _passes(exercise, function, seed)]


def _passes(exercise, function, seed):
    from course_lib.checks.kit import _try

    with np.errstate(all="ignore"):
        checks = sorted(exercise.checks, key=lambda check: not check.whole)
        return all(_try(check, function, seed, exercise.profile).error is None for check in checks)


def survivors(id, source, setup, seeds, take=None):
    """``{mutant: seeds}`` of the mutants that earn all points at some seed and stand nowhere with a reason."""
    exercise, found = EXERCISES[id], {}
    for mutant in mutants(source)[:: take or 1]:
        try:
            function = function_of(mutant, setup, exercise.function)
        except SyntaxError:
            continue
        passed = earns_all(exercise, function, seeds)
        if passed and (id, changed(source, mutant)) not in REASONS:
            found[mutant] = passed
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("ids", nargs="*")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--take", type=int, default=1, help="only every so-manyth mutant")
    given, lost = parser.parse_args(arguments), 0
    for id, (source, setup) in solutions().items():
        if given.ids and not any(id.startswith(start) for start in given.ids):
            continue
        found = survivors(id, source, setup, range(given.seeds), given.take)
        lost += len(found)
        print(f"{id}: {len(mutants(source)[:: given.take])} mutants, {len(found)} survive", flush=True)
        for mutant, passed in found.items():
            print(f"    {changed(source, mutant)!r} earns all at {len(passed)} of {given.seeds} seeds")
    return lost


if __name__ == "__main__":
    sys.exit(main() > 0)
