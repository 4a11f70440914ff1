"""How ``tests/kit/figures`` draws those of chapter 6 that need arguments, or take long by themselves."""

from course_lib.chapters.ch06_initialisation.experiments.signals import ACTIVATIONS, INITIALIZERS
from course_lib.chapters.ch06_initialisation.figures.signals import signals_figure

FIGURES = {
    f"signals {activation}, {initializer}": (lambda *names: lambda: signals_figure(*names))(activation, initializer)
    for activation in ACTIVATIONS
    for initializer in list(INITIALIZERS)[:2]
}
