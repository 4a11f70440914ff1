"""Exercise 10-1: one training step.

They are written on PyTorch's own objects: a model of stock layers, an optimizer that holds its parameters, a loss.
"""

from course_lib.checks.compare import Wrong, close
from course_lib.checks.kit import Exercise
from course_lib.checks.torch_objects import keeps_graph, positive_number, same_state, state_of
from course_lib.checks.whole import WHOLE

step = Exercise("10-1", "One training step", "training_step", topics=("training",), profile="torch")

RETURNS = "The loss of the batch, before the update, comes back as a number"
MOVES = "The parameters take one step along the gradient of this batch"
CLEARS = "Gradients that are left over from before do not count"
TRAINS = "The model is in training mode"
REACH = 100  # of the inputs, so that gradients are long: who clips them takes another step


def _problem(rng, batchnorm=False):
    """``(model, optimizer, loss_function, x, y)``: 8 samples, 3 numbers each, 4 classes; float64."""
    import torch

    middle = torch.nn.BatchNorm1d(5) if batchnorm else torch.nn.Tanh()
    model = torch.nn.Sequential(torch.nn.Linear(3, 5), middle, torch.nn.Linear(5, 4)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=tuple(parameter.shape))))
        model[0].weight /= REACH
    optimizer = torch.optim.SGD(model.parameters(), lr=float(rng.uniform(0.1, 0.5)))
    x, y = torch.from_numpy(REACH * rng.normal(size=(8, 3))), torch.from_numpy(rng.integers(0, 4, size=8))
    return model, optimizer, torch.nn.CrossEntropyLoss(), x, y


def _expected(problem):
    """Loss before the step, and the state after it, computed on a copy."""
    import copy

    import torch

    model, optimizer, loss_function, x, y = problem
    model = copy.deepcopy(model)
    loss = loss_function(model(x), y)
    gradients = torch.autograd.grad(loss, list(model.parameters()))
    with torch.no_grad():
        for parameter, gradient in zip(model.parameters(), gradients, strict=True):
            parameter -= optimizer.param_groups[0]["lr"] * gradient
    return float(loss.detach()), state_of(model)


@step.check(
    RETURNS,
    points=2,
    hint=(
        "The loss that backward() starts from is the one to return, as a plain number: a tensor hangs on its graph.",
        "return loss.item()",
    ),
)
def loss_of_the_batch_before(training_step, rng):
    problem = _problem(rng)
    expected, _ = _expected(problem)
    result = training_step(*problem)
    if keeps_graph(result):
        raise Wrong("The loss came back as a tensor that keeps the graph of its computation.")
    close(result, expected, "the loss")


@step.check(
    MOVES,
    points=2,
    hint=(
        "Three calls in this order: clear the gradients, compute them, step.",
        "optimizer.zero_grad(); loss.backward(); optimizer.step()",
    ),
)
def parameters_take_one_step_along(training_step, rng):
    problem = _problem(rng)
    _, expected = _expected(problem)
    positive_number(training_step(*problem), "the loss")
    same_state(problem[0], expected, "a parameter after the step")


@step.check(
    CLEARS,
    points=2,
    hint=(
        "backward() adds to what is in .grad already.",
        "optimizer.zero_grad() before backward(), in every step.",
    ),
)
def gradients_that_are_left_over_from(training_step, rng):
    problem = _problem(rng)
    _, expected = _expected(problem)
    model, _, loss_function, x, y = problem
    loss_function(model(x.flip(0) * 2), y).backward()
    positive_number(training_step(*problem), "the loss")
    same_state(model, expected, "a parameter after the step")


@step.check(
    TRAINS, points=1, hint="model.train(), before the forward pass: an evaluation may have left it in eval mode."
)
def model_is_in_training_mode(training_step, rng):
    for mode in (False, True):
        problem = _problem(rng, batchnorm=True)
        problem[0].train(mode)
        before = problem[0][1].running_mean.clone()
        positive_number(training_step(*problem), "the loss")
        if not problem[0].training:
            raise Wrong("After the step the model is in evaluation mode.")
        if bool((problem[0][1].running_mean == before).all()):
            raise Wrong("The forward pass was not in training mode: batchnorm's running mean has not moved.")


