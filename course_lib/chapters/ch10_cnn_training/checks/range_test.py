"""Exercise 10-3: the learning-rate range test."""

import numpy as np

from course_lib.checks.compare import Wrong, close, numbers, several, shaped
from course_lib.checks.kit import Exercise
from course_lib.checks.torch_objects import keeps_graph, same_state, state_of
from course_lib.checks.whole import WHOLE

range_test = Exercise("10-3", "The learning-rate range test", "range_test", topics=("training",), profile="torch")

GEOMETRIC = "The learning rates grow by the same factor from lowest to highest"
LOSSES = "Each loss is measured just before the step with its learning rate"
STOPS = "It stops at the first loss above four times the smallest so far, or that is no number"
BEST = "The best rate is where the smoothed loss falls most steeply on the way to its lowest place"
RESTORED = "The model is afterwards as it was before"
LONGEST = 14


def _problem(rng, num_steps=10, batchnorm=False):
    """``(model, optimizer, loss_function, batches)`` with curvature 1 in every direction: predictable, float64.

    A linear model on inputs whose second moments are 1/2, and the squared error: a step with rate eta multiplies the
    distance from the optimum by 1 - eta. Every batch is the same 6 samples.
    """
    import torch

    basis, _ = np.linalg.qr(rng.normal(size=(6, 3)))
    x = torch.from_numpy(basis * np.sqrt(3))
    model = torch.nn.Sequential(torch.nn.Linear(3, 1, bias=False)).double()
    if batchnorm:
        model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 1)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.from_numpy(rng.normal(size=tuple(parameter.shape))))
    apart = rng.normal(size=(6, 1))
    apart -= basis @ (basis.T @ apart)  # no weights explain it: near the optimum a loss is no rounding error
    y = x @ torch.from_numpy(rng.normal(size=(3, 1)) * 2 + 3) + torch.from_numpy(apart / np.linalg.norm(apart))
    optimizer = torch.optim.SGD(model.parameters(), lr=float(rng.uniform(0.7, 0.8)))
    return model, optimizer, torch.nn.MSELoss(), [(x, y)] * num_steps


def _walk(problem, rates):
    """The losses of the right walk with the learning rates ``rates``, on the side."""
    import copy

    import torch

    model, _, loss_function, batches = problem
    model, losses = copy.deepcopy(model), []
    for rate, (x, y) in zip(rates, batches, strict=True):
        loss = loss_function(model(x), y)
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients, strict=True):
                parameter -= float(rate) * gradient
        losses.append(float(loss.detach()))
    return np.array(losses)


def _tested(function, problem, lowest, highest, above_zero=True, numbers_only=False):
    """``(learning_rates, losses, best)`` as arrays: one loss for each rate, at most one for each batch."""
    result = function(*problem, lowest, highest)
    rates, losses, best = several(result, ("learning_rates", "losses", "best"))
    if numbers_only and keeps_graph(losses):
        raise Wrong("The losses came back as tensors that keep the graphs of all steps.")
    shaped(best, (), "the best rate")
    losses, rates = (numbers(value, what) for value, what in ((losses, "the losses"), (rates, "the learning rates")))
    if losses.ndim != 1 or rates.ndim != 1 or not 1 <= len(losses) <= len(problem[3]):
        raise Wrong(
            "Learning rates and losses must be lists of at most one number for each batch.", "Shape", got=losses
        )
    if not np.isfinite(rates).all() or np.isnan(losses).all():
        raise Wrong("Not every learning rate is a finite number, or no loss is.", "NotFinite", got=losses)
    if above_zero and (np.any(rates <= 0) or np.any(losses <= 0)):
        raise Wrong("Learning rates and losses must be larger than 0.", got=losses)
    return rates, losses, best


def _gentle(rng):
    """Rates with which the loss falls to the end, most steeply in the middle."""
    return float(rng.uniform(0.015, 0.025)), float(rng.uniform(0.45, 0.5))


