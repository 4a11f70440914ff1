"""Two exercises about PyTorch, as an author would write them; answers and wrong answers as a student would."""

import numpy as np
import torch
from torch import nn

from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close
from course_lib.checks.kit import Exercise

STEP = "The parameters move by one step of the optimizer"
FRESH = "Gradients of earlier batches are thrown away"
RETURNS = "The loss comes back as a number"
TRAINS = "The model is in training mode"

training = Exercise("98-1", "A training step", "training_step", profile="torch")


def _batch(rng, rows=5):
    inputs = torch.tensor(rng.normal(size=(rows, 3)))
    return inputs, torch.tensor(rng.integers(0, 2, rows))


def _model(rng):
    layers = [nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 2)]
    return nn.Sequential(*layers).double()


def _expected(model, inputs, targets, learning_rate):
    """Loss, and the parameters after a step of gradient descent."""
    loss = nn.functional.cross_entropy(model(inputs), targets)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    return loss.item(), [p.detach() - learning_rate * g for p, g in zip(model.parameters(), gradients, strict=True)]


def _setup(rng):
    model, (inputs, targets) = _model(rng), _batch(rng)
    learning_rate = float(rng.uniform(0.05, 0.2))
    return model, torch.optim.SGD(model.parameters(), lr=learning_rate), inputs, targets, learning_rate


@training.check(STEP, points=2, hint="loss.backward() fills .grad, optimizer.step() uses it.")
def _(step, rng):
    model, optimizer, inputs, targets, learning_rate = _setup(rng)
    _, expected = _expected(model, inputs, targets, learning_rate)
    step(model, optimizer, nn.CrossEntropyLoss(), inputs, targets)
    for parameter, wanted in zip(model.parameters(), expected, strict=True):
        close(parameter, wanted, "a parameter after the step")


@training.check(FRESH, points=2, hint="optimizer.zero_grad() at the start.")
def _(step, rng):
    model, optimizer, inputs, targets, learning_rate = _setup(rng)
    _, expected = _expected(model, inputs, targets, learning_rate)
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    step(model, optimizer, nn.CrossEntropyLoss(), inputs, targets)
    for parameter, wanted in zip(model.parameters(), expected, strict=True):
        close(parameter, wanted, "a parameter after the step")


@training.check(RETURNS, points=1, hint="loss.item()")
def _(step, rng):
    model, optimizer, inputs, targets, learning_rate = _setup(rng)
    loss, _ = _expected(model, inputs, targets, learning_rate)
    got = step(model, optimizer, nn.CrossEntropyLoss(), inputs, targets)
    close(got, loss, "the loss")
    if isinstance(got, torch.Tensor) and got.requires_grad:
        raise Wrong("The loss still holds on to its graph.", got=got)


@training.check(TRAINS, points=1, hint="model.train()", supporting=True)
def _(step, rng):
    model, optimizer, inputs, targets, _ = _setup(rng)
    model.eval()
    step(model, optimizer, nn.CrossEntropyLoss(), inputs, targets)
    if not all(module.training for module in model.modules()):
        raise Wrong("A module is in evaluation mode after the step.")


@training.mistake("gradients add up", FRESH, "Call optimizer.zero_grad() before loss.backward().")
def _(model, optimizer, loss_function, inputs, targets):
    model.train()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


@training.mistake("gradients thrown away too late", (STEP, FRESH), "zero_grad comes before backward, not after it.")
def _(model, optimizer, loss_function, inputs, targets):
    model.train()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@training.mistake("the graph is kept", RETURNS, "Return loss.item(): the tensor keeps the whole graph alive.")
def _(model, optimizer, loss_function, inputs, targets):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss


@training.mistake("mode left as it was", TRAINS, "Call model.train() first.")
def _(model, optimizer, loss_function, inputs, targets):
    optimizer.zero_grad()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


MODE = "Dropout and batch normalisation are in evaluation mode"
MEAN = "The loss is the mean over all samples"
BACK = "Afterwards the model is in the mode in which it was"
LEAVES = "The model and the data are left alone"

evaluating = Exercise("98-2", "Evaluation", "evaluate", profile="torch")


def _network(rng):
    model = nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 2)).double()
    model[1].running_mean += torch.tensor(rng.normal(size=6))
    return model


def _loss(model, batches):
    model.eval()
    with torch.no_grad():
        losses = [nn.functional.cross_entropy(model(x), y, reduction="sum") for x, y in batches]
    model.train()
    return float(sum(losses)) / sum(len(y) for _, y in batches)


@evaluating.check(MODE, points=2, hint="model.eval()")
def _(evaluate, rng):
    model, batches = _network(rng), [_batch(rng, 4), _batch(rng, 4)]
    close(evaluate(model, nn.CrossEntropyLoss(), batches), _loss(model, batches), "the loss")


@evaluating.check(MEAN, points=1, hint="Weigh each batch by its size.")
def _(evaluate, rng):
    model, batches = nn.Sequential(nn.Linear(3, 2)).double(), [_batch(rng, 6), _batch(rng, 2)]
    close(evaluate(model, nn.CrossEntropyLoss(), batches), _loss(model, batches), "the loss")


@evaluating.check(BACK, points=1, hint="was = model.training ... model.train(was)", supporting=True)
def _(evaluate, rng):
    for mode in (True, False):
        model = _network(rng).train(mode)
        evaluate(model, nn.CrossEntropyLoss(), [_batch(rng)])
        if any(module.training is not mode for module in model.modules()):
            raise Wrong("A module is in another mode than before.")


