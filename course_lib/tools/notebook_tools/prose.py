"""What the words of a chapter must keep to: numbers that were printed, no abbreviations of sources.

A reader has not seen the lectures that the chapter argues with, and can check a number only where a cell prints it.
"""

import re

from course_lib.tools.notebook_tools.reading import heading, unfolded

HAPPENED = re.compile(r"\*\*What happened\.\*\*.*?(?=\n\n\*\*|\n#|\Z)", re.DOTALL)
SOURCE_LINE = re.compile(r"^\| \*\*Lectures?\*\* \|.*$", re.MULTILINE)

# --- Sources --------------------------------------------------------------------------------------------

CODE = re.compile(r"\b(?:L[034]|E\d{1,2})\b")
LECTURE_OR_NORM = re.compile(r"\bL[12]\b")
NORM = re.compile(r"\bL[12] (?:penalt|norm|term|regular)")
SAYS = "says?|said|prints?|calls?|lists?|asks?|writes?|offers?|quotes?|announces?|never|has|l\\."
LECTURE = re.compile(rf"\bL[12](?:['’]s| (?:{SAYS})\b)|\((?:[^()\n]*[,;] )?L[12]\)")


def running_text(notebook):
    """What a reader is shown: text and questions, without folds, the references and the title's source line."""
    pieces, references = [], False
    for cell in notebook.cells:
        references = heading(cell).startswith("References") if heading(cell) else references
        if (cell.cell_type == "markdown" and not references) or cell.source.startswith(("predict(", "quiz(")):
            pieces.append(SOURCE_LINE.sub("", unfolded(cell.source)))
    return "\n\n".join(pieces)


def source_codes(notebook):
    """``["L0", "E22", ...]``: each abbreviation of a lecture or an erratum in the running text.

    Where a chapter speaks of an "L2 penalty", L1 and L2 are lectures only if they say, print, ... something.
    """
    text = running_text(notebook)
    ambiguous = LECTURE if NORM.search(text) else LECTURE_OR_NORM
    return CODE.findall(text) + [LECTURE_OR_NORM.search(found[0])[0] for found in ambiguous.finditer(text)]


# --- Numbers --------------------------------------------------------------------------------------------

RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
NUMBER = re.compile(r"(?<![\w.])[+-]?(\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?!\w)(\s?%)?")
NOT_A_RESULT = (
    r"`[^`]*`",  # code
    r"\]\([^)]*\)",  # the address of a link
    r"\([1-9]\d?\.\d{1,2}[a-z]?\)",  # equations
    r"\b[A-Z]-\d\d-\d+",  # claims and conventions
    r"\b(?:[Ss]ections?|[Cc]hapters?|[Ff]igures?|[Tt]ables?) \d+(?:(?:,| and| to) \d+)*",
    r"\b(?:19|20)\d\d\b",  # years
    r"\b[LE]\d{1,2}\b",
)


def _plain(text):
    """``text`` with every number in one spelling: 2.5 · 10⁻⁷ as 2.5e-7, 36 272 as 36272, − as -."""
    text = text.replace("−", "-").replace("\\,", " ").replace("{,}", "").replace(" ", " ").replace(" ", " ")
    text = re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: f"10^{found[1].translate(RAISED)}", text)
    text = re.sub(r"10\^\{?(-?\d+)\}?", r"1e\1", text)
    text = re.sub(r"(\d)\s*(?:·|×|\\cdot|\\times)\s*1e(-?\d+)", r"\1e\2", text)
    return re.sub(r"(?<=\d) (?=\d{3}\b)", "", text)


def said_numbers(text):
    """``[(as written, value, half a unit of its last digit), ...]`` of each number in ``text``; a sign is left out."""
    for pattern in NOT_A_RESULT:
        text = re.sub(pattern, " ", text)
    found = []
    for match in NUMBER.finditer(_plain(text)):
        value = float(match[1])
        mantissa, _, power = match[1].partition("e")
        whole, _, decimals = mantissa.partition(".")
        zeros = 0 if decimals or not value else len(whole) - len(whole.rstrip("0"))
        unit = 10.0 ** (int(power or 0) + (zeros if zeros else -len(decimals)))
        found.append((match[0].strip().lstrip("+-"), value, unit / 2))
        if match[2]:  # 4 %: printed as 0.04 or as 4 %
            found[-1] = (match[0].strip().lstrip("+-"), value / 100, unit / 200)
    return found


def printed_numbers(notebook):
    """All numbers in the printed outputs of ``notebook``, the captions of its figures included."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    texts = [output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs]
    plain = re.sub(r"(?<=\d),(?=\d{3}\b)", "", _plain("\n".join(texts)))
    return [abs(float(number)) for number in re.findall(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?", plain)]


def unprinted_numbers(notebook):
    """Each number of a "What happened" that no cell prints, as it is written there: rounded it may be."""
    printed = printed_numbers(notebook)

    def is_printed(value, half):
        return any(abs(value - number) <= half * (1 + 1e-9) for number in printed)

    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    said = [number for text in texts for happened in HAPPENED.findall(text) for number in said_numbers(happened)]
    return [
        written
        for written, value, half in said
        if not is_printed(value, half) and not ("%" in written and is_printed(100 * value, 100 * half))
    ]
