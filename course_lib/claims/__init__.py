"""The ledger: what lectures assert, put to the test.

>>> from course_lib.claims import CLAIMS
>>> CLAIMS["C-03-10"].run().verdict.kind
'holds if'
"""

from functools import cache

from course_lib.chapters import parts
from course_lib.claims.kit import Claim, Effect, Ledger, Measured, Result, Verdict


@cache
def ledger():
    """``{id: Claim}`` of all chapters, which are imported when first asked for."""
    return Ledger((claim.id, claim) for module in parts("claims").values() for claim in module.CHAPTER)


def __getattr__(name):
    if name == "CLAIMS":
        return ledger()
    raise AttributeError(f"course_lib.claims has no {name!r}")


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
    claims = ledger()
    chosen = [claims[claim_id] for claim_id in (claims if ids is None else ids)]
    results = []
    for done, claim in enumerate(chosen):
        if progress:
            progress(done, len(chosen), claim)
        results.append(claim.run())
    if progress:
        progress(len(chosen), len(chosen), None)
    return results


__all__ = ["CLAIMS", "Claim", "Effect", "Measured", "Result", "Verdict", "run_claims"]
