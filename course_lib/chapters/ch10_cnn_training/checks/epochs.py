"""Exercise 10-4: a training loop with two faults that come together, to be mended."""

import numpy as np

from course_lib.checks.compare import Wrong, close, shaped
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.torch_objects import same_state, state_of
from course_lib.checks.whole import WHOLE, different, drawn_until, whole

MODES = "Every epoch trains in training mode, and validates in evaluation mode"
BEST = "At the end the model has the parameters of its best epoch"
LOSSES = "Each epoch's validation loss is the mean over all validation samples"
ALL_FAIL = (MODES, BEST, LOSSES, NAMED)

MENU = {
    "evaluation mode stays on": "that alone would still hand back the parameters of the best epoch.",
    "the best is overwritten": "that alone would still train every epoch as the first one.",
    "evaluation mode stays on, and the best is overwritten": "then later epochs learn less, and the last wins.",
    "gradients are not cleared": "then each step would go along the sum of all gradients so far.",
    "it trains on the validation data": "then parameters would move while the network is judged.",
}
loop = Debug(
    "10-4",
    "A loop that keeps the best",
    "train_best",
    topics=("training",),
    profile="torch",
    menu=MENU,
    fault="evaluation mode stays on, and the best is overwritten",
)


def _filled(rng, model):
    import torch

    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=tuple(parameter.shape))))
    return model


def _batches(rng, sizes, inputs, answer):
    """Batches of these sizes; ``answer``: x (m, inputs) -> y (m, ...), a tensor each."""
    import torch

    xs = [torch.from_numpy(rng.normal(size=(size, inputs))) for size in sizes]
    return [(x, answer(x)) for x in xs]


def _normed(rng, sizes=(4, 6), judged=(5, 2), inputs=3, num_epochs=3, momentum=0.0, outputs=1, rate=(0.01, 0.05)):
    """``(model, optimizer, loss_function, train, validation, num_epochs)`` with batchnorm, whose mode can be seen.

    One output is compared with numbers; several are the logits of as many classes.
    """
    import torch

    layers = torch.nn.Linear(inputs, 4), torch.nn.BatchNorm1d(4), torch.nn.Tanh(), torch.nn.Linear(4, outputs)
    model = _filled(rng, torch.nn.Sequential(*layers).double())
    optimizer = torch.optim.SGD(model.parameters(), lr=float(rng.uniform(*rate)), momentum=momentum)
    slope = torch.from_numpy(rng.normal(size=(inputs, outputs)))
    answer = (lambda x: x @ slope) if outputs == 1 else (lambda x: (x @ slope).argmax(dim=1))
    train, validation = (_batches(rng, each, inputs, answer) for each in (sizes, judged))
    loss_function = torch.nn.MSELoss() if outputs == 1 else torch.nn.CrossEntropyLoss()
    return model, optimizer, loss_function, train, validation, num_epochs


def _passing(rng, num_epochs=6, judged=(6,), nearest=0.5):
    """The same of a linear model that comes nearest to what validation asks for in the middle of its way."""
    import torch

    model = _filled(rng, torch.nn.Linear(3, 1, bias=False).double())
    basis, _ = np.linalg.qr(rng.normal(size=(6, 3)))
    x = torch.from_numpy(basis * np.sqrt(3))  # curvature 1 in every direction
    goal = torch.from_numpy(rng.normal(size=(1, 3)) + 4)
    there = model.weight.detach() * (1 - nearest) + nearest * goal
    optimizer = torch.optim.SGD(model.parameters(), lr=float(rng.uniform(0.25, 0.35)))
    validation = _batches(rng, judged, 3, lambda x: x @ there.T)
    return model, optimizer, torch.nn.MSELoss(), [(x, x @ goal.T)], validation, num_epochs


def _judged(model, loss_function, batches):
    """Losses and sizes of the batches, in evaluation mode."""
    import torch

    model.train(False)
    with torch.no_grad():
        found = [(float(loss_function(model(x), y)), len(y)) for x, y in batches]
    return np.array(found).T


