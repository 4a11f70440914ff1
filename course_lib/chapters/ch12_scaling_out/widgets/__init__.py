"""Live figures of chapter 12."""

from course_lib.chapters.ch12_scaling_out.widgets.race import cluster_race
from course_lib.chapters.ch12_scaling_out.widgets.ring import ring_stepper
from course_lib.chapters.ch12_scaling_out.widgets.speed_up import speed_up_curve
from course_lib.chapters.ch12_scaling_out.widgets.staleness import staleness_explorer

__all__ = ["cluster_race", "ring_stepper", "speed_up_curve", "staleness_explorer"]
