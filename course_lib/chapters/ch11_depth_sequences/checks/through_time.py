"""Exercises 11-1 and 11-2: backpropagation through time, whole and truncated."""

import numpy as np

from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.kit import Exercise
from course_lib.checks.whole import WHOLE, different, whole, wide

TOPICS = ("layers", "optimizers", "derivatives", "sampling")
PURE = "Inputs are left as they were"
PURE_HINT = "Work on new arrays: d_states += ... and states[:, t] *= ... change what was given."
WRITES = "Your function writes into an array that it was given: copy that array first."

backward = Exercise("11-1", "Backpropagation through time", "rnn_backward", topics=TOPICS)
truncated = Exercise("11-2", "Truncated backpropagation through time", "truncated_deltas", topics=TOPICS, kind="derive")


def states_of(rng, batch, time, hidden):
    """States between -1 and 1, ``(batch, time + 1, hidden)``; one in eight is 0."""
    return np.tanh(wide(rng, batch, time + 1, hidden))


def others(rng, given):
    """Other arguments of the same shapes."""
    return tuple(rng.uniform(-0.9, 0.9, value.shape) if isinstance(value, np.ndarray) else value for value in given)


def slope(h):
    """tanh' where the tanh is h."""
    return 1 - h * h


def deltas(d_states, states, weight_h, squash=slope, back=lambda delta, w: delta @ w, ends=lambda t: False):
    """delta_t of (11.2), ``(batch, time, hidden)``; nothing goes back beyond a step for which ``ends`` holds."""
    found, coming = np.zeros(d_states.shape), np.zeros(d_states[:, 0].shape)
    for t in reversed(range(d_states.shape[1])):
        found[:, t] = (d_states[:, t] + coming) * squash(states[:, t + 1])
        coming = np.zeros(coming.shape) if ends(t) else back(found[:, t], weight_h)
    return found


# --- 11-1: x, states, d_states, weight_x, weight_h -> d_weight_x, d_weight_h, d_bias, d_x -----------------------

SLOPE = "One step: delta is the gradient by the state times the slope of the tanh"
BACK = "delta of the next step comes back through weight_h"
PAIRS = "d_weight_h pairs every delta with the state before, summed over batch and time"
INPUT = "d_weight_x and d_x follow from delta as in a linear layer"
NAMES = ("d_weight_x", "d_weight_h", "d_bias", "d_x")


def gradients(x, states, delta, weight_x, before=None):
    """(11.3) and d_x from delta."""
    before = states[:, :-1] if before is None else before
    d_h = np.einsum("nth,ntk->hk", delta, before)
    return np.einsum("nth,ntf->hf", delta, x), d_h, delta.sum(axis=(0, 1)), delta @ weight_x


def _backward(x, states, d_states, weight_x, weight_h):
    return gradients(x, states, deltas(d_states, states, weight_h), weight_x)


def _given(rng, time, states=None):
    batch, hidden, fan_in = different(rng, 3, 2, 7)
    states = states_of(rng, batch, time, hidden) if states is None else np.zeros((batch, time + 1, hidden))
    d_states, x = rng.normal(size=(batch, time, hidden)), rng.normal(size=(batch, time, fan_in))
    return x, states, d_states, rng.normal(size=(hidden, fan_in)), rng.normal(size=(hidden, hidden))


@backward.check(
    SLOPE, points=1, hint=("states holds tanh(z) already.", "delta = d_states[:, 0] * (1 - states[:, 1]**2)")
)
def one_step_has_the_slope(rnn_backward, rng):
    given = _given(rng, time=1)
    close(several(rnn_backward(*given), NAMES)[2], _backward(*given)[2], "the gradient d_bias")


@backward.check(
    BACK,
    points=1,
    hint=(
        "Go through t from the last step to the first.",
        "delta[:, t] = (d_states[:, t] + delta[:, t + 1] @ weight_h) * ...",
    ),
)
def deltas_come_back(rnn_backward, rng):
    given = _given(rng, time=4, states="zero")  # the slope is 1
    close(several(rnn_backward(*given), NAMES)[2], _backward(*given)[2], "the gradient d_bias")