def _copy(model):
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _epochs(
    model,
    optimizer,
    loss_function,
    train,
    validation,
    num_epochs,
    training=lambda epoch: True,
    judge=_judged,
    score=lambda losses, sizes: losses @ sizes / sizes.sum(),
    better=min,
    clear=True,
    pick=None,
    loads="all",
    goes_on=False,
    chosen_by=None,
    steps="all",
    keeps="after",
    ends=lambda scores: False,
):
    """The loop with its faults as switches; ``training(epoch)``: the mode in which an epoch trains."""
    scores, states, own = [], [], []
    for epoch in range(num_epochs):
        before = _copy(model)
        model.train(training(epoch))
        for x, y in train:
            if clear is True or (clear == "once" and x is train[0][0]):
                optimizer.zero_grad()
            loss_function(model(x), y).backward()
            if steps == "all" or x is train[-1][0]:
                optimizer.step()
        judged = judge(model, loss_function, validation)
        scores.append(float(score(*judged)))
        own.append(float(chosen_by(*judged)) if chosen_by else scores[-1])
        states.append(_copy(model) if keeps == "after" else before)
        if ends(scores):
            break
        if goes_on:
            model.load_state_dict(states[scores.index(min(scores))])
    if scores:
        best = states[pick(scores) if pick else own.index(better(own))]
        names = dict(model.named_parameters()) if loads == "parameters" else best
        model.load_state_dict({name: best[name] if name in names else v for name, v in model.state_dict().items()})
    return scores


def _twin(problem, **switches):
    """``(scores, state afterwards)`` of a right run on a copy."""
    import copy

    model, optimizer, *rest = copy.deepcopy(problem[:2]) + problem[2:]
    scores = _epochs(model, optimizer, *rest, **switches)
    return np.array(scores), state_of(model)


def _losses(train_best, problem):
    """Call the student's function on a problem; whatever a check looks at, one loss comes back for each epoch."""
    losses = shaped(train_best(*problem), (problem[-1],), "the list of validation losses")
    if not np.all(losses > 0):
        raise Wrong("Each validation loss must be larger than 0.", got=losses)


def _swinging(rng):
    """The same with momentum, so that it swings."""
    problem = _passing(rng, 8, (6, 3))
    problem[1].param_groups[0].update(momentum=0.9, lr=float(rng.uniform(0.2, 0.6)))
    return problem


def _falls_again(problem):
    """Whether the loss falls, rises and falls again, and never so low."""
    scores = _twin(problem)[0]
    last_fall = np.flatnonzero(np.diff(scores) < 0)[-1:] + 1
    return len(last_fall) and np.argmin(scores) not in (0, len(scores) - 1, *last_fall)


def _learning(rng):
    """A model with batchnorm that learns fast."""
    return _normed(rng, (4, 7), (2, 5), 4, 5, momentum=0.8, rate=(0.1, 0.4))


def _torn_apart(rng):
    """The same for more epochs, judged on batches that differ much in size."""
    return _normed(rng, (4, 7), (2, 5), 4, 8, momentum=0.8, rate=(0.1, 0.4))


def _best_within(problem):
    """Whether it is best before the last epoch."""
    return 0 < np.argmin(_twin(problem)[0]) < problem[-1] - 1


def _torn(problem):
    """Whether one batch of validation, or a mean over batches, is best at another epoch than all samples are."""
    right, *others = (
        np.argmin(_twin(problem, score=score)[0])
        for score in (
            lambda losses, sizes: losses @ sizes,
            lambda losses, sizes: losses[-1],
            lambda losses, sizes: losses[0],
            lambda losses, sizes: losses.mean(),
        )
    )
    return right not in others


def _judged_in_one(rng):
    return _normed(rng, judged=(6,))


def _judged_in_three(rng):
    return _normed(rng, judged=(7, 3, 1))


def _falls(problem):
    return np.all(np.diff(_twin(problem)[0]) < 0)


@loop.check(
    MODES,
    points=2,
    hint=(
        "Print model.training in the first line of each epoch.",
        "model.train() before the batches of every epoch, model.eval() before those of validation.",
    ),
)
def every_epoch_in_training_mode(train_best, rng):
    problem = drawn_until(rng, _judged_in_one, _falls)  # so that the best epoch is the last one
    _, expected = _twin(problem)
    _losses(train_best, problem)
    same_state(problem[0], expected, "a parameter or a running statistic at the end")


@loop.check(
    BEST,
    points=1,
    hint=(
        "state_dict() gives the parameters themselves, not a picture of them.",
        "copy.deepcopy(model.state_dict()), whenever the loss is the lowest so far.",
    ),
)
def parameters_of_the_best_epoch(train_best, rng):
    problem = _passing(rng)
    _, expected = _twin(problem)
    _losses(train_best, problem)
    same_state(problem[0], expected, "a parameter at the end")


