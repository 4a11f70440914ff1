"""Frames from nobody in particular: a value or a ``ProtocolError``, whatever the bytes, and never past the limits."""

import json
import struct
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.grading import plain, protocol
from course_lib.grading.protocol import Decoder, Encoder, ProtocolError, SharedArrays, TooLarge, pack, sizes, unpack


def shared(first=0):
    return SharedArrays(first, lambda array, number: lambda: array)


def refuse(kind, row):
    raise ProtocolError(kind)


def there_and_back(value):
    encoder = Encoder(shared(1), lambda value: pytest.fail(f"{value!r} is plain"))
    row = encoder.encode(value)
    frame = pack({"value": row}, encoder.buffers)
    header, body = sizes(frame[:8])
    message, buffers = unpack(frame[8 : 8 + header], frame[8 + header :])
    assert len(frame) == 8 + header + body
    return Decoder(shared(), buffers, refuse).decode(message["value"])


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats(allow_nan=False)
    | st.text(st.characters(categories=("L", "N", "P")), max_size=20)
    | st.complex_numbers(allow_nan=False)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(("array", "view", "known", "scalar", "tuple", "dict", "complex", "object", "x")),
            inner,
            max_size=1,
        )
        | st.fixed_dictionaries(
            {"dtype": st.sampled_from(("<f8", "|O", "<U9", ">f8")) | inner, "buffer": inner, "shape": inner}
            | {"frozen": inner, "number": inner}
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_plain_values_come_back(value):
    assert there_and_back(value) == value


@given(st.sampled_from(sorted(protocol.DTYPES)), st.lists(st.integers(0, 4), max_size=4), st.integers(0, 2**32 - 1))
def test_arrays_come_back_bit_for_bit(dtype, shape, seed):
    data = np.random.default_rng(seed).bytes(int(np.prod(shape)) * np.dtype(dtype).itemsize)
    data = bytes(byte & 1 for byte in data) if dtype == "|b1" else data
    array = np.frombuffer(data, dtype).reshape(shape)
    back = there_and_back(array)
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


@settings(max_examples=500)
@given(JSON, st.lists(st.binary(max_size=64), max_size=3))
def test_any_json_is_a_value_or_a_protocol_error(row, buffers):
    table = shared()
    table.add(np.arange(6.0))
    with suppress(ProtocolError):
        Decoder(table, buffers, refuse).decode(row)


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_any_bytes_are_a_frame_or_a_protocol_error(header, body):
    try:
        message, buffers = unpack(header, body)
    except ProtocolError:
        return
    assert isinstance(message, dict) and b"".join(buffers) == body


@given(
    st.integers(),
    st.lists(st.integers(-(2**70), 2**70), max_size=4),
    st.lists(st.integers(-(2**70), 2**70), max_size=4),
)
def test_a_view_never_leaves_its_array(offset, shape, strides):
    table = shared()
    owner = np.arange(24.0).reshape(4, 6)
    table.add(owner)
    try:
        view = Decoder(table, [], refuse).decode({"view": [0, offset, shape, strides]})
    except ProtocolError:
        return
    low, high = np.lib.array_utils.byte_bounds(view)
    assert np.lib.array_utils.byte_bounds(owner)[0] <= low <= high <= np.lib.array_utils.byte_bounds(owner)[1]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_frame_that_announces_too_much_is_refused_before_it_is_read(header, body):
    try:
        assert sizes(struct.pack("<II", header, body)) == (header, body)
        assert header <= protocol.MAX_HEADER and body <= protocol.MAX_BODY
    except ProtocolError:
        assert header < 2 or header > protocol.MAX_HEADER or body > protocol.MAX_BODY


def test_limits_hold_on_the_way_out_too():
    deep = []
    for _ in range(50):
        deep = [deep]
    for value in (deep, list(range(protocol.MAX_NODES + 1)), np.zeros(protocol.MAX_BODY // 8 + 1)):
        with pytest.raises(TooLarge):
            Encoder(shared(), refuse).encode(value)


def test_changes_to_what_may_not_be_written_are_refused():
    table, frozen = shared(), np.arange(3.0)
    frozen.flags.writeable = False
    number = table.add(frozen)
    with pytest.raises(ProtocolError):
        table.apply([(number, 0)], [bytes(24)])
    with pytest.raises(ProtocolError):
        table.apply([(99, 0)], [bytes(24)])
    assert frozen.tolist() == [0, 1, 2]


@given(st.text(max_size=50))
def test_text_of_the_student_s_can_be_stored_and_shown(value):
    shown = protocol.text(value)
    json.dumps(shown).encode()
    shown.encode()
    assert all(c.isprintable() or c in "\n\t" for c in shown)
    assert plain.name(value).isidentifier()


def test_many_references_to_one_array_do_not_add_up_to_more_than_can_cross():
    one = shared()
    one.add(np.zeros(3), 1)
    for row in ({"view": [1, 0, [1 << 20], [0]]}, {"view": [1, 0, [4_000_000], [0]]}):
        with pytest.raises(ProtocolError):
            Decoder(one, [], refuse).decode([row] * 5000)
    wide = np.broadcast_to(np.zeros(1), 1 << 20)
    with pytest.raises(TooLarge):
        Encoder(shared(1), refuse).encode([wide[i:] for i in range(5000)])


# --- Places where one step too far would not be noticed ------------------------------------------------------


def decoded(row, buffers=(), table=None):
    return Decoder(table or shared(0), list(buffers), refuse).decode(row)


def array_row(number):
    return {"array": {"dtype": "<f8", "buffer": 0, "shape": [1], "frozen": False, "number": number}}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("number", range(6))
def test_an_array_comes_with_a_number_of_the_other_side_s(first, number):
    """The sides count in steps of two: a number of our own parity would take the place of an array of ours."""
    table = shared(first)
    if number % 2 == first:
        with pytest.raises(ProtocolError, match="taken"):
            decoded(array_row(number), [bytes(8)], table)
    else:
        assert decoded(array_row(number), [bytes(8)], table).tolist() == [0]
        with pytest.raises(ProtocolError, match="taken"):
            decoded(array_row(number), [bytes(8)], table)


@pytest.mark.parametrize(("shape", "strides"), [([3], [8]), ([2], [16]), ([1], [8]), ([2, 2], [16, 8]), ([4], [-8])])
def test_a_view_may_reach_the_last_byte_and_none_behind_it(shape, strides):
    table, owner = shared(), np.arange(6.0)
    table.add(owner)
    steps = [(n - 1) * s for n, s in zip(shape, strides, strict=True)]
    low, high = sum(s for s in steps if s < 0), sum(s for s in steps if s > 0)
    last = owner.nbytes - owner.itemsize - high
    for offset in (-low, last):
        view = decoded({"view": [0, offset, shape, strides]}, table=table)
        assert view.shape == tuple(shape) and np.shares_memory(view, owner)
    outside = [last + 1, last + 8] + [-low - 1] * (low < 0)
    for offset in outside:
        with pytest.raises(ProtocolError, match="leaves its array"):
            decoded({"view": [0, offset, shape, strides]}, table=table)


NESTED = {
    "tuples": (lambda inner: {"tuple": [inner]}, lambda inner: (inner,)),
    "lists": (lambda inner: [inner], lambda inner: [inner]),
    "dicts": (lambda inner: {"dict": [["a", inner]]}, lambda inner: {"a": inner}),
}


@pytest.mark.parametrize("name", NESTED)
def test_nesting_is_counted_for_every_kind_there_and_back(name):
    as_row, as_value = NESTED[name]

    def nested(wrap, depth):
        value = 7
        for _ in range(depth):
            value = wrap(value)
        return value

    deepest = nested(as_value, protocol.MAX_DEPTH)
    assert decoded(nested(as_row, protocol.MAX_DEPTH)) == deepest
    assert Encoder(shared(), refuse).encode(deepest) == nested(as_row, protocol.MAX_DEPTH)
    with pytest.raises(ProtocolError):
        decoded(nested(as_row, protocol.MAX_DEPTH + 1))
    with pytest.raises(TooLarge):
        Encoder(shared(), refuse).encode(as_value(deepest))


EMPTY = [
    lambda a: a[:0],
    lambda a: a[3:3],
    lambda a: a[:, :0],
    lambda a: a[:0, 1],
    lambda a: a[::-1][:0],
    lambda a: np.broadcast_to(a[:0, None], (0, 9, 6)),
    lambda a: a.T[:0],
    lambda a: np.lib.stride_tricks.as_strided(a[:0], (0, 99), (8, 8)),
    lambda a: a[[]],
    lambda a: a[a > 99],
]


@pytest.mark.parametrize("cut", EMPTY)
def test_nothing_of_an_array_is_an_array_of_nothing(cut):
    """An empty view is an honest wrong answer: it crosses with its shape."""
    here, there, owner = shared(1), shared(0), np.arange(24.0).reshape(4, 6)
    encoder = Encoder(here, refuse)
    rows = [encoder.encode(owner), encoder.encode(cut(owner))]
    back = Decoder(there, encoder.buffers, refuse).decode(rows)[1]
    assert (back.shape, back.dtype) == (cut(owner).shape, owner.dtype)


def test_what_is_counted_is_counted_for_the_whole_frame():
    keys = [{"dict": [[i, 0] for i in range(100)]}] * 11
    with pytest.raises(ProtocolError, match="keys"):
        decoded(keys)
    with pytest.raises(ProtocolError, match="buffers"):
        unpack(json.dumps({"sizes": [0] * (protocol.MAX_BUFFERS + 1)}).encode(), b"")
    assert len(unpack(json.dumps({"sizes": [0] * protocol.MAX_BUFFERS}).encode(), b"")[1]) == protocol.MAX_BUFFERS


@pytest.mark.parametrize("lengths", [[4, -2, 2], [-4, 8], [True, 3], [4.0], ["4"], [3], [5], None])
def test_buffers_that_do_not_add_up_to_the_body_are_refused(lengths):
    with pytest.raises(ProtocolError):
        unpack(json.dumps({"sizes": lengths}).encode(), b"1234")


def test_what_was_not_sent_is_not_remembered():
    table, small, large = shared(), np.ones(3), np.zeros(protocol.MAX_BODY // 8 + 1)
    first = table.next
    with pytest.raises(TooLarge):
        Encoder(table, refuse).encode([small, large])
    table.forget_from(first)
    assert table.number(small) is None and "array" in Encoder(table, refuse).encode(small)