@backward.check(
    PAIRS,
    points=1,
    hint=("Step t was computed from states[:, t]: which index has the state before, which the state after?",),
)
def deltas_pair_with_the_state_before(rnn_backward, rng):
    x, states, d_states, weight_x, weight_h = _given(rng, time=3)
    states[:, -1], d_states[:, :-1] = 0.0, 0.0  # only the last step has a delta, with slope 1
    given = x, states, d_states, weight_x, 0 * weight_h
    close(several(rnn_backward(*given), NAMES)[1], _backward(*given)[1], "the gradient d_weight_h")


@backward.check(INPUT, points=1, hint="d_x = delta @ weight_x, and d_weight_x sums delta times x over batch and time.")
def inputs_have_their_gradient(rnn_backward, rng):
    given = _given(rng, time=1, states="zero")
    results, right = several(rnn_backward(*given), NAMES), _backward(*given)
    for place in (0, 3):
        close(results[place], right[place], f"the gradient {NAMES[place]}")


def rotation(rng, size):
    """An orthogonal matrix: what comes back through it keeps its length, however far."""
    return np.linalg.qr(rng.normal(size=(size, size)))[0]


def _far_back(rng):
    """A long sequence whose gradients neither vanish nor explode: who gives up after some steps is seen."""
    x, states, d_states, weight_x, weight_h = _given(rng, 40)
    return x, 0.1 * states, d_states, weight_x, rotation(rng, len(weight_h))


def _silent(d_states, states):
    """The last outputs do not count, and one step on the way is saturated: deltas of 0, with others before them."""
    d_states[:, -2:] = 0.0
    states[:, -4] = 1.0


def _cases(rng):
    """One step and many; deltas of 0 at the end and in the middle."""
    given = _given(rng, 6)
    _silent(given[2], given[1])
    return [*(_given(rng, time) for time in (5, 1, 2, 7)), _far_back(rng), given]


whole(backward, _backward, _cases, NAMES)


@backward.check(PURE, points=1, hint=PURE_HINT, aside=True)
def backward_leaves_its_inputs_alone(rnn_backward, rng):
    given = _given(rng, 3)
    leaves_inputs_alone(rnn_backward, *given, other=others(rng, given))


def _wrong_delta(name, fails, says, **changes):
    @backward.mistake(name, fails, says)
    def function(x, states, d_states, weight_x, weight_h):
        return gradients(x, states, deltas(d_states, states, weight_h, **changes), weight_x)


_wrong_delta("slope 1 - h", SLOPE, "The slope of the tanh is 1 - h**2, the square.", squash=lambda h: 1 - h)
_wrong_delta(
    "tanh taken twice", SLOPE, "states are tanh already: no further tanh.", squash=lambda h: 1 - np.tanh(h) ** 2
)
_wrong_delta("no slope", SLOPE, "Times 1 - h**2: the tanh stands between.", squash=np.ones_like)
_wrong_delta(
    "slope of a sigmoid", (SLOPE, BACK, PAIRS, INPUT, PURE), "h (1 - h) is a sigmoid's.", squash=lambda h: h * (1 - h)
)
_wrong_delta(
    "weight_h the wrong way round", BACK, "Rows of delta times weight_h: delta @ weight_h.", back=lambda d, w: d @ w.T
)
_wrong_delta("nothing comes back", BACK, "Add what the next step sends back.", back=lambda d, w: 0 * d)
_wrong_delta("it comes back with a minus", BACK, "Add, do not subtract.", back=lambda d, w: -d @ w)


@backward.mistake("one step back only", BACK, "The next step's whole delta comes back, not only its own gradient.")
def one_step_back(x, states, d_states, weight_x, weight_h):
    own = d_states * slope(states[:, 1:])
    delta = own.copy()
    delta[:, :-1] += own[:, 1:] @ weight_h * slope(states[:, 1:-1])
    return gradients(x, states, delta, weight_x)


@backward.mistake("no slope on what comes back", WHOLE, "The slope belongs to the sum of both terms in the bracket.")
def slope_on_own_only(x, states, d_states, weight_x, weight_h):
    own, delta = d_states * slope(states[:, 1:]), np.zeros(d_states.shape)
    coming = np.zeros(d_states[:, 0].shape)
    for t in reversed(range(d_states.shape[1])):
        delta[:, t] = own[:, t] + coming
        coming = delta[:, t] @ weight_h
    return gradients(x, states, delta, weight_x)


