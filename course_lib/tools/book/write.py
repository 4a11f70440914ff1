"""The book, one step after the other: live parts, pages, Sphinx, and a look at what came out."""

import re
import shutil
import tempfile
import warnings
from io import StringIO
from pathlib import Path

from course_lib import place
from course_lib.tools import vendor
from course_lib.tools.book.chapters import write_page
from course_lib.tools.book.faults import faults
from course_lib.tools.book.front import DOCUMENTS, write_front
from course_lib.tools.book.live import Live, live_parts, read_static, write_scripts
from course_lib.tools.book.reference import write_reference
from course_lib.widgets.live import front_end

ROOT = place.LIBRARY
COMPLAINT = re.compile(r"(?:WARNING|ERROR|CRITICAL): (?!duplicate object description)")  # a function named as a module
INTO_NOTEBOOK = re.compile(r"(\.ipynb#)([^)\s]+)")
SHOWN = 12  # faults of a site in one message
MARK = "searchindex.js"  # by which a folder is known as a site that may be replaced


class Faulty(ValueError):
    """The site has faults; the message says them, a sentence each."""


def write_book(out, live=None, say=lambda text: None):
    """Write the course as a site into the folder ``out``.

    Args:
        out: a folder; made if missing. A site that is there is replaced, anything else is left alone.
        live: stems of the notebooks whose figures and questions shall be live; ``None`` for all.
        say: is told what is being done.

    Returns:
        The path of the first page.

    Raises:
        ValueError: ``out`` holds something else, or the site has faults.
    """
    out = Path(out)
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file())):
        raise ValueError(f"{out} holds something that is no site; choose an empty folder or a new name.")
    with tempfile.TemporaryDirectory() as scratch:
        source, site = Path(scratch) / "source", Path(scratch) / "site"
        write_source(source, live, say)
        say("the pages are laid out")
        found = [*run_sphinx(source, site), *faults(site)]
        if found:
            more = [f"… and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
            raise Faulty("\n".join([f"The site was not written: {len(found)} faults.", *found[:SHOWN], *more]))
        shutil.rmtree(out, ignore_errors=True)
        out.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(site, out)
    return out / "index.html"


def write_source(source, live=None, say=lambda text: None):
    """Write all that Sphinx reads into the folder ``source``."""
    notebooks = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    parts = live_parts([path for path in notebooks if live is None or path.stem in live], say)
    for path in notebooks:
        write_page(path, parts.get(path, Live({}, {})).places, source)
    for path in sorted((ROOT / "exercises").glob("[0-9][0-9]_*.ipynb")):
        write_page(path, {}, source)
    (source / "docs").mkdir()
    for name in DOCUMENTS:
        text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        (source / "docs" / f"{name}.md").write_text(INTO_NOTEBOOK.sub(_heading, text), encoding="utf-8")
    write_front(notebooks, parts, source)
    write_reference(source)
    static = source / "_static"
    write_scripts(parts.values(), static / "live")
    shutil.copytree(vendor.FOLDER / "katex", static / "katex")
    (static / "book.js").write_text(front_end("without_kernel.js") + read_static("book.js"), encoding="utf-8")
    (static / "book.css").write_text(read_static("book.css"), encoding="utf-8")


def _heading(found):
    """JupyterLab's address of a heading as the one that it has on the site."""
    return found[1] + re.sub(r"[^\w-]", "", found[2].lower())


def run_sphinx(source, site):
    """Lay out the pages in ``source``; returns what Sphinx complains about, a sentence each."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    said = StringIO()
    with patch_docutils(), docutils_namespace(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Sphinx's and MyST's about each other
        app = Sphinx(
            source,
            None,
            site,
            site.parent / "doctrees",
            "html",
            CONFIGURATION,
            status=None,
            warning=said,
            freshenv=True,
        )
        app.build()
    (site / "_static" / "webpack-macros.html").unlink(missing_ok=True)  # the theme's own template, no page
    lines = re.sub(r"\x1b\[[\d;]*m", "", said.getvalue()).splitlines()
    return [line.replace(f"{source}/", "") for line in lines if COMPLAINT.search(line)]


CONFIGURATION = {
    "project": "How deep networks are optimised",
    "extensions": ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "course_lib.tools.book.extension"],
    "html_theme": "pydata_sphinx_theme",
    "html_title": "How deep networks are optimised",
    "html_math_renderer": "katex",
    "html_static_path": ["_static"],
    "html_css_files": ["katex/katex.min.css", "live/live.css", "book.css"],
    "html_js_files": ["katex/katex.min.js", "book.js"],
    "html_sidebars": {"index": []},
    "html_context": {"default_mode": "auto"},  # light or dark as the reader's system is
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_theme_options": {
        "logo": {"text": "Optimisation"},
        "show_prev_next": True,
        "navigation_with_keys": False,
        "show_toc_level": 2,
        "secondary_sidebar_items": ["page-toc"],
        "primary_sidebar_end": [],
        "footer_start": [],
        "footer_end": [],
        "search_bar_text": "Search the course",
        "header_links_before_dropdown": 6,
    },
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "myst_enable_extensions": ["dollarmath"],
    "myst_dmath_double_inline": True,
    "myst_heading_anchors": 4,
    "smartquotes": False,
    "autodoc_typehints": "none",
    "autodoc_class_signature": "mixed",
    "napoleon_google_docstring": True,
    "napoleon_numpy_docstring": False,
    "napoleon_use_ivar": True,
    "suppress_warnings": [
        "myst.header",
        "ref.python",  # fields of many classes have the same names
        "misc.highlighting_failure",  # a block in a language without colours, such as csv, is shown as it is
    ],
    "add_module_names": False,
}
