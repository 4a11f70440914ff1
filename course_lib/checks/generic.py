"""Mistakes that every exercise shares: kind -> (name, what to do about it).

The kinds are those of ``compare.Wrong``, of ``calls.StudentError``, and "Same" (the result is what was given).
"""

from course_lib.settings.language import later

WHOLE = later("All of it together, on inputs of every size and kind")  # title of the check that asks for it

REMEMBERS = (
    "remembers something between calls",
    "Use only the arguments: no random numbers of your own, no global variable that a call changes, no default "
    "argument that a call changes.",
)

GENERIC = {
    "NotWritten": (
        "not written yet",
        "Write the function's body in place of `raise NotImplementedError(...)`.",
    ),
    "None": ("returns nothing", "A function whose last line is not `return ...` gives back None."),
    "NotNumbers": ("returns something that is not numbers", "Return NumPy arrays or numbers."),
    "Shape": ("wrong shape", "Each result has the shape that the docstring says; print `.shape` of what you return."),
    "NotFinite": ("not finite", "Look for a division by zero, a root of a negative number, or an overflow."),
    "Huge": ("far too large", "Look for an overflow, a division by nearly zero, or a loop that runs away."),
    "OffLimits": (
        "uses what is off limits",
        "Write that part yourself: what the function may use stands under the text of the exercise.",
    ),
    "NotOnMenu": ("no word of the menu", "Return one of the words that the docstring lists, as text."),
    "OtherFault": ("another fault", "Compare what you changed with what was there: which word of the menu says that?"),
    "OverBudget": (
        "more trials than the budget allows",
        "Decide beforehand at which settings to try: few, far apart at first, then closer to the best of them.",
    ),
    "TriedBetter": (
        "returns another setting than its best trial",
        "One of the trials had a clearly smaller loss than what is returned: keep the setting with the smallest.",
    ),
    "Edge": (
        "the best trial lies at the edge of what was tried",
        "Nothing is known beyond it: try wider apart first, then closer to the best.",
    ),
    "NoTrial": ("nothing was tried", "Ask for the loss at some settings, and return the best of them."),
    "Integer": ("whole numbers", "The result was rounded to integers: make the array with dtype float."),
    "Precision": (
        "lost digits",
        "The result has fewer digits than what was given: keep the type of the numbers that come in.",
    ),
    "Count": ("wrong number of results", "Return all results, separated by commas, in the docstring's order."),
    "Changed": (
        "changes its input in place",
        "`a += b` and `a[...] = b` write into the caller's array: write `a = a + b`, which makes a new one.",
    ),
    "Shared": (
        "returns the same array every time",
        "The caller's earlier result changes behind its back: make a new array in every call.",
    ),
    "Remembers": REMEMBERS,
    "Kept": REMEMBERS,
    "AsksMore": (
        "one call of the gradient too many",
        "The result is right, but the gradient is asked for elsewhere, too: leave that call out, it is the dear part.",
    ),
    "Ignored": (
        "an argument without effect",
        "Either it is not used (is its value taken from a global variable?), or what follows takes it out again.",
    ),
    "Spoiled": (
        "changes what the model is made of",
        "Keep layers, names, shapes and types as they are: what changes is the values in the tensors.",
    ),
    "Switched": (
        "leaves a switch changed",
        "What is set for the whole program stays set for all that comes after the call: set it for your lines only, in "
        "a `with` block, or as an argument.",
    ),
    "Same": (
        "returns what it was given",
        "In every call the result has the values of an argument: nothing was computed.",
    ),
    "TimeLimit": ("takes too long", "The call did not end in time: look for a loop that never stops."),
    "TimeoutError": ("a loop that never ends", "What is the loop waiting for, and which line brings it nearer?"),
    "MemoryLimit": ("needs too much memory", "Look for an array that grows, or that is far larger than the inputs."),
    "MemoryError": ("needs too much memory", "Look for an array that grows, or that is far larger than the inputs."),
    "TooLarge": ("returns too much", "The result is far larger than the inputs: return what the docstring says."),
    "Died": ("ends the program", "The call brought Python down; a function must return or raise."),
    "SystemExit": ("ends the program", "Leave out `exit()` and `quit()`: a function must return or raise."),
    "RecursionError": ("calls itself for ever", "The function calls itself and never stops."),
    "NameError": ("a name that does not exist", "Look for a typing error, or for a variable that no argument brings."),
}
