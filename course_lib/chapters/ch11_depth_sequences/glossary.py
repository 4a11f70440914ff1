"""The terms that chapter 11 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "recurrent network",
        "The same layer at every step of time: its state goes in again with the next input.",
        figure="unrolled_graph",
        equation="11.1",
    ),
    Term(
        "backpropagation through time",
        "Backpropagation on the recurrent network written out step by step.",
        figure="unrolled_graph",
        equation="11.2",
    ),
    Term(
        "spectral radius",
        "The largest absolute eigenvalue: how a matrix stretches in the long run.",
        figure="gradient_through_time",
        equation="11.5",
    ),
    Term(
        "gate",
        "A factor between 0 and 1, made by the network itself, that says how much is kept.",
        figure="C-11-7",
        equation="11.6",
    ),
    Term(
        "gradient clipping",
        "A gradient that is too long is made shorter: by its norm, which keeps its direction, or entry by entry.",
        figure="clipping_arrows",
        equation="11.11",
    ),
    Term(
        "truncated backpropagation",
        "Gradients go back a limited number of steps only.",
        figure="C-11-6",
    ),
    Term(
        "curriculum",
        "Training begins with easy examples.",
        figure="C-11-8",
    ),
)
