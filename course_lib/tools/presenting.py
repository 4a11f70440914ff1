"""A chapter run in front of a class: a copy of its core, and a JupyterLab that can be read from the last row.

Nothing of this is kept in the person's own settings: type and side bars come from files in ``presented/``, into which
theirs are copied.
"""

import json
import shutil
from pathlib import Path

from course_lib import place

SETTINGS = Path(__file__).parent / "jupyter" / "presenting"
WORKSPACE = "lecture"
TYPE = {"code-font-size": "22px", "content-font-size1": "24px", "ui-font-size1": "16px"}
THEMES = "@jupyterlab/apputils-extension/themes.jupyterlab-settings"
FOLDED = {"collapsed": True, "visible": False, "current": None}


def presented(notebook):
    """Write the core of a notebook (a path) without outputs, so that nothing is told before it runs; return its path.

    The source of the set-up and of what only draws is folded away. The copy lies in ``presented/``, beside
    ``notebooks/``: links lead where they did, and the notebook stays as it is.
    """
    from course_lib.tools.notebook_tools.files import read, text
    from course_lib.tools.notebook_tools.reading import core
    from course_lib.tools.slides.plotting import told

    path = Path(notebook)
    shown = read(path)
    shown.cells = core(shown.cells)
    for cell in shown.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if cell.metadata.get("course", {}).get("role") == "setup" or not told(cell.source):
                cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
    copy = place.folder() / "presented" / path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(text(shown), encoding="utf-8", newline="\n")
    return copy


def workspaces():
    """The folder with the workspace in which one presents: both side bars folded; it is written anew each time."""
    folder = place.folder() / "presented" / ".workspaces"
    from jupyterlab_server.workspaces_handler import WorkspacesManager

    layout = {"main": {"dock": None}, "down": {"size": 0, "widgets": []}, "left": FOLDED, "right": FOLDED}
    data = {"layout-restorer:data": {**layout, "relativeSizes": [0, 1, 0]}}
    WorkspacesManager(str(folder)).save(WORKSPACE, json.dumps({"data": data, "metadata": {"id": WORKSPACE}}))
    return folder


def settings():
    """The folder with the settings of one's own JupyterLab, and larger type; it is written anew each time.

    JupyterLab takes the sizes of type from the user's settings only, and not from an application's defaults.
    """
    import json5
    from jupyterlab.commands import get_user_settings_dir

    folder = place.folder() / "presented" / ".settings"
    shutil.rmtree(folder, ignore_errors=True)
    if Path(get_user_settings_dir()).is_dir():
        shutil.copytree(get_user_settings_dir(), folder)
    file = folder / THEMES
    theirs = json5.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    file.parent.mkdir(parents=True, exist_ok=True)
    ours = theirs | {"overrides": theirs.get("overrides", {}) | TYPE}
    file.write_text(json.dumps(ours, indent=2), encoding="utf-8")
    return folder
