"""Right answers to the exercises of chapter 10, written differently."""

import copy
import math

import numpy as np


def training_step(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def training_step_by_hand(model, optimizer, loss_function, x, y):
    """Gradients set to None parameter by parameter, cleared again at the end, the loss as a float."""
    for parameter in model.parameters():
        parameter.grad = None
    loss = loss_function(model.train()(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return float(loss.detach())


def training_step_zero_late(model, optimizer, loss_function, x, y):
    """Clears between forward and backward, which is early enough; gives a tensor without a graph."""
    model.train(True)
    logits = model(x)
    loss = loss_function(logits, y)
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()


def evaluate(model, loss_function, batches):
    import torch

    were = [module.training for module in model.modules()]
    model.eval()
    loss = right = seen = 0
    with torch.no_grad():
        for x, y in batches:
            logits = model(x)
            loss += loss_function(logits, y).item() * len(y)
            right += (logits.argmax(dim=1) == y).sum().item()
            seen += len(y)
    for module, training in zip(model.modules(), were, strict=True):
        module.training = training
    return loss / seen, right / seen


def evaluate_at_once(model, loss_function, batches):
    """All samples below each other, in inference mode; results are tensors."""
    import torch

    training = {module for module in model.modules() if module.training}
    model.train(False)
    with torch.inference_mode():
        logits = torch.cat([model(x) for x, _ in batches])
        y = torch.cat([y for _, y in batches])
        loss, accuracy = loss_function(logits, y), (logits.max(1).indices == y).double().mean()
    for module in training:
        module.training = True
    return loss, accuracy


def evaluate_decorated(model, loss_function, batches):
    """Means of the batches weighted by their sizes, a list of two."""
    import torch

    @torch.no_grad()
    def scores(x, y):
        z = model(x)
        return [float(loss_function(z, y)), float(torch.eq(torch.argmax(z, -1), y).double().mean())]

    before = {name: module.training for name, module in model.named_modules()}
    try:
        model.eval()
        table = [scores(x, y) for x, y in batches]
    finally:
        for name, module in model.named_modules():
            module.training = before[name]
    return list(np.average(table, axis=0, weights=[len(y) for _, y in batches]))


def range_test(model, optimizer, loss_function, batches, lowest, highest):
    before = copy.deepcopy(model.state_dict())
    learning_rates, losses = [], []
    for k, (x, y) in enumerate(batches):
        rate = lowest * (highest / lowest) ** (k / (len(batches) - 1))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        learning_rates.append(rate)
        losses.append(loss.item())
        if not losses[-1] <= 4 * min(losses):
            break
    model.load_state_dict(before)
    finite = [loss for loss in losses if math.isfinite(loss)]
    smooth = [float(np.mean(finite[max(0, k - 3) : k + 4])) for k in range(len(finite))]
    low = smooth.index(min(smooth))
    falls = [smooth[k + 1] - smooth[k] for k in range(low)]
    return learning_rates, losses, learning_rates[falls.index(min(falls))] if falls else learning_rates[0]


def range_test_without_a_last_step(model, optimizer, loss_function, batches, lowest, highest):
    """Rates from geomspace, stops before the step that would follow, smoothed by convolution, the steepest by hand."""
    saved = {name: value.clone() for name, value in model.state_dict().items()}
    rates, losses, smallest = np.geomspace(lowest, highest, len(batches)), np.zeros(0), math.inf
    for rate, (x, y) in zip(rates, batches, strict=True):
        for group in optimizer.param_groups:
            group.update(lr=float(rate))
        loss = loss_function(model(x), y)
        losses = np.append(losses, loss.item())
        smallest = min(smallest, losses[-1])
        if math.isnan(losses[-1]) or losses[-1] > 4 * smallest:
            break
        model.zero_grad()
        loss.backward()
        optimizer.step()
    model.load_state_dict(saved)
    finite = losses[np.isfinite(losses)]
    sums, counts = (np.convolve(values, np.ones(7))[3:-3] for values in (finite, np.ones(len(finite))))
    smooth = sums / counts
    best, deepest = float(rates[0]), math.inf
    for rate, one, next_one in zip(rates, smooth, smooth[1 : np.argmin(smooth) + 1], strict=False):
        if next_one - one < deepest:
            best, deepest = float(rate), next_one - one
    return rates[: len(losses)], losses, best


ANSWERS = {
    "10-1": (training_step, training_step_by_hand, training_step_zero_late),
    "10-2": (evaluate, evaluate_at_once, evaluate_decorated),
    "10-3": (range_test, range_test_without_a_last_step),
}
