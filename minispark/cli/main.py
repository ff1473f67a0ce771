"""The command `minispark`: a shell, and the names of the other commands.

Must not know: what these do.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from minispark.cli import texts
from minispark.cli.output import outlive_readers
from minispark.cli.submit import fail


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run the command; ``words`` are its arguments, those of the process if None."""
    words = list(sys.argv[1:] if words is None else words)
    outlive_readers()
    match words:
        case ["submit", *rest]:
            from minispark.cli import submit

            submit.main(rest)
        case ["conform", *rest]:
            from minispark.conform import cli

            sys.exit(cli.main(rest))
        case ["--help" | "-h", *_]:
            print(texts.SHELL_USAGE)
            sys.exit(0)
        case ["--version", *_]:
            print(texts.version())
            sys.exit(0)
        case [program, *_] if program.endswith(".py"):
            fail(f"this is a shell; a program runs with: minispark-submit {program}", "minispark")
        case _:
            from minispark.cli import shell

            shell.main(words)
