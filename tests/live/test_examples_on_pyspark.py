"""Each example prints and writes the same on minispark as, with its import line swapped, on Spark.

Starts a JVM for each program, so it is not part of the ordinary run: `pytest tests/live`.
Needs pyspark and Java; their absence is an error here, not a skip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def run(directory, name, arguments):
    """Run examples/<name>.py of the directory there; its output and the files that it wrote."""
    finished = subprocess.run(
        [sys.executable, directory / "examples" / f"{name}.py", *arguments],
        cwd=directory,
        env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    written = {
        path.relative_to(directory).as_posix(): path.read_bytes()
        for path in sorted(directory.glob("output/**/*"))
        if path.is_file() and not path.name.startswith(".")  # Hadoop's checksum files
    }
    return finished.stdout, written


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("wordcount", ["examples/data/market_town.txt", "output"]),
        ("document_wordcount", []),
        ("log_etl", ["examples/data/access.log", "output"]),
        ("tutorial_reduce", []),
        ("inverted_index", []),
        ("pagerank", []),
        ("kmeans", []),
        ("pi", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_same_output_and_files_on_both(tmp_path, name, arguments):
    for engine in ("minispark", "pyspark"):
        copy = tmp_path / engine / "examples"
        shutil.copytree(EXAMPLES, copy)
        program = copy / f"{name}.py"
        source = program.read_text("utf-8")
        swapped = source.replace("from minispark import", f"from {engine} import")
        program.write_text(swapped, "utf-8")
    expected = run(tmp_path / "pyspark", name, arguments)
    assert run(tmp_path / "minispark", name, arguments) == expected
    assert bool(expected[1]) == ("output" in arguments)


def test_every_example_is_compared():
    compared = {
        parameters[0] for parameters in test_the_same_output_and_files_on_both.pytestmark[0].args[1]
    }
    assert compared == {path.stem for path in EXAMPLES.glob("*.py")}