@loop.check(
    LOSSES,
    points=1,
    hint="Weight the loss of a batch by its number of samples, and divide by all of them.",
)
def losses_are_means_over_samples(train_best, rng):
    problem = drawn_until(rng, _judged_in_three, _falls)  # so that which epoch is best does not matter
    expected, _ = _twin(problem)
    close(train_best(*problem), expected, "the list of validation losses")


loop.names_the_fault(points=1)


def _cases(rng):
    """One epoch and several, batches of many sizes and one sample to be judged, momentum; a best one in the middle, and
    one that is no better than before it; gradients of an earlier step still there, and losses of a hundred thousand,
    or that fall by hardly anything."""
    a, b, c, d, inputs = different(rng, 5, 2, 9)
    return [
        _normed(rng, (a, b), (c, 1), inputs, 4, momentum=0.8),
        _normed(rng, (c, a), (1, d), inputs + 1, 3, outputs=3),
        _normed(rng, (c,), (1,), inputs, 1),
        _passing(rng, 7, (d, a)),
        _passing(rng, 4, (b,), nearest=0.0),
        drawn_until(rng, _swinging, _falls_again),
        drawn_until(rng, _learning, _best_within),
        drawn_until(rng, _torn_apart, _torn),
        _begun(_normed(rng, (b, d), (a,), inputs, 2)),
        _far_off(_normed(rng, (c, b), (a, 2), inputs, 4)),
        _slowly(_passing(rng, 3, (b,))),
    ]


def _begun(problem):
    """The same with gradients that an earlier step has left."""
    import torch

    for parameter in problem[0].parameters():
        parameter.grad = torch.ones_like(parameter)
    return problem


def _slowly(problem):
    """The same in steps so short that no epoch lowers the loss by a thousandth."""
    for group in problem[1].param_groups:
        group["lr"] = 1e-6
    return problem


def _far_off(problem):
    """The same with answers in the hundreds."""
    *others, train, validation, num_epochs = problem
    return *others, *([(x, 300 * y) for x, y in batches] for batches in (train, validation)), num_epochs


def _same(result, expected, given, mine):
    close(result, expected, "the list of validation losses")
    same_state(given[0], state_of(mine[0]), "a parameter or a running statistic at the end")


whole(loop, _epochs, _cases, agree=_same)


@loop.handed_out(ALL_FAIL)
def two_faults(model, optimizer, loss_function, train, validation, num_epochs):
    import torch

    losses = []
    model.train()
    for _ in range(num_epochs):
        for x, y in train:
            optimizer.zero_grad()
            loss_function(model(x), y).backward()
            optimizer.step()
        model.eval()
        total = 0.0
        with torch.no_grad():
            for x, y in validation:
                total += loss_function(model(x), y).item() * len(y)
        losses.append(total / sum(len(y) for _, y in validation))
        if losses[-1] == min(losses):
            best = model.state_dict()
    model.load_state_dict(best)
    return losses


def _switched(**switches):
    def answer(model, optimizer, loss_function, train, validation, num_epochs):
        return _epochs(model, optimizer, loss_function, train, validation, num_epochs, **switches)

    return answer


def _judged_as_it_is(model, loss_function, batches):
    """Without evaluation mode."""
    import torch

    with torch.no_grad():
        found = [(float(loss_function(model(x), y)), len(y)) for x, y in batches]
    return np.array(found).T


