"""Changes of text files that are made together or not at all: new files, code at the end, one more in a list."""

import ast
import re
from pathlib import Path

import nbformat

from course_lib.tools.notebook_tools.files import normalise, text


class Place:
    """The files of a course as they will be; ``write`` writes what changed.

    Args:
        root: the course's folder. Paths are given from there.
    """

    def __init__(self, root):
        self.root, self.changed = Path(root), {}

    def exists(self, path):
        return path in self.changed or (self.root / path).exists()

    def read(self, path):
        return self.changed.get(path) or (self.root / path).read_text(encoding="utf-8")

    def chapters(self, known):
        """Folders of the chapters."""
        return [name for name in known if self.exists(f"course_lib/chapters/{name}")]

    def write(self):
        for name, content in self.changed.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")

    def new_file(self, path, content):
        """Raises ``ValueError`` where the file is there already."""
        if self.exists(path):
            raise ValueError(f"{path} is there already: choose another name, or take it away first.")
        self.changed[path] = content

    def there(self, path, content):
        """A file that is made where there is none."""
        if not self.exists(path):
            self.changed[path] = content

    def add_code(self, path, code):
        """Code at the end of a file, its imports among those at the top."""
        before = self.read(path)
        imports, body = _split(code)
        lines = before.splitlines(keepends=True)
        last = _end_of_imports(before)
        top, rest = "".join(lines[:last]), "".join(lines[last:])
        gap = "" if any(line.startswith(("import", "from")) for line in lines[:last]) else "\n"
        end = f"\n\n\n{body.strip()}" if body.strip() else ""
        self.changed[path] = f"{top}{gap if imports else ''}{imports}{rest.rstrip()}{end}\n"

    def add_item(self, path, variable, item):
        """One entry more at the end of a tuple or list that a file assigns to ``variable``."""
        source = self.read(path)
        value = next((node.value for node in ast.parse(source).body if variable in _targets(node)), None)
        if not isinstance(value, ast.Tuple | ast.List):
            raise ValueError(f"{path}: {variable} is no plain list of names: add {item} there by hand.")
        at = _offset(source, value.end_lineno, value.end_col_offset) - 1
        before = source[:at].rstrip()
        comma = "" if before.endswith((",", "(", "[")) else ","
        last = "" if value.elts else ","  # of one alone
        self.changed[path] = f"{before}{comma} {item}{last}{source[at:]}"

    def add_line_after(self, path, pattern, line):
        """A line after the last one that matches."""
        lines = self.read(path).splitlines(keepends=True)
        found = [number for number, old in enumerate(lines) if re.match(pattern, old)]
        if not found:
            raise ValueError(f"{path} has no line like {pattern!r}, after which this belongs: {line}")
        lines.insert(found[-1] + 1, f"{line}\n")
        self.changed[path] = "".join(lines)

    def add_cells(self, path, cells, imports="", before_last=False):
        """Cells, as ``cells_of`` reads them, at the end of a notebook, and ``imports`` in its set-up cell."""
        notebook = nbformat.reads(self.read(path), 4) if self.exists(path) else nbformat.v4.new_notebook()
        made = cells_of(cells)
        at = len(notebook.cells) - (before_last and _is_last_word(notebook.cells))
        notebook.cells[at:at] = made
        if imports:
            setup = next(cell for cell in notebook.cells if cell.metadata.get("course", {}).get("role") == "setup")
            setup.source = f"{imports}\n{setup.source}"
        self.changed[path] = text(normalise(notebook))


def _is_last_word(cells):
    """Whether the last cell is text of no exercise: what is to be said at the end."""
    return bool(cells) and cells[-1].cell_type == "markdown" and not cells[-1].metadata.get("course")


def cells_of(page):
    """The cells of a text in which each begins with a line such as ``%% code check 03-2``."""
    cells = []
    for part in re.split(r"^%% ", page, flags=re.M)[1:]:
        head, _, source = part.partition("\n")
        kind, *more = head.split()
        make = nbformat.v4.new_markdown_cell if kind == "markdown" else nbformat.v4.new_code_cell
        course = dict(zip(("role", "exercise"), more, strict=False))
        cells.append(make(source.strip("\n"), metadata={"course": course} if course else {}))
    return cells


def _split(code):
    """``(imports, the rest)``."""
    lines, last = code.splitlines(keepends=True), _end_of_imports(code)
    has = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(code).body)
    return ("".join(lines[:last]), "".join(lines[last:])) if has else ("", code)


def _end_of_imports(source):
    """The number of the line in which the last import at the top ends, or the docstring."""
    body = ast.parse(source).body
    ends = [node.end_lineno for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    docstring = [node.end_lineno for node in body[:1] if isinstance(node, ast.Expr)]
    return (ends or docstring or [0])[-1]


def _targets(node):
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name) and not isinstance(node, ast.AugAssign)]


def _offset(source, line, column):
    """Where a place of ``ast``, which counts bytes in a line, is in the text."""
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())
