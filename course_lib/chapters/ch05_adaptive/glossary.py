"""The terms that chapter 5 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "Adagrad",
        "Every coordinate divides its steps by the root of the sum of its squared gradients.",
        figure="adaptive_race",
        equation="5.3",
    ),
    Term(
        "RMSprop",
        "Adagrad with a moving average in place of the sum: old gradients are forgotten.",
        figure="adaptive_race",
        equation="5.4",
    ),
    Term(
        "Adam",
        "A moving average of the gradients over the root of one of their squares, both corrected for their start at 0.",
        figure="adaptive_race",
        equation="5.15",
    ),
    Term(
        "first moment",
        "Adam's moving average of the gradients.",
        figure="bias_correction",
        equation="5.14",
    ),
    Term(
        "second moment",
        "Adam's moving average of the squared gradients.",
        figure="bias_correction",
        equation="5.14",
    ),
    Term(
        "bias correction",
        "The division by 1 minus the decay to the power of t, which undoes that a moving average started at 0.",
        figure="bias_correction",
        equation="5.15",
    ),
    Term(
        "eps",
        "The small number that keeps a division from being one by 0; inside or outside the root is not the same.",
        figure="eps_place",
        equation="5.1",
    ),
    Term(
        "weight decay",
        "Every step takes a share of the parameters away; with Adam it is not what an L2 penalty does.",
        figure="weight_decay",
        equation="5.16",
    ),
    Term(
        "AMSGrad",
        "Adam that divides by the largest second moment so far, so that it cannot forget.",
        figure="counter_example",
        equation="5.22",
    ),
)
