"""Exercise 10-2: evaluation mode, no graph, and a mean over samples."""

import numpy as np

from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kit import Exercise
from course_lib.checks.torch_objects import positive_number, state_of

evaluation = Exercise("10-2", "Evaluation", "evaluate", topics=("training",), profile="torch")

LOSS = "The loss is the mean over all samples"
ACCURACY = "The accuracy is the share of all samples that are right"
MODE = "The model is in evaluation mode while it predicts"
NO_GRAPH = "No graph is recorded"
RESTORED = "The mode that the model had before is put back"
ALL = (LOSS, ACCURACY, MODE, NO_GRAPH, RESTORED)


def loss_that_looks(graphs):
    """Mean cross-entropy of a batch; appends to ``graphs``, for every call, whether the logits carried a graph."""

    def loss_function(logits, y):
        import torch

        graphs.append(bool(logits.requires_grad))
        return torch.nn.functional.cross_entropy(logits.detach(), y)  # no graph crosses to another process

    return loss_function


def telling(model, batches):
    """Whether accuracies that are counted in other ways are other numbers: a softmax over the samples first, right ones
    with a probability above 1/2 alone, the second guess as well."""
    import torch

    model.eval()
    pairs = [(model(x).detach(), y) for x, y in batches]
    ways = (
        lambda z, y: z.argmax(1) == y,
        lambda z, y: z.softmax(0).argmax(1) == y,
        lambda z, y: z.softmax(1)[range(len(y)), y] > 0.5,
        lambda z, y: (z.topk(min(2, z.shape[1]), 1).indices == y[:, None]).any(1),
    )
    right, *others = (int(torch.cat([way(z, y) for z, y in pairs]).sum()) for way in ways)
    return right not in others


def _problem(rng, batchnorm=False):
    """``(model, batches)``: three batches of 7, 7 and 2 samples with 5 numbers each, 4 classes; float64."""
    while not telling(*(problem := _drawn(rng, batchnorm))):
        pass
    return problem[0].train(), problem[1]


def _drawn(rng, batchnorm):
    import torch

    layers = [torch.nn.Linear(5, 6), *([torch.nn.BatchNorm1d(6)] if batchnorm else []), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(6, 4)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(0.6 * rng.normal(size=tuple(parameter.shape))))
    sizes, x = (7, 7, 2), rng.normal(size=(16, 5))
    order = model.eval()(torch.from_numpy(x)).argsort(dim=1, descending=True).numpy()
    y = order[:, 0].copy()
    wrong = np.r_[rng.permutation(14)[:5], 14]  # 5 of 14 in the large batches, 1 of 2 in the small one
    y[wrong] = order[wrong, np.r_[1, 3, rng.integers(1, 4, size=4)]]  # the second guess once at least, and the last
    cuts = np.cumsum(sizes)[:-1]
    pairs = zip(np.split(x, cuts), np.split(y, cuts), strict=True)
    return model, [(torch.from_numpy(a), torch.from_numpy(b)) for a, b in pairs]


def _expected(model, batches):
    """Loss and accuracy over all samples, in evaluation mode; the model is in training mode afterwards."""
    import torch

    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    model.eval()
    with torch.no_grad():
        logits = model(x)
        loss = torch.nn.functional.cross_entropy(logits, y)
    model.train()
    return loss.item(), float((logits.argmax(dim=1) == y).double().mean())


def _in_training_mode(model, batches):
    """The mean loss over all samples if batchnorm takes each batch's own statistics."""
    import copy

    import torch

    model = copy.deepcopy(model).train()
    with torch.no_grad():
        losses = [torch.nn.functional.cross_entropy(model(x), y).item() * len(y) for x, y in batches]
    return sum(losses) / sum(len(y) for _, y in batches)


def _evaluated(evaluate, model, batches, loss_function=None):
    """``(loss, accuracy)`` as the student's function gives them, both checked to be single numbers."""
    import torch

    given = model, loss_function or torch.nn.CrossEntropyLoss(), batches
    loss, accuracy = several(evaluate(*given), ("loss", "accuracy"))
    return shaped(loss, (), "the loss"), shaped(accuracy, (), "the accuracy")


def _run_and_got_something(*arguments):
    """The same, for checks that look at something else: neither may be 0."""
    loss, accuracy = _evaluated(*arguments)
    return positive_number(loss, "the loss"), positive_number(accuracy, "the accuracy")


@evaluation.check(
    LOSS,
    points=2,
    hint=(
        "The last batch is smaller: its mean must not count as much as the others'.",
        "Add up loss * len(y) over the batches, and divide by the number of samples.",
    ),
)
def loss_is_the_mean_over_all(evaluate, rng):
    model, batches = _problem(rng)
    expected, _ = _expected(model, batches)
    close(_evaluated(evaluate, model, batches)[0], expected, "the loss")


