"""Does runs in a process of its own: `python -m tests.chaos.worker`.

For `conformance.chaos`, which starts it and speaks with it as with `conformance.worker`: the number
of a run is its title. It leads a session, so that all processes of a run can be found.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile

import minispark
from conformance.worker import own_output, serve

from .runs import Programs, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.chaos.worker")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    out = own_output()
    os.setsid()
    tempfile.tempdir = options.scratch
    programs = Programs()
    gc.freeze()  # each run ends with a collection
    serve(
        minispark,
        lambda title: run(options.seed, int(title), programs)._asdict(),
        sys.stdin,
        out,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
