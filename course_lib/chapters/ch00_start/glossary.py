"""The terms that chapter 0 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "theta",
        "The parameters as one vector: what is learned.",
        figure="visualiser",
        equation="3.1",
    ),
    Term(
        "learning rate",
        "The factor by which the gradient is multiplied to give the step of plain gradient descent.",
        figure="visualiser",
        equation="3.1",
    ),
    Term(
        "gradient descent",
        "Steps against the gradient of the whole loss, without noise.",
        figure="visualiser",
        equation="3.1",
    ),
)
