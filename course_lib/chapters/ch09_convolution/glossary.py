"""The terms that chapter 9 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "cross-correlation",
        "A kernel slides over the image, and at every place the products are added up: what is called a convolution.",
        figure="sliding_kernel",
        equation="9.1",
    ),
    Term(
        "kernel",
        "The weights that are used at every place of the image.",
        figure="kernels_figure",
        equation="9.1",
    ),
    Term(
        "stride",
        "The number of pixels between two places of the window.",
        figure="size_calculator",
        equation="9.2",
    ),
    Term(
        "padding",
        "Zeros around the image, so that the window can stand at its border.",
        figure="size_calculator",
        equation="9.2",
    ),
    Term(
        "weight sharing",
        "The same weights at all places: few parameters, whatever the size of the image.",
        figure="matrix_figure",
        equation="9.6",
    ),
    Term(
        "receptive field",
        "The pixels that one output can see.",
        figure="receptive_field",
        equation="9.9",
    ),
    Term(
        "pooling",
        "The largest or the mean value of each window, without weights.",
        figure="pooling",
        equation="9.5",
    ),
)