@backward.mistake(
    "paired with the state after", PAIRS, "The state before step t is states[:, t], not states[:, t + 1]."
)
def state_after(x, states, d_states, weight_x, weight_h):
    return gradients(x, states, deltas(d_states, states, weight_h), weight_x, before=states[:, 1:])


@backward.mistake("d_weight_h transposed", PAIRS, "Rows belong to delta, columns to the state before.")
def transposed(x, states, d_states, weight_x, weight_h):
    d_x_weight, d_h, d_bias, d_x = _backward(x, states, d_states, weight_x, weight_h)
    return d_x_weight, d_h.T, d_bias, d_x


@backward.mistake("d_weight_h as a mean over the batch", PAIRS, "The loss's mean is in d_states already: sum.")
def mean_over_batch(x, states, d_states, weight_x, weight_h):
    d_x_weight, d_h, d_bias, d_x = _backward(x, states, d_states, weight_x, weight_h)
    return d_x_weight, d_h / len(x), d_bias, d_x


@backward.mistake("d_x without delta", WHOLE, "d_x comes from delta, not from d_states.")
def d_x_of_d_states(x, states, d_states, weight_x, weight_h):
    return *_backward(x, states, d_states, weight_x, weight_h)[:3], d_states @ weight_x


@backward.mistake("d_states is overwritten", PURE, WRITES)
def in_place(x, states, d_states, weight_x, weight_h):
    result = _backward(x, states, d_states, weight_x, weight_h)
    d_states *= slope(states[:, 1:])
    return result


@backward.mistake("h_0 taken as 0", WHOLE, "states[:, 0] is the state before the first step: it need not be 0.")
def h_0_taken_as_0(x, states, d_states, weight_x, weight_h):
    before = states[:, :-1].copy()
    before[:, 0] = 0
    return gradients(x, states, deltas(d_states, states, weight_h), weight_x, before)


@backward.mistake(
    "d_x from what goes further back",
    INPUT,
    "d_x[:, t] is delta of step t times weight_x, not what this step sends back through weight_h.",
)
def d_x_from_further_back(x, states, d_states, weight_x, weight_h):
    delta = deltas(d_states, states, weight_h)
    return *gradients(x, states, delta, weight_x)[:3], delta @ weight_h @ weight_x


@backward.mistake("d_x of each step's own answer", WHOLE, "d_x comes from delta, which has heard of later steps, too.")
def d_x_of_own_answer(x, states, d_states, weight_x, weight_h):
    own = d_states * slope(states[:, 1:])
    return *_backward(x, states, d_states, weight_x, weight_h)[:3], own @ weight_x


@backward.mistake("what comes back without its slope", WHOLE, "delta goes back, with the slope: not the bracket alone.")
def without_its_slope(x, states, d_states, weight_x, weight_h):
    return gradients(x, states, _without_its_slope(d_states, states, weight_h, len(d_states[0])), weight_x)


def _without_its_slope(d_states, states, weight_h, chunk):
    bracket = deltas(d_states, states, weight_h, squash=np.ones_like, ends=lambda t: t % chunk == 0)
    return bracket * slope(states[:, 1:])


ONE_STEP = "All steps have a share: += in the loop, not =."


@backward.mistake("the share of one step", (BACK, PAIRS), ONE_STEP)
def share_of_the_first_step(x, states, d_states, weight_x, weight_h):
    delta = deltas(d_states, states, weight_h)
    return *gradients(x[:, :1], states[:, :2], delta[:, :1], weight_x)[:3], delta @ weight_x


@backward.mistake("the share of one step", BACK, ONE_STEP)
def share_of_the_last_step(x, states, d_states, weight_x, weight_h):
    delta = deltas(d_states, states, weight_h)
    return *gradients(x[:, -1:], states[:, -2:], delta[:, -1:], weight_x)[:3], delta @ weight_x


@backward.mistake(
    "the first step left out", (SLOPE, BACK, INPUT), "range(time - 1, 0, -1) ends before step 0: range(time)[::-1]."
)
def first_step_left_out(x, states, d_states, weight_x, weight_h):
    delta = deltas(d_states, states, weight_h)
    delta[:, 0] = 0
    return gradients(x, states, delta, weight_x)