@evaluation.check(
    ACCURACY,
    points=2,
    hint=(
        "Count the right ones over all batches, then divide once.",
        "right += (logits.argmax(dim=1) == y).sum().item()",
    ),
)
def accuracy_is_the_share_of_all(evaluate, rng):
    model, batches = _problem(rng)
    _, expected = _expected(model, batches)
    close(_evaluated(evaluate, model, batches)[1], expected, "the accuracy")


@evaluation.check(
    MODE,
    points=2,
    hint=(
        "In training mode batchnorm uses the batch's own mean, and changes its running statistics.",
        "model.eval() before the loop",
    ),
)
def model_is_in_evaluation_mode_while(evaluate, rng):
    model, batches = _problem(rng, batchnorm=True)
    otherwise = _in_training_mode(model, batches)
    before = state_of(model)
    loss, _ = _run_and_got_something(evaluate, model, batches)
    if any(not np.array_equal(one, other) for one, other in zip(before, state_of(model), strict=True)):
        raise Wrong("The evaluation changed the model: the running statistics of batchnorm moved.")
    if np.isclose(float(loss), otherwise, rtol=1e-6):
        expected, _ = _expected(model, batches)
        raise Wrong("The loss is that of the model in training mode.", got=loss, expected=expected)


@evaluation.check(
    NO_GRAPH,
    points=2,
    hint=(
        "eval() changes what dropout and batchnorm do; it does not stop autograd from recording.",
        "with torch.no_grad(): around the forward passes.",
    ),
)
def no_graph_is_recorded(evaluate, rng):
    model, batches = _problem(rng)
    graphs = []
    _run_and_got_something(evaluate, model, batches, loss_that_looks(graphs))
    if not graphs:
        raise Wrong("The loss function was never called.")
    if any(graphs):
        raise Wrong("The logits carry a graph, which costs memory and time.")


@evaluation.check(
    RESTORED,
    points=1,
    hint=(
        "Remember model.training before you change it.",
        "was_training = model.training; model.eval(); ...; model.train(was_training)",
    ),
    supporting=True,
)
def mode_that_the_model_had_before(evaluate, rng):
    for mode in (True, False):
        model, batches = _problem(rng)
        model.train(mode)
        _run_and_got_something(evaluate, model, batches)
        if model.training != mode:
            was, now = ("training", "evaluation") if mode else ("evaluation", "training")
            raise Wrong(f"The model was in {was} mode, and is in {now} mode afterwards.")


# --- Known mistakes: model, loss_function, batches -> (loss, accuracy) ---------------------------------------


def _loop(model, loss_function, batches, evaluating=True, graph=False, change=lambda logits: logits, dim=1):
    """``(losses, rights, sizes)`` of the batches; mode left as set here."""
    import torch

    if evaluating:
        model.eval()
    losses, rights, sizes = [], [], []
    with torch.set_grad_enabled(graph):
        for x, y in batches:
            logits = model(x)
            losses.append(loss_function(change(logits), y).item())
            rights.append((logits.argmax(dim=dim) == y).sum().item())
            sizes.append(len(y))
    return np.array(losses), np.array(rights), np.array(sizes)


def _restoring(model, action):
    modes = [(module, module.training) for module in model.modules()]
    try:
        return action()
    finally:
        for module, training in modes:
            module.training = training


def _mean(losses, rights, sizes):
    return float(losses @ sizes / sizes.sum()), float(rights.sum() / sizes.sum())


@evaluation.mistake(
    "mean of the batches' losses",
    LOSS,
    "The last batch is smaller, and its samples count more: weight each batch by its size.",
)
def mean_of_the_batches_losses(model, loss_function, batches):
    parts = _restoring(model, lambda: _loop(model, loss_function, batches))
    return float(parts[0].mean()), _mean(*parts)[1]


@evaluation.mistake(
    "mean of the batches' accuracies",
    ACCURACY,
    "The last batch is smaller, and its samples count more: count right answers over all batches, divide once.",
)
def mean_of_the_batches_accuracies(model, loss_function, batches):
    parts = _restoring(model, lambda: _loop(model, loss_function, batches))
    return _mean(*parts)[0], float(np.mean(parts[1] / parts[2]))


@evaluation.mistake(
    "means over batches, not over samples",
    (LOSS, ACCURACY),
    "Both are means over batches; the last one is smaller, and its samples count more. Weight each batch by its size.",
)
def means_over_batches_not_over_samples(model, loss_function, batches):
    losses, rights, sizes = _restoring(model, lambda: _loop(model, loss_function, batches))
    return float(losses.mean()), float(np.mean(rights / sizes))


@evaluation.mistake(
    "the sum of the losses",
    LOSS,
    "Divide by the number of samples: a sum grows with the data.",
)
def sum_of_the_losses(model, loss_function, batches):
    parts = _restoring(model, lambda: _loop(model, loss_function, batches))
    return float(parts[0] @ parts[2]), _mean(*parts)[1]


