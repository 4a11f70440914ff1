"""An extension of Jupyter's server: JupyterLab gets the course's rules for stored pictures on a dark page.

The person's own ``custom.css``, if there is one, is found first and takes its place.
"""

from pathlib import Path

FOLDER = Path(__file__).with_name("jupyter") / "custom"


def _jupyter_server_extension_points():
    return [{"module": __name__}]


def _load_jupyter_server_extension(serverapp):
    serverapp.web_app.settings["static_custom_path"].append(str(FOLDER))
