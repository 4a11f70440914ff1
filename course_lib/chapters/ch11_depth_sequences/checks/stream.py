"""Exercise 11-4: a training loop on a stream whose state carries its history along."""

import numpy as np

from course_lib.chapters.ch11_depth_sequences.checks.through_time import PURE, PURE_HINT, TOPICS, WRITES, others
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import close, several
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import WHOLE, different, whole

MENU = {
    "history is kept": "then every update would go back to the beginning of the stream.",
    "state is reset": "then each chunk would begin with a state of zeros.",
    "uphill": "then the loss would rise from chunk to chunk.",
    "last chunk is lost": "then a stream that chunk does not divide would lose its end.",
    "slope is missing": "then the deltas would be those of a linear net, in the first chunk already.",
}
stream = Debug("11-4", "A state with a history", "train_on_stream", topics=TOPICS, menu=MENU, fault="history is kept")

SECOND = "The second update is made of the second chunk alone"
HANDED = "The state is handed on: it comes back as the stream leaves it"
NAMES = ("weight_h", "the last state")


def _train(x, y, weight_x, weight_h, readout, learning_rate, chunk, **changes):
    """The right loop but for ``changes``."""
    keep, reset = changes.get("keep", lambda history, chunk, begin: []), changes.get("reset", False)
    coming, d_weight = np.zeros(len(weight_h)), np.zeros(weight_h.shape)
    h, history, total = np.zeros(len(weight_h)), [], np.zeros(weight_h.shape)
    end = len(x) - len(x) % chunk if changes.get("even") and len(x) > chunk else len(x)
    for begin in range(0, end, chunk):
        history = keep(history, chunk, begin)
        h = np.zeros(len(weight_h)) if reset else h
        for t in range(begin, min(begin + chunk, end)):
            before, h = h, np.tanh(weight_x * x[t] + weight_h @ h)
            history.append((before, h, readout @ h - y[t]))
        history = changes.get("seen", lambda history, chunk: history)(history, chunk)
        coming = coming if changes.get("crosses") else np.zeros(len(h))
        d_weight = d_weight if changes.get("adds") else np.zeros(weight_h.shape)
        for before, after, error in reversed(history):
            delta = (error * readout + coming) * changes.get("slope", lambda after: 1 - after**2)(after)
            d_weight = d_weight + np.outer(delta, after if changes.get("paired_after") else before)
            coming = changes.get("back", lambda delta, w: w.T @ delta)(delta, weight_h)
        total = total + d_weight
        if not changes.get("once") and not (changes.get("full") and len(history) < chunk):
            weight_h = weight_h - changes.get("rate", lambda rate, n: rate)(learning_rate, len(history)) * d_weight
    return (weight_h - learning_rate * total if changes.get("once") else weight_h), h


def _given(rng, time, chunk, learning_rate=None):
    (hidden,) = different(rng, 1, 2, 6)
    x, y = rng.normal(size=time), rng.normal(size=time)
    rate = rng.uniform(0.1, 0.3) if learning_rate is None else learning_rate
    return x, y, rng.normal(size=hidden), 0.7 * rng.normal(size=(hidden, hidden)), rng.normal(size=hidden), rate, chunk


@stream.check(
    SECOND,
    points=2,
    hint=("What is in `history` when the second chunk begins?", "An update must not go back to the beginning."),
)
def second_update_is_the_second_chunks(train_on_stream, rng):
    for chunk, size in ((2, 1.0), (3, 1e4)):
        x, y, *rest, rate, _ = _given(rng, 2 * chunk, chunk)
        given = x, size * y, *rest, rate / size, chunk
        close(several(train_on_stream(*given), NAMES)[0], _train(*given)[0], "weight_h")


def _cases(rng):
    """Chunks that divide the stream and that do not; gradients of many thousands, and units that are saturated."""
    x, y, *rest, _, _ = _given(rng, 8, 3)
    saturated = 300 * x, y, *rest, 0.2, 3
    far_off = x, 1e4 * y, *rest, 1e-5, 3
    return [*(_given(rng, *sizes) for sizes in ((7, 2), (6, 3), (5, 1), (11, 4))), far_off, saturated]


