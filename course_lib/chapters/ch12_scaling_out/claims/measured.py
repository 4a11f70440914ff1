"""Stored results of the long runs of chapter 12, and the command that runs them again.

python -m course_lib.chapters.ch12_scaling_out.claims.measured            all of them, some minutes
python -m course_lib.chapters.ch12_scaling_out.claims.measured NAME       one of them
"""

import sys
from pathlib import Path

from course_lib.claims.store import Store

STORE = Store(Path(__file__).with_suffix(".json"), "course_lib.chapters.ch12_scaling_out.experiments.runs")
measured, made_with = STORE.measured, STORE.made_with

if __name__ == "__main__":
    STORE.main(sys.argv[1:])
