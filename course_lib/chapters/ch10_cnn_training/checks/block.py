"""Exercise 10-8: a residual block of convolutions with two faults that come together, to be mended."""

import numpy as np

from course_lib.checks.compare import close
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import WHOLE, different, whole, wide

SKIP = "Where F gives 0, what came in goes around it"
INNER = "A ReLU stands between the two convolutions"
OUTER = "The last ReLU sees the sum, and nothing before it does"
SMALLER = "Where the image shrinks, both ways shrink it alike"
ALL_FAIL = (SKIP, INNER, OUTER, SMALLER, NAMED)

MENU = {
    "the skip starts behind the first convolution": "that alone would be right where this convolution changes nothing.",
    "the last ReLU is on F only": "that alone would be right where F is nowhere negative.",
    "the skip starts too late, and the last ReLU is on F only": "then F = 0 is wrong, and so are sums below 0.",
    "the stride is taken twice": "then the output would be too small.",
    "the skip is forgotten": "then a block with F = 0 would give 0.",
}
block = Debug(
    "10-8",
    "A residual block, mended",
    "residual_block",
    topics=("training",),
    profile="torch",
    menu=MENU,
    fault="the skip starts too late, and the last ReLU is on F only",
)


def _convolved(x, w, stride, padding):
    """A sum over the kernel's places, in NumPy."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height, width = ((side - kernel) // stride + 1 for side, kernel in zip(x.shape[2:], w.shape[2:], strict=True))
    y = np.zeros((len(x), len(w), height, width))
    for p, q in np.ndindex(*w.shape[2:]):
        part = x[:, :, p : p + stride * height : stride, q : q + stride * width : stride][:, :, :height, :width]
        y += np.einsum("nchw,oc->nohw", part, w[:, :, p, q])
    return y


def _right(x, w1, w2, w_skip, stride):
    """(10.1) number by number: F and the way around it, added, then cut at 0."""
    x, w1, w2 = (part.numpy() for part in (x, w1, w2))
    through = _convolved(np.maximum(_convolved(x, w1, stride, 1), 0), w2, 1, 1)
    around = x if w_skip is None else _convolved(x, w_skip.numpy(), stride, 0)
    return np.maximum(around + through, 0)


def _tensors(*arrays):
    import torch

    return [None if array is None else torch.from_numpy(array) for array in arrays]


def _same_place(maps, sign=1.0):
    """Kernels 3 x 3 that hand on each map as it is, times ``sign``."""
    w = np.zeros((maps, maps, 3, 3))
    w[range(maps), range(maps), 1, 1] = sign
    return w


def _larger(rng, maps):
    """A skip that makes each map larger by a factor of its own: x handed back is not the answer."""
    return np.diag(rng.uniform(1.5, 2.5, maps))[:, :, None, None]


def _images(rng, n=2, channels=3, height=5, width=4):
    """Images without a negative number: a ReLU leaves them as they are."""
    return rng.uniform(0.2, 1.0, (n, channels, height, width))


def _kernels(rng, filters, channels, side=3):
    return rng.normal(size=(filters, channels, side, side))


def _compare(residual_block, x, w1, w2, w_skip, stride):
    given = *_tensors(x, w1, w2, w_skip), stride
    expected = _right(*given)
    close(residual_block(*given), expected, "the output")


@block.check(
    SKIP,
    points=1,
    hint=(
        "Let w2 be 0. What should come out, and which x does the last line add?",
        "Do not overwrite x: the skip needs what came in.",
    ),
)
def around_it(residual_block, rng):
    x = _images(rng)
    _compare(residual_block, x, _kernels(rng, 3, 3), 0 * _kernels(rng, 3, 3), _larger(rng, 3), 1)


@block.check(INNER, points=1, hint="F is convolution, ReLU, convolution: what becomes of numbers below 0 in between?")
def between_the_two(residual_block, rng):
    _compare(residual_block, _images(rng), _same_place(3, -1.0), _kernels(rng, 3, 3), _larger(rng, 3), 1)


@block.check(
    OUTER,
    points=1,
    hint=(
        "F may take away from what came in: it must be allowed to be negative. Where does (10.1) have its ReLU?",
        "relu(skip + y), and no relu on y",
    ),
)
def behind_the_sum(residual_block, rng):
    _compare(residual_block, _images(rng), _same_place(3), 2 * _kernels(rng, 3, 3), None, 1)


@block.check(
    SMALLER,
    points=1,
    hint="The first convolution and the 1 x 1 convolution of the skip have the stride, both of them and nobody else.",
)
def both_ways_alike(residual_block, rng):
    for height, width in ((6, 4), (5, 7)):
        w1, w2 = (np.abs(_kernels(rng, 4, channels)) for channels in (3, 4))
        skip = np.abs(_kernels(rng, 4, 3, 1))
        _compare(residual_block, _images(rng, 2, 3, height, width), w1, w2, skip, 2)


def _cases(rng):
    """Sides that all differ, strides 1 to 3, with a convolution in the skip and without; one image, one map."""
    n, c, m, height, width = different(rng, 5, 2, 8)
    plans = ((n, c, m, height, width, 2), (1, m, m, width, height, None), (c, 1, n, 7, height, 1), (2, n, 1, 8, 5, 3))
    cases = []
    for images, channels, maps, high, broad, stride in plans:
        skip = None if stride is None else wide(rng, maps, channels, 1, 1)
        x, w1, w2 = (
            wide(rng, images, channels, high, broad),
            wide(rng, maps, channels, 3, 3),
            wide(rng, maps, maps, 3, 3),
        )
        cases.append((*_tensors(x, w1, w2, skip), stride or 1))
    return cases


whole(block, _right, _cases, ("the output",))
block.names_the_fault(points=1)


@block.handed_out(ALL_FAIL)
def two_faults(x, w1, w2, w_skip, stride):
    from torch.nn.functional import conv2d, relu

    x = relu(conv2d(x, w1, stride=stride, padding=1))
    y = relu(conv2d(x, w2, padding=1))
    skip = x if w_skip is None else conv2d(x, w_skip, stride=stride)
    return skip + y


def _around(x, w_skip, stride):
    from torch.nn.functional import conv2d

    return x if w_skip is None else conv2d(x, w_skip, stride=stride)


def _made(
    inner=lambda z: z.relu(),
    merge=lambda around, through: (around + through).relu(),
    around=_around,
    strides=lambda stride: (stride, 1),
    entry=lambda x: x,
):
    """An answer with its faults as switches."""

    def answer(x, w1, w2, w_skip, stride):
        from torch.nn.functional import conv2d

        first, second = strides(stride)
        through = conv2d(inner(conv2d(entry(x), w1, stride=first, padding=1)), w2, stride=second, padding=1)
        return merge(around(x, w_skip, stride), through)

    return answer


def _cut(x, w_skip, stride):
    """The upper left corner in place of every other pixel."""
    height, width = (-(-side // stride) for side in x.shape[2:])
    return _around(x, w_skip, 1)[:, :, :height, :width]


def _averaged(x, w_skip, stride):
    from torch.nn.functional import avg_pool2d

    return _around(avg_pool2d(x, stride, ceil_mode=True), w_skip, 1)


for name, fails, says, switches in (
    (
        "the last ReLU on F only",
        OUTER,
        "With a ReLU on F a block can only add. Add first, then cut at 0.",
        {"merge": lambda around, through: around + through.relu()},
    ),
    (
        "a ReLU on F as well",
        OUTER,
        "F has one ReLU, between its convolutions; the last one sees the sum, so that F may take away.",
        {"merge": lambda around, through: (around + through.relu()).relu()},
    ),
    (
        "ReLU before the sum",
        OUTER,
        "Add first, then cut at 0: relu(skip + F), not a ReLU on each.",
        {"merge": lambda around, through: around.relu() + through.relu()},
    ),
    (
        "ReLU before the sum",
        OUTER,
        "Add first, then cut at 0: relu(skip + F), not a ReLU on each.",
        {"merge": lambda around, through: around.relu() + through},
    ),
    (
        "ReLU before the sum",
        WHOLE,
        "Add first, then cut at 0: relu(skip + F), not a ReLU on each.",
        {"merge": lambda around, through: (around.relu() + through).relu()},
    ),
    (
        "the input cut at 0",
        WHOLE,
        "What came in goes into the first convolution and around F as it is: no ReLU on x.",
        {"entry": lambda x: x.relu()},
    ),
    (
        "no last ReLU",
        OUTER,
        "The sum goes through a ReLU, (10.1).",
        {"merge": lambda around, through: around + through},
    ),
    (
        "no ReLU between",
        INNER,
        "Without a ReLU between them the two convolutions are one.",
        {"inner": lambda z: z},
    ),
    (
        "the size in place of the ReLU",
        INNER,
        "A ReLU gives 0 for what is negative, not its size.",
        {"inner": lambda z: z.abs()},
    ),
    (
        "the corner in place of every other pixel",
        SMALLER,
        "The skip must look where the first convolution looks: give it the stride, do not cut it off.",
        {"around": _cut},
    ),
    (
        "means in place of every other pixel",
        SMALLER,
        "The skip is a 1 x 1 convolution with the stride: nothing is averaged.",
        {"around": _averaged},
    ),
    (
        "the stride in the second convolution",
        SMALLER,
        "The first convolution makes the image smaller, the second one keeps its size.",
        {"strides": lambda stride: (1, stride)},
    ),
    (
        "the skip forgotten",
        ALL_FAIL,
        "A block adds F to what came in.",
        {"merge": lambda around, through: (0 * around + through).relu()},
    ),
    (
        "the skip counted twice",
        ALL_FAIL,
        "What came in is added once.",
        {"merge": lambda around, through: (2 * around + through).relu()},
    ),
    (
        "F subtracted",
        (OUTER, SMALLER),
        "F is added.",
        {"merge": lambda around, through: (around - through).relu()},
    ),
):
    block.mistake(name, fails, says)(_made(**switches))


LATE = "The skip begins with what came in, before the first convolution: give what that makes a name of its own."


@block.mistake("the skip starts behind the first convolution", (SKIP, INNER, SMALLER), LATE)
def starts_too_late(x, w1, w2, w_skip, stride):
    from torch.nn.functional import conv2d

    x = conv2d(x, w1, stride=stride, padding=1).relu()
    return (_around(x, w_skip, stride) + conv2d(x, w2, padding=1)).relu()


@block.mistake("the skip starts behind the first convolution", (SKIP, INNER, SMALLER), LATE)
def starts_too_late_and_keeps_its_size(x, w1, w2, w_skip, stride):
    from torch.nn.functional import conv2d

    x = conv2d(x, w1, stride=stride, padding=1).relu()
    return (_around(x, w_skip, 1) + conv2d(x, w2, padding=1)).relu()
