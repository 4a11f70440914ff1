"""``course.toml``: how the course calls itself, and how its pages look. Every key may be left out, and so may the file.

::

    name = "Optimisation for Machine Learning"
    institute = "Department of Mathematics, University of Somewhere"
    term = "Winter 2026/27"
    language = "en"                    # of the lines above
    logo = "logo.svg"                  # beside the file
    footer = "Questions: forum, or Tuesdays at 10 in room 1.23"

    [colours]
    accent = "#7a1f3d"
"""

# ruff: noqa: RUF009, since key() makes a field of the dataclass

import base64
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from course_lib import place
from course_lib.settings.fields import BadSettings, Refused, key, made, read_toml, table_of, text

FILE = "course.toml"
LOGOS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
LARGEST = 500_000  # bytes of a logo, which travels in every page
COLOURS = {  # name: where it is used
    "accent": "links, bars, the line beside code",
    "text": "text",
    "background": "behind it",
    "code": "behind code",
    "notice": "the line beside what to predict",
}
READABLE = 4.5  # contrast of text with what is behind it (WCAG 2.2, 1.4.3)
HEX = re.compile(r"#[0-9a-fA-F]{6}")
LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*")


def _colour(value):
    if not isinstance(value, str) or not HEX.fullmatch(value):
        raise Refused
    return value.lower()


def _language(value):
    if not isinstance(value, str) or not LANGUAGE.fullmatch(value):
        raise Refused
    return value


def _colours(value):
    found = table_of(_colour)(value)
    for name in found:
        if name not in COLOURS:
            raise Refused(f"there is no colour {name}")
    behind, on_code = found.get("background", "#ffffff"), found.get("code", "#f4f5f7")
    for name, under in (("text", behind), ("accent", behind), ("text", on_code)):
        seen = contrast(found.get(name, {"text": "#111111", "accent": "#0072b2"}[name]), under)
        if seen < READABLE and {name, "background", "code"} & set(found):
            raise Refused(f"{name} on {under} has a contrast of {seen:.1f}, and {READABLE} is what can be read")
    return found


@dataclass(frozen=True)
class Course:
    """What stands in ``course.toml``; without it, nothing that a page would show.

    Attributes:
        folder: that the file lies in.
    """

    name: str = key("a line of text", text, "")
    institute: str = key("a line of text", text, "")
    term: str = key("a line of text", text, "")
    language: str = key('the short name of a language, such as "en" or "de-CH"', _language, "")
    logo: str = key(f"a file beside {FILE} that ends in {', '.join(LOGOS)}", text, "")
    footer: str = key("a line of text", text, "")
    colours: dict = key(
        f'colours such as "#7a1f3d" by name, that can be read on each other; names: {", ".join(COLOURS)}',
        _colours,
        factory=dict,
    )
    folder: Path = field(default=Path(), compare=False)

    @property
    def logo_as_link(self):
        """The logo as a ``data:`` address, "" without one."""
        if not self.logo:
            return ""
        path = self.folder / self.logo
        return f"data:{LOGOS[path.suffix.lower()]};base64,{base64.b64encode(path.read_bytes()).decode()}"

    def style(self):
        """The colours as CSS variables, ``--accent`` and so on; "" where all are the course's own."""
        given = "; ".join(f"--{name}: {value}" for name, value in sorted(self.colours.items()))
        return f":root {{ {given} }}" if given else ""

    def header(self):
        """What stands above a page, as HTML; "" where nothing is known."""
        language = f' lang="{escape(self.language)}"' if self.language else ""
        words = " · ".join(f"<b>{escape(one)}</b>" for one in (self.name, self.institute, self.term) if one)
        logo = f'<img src="{self.logo_as_link}" alt="" height="40">' if self.logo else ""
        return f'<header class="of-the-course"{language}>{logo}<span>{words}</span></header>' if logo or words else ""

    def foot(self):
        """What stands below a page, as HTML; "" where nothing is known."""
        language = f' lang="{escape(self.language)}"' if self.language else ""
        return f'<footer class="of-the-course"{language}>{escape(self.footer)}</footer>' if self.footer else ""


def read_course(path):
    """The ``Course`` in a file; the empty one where there is no file. Raises ``BadSettings``."""
    path = Path(path)
    if not path.is_file():
        return Course(folder=path.parent)
    found = made(Course, read_toml(path), path.name)
    logo = path.parent / found.logo
    if found.logo and (logo.suffix.lower() not in LOGOS or not logo.is_file() or logo.stat().st_size > LARGEST):
        raise BadSettings(
            f"{path.name}: logo must be a file beside it that ends in {', '.join(LOGOS)} and has at most "
            f"{LARGEST // 1000} kB; {found.logo} is not."
        )
    object.__setattr__(found, "folder", path.parent)
    return found


def course():
    """The ``Course`` of the folder that the course lies in."""
    return read_course(place.folder() / FILE)


def contrast(colour, other):
    """Contrast of two colours ``#rrggbb``, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
