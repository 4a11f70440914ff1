"""What one asks for after the marks: a spreadsheet, the zip of feedback for Moodle, the table of similar answers."""

from pathlib import Path

from course_lib.grading.platform_files import moodle, spreadsheet
from course_lib.grading.private import page_key, page_name, write_bytes
from course_lib.grading.show import results


def write_spreadsheet(folder):
    """``grades.xlsx`` into the results; returns its path. Raises ``ValueError``."""
    folder = Path(folder)
    seed, rows = results(folder / "grades.sqlite", "anybody", hide=False)
    write_bytes(folder / "grades.xlsx", spreadsheet.workbook(rows, page_key(seed)))
    return folder / "grades.xlsx"


def write_moodle_feedback(folder):
    """``(path of moodle_feedback.zip, students without a number of Moodle's)``. Raises ``ValueError``."""
    folder = Path(folder)
    seed, rows = results(folder / "grades.sqlite", "anybody")
    key = page_key(seed)
    pages = {
        row["student"]: (folder / "feedback" / page_name(row["student"], key)).read_text(encoding="utf-8")
        for row in rows
    }
    data, without = moodle.feedback_zip(rows, pages)
    if len(without) == len(rows):
        raise ValueError(
            f"Nobody in {folder} has a number of Moodle's: grade what Moodle exports, or give a class list with a "
            'column "Moodle ID".'
        )
    write_bytes(folder / "moodle_feedback.zip", data)
    return folder / "moodle_feedback.zip", without
