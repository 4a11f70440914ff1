"""One sheet of exercises as a lecturer gives it out: ``assignments/03.toml``, and what it makes of raw marks.

``settings`` says what may stand in the file and reads it; ``times`` finds when something was handed in; ``mark`` is the
one place where points that checks gave become a mark, with its reasons; ``settled`` puts these together for a run.
"""
