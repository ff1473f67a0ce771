"""Random pipelines on minispark give the answers of the model, and the model those of PySpark.

How many: MINISPARK_PIPELINES (10000 for the full set), from MINISPARK_SEED. The comparison with a
live PySpark is `python -m conformance.pipelines --live 500`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from minispark import SparkContext

from .pipelines.check import difference, of_minispark, of_model
from .pipelines.shrink import smallest
from .pipelines.strategies import numbered, pipelines

COUNT = int(os.environ.get("MINISPARK_PIPELINES", "300"))
SEED = int(os.environ.get("MINISPARK_SEED", "1"))
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "pipelines" / "cases.json").read_text(encoding="utf-8")
)


def test_random_pipelines_give_the_answers_of_the_model(sc: SparkContext) -> None:
    ask = of_minispark(sc)
    for number in range(COUNT):
        found = difference(numbered(SEED, number), ask)
        assert found is None, f"pipeline {number} of seed {SEED}\n{found}"


def test_pipelines_that_hypothesis_looks_for_give_the_answers_of_the_model(
    sc: SparkContext,
) -> None:
    ask = of_minispark(sc)

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=max(COUNT // 4, 1),
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(pipelines())
    def agrees(pipeline: dict[str, Any]) -> None:
        assert ask(pipeline) == of_model(pipeline), json.dumps(pipeline)

    agrees()


def test_the_kept_cases_give_what_pyspark_answered(sc: SparkContext) -> None:
    ask = of_minispark(sc)
    for case in CASES:
        assert ask(case["pipeline"]) == case["pyspark"], case["about"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"].replace(" ", "-"))
def test_the_model_gives_what_pyspark_answered(case: dict[str, Any]) -> None:
    assert of_model(case["pipeline"]) == case["pyspark"]


def test_the_model_knows_no_engine() -> None:
    program = (
        "import sys, tests.pipelines.model, tests.pipelines.language\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('minispark', 'pyspark')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "[]"


def test_a_number_and_a_seed_name_one_pipeline() -> None:
    assert numbered(7, 3) == numbered(7, 3)
    assert numbered(7, 3) != numbered(7, 4)
    assert numbered(7, 3) != numbered(8, 3)


def test_a_difference_is_shown_with_the_smallest_pipeline_that_has_it() -> None:
    def loses_sevens(pipeline: dict[str, Any]) -> dict[str, Any]:
        data = [x for x in pipeline["source"]["data"] if x != 7]
        return of_model({**pipeline, "source": {**pipeline["source"], "data": data}})

    pipeline = {
        "source": {"kind": "list", "data": [5, 7, 9, 7], "slices": 3},
        "ops": [{"op": "map", "f": "inc"}, {"op": "glomFlat"}],
        "action": {"action": "count"},
    }
    found = difference(pipeline, loses_sevens)
    assert found is not None
    assert found.startswith(
        'pipeline: {"source": {"kind": "list", "data": [7], "slices": 1}, "ops": [], '
    )
    assert difference(numbered(1, 1), of_model) is None


def test_shrinking_stops_after_the_tries_it_was_given() -> None:
    tried: list[dict[str, Any]] = []

    def never(pipeline: dict[str, Any]) -> bool:
        tried.append(pipeline)
        return False

    assert smallest(numbered(1, 3), never, tries=5) == numbered(1, 3)
    assert len(tried) == 5