@range_test.check(
    GEOMETRIC,
    points=2,
    hint=(
        "From 0.001 to 1 in four steps: 0.001, 0.01, 0.1, 1.",
        "lowest * (highest / lowest) ** (k / (len(batches) - 1)) for k = 0, 1, ...",
    ),
)
def learning_rates_grow_by_the_same(range_test, rng):
    problem, (lowest, highest) = _problem(rng), _gentle(rng)
    rates, losses, _ = _tested(range_test, problem, lowest, highest, above_zero=False)
    ended = (
        len(rates) if len(losses) == len(rates) and losses[-1] > 4 * losses.min() else 10
    )  # a wrong walk may diverge
    close(rates, (lowest * (highest / lowest) ** (np.arange(10) / 9))[:ended], "the list of learning rates")


@range_test.check(
    LOSSES,
    points=2,
    hint=(
        "In each round: set the learning rate, forward, note the loss, backward, step.",
        'for group in optimizer.param_groups: group["lr"] = rate; and zero_grad() before backward().',
    ),
)
def each_loss_is_measured_just_before(range_test, rng):
    problem, (lowest, highest) = _problem(rng), _gentle(rng)
    before = problem[0].state_dict()
    before = {name: value.clone() for name, value in before.items()}
    rates, losses, _ = _tested(range_test, problem, lowest, highest, numbers_only=True)
    problem[0].load_state_dict(before)
    if len(rates) != len(losses) or len(losses) != 10:
        raise Wrong("One loss was expected for each of the 10 batches.", got=len(losses), expected=10)
    close(losses, _walk(problem, rates), "the losses")


@range_test.check(
    STOPS,
    points=2,
    hint=(
        "Compare each loss with the smallest one so far; the loss that ends the test is the last in the list.",
        "if not loss <= 4 * min(losses): break, after it was appended. (nan is not <= anything.)",
    ),
)
def it_stops_at_the_first_loss(range_test, rng):
    for low, high in (((0.05, 0.1), (50, 90)), ((2.1, 2.15), (2.6, 2.7))):  # all at once, and little by little
        lowest, highest = float(rng.uniform(*low)), float(rng.uniform(*high))
        problem = _problem(rng, LONGEST)
        _ends_where_it_should(*_tested(range_test, problem, lowest, highest)[:2], LONGEST)
    planned = rng.uniform(0.5, 2) * np.array([2.2, 1, 3.5, 1.3, 3.8, 4.5, 1.2, 1.1])  # four times, not three or five
    _ends_where_it_should(*_tested(range_test, script(planned), 1e-3, 1.0)[:2], len(planned))
    problem = _problem(rng)
    lowest, highest = _gentle(rng)
    x, y = problem[3][0]
    place = int(rng.integers(4, 7))
    batches = [(x * float("nan"), y) if k == place else (x, y) for k in range(10)]
    rates, losses, _ = _tested(range_test, (*problem[:3], batches), lowest, highest)
    if len(losses) > place and np.isfinite(losses[place]):
        raise Wrong("The loss of a batch that holds nan came out as a number: it was not measured.", got=losses)
    _ends_where_it_should(rates, losses, 10)


def _ends_where_it_should(rates, losses, longest):
    """The rule, on the losses that came out: the first one that is too large is the last."""
    if len(rates) != len(losses):
        raise Wrong("There must be as many learning rates as losses.", got=len(rates), expected=len(losses))
    with np.errstate(invalid="ignore"):
        fine = losses <= 4 * np.minimum.accumulate(losses)
    if not np.all(fine[:-1]):
        raise Wrong("It went on after a loss above four times the smallest so far.", got=losses)
    if fine[-1] and len(losses) < longest:
        raise Wrong("The last loss gives no reason to stop: the one that does belongs into the list.", got=losses)