@backward.mistake(
    "the last step left out",
    (SLOPE, BACK, PAIRS, INPUT, PURE),
    "The newest step is time - 1, and it has a share, too: begin there.",
)
def last_step_left_out(x, states, d_states, weight_x, weight_h):
    short = d_states.copy()
    short[:, -1] = 0
    return gradients(x, states, deltas(short, states, weight_h), weight_x)


# --- 11-2: d_states, states, weight_h, chunk -> deltas ----------------------------------------------------------

ONE = "With chunks of one step, a step hears of its own answer only"
ALL = "A chunk as long as the sequence, or longer, changes nothing"
EVEN = "Inside a chunk everything comes back, from the next chunk nothing"
RAGGED = "Chunks are counted from the beginning, and the last may be shorter"


def _truncated(d_states, states, weight_h, chunk):
    return deltas(d_states, states, weight_h, ends=lambda t: t % chunk == 0)


def _stretch(rng, time, chunk, zero=True):
    batch, hidden = different(rng, 2, 2, 6)
    states = np.zeros((batch, time + 1, hidden)) if zero else states_of(rng, batch, time, hidden)
    return rng.normal(size=(batch, time, hidden)), states, rng.normal(size=(hidden, hidden)), chunk


def _compared(truncated_deltas, *given):
    close(truncated_deltas(*given), _truncated(*given), "the deltas")


@truncated.check(ONE, points=1, hint="delta[:, t] = d_states[:, t] * (1 - states[:, t + 1]**2), and no more.")
def chunks_of_one(truncated_deltas, rng):
    _compared(truncated_deltas, *_stretch(rng, 5, 1, zero=False))


@truncated.check(ALL, points=1, hint="Then it is exercise 11-1.")
def one_chunk(truncated_deltas, rng):
    _compared(truncated_deltas, *_stretch(rng, 5, 5))
    _compared(truncated_deltas, *_stretch(rng, 4, 9))


@truncated.check(EVEN, points=1, hint="Step t begins a chunk if t % chunk == 0: what does it send to step t - 1?")
def even_chunks(truncated_deltas, rng):
    _compared(truncated_deltas, *_stretch(rng, 6, 3))
    _compared(truncated_deltas, *_stretch(rng, 8, 2))


@truncated.check(RAGGED, points=1, hint="7 steps in chunks of 3: steps 0 1 2, 3 4 5, and 6 alone.")
def ragged_chunks(truncated_deltas, rng):
    _compared(truncated_deltas, *_stretch(rng, 7, 3))
    _compared(truncated_deltas, *_stretch(rng, 5, 2))


def _long_chunk(rng):
    """A chunk of many steps, through which the gradient keeps its length."""
    d_states, states, weight_h, chunk = _stretch(rng, 33, 25, zero=False)
    return d_states, 0.1 * states, rotation(rng, len(weight_h)), chunk


def _stretches(rng):
    sizes = (7, 3), (6, 2), (4, 4), (5, 1), (3, 8), (1, 2)
    silent = _stretch(rng, 7, 5, zero=False)
    _silent(*silent[:2])
    return [*(_stretch(rng, time, chunk, zero=False) for time, chunk in sizes), _long_chunk(rng), silent]


whole(truncated, _truncated, _stretches, ("the deltas",))


@truncated.check(PURE, points=1, hint=PURE_HINT, aside=True)
def truncated_leaves_its_inputs_alone(truncated_deltas, rng):
    given = _stretch(rng, 5, 2)
    leaves_inputs_alone(truncated_deltas, *given, other=others(rng, given))


def _wrong_chunks(name, fails, says, ends=lambda t, chunk, time: t % chunk == 0, **changes):
    @truncated.mistake(name, fails, says)
    def function(d_states, states, weight_h, chunk):
        time = d_states.shape[1]
        return deltas(d_states, states, weight_h, ends=lambda t: ends(t, chunk, time), **changes)


