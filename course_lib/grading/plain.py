"""Text and names that are fit to be stored and shown, whoever wrote them. Loads nothing but Python."""

MAX_TEXT = 4_000


PROSE = (
    "\u200c\u200d\u200e\u200f\xa0\u2009\u202f\u3000"  # joiners, marks of direction, blanks: some languages need them
)


def text(value, limit=MAX_TEXT, kept=""):
    """``value`` as text that can be stored and shown: cut, without lone surrogates and control characters.

    ``kept``: of those, what may stay.
    """
    value = str.__str__(value)[:limit].encode("utf-8", "replace").decode()
    kept += "\n\t"
    if value.replace("\n", "").isprintable():  # as nearly all is
        return value
    return "".join(c if c.isprintable() or c in kept else "\N{REPLACEMENT CHARACTER}" for c in value)


def name(value):
    """``value`` as the name of a class: letters, digits and underscores, 60 at most."""
    value = "".join(c for c in text(value, 60) if c.isalnum() or c == "_")
    return value if value.isidentifier() else "Unnamed"
