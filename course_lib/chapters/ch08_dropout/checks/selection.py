"""Exercise 08-5: which net is kept and what is reported, with one fault in the code that is handed out."""

import numpy as np

from course_lib.chapters.ch08_dropout.checks.dropout import TOPICS
from course_lib.checks.calls import leaves_inputs_alone
from course_lib.checks.compare import Wrong, close, several, shaped
from course_lib.checks.generic import WHOLE
from course_lib.checks.kinds import NAMED, Debug
from course_lib.checks.whole import different, whole

RUN = "The run is chosen by its validation losses"
EPOCH = "So is the epoch"
REPORT = "What is reported is the test loss of what was chosen"
NAN = "Losses that are not numbers are never chosen"
PURE = "The arrays that were given are left as they were"
ALL_FAIL = (RUN, EPOCH, REPORT, NAN, NAMED, PURE)
OUT = ("run", "epoch", "reported")

MENU = {
    "leak of the test set": "then what is reported would be the smallest test loss there is.",
    "last epoch instead of best": "then the epoch would always be the last one.",
    "validation loss is reported": "then the number reported would not be in test at all.",
    "largest instead of smallest": "then the worst net would be kept.",
    "runs are averaged": "then all runs would come out with the same epoch.",
    "not a number wins": "then it would be right as long as no run has diverged.",
}
selection = Debug(
    "08-5", "Choose here, report there", "choose_and_report", topics=TOPICS, menu=MENU, fault="leak of the test set"
)


def _losses(rng, runs, epochs, diverged=0):
    """Validation and test losses ``(runs, epochs)`` whose smallest ones lie in different runs and epochs.

    The run to be chosen ends badly; the next one holds the smallest test loss of all and is bad otherwise, the third
    is the best on average, the fourth ends best. Of those that ``diverged`` the first does so late, the second at once.
    """
    validation, test = rng.uniform(1.5, 2.0, (2, runs, epochs))
    run, epoch = int(rng.integers(runs)), int(rng.integers(epochs - 1))
    while run == epoch:  # the two must not be mistaken for each other
        epoch = int(rng.integers(epochs - 1))
    other, steady, late = ((run + k) % runs for k in (1, 2, 3))
    elsewhere = (epoch + 1) % (epochs - 1)
    if runs > 1:
        validation[other] += 1.0
        test[other, elsewhere] = rng.uniform(0.1, 0.2)
    if runs > 2:
        validation[steady] = rng.uniform(0.5, 0.9, epochs)
        validation[steady, -1], test[steady, elsewhere] = 2.4, rng.uniform(0.22, 0.28)  # the smallest sum of both
    if runs > 3:
        validation[late, -1], validation[late, epoch] = 0.45, 2.9
    worst = epoch if runs > 1 else (epoch + 2) % (epochs - 1)
    validation[other, worst] = 4.0  # the worst of all, and the epoch is none that is good for all runs
    validation[run, epoch], validation[run, -1] = rng.uniform(0.2, 0.4), 3.5
    test[run, epoch], test[run, elsewhere] = rng.uniform(1.1, 1.4), rng.uniform(0.3, 0.4)
    for number in range(diverged):
        bad, since = (late + number if runs > 3 else other) % runs, -2 if number == 0 else 0
        if bad != run:
            validation[bad, since:] = test[bad, since:] = np.nan
    return validation, test


def _two(rng, *size):
    """Two draws whose right places differ in the epoch and, where there are several, in the run: no luck is enough."""
    one, other = _losses(rng, *size), _losses(rng, *size)
    while any(
        a == b or max(a, b) < 2 for a, b, n in zip(_right(*one)[:2], _right(*other), size, strict=False) if n > 1
    ):
        one, other = _losses(rng, *size), _losses(rng, *size)  # 0 and 1 are false and true, too
    return one, other


def _right(validation, test):
    best = (np.inf, 0, 0)
    for place in np.ndindex(validation.shape):
        if validation[place] < best[0]:
            best = (validation[place], *place)
    return best[1], best[2], test[best[1:]]


def _cases(rng):
    """One run and many, some that diverged, all but one loss; losses of ten thousands, and all below 0."""
    runs, epochs = different(rng, 2, 3, 9)
    sizes = ((runs, epochs, 0), (epochs, runs, 1), (1, 6, 0), (2, 5, 0), (5, 4, 2), (8, 3, 1), (6, 6, 2))
    high, low = _losses(rng, 5, 7, 1), _losses(rng, 6, 5, 1)
    shifted = [tuple(1e5 * losses for losses in high), tuple(losses - 9 for losses in low)]
    rest = _diverged_later(*_losses(rng, 6, 7, 2)), _one_number(rng), _late(rng)
    return [*(_losses(rng, *size) for size in sizes), *rest, *shifted]


