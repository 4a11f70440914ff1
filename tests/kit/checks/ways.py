"""Ways for an answer to reach a module: as source text, for a notebook and for grading alike.

``{m}`` is the module, ``{n}`` a name in it, ``{p}`` and ``{l}`` the module's parent and last part; ``{use}`` is "()"
where the name is to be used, and nothing where it is looked at only.
"""

import importlib
import pkgutil

WAYS = {  # way: (what stands at the top, what stands in the body)
    "import": ("", "import {m}\n    {m}.{n}{use}"),
    "import as": ("", "import {m} as module\n    module.{n}{use}"),
    "from": ("", "from {m} import {n} as found\n    found{use}"),
    "from the parent": ("", "from {p} import {l} as module\n    module.{n}{use}"),
    "import_module": ("import importlib", "importlib.import_module('{m}'[:3] + '{m}'[3:]).{n}{use}"),
    "__import__": ("", "__import__('{m}', fromlist=['{n}']).{n}{use}"),
    "sys.modules": ("import sys, {m}", "sys.modules['{m}'].{n}{use}"),
    "a chain": ("import {m}", "{m}.{n}{use}"),
    "at the top": ("from {m} import {n} as above", "above{use}"),
    "the whole module at the top": ("import {m} as module", "getattr(module, '{n}'){use}"),
    "a helper": ("from {m} import {n} as above\ndef helper():\n    above{use}", "helper()"),
    "a helper that imports": ("def helper():\n    from {m} import {n}\n    {n}{use}", "helper()"),
    "a table": ("from {m} import {n} as above\ntable = {{'it': [above]}}", "table['it'][0]{use}"),
    "a default": ("from {m} import {n} as above\ndef helper(it=above):\n    it{use}", "helper()"),
    "a closure": (
        "from {m} import {n} as above\ndef make(it):\n    return lambda: it{use}\nhelper = make(above)",
        "helper()",
    ),
    "a partial": (
        "from {m} import {n} as above\nfrom functools import partial\nhelper = partial(lambda it: it{use}, above)",
        "helper()",
    ),
    "text that is run": ("", "exec('import {m}; {m}.{n}{use}')"),
}


def public(module):
    """``(module, name)`` of something that can be called and is the module's own, or of the first module below it."""
    found = importlib.import_module(module)
    values = {name: getattr(found, name) for name in (*vars(found), *getattr(found, "__all__", ()))}
    values = {name: value for name, value in values.items() if callable(value) and not name.startswith("_")}
    for name, value in values.items():
        if str(getattr(value, "__module__", "")).startswith(module):
            return module, name
    return public(next(iter(pkgutil.iter_modules(found.__path__, f"{module}."))).name)


def sources(way, module, used, right, name):
    """``(top, the text of a function name(*arguments))`` that reaches ``module`` and then answers as ``right`` does."""
    module, called = public(module)
    parent, _, last = module.rpartition(".")
    about = {"m": module, "n": called, "p": parent, "l": last, "use": "()" if used else ""}
    top, body = (part.format(**about) for part in WAYS[way])
    return top, f"def {name}(*arguments):\n    {body}\n    return {right}(*arguments)\n"


def ways_to(module):
    """The ways that lead to ``module``: one without a parent is not to be had from it."""
    return [way for way in WAYS if "." in module or way != "from the parent"]
