"""Random pipelines on minispark give the answers of the model, and the model those of PySpark.

How many: MINISPARK_PIPELINES (10000 for the full set), from MINISPARK_SEED. The comparison with a
live PySpark is `python -m conformance.pipelines --live 2000`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from conformance import pipelines as run
from minispark import RDD, SparkConf, SparkContext

from .pipelines.check import difference, of_minispark, of_model
from .pipelines.coverage import ENOUGH, Coverage
from .pipelines.shrink import smallest
from .pipelines.strategies import numbered, pipelines

# Ways in which an operation may go wrong: its name, and what it does instead.
BROKEN: dict[str, Any] = {
    "coalesce": lambda right, rdd, n, shuffle=False: right(rdd, n, not shuffle),
    "subtractByKey": lambda right, rdd, other, n=None: right(rdd, rdd, n),
    "leftOuterJoin": lambda right, rdd, other, n=None: rdd.join(other, n),
    "zipWithUniqueId": lambda right, rdd: rdd.zipWithIndex(),
    "repartition": lambda right, rdd, n: rdd.coalesce(n),
    "sample": lambda right, rdd, replace, fraction, seed: right(rdd, replace, fraction, seed + 1),
    "sortBy": lambda right, rdd, key, up, n: right(rdd, key, not up, n),
    "mapPartitionsWithSplit": lambda right, rdd, f, keeps=False: right(rdd, f),
    "unpersist": lambda right, rdd, blocking: rdd,
    "persist": lambda right, rdd, level: rdd.cache(),
    "pipe": lambda right, rdd, command, env, check: right(rdd, command, env, False),
    "histogram": lambda right, rdd, buckets: (right(rdd, buckets)[0], [rdd.count()]),
    "sampleStdev": lambda right, rdd: rdd.stdev(),
    "countApproxDistinct": lambda right, rdd, sd: rdd.distinct().count(),
    "localCheckpoint": lambda right, rdd: rdd.cache(),
    "saveAsPickleFile": lambda right, rdd, path, size: right(rdd, path, 10),
    "treeAggregate": lambda right, rdd, zero, seq, comb, depth: rdd.aggregate(zero, seq, comb),
}

COUNT = int(os.environ.get("MINISPARK_PIPELINES", "300"))
SEED = int(os.environ.get("MINISPARK_SEED", "1"))
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "pipelines" / "cases.json").read_text(encoding="utf-8")
)


@pytest.fixture(params=["threads", "processes"])
def sc(request: pytest.FixtureRequest) -> Iterator[SparkContext]:
    """A context whose tasks run there."""
    conf = SparkConf().setMaster("local[2]").setAppName("pipelines")
    with SparkContext(conf=conf.set("spark.minispark.executor", request.param)) as context:
        yield context


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


ENDLESS = {
    "source": {"kind": "sc.range", "start": 0, "end": 10**15, "step": 1, "slices": 2},
    "ops": [{"op": "map", "f": "inc"}],
    "action": {"action": "count"},
}


def test_a_pipeline_that_hangs_an_engine_is_a_difference_and_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    series = [numbered(SEED, 0), ENDLESS, numbered(SEED, 1)]
    monkeypatch.setattr(run, "numbered", lambda seed, number: series[number])
    told = {"error": "job"}  # the model would not end either
    monkeypatch.setattr(
        "tests.pipelines.check.of_model", lambda p: told if p is ENDLESS else of_model(p)
    )
    monkeypatch.setattr(run, "of_model", lambda p: told)
    assert run.main(["--count", "3", "--seed", "9", "--seconds", "3"]) == 1
    out = capsys.readouterr().out
    assert "minispark, pipeline 1 of seed 9\n" + f"pipeline: {json.dumps(ENDLESS)}" in out
    assert "no answer: the worker ended" in out
    assert "Timeout (0:00:03)!" in out
    assert "minispark: 3 pipelines against the model" in out
    assert "  1 differences 1\n" in out


def test_the_search_for_a_smaller_pipeline_ends_where_the_engine_hangs() -> None:
    asked: list[dict[str, Any]] = []

    def ask(pipeline: dict[str, Any]) -> dict[str, Any]:
        asked.append(pipeline)
        return {"broken": "hung"} if len(asked) == 2 else {"answer": "wrong"}

    found = difference(numbered(1, 1), ask)
    assert found is not None
    assert found.startswith(f"pipeline: {json.dumps(numbered(1, 1))}")
    assert len(asked) == 3  # the first one, the one that hung, and the first for the text


def test_shrinking_stops_after_the_tries_it_was_given() -> None:
    tried: list[dict[str, Any]] = []

    def never(pipeline: dict[str, Any]) -> bool:
        tried.append(pipeline)
        return False

    assert smallest(numbered(1, 3), never, tries=5) == numbered(1, 3)
    assert len(tried) == 5


@pytest.mark.parametrize("name", BROKEN)
def test_an_operation_that_goes_wrong_is_found_within_a_thousand_pipelines(
    sc: SparkContext, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = getattr(RDD, name), BROKEN[name]
    monkeypatch.setattr(RDD, name, lambda rdd, *args, **kwargs: wrong(right, rdd, *args, **kwargs))
    ask = of_minispark(sc)
    word = {"saveAsPickleFile": "pickleTrip"}.get(name, name)
    of_it = [p for p in (numbered(SEED, i) for i in range(1000)) if f'"{word}"' in json.dumps(p)]
    assert any(ask(pipeline) != of_model(pipeline) for pipeline in of_it)


def test_a_thousand_pipelines_have_all_of_the_language() -> None:
    for seed in range(SEED, SEED + 2):
        found = Coverage(numbered(seed, number) for number in range(ENOUGH))
        assert found.missing() == []


def test_what_never_occurred_in_enough_pipelines_is_named() -> None:
    pipeline = {
        "source": {"kind": "empty"},
        "ops": [{"op": "zip", "other": {"source": {"kind": "text", "text": ""}, "ops": []}}],
        "action": {"action": "count"},
    }
    assert Coverage([pipeline] * (ENOUGH - 1)).missing() == []
    missing = Coverage([pipeline] * ENOUGH).missing()
    assert ("operation", "map") in missing
    assert not {("source", "text"), ("operation", "zip"), ("action", "count")} & {*missing}
