"""Conventions of chapter 1: a second backward pass, what a loss sums and averages, derivatives at kinks."""

import numpy as np

from course_lib.autodiff import Node
from course_lib.claims.conventions import Convention
from course_lib.claims.errata import Row
from course_lib.claims.pytorch_numbers import by_pytorch
from course_lib.layers import CrossEntropy, LeastAbsoluteDeviation, LeastSquares, ReLU

PREDICTION = np.array([[1.0, 2.0, 0.0], [0.5, -1.0, 3.0]])
TARGET = np.array([[0.0, 2.5, 0.0], [1.0, -1.0, 1.0]])
SCORES, LABELS = PREDICTION, np.array([1, 0])


@by_pytorch
def _accumulated(torch):
    x = torch.tensor(3.0, requires_grad=True)
    for _ in range(2):
        (x * x).backward()
        yield x.grad.item()


def _backward_twice():
    x = Node(3.0)
    z, deltas = x * x, []
    for _ in range(2):
        z.backward()
        deltas.append(float(x.delta))
    once, twice = _accumulated()
    return Row("derivative of x^2 at 3", deltas[0], once), Row("after a second backward", deltas[1], twice)


def _loss_and_slope(loss):
    return loss.forward(PREDICTION, TARGET), loss.backward()[0, 0]


@by_pytorch
def _mean_of_everything(torch):
    for loss in torch.nn.MSELoss(), torch.nn.L1Loss():
        prediction = torch.tensor(PREDICTION, requires_grad=True)
        value = loss(prediction, torch.tensor(TARGET))
        value.backward()
        yield from (value.item(), prediction.grad[0, 0].item())


def _reductions():
    ours = *_loss_and_slope(LeastSquares()), *_loss_and_slope(LeastAbsoluteDeviation())
    names = "squares", "squares, gradient by the first output", "absolute values", "absolute values, gradient"
    return tuple(map(Row, names, ours, _mean_of_everything()))


@by_pytorch
def _mean_cross_entropy(torch):
    return _torch_cross_entropies(torch, "mean")


@by_pytorch
def _sum_cross_entropy(torch):
    return _torch_cross_entropies(torch, "sum")


def _torch_cross_entropies(torch, reduction):
    for n in (1, 2):
        scores, labels = torch.tensor(SCORES[:n]), torch.tensor(LABELS[:n])
        yield torch.nn.functional.cross_entropy(scores, labels, reduction=reduction).item()


def _cross_entropy():
    ours = (CrossEntropy().forward(SCORES[:n], LABELS[:n]) for n in (1, 2))
    return tuple(map(Row, ("one sample", "a batch of two"), ours, _sum_cross_entropy()))


@by_pytorch
def _relu_at_zero(torch):
    zero = torch.zeros(())
    for function in (torch.relu, lambda x: torch.maximum(x, zero), lambda x: torch.clamp(x, min=0), torch.abs):
        x = torch.zeros((), requires_grad=True)
        function(x).backward()
        yield x.grad.item()


def _at_kinks():
    relu, lad, x = ReLU(), LeastAbsoluteDeviation(), Node(0.0)
    relu.forward(np.zeros(1))
    lad.forward(np.zeros(1), np.zeros(1))
    np.maximum(x, 0.0).backward()
    ours = relu.backward(np.ones(1))[0], float(x.delta), relu.backward(np.ones(1))[0], lad.backward()[0]
    names = (
        "`ReLU` / `torch.relu`",
        "`np.maximum(x, 0)` in our autodiff / `torch.maximum(x, 0)`",
        "`ReLU` / `torch.clamp(x, min=0)`",
        "absolute value",
    )
    return tuple(map(Row, names, ours, _relu_at_zero()))


CONVENTIONS = (
    Convention(
        id="V-01-1",
        topic="A second backward pass",
        ours="starts from nothing: `Node.backward`, layers' `backward`",
        theirs="adds to what is there: PyTorch, `.grad`",
        why="In PyTorch a loop needs `optimizer.zero_grad()` before each backward pass; in return large batches can be "
        "added up piece by piece.",
        compare=_backward_twice,
        agree=("derivative of x^2 at 3",),
    ),
    Convention(
        id="V-01-2",
        topic="What a regression loss sums and averages (E4)",
        ours="sum over outputs, mean over samples (L2, which has one output); `LeastSquares`, `LeastAbsoluteDeviation`",
        theirs="mean over both: PyTorch, `MSELoss()`, `L1Loss()`",
        why="Two samples with three outputs: PyTorch's value and gradient are a third of ours, and so is the step that "
        'a learning rate makes. `reduction="sum"` divided by the batch size is ours.',
        compare=_reductions,
    ),
    Convention(
        id="V-01-3",
        topic="Cross-entropy: mean or sum over the samples (E4)",
        ours="mean: PyTorch's default; `CrossEntropy`",
        theirs='sum: PyTorch with `reduction="sum"`; L2 prints no mean',
        why="With the sum, a larger batch makes longer steps at the same learning rate. Both take scores, not "
        "probabilities.",
        compare=_cross_entropy,
        agree=("one sample",),
        confirmed=_mean_cross_entropy,
    ),
    Convention(
        id="V-01-4",
        topic="The derivative at a kink, at x = 0",
        ours="0 in a layer, 1/2 where two arguments of a maximum tie",
        theirs="PyTorch: it depends on the function",
        why="Every number between the slopes on both sides is a subgradient. The same function, written in three ways, "
        "has three derivatives at 0 in PyTorch.",
        compare=_at_kinks,
        agree=(
            "`ReLU` / `torch.relu`",
            "`np.maximum(x, 0)` in our autodiff / `torch.maximum(x, 0)`",
            "absolute value",
        ),
    ),
)
