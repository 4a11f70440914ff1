"""How ``tests/kit/widgets`` makes the live figures of chapter 5 that take long as they stand."""

from course_lib.chapters.ch05_adaptive.widgets import adaptive_race, bias_correction

LIVE = {
    "adaptive_race": lambda: adaptive_race("ravine", num_steps=15),
    "bias_correction": lambda: bias_correction(num_steps=100),
}
