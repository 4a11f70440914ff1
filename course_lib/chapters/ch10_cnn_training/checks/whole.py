"""The whole of each exercise of chapter 10, on models with levels, several groups and several kinds of optimizer.

The reference works on a twin of the model that the answer gets. Compared are the results, and all that is in the model
and the optimizer afterwards: values, the modes of every module, what requires a gradient, the optimizer's state.
"""

from contextlib import contextmanager

import numpy as np

from course_lib.chapters.ch10_cnn_training.checks.evaluate import evaluation, loss_that_looks, telling
from course_lib.chapters.ch10_cnn_training.checks.range_test import (
    Script,
    behind,
    ended,
    range_test,
    script,
    sudden,
    uneven,
)
from course_lib.chapters.ch10_cnn_training.checks.step import step
from course_lib.checks.compare import Wrong, close, numbers, several, shaped
from course_lib.checks.torch_objects import keeps_graph, same_state, state_of
from course_lib.checks.whole import different, whole


def _model(rng, inputs, hidden, outputs):
    """A model of two levels with batchnorm inside, float64; the first layer's weights stay as they are."""
    import torch

    inner = torch.nn.Sequential(torch.nn.Linear(hidden, hidden), torch.nn.BatchNorm1d(hidden), torch.nn.Tanh())
    model = torch.nn.Sequential(torch.nn.Linear(inputs, hidden), inner, torch.nn.Linear(hidden, outputs)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=tuple(parameter.shape))))
    model[0].weight.requires_grad_(False)
    return model


def _optimizer(rng, model, kind):
    """Two groups with learning rates of their own."""
    import torch

    rates = rng.uniform(0.05, 0.3, 2)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": part, "lr": float(rate)} for part, rate in zip((learning[:2], learning[2:]), rates, strict=True)
    ]
    if kind == "Adam":
        return torch.optim.Adam(groups)
    return torch.optim.SGD(groups, lr=0.1, momentum=0.9 if kind == "momentum" else 0.0)


def _batch(rng, size, inputs, outputs, classes=True):
    import torch

    x = torch.from_numpy(rng.normal(size=(size, inputs)))
    y = rng.integers(0, outputs, size) if classes else rng.normal(size=(size, outputs))
    return x, torch.from_numpy(y)


def modes_of(model):
    """The mode of every module, and what requires a gradient, as numbers."""
    return np.array(
        [float(module.training) for module in model.modules()]
        + [float(parameter.requires_grad) for parameter in model.parameters()]
    )


def _same_model(model, right):
    same_state(model, state_of(right), "a parameter or a statistic of the model after the call")
    if not np.array_equal(modes_of(model), modes_of(right)):
        raise Wrong("After the call some part of the model is in another mode, or requires a gradient that did not.")


# --- 10-1 -----------------------------------------------------------------------------------------------------


