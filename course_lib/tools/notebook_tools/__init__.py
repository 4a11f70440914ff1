"""Notebooks as source text: execute, bring into normal form, make exercises from solutions, keep to the rules."""

from course_lib.tools.notebook_tools.builder import build, check_notebook_files, write_tables
from course_lib.tools.notebook_tools.files import ROOT, NotebookError

__all__ = ["ROOT", "NotebookError", "build", "check_notebook_files", "write_tables"]
