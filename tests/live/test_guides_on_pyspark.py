"""What the guides in docs/ show is what real PySpark shows.

Starts a JVM: `pytest tests/live`. Needs pyspark and Java; their absence is an error here.
"""

import importlib.util
import re
import subprocess
import sys

import pyspark
import pytest

from tests.test_guides import DOCS, GUIDES, run_guide


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_are_true_on_pyspark(monkeypatch, path):
    monkeypatch.chdir(DOCS.parent)
    with pyspark.SparkContext("local[2]", "guides") as context:
        context.setLogLevel("OFF")
        assert not run_guide(path, context).failed


@pytest.mark.skipif(
    importlib.util.find_spec("grpc") is None,
    reason="Spark Connect needs grpcio: pip install 'pyspark[connect]'",
)
def test_the_guide_to_spark_connect_shows_what_a_connect_session_does(tmp_path):
    text = (DOCS / "databricks.md").read_text("utf-8")
    program, shown = re.search(r"```python\n(.*?)```.*?```text\n(.*?)```", text, re.S).groups()
    asked = "".join(
        f"try:\n    {name}\nexcept Exception as error:\n    print(type(error).__name__, error)\n"
        for name in ("spark.sparkContext", "events.rdd")
    )
    (tmp_path / "guide.py").write_text(program.replace("spark.stop()", f"{asked}spark.stop()"))
    finished = subprocess.run(
        [sys.executable, "guide.py"], cwd=tmp_path, capture_output=True, text=True, timeout=180
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith(shown)
    for refusal in re.findall(r"`(PySpark\w+: \[.*?)`", text):
        assert refusal.replace(":", "", 1).rstrip(".") in finished.stdout
