"""The long runs of chapter 11, whose results are stored: ``python -m ...claims.measured NAME`` runs one again."""

from course_lib.chapters.ch11_depth_sequences.experiments import clipping, curriculum, truncation

EXPERIMENTS = {
    "clipping": clipping.at_their_best,
    "truncation": truncation.at_their_best,
    "curriculum": curriculum.at_their_best,
}
