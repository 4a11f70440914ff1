"""What ``tests/kit/widgets`` has to know of the live figures of chapter 11."""

from course_lib.chapters.ch11_depth_sequences.widgets import gradient_through_time, unrolled_graph

LIVE = {
    "unrolled_graph": lambda: unrolled_graph(step=60),  # at step 0 all modes look alike
    "gradient_through_time": lambda: gradient_through_time(drive=0.5),
}
