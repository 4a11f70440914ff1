"""The graph: order, deltas, length, refusals, and how it is stepped through."""

import time

import numpy as np
import pytest

from course_lib.autodiff import Dual, Node, gradient
from course_lib.autodiff.reverse import topological_order
from course_lib.autodiff.trace import (
    backward_steps,
    costs,
    edges,
    forward_steps,
    leaves,
    local_derivative,
    nodes,
    number_of_paths,
)


def chain(length):
    x = Node(1.0, "x")
    y = x
    for _ in range(length):
        y = y + 1e-5 * y
    return x, y


def test_a_second_backward_gives_the_same_deltas():
    x = Node([1.0, 2.0])
    y = np.sum(x**2)
    y.backward()
    y.backward()
    np.testing.assert_array_equal(x.delta, [2.0, 4.0])


def test_backward_from_another_result_does_not_add_up():
    x = Node(3.0)
    a, b = x**2, 5 * x
    a.backward()
    b.backward()
    assert x.delta == 5.0
    a.backward()
    assert x.delta == 6.0


def test_a_node_used_many_times_collects_all_its_shares():
    x = Node(3.0)
    y = x * x * x + x / x - x
    y.backward()
    assert x.delta == pytest.approx(26.0)


def test_deltas_arrive_before_they_are_sent_on():
    # The short path reaches b before the long one does: sending too early would lose a share.
    x = Node(2.0)
    b = x * 3
    long = b
    for _ in range(5):
        long = long * 2
    y = long + b
    y.backward()
    assert b.delta == 33.0
    assert x.delta == 99.0


def test_ten_thousand_nodes_in_a_row():
    x, y = chain(5_000)  # two nodes a turn
    y.backward()
    assert len(nodes(y)) == 10_001
    assert x.delta == pytest.approx((1 + 1e-5) ** 5_000, rel=1e-12)
    del x, y  # taking a long chain apart must not recurse either


def test_backward_takes_linear_time():
    chains = {length: chain(length)[1] for length in (2_500, 5_000)}
    seconds = {length: [] for length in chains}
    for _ in range(9):
        for length, y in chains.items():
            start = time.process_time()
            y.backward()
            seconds[length].append(time.process_time() - start)
    assert min(seconds[5_000]) / min(seconds[2_500]) <= 2.3


def test_a_ladder_has_exponentially_many_paths_and_few_edges():
    x = Node(1.0)
    y = x
    for _ in range(100):
        y = y + y
    assert number_of_paths(y) == 2**100
    count = costs(y)
    assert count.paths == 2**100 and count.edges == count.reverse == 200 and count.path_by_path == 100 * 2**100
    y.backward()
    assert x.delta == 2.0**100


def test_reverse_costs_one_pass_and_forward_one_for_each_input():
    xs = [Node(float(i + 1)) for i in range(8)]
    y = xs[0]
    for x in xs[1:]:
        y = y * x
    count = costs(y)
    assert (count.edges, count.reverse, count.forward) == (14, 14, 14 * 8)
    assert len(leaves(y)) == 8


def test_colahs_factored_graph():
    # (a + b + c)(d + e + f): 9 paths (Olah 2015), 3 + 3 after merging.
    p, q, r = Node(1.0), Node(2.0), Node(3.0)
    x = Node(2.0)
    y = p * x + q * x + r * x
    z = p * y + q * y + r * y
    assert number_of_paths(z, x) == 9


def test_steps_backward_end_at_the_deltas_of_backward():
    x, w, b = Node(2.0, "x"), Node(-3.0, "w"), Node(1.0, "b")
    y = np.tanh(w * x + b) * x
    y.backward()
    expected = [float(node.delta) for node in (x, w, b)]
    steps = list(backward_steps(y))
    assert len(steps) == len(edges(y))
    assert [float(node.delta) for node in (x, w, b)] == expected
    collected = {}
    for edge, share, delta, _ in steps:
        collected[edge.parent] = collected.get(edge.parent, 0.0) + share
        assert delta == pytest.approx(collected[edge.parent])
        if edge.child is not y:
            assert share == pytest.approx(local_derivative(edge) * edge.child.delta)
    assert {step.edge.parent for step in steps if step.complete} == {step.edge.parent for step in steps}
    last_report = {step.edge.parent: i for i, step in enumerate(steps)}
    assert all(steps[i].complete for i in last_report.values())
    assert sum(step.complete for step in steps) == len(last_report)


def test_a_square_has_two_edges_to_the_same_parent():
    x = Node(3.0)
    y = x * x
    first, second = backward_steps(y)
    assert (first.edge.position, second.edge.position) == (0, 1)
    assert (first.delta, first.complete, second.delta, second.complete) == (3.0, False, 6.0, True)


def test_forward_steps_with_a_tangent_are_forward_mode():
    x, w = Node(2.0), Node(-3.0)
    y = np.exp(w * x) + x
    steps = list(forward_steps(y, along=x))
    assert steps[-1].node is y
    y.backward()
    assert steps[-1].tangent == pytest.approx(float(x.delta))
    assert [step.tangent for step in forward_steps(y)] == [None] * len(steps)
    position = {step.node: i for i, step in enumerate(steps)}
    assert all(position[edge.parent] < position[edge.child] for edge in edges(y))


