"""How ``tests/kit/figures`` draws those of chapter 1 that need arguments, or take long by themselves."""

from course_lib.chapters.ch01_backprop.figures.gradient_check import SUBJECTS, v_figure
from course_lib.figures.graph import graph_figure

FIGURES = {
    "graph": lambda: graph_figure("(w*x + z - y)**2", {"w": 0.8, "x": 2.0, "y": 1.0, "z": -0.5}),
    "graph forward": lambda: graph_figure("x * y", {"x": 2.0, "y": 1.0}, mode="forward"),
    **{f"v {name}": (lambda name=name: v_figure(name)) for name in SUBJECTS},
}