def _late(rng):
    """The best epoch comes long after the second best, and is hardly better."""
    validation, test = rng.uniform(1.5, 2.0, (2, 3, 40))
    validation[1, 2], validation[1, 37] = 1.2, 1.2 - 1e-6
    return validation, test


def _one_number(rng):
    """All diverged, but for one loss of the last run."""
    validation, test = _losses(rng, 3, 4, 0)
    kept = validation[-1, -1]
    validation[...] = np.nan
    validation[-1, -1] = kept
    return validation, test


def _diverged_later(validation, test):
    """The same, but the run to be chosen ends with losses that are not numbers."""
    run, *_ = _right(validation, test)
    validation[run, -1] = test[run, -1] = np.nan
    return validation, test


def _place(got, expected, what):
    if shaped(got, (), what) != expected:
        raise Wrong(f"{what[0].upper()}{what[1:]} is not what was expected.", got=got, expected=expected)


def _agree(result, expected, given, mine):
    """Run and epoch as whole numbers, one too many is no rounding; the loss by its value."""
    found = several(result, OUT)
    for got, right, what in zip(found, expected[:2], OUT, strict=False):
        _place(got, right, f"the {what}")
    close(found[2], expected[2], "what is reported")


whole(selection, _right, _cases, OUT, _agree)


@selection.check(
    RUN,
    points=1,
    hint=(
        "On which of the two arrays may a choice look? The other one is for the end.",
        "run, epoch = np.unravel_index(np.nanargmin(validation), validation.shape)",
    ),
)
def run_is_chosen(choose_and_report, rng):
    for losses in _two(rng, 4, 6):
        _place(several(choose_and_report(*losses), OUT)[0], _right(*losses)[0], "the run")


@selection.check(EPOCH, points=1, hint="Within a run the epoch with the smallest validation loss counts.")
def epoch_is_chosen(choose_and_report, rng):
    for losses in _two(rng, 1, 7):
        _place(several(choose_and_report(*losses), OUT)[1], _right(*losses)[1], "the epoch")


@selection.check(REPORT, points=1, hint="test[run, epoch], at the place that was chosen on validation.")
def test_loss_is_reported(choose_and_report, rng):
    validation, test = _losses(rng, 1, 7)
    close(several(choose_and_report(validation, test), OUT)[2], _right(validation, test)[2], "what is reported")


@selection.check(NAN, points=1, hint="np.argmin takes the first nan for the smallest number; np.nanargmin does not.")
def no_number_is_not_chosen(choose_and_report, rng):
    for losses in _two(rng, 5, 6, 2):
        found = several(choose_and_report(*losses), OUT)
        for got, expected, what in zip(found, _right(*losses)[:2], OUT, strict=False):
            _place(got, expected, f"the {what}")


selection.names_the_fault(points=1)


@selection.check(
    PURE, points=1, hint="np.where(...) makes a new array; validation[...] = ... writes into the caller's.", aside=True
)
def losses_are_left(choose_and_report, rng):
    leaves_inputs_alone(choose_and_report, *_losses(rng, 4, 5, 1), other=_losses(rng, 3, 6))


@selection.handed_out(ALL_FAIL)
def leak_of_the_test_set(validation, test):
    run, epoch = np.unravel_index(np.nanargmin(test), test.shape)
    return run, epoch, test[run, epoch]


def _reporting(report):
    """An answer that chooses right and reports ``report(validation, test, run, epoch)``."""

    def answer(validation, test):
        run, epoch, _ = _right(validation, test)
        return run, epoch, report(validation, test, run, epoch)

    return answer


for name, says, report in (
    (
        "the validation loss reported",
        "The validation loss was chosen as the smallest of many: it flatters. Report the test loss there.",
        lambda v, t, run, epoch: v[run, epoch],
    ),
    (
        "the smallest test loss reported",
        "The net that you keep is that of the chosen epoch: report its test loss, not the smallest one.",
        lambda v, t, run, epoch: np.nanmin(t),
    ),
    (
        "the test loss at the end reported",
        "Report the test loss of the epoch that was chosen, not of the last one.",
        lambda v, t, run, epoch: t[run, -1],
    ),
    (
        "the mean test loss reported",
        "One net is kept: report its own test loss, not a mean.",
        lambda v, t, run, epoch: np.nanmean(t),
    ),
    (
        "both losses averaged",
        "Report the test loss alone: the validation loss was used for choosing.",
        lambda v, t, run, epoch: (v[run, epoch] + t[run, epoch]) / 2,
    ),
):
    selection.mistake(name, REPORT, says)(_reporting(report))


