"""Typed formulas: the right graph, the right derivatives, and nothing that is not a formula."""

import numpy as np
import pytest

from course_lib.autodiff import trace
from course_lib.autodiff.expression import FUNCTIONS, MOST_NODES, parse_formula
from course_lib.finite_differences import central_difference

VALUES = {"w": 0.7, "x": 1.3, "y": 0.4, "z": -0.6}


@pytest.mark.parametrize(
    "text",
    ["(x + y) * (y + 1)", "sigmoid(w*x + z)", "(w*x + z - y)**2", "log(exp(x) + exp(y)) - x", "-x / (2 - y)", "x**y"]
    + [f"{name}(x * y)" for name in FUNCTIONS if name != "stop"],
)
def test_value_and_deltas_are_those_of_the_formula(text):
    formula = parse_formula(text, VALUES)
    formula.result.backward()
    names = list(formula.inputs)

    def value(theta):
        return float(parse_formula(text, VALUES | dict(zip(names, theta, strict=True))).result.value)

    theta = np.array([VALUES[name] for name in names])
    deltas = [float(formula.inputs[name].delta) for name in names]
    np.testing.assert_allclose(deltas, central_difference(value, theta), rtol=1e-7, atol=1e-9)


def test_behind_stop_nothing_is_counted():
    formula = parse_formula("tanh(w*stop(tanh(w*x)) + y)", VALUES)
    formula.result.backward()
    w, h = VALUES["w"], np.tanh(VALUES["w"] * VALUES["x"])
    slope = 1 - np.tanh(w * h + VALUES["y"]) ** 2
    deltas = {name: float(leaf.delta) for name, leaf in formula.inputs.items()}
    assert deltas == pytest.approx({"w": slope * h, "x": 0.0, "y": slope})


def test_equal_parts_are_one_node_so_that_paths_merge():
    formula = parse_formula("sin(sin(x) + cos(x)) + cos(sin(x) + cos(x))", VALUES)
    assert len(trace.nodes(formula.result)) == 7
    assert trace.number_of_paths(formula.result) == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a formula"),
        ("x +", "not a formula"),
        ("x = 1", "not a formula"),
        ("__import__('os').system('true')", "no function"),
        ("x.__class__", "not part of a formula"),
        ("(lambda: x)()", "no function"),
        ("exp(x, y)", "one argument"),
        ("exp(x=y)", "one argument"),
        ("q + 1", "no variable 'q'"),
        ("open('f')", "no function 'open'"),
        ("[x]", "not part of a formula"),
        ("x if y else z", "not part of a formula"),
        ("'a' * x", "not a number"),
        ("True * x", "not a number"),
        ("1j * x", "not a number"),
        ("9**9**9**9 * x", "not a finite number"),
        ("log(x - x)", "not a finite number"),
        ("1 / (x - x)", "not a finite number"),
        ("3 + 4", "no variable"),
        ("x" + " + x" * 80, "letters"),
        ("(" * 99 + "x" + ")" * 100, "not a formula"),
        ("+".join(f"x*{n}" for n in range(2, 25)), "nodes"),
    ],
)
def test_what_is_not_a_formula_is_refused_in_one_sentence(text, says):
    with pytest.raises(ValueError, match=says) as caught:
        parse_formula(text, VALUES)
    assert "\n" not in str(caught.value)


def test_no_graph_is_larger_than_what_can_be_drawn():
    text = "+".join(f"x*{n}" for n in range(2, 12))
    assert len(trace.nodes(parse_formula(text, VALUES).result)) <= MOST_NODES
