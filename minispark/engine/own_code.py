"""Which source files are minispark's own: for call sites and for the tracebacks of tasks.

Must not know: what is asked, of a frame or of a traceback.
"""

import os

# With the separator: a program beside the package may be named minispark_job.py.
_PACKAGE = os.path.dirname(os.path.dirname(__file__)) + os.sep
_COMMANDS = os.path.join(_PACKAGE, "cli", "")


def is_own_code(filename: str) -> bool:
    """Whether a code object's ``co_filename`` lies in the package.

    >>> is_own_code(__file__), is_own_code("/home/ada/minispark_job.py")
    (True, False)
    """
    return filename.startswith(_PACKAGE)


def starts_programs(filename: str) -> bool:
    """Whether own code is that of the commands, which call a program and are not called by it.

    >>> starts_programs(__file__)
    False
    """
    return filename.startswith(_COMMANDS)
