"""What a file is that is no notebook, in a sentence that says what to do. Runs in the reading process."""

HAND_IN = "hand in the .ipynb file itself."
OR_A_ZIP = "hand in the notebook (.ipynb), or a zip archive with it, which can be read here."
BY_START = (  # the first bytes, what the file is, what to do
    (b"%PDF", "a PDF", HAND_IN),
    (b"\x89PNG", "a picture", HAND_IN),
    (b"\xff\xd8\xff", "a picture", HAND_IN),
    (b"GIF8", "a picture", HAND_IN),
    (b"{\\rtf", "a text with formatting (RTF)", HAND_IN),
    (b"\xd0\xcf\x11\xe0", "an Office file", HAND_IN),
    (b"bplist", "a file of macOS's (a page that Safari saved, or a place in iCloud)", HAND_IN),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows, which names a file and does not hold it", HAND_IN),
    (b"version https://git-lfs", "a pointer of Git LFS, which names a file and does not hold it", HAND_IN),
    (b"Rar!", "a RAR archive", OR_A_ZIP),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", OR_A_ZIP),
    (b"\x1f\x8b", "a packed file (gzip)", OR_A_ZIP),
    (b"BZh", "a packed file (bzip2)", OR_A_ZIP),
    (b"\xfd7zXZ", "a packed file (xz)", OR_A_ZIP),
    (b"SQLite format 3", "a database", HAND_IN),
)
IN_ZIP = (
    (b"word/document.xml", "a Word document"),
    (b"xl/workbook.xml", "an Excel table"),
    (b"ppt/presentation.xml", "a PowerPoint file"),
    (b"vnd.oasis.opendocument", "an OpenDocument file"),
)
AGAIN = "Open the notebook (or an earlier copy of it) in JupyterLab, save it, and hand it in again."
UNFINISHED = [word[:end] for word in ("true", "false", "null") for end in range(1, len(word))] + ["-"]
DIRECTORY = 64 << 10  # bytes at the end of a zip archive in which the names in it stand


def other_than_text(data):
    """The sentence about bytes that are no text at all, ``""`` if they may be one."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        if b"\0" in data:
            return "The file holds nothing but zeros: save the notebook in JupyterLab and hand it in again."
        return "The file is empty: save the notebook in JupyterLab and hand it in again."
    if data.startswith(b"PK"):
        return f"The file is {_in_zip(data)}, not a notebook: {HAND_IN}"
    for start, kind, advice in BY_START:
        if data.startswith(start):
            return f"The file is {kind}, not a notebook: {advice}"
    return ""


def _in_zip(data):
    names = data[:DIRECTORY] + data[-DIRECTORY:]
    return next((kind for sign, kind in IN_ZIP if sign in names), "a zip archive or an Office file")


def other_than_json(text, error, is_script):
    """The sentence about a text that ``json`` refused with ``error``."""
    if line := _conflict(text):
        return (
            f"The file holds both sides of a merge conflict (line {line} begins with <<<<<<<), which Jupyter cannot "
            "open: choose one side (in a terminal: git checkout --ours FILE, or --theirs), and hand in the notebook."
        )
    start = text[:200].lstrip()
    if start.startswith("<"):
        return f"The file is a web page, not a notebook: {HAND_IN}"
    if not start.startswith(("{", "[")):
        kind = "a Python script in which no function of an exercise is written" if is_script else "a text"
        return f"The file is {kind}, not a notebook: {HAND_IN}"
    if isinstance(error, RecursionError):
        return f"The file is damaged: its brackets are nested deeper than those of any notebook. {AGAIN}"
    if _ends_early(text, error):
        line = text.count("\n", 0, len(text.rstrip())) + 1
        return f"The file is damaged: it ends in the middle, in line {line} (was the upload cut off?). {AGAIN}"
    return f"The file is damaged: line {error.lineno}, column {error.colno} is not JSON ({_slip(text, error)}). {AGAIN}"


def _conflict(text):
    """The line where git's mark of a conflict stands, 0 if there is none: no string in JSON can hold such a line."""
    at = text.find("\n<<<<<<< ")
    return 1 if text.startswith("<<<<<<< ") else 0 if at < 0 else text.count("\n", 0, at) + 2


def _ends_early(text, error):
    rest = text[error.pos :].strip()
    return error.msg.startswith("Unterminated string") or rest in ("", *UNFINISHED)


def _slip(text, error):
    before, after = text[max(0, error.pos - 200) : error.pos].rstrip(), text[error.pos : error.pos + 1]
    if after in ("}", "]") and before.endswith(","):
        return f"there is a comma before {after}, where nothing follows"
    if error.msg.startswith("Invalid control character"):
        return "a line ends before its text does: a quotation mark is missing"
    return error.msg[:1].lower() + error.msg[1:]
