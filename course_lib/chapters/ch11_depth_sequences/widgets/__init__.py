"""Live figures of chapter 11."""

from course_lib.chapters.ch11_depth_sequences.widgets.arrows import clipping_arrows
from course_lib.chapters.ch11_depth_sequences.widgets.cliff import cliff
from course_lib.chapters.ch11_depth_sequences.widgets.gradients import gradient_through_time
from course_lib.chapters.ch11_depth_sequences.widgets.unrolled import unrolled_graph

__all__ = ["cliff", "clipping_arrows", "gradient_through_time", "unrolled_graph"]
