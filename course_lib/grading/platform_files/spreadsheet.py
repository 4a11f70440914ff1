"""All tables of a run as one spreadsheet (xlsx), by openpyxl: numbers are numbers, and text is never a formula."""

import io
import zipfile
from datetime import datetime

from course_lib.grading.exports import long, wide

OPENED = datetime(1980, 1, 1)  # the same marks, the same bytes


def workbook(rows, key):
    """The bytes of a spreadsheet with the sheets "marks" and "checks".

    Args:
        rows: with their marks, by student.
        key: of the names of feedback pages, see ``private.page_key``.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.active)
    book.properties.created = book.properties.modified = OPENED
    for name, lines in (("marks", wide(rows, key)), ("checks", long(rows))):
        page, widths = book.create_sheet(name), {}
        for number, line in enumerate(lines, start=1):
            for column, value in enumerate(map(_typed, line), start=1):
                cell = page.cell(number, column)
                cell.value = _printable(value)
                if isinstance(value, str):
                    cell.data_type = "s"
                if number == 1:
                    cell.font = Font(bold=True)
                widths[column] = max(widths.get(column, 0), min(len(str(value)), 50))
        for column, width in widths.items():
            page.column_dimensions[get_column_letter(column)].width = width + 2
        page.freeze_panes = "C2"
    buffer = io.BytesIO()
    book.save(buffer)
    return _steady(buffer.getvalue())


def _typed(value):
    """A number where a cell is one, and nothing else is taken for it: ``007`` is a name."""
    if not isinstance(value, str):
        return value
    try:
        made = float(value)
    except ValueError:
        return value
    return (int(made) if made == int(made) else made) if f"{made:g}" == value else value


def _printable(value):
    """Text without the control characters that a spreadsheet cannot hold."""
    return "".join(c for c in value if c >= " " or c in "\t\n") if isinstance(value, str) else value


def _steady(data):
    """The archive with the times of its entries taken out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _without_saving(content)
            new.writestr(entry, content)
    return buffer.getvalue()


def _without_saving(content):
    """The document's properties as of ``OPENED``; openpyxl writes the moment of saving."""
    start, end = content.find(b"<dcterms:modified"), content.find(b"</dcterms:modified>")
    begin = content.find(b">", start) + 1
    return content[:begin] + OPENED.strftime("%Y-%m-%dT%H:%M:%SZ").encode() + content[end:] if start >= 0 else content
