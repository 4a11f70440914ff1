"""Answers in words: in which cells of a notebook they stand. Loads nothing but Python.

The cell of an answer carries the course's metadata (``{"role": "text", "exercise": "02-9"}``) or nbgrader's
(``text-02-9``). Other cells of text beside it belong to it, and so does what stands below the heading "Exercise 02-9"
where a program has dropped the metadata: up to the next heading, or the next cell of code.
"""

import re

MOST = 20_000  # characters of one answer
HEADING = re.compile(r"#{1,2} ")
EXERCISE = re.compile(r"#{1,2} \w+ (\d\d-\d{1,3})\b")  # "Exercise", in any language
END = "Hand in this notebook"  # how the last cell begins, which is the course's
PLACEHOLDER = "*Your answer to {} in a few sentences, in place of this line.*"


def placeholder(id):
    """What stands in the cell before the student writes."""
    return PLACEHOLDER.format(id)


def texts_of(cells, ids, source_of):
    """``({id: text}, numbers of the cells that hold them, notes)``.

    Args:
        cells: as they stand in a file; anything may be in them.
        ids: of the questions.
        source_of: ``cell -> text or None``.
    """
    found, held, under = {}, {}, ""
    for number, cell in enumerate(cells):
        text = (source_of(cell) or "") if isinstance(cell, dict) else ""
        label, is_code = label_of(cell, ids), isinstance(cell, dict) and cell.get("cell_type") == "code"
        if (HEADING.match(text) or text.startswith(END)) and not label:
            exercise = EXERCISE.match(text)
            under = exercise[1] if exercise and exercise[1] in ids else ""
            continue
        under = label or ("" if is_code else under)
        if label or (under and not course_of(cell)):
            found.setdefault(under, []).append(text)
            held[number] = under
    made = {id: joined(texts, id) for id, texts in found.items()}
    notes = [
        f"The answer to {id} has {len(text)} characters; the first {MOST} were kept."
        for id, text in made.items()
        if len(text) > MOST
    ]
    return {id: text[:MOST] for id, text in made.items() if text}, held, notes


def joined(texts, id):
    """The different texts among these, without what was there before the student wrote."""
    texts = [text.replace(placeholder(id), "").strip() for text in texts]
    return "\n\n".join(text for text in dict.fromkeys(texts) if text)


def course_of(cell):
    """The course's metadata of a cell, ``{}`` if it has none that are in order."""
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    labels = metadata.get("course") if isinstance(metadata, dict) else None
    return labels if isinstance(labels, dict) else {}


def label_of(cell, ids):
    """The question that a cell is labelled as the answer of, "" if it is not."""
    labels = course_of(cell)
    if labels.get("role") == "text" and labels.get("exercise") in ids:
        return labels["exercise"]
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    labels = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = labels.get("grade_id") if isinstance(labels, dict) else None
    return next((id for id in ids if name == f"text-{id}"), "")
