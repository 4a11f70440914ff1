"""Where PyTorch is met: the course runs without it, and says so in one sentence where it would be used."""


def optional_torch():
    """Return the ``torch`` module, or print how to get it and return ``None``."""
    try:
        import torch
    except ImportError:
        print("PyTorch is not installed, so this cell compares nothing. To get it: python course.py lab --with torch")
        return None
    return torch
