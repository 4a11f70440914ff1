"""The terms that chapter 6 explains."""

from course_lib.glossary import Term

TERMS = (
    Term(
        "fan_in, fan_out",
        "The numbers of inputs and of outputs of a unit's layer.",
        figure="three_draws_figure",
        equation="6.5",
    ),
    Term(
        "Xavier initialisation",
        "Variance 2 / (fan_in + fan_out): a compromise between the way forward and the way back.",
        figure="C-06-3",
        equation="6.5",
    ),
    Term(
        "He initialisation",
        "Variance 2 / fan_in: the 2 makes up for the half that ReLU takes away.",
        figure="deep_training_race",
        equation="6.6",
    ),
    Term(
        "saturation",
        "A unit far out, where its activation is flat and lets no gradient through.",
        figure="activations",
    ),
    Term(
        "symmetry",
        "Units that start alike get the same gradients, and stay alike.",
        figure="symmetry_figure",
    ),
    Term(
        "zigzag",
        "Inputs of one sign give all weights of a unit updates of one sign, for one sample at a time.",
        figure="zigzag",
    ),
    Term(
        "mean-field theory",
        "Very wide layers: what one layer does to the mean square of the signal, as a map that is iterated.",
        figure="C-06-2",
        equation="6.8",
    ),
    Term(
        "dynamical isometry",
        "All singular values of the network's Jacobian are near 1, so that no direction is lost.",
        figure="isometry_figure",
        equation="6.9",
    ),
    Term(
        "dead unit",
        "A ReLU unit that is 0 for every sample: it gets no gradient.",
        figure="dead_units",
        equation="6.12",
    ),
)
