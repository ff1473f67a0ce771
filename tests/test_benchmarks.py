"""The benchmarks measure the same program everywhere and report what they measured."""

import json
import multiprocessing
import re
import sys
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import report
from benchmarks.engines import ENGINES
from benchmarks.measure import MeasurementFailed, measure
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.base import Workload, checksum

# So small that all of them take seconds; odd, so that halves and partitions are not of one size.
SMALL = {
    "tiny_jobs": 3,
    "tiny_tasks": 7,
    "tiny_tasks_10000": 11,
    "shuffle_200x200": 5,
    "cartesian": 41,
    "page_rank": 2_001,
    "k_means": 501,
    "broadcast": 1_001,
    "wordcount": 1,
    "wordcount_gzip": 1,
    "head": 1,
}


@pytest.fixture(scope="module")
def pool():
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        yield workers


@pytest.mark.parametrize("name", [w.name for w in WORKLOADS.values() if w.script is None])
def test_every_version_of_a_workload_gives_the_same_answer(name, sc, pool, tmp_path):
    workload = WORKLOADS[name]
    value = workload.input(SMALL.get(name, 10_001), tmp_path)
    expected = checksum(workload.loop(value))
    assert checksum(workload.spark(sc, value)) == expected
    if workload.loop2 is not None:
        assert checksum(workload.loop2(value, pool)) == expected


def test_a_generated_text_is_of_its_size_and_made_once(tmp_path):
    text_file = WORKLOADS["wordcount"].input
    path = Path(text_file(1, tmp_path / "new"))
    assert 10**6 <= path.stat().st_size < 10**6 + 200
    first = path.read_bytes()
    path.write_bytes(b"kept")
    assert Path(text_file(1, tmp_path / "new")).read_bytes() == b"kept"
    assert Path(text_file(1, tmp_path / "other")).read_bytes() == first
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_measurement_is_a_process_with_time_memory_and_checksum(tmp_path):
    for workload in (WORKLOADS["start"], WORKLOADS["tiny_tasks"]):
        for engine in ("minispark", "loop"):
            found = measure(ENGINES[engine], workload, 7, tmp_path, "local[2]", 60)
            assert 0 < found.seconds < 60
            assert found.peak_bytes > 2**20
            assert re.fullmatch("[0-9a-f]{16}", found.checksum)
            if workload.loop is not None:
                assert found.checksum == checksum(workload.loop(7))


def test_a_failing_measurement_says_why_and_a_hanging_one_is_ended(tmp_path):
    broken = Workload("broken", "broken", 1, 1, loop_script="raise SystemExit('no such luck')")
    with pytest.raises(MeasurementFailed, match="no such luck"):
        measure(ENGINES["loop"], broken, 1, tmp_path, "local", 60)
    hanging = Workload("hanging", "hanging", 1, 1, loop_script="while True: pass")
    with pytest.raises(MeasurementFailed, match="not done after"):
        measure(ENGINES["loop"], hanging, 1, tmp_path, "local", 0.5)


def a_run(checksums=("aa", "aa", "aa")):
    mini, spark, loop = (
        report.Series([seconds, 2 * seconds, 9.0], [2**20 * n] * 3, [answer] * 3)
        for seconds, n, answer in zip((1.0, 4.0, 0.5), (30, 600, 10), checksums, strict=True)
    )
    return report.Run(
        environment={
            "rounds": 3, "cores": 2, "master": "local[2]", "python": "CPython 3.11",
            "versions": ["minispark 0", "PySpark 4"],
        },
        titles={"w": "a workload"},
        engines={"minispark": "minispark", "pyspark": "PySpark", "loop": "plain loop"},
        series={"w": {"minispark": mini, "pyspark": spark, "loop": loop}},
    )  # fmt: skip


def test_the_table_has_medians_ratios_and_memory():
    head, _line, row = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in report.table(a_run()).splitlines()
    )
    assert dict(zip(head, row, strict=True)) == {
        "workload": "a workload",
        "minispark": "2.00 s",
        "PySpark": "8.00 s",
        "plain loop": "1.00 s",
        "PySpark ÷ minispark": "4.0",
        "minispark ÷ best loop": "2.0",
        "memory, minispark": "30 MiB",
        "memory, PySpark": "600 MiB",
        "memory, plain loop": "10 MiB",
    }


def test_a_loop_that_does_not_do_the_work_is_no_goal():
    run = a_run()
    assert run.over_best_loop("w", "minispark") == 2.0
    run.without_goal = ["w"]
    assert run.over_best_loop("w", "minispark") is None
    assert "| 4.0 | - |" in report.table(run)


def test_different_answers_and_failures_are_problems():
    assert a_run().problems() == []
    (problem,) = a_run(checksums=("aa", "bb", "aa")).problems()
    assert "different answers" in problem
    assert "pyspark bb" in problem
    run = a_run()
    run.series["w"]["loop"].failure = "no luck"
    assert run.problems() == ["w on loop failed: no luck"]


def test_the_table_goes_between_the_markers_and_nothing_else_changes():
    text = f"# Title\n\n{report.START}\nold\n{report.END}\n\nEnd\n"
    once = report.put_between_markers(text, "new")
    assert once == f"# Title\n\n{report.START}\n\nnew\n\n{report.END}\n\nEnd\n"
    assert report.put_between_markers(once, "new") == once
    for broken in ("no markers", report.END + report.START, text + text):
        with pytest.raises(ValueError, match="needs one line"):
            report.put_between_markers(broken, "new")


def test_a_complete_run_writes_the_readme_and_the_results(tmp_path, monkeypatch, capsys):
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "README.md").write_text(f"top\n{report.START}\n{report.END}\n", encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "run_all", lambda options: a_run())

    assert command.main(["--quick"]) == command.main(["--no-write"]) == 0
    assert command.main(["--only", "start"]) == command.main(["--no-pyspark"]) == 0
    assert "a workload" not in (tmp_path / "README.md").read_text("utf-8")

    assert command.main([]) == 0
    assert "| a workload | 2.00 s |" in (tmp_path / "README.md").read_text("utf-8")
    results = json.loads((tmp_path / "benchmarks" / "results.json").read_text("utf-8"))
    assert results["series"]["w"]["minispark"]["seconds"] == [1.0, 2.0, 9.0]

    monkeypatch.setattr(command, "run_all", lambda options: a_run(checksums=("aa", "bb", "aa")))
    before = (tmp_path / "README.md").read_text("utf-8")
    assert command.main([]) == 1
    assert "different answers" in capsys.readouterr().err
    assert (tmp_path / "README.md").read_text("utf-8") == before


def test_a_readme_without_the_markers_is_refused_before_the_run(tmp_path, monkeypatch):
    (tmp_path / "README.md").write_text("no markers", encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "run_all", lambda options: pytest.fail("it ran"))
    with pytest.raises(ValueError, match="needs one line"):
        command.main([])


def test_the_command_runs_a_chosen_workload(tmp_path, capsys):
    options = ["--quick", "--only", "tiny_tasks", "--engines", "loop", "--rounds", "2"]
    assert command.main([*options, "--data", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "One job of 100 tiny partitions" in printed.out
    assert "round 2: tiny_tasks on loop" in printed.err


def test_an_engine_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="PySpark cannot run: no module pyspark"):
        command.chosen_engines(["pyspark", "loop"])