@range_test.check(
    BEST,
    points=2,
    hint=(
        "Leave out a last loss that is no finite number, smooth the others (mean of up to 7 neighbours), find the "
        "lowest, and look for the steepest fall among the losses up to it.",
        "low = np.argmin(smooth); k = np.argmin(np.diff(smooth[: low + 1])) if low > 0 else 0; best = "
        "learning_rates[k]",
    ),
)
def best_rate_is_the_one_whose(range_test, rng):
    for planned in _planned(rng):
        lowest, highest = float(rng.uniform(1e-4, 1e-3)), float(rng.uniform(1, 5))
        rates, losses, best = _tested(range_test, script(planned), lowest, highest)
        if len(losses) != len(rates) or len(losses) < 2:
            raise Wrong("There must be as many learning rates as losses.", got=len(rates), expected=len(losses))
        close(best, _best(rates, losses), "the best rate")


class Script(list):
    """Batches whose losses are ``planned``, whatever is learned: a right answer needs no training to know them."""

    def __init__(self, batches, planned):
        super().__init__(batches)
        self.planned = planned


def script(planned):
    """A problem whose losses are the ``planned`` ones: x is 0, and y the root of the loss."""
    import torch

    model = torch.nn.Sequential(torch.nn.Linear(2, 1, bias=False)).double()
    torch.nn.init.ones_(model[0].weight)
    roots = [float(loss) ** 0.5 for loss in planned]
    batches = [(torch.zeros(3, 2).double(), torch.full((3, 1), root).double()) for root in roots]
    return model, torch.optim.SGD(model.parameters(), lr=0.1), torch.nn.MSELoss(), Script(batches, planned)


def _planned(rng):
    """Losses of range tests as they come out in life; the last one may end the test, and no other."""
    fall = 2.3 - 0.9 / (1 + np.exp(-(np.arange(18) - rng.uniform(7, 9)) / 1.5))
    noisy = fall + 0.02 * rng.normal(size=18)
    noisy[0] = 1.1  # one batch that is easy: the lowest loss of all, and no rate has done anything
    noisy[4] += 0.3  # one that is hard: its way down is steeper than anything that a rate has done
    yield noisy
    yield from uneven(rng)
    yield from (behind(rng), ended(rng), sudden(rng))
    yield [*fall[:14], np.nan]
    yield [*fall[:14], np.inf]
    yield 1.0 + 0.1 * np.arange(9) ** rng.uniform(1.0, 1.2)  # no rate has lowered the loss
    yield fall[6:11]  # fewer losses than neighbours


def behind(rng):
    """Losses that jump up after the lowest one: the way down from there is the steepest place of all."""
    fall = 2.3 - 0.9 / (1 + np.exp(-(np.arange(14) - rng.uniform(5, 7)) / 1.5))
    return [*fall, *np.full(7, rng.uniform(4.8, 5.2)), *np.full(4, 1.7)]


def sudden(rng):
    """A fall that is steepest just before the lowest place."""
    return [*(2 + 0.1 * np.arange(8) * rng.uniform(0.8, 1.2)), *(1 + 0.02 * np.arange(9))]


def ended(rng):
    """A loss that ends the test, which is smoothed like all others: without it the steepest place is the way down from
    a hard batch just before."""
    steps = np.arange(9) * rng.uniform(0.8, 1.0)
    low = rng.uniform(1.2, 1.25)
    return [*(2.4 - 0.1 * steps), rng.uniform(4.0, 4.5), *np.full(4, low), rng.uniform(4.1, 4.9) * low]


def uneven(rng):
    """Losses that fall faster and faster, to the last one or not, where neighbouring differences are no central ones;
    and losses that rise faster than they ever fall."""
    steps = np.arange(int(rng.integers(11, 14)))
    fall = 2.3 - 0.9 * np.exp((steps - steps[-1]) / rng.uniform(3, 5))
    yield fall
    yield [*fall, *(1.4 + 0.004 * np.arange(8))]
    top = rng.uniform(3.5, 3.9)
    fall = top - (top - 1.2) / (1 + np.exp(-(np.arange(14) - rng.uniform(6, 8)) / 2.5))
    yield [*np.full(4, 2.3), *np.full(3, top), *fall]


