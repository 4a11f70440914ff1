"""The terms that chapter 10 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "residual block",
        "A block whose input is added to its output, so that the gradient has a way around it.",
        figure="training_dashboard",
        equation="10.1",
    ),
    Term(
        "accuracy",
        "The share of the samples whose largest score is that of the right class.",
        figure="history_figure",
        equation="10.3",
    ),
    Term(
        "evaluation mode",
        "The state in which dropout is off and batch normalisation uses running statistics.",
        figure="history_figure",
    ),
    Term(
        "learning-rate range test",
        "One run in which the learning rate rises from tiny to far too large, to see where the loss falls fastest.",
        figure="range_figure",
        equation="10.4",
    ),
    Term(
        "random search",
        "Hyperparameters drawn at random: each trial is a new value of every one of them.",
        figure="search_figure",
        equation="10.6",
    ),
    Term(
        "throughput",
        "Images a second: it grows with the batch until the start of a step no longer counts.",
        figure="throughput_figure",
        equation="10.7",
    ),
    Term(
        "augmentation",
        "Training images changed in ways that leave the label right.",
        figure="changed_figure",
        equation="10.8",
    ),
)