@evaluation.mistake(
    "loss divided by the samples twice",
    LOSS,
    "The loss of a batch is a mean already: multiply it by the batch's size before you add it up.",
)
def loss_divided_by_the_samples_twice(model, loss_function, batches):
    parts = _restoring(model, lambda: _loop(model, loss_function, batches))
    return float(parts[0].sum() / parts[2].sum()), _mean(*parts)[1]


@evaluation.mistake(
    "accuracy in per cent",
    ACCURACY,
    "The accuracy is a share between 0 and 1.",
)
def accuracy_in_per_cent(model, loss_function, batches):
    loss, accuracy = _mean(*_restoring(model, lambda: _loop(model, loss_function, batches)))
    return loss, 100 * accuracy


@evaluation.mistake(
    "softmax before the loss",
    LOSS,
    "PyTorch's cross-entropy takes logits and applies the softmax itself: give it what the model returns.",
)
def softmax_before_the_loss(model, loss_function, batches):
    return _mean(*_restoring(model, lambda: _loop(model, loss_function, batches, change=lambda z: z.softmax(1))))


@evaluation.mistake(
    "argmax over the samples",
    ALL,
    "argmax(dim=0) asks which sample is largest for each class: the class is axis 1 of the logits.",
)
def argmax_over_the_samples(model, loss_function, batches):
    return _mean(*_restoring(model, lambda: _loop(model, loss_function, batches, dim=0)))


@evaluation.mistake(
    "eval() without no_grad()",
    NO_GRAPH,
    "eval() does not stop autograd: put the forward passes into with torch.no_grad().",
)
def eval_without_no_grad(model, loss_function, batches):
    return _mean(*_restoring(model, lambda: _loop(model, loss_function, batches, graph=True)))


@evaluation.mistake(
    "predicts in training mode",
    MODE,
    "Call model.eval(): in training mode dropout is on, and batchnorm uses the batch's own mean and moves its "
    "running statistics. no_grad() changes neither.",
)
def predicts_in_training_mode(model, loss_function, batches):
    return _mean(*_loop(model, loss_function, batches, evaluating=False))


@evaluation.mistake(
    "left in evaluation mode",
    RESTORED,
    "The next training step would run without dropout: put back the mode that the model had.",
)
def left_in_evaluation_mode(model, loss_function, batches):
    return _mean(*_loop(model, loss_function, batches))


@evaluation.mistake(
    "always in training mode afterwards",
    RESTORED,
    "The model may have been in evaluation mode before: remember model.training, and give that to model.train(...).",
)
def always_in_training_mode_afterwards(model, loss_function, batches):
    parts = _loop(model, loss_function, batches)
    model.train()
    return _mean(*parts)


@evaluation.mistake(
    "the share of wrong answers",
    ACCURACY,
    "This is the error rate: the accuracy is the share of right answers, argmax == y.",
)
def share_of_wrong_answers(model, loss_function, batches):
    loss, accuracy = _mean(*_restoring(model, lambda: _loop(model, loss_function, batches)))
    return loss, 1 - accuracy


@evaluation.mistake(
    "only the last batch",
    (LOSS, ACCURACY),
    "These are the scores of the last batch alone: start the sums at 0 before the loop, add to them in it with +=.",
)
def only_the_last_batch(model, loss_function, batches):
    return _mean(*_restoring(model, lambda: _loop(model, loss_function, batches[-1:])))


def _found(name, fails, says, result):
    """A mistake in what is made of ``(losses, rights, sizes)`` of the batches."""

    @evaluation.mistake(name, fails, says)
    def found(model, loss_function, batches):
        return result(*_restoring(model, lambda: _loop(model, loss_function, batches)))


_found(
    "the number of right answers",
    ACCURACY,
    "The accuracy is a share: divide by the number of samples.",
    lambda losses, rights, sizes: (_mean(losses, rights, sizes)[0], float(rights.sum())),
)
_found(
    "the last batch left out",
    (LOSS, ACCURACY),
    "Every batch counts, the last one too.",
    lambda losses, rights, sizes: _mean(*(part[:-1] if len(part) > 1 else part for part in (losses, rights, sizes))),
)
_found(
    "the sum divided by the number of batches",
    LOSS,
    "The losses are weighed by samples: divide by the number of samples.",
    lambda losses, rights, sizes: (float(losses @ sizes / len(sizes)), _mean(losses, rights, sizes)[1]),
)


@evaluation.mistake(
    "one mode for all modules afterwards", WHOLE, "Each module had its own mode: put back what you found."
)
def one_mode_for_all_modules_afterwards(model, loss_function, batches):
    before = model.training
    parts = _loop(model, loss_function, batches)
    model.train(before)
    return _mean(*parts)


