"""The pictures of the README: ``python -m course_lib.tools.pictures`` makes all of them anew.

Beside them lies ``made_from.json``, which says what they show in words and numbers. A test makes it again and compares,
so that a picture cannot grow older than what it shows.
"""

import json
import re
from html import escape
from io import BytesIO
from textwrap import wrap

from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from course_lib.checks import check
from course_lib.claims.verdicts import AS_A_VERB, BADGES, VERDICTS
from course_lib.place import LIBRARY
from course_lib.widgets import visualiser
from course_lib.widgets.film import unseen
from course_lib.widgets.visualiser import MOMENTA

FOLDER = LIBRARY / "docs" / "images"
MOMENTUM, REPORT, VERDICT, MADE_FROM = "momentum.webp", "report.svg", "verdict.svg", "made_from.json"
STILL, STILL_AT = "momentum_still.webp", 0.9  # one momentum of the film, for whoever wants no motion
WIDTH, BAR, PAUSE, FRAME = 840, 46, 1600, 110  # pixels, pixels, milliseconds, milliseconds
CLAIM = "C-03-2"
LINE, ROWS = 54, 12  # letters of a line, and lines that a card has room for
INK, GREY, BLUE = "#1f2328", "#d0d7de", "#0072b2"


def main():
    """Make the pictures and say which."""
    FOLDER.mkdir(exist_ok=True)
    frames, shown = momentum_frames()
    durations = [PAUSE if i in (0, len(frames) - 1) else FRAME for i in range(len(frames))]
    settings = {"duration": durations, "loop": 0, "quality": 70, "method": 6, "minimize_size": True}
    frames[0].save(FOLDER / MOMENTUM, "WEBP", save_all=True, append_images=frames[1:], **settings)
    frames[MOMENTA.index(STILL_AT)].save(FOLDER / STILL, "WEBP", quality=80, method=6)
    (FOLDER / REPORT).write_text(report_picture(report_lines()), encoding="utf-8")
    (FOLDER / VERDICT).write_text(verdict_picture(*verdict()), encoding="utf-8")
    (FOLDER / MADE_FROM).write_text(json.dumps(made_from(shown), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for name in (MOMENTUM, STILL, REPORT, VERDICT):
        print(f"{(FOLDER / name).relative_to(LIBRARY)}: {(FOLDER / name).stat().st_size // 1000} kB")


def made_from(shown=None):
    """What the pictures show, as plain data; ``shown`` as from ``momentum_frames``, which draws if it is left out."""
    return {MOMENTUM: shown or momentum_frames()[1], REPORT: report_lines(), VERDICT: list(verdict())}


# --- Momentum, dragged ----------------------------------------------------------------------------------


def momentum_frames():
    """``(pictures, what they show)``: the race of chapter 3 with momentum dragged from 0 to 1."""
    with unseen():
        race = visualiser("ravine")
    lines = [f"{track['label']} {track['color']} {track['dashes']} {track['marker']}" for track in race.tracks]
    frames, captions = [], []
    for momentum in MOMENTA:
        race.set(momentum=momentum)
        frames.append(_with_slider(Image.open(BytesIO(race.png())).convert("RGB"), momentum))
        captions.append(race.caption)
    return frames, {"lines": lines, "arrows": [arrow["color"] for arrow in race.arrows], "captions": captions}


def _with_slider(picture, momentum):
    height = round(picture.height * WIDTH / picture.width)
    frame = Image.new("RGB", (WIDTH, height + BAR), "white")
    frame.paste(picture.resize((WIDTH, height), Image.Resampling.LANCZOS), (0, BAR))
    draw, left, right = ImageDraw.Draw(frame), 170, WIDTH - 130
    font = ImageFont.truetype(font_manager.findfont("DejaVu Sans"), 20)
    knob = left + momentum * (right - left)
    draw.text((24, 11), "Momentum", INK, font)
    draw.text((right + 30, 11), f"{momentum:.2f}", INK, font)
    draw.rounded_rectangle((left, 19, right, 26), 4, GREY)
    draw.rounded_rectangle((left, 19, knob, 26), 4, BLUE)
    draw.ellipse((knob - 11, 12, knob + 11, 34), BLUE)
    return frame


# --- A report that names the mistake, and a verdict --------------------------------------------------------


PLAIN_MOMENTUM = """
def nesterov_step(theta, velocity, gradient, learning_rate, momentum):
    velocity = momentum * velocity - learning_rate * gradient(theta)
    return theta + velocity, velocity
"""


def report_lines():
    """The report on plain momentum that was handed in for Nesterov's method, without what was given and came out."""
    written = {}  # as in a notebook: nothing of this module is within its reach
    exec(PLAIN_MOMENTUM, written)
    lines = str(check("03-2", written["nesterov_step"])).splitlines()
    return [line.strip() for line in lines if re.match(r"\S|  (?:Looks|✓|✗)", line)]


def verdict():
    """``(statement, verdict, why)`` of a claim, as it stands in the ledger."""
    section = (LIBRARY / "docs" / "CLAIMS.md").read_text(encoding="utf-8").partition(f"\n## {CLAIM}\n")[2]
    statement = re.search(r': "(.*?)\."\n', section)[1]
    word, why = re.search(r"It \*\*(.+?)\*\*:? (.*?)\.\n", section).groups()
    return statement, word, why


def report_picture(lines):
    """The report as SVG: the headline, the mistake's name, and which checks passed."""
    headline, *rest = lines
    rows = [(part, "bold", INK) for part in wrap(headline, LINE - 6)]
    for line in rest:
        weight, colour = ("bold", "#a12c17") if line.startswith("Looks") else ("normal", INK)
        rows += [(part, weight, colour) for part in wrap(line, LINE, subsequent_indent="\u2003")]
    return _card(rows, f"A report: {' '.join(lines)}", "#b35900")


def verdict_picture(statement, word, why):
    """A claim with its verdict as SVG."""
    kind = next(kind for kind in VERDICTS if AS_A_VERB.get(kind, kind) == word)
    rows = [(word, "badge", BADGES[kind])]
    rows += [(part, "bold", INK) for part in wrap(f"“{statement}”", LINE - 6)]
    rows += [(part, "normal", INK) for part in wrap(f"{word.capitalize()} {why}.", LINE)]
    return _card(rows, f"A claim and its verdict: {statement}: {word} {why}.", BADGES[kind])


def _card(rows, title, edge, width=560):
    height = 26 * max(len(rows), ROWS) + 30
    parts = []
    for i, (text, weight, colour) in enumerate(rows):
        y = 36 + 26 * i
        if weight == "badge":
            wide = 10 * len(text) + 24
            parts.append(f'<rect x="24" y="{y - 19}" width="{wide}" height="27" rx="5" fill="{colour}"/>')
            parts.append(f'<text x="36" y="{y}" fill="#ffffff" font-weight="bold">{escape(text)}</text>')
        else:
            parts.append(f'<text x="24" y="{y}" fill="{colour}" font-weight="{weight}">{escape(text)}</text>')
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="16">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff" stroke="{GREY}"/>\n'
        f'<rect width="7" height="{height}" rx="3" fill="{edge}"/>\n{body}\n</svg>\n'
    )


if __name__ == "__main__":
    main()
