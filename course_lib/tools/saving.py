"""What JupyterLab writes to disk: pictures and texts in the place of views that nobody could show again.

A saved view needs the kernel that made it; without one JupyterLab shows an error where the picture was, although the
picture is in the file. So the view is left out of the file, and the picture that was seen last takes its place.
"""

from course_lib.figures import show

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
SHOWN_WITHOUT = ("image/png", "text/html")  # an output that has one of these is readable without its view


def as_seen(model, **_):
    """A hook of Jupyter's server: change the contents ``model`` of a notebook that is about to be written."""
    content = model.get("content")
    if model.get("type") != "notebook" or not isinstance(content, dict) or content.get("nbformat") != 4:
        return
    saved = content.get("metadata", {}).get("widgets", {}).get(STATE, {}).get("state", {})
    cells = [cell for cell in content.get("cells", ()) if cell.get("outputs")]
    for cell in cells:
        cell["outputs"] = [part for output in cell["outputs"] for part in still(output, saved)]
    if not any(VIEW in output.get("data", {}) for cell in cells for output in cell["outputs"]):
        content.get("metadata", {}).pop("widgets", None)


def still(output, saved):
    """``output`` as it is read without a kernel: a picture is followed by its caption."""
    data = output.get("data", {})
    if VIEW not in data or not any(kind in data for kind in SHOWN_WITHOUT):
        return [output]
    state = saved.get(data[VIEW].get("model_id"), {})
    data = {kind: value for kind, value in data.items() if kind != VIEW}
    metadata = {kind: value for kind, value in output.get("metadata", {}).items() if kind != VIEW}
    output = {**output, "data": data, "metadata": metadata}
    if "image/png" not in data:
        return [output]
    described = dict(metadata.get("image/png", {}))
    if picture := last_picture(state):
        data["image/png"], described["alt"] = picture, state["state"].get("caption", described.get("alt", ""))
        metadata["image/png"] = described
    kept = show.keeps(described)
    return [output, caption(described["alt"], kept)] if described.get("alt") else [output]


def last_picture(state):
    """The picture of a saved figure in base64, or "" where it has none (a reel draws in the browser)."""
    buffers = state.get("buffers", ())
    return next((buffer["data"] for buffer in buffers if buffer["path"] == ["picture"]), "")


def caption(text, kept):
    """An output that says what the picture before it shows; ``kept`` as in ``show.caption``."""
    data, metadata = show.caption(text, kept=kept)
    return {"output_type": "display_data", "data": data, "metadata": metadata}
