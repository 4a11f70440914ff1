"""The terms that chapter 7 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "batch normalisation",
        "Each feature is standardised over the batch, then stretched and moved by learned numbers.",
        figure="activation_explorer",
        equation="7.1",
    ),
    Term(
        "gamma, beta (of a norm)",
        "The learned factor and shift after standardising: with them no function is lost.",
        figure="activation_explorer",
        equation="7.2",
    ),
    Term(
        "running statistics",
        "Moving averages of the batches' means and variances, used when there is no batch.",
        figure="batch_size_race",
        equation="7.5",
    ),
    Term(
        "scale invariance",
        "Weights before a norm may be multiplied by any positive number: the function stays.",
        figure="loss_ahead",
        equation="7.7",
    ),
    Term(
        "effective learning rate",
        "The learning rate over the squared length of the weights before a norm.",
        figure="loss_ahead",
        equation="7.11",
    ),
    Term(
        "internal covariate shift",
        "What one layer gets changes because those below it learn.",
        figure="shift_figure",
        equation="7.13",
    ),
    Term(
        "group normalisation",
        "Standardising over groups of channels of one sample: the batch does not matter.",
        figure="axes_figure",
        equation="7.1",
    ),
)
