"""How long the kernel works for one new picture, for every control of every live figure of every chapter.

Each control goes over its positions, out of order, the others at rest. Beside it stands what ``interact`` would do for
the same picture at least: draw the whole figure and encode it. Of a reel the browser draws; the kernel computes all
positions at once when a slider comes to rest. While a slider that has a film moves, the browser shows the film and does
not wait; then the kernel draws once. What runs in the background is not waited for: its frame is what its slider does
at once, or the picture of its newest report, whichever takes longer. Processor time of the thread, so that other
programs count little.

    python benchmarks/every_live_figure.py [chapter or figure, such as ch05] [--store]

``--store`` keeps the numbers in ``benchmarks/figures.json``, from which ``python course.py build --docs`` makes
docs/FIGURES.md; ``benchmarks/figure_in_browser.py --every`` adds what a browser needs.
"""

import json
import sys
import time
from io import BytesIO
from math import gcd
from pathlib import Path
from statistics import median

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from course_lib.widgets.background import BackgroundFigure
from course_lib.widgets.controls import Menu, Point, Slider, Ticks
from course_lib.widgets.film import positions
from course_lib.widgets.reel import Reel
from tests.kit.widgets.test_every_live_figure import CASES, WIDGETS, done, makers, table

TARGET = 18.0  # milliseconds: about one refresh of the screen
FRAMES = 13
STORE = Path(__file__).with_name("figures.json")


def milliseconds(action):
    begin = time.thread_time()
    action()
    return 1000 * (time.thread_time() - begin)


def values(figure, control):
    """What a control is set to: each value far from the one before."""
    if isinstance(control, Point):
        boxes = [figure.boxes["axes"][number] for number in control.axes]
        return [
            [boxes[0][axis][0] + share * (boxes[0][axis][1] - boxes[0][axis][0]) for axis in ("x", "y")]
            for share in (0.3, 0.7, 0.4, 0.6, 0.5)
        ]
    all_values = (
        list(control.positions) if isinstance(control, Slider) else positions(control, getattr(figure, control.trait))
    )
    stride = next(stride for stride in (7, 5, 3, 1) if gcd(stride, len(all_values)) == 1)
    return [all_values[(1 + stride * n) % len(all_values)] for n in range(min(FRAMES, 2 * len(all_values)))]


def frame(figure, trait, value):
    """Milliseconds from a new value to its picture."""
    took = milliseconds(lambda: figure.set(**{trait: value}))
    if not isinstance(figure, BackgroundFigure):
        return took
    done(figure)
    return max(took, milliseconds(lambda: figure.redraw({"progress"})))


def of_control(figure, control):
    """Median milliseconds of a frame while this control moves, ``(for the first time, again)``; the others rest."""
    at, seen, first, again = figure.settings_of_controls(), set(), [], []
    for value in values(figure, control) * 2:
        if value != getattr(figure, control.trait):
            (again if str(value) in seen else first).append(frame(figure, control.trait, value))
        seen.add(str(value))
    figure.set(**at)
    done(figure)
    return tuple(median(took or [0.0]) for took in (first, again))


def drawn_whole(figure):
    """What is drawn and encoded for each value where nothing is kept."""
    for artist in (*figure.stage.moving, *figure.stage.seldom):
        artist.set_animated(False)
    took = median(milliseconds(lambda: figure.stage.figure.savefig(BytesIO(), format="png")) for _ in range(3))
    for artist in (*figure.stage.moving, *figure.stage.seldom):
        artist.set_animated(True)
    return took


def as_it_stands(chapter, name):
    """The figure as a notebook shows it; what runs in the background as short as in the tests."""
    figure = makers(chapter)[name]()
    return done(figure) if isinstance(figure, BackgroundFigure) else getattr(WIDGETS[chapter], name, lambda: figure)()


def measured(chapter, name):
    """``(kind, {label: (first, again)}, milliseconds of a frame drawn whole)``."""
    with pytest.MonkeyPatch.context() as patch:
        getattr(table(chapter), "shorten", lambda patch: None)(patch)
        figure = as_it_stands(chapter, name)
        usable = [c for c in figure.controls() if isinstance(c, Slider | Menu | Ticks | Point)]
        took = {c.label: of_control(figure, c) for c in usable if c.trait not in figure.hidden}
        kind = "reel" if isinstance(figure, Reel) else "run" if isinstance(figure, BackgroundFigure) else "film"
        return kind, took, drawn_whole(figure)


def store(found):
    """Merge ``{figure: {name: number or table}}`` into the file."""
    known = json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}
    for figure, about in found.items():
        known[figure] = known.get(figure, {}) | about
    STORE.write_text(json.dumps(known, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def main(wanted="", *keep):
    if wanted == "--store":
        wanted, keep = "", ("--store",)
    print(f"{'figure, control':72} {'kind':5} {'first':>7} {'again':>7} {'whole':>7} {'ratio':>6}")
    slow, anew = [], []
    for chapter, name in CASES:
        if wanted not in f"{chapter} {name}":
            continue
        kind, all_took, whole = measured(chapter, name)
        if keep:
            controls = {label: [round(one, 1) for one in took] for label, took in all_took.items()}
            store({f"{chapter} {name}": {"kind": kind, "controls": controls, "whole": round(whole, 1)}})
        for label, (first, took) in all_took.items():
            title = f"{chapter[:4]} {name}: {label}"[:72]
            print(
                f"{title:72} {kind:5} {first:7.1f} {took:7.1f} {whole:7.1f} {whole / max(took, 0.1):6.1f}", flush=True
            )
            if took > TARGET and kind != "reel":
                slow.append(f"{name} ({label}, {took:.0f})")
            elif first > TARGET and kind != "reel":
                anew.append(f"{name} ({label}, {first:.0f})")
    print(f"above {TARGET:g} ms: {', '.join(slow) or 'none'}")
    print(f"above it for the first time only: {', '.join(anew) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