for name, fails, says, switches in (
    (
        "means of batches",
        LOSSES,
        "Batches differ in size: weight each loss by its number of samples.",
        {"score": lambda losses, sizes: losses.mean()},
    ),
    (
        "the sum over samples",
        LOSSES,
        "Divide by the number of samples.",
        {"score": lambda losses, sizes: losses @ sizes},
    ),
    (
        "divided by the number of batches",
        LOSSES,
        "The sum over samples is divided by their number, not by the number of batches.",
        {"score": lambda losses, sizes: losses @ sizes / len(sizes)},
    ),
    (
        "the last batch alone",
        LOSSES,
        "Add up over all batches of validation: this is the loss of the last one.",
        {"score": lambda losses, sizes: losses[-1]},
    ),
    (
        "divided twice",
        LOSSES,
        "The loss of a batch is a mean already: multiply by its size before you add it up.",
        {"score": lambda losses, sizes: losses.sum() / sizes.sum()},
    ),
    (
        "the epoch that ends worst",
        (MODES, BEST),
        "A loss is good when it is small: keep the parameters of the smallest one.",
        {"better": max},
    ),
    (
        "the last epoch",
        BEST,
        "state_dict() shows the parameters of the model, which train on: copy them, and load them at the end.",
        {"better": lambda scores: scores[-1]},
    ),
    (
        "compared with the epoch before",
        WHOLE,
        "The loss may fall, rise and fall again: compare with the smallest so far, not with that of the epoch before.",
        {"pick": lambda scores: int(([0, *np.flatnonzero(np.diff(scores) < 0) + 1])[-1])},
    ),
    (
        "the buffers are not kept",
        WHOLE,
        "The running statistics of batchnorm belong to the epoch, too: they are in state_dict(), not in parameters().",
        {"loads": "parameters"},
    ),
    (
        "goes on from the best epoch",
        WHOLE,
        "Load the best parameters once, after the last epoch: each epoch goes on from the one before.",
        {"goes_on": True},
    ),
    (
        "chosen by a part of validation",
        WHOLE,
        "The best epoch is that of the smallest loss over all validation samples, the number that you note.",
        {"chosen_by": lambda losses, sizes: losses[-1]},
    ),
    (
        "chosen by a part of validation",
        WHOLE,
        "The best epoch is that of the smallest loss over all validation samples, the number that you note.",
        {"chosen_by": lambda losses, sizes: losses[0]},
    ),
    (
        "one step an epoch",
        (MODES, LOSSES),
        "Every batch has its step: optimizer.step() stands in the inner loop.",
        {"steps": "last"},
    ),
    (
        "the parameters before the epoch",
        (MODES, BEST),
        "The loss of an epoch is that of the parameters after its steps: copy them when you have judged them.",
        {"keeps": "before"},
    ),
    (
        "stops when it gets worse",
        BEST,
        "All num_epochs epochs are trained, and each has its loss: the loss may fall again.",
        {"ends": lambda scores: len(scores) > 1 and scores[-1] > min(scores)},
    ),
    (
        "the first epoch",
        (MODES, BEST),
        "These are the parameters after the first epoch: keep those with the smallest loss so far.",
        {"better": lambda scores: scores[0]},
    ),
    (
        "evaluation mode stays on",
        (MODES, LOSSES),
        "From the second epoch on it trains in evaluation mode: call model.train() in every epoch, not once.",
        {"training": lambda epoch: epoch == 0},
    ),
    (
        "always in evaluation mode",
        (MODES, LOSSES),
        "Training belongs into training mode: there batchnorm uses its batch and learns its running statistics.",
        {"training": lambda epoch: False},
    ),
    (
        "validates in training mode",
        (MODES, LOSSES),
        "Call model.eval() before validation: else batchnorm takes the statistics of the validation images, and "
        "learns them.",
        {"judge": _judged_as_it_is},
    ),
    (
        "gradients not cleared",
        ALL_FAIL,
        "backward() adds to what is in .grad: optimizer.zero_grad() before it, in every step.",
        {"clear": False},
    ),
):
    loop.mistake(name, fails, says)(_switched(**switches))


@loop.mistake(
    "a step on validation, too",
    ALL_FAIL,
    "The network learns from the validation samples: compute their loss without backward() and step().",
)
def step_on_validation(model, optimizer, loss_function, train, validation, num_epochs):
    return _epochs(model, optimizer, loss_function, [*train, *validation], validation, num_epochs)


@loop.mistake(
    "judged on the training batches",
    (BEST, LOSSES),
    "The best epoch is the one with the smallest loss on the validation batches: training only gets better and better.",
)
def judged_on_training(model, optimizer, loss_function, train, validation, num_epochs):
    return _epochs(model, optimizer, loss_function, train, train, num_epochs)


loop.mistake(
    "gradients cleared once an epoch",
    (MODES, LOSSES),
    "backward() adds to what is in .grad: optimizer.zero_grad() before it, in every step.",
)(_switched(clear="once"))


@loop.mistake(
    "judged before the epoch",
    (MODES, LOSSES),
    "Each epoch trains first and is judged then: else the first loss is that of a network that has learned nothing.",
)
def judged_before_the_epoch(model, optimizer, loss_function, train, validation, num_epochs):
    scores, states = [], []
    for _ in range(num_epochs):
        scores.append(float(np.average(*_judged(model, loss_function, validation)[:1], weights=_sizes(validation))))
        states.append(_copy(model))
        _epochs(model, optimizer, loss_function, train, validation, 1)
    model.load_state_dict(states[int(np.argmin(scores))])
    return scores


def _sizes(batches):
    return [len(y) for _, y in batches]