@range_test.check(
    RESTORED,
    points=1,
    hint=(
        "state_dict() gives the tensors themselves, which every step changes: copy them.",
        "before = copy.deepcopy(model.state_dict()); ...; model.load_state_dict(before)",
    ),
    supporting=True,
)
def model_is_afterwards(range_test, rng):
    problem, (lowest, highest) = _problem(rng, batchnorm=True), _gentle(rng)
    before = state_of(problem[0])
    _tested(range_test, problem, lowest / 100, highest / 100)
    same_state(problem[0], before, "a parameter or buffer after the test")


# --- Known mistakes: model, optimizer, loss_function, batches, lowest, highest -> (rates, losses, best) -------


def _geometric(lowest, highest, number):
    return lowest * (highest / lowest) ** (np.arange(number) / (number - 1))


def _smoothed(losses, half=3):
    """The finite ``losses``, each the mean of up to ``half`` neighbours on each side and itself."""
    losses = np.array([loss for loss in losses if np.isfinite(loss)])
    return np.array([losses[max(k - half, 0) : k + half + 1].mean() for k in range(len(losses))])


def _steepest(rates, smooth, until=None):
    falls = np.diff(smooth[: None if until is None else until + 1])
    return float(rates[int(np.argmin(falls))]) if len(falls) else float(rates[0])


def _best(rates, losses):
    """(10.5): the steepest place of the smoothed losses on the way to their lowest one."""
    smooth = _smoothed(losses)
    return _steepest(rates, smooth, int(np.argmin(smooth))) if len(smooth) else float(rates[0])


def _diverged(losses):
    return not losses[-1] <= 4 * min(losses)


def _test(
    model,
    optimizer,
    loss_function,
    batches,
    rates,
    stop=_diverged,
    restore=True,
    setting=None,
    clear=True,
    after=False,
    steps_last=True,
):
    """The right loop, with one thing at a time done otherwise: ``(rates, losses)``.

    ``setting``: how many groups of parameters hear of the rate, all of them without it. ``steps_last``: whether the
    loss that ends the test is followed by a step; right answers differ in that.
    """
    before = {name: value.detach().clone() for name, value in model.state_dict().items()}
    losses = []
    for rate, (x, y) in zip(rates, batches, strict=True):
        for group in optimizer.param_groups[:setting]:
            group["lr"] = float(rate)
        if clear:
            optimizer.zero_grad()
        loss = loss_function(model(x), y)
        if steps_last or not stop([*losses, loss.item()]):
            loss.backward()
            optimizer.step()
        losses.append((loss_function(model(x), y) if after else loss).item())
        if stop(losses):
            break
    if restore == "parameters":
        names = dict(model.named_parameters())
        model.load_state_dict({name: before[name] if name in names else v for name, v in model.state_dict().items()})
    elif restore:
        model.load_state_dict(before)
    return [float(rate) for rate in rates[: len(losses)]], losses


def _right(model, optimizer, loss_function, batches, lowest, highest, **otherwise):
    rates = _geometric(lowest, highest, len(batches))
    rates, losses = _test(model, optimizer, loss_function, batches, rates, **otherwise)
    return rates, losses, _best(rates, losses)


@range_test.mistake(
    "rates that grow by the same amount",
    GEOMETRIC,
    "These rates are equally spaced; learning rates are compared by their ratio: each is the same multiple of the"
    " one before.",
)
def rates_that_grow_by_the_same(model, optimizer, loss_function, batches, lowest, highest):
    rates = np.linspace(lowest, highest, len(batches))
    rates, losses = _test(model, optimizer, loss_function, batches, rates)
    return rates, losses, _best(rates, losses)


@range_test.mistake(
    "never reaches the highest rate",
    GEOMETRIC,
    "With exponent k / K the last rate stays below highest: there are K - 1 steps between K rates.",
)
def never_reaches_the_highest_rate(model, optimizer, loss_function, batches, lowest, highest):
    rates = lowest * (highest / lowest) ** (np.arange(len(batches)) / len(batches))
    rates, losses = _test(model, optimizer, loss_function, batches, rates)
    return rates, losses, _best(rates, losses)