@evaluating.check(LEAVES, points=1, hint="with torch.no_grad():", supporting=True)
def _(evaluate, rng):
    model, batches = _network(rng), [_batch(rng), _batch(rng)]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    leaves_inputs_alone(
        evaluate, model, nn.CrossEntropyLoss(), batches, other=(model, nn.CrossEntropyLoss(), batches[:1])
    )
    for name, tensor in model.state_dict().items():
        close(tensor, before[name].numpy(), f"the model's {name}")
    if any(parameter.grad is not None for parameter in model.parameters()):
        raise Wrong("A parameter has a gradient after the evaluation.")


@evaluating.mistake("training mode", (MODE, LEAVES), "Call model.eval() first.")
def _(model, loss_function, batches):
    with torch.no_grad():
        losses = [float(loss_function(model(x), y)) * len(y) for x, y in batches]
    return sum(losses) / sum(len(y) for _, y in batches)


@evaluating.mistake("mean of means", MEAN, "Batches of different size count by their size.")
def _(model, loss_function, batches):
    was = model.training
    model.eval()
    with torch.no_grad():
        losses = [float(loss_function(model(x), y)) for x, y in batches]
    model.train(was)
    return float(np.mean(losses))


@evaluating.mistake("stays in evaluation mode", BACK, "Bring the model back into the mode in which it was.")
def _(model, loss_function, batches):
    model.eval()
    with torch.no_grad():
        losses = [float(loss_function(model(x), y)) * len(y) for x, y in batches]
    return sum(losses) / sum(len(y) for _, y in batches)


EXERCISES = (training, evaluating)

SETUP = "import numpy as np\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F"
TRAINING = """def training_step(model, optimizer, loss_function, inputs, targets):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()"""
EVALUATE = """@torch.no_grad()
def evaluate(model, loss_function, batches):
    was, total, count = model.training, 0.0, 0
    model.eval()
    for inputs, targets in batches:
        total += loss_function(model(inputs), targets).item() * len(targets)
        count += len(targets)
    model.train(was)
    return total / count"""
RIGHT = (SETUP, TRAINING, EVALUATE)
STEPS = {
    "right": TRAINING,
    "set to none by hand": TRAINING.replace("optimizer.zero_grad()", "for p in model.parameters(): p.grad = None"),
    "detached": TRAINING.replace("loss.item()", "loss.detach()"),
    "by autograd.grad": TRAINING.replace(
        "    loss.backward()\n    optimizer.step()\n",
        """
    with torch.no_grad():
        for p, g in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
            p -= optimizer.param_groups[0]["lr"] * g
""",
    ),
    "new data": TRAINING.replace(
        "optimizer.step()", "for p in model.parameters(): p.data = p.data - optimizer.param_groups[0]['lr'] * p.grad"
    ),
    "no zero_grad": TRAINING.replace("    optimizer.zero_grad()\n", ""),
    "zero_grad late": TRAINING.replace("    optimizer.zero_grad()\n", "").replace(
        "    optimizer.step()", "    optimizer.zero_grad()\n    optimizer.step()"
    ),
    "the graph": TRAINING.replace("loss.item()", "loss"),
    "no train": TRAINING.replace("    model.train()\n", ""),
    "nothing": "def training_step(*given): return 0.0",
    "no step": TRAINING.replace("    optimizer.step()\n", ""),
    "wrong learning rate": TRAINING.replace(
        "optimizer.step()", "optimizer.param_groups[0]['lr'] *= 2\n    optimizer.step()"
    ),
    "raises after a step": TRAINING.replace("return loss.item()", "raise KeyError('x')"),
    "returns the model": TRAINING.replace("loss.item()", "model"),
    "returns a subclass": "class T(torch.Tensor): pass\n"
    + TRAINING.replace("loss.item()", "loss.detach().as_subclass(T)"),
    "freezes": TRAINING.replace("model.train()", "model.train(); model[0].weight.requires_grad_(False)"),
    "changes the data": TRAINING.replace("model.train()", "model.train(); inputs.mul_(2)"),
    "turns gradients off": "def training_step(*given):\n    torch.set_grad_enabled(False)\n    return 1.0",
    "float32": TRAINING.replace("loss.item()", "loss.detach().float()"),
    "not a number": TRAINING.replace("loss.item()", "float('nan') * loss.detach()"),
    "stub": "def training_step(*given):\n    raise NotImplementedError",
    "replaces a parameter": TRAINING.replace(
        "return", "model[0].weight = nn.Parameter(model[0].weight * 2)\n    return"
    ),
    "adds noise": TRAINING.replace("loss.item()", "loss.item() + float(torch.rand(()))"),
}
EVALUATIONS = {
    "right": EVALUATE,
    "training mode": EVALUATE.replace("    model.eval()\n", ""),
    "stays": EVALUATE.replace("    model.train(was)\n", ""),
    "mean of means": EVALUATE.replace("* len(targets)", "").replace("+= len(targets)", "+= 1"),
    "builds gradients": EVALUATE.replace("@torch.no_grad()\n", "")
    .replace(".item()", "")
    .replace("    return", "    total.backward()\n    total = total.item()\n    return"),
    "with a graph": EVALUATE.replace("@torch.no_grad()\n", "").replace(".item()", ""),
}
