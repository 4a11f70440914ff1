"""The ledger: what lectures assert, put to the test.

>>> from course_lib.claims import CLAIMS
>>> CLAIMS["C-03-10"].run().verdict.kind
'holds if'
"""

from course_lib.claims import ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch08, ch09, ch10
from course_lib.claims.kit import Claim, Ledger, Measured, Result, Verdict

CHAPTERS = (ch01, ch02, ch03, ch04, ch05, ch06, ch07, ch08, ch09, ch10)
CLAIMS = Ledger((claim.id, claim) for chapter in CHAPTERS for claim in chapter.CHAPTER)


def run_claims(ids=None, progress=None):
    """Run claims one after the other.

    Args:
        ids: which, ``["C-03-2", ...]``; all of them if left out.
        progress: called as ``progress(done, total, claim)`` before each claim, and once more with
            ``claim=None`` when all are done.

    Returns:
        A list of ``Result``, in the order asked for.

    Raises:
        UnknownClaim: an id that the ledger does not have; nothing is run then.
    """
    chosen = [CLAIMS[claim_id] for claim_id in (CLAIMS if ids is None else ids)]
    results = []
    for done, claim in enumerate(chosen):
        if progress:
            progress(done, len(chosen), claim)
        results.append(claim.run())
    if progress:
        progress(len(chosen), len(chosen), None)
    return results


__all__ = ["CLAIMS", "Claim", "Measured", "Result", "Verdict", "run_claims"]
