"""How ``tests/kit/figures`` draws those of chapter 5 that need arguments, or take long by themselves."""

from course_lib.chapters.ch05_adaptive.figures import sparse_figure

FIGURES = {"sparse": lambda: sparse_figure(num_seeds=2)}