_wrong_chunks("slope 1 - h", ONE, "The slope of the tanh is 1 - h**2.", squash=lambda h: 1 - h)
_wrong_chunks("tanh taken twice", ONE, "states are tanh already.", squash=lambda h: 1 - np.tanh(h) ** 2)
_wrong_chunks("no slope", ONE, "Times 1 - h**2 at every step.", squash=np.ones_like)
_wrong_chunks(
    "chunks counted from the end",
    RAGGED,
    "The stream is cut from its beginning: the shorter chunk is the last one.",
    ends=lambda t, chunk, time: (time - t) % chunk == 0,
)
_wrong_chunks("no cut", (ONE, EVEN, RAGGED), "This is the whole BPTT: cut at the chunks.", ends=lambda t, c, n: False)
_wrong_chunks(
    "one step earlier",
    (ALL, EVEN, RAGGED),
    "t % chunk == chunk - 1 is the last step of a chunk: what it sends back stays inside.",
    ends=lambda t, chunk, time: t % chunk == chunk - 1,
)
_wrong_chunks(
    "one step later",
    (ALL, EVEN, RAGGED),
    "What comes back to the first step of a chunk is of its own chunk; what that step sends back is cut.",
    ends=lambda t, chunk, time: t % chunk == 1 % chunk,
)
_wrong_chunks(
    "chunks one too long", (ONE, EVEN, RAGGED), "A chunk has chunk steps.", ends=lambda t, c, n: t % (c + 1) == 0
)
_wrong_chunks("weight_h the wrong way round", (ALL, EVEN, RAGGED), "delta @ weight_h.", back=lambda d, w: d @ w.T)


_wrong_chunks(
    "chunks one too short",
    (ALL, EVEN, RAGGED),
    "A chunk has chunk steps.",
    ends=lambda t, chunk, time: t % max(chunk - 1, 1) == 0,
)
_wrong_chunks(
    "one cut only",
    (ONE, EVEN, RAGGED),
    "There is a cut before every chunk but the first.",
    ends=lambda t, chunk, time: t == chunk,
)
_wrong_chunks(
    "one cut only",
    (ONE, EVEN, RAGGED),
    "There is a cut before every chunk but the first.",
    ends=lambda t, chunk, time: t == (time - 1) // chunk * chunk,
)
_wrong_chunks("it comes back with a minus", (ALL, EVEN, RAGGED), "Add, do not subtract.", back=lambda d, w: -d @ w)
truncated.mistake(
    "what comes back without its slope", WHOLE, "delta goes back, with the slope: not the bracket alone."
)(_without_its_slope)


@truncated.mistake(
    "every answer goes back chunk steps",
    (EVEN, RAGGED),
    "The cuts stand still: an answer in the first step of a chunk goes back no further, one in the last to its first.",
)
def every_answer_goes_back(d_states, states, weight_h, chunk):
    found = np.zeros(d_states.shape)
    for answered in range(d_states.shape[1]):
        coming = d_states[:, answered]
        for t in range(answered, max(answered - chunk, -1), -1):
            delta = coming * slope(states[:, t + 1])
            found[:, t], coming = found[:, t] + delta, delta @ weight_h
    return found


@truncated.mistake(
    "no answer at the cut", (ONE, ALL, EVEN, RAGGED, PURE), "Only what the next chunk sends is cut, not d_states."
)
def no_answer_at_the_end_of_a_chunk(d_states, states, weight_h, chunk):
    kept = d_states.copy()
    kept[:, chunk - 1 :: chunk] = 0
    return _truncated(kept, states, weight_h, chunk)


