"""Stored results of the long trainings of chapter 3, and the command that runs them again.

python -m course_lib.chapters.ch03_momentum.claims.measured            all of them, some minutes
python -m course_lib.chapters.ch03_momentum.claims.measured NAME       one of them
"""

import sys
from pathlib import Path

from course_lib.claims.store import Store

STORE = Store(Path(__file__).with_suffix(".json"), "course_lib.chapters.ch03_momentum.experiments.deep")
measured, made_with = STORE.measured, STORE.made_with

if __name__ == "__main__":
    STORE.main(sys.argv[1:])
