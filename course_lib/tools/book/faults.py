"""What is wrong with a finished site: each fault is one sentence that names the page.

Links that lead nowhere, pictures without words, an address that two places on one page share, anything that a browser
would have to fetch from elsewhere, and pages and figures that are too heavy for a phone.
"""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHES = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
ELSEWHERE = re.compile(r"^(?:https?:)?//")
PAGE, FIGURE = 6_000_000, 540_000  # bytes of a page with all its figures; of a figure 400 kB, as text a third more
IN_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


class Page(HTMLParser):
    """What a page has and asks for.

    Attributes:
        ids, links: addresses on it, and where its links lead.
        wordless: pictures without an alternative text.
        fetched: what a browser loads to show it.
        live: names of its live figures and questions.
    """

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.wordless, self.fetched, self.live = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"])
        if given.get("data-live"):
            self.live.append(given["data-live"])
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "img" and not (given.get("alt") or "").strip():
            self.wordless.append(given.get("src", "a picture"))
        if tag in FETCHES and given.get(FETCHES[tag]) and given.get("rel") not in ("canonical", "next", "prev"):
            self.fetched.append(given[FETCHES[tag]])


def faults(site):
    """Sentences about the faults of the site in the folder ``site``, sorted by page."""
    site = Path(site).resolve()
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    made = [fault for path, page in pages.items() for fault in _of_page(path, page, pages, site)]
    for path in sorted(site.rglob("*.css")):
        for asked in IN_STYLES.findall(path.read_text(encoding="utf-8")):
            made.append(
                f"{path.relative_to(site).as_posix()}: {asked} would be fetched from elsewhere; keep it in the site."
            )
    return made


def _of_page(path, page, pages, site):
    name = path.relative_to(site).as_posix()
    for word, count in Counter(page.ids).items():
        if count > 1:
            yield f"{name}: {count} places have the address #{word}; give each heading, equation or figure its own."
    for picture in dict.fromkeys(page.wordless):
        yield f"{name}: {picture} has no alternative text; say in words what it shows."
    for asked in dict.fromkeys(page.fetched):
        if ELSEWHERE.match(asked):
            yield f"{name}: {asked} would be fetched from elsewhere; keep it in the site."
        elif not asked.startswith("data:") and not _target(path, asked).is_file():
            yield f"{name}: the file {asked}, which it shows, is not there."
    yield from _too_heavy(name, path, page, site)
    for link in dict.fromkeys(page.links):
        if why := _astray(path, page, pages, link):
            yield f"{name}: the link to {link} leads nowhere: {why}."


def weights(path, page, site):
    """Bytes of what only this page shows: ``{"": itself with its pictures, name of a live part: its own}``."""
    pictures = {_target(path, asked) for asked in page.fetched if not asked.startswith("data:")}
    own = [file for file in pictures if file.is_relative_to(site / "_static" / "pictures") and file.is_file()]
    live = {name: site / "_static" / "live" / f"{name}.js" for name in page.live}
    return {"": sum(file.stat().st_size for file in (path, *own))} | {
        name: file.stat().st_size for name, file in live.items() if file.is_file()
    }


def _too_heavy(name, path, page, site):
    found = weights(path, page, site)
    if sum(found.values()) > PAGE:
        yield f"{name}: {sum(found.values()) / 1e6:.1f} MB with its figures; a page may have {PAGE / 1e6:.0f} MB."
    for part, size in found.items():
        if part and size > FIGURE:
            yield f"{name}: the figure {part} has {size / 1e3:.0f} kB; it may have {FIGURE / 1e3:.0f} kB."


def _target(path, link):
    found = (path.parent / unquote(urlsplit(link).path)).resolve()
    return found / "index.html" if found.is_dir() else found


def _astray(path, page, pages, link):
    """Why a link leads nowhere, "" if it does not."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    target = _target(path, link) if parts.path else path
    if not target.is_file():
        return "there is no such page"
    aim = pages.get(target, page)
    if parts.fragment and target in pages and unquote(parts.fragment) not in aim.ids:
        return f"that page has no place {parts.fragment}"
    return ""
