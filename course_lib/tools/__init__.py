"""What is done with the course: the command, its parts, and the pages that are made."""

import sys

# jsonschema, which nbformat imports, would take a second to build a grammar of web addresses, where one is installed.
# Notebooks have no use for it, and jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
