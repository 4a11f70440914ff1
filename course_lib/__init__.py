"""The helper library of the course on optimising deep networks.

Read it by floor: a file imports only from lower floors (``course_lib.floors`` has the list,
``tests/tools/test_floors.py`` holds the library to it).
"""

__version__ = "0.1.0"
