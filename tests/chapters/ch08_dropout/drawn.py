"""How ``tests/kit/figures`` draws those of chapter 8 that need arguments, or take long by themselves."""

from course_lib.chapters.ch08_dropout.figures.regularisation import averages_figure, shrinkage_figure, zeros_figure

FIGURES = {
    "shrinkage": shrinkage_figure,
    "shrinkage few steps": lambda: shrinkage_figure(0.5, 3),
    "shrinkage many steps": lambda: shrinkage_figure(0.1, 500),
    "zeros": zeros_figure,
    "zeros slow": lambda: zeros_figure(learning_rate=0.01, num_steps=2000),
    "averages": lambda: averages_figure(0.1, (1, 10)),
    "averages of many": averages_figure,
}