def test_the_order_puts_every_node_after_all_that_use_it():
    rng = np.random.default_rng(0)
    made = [Node(1.0) for _ in range(3)]
    for _ in range(200):
        a, b = rng.choice(len(made), size=2)
        made.append(made[a] + made[b] * 0.5)
    order = topological_order(made[-1])
    position = {node: i for i, node in enumerate(order)}
    assert order[0] is made[-1] and len(position) == len(order)
    assert all(position[node] < position[parent] for node in order for parent in node.parents)


def test_backward_of_an_array_needs_to_know_what_counts():
    x = Node([1.0, 2.0])
    with pytest.raises(ValueError, match=r"single number, but this node has the shape \(2,\)"):
        (x * 2).backward()
    (x * 2).backward([1.0, 10.0])
    np.testing.assert_array_equal(x.delta, [2.0, 20.0])
    with pytest.raises(ValueError, match=r"delta must have the shape of the node, \(2,\)"):
        (x * 2).backward(np.ones(3))


def test_values_are_the_graphs_own_and_cannot_be_changed():
    theta = np.ones(2)
    x = Node(theta)
    y = np.sum(x * x)
    theta[:] = 5  # the caller's array is the caller's
    y.backward()
    np.testing.assert_array_equal(x.delta, [2.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        x.value[0] = 3
    with pytest.raises(AttributeError):
        x.value = np.zeros(2)


@pytest.mark.parametrize("make", [Node, lambda x: Dual(x, np.ones(np.shape(x)))], ids=["Node", "Dual"])
@pytest.mark.parametrize(
    ("misuse", "error", "words"),
    [
        (lambda x: 1 if x[0] else 2, TypeError, "neither true nor false"),
        (lambda x: float(x[0]), TypeError, "cut this"),
        (lambda x: __import__("math").exp(x[0]), TypeError, "np.exp"),
        (lambda x: np.asarray(x), TypeError, "cut it off"),
        (lambda x: np.array([x[0], x[1]]), TypeError, "np.stack"),
        (lambda x: x.__setitem__(0, 1.0), TypeError, "cannot be changed"),
        (lambda x: np.zeros(2).__setitem__(0, x[0]), (TypeError, ValueError), ""),
        (lambda x: np.zeros(2).__iadd__(x), TypeError, "in place"),
        (lambda x: [1, 2, 3][x[0]], TypeError, "cannot be an index"),
        (lambda x: np.arange(3)[x], (TypeError, IndexError), ""),
        (lambda x: x[x], TypeError, "whole numbers"),
        (lambda x: x + np.ones(5), ValueError, "+ does not fit the shapes (3,) and (5,)"),
        (lambda x: np.ones((2, 2)) @ x, ValueError, "@ does not fit the shapes (2, 2) and (3,)"),
        (lambda x: np.reshape(x, (2, 2)), ValueError, "reshape does not fit the shape (3,)"),
        (lambda x: np.floor(x), NotImplementedError, "no derivative rule for floor"),
        (lambda x: np.linalg.det(np.reshape(x[:1], (1, 1))), NotImplementedError, "no derivative rule for det"),
        (lambda x: np.add.reduce(x), TypeError, "plain call"),
    ],
)
def test_misuse_gets_a_sentence(make, misuse, error, words):
    with pytest.raises(error) as caught:
        misuse(make([1.0, 2.0, 3.0]))
    assert words in str(caught.value)


def test_an_argument_without_a_rule_is_named():
    with pytest.raises(TypeError, match="sum is differentiable without the argument initial only"):
        np.sum(Node([1.0, 2.0]), initial=3.0)


@pytest.mark.parametrize("value", ["a", None, [1, "b"], 1j, True, [[1.0], [1.0, 2.0]], object()])
def test_only_real_numbers_become_nodes(value):
    with pytest.raises(TypeError):
        Node(value)
    with pytest.raises(TypeError):
        Dual(value, 1.0)


def test_a_dual_needs_a_tangent_of_its_own_shape():
    with pytest.raises(ValueError, match=r"shape of the primal, \(2,\), but it has \(\)"):
        Dual([1.0, 2.0], 1.0)


def test_a_dual_and_a_node_of_the_same_level_do_not_mix():
    with pytest.raises(TypeError, match="meet here"):
        Node(1.0) * Dual(1.0, 1.0)


def test_control_flow_by_comparison_works():
    def steps_of_newton(a):
        x = a
        while abs(x * x - a) > 1e-14:
            x = (x + a / x) / 2
        return x

    assert gradient(steps_of_newton)(2.0) == pytest.approx(0.5 / np.sqrt(2), rel=1e-12)


def test_lists_stand_for_arrays():
    x = Node([1.0, 2.0])
    np.testing.assert_array_equal(np.add(x, [1, 2]).value, [2.0, 4.0])
    np.sum([3.0, 4.0] * x).backward()
    np.testing.assert_array_equal(x.delta, [3.0, 4.0])
    np.sum(np.where([True, False], [5.0, 5.0], x)).backward()
    np.testing.assert_array_equal(x.delta, [0.0, 1.0])


def test_nodes_say_what_they_are():
    x = Node(3.0, "x")
    assert repr(x) == "Node(3., 'x')"
    assert repr(x * 2) == "Node(6., '*')"
    assert np.tanh(x).operation == "tanh"
