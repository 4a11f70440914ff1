"""Stored results of the trainings of chapter 9, and the command that runs them again.

python -m course_lib.chapters.ch09_convolution.claims.measured            all of them, some minutes
"""

import sys
from pathlib import Path

from course_lib.claims.store import Store

STORE = Store(Path(__file__).with_suffix(".json"), "course_lib.chapters.ch09_convolution.experiments.runs")
measured, made_with = STORE.measured, STORE.made_with

if __name__ == "__main__":
    STORE.main(sys.argv[1:])