_found(
    "only the last batch",
    ACCURACY,
    "These are the scores of the last batch alone: start the sums at 0 before the loop, add to them in it with +=.",
    lambda losses, rights, sizes: (_mean(losses, rights, sizes)[0], float(rights[-1] / sizes[-1])),
)
for loss_too in (False, True):
    _found(
        "divided by the number of batches",
        (LOSS, ACCURACY) if loss_too else ACCURACY,
        "Both are means over samples: divide by the number of samples.",
        lambda losses, rights, sizes, loss_too=loss_too: (
            float(losses.mean()) if loss_too else _mean(losses, rights, sizes)[0],
            float(rights.sum() / len(sizes)),
        ),
    )
_found(
    "every batch taken for as large as the first",
    (LOSS, ACCURACY),
    "Batches differ in size: weight each by len(y), and divide by the sum of these.",
    lambda losses, rights, sizes: (float(losses.mean()), float(rights.sum() / (sizes[0] * len(sizes)))),
)


def _counted(name, says, right):
    """A mistake in which samples count as right: ``right(logits, y) -> tensor of truth values``."""

    @evaluation.mistake(name, ACCURACY, says)
    def counted(model, loss_function, batches):
        import torch

        loss, _ = _mean(*_restoring(model, lambda: _loop(model, loss_function, batches)))
        with torch.no_grad():
            found = _restoring(model, lambda: [right(model.eval()(x), y) for x, y in batches])
        return loss, float(torch.cat(found).double().mean())


_counted(
    "a softmax over the samples",
    "softmax(dim=0) compares samples of a batch. Classes are axis 1, and argmax needs no softmax.",
    lambda logits, y: logits.softmax(0).argmax(1) == y,
)
_counted(
    "the second guess counts, too",
    "Only the class with the largest logit counts, (10.3).",
    lambda logits, y: (logits.topk(min(2, logits.shape[1]), 1).indices == y[:, None]).any(1),
)
_counted(
    "the smallest logit",
    "The answer is the class with the largest logit: argmax.",
    lambda logits, y: logits.argmin(1) == y,
)


@evaluation.mistake(
    "evaluation mode after the first batch", MODE, "Call model.eval() before the loop: the first batch counts, too."
)
def evaluation_mode_after_the_first_batch(model, loss_function, batches):
    def run():
        first = _loop(model, loss_function, batches[:1], evaluating=False)
        rest = _loop(model, loss_function, batches[1:])
        return [np.concatenate(parts) for parts in zip(first, rest, strict=True)]

    return _mean(*_restoring(model, run))


@evaluation.mistake(
    "gradients switched off for good",
    WHOLE,
    "requires_grad_(False) stays with the parameters: no later step would train them. torch.no_grad() ends by itself.",
)
def gradients_switched_off(model, loss_function, batches):
    model.requires_grad_(False)
    return _mean(*_restoring(model, lambda: _loop(model, loss_function, batches)))


def _of_some(name, fails, says, chosen):
    """Only the batches that ``chosen(batches)`` gives are looked at."""

    @evaluation.mistake(name, fails, says)
    def of_some(model, loss_function, batches):
        return _mean(*_restoring(model, lambda: _loop(model, loss_function, chosen(batches))))


for count, fails in ((1, (LOSS, ACCURACY)), (2, (LOSS, ACCURACY)), (3, WHOLE), (5, WHOLE), (10, WHOLE)):
    _of_some(
        "only the first batches",
        fails,
        "Every batch counts, however many there are: go through all of them before you divide and return.",
        lambda batches, count=count: batches[:count],
    )
SMALL = "A batch may be smaller than the others, down to a single sample, and its samples count as all others do."
_of_some("small batches left out", WHOLE, SMALL, lambda batches: [b for b in batches if len(b[1]) > 1] or batches)
_of_some(
    "small batches left out",
    (LOSS, ACCURACY),
    SMALL,
    lambda batches: [b for b in batches if len(b[1]) >= len(batches[0][1])],
)


def _fading(values):
    mean = values[0]
    for value in values[1:]:
        mean = (mean + value) / 2
    return float(mean)


_found(
    "a mean that forgets",
    (LOSS, ACCURACY),
    "(mean + new) / 2 makes each batch count as much as all before it: add up over the batches, and divide once.",
    lambda losses, rights, sizes: (_fading(losses), _fading(rights / sizes)),
)
for digits in (1, 2, 3, 4):
    _found(
        "rounded",
        (LOSS, ACCURACY) if digits < 3 else LOSS,  # 10 of 16 are 0.625
        "Return the numbers to the last digit: rounding is for printing.",
        lambda losses, rights, sizes, digits=digits: tuple(round(x, digits) for x in _mean(losses, rights, sizes)),
    )
