"""All conventions, chapter by chapter. ``python -m course_lib.claims.every_convention`` renews PyTorch's numbers."""

from course_lib.claims import (
    conventions_ch01,
    conventions_ch02,
    conventions_ch03,
    conventions_ch05,
    conventions_ch05_adam,
    conventions_ch06,
    conventions_ch07,
    conventions_ch09,
    conventions_ch11,
)
from course_lib.claims.pytorch_numbers import write_store

CONVENTIONS = (
    *conventions_ch01.CONVENTIONS,
    *conventions_ch02.CONVENTIONS,
    *conventions_ch03.CONVENTIONS,
    *conventions_ch05.CONVENTIONS,
    *conventions_ch05_adam.CONVENTIONS,
    *conventions_ch06.CONVENTIONS,
    *conventions_ch07.CONVENTIONS,
    *conventions_ch09.CONVENTIONS,
    *conventions_ch11.CONVENTIONS,
)

if __name__ == "__main__":
    write_store()
