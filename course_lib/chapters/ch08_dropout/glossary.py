"""The terms that chapter 8 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "L2 penalty",
        "A multiple of the squared parameters in the loss: shrinks all, flat directions most.",
        figure="overfitting_explorer",
        equation="8.3",
    ),
    Term(
        "L1 penalty",
        "A multiple of the absolute values in the loss: makes small parameters exactly 0.",
        figure="zeros_figure",
        equation="8.2",
    ),
    Term(
        "soft threshold",
        "What the L1 penalty does to the minimum: all move towards 0 by the same amount, and stop there.",
        figure="zeros_figure",
        equation="8.4",
    ),
    Term(
        "early stopping",
        "Going back to the epoch with the lowest validation loss once it has not fallen for some epochs.",
        figure="early_stopping_scrubber",
        equation="8.5",
    ),
    Term(
        "patience",
        "The number of epochs without a better validation loss after which training stops.",
        figure="early_stopping_scrubber",
    ),
    Term(
        "dropout",
        "Each unit is set to 0 with a probability, the drop rate, in every training step; the others are made larger.",
        figure="mask_viewer",
        equation="8.1",
    ),
    Term(
        "ensemble",
        "Many networks whose outputs are averaged: here those of all masks.",
        figure="averages_figure",
        equation="8.8",
    ),
    Term(
        "overfitting",
        "The training loss falls on while the loss on new samples rises.",
        figure="overfitting_explorer",
    ),
)