@range_test.mistake(
    "one step ahead of the rates",
    GEOMETRIC,
    "The exponent begins at 0, so that the first batch has the lowest rate: k / (K - 1) for k = 0, 1, ..., K - 1.",
)
def one_step_ahead_of_the_rates(model, optimizer, loss_function, batches, lowest, highest):
    rates = lowest * (highest / lowest) ** (np.arange(1, len(batches) + 1) / len(batches))
    rates, losses = _test(model, optimizer, loss_function, batches, rates)
    return rates, losses, _best(rates, losses)


@range_test.mistake(
    "np.logspace with the rates themselves",
    GEOMETRIC,
    "np.logspace takes exponents of ten: np.geomspace(lowest, highest, K) takes the rates themselves.",
)
def np_logspace_with_the_rates_themselves(model, optimizer, loss_function, batches, lowest, highest):
    rates = np.logspace(lowest, highest, len(batches))
    rates, losses = _test(model, optimizer, loss_function, batches, rates, stop=_diverged)
    return rates, losses, _best(rates, losses)


@range_test.mistake(
    "the optimizer never hears of the rate",
    LOSSES,
    'The learning rate must be written into the optimizer: for group in optimizer.param_groups: group["lr"] = rate.',
)
def optimizer_never_hears_of_the_rate(model, optimizer, loss_function, batches, lowest, highest):
    return _right(model, optimizer, loss_function, batches, lowest, highest, setting=0)


@range_test.mistake(
    "gradients not cleared",
    LOSSES,
    "The gradients of all batches add up: optimizer.zero_grad() before each backward().",
)
def gradients_not_cleared(model, optimizer, loss_function, batches, lowest, highest):
    return _right(model, optimizer, loss_function, batches, lowest, highest, clear=False)


@range_test.mistake(
    "losses measured after the step",
    LOSSES,
    "Note the loss before the step, the one that backward() starts from.",
)
def losses_measured_after_the_step(model, optimizer, loss_function, batches, lowest, highest):
    return _right(model, optimizer, loss_function, batches, lowest, highest, after=True)


@range_test.mistake(
    "never stops",
    STOPS,
    "After the loss has exploded there is nothing to learn: stop as soon as it is above four times the smallest "
    "so far.",
)
def never_stops(model, optimizer, loss_function, batches, lowest, highest):
    return _right(model, optimizer, loss_function, batches, lowest, highest, stop=lambda losses: False)


@range_test.mistake(
    "compared with the first loss",
    STOPS,
    "By the time the loss is four times the first one it has long diverged: compare with the smallest so far.",
)
def compared_with_the_first_loss(model, optimizer, loss_function, batches, lowest, highest):
    def stop(losses):
        return not losses[-1] <= 4 * losses[0]

    return _right(model, optimizer, loss_function, batches, lowest, highest, stop=stop)


@range_test.mistake(
    "compared with the loss before",
    STOPS,
    "A loss that grows little by little is never four times the one before: compare with the smallest so far.",
)
def compared_with_the_loss_before(model, optimizer, loss_function, batches, lowest, highest):
    def stop(losses):
        return not losses[-1] <= 4 * losses[max(len(losses) - 2, 0)]

    return _right(model, optimizer, loss_function, batches, lowest, highest, stop=stop)


def _another_multiple(multiple):
    def stop(losses):
        return not losses[-1] <= multiple * min(losses)

    def answer(model, optimizer, loss_function, batches, lowest, highest):
        return _right(model, optimizer, loss_function, batches, lowest, highest, stop=stop)

    return answer


for multiple in (2, 3, 5, 10):
    range_test.mistake(
        "another multiple than four",
        STOPS,
        "It stops by another rule than four times the smallest loss so far: 4 is part of what the exercise asks for.",
    )(_another_multiple(multiple))


@range_test.mistake(
    "stops at the first rise",
    STOPS,
    "One batch's loss may rise without harm: stop only above four times the smallest so far.",
)
def stops_at_the_first_rise(model, optimizer, loss_function, batches, lowest, highest):
    def stop(losses):
        return not losses[-1] <= min(losses)

    return _right(model, optimizer, loss_function, batches, lowest, highest, stop=stop)


