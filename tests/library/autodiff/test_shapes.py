"""Any shapes that NumPy accepts: the two modes are adjoint, <J v, w> = <v, J^T w>, for every rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, basic_indices, integer_array_indices, mutually_broadcastable_shapes

from course_lib.autodiff import Node, jvp
from course_lib.autodiff.pulls import RULES
from course_lib.autodiff.traced import take_entries

SEEDS = st.integers(0, 2**32 - 1)


def adjoint(function, shapes, seed):
    """Check <J v, w> = <v, J^T w> for a function of several arrays, one after the other."""
    rng = np.random.default_rng(seed)
    arrays = [rng.uniform(0.5, 2.0, size=shape) for shape in shapes]
    for i, shape in enumerate(shapes):

        def of_one(x, i=i):
            return function(*arrays[:i], x, *arrays[i + 1 :])

        v = rng.normal(size=shape)
        value, moved = jvp(of_one)(arrays[i], v)
        w = rng.normal(size=np.shape(moved))
        leaf = Node(arrays[i])
        result = of_one(leaf)
        result.backward(w)
        np.testing.assert_array_equal(result.value, value)
        assert np.shape(leaf.delta) == shape
        scale = 1e-11 * (1 + np.abs(moved).sum() * np.abs(w).sum())
        np.testing.assert_allclose(np.sum(moved * w), np.sum(v * leaf.delta), atol=scale)


def test_a_planted_wrong_transpose_is_found(monkeypatch):
    monkeypatch.setitem(RULES, np.transpose, lambda x, axes: (np.transpose(x, axes), [lambda d: np.transpose(d, axes)]))
    with pytest.raises(AssertionError):
        adjoint(lambda x: np.transpose(x, (1, 2, 0)), [(2, 2, 2)], 0)


@settings(max_examples=60, deadline=None)
@given(mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3), SEEDS)
def test_entry_by_entry_functions_broadcast(shapes, seed):
    for function in (np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.hypot, np.logaddexp):
        adjoint(function, shapes.input_shapes, seed)


@settings(max_examples=40, deadline=None)
@given(mutually_broadcastable_shapes(num_shapes=3, max_dims=3, max_side=3), SEEDS)
def test_where_broadcasts(shapes, seed):
    condition_shape, a, b = shapes.input_shapes
    condition = np.random.default_rng(seed).random(condition_shape) > 0.5
    adjoint(lambda x, y: np.where(condition, x, y), (a, b), seed)


@settings(max_examples=100, deadline=None)
@given(mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=3), SEEDS)
def test_matmul_takes_all_that_numpy_takes(shapes, seed):
    adjoint(np.matmul, shapes.input_shapes, seed)


@settings(max_examples=60, deadline=None)
@given(st.data(), array_shapes(max_dims=4, max_side=3), SEEDS)
def test_reductions_over_any_axes(data, shape, seed):
    axes = data.draw(st.none() | st.sets(st.integers(-len(shape), len(shape) - 1), min_size=1).map(tuple))
    if axes is not None and len({axis % len(shape) for axis in axes}) < len(axes):
        return
    keepdims = data.draw(st.booleans())
    for function in (np.sum, np.mean, np.max, np.var, np.linalg.norm):
        if function is np.linalg.norm and axes is not None and len(axes) != 1:
            continue
        adjoint(lambda x, f=function: f(x, axis=axes, keepdims=keepdims), [shape], seed)
    axis = None if axes is None else axes[0]
    for function in (np.prod, np.cumsum):
        adjoint(lambda x, f=function: f(x, axis=axis), [shape], seed)


@settings(max_examples=100, deadline=None)
@given(st.data(), array_shapes(max_dims=4, max_side=4), SEEDS)
def test_any_index(data, shape, seed):
    index = data.draw(basic_indices(shape, allow_newaxis=True) | integer_array_indices(shape))
    adjoint(lambda x: take_entries(x, index), [shape], seed)


@settings(max_examples=40, deadline=None)
@given(st.data(), array_shapes(max_dims=4, max_side=3), SEEDS)
def test_any_transposition_and_concatenation(data, shape, seed):
    order = data.draw(st.permutations(range(len(shape))))
    adjoint(lambda x: np.transpose(x, order), [shape], seed)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    adjoint(lambda x, y: np.concatenate([x, y, x * y], axis), [shape, shape], seed)
    adjoint(lambda x, y: np.stack([x, y], axis), [shape, shape], seed)
    width = data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=len(shape), max_size=len(shape))
    )
    adjoint(lambda x: np.pad(x, width), [shape], seed)
