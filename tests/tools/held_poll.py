"""A poll that runs, and what phones and the lecturer send to it."""

import http.client
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlencode

import nbformat

from tests.tools.prepared_course import ROOT

CELLS = (
    'predict("03-a", "Which of <two> & three?", {"this": "It is.", "that": "It tempts.", "none": "No."}, right="this")',
    'predict("03-b", "How many?", ["one", "two"])',
    'predict("03-c", "Why?")',
)


def short_chapter(folder):
    """The path of a notebook with two predictions that can be polled, and one that cannot."""
    path = folder / "03_short.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS]), path)
    return path


class Poll:
    """A poll that runs: ``port``, ``path`` of the lecturer's page, ``process``."""

    def __init__(self, process):
        self.process = process
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/lecturer/\S+)", process.stdout.readline())
        self.port, self.path = int(found[1]), found[2]

    def ask(self, method="GET", path="/", body=None, cookie=""):
        """``(status, cookie, text)`` of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = urlencode(body) if isinstance(body, dict) else body
        connection.request(method, path, body, {"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        given = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        text = answer.read().decode()
        connection.close()
        return answer.status, given, text

    def phone(self):
        """The cookie of a phone that opens the page."""
        return self.ask()[1]

    def answer(self, cookie, option, question=0):
        return self.ask("POST", body={"question": question, "option": option}, cookie=cookie)

    def press(self, button):
        return self.ask("POST", self.path, {"do": button})

    def counts(self):
        return [int(count) for count in re.findall(r'class="count">(\d+)', self.ask(path=self.path)[2])]


@contextmanager
def running(notebook, *options, **variables):
    """``course poll`` on a notebook, ended by force where it has not ended; ``variables`` are of its environment."""
    command = [sys.executable, "-m", "course_lib.tools.cli", "poll", str(notebook), "--no-browser", *map(str, options)]
    env = {**os.environ, "COURSE_PROGRESS": str(notebook.with_name("progress.json")), **variables}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        made = Poll(process)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                made.ask()
                break
            except OSError:
                time.sleep(0.1)
        yield made
    finally:
        process.kill()
        process.communicate()