def _training_step(model, optimizer, loss_function, x, y):
    for module in model.modules():
        module.training = True
    loss = loss_function(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _step_cases(rng):
    """Kinds of optimizer; gradients that are left over; models in either mode, or partly in one; a single sample."""
    import torch

    cases = []
    for k, kind in enumerate(("momentum", "Adam", "plain")):
        size, inputs, hidden, outputs = different(rng, 4, 3, 8)
        model = _model(rng, inputs, hidden, outputs).train(k == 1)
        model[1][1].train(k == 2)
        optimizer, loss_function = (
            _optimizer(rng, model, kind),
            torch.nn.CrossEntropyLoss() if k < 2 else torch.nn.MSELoss(),
        )
        x, y = _batch(rng, size, inputs, outputs, k < 2)
        y = y if k < 2 else 50 * y  # far off: the gradients are long
        if k != 1:
            loss_function(model(2 * x.flip(0)), y).backward()
        cases.append((model, optimizer, loss_function, x, y))
    return [*cases, _single_sample(rng)]


def _single_sample(rng):
    """Without batchnorm, and with a dropout that lets nothing through: that is no matter of chance."""
    import torch

    inputs, hidden, outputs = different(rng, 3, 2, 8)
    model = _model(rng, inputs, hidden, outputs)
    model[1][1] = torch.nn.Dropout(1.0)
    return model, _optimizer(rng, model, "momentum"), torch.nn.CrossEntropyLoss(), *_batch(rng, 1, inputs, outputs)


def _same_step(result, expected, given, mine):
    if keeps_graph(result):
        raise Wrong("The loss came back as a tensor that keeps the graph of its computation.")
    close(result, expected, "the loss")
    _same_model(given[0], mine[0])


# --- 10-2 -----------------------------------------------------------------------------------------------------


def _evaluate(model, loss_function, batches):
    """All samples at once, in evaluation mode."""
    import torch

    modes = {module: module.training for module in model.modules()}
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    with torch.no_grad():
        logits = model.eval()(x)
        loss, right = loss_function(logits, y), (logits.argmax(1) == y).double().mean()
    for module, training in modes.items():
        module.training = training
    return float(loss), float(right)


def _evaluation_cases(rng):
    """Batches of all sizes down to one sample; models in either mode, each with parts that are in the other; gradients
    of the last step still there; two classes, both with logits above 0."""
    import torch

    cases = []
    for k in range(3):
        inputs, hidden, outputs, *sizes = different(rng, 5, 2, 8)
        outputs, sizes = (2, sizes) if k == 2 else (outputs + 1, sizes)
        sizes = 6 * sizes if k == 0 else sizes  # who stops after some batches is seen
        model = _model(rng, inputs, hidden, outputs)
        model[1].append(torch.nn.Dropout(0.5))
        model[1][1].running_mean += torch.from_numpy(rng.normal(size=hidden))
        model.train(k != 1)
        model[1][1].train(k < 2)
        model[1][3].train(k == 1)
        for parameter in model.parameters():
            parameter.grad = torch.ones_like(parameter) if parameter.requires_grad else None
        modes, wanted = {module: module.training for module in model.modules()}, (sizes, (*sizes, 1), sizes[:1])[k]
        batches = [_batch(rng, size, inputs, outputs) for size in wanted]
        for _ in range(50):
            if (telling, telling, _above_0)[k](model, batches):
                break
            batches = [_batch(rng, size, inputs, outputs) for size in wanted]
        for module, training in modes.items():
            module.training = training
        looks = []
        loss_function = loss_that_looks(looks) if k == 0 else torch.nn.CrossEntropyLoss()
        loss_function.looks = looks
        cases.append((model, loss_function, batches))
    return cases


def _above_0(model, batches):
    """Let either class be the larger one somewhere, raise all logits above 0, and say whether that of the second being
    there is another accuracy."""
    import torch

    with torch.no_grad():
        model[2].bias += 100.0 - torch.cat([model.eval()(x) for x, _ in batches]).mean(0)
        pairs = [(model.eval()(x), y) for x, y in batches]
    right, ones = (sum(int((way(z) == y).sum()) for z, y in pairs) for way in (lambda z: z.argmax(1), lambda z: 1))
    return all(bool((z > 0).all()) for z, _ in pairs) and right != ones


def _same_scores(result, expected, given, mine):
    for got, right, name in zip(
        several(result, ("loss", "accuracy")), expected, ("the loss", "the accuracy"), strict=True
    ):
        close(got, right, name)
    if any(given[1].looks):
        raise Wrong("The logits carry a graph, which costs memory and time.")
    _same_model(given[0], mine[0])
    if any(p.grad is None or bool((p.grad != 1).any()) for p in given[0].parameters() if p.requires_grad):
        raise Wrong("After the call the gradients of the model are others: the judging must not change it.")


# --- 10-3 -----------------------------------------------------------------------------------------------------


@contextmanager
def _put_back(model):
    before = {name: value.detach().clone() for name, value in model.state_dict().items()}
    yield
    model.load_state_dict(before)


def _losses(model, optimizer, loss_function, batches, rates):
    """The losses of the walk, as long as they are asked for."""
    if isinstance(batches, Script):
        yield from batches.planned
        return
    for rate, (x, y) in zip(rates, batches, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = float(rate)
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        yield float(loss.detach())
        loss.backward()
        optimizer.step()


def _range_test(model, optimizer, loss_function, batches, lowest, highest):
    """The walk first, then what to make of it."""
    rates, losses = np.exp(np.linspace(np.log(lowest), np.log(highest), len(batches))), []
    with _put_back(model):
        for loss in _losses(model, optimizer, loss_function, batches, rates):
            losses.append(loss)
            if np.isnan(loss) or loss > 4 * np.nanmin(losses):
                break
    return rates[: len(losses)], np.array(losses), _steepest(rates, [loss for loss in losses if np.isfinite(loss)])


def _steepest(rates, losses):
    smooth = np.array([np.mean(losses[max(k - 3, 0) : k + 4]) for k in range(len(losses))])
    falls = np.diff(smooth)[: int(np.argmin(smooth))]
    return float(rates[int(np.argmin(falls)) if len(falls) else 0])


def _range_cases(rng):
    """Batches that differ, batchnorm, two groups of parameters; and losses that are planned: a slow rise above four
    times the lowest that stays below the first, nan and inf before the end, a jump whose way down is the
    steepest place, a fall that is steepest just before the lowest place or at the first loss, a loss of exactly four
    times the smallest, a last loss that counts, ``uneven`` ones.
    """
    import torch

    cases = []
    for k, (kind, highest) in enumerate((("plain", 0.5), ("momentum", 300.0))):
        inputs, hidden, outputs = different(rng, 3, 2, 6)
        model = _model(rng, inputs, hidden, outputs)
        batches = [_batch(rng, int(rng.integers(5, 9)), inputs, outputs, k == 0) for _ in range(9 + 3 * k)]
        loss_function = torch.nn.MSELoss() if k else torch.nn.CrossEntropyLoss()
        lowest = float(rng.uniform(1e-3, 1e-2))
        cases.append((model, _optimizer(rng, model, kind), loss_function, batches, lowest, highest))
    fall = 2.3 - 2 / (1 + np.exp(-(np.arange(14) - rng.uniform(5, 7)) / 1.5))
    rise = fall[-1] * 1.6 ** np.arange(1, 5)
    early = [3.4, *(1.5 - 0.01 * np.arange(12) * rng.uniform(0.8, 1.2))]
    size = rng.uniform(1, 2)
    high = size * np.array(
        [*(2 + 0.01 * np.arange(6)), 6.0, *[1.9] * 4]
    )  # the best rate lies near the end, if any does
    plans = (
        [*fall, *rise],
        [*fall, np.nan, 1.0, 1.0],
        [*high, 8.0 * size, 1.0],
        [*high, np.inf, 1.0],
        behind(rng),
        ended(rng),
        sudden(rng),
        [2.25, 1.0, 4.0, 2.25, 1.0],
        early,
        *uneven(rng),
    )
    return [*cases, *((*script(plan), 1e-3, float(rng.uniform(1, 5))) for plan in plans)]


def _same_test(result, expected, given, mine):
    names = ("the learning rates", "the losses", "the best rate")
    for got, right, name in zip(several(result, names), expected, names, strict=True):
        if keeps_graph(got):
            raise Wrong("The losses came back as tensors that keep the graphs of all steps.")
        values = numbers(got, name)
        if not np.isfinite(values).any():
            shaped(values, values.shape, name)
        finite = (np.where(np.isfinite(part), part, -1.0) for part in (values, right))  # nan ends a test by right
        close(*finite, name, rtol=1e-6)
    _same_model(given[0], mine[0])


whole(step, _training_step, _step_cases, ("the loss",), _same_step)
whole(evaluation, _evaluate, _evaluation_cases, ("the loss", "the accuracy"), _same_scores)
whole(range_test, _range_test, _range_cases, ("the learning rates", "the losses", "the best rate"), _same_test)