@selection.mistake("not a number wins", NAN, "np.argmin takes the first nan for the smallest number.")
def nan_wins(validation, test):
    run, epoch = np.unravel_index(np.argmin(validation), validation.shape)
    return run, epoch, test[run, epoch]


@selection.mistake(
    "runs that diverge later left out",
    WHOLE,
    "The best epoch may lie in a run that diverges afterwards: only losses that are not numbers are left out.",
)
def runs_that_diverge_later(validation, test):
    ends = np.isfinite(validation[:, -1])
    run, epoch, _ = _right(np.where(ends[:, None], validation, np.inf) if ends.any() else validation, test)
    return run, epoch, test[run, epoch]


@selection.mistake(
    "the run that ends best", (RUN, NAN), "Compare the runs at their best epochs, not at their last ones."
)
def run_that_ends_best(validation, test):
    run = int(np.nanargmin(validation[:, -1]))
    epoch = int(np.nanargmin(validation[run]))
    return run, epoch, test[run, epoch]


def _exchanged(reported):
    """Epoch and run in each other's places, and ``reported(validation, test, run, epoch)``."""

    def answer(validation, test):
        run, epoch, loss = _right(validation, test)
        return epoch, run, reported(loss, test[run, -1])

    return answer


for fails, reported in (((RUN, EPOCH, NAN), lambda loss, end: loss), (ALL_FAIL, lambda loss, end: end)):
    selection.mistake("run and epoch exchanged", fails, "The run comes first, as in validation[run, epoch].")(
        _exchanged(reported)
    )


@selection.mistake(
    "the epoch by the test losses",
    (EPOCH, REPORT, NAN),
    "Within the run, too, the epoch is chosen on validation: the test losses are for the end.",
)
def epoch_by_the_test_losses(validation, test):
    run = _right(validation, test)[0]
    epoch = int(np.nanargmin(test[run]))
    return run, epoch, test[run, epoch]


@selection.mistake("the worst net", ALL_FAIL, "The smallest loss is the best.")
def worst_net(validation, test):
    run, epoch = np.unravel_index(np.nanargmax(validation), validation.shape)
    return run, epoch, test[run, epoch]


@selection.mistake(
    "the best run at its end",
    (EPOCH, REPORT, NAN),
    "The run is right; within it the epoch with the smallest loss counts.",
)
def best_run_at_its_end(validation, test):
    run = _right(validation, test)[0]
    return run, validation.shape[1] - 1, test[run, -1]


@selection.mistake("always the last epoch", ALL_FAIL, "Early stopping keeps the best epoch, not the last one.")
def last_epoch(validation, test):
    run = int(np.nanargmin(validation[:, -1]))
    return run, validation.shape[1] - 1, test[run, -1]


@selection.mistake(
    "the epoch that suits all runs",
    (RUN, NAN),
    "One net is kept: look for the smallest loss of all, not for an epoch that is good for all runs.",
)
def epoch_that_suits_all(validation, test):
    epoch = int(np.nanargmin(np.nanmean(validation, axis=0)))
    run = int(np.nanargmin(validation[:, epoch]))
    return run, epoch, test[run, epoch]


@selection.mistake(
    "both losses added up",
    (RUN, NAN),
    "The test losses must not have a say in the choice: the smallest validation loss alone.",
)
def both_losses_added_up(validation, test):
    run, epoch = np.unravel_index(np.nanargmin(validation + test), validation.shape)
    return run, epoch, test[run, epoch]


@selection.mistake(
    "the run that is good on average",
    (RUN, NAN),
    "One net is kept: the run with the smallest loss, not the one that is good on average.",
)
def the_run_by_its_mean_loss(validation, test):
    run = np.nanargmin(np.nanmean(validation, axis=1))
    epoch = np.nanargmin(validation[run])
    return (run, epoch, test[run, epoch])


@selection.mistake(
    "the smallest test loss of the run reported",
    REPORT,
    "Report the test loss of the chosen epoch: the smallest one looks at the test set again.",
)
def the_smallest_test_loss_of_the_run_reported(validation, test):
    run, epoch = np.unravel_index(np.nanargmin(validation), validation.shape)
    return (run, epoch, np.nanmin(test[run]))