# --- Known mistakes: model, optimizer, loss_function, x, y -> loss -------------------------------------------


@step.mistake(
    "gradients not cleared",
    CLEARS,
    "backward() adds to what is in .grad: call optimizer.zero_grad() before it, in every step.",
)
def gradients_not_cleared(model, optimizer, loss_function, x, y):
    model.train()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "gradients cleared afterwards",
    CLEARS,
    "You clear the gradients after the step; what was there before the first one counts all the same. Clear them "
    "before backward().",
)
def gradients_cleared_afterwards(model, optimizer, loss_function, x, y):
    model.train()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@step.mistake(
    "no gradients at the step",
    (MOVES, CLEARS),
    "When step() is called there are no gradients: backward() is missing, or zero_grad() stands behind it.",
)
def no_gradients_at_the_step(model, optimizer, loss_function, x, y):
    model.train()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@step.mistake(
    "no step, or step before backward",
    (MOVES, CLEARS),
    "The gradients are there, but no parameter has moved: optimizer.step() comes after loss.backward().",
)
def no_step_or_step_before_backward(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    optimizer.step()
    loss.backward()
    return loss.item()


@step.mistake(
    "no backward",
    (MOVES, CLEARS),
    "Without loss.backward() there is no gradient, and step() leaves every parameter where it is.",
)
def no_backward(model, optimizer, loss_function, x, y):
    model.train()
    loss = loss_function(model(x), y)
    optimizer.step()
    return loss.item()


@step.mistake(
    "two steps",
    (MOVES, CLEARS),
    "optimizer.step() is called twice with the same gradient.",
)
def two_steps(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    optimizer.step()
    return loss.item()


@step.mistake(
    "a tensor that keeps the graph",
    RETURNS,
    "You return the tensor, which hangs on its graph. backward() has emptied that, but a list of losses that had no "
    "backward(), as in a validation loop, keeps whole graphs, and memory runs out. Return loss.item().",
)
def tensor_that_keeps_the_graph(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


@step.mistake(
    "the loss after the update",
    RETURNS,
    "This is the loss of the new parameters, at the price of a second forward pass: return the one that "
    "backward() started from.",
)
def loss_after_the_update(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss_function(model(x), y).backward()
    optimizer.step()
    return loss_function(model(x), y).item()


def _stepped(model, optimizer, loss_function, x, y):
    """The step as it should be; written in an order of its own, since the library is handed out with the exercise."""
    optimizer.zero_grad()
    loss = loss_function(model.train()(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "the loss divided by the batch size",
    RETURNS,
    "The loss function gives the mean over the batch already.",
)
def loss_divided_by_the_batch_size(model, optimizer, loss_function, x, y):
    return _stepped(model, optimizer, loss_function, x, y) / len(x)


@step.mistake(
    "the loss times the batch size",
    RETURNS,
    "This is the sum over the batch: return the loss itself.",
)
def loss_times_the_batch_size(model, optimizer, loss_function, x, y):
    return _stepped(model, optimizer, loss_function, x, y) * len(x)


@step.mistake(
    "softmax before the loss",
    (RETURNS, MOVES, CLEARS),
    "PyTorch's cross-entropy takes logits and applies the softmax itself: after a second one gradients are small "
    "and the loss never comes near 0.",
)
def softmax_before_the_loss(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x).softmax(1), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "training mode not switched on",
    TRAINS,
    "Call model.train() first: after an evaluation the model is in evaluation mode, where dropout is off and "
    "batchnorm learns nothing.",
)
def training_mode_not_switched(model, optimizer, loss_function, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "trains in evaluation mode",
    TRAINS,
    "model.eval() is for evaluating: dropout is off and batchnorm uses its running statistics. Call model.train().",
)
def trains_in_evaluation_mode(model, optimizer, loss_function, x, y):
    model.eval()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "training mode after the forward pass",
    TRAINS,
    "model.train() comes before the forward pass: that is where dropout and batchnorm ask for the mode.",
)
def training_mode_after_the_forward_pass(model, optimizer, loss_function, x, y):
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    model.train()
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "in evaluation mode afterwards",
    TRAINS,
    "A training step leaves the model in training mode: drop model.eval(); whoever evaluates calls it there.",
)
def in_evaluation_mode_afterwards(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    model.eval()
    return loss.item()


@step.mistake(
    "backward from the sum over the batch",
    (MOVES, CLEARS),
    "You go back from the loss times the batch size, so the step is that many times too long: loss_function gives "
    "the mean, and backward() starts from it.",
)
def backward_from_the_sum_over(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    (loss * len(x)).backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "loss and step of the sum over the batch",
    (RETURNS, MOVES, CLEARS),
    "The loss is multiplied by the batch size: loss_function gives the mean over the batch, take it as it is.",
)
def loss_and_step_of_the_sum(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y) * len(x)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "climbs",
    (MOVES, CLEARS),
    "The step goes up: the optimizer subtracts the gradient itself, so backward() starts from the loss, not from "
    "minus the loss.",
)
def climbs(model, optimizer, loss_function, x, y):
    model.train()
    optimizer.zero_grad()
    loss = loss_function(model(x), y)
    (-loss).backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "a step for each sample",
    (RETURNS, MOVES, CLEARS, TRAINS),
    "You take a step for each sample: the whole batch goes through the model at once, and one step follows.",
)
def step_for_each_sample(model, optimizer, loss_function, x, y):
    model.train()
    losses = []
    for k in range(len(x)):
        optimizer.zero_grad()
        loss = loss_function(model(x[k : k + 1]), y[k : k + 1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@step.mistake(
    "no graph",
    (RETURNS, MOVES, CLEARS, TRAINS),
    "Inside torch.no_grad() no graph is recorded, and backward() has nothing to go back through: leave it out here.",
)
def no_graph(model, optimizer, loss_function, x, y):
    import torch

    model.train()
    optimizer.zero_grad()
    with torch.no_grad():
        loss = loss_function(model(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "cleared in one group only",
    WHOLE,
    "The optimizer may have several groups: optimizer.zero_grad() clears the gradients of all of them.",
)
def cleared_in_one_group_only(model, optimizer, loss_function, x, y):
    for parameter in optimizer.param_groups[0]["params"]:
        parameter.grad = None
    loss = loss_function(model.train()(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@step.mistake(
    "a step by hand",
    WHOLE,
    "Each kind of optimizer takes its own step, each group at its own rate: leave it to optimizer.step().",
)
def a_step_by_hand(model, optimizer, loss_function, x, y):
    import torch

    optimizer.zero_grad()
    loss = loss_function(model.train()(x), y)
    loss.backward()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter -= optimizer.param_groups[0]["lr"] * parameter.grad
    return loss.item()


@step.mistake(
    "the loss in evaluation mode",
    WHOLE,
    "The loss to return is the one that backward() starts from, of the forward pass in training mode.",
)
def loss_in_evaluation_mode(model, optimizer, loss_function, x, y):
    import torch

    with torch.no_grad():
        loss = loss_function(model.eval()(x), y).item()
    _stepped(model, optimizer, loss_function, x, y)
    return loss


@step.mistake(
    "frozen parameters thawed",
    WHOLE,
    "What does not require a gradient was frozen on purpose: leave requires_grad as it is.",
)
def frozen_parameters_thawed(model, optimizer, loss_function, x, y):
    model.requires_grad_(True)
    return _stepped(model, optimizer, loss_function, x, y)


def _clipped_to(length):
    def clipped(model, optimizer, loss_function, x, y):
        import torch

        optimizer.zero_grad()
        loss = loss_function(model.train()(x), y)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), length)
        optimizer.step()
        return loss.item()

    return clipped


for length in (0.1, 0.5, 1.0, 2.0):
    step.mistake(
        "a clipped gradient",
        (MOVES, CLEARS),
        "The step is along the gradient as it is: clipping is no part of this exercise.",
    )(_clipped_to(length))
