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


def train_best(model, optimizer, loss_function, train, validation, num_epochs):
    import torch

    losses, best = [], None
    for _ in range(num_epochs):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss_function(model(x), y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            total = sum(loss_function(model(x), y).item() * len(y) for x, y in validation)
        losses.append(total / sum(len(y) for _, y in validation))
        if losses[-1] == min(losses):
            best = copy.deepcopy(model.state_dict())
    model.load_state_dict(best)
    return losses


def train_best_with_all_kept(model, optimizer, loss_function, train, validation, num_epochs):
    """All states are kept as copies, the best is looked for at the end; an array comes back."""
    import torch

    found = np.zeros(num_epochs)
    states = []
    for epoch in range(num_epochs):
        for x, y in train:
            loss = loss_function(model.train()(x), y)
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            optimizer.step()
        with torch.inference_mode():
            model.train(False)
            losses = [float(loss_function(model(x), y)) for x, y in validation]
        found[epoch] = np.average(losses, weights=[len(x) for x, _ in validation])
        states.append({key: value.clone() for key, value in model.state_dict().items()})
    model.load_state_dict(states[int(found.argmin())])
    return found


def train_best_in_place(model, optimizer, loss_function, train, validation, num_epochs):
    """Parameters and buffers copied one by one, and written back into the same tensors; all validation at once."""
    import torch

    x_all, y_all = (torch.cat(parts) for parts in zip(*validation, strict=True))
    lowest, losses, kept = math.inf, [], []
    for _ in range(num_epochs):
        model.train()
        for x, y in train:
            model.zero_grad()
            loss_function(model(x), y).backward()
            optimizer.step()
        model.eval()
        losses.append(loss_function(model(x_all), y_all).detach())
        if losses[-1] < lowest:
            lowest, kept = losses[-1], [t.detach().clone() for t in model.state_dict().values()]
    with torch.no_grad():
        for tensor, value in zip(model.state_dict().values(), kept, strict=True):
            tensor.copy_(value)
    return losses


def training_bytes(shape, layers, batch_size, moments):
    channels, height, width = shape
    learned, kept = 0, channels * height * width
    for filters, kernel, pool in layers:
        learned += (kernel * kernel * channels + 1) * filters
        kept += filters * height * width
        channels, height, width = filters, height // pool, width // pool
        if pool > 1:
            kept += filters * height * width
    return 4 * (2 + moments) * learned, 4 * batch_size * kept


def training_bytes_measured(shape, layers, batch_size, moments):
    """Layers and activations of PyTorch, measured; an array of two."""
    import torch

    x, channels, weights = torch.empty((batch_size, *shape), device="meta"), shape[0], 0
    maps = x.nbytes
    for filters, kernel, pool in layers:
        convolution = torch.nn.Conv2d(channels, filters, kernel, padding="same", device="meta")
        weights += sum(parameter.nbytes for parameter in convolution.parameters())
        x, channels = convolution(x), filters
        maps += x.nbytes
        if pool > 1:
            x = torch.nn.functional.max_pool2d(x, pool)
            maps += x.nbytes
    return np.array([weights * (2 + moments), maps])


def epochs_within(seconds, num_images, batch_size, start, each, validation_images):
    steps, checks = math.ceil(num_images / batch_size), math.ceil(validation_images / batch_size)
    epoch = (steps + checks) * start + (num_images + validation_images / 3) * each
    return int(seconds / epoch)


def epochs_within_by_the_clock(seconds, num_images, batch_size, start, each, validation_images):
    """Epoch after epoch is taken off the time, with lists of batches."""

    def took(images, price):
        sizes = [min(batch_size, images - first) for first in range(0, images, batch_size)]
        return sum(start + size * price for size in sizes)

    epoch, done = took(num_images, each) + took(validation_images, each / 3), 0
    while (done + 1) * epoch <= seconds:
        done += 1
    return np.float64(done)


def residual_block(x, w1, w2, w_skip, stride):
    from torch.nn.functional import conv2d, relu

    y = relu(conv2d(x, w1, stride=stride, padding=1))
    y = conv2d(y, w2, padding=1)
    skip = x if w_skip is None else conv2d(x, w_skip, stride=stride)
    return relu(skip + y)


def residual_block_of_layers(x, w1, w2, w_skip, stride):
    """PyTorch's own layers, with the weights put into them."""
    import torch

    def layer(w, **more):
        made = torch.nn.Conv2d(w.shape[1], w.shape[0], w.shape[2], bias=False, dtype=w.dtype, **more)
        made.weight.data = w
        return made

    through = torch.nn.Sequential(layer(w1, stride=stride, padding=1), torch.nn.ReLU(), layer(w2, padding=1))
    around = torch.nn.Identity() if w_skip is None else layer(w_skip, stride=stride)
    with torch.no_grad():
        return torch.clamp(through(x) + around(x), min=0)


def residual_block_thinned(x, w1, w2, w_skip, stride):
    """Every pixel is computed, and then those are kept that the stride asks for."""
    import torch

    first = torch.conv2d(x, w1, padding=1)[:, :, ::stride, ::stride]
    y = torch.conv2d(first.clamp(min=0), w2, padding=1)
    kept = x[:, :, ::stride, ::stride]
    if w_skip is not None:
        kept = torch.einsum("nchw,oc->nohw", kept, w_skip[:, :, 0, 0])
    return torch.maximum(kept + y, torch.zeros_like(y))


ANSWERS = {
    "10-1": (training_step, training_step_by_hand, training_step_zero_late),
    "10-2": (evaluate, evaluate_at_once, evaluate_decorated),
    "10-3": (range_test, range_test_without_a_last_step),
    "10-4": (train_best, train_best_with_all_kept, train_best_in_place),
    "10-5": (training_bytes, training_bytes_measured),
    "10-6": (epochs_within, epochs_within_by_the_clock),
    "10-8": (residual_block, residual_block_of_layers, residual_block_thinned),
}
