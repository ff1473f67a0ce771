"""Input files for workloads: made once from fixed seeds, kept in the data directory."""

import gzip
import os
import random
import shutil
import tempfile
from itertools import accumulate
from pathlib import Path
from string import ascii_lowercase

DIRECTORY = Path(tempfile.gettempdir()) / "minispark-benchmarks"  # if no other is asked for
VOCABULARY = 50_000
POOL = 1_000_000  # words drawn one by one; lines are then cut from this pool at random places


def text_file(megabytes: int, data: Path, seed: int = 7) -> str:
    """The path of a text of that many MB: lines of 6 to 15 words, frequencies as Zipf's law has.

    An interrupted run leaves no half file behind under the final name.
    """
    path = data / f"text-{megabytes}MB-seed{seed}.txt"
    if path.exists():
        return str(path)
    data.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    vocabulary = [
        "".join(rng.choices(ascii_lowercase, k=rng.randint(2, 10))) for _ in range(VOCABULARY)
    ]
    weights = list(accumulate(1 / rank for rank in range(1, VOCABULARY + 1)))
    pool = rng.choices(vocabulary, cum_weights=weights, k=POOL)

    written, target = 0, megabytes * 10**6
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    with unfinished.open("w", encoding="ascii", newline="\n") as out:
        while written < target:
            start = rng.randrange(POOL - 15)
            line = " ".join(pool[start : start + rng.randint(6, 15)])
            written += out.write(line + "\n")
    unfinished.replace(path)
    return str(path)


def gzip_file(megabytes: int, data: Path) -> str:
    """The path of the same text, compressed by gzip; size is that of the text."""
    path = Path(text_file(megabytes, data)).with_suffix(".txt.gz")
    if path.exists():
        return str(path)
    unfinished = path.with_suffix(f".{os.getpid()}.unfinished")
    with (
        path.with_suffix("").open("rb") as text,
        unfinished.open("wb") as out,
        gzip.GzipFile("", "wb", 6, out, mtime=0) as compressed,  # the same bytes every time
    ):
        shutil.copyfileobj(text, compressed)
    unfinished.replace(path)
    return str(path)