@range_test.mistake(
    "rates that were never tried",
    STOPS,
    "The list holds rates that no step was taken with: cut it to the length of the losses.",
)
def rates_that_were_never_tried(model, optimizer, loss_function, batches, lowest, highest):
    _, losses, best = _right(model, optimizer, loss_function, batches, lowest, highest)
    return list(_geometric(lowest, highest, len(batches))), losses, best


@range_test.mistake(
    "losses as tensors that keep the graph",
    LOSSES,
    "A list of such tensors keeps the graph of every step, and memory grows: append loss.item().",
)
def losses_as_tensors_that_keep(model, optimizer, loss_function, batches, lowest, highest):
    import torch

    rates, losses, best = _right(model, optimizer, loss_function, batches, lowest, highest)
    return rates, [torch.tensor(loss, dtype=torch.float64, requires_grad=True) for loss in losses], best


@range_test.mistake(
    "nan does not stop it",
    STOPS,
    "Every comparison with nan is false, so loss > 4 * smallest does not see it: ask math.isfinite(loss) as well.",
)
def nan_does_not_stop(model, optimizer, loss_function, batches, lowest, highest):
    def stop(losses):
        return losses[-1] > 4 * min(losses)

    return _right(model, optimizer, loss_function, batches, lowest, highest, stop=stop)


