"""What live figures and questions need to go on without a kernel: their states and front ends, as scripts of the site.

Films take minutes to make and change seldom, so they are kept below ``build/`` under a name that says what they
were made from: the notebook, the folder of its chapter, and the library and kits below.
"""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from course_lib import place
from course_lib.chapters import CHAPTERS
from course_lib.floors import KITS, LIBRARY
from course_lib.tools.notebook_tools.live_cells import widgets

HOME = place.LIBRARY / "course_lib"


class Live(NamedTuple):
    """The live parts of one notebook.

    Attributes:
        places: ``{(id of the cell, number of its widget): name}``.
        states: ``{name: {"state": ..., "buffers": [...]}}``; a name is the notebook's and a number.
    """

    places: dict
    states: dict


def live_parts(notebooks, say=lambda text: None):
    """``{path: Live}``, two notebooks at a time."""
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda path: _kept(path, say), notebooks)
        return dict(zip(notebooks, made, strict=True))


def _kept(path, say):
    kept = place.folder() / "build" / "films" / f"{path.stem}-{made_from(path)}.json"
    if not kept.is_file():
        say(f"{path.name}: its films are made")
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{path.stem}-*.json"):
            old.unlink()
        half = kept.with_suffix(".half")
        half.write_text(json.dumps(_named(path)), encoding="utf-8")
        half.replace(kept)
    made = json.loads(kept.read_text(encoding="utf-8"))
    return Live({(cell, number): name for cell, number, name in made["places"]}, made["states"])


def made_from(path):
    """A word that changes with whatever the live parts of a notebook are made from."""
    rooms = {name for floor in (*LIBRARY, *KITS) for name in floor}
    chapter = next((name for name in CHAPTERS if name.startswith(f"ch{path.stem[:2]}_")), "")
    files = [file for file in HOME.rglob("*") if file.suffix in (".py", ".js", ".css", ".json", ".npz")]
    digest = hashlib.sha256(path.read_bytes())
    for file in sorted(files):
        parts = file.relative_to(HOME).parts
        if parts[0].removesuffix(".py") in rooms or parts[:2] == ("chapters", chapter):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _named(path):
    places, states = widgets(path)
    names = {model: f"{path.stem}-{number}" for number, model in enumerate(places.values(), start=1)}
    return {
        "places": [[cell, number, names[model]] for (cell, number), model in places.items()],
        "states": {
            name: {key: states[model].get(key, []) for key in ("state", "buffers")} for model, name in names.items()
        },
    }


def write_scripts(parts, folder):
    """Write one script for each live part and each front end, and ``live.css``, into ``folder``.

    They are scripts and no data, because a page that was opened from a disk may load scripts only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    modules, styles = {}, {}
    for part in parts:
        for name, model in part.states.items():
            state = dict(model["state"])
            module, style = state.pop("_esm"), state.pop("_css", "")
            key = hashlib.sha256(module.encode()).hexdigest()[:12]
            modules[key], styles[style] = module, None
            _call(folder / f"{name}.js", "state", name, {"module": key, "state": state, "buffers": model["buffers"]})
    for key, text in modules.items():
        _call(folder / f"{key}.js", "module", key, text)
    (folder / "live.css").write_text("\n".join(styles), encoding="utf-8")


def _call(path, kind, name, value):
    path.write_text(f"courseLive.{kind}({json.dumps(name)}, {json.dumps(value)});\n", encoding="utf-8")


def read_static(name):
    """The text of a file of the site's own: ``book.js``, ``book.css``."""
    return (Path(__file__).parent / "static" / name).read_text(encoding="utf-8")
