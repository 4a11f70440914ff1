"""The terms that chapter 1 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "backpropagation",
        "Reverse mode on the graph of a network: the deltas go from the loss back to every parameter in one pass.",
        figure="graph_stepper",
        equation="1.12",
    ),
    Term(
        "delta",
        "The derivative of the loss by a value in the graph: it adds up what comes from all that the value went into.",
        figure="graph_stepper",
        equation="1.12",
    ),
    Term(
        "forward mode",
        "Derivatives by one input, carried along with the values: one pass for each input.",
        figure="C-01-1",
        equation="1.11",
    ),
    Term(
        "reverse mode",
        "Derivatives of one output by everything, in one pass from the output back.",
        figure="C-01-1",
        equation="1.12",
    ),
    Term(
        "dual number",
        "A value with its derivative, a + a'e with e · e = 0: to multiply is to apply the product rule.",
        figure="C-01-1",
        equation="1.10",
    ),
    Term(
        "merging paths",
        "Adding up, at every node, what comes in on all paths, so that none has to be walked by itself.",
        figure="C-01-2",
        equation="1.12",
    ),
    Term(
        "softmax cross-entropy",
        "The loss of a classifier: minus the logarithm of the probability that the scores give to the right class.",
        figure="C-01-4",
        equation="1.8",
    ),
    Term(
        "vanishing gradient",
        "Deltas that shrink by a factor in every layer until nothing of them arrives below.",
        figure="C-01-4",
        equation="1.7",
    ),
    Term(
        "gradient check",
        "A derivative by formula compared with one by differences, at the step with the smallest error.",
        figure="v_figure",
        equation="1.14",
    ),
)