whole(stream, _train, _cases, NAMES)
stream.names_the_fault(points=1)


@stream.check(HANDED, points=1, hint="The state itself goes on from chunk to chunk.", supporting=True)
def state_is_handed_on(train_on_stream, rng):
    given = _given(rng, 6, 2, learning_rate=0.0)
    close(several(train_on_stream(*given), NAMES)[1], _train(*given)[1], "the last state")


@stream.check(PURE, points=1, hint=PURE_HINT, aside=True)
def stream_leaves_its_inputs_alone(train_on_stream, rng):
    given = _given(rng, 5, 2)
    leaves_inputs_alone(train_on_stream, *given, other=others(rng, given))


@stream.handed_out((SECOND, WHOLE, NAMED, HANDED, PURE))
def state_with_a_history(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    h, history = np.zeros(len(weight_h)), []
    for begin in range(0, len(x), chunk):
        for t in range(begin, min(begin + chunk, len(x))):
            before, h = h, np.tanh(weight_x * x[t] + weight_h @ h)
            history.append((before, h, readout @ h - y[t]))
        d_h, d_weight = np.zeros(len(h)), np.zeros(weight_h.shape)
        for before, after, error in reversed(history):
            delta = (error * readout + d_h) * (1 - after**2)
            d_weight = d_weight + np.outer(delta, before)
            d_h = weight_h.T @ delta
        weight_h = weight_h - learning_rate * d_weight
    return weight_h, h


def _wrong(name, fails, says, **changes):
    @stream.mistake(name, fails, says)
    def function(x, y, weight_x, weight_h, readout, learning_rate, chunk):
        return _train(x, y, weight_x, weight_h, readout, learning_rate, chunk, **changes)


EVERYTHING = (SECOND, NAMED, HANDED, PURE)  # nothing passes that is not supporting
_wrong("the state is reset", EVERYTHING, "Empty the history, and keep the state: h goes on.", reset=True)
_wrong("uphill", EVERYTHING, "Subtract the gradient.", rate=lambda rate, n: -rate)
_wrong(
    "mean over the chunk",
    EVERYTHING,
    "The update is the sum over the chunk, as in the code given.",
    rate=lambda rate, n: rate / n,
)
_wrong("one update in the end", EVERYTHING, "weight_h changes after every chunk.", once=True)
_wrong("slope is missing", EVERYTHING, "The line with 1 - after**2 was right.", slope=np.ones_like)
_wrong("weight_h not transposed", EVERYTHING, "weight_h.T @ delta was right.", back=lambda delta, w: w @ delta)
_wrong("no gradient through time", EVERYTHING, "Inside a chunk it goes back.", back=lambda delta, w: 0 * delta)
_wrong(
    "the state is reset",
    EVERYTHING,
    "Empty the history, and keep the state: h goes on.",
    reset=True,
    keep=lambda history, chunk, begin: history,
)
for count in (1, 2):
    _wrong(
        "a part of the history is kept",
        EVERYTHING,
        "Nothing of the chunks before stays in the history: each chunk begins with an empty one.",
        keep=lambda history, chunk, begin, count=count: history[-count:],
    )
_wrong(
    "a part of the history is kept",
    EVERYTHING,
    "Nothing of the chunks before stays in the history: each chunk begins with an empty one.",
    keep=lambda history, chunk, begin: history[-chunk:],
)
_wrong(
    "a part of the history is kept",
    WHOLE,
    "Nothing of the chunks before stays in the history: each chunk begins with an empty one.",
    keep=lambda history, chunk, begin: history,
    seen=lambda history, chunk: history[-chunk:],
)
_wrong(
    "the last step of a chunk alone",
    EVERYTHING,
    "All steps of a chunk are learned from: empty the history once a chunk, not at every step.",
    seen=lambda history, chunk: history[-1:],
)
_wrong("paired with the state after", EVERYTHING, "np.outer(delta, before) was right.", paired_after=True)
_wrong(
    "what comes back crosses the cut",
    EVERYTHING,
    "Each chunk begins its way back with d_h of zeros: what another chunk has sent back belongs to that one.",
    crosses=True,
)
_wrong(
    "gradients of earlier chunks are added again",
    EVERYTHING,
    "Each update takes the gradient of its own chunk: d_weight begins with zeros.",
    adds=True,
)
for fails, emptied in (
    (WHOLE, lambda number: number == 1),
    (EVERYTHING, lambda number: number % 2 == 0),
):
    _wrong(
        "the history is emptied too seldom",
        fails,
        "Every chunk begins with an empty history: the second one and the third one, too.",
        keep=lambda history, chunk, begin, emptied=emptied: [] if emptied(begin // chunk) else history,
    )
_wrong(
    "the first step of a chunk is left out",
    EVERYTHING,
    "All steps of a chunk are learned from, the first one too.",
    seen=lambda history, chunk: history[1:],
)
_wrong(
    "from the first step to the last",
    EVERYTHING,
    "What comes back comes from the next step: reversed(history) was right.",
    seen=lambda history, chunk: history[::-1],
)
for lost in ("even", "full"):  # the whole of it, or its update alone
    _wrong("the last chunk is lost", WHOLE, "The last chunk may be shorter, and counts.", **{lost: True})


@stream.mistake("the state before the last", HANDED, "Return the state after the last step.")
def state_before(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    weights, _ = _train(x, y, weight_x, weight_h, readout, learning_rate, chunk)
    short = [array[:-1] for array in (x, y)]
    return weights, _train(*short, weight_x, weight_h, readout, learning_rate, chunk)[1]


@stream.mistake("the state of zeros", HANDED, "Return the state after the last step.")
def state_of_zeros(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    weights, h = _train(x, y, weight_x, weight_h, readout, learning_rate, chunk)
    return weights, 0 * h


@stream.mistake("the sum before the tanh", HANDED, "The state is the tanh of the sum.")
def before_tanh(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    weights, h = _train(x, y, weight_x, weight_h, readout, learning_rate, chunk)
    return weights, np.arctanh(h)


@stream.mistake("weight_h is overwritten", PURE, WRITES)
def overwritten(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    weights, h = _train(x, y, weight_x, weight_h, readout, learning_rate, chunk)
    weight_h[:] = weights
    return weights, h


@stream.mistake(
    "averaged over the chunk", (SECOND, NAMED, HANDED, PURE), "The gradients of a chunk are added, not averaged."
)
def averaged_over_the_chunk(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    h = np.zeros(len(weight_h))
    for begin in range(0, len(x), chunk):
        history = []
        for t in range(begin, min(begin + chunk, len(x))):
            before, h = (h, np.tanh(weight_x * x[t] + weight_h @ h))
            history.append((before, h, readout @ h - y[t]))
        d_h, d_weight = (np.zeros(len(h)), np.zeros(weight_h.shape))
        for before, after, error in reversed(history):
            delta = (error * readout + d_h) * (1 - after**2)
            d_weight = d_weight + np.outer(delta, before)
            d_h = weight_h.T @ delta
        weight_h = weight_h - learning_rate * d_weight / chunk
    return (weight_h, h)


@stream.mistake(
    "an update at every step",
    EVERYTHING,
    "weight_h changes once a chunk, by the gradients of all its steps, which reach back to its beginning.",
)
def update_at_every_step(x, y, weight_x, weight_h, readout, learning_rate, chunk):
    h = np.zeros(len(weight_h))
    for t in range(len(x)):
        before, h = h, np.tanh(weight_x * x[t] + weight_h @ h)
        weight_h = weight_h - learning_rate * np.outer((readout @ h - y[t]) * readout * (1 - h**2), before)
    return weight_h, h
