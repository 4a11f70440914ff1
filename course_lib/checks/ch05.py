"""Exercises of chapter 5, one update each: Adagrad and RMSprop from ``ch05_rates``, Adadelta from
``ch05_adadelta``, Adam and AdamW from ``ch05_adam``."""

from course_lib.checks.ch05_adadelta import adadelta
from course_lib.checks.ch05_adam import adam, adamw
from course_lib.checks.ch05_rates import adagrad, rmsprop

CHAPTER = (adagrad, rmsprop, adadelta, adam, adamw)