@truncated.mistake("the last chunk is lost", (ALL, RAGGED), "A last chunk that is shorter has deltas as well.")
def short_is_lost(d_states, states, weight_h, chunk):
    found = _truncated(d_states, states, weight_h, chunk)
    found[:, found.shape[1] // chunk * chunk :] = 0
    return found


@truncated.mistake("the last chunk is lost", RAGGED, "A last chunk that is shorter has deltas as well.")
def last_is_lost(d_states, states, weight_h, chunk):
    found = _truncated(d_states, states, weight_h, chunk)
    time = d_states.shape[1]
    if time > chunk:
        found[:, time - time % chunk :] = 0
    return found


@truncated.mistake("no answer at the cut", (ONE, EVEN, RAGGED), "Only what the next chunk sends is cut, not d_states.")
def no_answer_at_the_cut(d_states, states, weight_h, chunk):
    kept = d_states.copy()
    kept[:, chunk - 1 : -1 : chunk] = 0
    return _truncated(kept, states, weight_h, chunk)


@truncated.mistake("the states are reset", ONE, "States pass from chunk to chunk: only the gradient does not.")
def states_are_reset(d_states, states, weight_h, chunk):
    fresh = states.copy()
    fresh[:, chunk::chunk] = 0
    return _truncated(d_states, fresh, weight_h, chunk)


@truncated.mistake("the state before the step", ONE, "states begins with h_0: step t made states[:, t + 1].")
def state_before_the_step(d_states, states, weight_h, chunk):
    return _truncated(d_states, np.concatenate([states[:, :1], states[:, :-1]], axis=1), weight_h, chunk)


@truncated.mistake("states are overwritten", PURE, WRITES)
def overwritten(d_states, states, weight_h, chunk):
    found = _truncated(d_states, states, weight_h, chunk)
    states[:, 1:] += found
    return found


@backward.mistake(
    "the slope of the state before",
    (SLOPE, PAIRS),
    "states begins with h_0: the state that step t made is states[:, t + 1].",
)
def the_slope_of_the_state_before(x, states, d_states, weight_x, weight_h):
    before = np.concatenate([states[:, :1], states[:, :-1]], axis=1)
    return gradients(x, states, deltas(d_states, before, weight_h), weight_x)


@backward.mistake(
    "from the first step to the last", BACK, "What comes back comes from the next step: begin with the last one."
)
def from_the_first_step_to_the_last(x, states, d_states, weight_x, weight_h):
    delta, coming = np.zeros_like(d_states), 0.0
    for t in range(d_states.shape[1]):
        delta[:, t] = (d_states[:, t] + coming) * slope(states[:, t + 1])
        coming = delta[:, t] @ weight_h
    return gradients(x, states, delta, weight_x)


@backward.mistake(
    "the next step's own gradient comes back, not its delta",
    BACK,
    "What comes back through weight_h is the whole delta of the next step.",
)
def the_next_step_s_own_gradient_comes_back_not_its_delta(x, states, d_states, weight_x, weight_h):
    delta, coming = np.zeros_like(d_states), 0.0
    for t in reversed(range(d_states.shape[1])):
        delta[:, t] = (d_states[:, t] + coming) * slope(states[:, t + 1])
        coming = d_states[:, t] @ weight_h
    return gradients(x, states, delta, weight_x)


@backward.mistake(
    "what came back is added up", BACK, "The next step's delta holds all that came later: do not add it up again."
)
def what_came_back_is_added_up(x, states, d_states, weight_x, weight_h):
    delta, coming = np.zeros_like(d_states), 0.0
    for t in reversed(range(d_states.shape[1])):
        delta[:, t] = (d_states[:, t] + coming) * slope(states[:, t + 1])
        coming = coming + delta[:, t] @ weight_h
    return gradients(x, states, delta, weight_x)


@backward.mistake("d_bias averaged", (SLOPE, BACK), "The bias acts in every sample and step: the sum, not the mean.")
def d_bias_averaged(x, states, d_states, weight_x, weight_h):
    d_weight_x, d_weight_h, d_bias, d_x = _backward(x, states, d_states, weight_x, weight_h)
    return d_weight_x, d_weight_h, d_bias / (len(x) * x.shape[1]), d_x


@backward.mistake("d_bias of the first sample", (SLOPE, BACK), "All samples count in d_bias.")
def d_bias_of_the_first_sample(x, states, d_states, weight_x, weight_h):
    d_weight_x, d_weight_h, _, d_x = _backward(x, states, d_states, weight_x, weight_h)
    return d_weight_x, d_weight_h, deltas(d_states, states, weight_h)[0].sum(axis=0), d_x


@backward.mistake("d_weight_x of the last step", WHOLE, "Every step has a share in d_weight_x.")
def d_weight_x_of_the_last_step(x, states, d_states, weight_x, weight_h):
    _, d_weight_h, d_bias, d_x = _backward(x, states, d_states, weight_x, weight_h)
    return deltas(d_states, states, weight_h)[:, -1].T @ x[:, -1], d_weight_h, d_bias, d_x


def _so_far_back(d_states, states, weight_h, most):
    """Deltas to which an answer that is more than ``most`` steps later adds nothing."""
    found = np.zeros(d_states.shape)
    for answered in range(d_states.shape[1]):
        coming = d_states[:, answered]
        for t in range(answered, max(answered - most - 1, -1), -1):
            delta = coming * slope(states[:, t + 1])
            found[:, t], coming = found[:, t] + delta, delta @ weight_h
    return found


def _some_steps_only(most):
    def answer(x, states, d_states, weight_x, weight_h):
        return gradients(x, states, _so_far_back(d_states, states, weight_h, most), weight_x)

    return answer


for most, fails in ((2, BACK), (3, WHOLE), (4, WHOLE), (5, WHOLE), (9, WHOLE), (10, WHOLE), (20, WHOLE)):
    backward.mistake(
        "goes back some steps only",
        fails,
        "An answer reaches all steps before it, however far back: nothing is cut off here.",
    )(_some_steps_only(most))


EARLIER = "Step t had the input x[:, t], and its delta pairs with that one."


@backward.mistake("paired with the input before", INPUT, EARLIER)
def paired_with_the_input_before(x, states, d_states, weight_x, weight_h):
    before = np.concatenate([0 * x[:, :1], x[:, :-1]], axis=1)
    return gradients(before, states, deltas(d_states, states, weight_h), weight_x)


@backward.mistake("paired with the input before", WHOLE, EARLIER)
def paired_with_the_input_before_or_the_last(x, states, d_states, weight_x, weight_h):
    return gradients(np.roll(x, 1, axis=1), states, deltas(d_states, states, weight_h), weight_x)


@backward.mistake(
    "d_x through weight_h as well",
    INPUT,
    "d_x = delta @ weight_x: what comes back through weight_h is in delta already.",
)
def d_x_through_weight_h(x, states, d_states, weight_x, weight_h):
    delta = deltas(d_states, states, weight_h)
    return *gradients(x, states, delta, weight_x)[:3], delta @ weight_h.T @ weight_x


_wrong_chunks(
    "a last chunk that is shorter joined to the one before",
    RAGGED,
    "The last chunk may be shorter, and is one of its own: 7 steps in chunks of 3 are 0 1 2, 3 4 5, and 6.",
    ends=lambda t, chunk, time: t % chunk == 0 and (t == 0 or t + chunk <= time),
)
_wrong_chunks(
    "chunks as equal as can be",
    RAGGED,
    "Every chunk has chunk steps, counted from the beginning; only the last one may be shorter.",
    ends=lambda t, chunk, time: t in {int(piece[0]) for piece in np.array_split(np.arange(time), -(-time // chunk))},
)
_wrong_chunks(
    "as many chunks as a chunk has steps",
    (ONE, ALL, EVEN, RAGGED, PURE),
    "chunk is the number of steps in a chunk, not the number of chunks.",
    ends=lambda t, chunk, time: t % -(-time // chunk) == 0,
)


def _part_crosses(part):
    """``part`` of what comes back crosses a cut."""

    def crossing(d_states, states, weight_h, chunk):
        found, coming = np.zeros(d_states.shape), np.zeros(d_states[:, 0].shape)
        for t in reversed(range(d_states.shape[1])):
            found[:, t] = (d_states[:, t] + coming) * slope(states[:, t + 1])
            coming = (part if t % chunk == 0 else 1.0) * (found[:, t] @ weight_h)
        return found

    return crossing


for part in (0.1, 0.5, 0.9):
    truncated.mistake(
        "a part still crosses the cut",
        (ONE, EVEN, RAGGED),
        "Nothing crosses from a chunk to the one before it: 0, not a part.",
    )(_part_crosses(part))


def _some_steps_of_a_chunk_only(most):
    def answer(d_states, states, weight_h, chunk):
        pieces = [(begin, begin + chunk) for begin in range(0, d_states.shape[1], chunk)]
        found = [
            _so_far_back(d_states[:, begin:end], states[:, begin : end + 1], weight_h, most) for begin, end in pieces
        ]
        return np.concatenate(found, axis=1)

    return answer


for most in (3, 4, 5, 9, 10, 20):
    truncated.mistake(
        "goes back some steps only",
        WHOLE if most > 3 else ALL,
        "Inside a chunk an answer reaches every earlier step, however many there are.",
    )(_some_steps_of_a_chunk_only(most))
