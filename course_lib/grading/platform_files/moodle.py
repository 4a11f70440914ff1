"""Moodle: the grading worksheet of an assignment, and the zip of feedback files.

Documented by ``mod/assign/feedback/offline/importgradeslib.php`` and ``mod/assign/feedback/file/importziplib.php`` of
moodle/moodle (read on 2026-11-29), and "Using Assignment" of MoodleDocs. The worksheet is refused without
``Identifier``, ``Grade`` and ``Last modified (grade)``; who it is, is the number behind the word ``Participant``. Who
was marked in Moodle since ``Last modified (grade)``, which is empty here, is skipped unless one ticks "Allow updating
records that have been modified more recently in Moodle". The zip holds a folder for each student,
``Full name_number_assignfeedback_file``, and what lies in it is given back.

For Moodle's other import, into the gradebook ("Import as plain text"), map ``Email address`` or ``ID number`` to the
user.
"""

import io
import zipfile

from course_lib.grading.exports import called, mark_of, number

HEAD = (
    *("Identifier", "Full name", "ID number", "Email address", "Status", "Grade", "Maximum grade"),
    *("Grade can be changed", "Last modified (submission)", "Last modified (grade)", "Feedback comments"),
)


def rows(students):
    """Rows of ``moodle.csv``."""
    yield [*HEAD]
    for row in students:
        about = row.get("platform", {})
        user = about.get("moodle_id", "")
        identifier = f"Participant {user}" if user else row["student"]
        who = [identifier, called(row), about.get("id", ""), about.get("email", "")]
        words = " ".join(filter(None, [row["sentence"], *row.get("reasons", ())]))
        marks = [row["status"], mark_of(row), number(row["max_points"]), "Yes"]
        yield [*who, *marks, row.get("handed_in", ""), "", words]


def feedback_zip(students, pages):
    """``(bytes of the zip, students that have no number of Moodle's)``.

    Args:
        students: rows.
        pages: ``{student: text of the page}``.
    """
    buffer, without = io.BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for row in students:
            user = row.get("platform", {}).get("moodle_id", "")
            if not user:
                without.append(row["student"])
                continue
            name = "".join(" " if sign in '_/\\:*?"<>|' else sign for sign in called(row)).strip() or "student"
            entry = zipfile.ZipInfo(f"{name}_{user}_assignfeedback_file/feedback.html", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, pages[row["student"]])
    return buffer.getvalue(), without