@range_test.mistake(
    "the last loss left out",
    STOPS,
    "The loss that ends the test belongs into the list: append it, then look whether to stop.",
)
def last_loss_left_out(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, best = _right(model, optimizer, loss_function, batches, lowest, highest)
    if not _diverged(losses):
        return rates, losses, best
    return rates[:-1], losses[:-1], _best(rates[:-1], losses[:-1]) if len(losses) > 1 else best


@range_test.mistake(
    "the rate of the smallest loss",
    BEST,
    "Where the loss is lowest it has stopped falling, and the rate is too large already: look for the steepest fall.",
)
def rate_of_the_smallest_loss(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    return rates, losses, rates[int(np.argmin(_smoothed(losses)))]


BEHIND = (
    "the steepest place behind the lowest loss",
    BEST,
    "You search all of the losses. Where a loss has jumped up, its way down is the steepest of all, and the rate that "
    "made it jump is far too large: look only as far as the lowest loss.",
)


@range_test.mistake(*BEHIND)
def steepest_place_behind_the_lowest(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    return rates, losses, _steepest(rates, _smoothed(losses))


@range_test.mistake(*BEHIND)
def steepest_place_of_all_unless_lowest_at_once(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    smooth = _smoothed(losses)
    return rates, losses, _steepest(rates, smooth) if np.argmin(smooth) else rates[0]


@range_test.mistake(
    "losses not smoothed",
    BEST,
    "One batch is easy, the next one hard: the steepest fall from batch to batch says little about the rate. Take the "
    "mean of up to 7 neighbours first.",
)
def losses_not_smoothed(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    finite = np.array([loss for loss in losses if np.isfinite(loss)])
    return rates, losses, _steepest(rates, finite, int(np.argmin(finite)))


def _found_otherwise(find):
    """An answer that looks for the best rate with ``find(rates, finite losses, all losses)``."""

    def answer(model, optimizer, loss_function, batches, lowest, highest):
        rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
        return rates, losses, find(rates, np.array([loss for loss in losses if np.isfinite(loss)]), np.array(losses))

    return answer


def _in_windows(before, behind):
    def find(rates, finite, losses):
        smooth = np.array([finite[max(k - before, 0) : k + behind + 1].mean() for k in range(len(finite))])
        return _steepest(rates, smooth, int(np.argmin(smooth)))

    return find


def _before_the_lowest(measure):
    """The rate that ``measure(smoothed losses up to the lowest one)`` finds among those before it."""

    def find(rates, finite, losses):
        smooth = _smoothed(finite)
        low = int(np.argmin(smooth))
        return rates[measure(smooth, low)] if low else rates[0]

    return find


def _all_divided_by_seven(rates, finite, losses):
    smooth = np.convolve(finite, np.ones(7) / 7)[3 : 3 + len(finite)]
    return _steepest(rates, smooth, int(np.argmin(smooth)))


def _cut_alike(rates, finite, losses):
    halves = np.minimum(3, np.minimum(np.arange(len(finite)), np.arange(len(finite))[::-1]))
    smooth = np.array([finite[k - half : k + half + 1].mean() for k, half in enumerate(halves)])
    return _steepest(rates, smooth, int(np.argmin(smooth)))


def _with_the_last(rates, finite, losses):
    smooth = np.array([losses[max(k - 3, 0) : k + 4].mean() for k in range(len(losses))])
    return _steepest(rates, smooth, int(np.argmin(smooth)))


def _without_the_last(when):
    def find(rates, finite, losses):
        return _best(rates, losses[:-1] if when(losses.tolist()) else losses)

    return find


SEVEN = (
    "Each smoothed loss is the mean of itself and up to THREE neighbours on each side, losses[max(k - 3, 0) : k + 4]:"
    " a slice stops before its end."
)

for name, says, find in (
    (
        "another window than seven losses",
        SEVEN,
        _in_windows(2, 2),
    ),
    (
        "another window than seven losses",
        SEVEN,
        _in_windows(3, 2),
    ),
    (
        "windows cut on both sides alike",
        "At the ends only the side that has fewer neighbours is shorter: losses[max(k - 3, 0) : k + 4].",
        _cut_alike,
    ),
    (
        "always divided by seven",
        "At the ends there are fewer neighbours: divide by how many there are (np.convolve divides by 7 everywhere).",
        _all_divided_by_seven,
    ),
    (
        "the last loss smoothed although it is no number",
        "A last loss that is nan or inf makes its neighbours so too: leave it out before you smooth.",
        _with_the_last,
    ),
    *(
        (
            "the last loss left out of the smoothing",
            "A last loss that is no finite number is left out, no other: one that ends the test is smoothed, too.",
            _without_the_last(when),
        )
        for when in (_diverged, lambda losses: len(losses) > 1)
    ),
    (
        "the lowest of the losses as they are",
        "You look as far as the lowest single loss, which may be one easy batch: look for the lowest SMOOTHED loss.",
        lambda rates, finite, losses: _steepest(rates, _smoothed(finite), int(np.argmin(finite))),
    ),
    (
        "the largest change, up or down",
        "The size of the difference does not tell a rise from a fall: take the smallest difference, argmin.",
        _before_the_lowest(lambda smooth, low: int(np.argmax(np.abs(np.diff(smooth[: low + 1]))))),
    ),
    (
        "central differences",
        "np.gradient takes the mean of two neighbouring differences: what the step with rate k did is "
        "smooth[k + 1] - smooth[k], np.diff.",
        _before_the_lowest(lambda smooth, low: int(np.argmin(np.gradient(smooth)[:low]))),
    ),
):
    range_test.mistake(name, BEST, says)(_found_otherwise(find))


@range_test.mistake(
    "neither smoothed nor cut off",
    BEST,
    "np.argmin(np.diff(losses)) on the losses as they are finds the hardest batch, the way down from a jump, or the "
    "rate at which the loss became no number: leave that out, smooth, and look only as far as the lowest loss.",
)
def neither_smoothed_nor_cut_off(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    return rates, losses, rates[int(np.argmin(np.diff(losses)))]


@range_test.mistake(
    "smoothed over the past only",
    BEST,
    "Each smoothed loss is the mean of itself and up to three neighbours on EACH side: with past losses only, every "
    "fall is seen three steps too late.",
)
def smoothed_over_the_past_only(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    finite = [loss for loss in losses if np.isfinite(loss)]
    smooth = np.array([np.mean(finite[max(k - 6, 0) : k + 1]) for k in range(len(finite))])
    return rates, losses, _steepest(rates, smooth, int(np.argmin(smooth)))


@range_test.mistake(
    "one rate too late",
    BEST,
    "smooth[k + 1] - smooth[k] is what the step with learning_rates[k] did: the index of the difference is the index "
    "of the rate.",
)
def one_rate_too_late(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, best = _right(model, optimizer, loss_function, batches, lowest, highest)
    return rates, losses, rates[min(rates.index(best) + 1, len(rates) - 1)]


@range_test.mistake(
    "the index instead of the rate",
    BEST,
    "argmin gives a place in the list: best is learning_rates[k], the rate that stands there.",
)
def index_instead_of_the_rate(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, best = _right(model, optimizer, loss_function, batches, lowest, highest)
    return rates, losses, float(rates.index(best))


@range_test.mistake(
    "divided by the growth of the rate",
    BEST,
    "You divide by the difference of the rates, which favours the small ones: (10.5) compares the differences of the "
    "losses as they are, for the rates are equally spaced on a logarithmic axis.",
)
def divided_by_the_growth(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    smooth = _smoothed(losses)
    low = int(np.argmin(smooth))
    slopes = np.diff(smooth[: low + 1]) / np.diff(rates[: low + 1])
    return rates, losses, rates[int(np.argmin(slopes))] if low else rates[0]


@range_test.mistake(
    "the steepest rise",
    BEST,
    "np.diff is negative where the loss falls: take the smallest difference, argmin.",
)
def steepest_rise(model, optimizer, loss_function, batches, lowest, highest):
    rates, losses, _ = _right(model, optimizer, loss_function, batches, lowest, highest)
    smooth = _smoothed(losses)
    low = int(np.argmin(smooth))
    return rates, losses, rates[int(np.argmax(np.diff(smooth[: low + 1])))] if low else rates[0]


def _left(restore, steps_last):
    """An answer that puts back what ``restore`` says, with or without a step after the last loss."""

    def answer(model, optimizer, loss_function, batches, lowest, highest):
        how = {"restore": restore, "steps_last": steps_last}
        return _right(model, optimizer, loss_function, batches, lowest, highest, **how)

    return answer


for name, says, restore in (
    (
        "the model is not put back",
        "The test has moved the parameters. (If you kept model.state_dict(): it holds the tensors themselves, so copy"
        " it: copy.deepcopy.)",
        False,
    ),
    (
        "the buffers are not put back",
        "The parameters are back, but the running statistics of batchnorm have moved: they are in state_dict(), not "
        "in parameters().",
        "parameters",
    ),
):
    for steps_last in (True, False):
        range_test.mistake(name, RESTORED, says)(_left(restore, steps_last))


@range_test.mistake(
    "the rate for one group only",
    WHOLE,
    "The optimizer may have several groups of parameters: write the rate into each of optimizer.param_groups.",
)
def rate_for_one_group_only(model, optimizer, loss_function, batches, lowest, highest):
    return _right(model, optimizer, loss_function, batches, lowest, highest, setting=1)


@range_test.mistake(
    "stops at exactly four times",
    WHOLE,
    "A loss of exactly four times the smallest is not larger than that: the test goes on.",
)
def stops_at_exactly_four_times(model, optimizer, loss_function, batches, lowest, highest):
    def stop(losses):
        return not losses[-1] < 4 * min(losses)

    return _right(model, optimizer, loss_function, batches, lowest, highest, stop=stop)


@range_test.mistake(
    "left in evaluation mode",
    WHOLE,
    "The model is in another mode than before: it came in training mode, and is to be used in it.",
)
def left_in_evaluation_mode(model, optimizer, loss_function, batches, lowest, highest):
    found = _right(model, optimizer, loss_function, batches, lowest, highest)
    model.eval()
    return found


@range_test.mistake(
    "steps in evaluation mode",
    WHOLE,
    "A training step belongs into training mode, where batchnorm takes the batch's statistics: leave the mode alone.",
)
def steps_in_evaluation_mode(model, optimizer, loss_function, batches, lowest, highest):
    model.eval()
    found = _right(model, optimizer, loss_function, batches, lowest, highest)
    model.train()
    return found
