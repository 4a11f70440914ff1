"""What axe-core finds on a page."""

from pathlib import Path

SCRIPT = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN = """async (within) =>
    (await axe.run(within.length ? { include: within } : document, { resultTypes: ["violations"] })).violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`))"""


def serious_findings(page, *within):
    """Sentences about what is seriously wrong for people who cannot see, hear or point well; none on a good page.

    ``within``: selectors of the parts that are looked at, the whole page if there are none.
    """
    page.evaluate(SCRIPT)
    return page.evaluate(RUN, within)
