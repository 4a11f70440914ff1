"""How ``tests/kit/figures`` draws those of chapter 11 that take long by themselves."""

from course_lib.chapters.ch11_depth_sequences.figures import adding_figure, norms_figure

FIGURES = {
    "adding": lambda: adding_figure(num_steps=50, length=30),
    "norms": lambda: norms_figure(num_steps=100),
}
