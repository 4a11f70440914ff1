"""Chapter 11's erratum: as printed, descent ends in a circle about the minimum."""

from course_lib.chapters.ch11_depth_sequences.errata import ERRATA, distance_after
from course_lib.chapters.ch11_depth_sequences.experiments.clipping import rescaled
from course_lib.optimizers import clip_by_norm


def test_as_printed_it_never_comes_nearer_than_half_a_step_and_with_the_minimum_it_arrives():
    assert 0.01 < distance_after(lambda g: rescaled(g, 1.0)) < 0.12
    assert distance_after(lambda g: clip_by_norm(g, 1.0)) < 1e-6


def test_what_the_rows_say_is_run():
    (e17,) = ERRATA
    rows = {row.quantity: (row.printed, row.right) for row in e17.compare()}
    assert rows["length of (0.3, 0.4) after clipping at 1"] == (1.0, 0.5)
    assert rows["the same with a and b exchanged"][0] == -1.0
