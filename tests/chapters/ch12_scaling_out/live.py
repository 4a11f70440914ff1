"""How ``tests/kit/widgets`` makes the live figures of chapter 12: as they stand; a ring ends before the last step."""

LATER: tuple = ()
