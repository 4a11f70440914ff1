"""The whole course as a site that needs neither a kernel nor a network: ``course book``.

``live`` runs the cells that show live figures and questions and keeps what they need; ``chapters`` makes pages from
the stored notebooks, ``front`` the first one, ``reference`` those of the library; ``extension`` is what Sphinx is
taught for all of them; ``faults`` reads what came out; ``write`` does one after the other.
"""

from course_lib.tools.book.write import write_book

__all__ = ["write_book"]
