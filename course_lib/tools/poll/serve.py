"""Run a poll until it is stopped, on one address of this machine."""

import asyncio
import contextlib
import errno
import ipaddress
import socket
import webbrowser
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from course_lib import place
from course_lib.tools.lab import has_browser
from course_lib.tools.notebook_tools.files import read
from course_lib.tools.notebook_tools.reading import core
from course_lib.tools.poll.app import poll_app
from course_lib.tools.poll.tally import Tally
from course_lib.tools.slides.asked import read_question
from course_lib.tools.slides.write import target
from course_lib.widgets.class_poll import announced

PATIENCE = 8  # seconds that a connection may last: whoever never ends a request holds nothing longer
CONNECTIONS = 700  # at once; beyond, the answer is 503
LONGEST_HEAD = 16_384  # bytes
PORTS = 100  # that are tried, one after the other


class Impatient(H11Protocol):
    """HTTP of uvicorn, which waits for ever for the end of a first request; here no connection lasts longer."""

    def connection_made(self, transport):
        super().connection_made(transport)
        self.end = self.loop.call_later(PATIENCE, transport.close)

    def connection_lost(self, exc):
        self.end.cancel()
        super().connection_lost(exc)


def predictions(notebook):
    """The predictions with options in the core of a notebook (a path), in its order."""
    cells = [cell.source for cell in core(read(Path(notebook)).cells) if cell.cell_type == "code"]
    asked = [read_question(source) for source in cells if source.startswith("predict(")]
    return [question for question in asked if question and question.options]


def listening(address, port):
    """A socket that listens on an address of this machine, on the first free port from ``port``.

    Raises:
        ValueError: no address of this machine, or no free port.
    """
    try:
        host = ipaddress.ip_address("127.0.0.1" if address == "localhost" else address)
    except ValueError:
        raise ValueError(f"--address takes the number of an address of this machine, not {address!r}.") from None
    if host.is_unspecified:
        raise ValueError(f"{address} stands for all addresses: name the one that phones reach{_such_as()}.")
    family = socket.AF_INET6 if host.version == 6 else socket.AF_INET
    for number in range(port, min(port + PORTS, 65536)):
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((str(host), number))
            return made
        except OSError as error:
            made.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise ValueError(f"This machine has no address {address}{_such_as()}.") from None
            if error.errno != errno.EADDRINUSE:
                raise ValueError(f"{address}, port {number}: {error.strerror}. Choose a port above 1023.") from None
    raise ValueError(f"No port from {port} on is free: give another one with --port.")


def _such_as():
    found = own_address()
    return f", such as {found}" if found else ""


def own_address():
    """The address with which this machine would speak to others, "" without a network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address for documentation
            return probe.getsockname()[0]
        except OSError:
            return ""


def where(listener):
    """The address of a listening socket, as one types it."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def hold(notebook, address="127.0.0.1", port=8700, minutes=None, open_browser=True, say=print, slides=None):
    """Ask the predictions of a chapter until Ctrl-C, or for so many minutes; then say what was chosen.

    Args:
        notebook: path of the chapter's notebook.
        address: of this machine, to which the poll is bound; phones cannot reach 127.0.0.1.
        port: first port to try.
        minutes: after which it ends by itself; with ``None`` it goes on until Ctrl-C.
        open_browser: False prints the lecturer's address only.
        say: takes one sentence at a time.
        slides: their file or folder; they are shown at an address of their own, with the bars beside what they ask.

    Raises:
        ValueError: nothing to ask, no such address, or no such slides.
    """
    tally, deck = Tally(predictions(notebook)), slides and _deck(notebook, slides)
    with listening(address, port) as listener:
        phones = where(listener)
        app, path = poll_app(tally, _title(notebook), phones, deck)
        own_page = phones.rstrip("/") + path
        say(f"Phones: {phones}   Your page, for you alone: {own_page}")
        if deck:
            say(f"Your slides, with the bars: {own_page}/slides")
        if ipaddress.ip_address(listener.getsockname()[0]).is_loopback and (own := own_address()):
            with_phones = f"{place.program()} poll {Path(notebook).stem[:2]} --address {own}"
            say(f"Only this machine reaches it; with phones: {with_phones}")
        say("Ctrl-C ends it.")
        if open_browser and has_browser():
            webbrowser.open(f"{own_page}/slides" if deck else own_page)
        with announced(own_page):
            _serve(app, listener, minutes)
    for number in range(len(tally.questions)):
        if sum(tally.counts(number)):
            say(_in_words(tally, number))


def _serve(app, listener, minutes):
    config = uvicorn.Config(
        app,
        http=Impatient,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        backlog=CONNECTIONS,
        timeout_keep_alive=2,
        timeout_graceful_shutdown=1,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    server = uvicorn.Server(config)

    async def serve():
        if minutes:
            asyncio.get_running_loop().call_later(60 * minutes, setattr, server, "should_exit", True)
        await server.serve(sockets=[listener])

    with contextlib.suppress(KeyboardInterrupt):  # the lecture is over
        asyncio.run(serve())


def _deck(notebook, slides):
    """The file of a chapter's slides, of a file or the folder that they were written into."""
    path = target(notebook, slides)
    if not path.is_file():
        number = Path(notebook).stem[:2]
        raise ValueError(f"There are no slides {path}: {place.program()} slides {number} -o {path.parent} writes them.")
    return path


def _title(notebook):
    return Path(notebook).stem.replace("_", " ")


def _in_words(tally, number):
    question, counts = tally.questions[number], tally.counts(number)
    chosen = ", ".join(f"{option}: {count}" for option, count in zip(question.options, counts, strict=True))
    return f"{question.text} {chosen}."
