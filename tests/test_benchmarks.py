"""The benchmarks measure the same program everywhere and report what they measured."""

import doctest
import importlib
import multiprocessing
import pkgutil
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import benchmarks
from benchmarks import __main__ as command
from benchmarks import publish, record, report, runs, scaling
from benchmarks.chart import chart
from benchmarks.engines import ENGINES, SparkEngine
from benchmarks.growth import Growth
from benchmarks.limits import judge
from benchmarks.measure import Measurement, MeasurementFailed, measure
from benchmarks.results import Run, Series
from benchmarks.workloads import WORKLOADS, base, on_dask
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


def test_the_memory_of_a_process_too_short_to_be_seen_is_known(tmp_path, monkeypatch):
    class SeesNothing:
        def __init__(self, pid):
            pass

        def stop(self):
            return 0

    monkeypatch.setattr("benchmarks.measure.PeakMemory", SeesNothing)
    held = Workload("held", "held", 1, 1, loop_script="print(len(bytearray(b'x') * 2**26))\n")
    for workload, least in ((WORKLOADS["start"], 2**20), (held, 2**26)):
        found = measure(ENGINES["loop"], workload, 7, tmp_path, "local", 60)
        assert least < found.peak_bytes < 2**27


def test_a_failing_measurement_says_why_and_a_hanging_one_is_ended(tmp_path):
    broken = Workload("broken", "broken", 1, 1, loop_script="raise SystemExit('no such luck')")
    with pytest.raises(MeasurementFailed, match="no such luck"):
        measure(ENGINES["loop"], broken, 1, tmp_path, "local", 60)
    hanging = Workload("hanging", "hanging", 1, 1, loop_script="while True: pass")
    with pytest.raises(MeasurementFailed, match="not done after"):
        measure(ENGINES["loop"], hanging, 1, tmp_path, "local", 0.5)


def a_run(checksums=("aa", "aa", "aa")):
    mini, spark, loop = (
        Series([seconds, 2 * seconds, 9.0], [2**20 * n] * 3, [answer] * 3)
        for seconds, n, answer in zip((1.0, 4.0, 0.5), (30, 600, 10), checksums, strict=True)
    )
    return Run(
        environment={
            "rounds": 3, "cores": 2, "master": "local[2]", "python": "CPython 3.11",
            "versions": ["minispark 0", "PySpark 4"], "sizes": {"w": 5},
        },
        titles={"w": "a workload"},
        engines={"minispark": "minispark", "pyspark": "PySpark", "loop": "plain loop"},
        series={"w": {"minispark": mini, "pyspark": spark, "loop": loop}},
    )  # fmt: skip


def finished(*arguments, **options):
    return a_run(*arguments, **options), True


def with_orientation(run, checksum="aa"):
    """The same run with an engine that may be wrong."""
    run.engines["dask"] = "dask.bag"
    run.optional = ["dask"]
    run.series["w"]["dask"] = Series([1.5], [2**20], [checksum])
    return run


def rows_of(table):
    head, _line, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()
    )
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_table_has_medians_ratios_and_memory():
    assert rows_of(report.table(a_run(), ["minispark", "pyspark", "loop"])) == [
        {
            "workload": "a workload",
            "minispark": "2.00 s",
            "PySpark": "8.00 s",
            "plain loop": "1.00 s",
            "PySpark ÷ minispark": "4.0",
            "minispark ÷ faster loop": "2.0",
            "memory, minispark": "30 MiB",
            "memory, PySpark": "600 MiB",
        }
    ]


def test_a_loop_that_does_not_do_the_work_is_no_goal():
    run = a_run()
    assert run.over_best_loop("w", "minispark") == 2.0
    run.without_goal = ["w"]
    assert run.over_best_loop("w", "minispark") is None
    assert "| 4.0 | - |" in report.table(run, list(run.engines))


def test_different_answers_and_failures_are_problems():
    assert a_run().problems() == []
    (problem,) = a_run(checksums=("aa", "bb", "aa")).problems()
    assert "different answers" in problem
    assert "pyspark bb" in problem
    run = a_run()
    run.series["w"]["loop"].failure = "no luck"
    assert run.problems() == ["w on loop failed: no luck"]


def test_an_engine_for_orientation_may_be_wrong_or_fail_and_is_said_to():
    run = with_orientation(a_run(), checksum="bb")
    assert run.problems() == []
    assert rows_of(report.table(run, ["dask"]))[0]["dask.bag"] == "wrong"
    run.series["w"]["dask"] = Series(failure="no such operation")
    assert run.problems() == []
    assert rows_of(report.table(run, ["dask"]))[0]["dask.bag"] == "failed"
    assert rows_of(report.table(with_orientation(a_run()), ["dask"]))[0]["dask.bag"] == "1.50 s"


def test_the_geometric_mean_is_of_the_workloads_that_both_ran():
    run = a_run()
    fast, slow = Series([1.0], [1], ["aa"]), Series([16.0], [1], ["aa"])
    run.series["v"] = {"minispark": fast, "pyspark": slow}
    run.series["u"] = {"minispark": slow}
    assert run.geometric_mean("pyspark", "minispark") == pytest.approx(8.0)


def test_the_section_has_chart_table_other_engines_and_growth():
    growth = Growth("sort", "minispark", {10**6: [1.0], 4 * 10**6: [4.0]}, {10**6: [2**20]})
    growth.peak_bytes[4 * 10**6] = [2**21]
    section = report.section(with_orientation(a_run()), [growth])
    assert "4.0 times as long" in section
    assert f"({report.CHART})" in section
    assert "| a workload | 2.00 s | 8.00 s | 1.00 s |" in section
    assert "| a workload | 1.50 s |" in section.partition("<details>")[2].partition("</details>")[0]
    assert "| sort on minispark | 1.00 s, 1 MiB | 4.00 s, 2 MiB | n^1.00 |" in section


def test_the_chart_is_xml_with_a_mark_for_each_engine():
    drawn = ElementTree.fromstring(chart(with_orientation(a_run())))
    kinds = Counter(element.get("class") for element in drawn.iter())
    # One in the row, one in the legend.
    assert [kinds[name] for name in ("minispark", "pyspark", "loop", "other")] == [2, 2, 2, 2]
    words = [element.text for element in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a workload", "4.0", "1 s", "10 s"} <= set(words)
    wrong = ElementTree.fromstring(chart(with_orientation(a_run(), checksum="bb")))
    assert "other" not in {element.get("class") for element in wrong.iter()}


def limits_of(run, growth=()):
    return {(limit.group, limit.about): limit for limit in judge(run, list(growth))}


def named(workload, **seconds):
    """A run of one workload with these times in place of those of `a_run`."""
    run = with_orientation(a_run())
    for name in ("titles", "series"):
        setattr(run, name, {workload: getattr(run, name)["w"]})
    for engine, time in seconds.items():
        run.series[workload][engine] = Series([time], [2**20], ["aa"])
    return run


def test_limits_against_pyspark_and_the_engines_for_orientation():
    run = with_orientation(a_run())
    limits = limits_of(run)
    assert limits["PySpark", "geometric mean over minispark"].met is True
    assert limits["PySpark", "w, over minispark"].met is True
    assert limits["memory", "w, minispark over PySpark"].met is True
    assert limits["dask.bag", "w, over minispark"].met is False
    assert "NOT MET" in limits["dask.bag", "w, over minispark"].line()
    assert ("dask.bag", "w, over minispark") not in limits_of(with_orientation(a_run(), "bb"))
    run.series["w"]["pyspark"] = Series([1.0], [1], ["aa"])
    limits = limits_of(run)
    assert limits["PySpark", "geometric mean over minispark"].met is False
    assert limits["PySpark", "w, over minispark"].met is False
    assert limits["memory", "w, minispark over PySpark"].met is False
    short = named("w", dask=0.2, loop=0.1)
    assert ("dask.bag", "w, over minispark") not in limits_of(short)


@pytest.mark.parametrize(
    ("workload", "bound"), [("narrow_chain", 1.25), ("sort", 1.5), ("join", 3.0)]
)
def test_limits_against_the_faster_loop(workload, bound):
    key = "loops", f"{workload}, minispark over the faster loop"
    assert limits_of(named(workload, loop=1.0, loop2=2.0, minispark=bound))[key].met is True
    assert limits_of(named(workload, loop=2.0, loop2=1.0, minispark=bound + 0.1))[key].met is False


def test_limits_of_cores_latency_and_tasks():
    run = named("monte_carlo", minispark=3.0)
    run.series["monte_carlo_one_slot"] = {"minispark": Series([6.0], [1], ["aa"])}
    run.series["start"] = {"minispark": Series([0.31], [1], ["aa"])}
    run.series["tiny_tasks_10000"] = {"minispark-threads": Series([2.9], [1], ["aa"])}
    run.environment["sizes"]["tiny_tasks_10000"] = 10_000
    limits = limits_of(run)
    assert limits["cores", "Monte Carlo with two slots over one"].met is True
    assert limits["latency", "start, one job, exit"].met is False
    assert limits["latency", "tiny_jobs, PySpark over minispark"].met is None
    assert limits["tasks", "one of 10,000 tiny tasks, minispark-threads"].met is True
    assert limits["tasks", "one of 10,000 tiny tasks, minispark-processes"].met is None


@pytest.mark.parametrize(
    ("workload", "seconds", "memory", "met"),
    [
        ("wordcount", 16.0, 100, [True, True]),
        ("wordcount", 19.0, 100, [False, True]),
        ("sort", 19.0, 100, [True, True]),  # n log n
        ("sort", 40.0, 200, [False, False]),
    ],
)
def test_limits_of_growth(workload, seconds, memory, met):
    sizes = 10**6, 16 * 10**6
    growth = Growth(
        workload,
        "minispark",
        dict(zip(sizes, ([1.0], [seconds]), strict=True)),
        dict(zip(sizes, ([100], [memory]), strict=True)),
    )
    limits = limits_of(a_run(), [growth])
    about = f"{workload}, 1 to 16 million"
    assert [limits["size", f"{about}, {what}"].met for what in ("time", "memory")] == met


def test_the_table_goes_between_the_markers_and_nothing_else_changes():
    text = f"# Title\n\n{report.START}\nold\n{report.END}\n\nEnd\n"
    once = report.put_between_markers(text, "new")
    assert once == f"# Title\n\n{report.START}\n\nnew\n\n{report.END}\n\nEnd\n"
    assert report.put_between_markers(once, "new") == once
    for broken in ("no markers", report.END + report.START, text + text):
        with pytest.raises(ValueError, match="needs one line"):
            report.put_between_markers(broken, "new")


@pytest.fixture
def all_there_is(monkeypatch):
    """No workloads and engines but those of `a_run`."""
    workload = Workload("w", "a workload", 5, 5, spark=lambda sc, n: n, loop=lambda n: n)
    monkeypatch.setattr(runs, "WORKLOADS", {"w": workload})
    needed = ("minispark", "pyspark", "loop")
    monkeypatch.setattr(runs, "ENGINES", {name: ENGINES[name] for name in needed})


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A repository with a README that has room for the table."""
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "README.md").write_text(f"top\n{report.START}\n{report.END}\n", encoding="utf-8")
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(scaling, "ROOT", tmp_path)
    return tmp_path


def test_a_complete_run_writes_the_readme_the_results_and_the_chart(
    root, all_there_is, monkeypatch, capsys
):
    monkeypatch.setattr(command, "run_all", lambda options: finished())
    readme = root / "README.md"

    assert command.main(["--quick"]) == command.main(["--no-write"]) == 0
    incomplete = a_run()
    del incomplete.series["w"]["pyspark"]
    monkeypatch.setattr(command, "run_all", lambda options: (incomplete, True))
    assert command.main([]) == 0
    assert "a workload" not in readme.read_text("utf-8")

    monkeypatch.setattr(command, "run_all", lambda options: finished())
    assert command.main([]) == 0
    assert "| a workload | 2.00 s |" in readme.read_text("utf-8")
    assert "a workload" in (root / report.CHART).read_text("utf-8")
    assert publish.load_run(root) == a_run()

    monkeypatch.setattr(command, "run_all", lambda options: finished(checksums=("aa", "bb", "aa")))
    before = readme.read_text("utf-8")
    assert command.main([]) == 1
    assert "different answers" in capsys.readouterr().err
    assert readme.read_text("utf-8") == before

    assert command.main(["--check"]) == 0
    assert "met     PySpark" in capsys.readouterr().out


def test_scaling_measures_each_size_and_writes_a_complete_run(root, tmp_path, monkeypatch, capsys):
    publish.save_run(root, a_run())
    monkeypatch.setattr(scaling, "MILLIONS", (0.002, 0.004))
    monkeypatch.setattr(scaling, "SIZES", {"sort": scaling.SIZES["sort"]})
    options = ["--millions", "0.002", "0.004", "--data", str(tmp_path)]

    assert scaling.main([*options, "--no-write"]) == 0
    assert publish.load_growth(root) == []
    assert scaling.main(options) == 0
    (growth,) = publish.load_growth(root)
    assert list(growth.seconds) == [2_000, 4_000]
    assert "0.002 million" in capsys.readouterr().out
    assert "| sort on minispark |" in (root / "README.md").read_text("utf-8")


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


def entries_of(tmp_path):
    (file,) = tmp_path.glob("measurements-*.jsonl")
    return file, record.taken_up(file)


def test_an_interrupted_run_keeps_what_was_measured_and_goes_on_from_there(
    tmp_path, monkeypatch, capsys
):
    def measure_twice(*arguments):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(arguments)
        return Measurement(1.0, 2, "aa")

    calls = []
    monkeypatch.setattr(runs, "measure", measure_twice)
    options = ["--quick", "--only", "tiny_tasks", "--rounds", "3", "--data", str(tmp_path)]
    options += ["--engines", "loop"]
    assert command.main(options) == 1
    file, entries = entries_of(tmp_path)
    assert [entry.round for entry in entries] == [1, 2]
    assert f"--resume {file}" in capsys.readouterr().err

    with file.open("a", encoding="utf-8") as out:
        out.write('{"workload": "tiny_ta')  # the last line of a run that was killed
    calls.clear()
    assert command.main([*options, "--resume", str(file)]) == 0
    assert len(calls) == 1
    assert "round 3: tiny_tasks on loop" in capsys.readouterr().err
    assert [entry.round for entry in record.taken_up(file)] == [1, 2, 3]


def test_a_resumed_run_takes_what_is_of_its_size_and_tries_again_what_failed(tmp_path, monkeypatch):
    file = tmp_path / "measurements-x.jsonl"
    known = record.Entry("tiny_tasks", "loop", 100, "local[2]", 1, 5.0, 6, "aa")
    record.append(file, known)
    record.append(file, replace(known, round=2, size=99))
    record.append(file, replace(known, round=2, seconds=None, checksum=None, failure="no luck"))
    monkeypatch.setattr(runs, "measure", lambda *arguments: Measurement(7.0, 8, "aa"))
    options = ["--quick", "--only", "tiny_tasks", "--rounds", "2", "--engines", "loop"]
    run, _ = runs.run_all(command.arguments([*options, "--resume", str(file)]))
    assert run.series["tiny_tasks"]["loop"] == Series([5.0, 7.0], [6, 8], ["aa", "aa"])


def test_what_fails_once_is_not_tried_in_the_rounds_that_follow(tmp_path, monkeypatch):
    def fail(*arguments):
        raise MeasurementFailed("no luck")

    monkeypatch.setattr(runs, "measure", fail)
    options = ["--quick", "--only", "tiny_tasks", "--rounds", "2", "--engines", "loop"]
    run, _ = runs.run_all(command.arguments([*options, "--data", str(tmp_path)]))
    assert run.problems() == ["tiny_tasks on loop failed: no luck"]
    (file,) = tmp_path.glob("measurements-*.jsonl")
    assert len(file.read_text("utf-8").splitlines()) == 1


def test_a_workload_may_be_repeated_in_each_round(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "measure", lambda *arguments: Measurement(7.0, 8, "aa"))
    options = ["--quick", "--only", "tiny_tasks", "monte_carlo", "--rounds", "2"]
    options += ["--engines", "loop", "minispark", "--data", str(tmp_path)]
    run, _ = runs.run_all(command.arguments(options))
    times = {name: len(series["loop"].seconds) for name, series in run.series.items()}
    assert times == {"tiny_tasks": 2, "monte_carlo": 2 * WORKLOADS["monte_carlo"].repeats}
    _, entries = entries_of(tmp_path)
    order = [(entry.workload, entry.round, entry.engine) for entry in entries]
    assert order[:6] == [
        *[("tiny_tasks", 1, engine) for engine in ("minispark", "loop")],
        *[("monte_carlo", 1, engine) for engine in ("minispark", "loop")],
        *[("monte_carlo", 2, engine) for engine in ("loop", "minispark")],
    ]
    assert "Medians of 2 interleaved rounds (monte_carlo: of 6) on" in report.section(run, [])


def test_a_run_with_fewer_rounds_than_asked_for_is_not_complete(all_there_is):
    assert runs.is_complete(command.arguments(["--rounds", "3"]), a_run())
    assert not runs.is_complete(command.arguments(["--rounds", "4"]), a_run())
    assert not runs.is_complete(command.arguments(["--quick"]), a_run())


def test_what_is_written_for_dask_are_workloads():
    assert set(on_dask.PROGRAMS) < set(WORKLOADS)


def test_minispark_runs_on_the_executor_of_the_column():
    for executor in ("threads", "processes"):
        engine = ENGINES[f"minispark-{executor}"]
        assert engine.settings == {"spark.minispark.executor": executor}
        script = engine.script(WORKLOADS["start"], "local[2]")
        assert f".set('spark.minispark.executor', '{executor}')" in script
    assert "conf" not in ENGINES["minispark"].script(WORKLOADS["start"], "local[2]")


def test_an_engine_that_is_not_installed_is_named_an_optional_one_left_out(monkeypatch, capsys):
    def chosen(*options):
        return list(runs.chosen_engines(command.arguments(list(options))))

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="PySpark cannot run: no module pyspark"):
        chosen("--engines", "pyspark", "loop")
    with pytest.raises(SystemExit, match=r"dask\.bag cannot run: no module dask"):
        chosen("--engines", "dask")
    monkeypatch.setattr(SparkEngine, "missing", lambda self: None)
    assert "dask" not in chosen()
    assert "dask.bag is left out: no module dask" in capsys.readouterr().err


@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(benchmarks.__path__)])
def test_the_examples_of_a_module_are_true(name):
    assert doctest.testmod(importlib.import_module(f"benchmarks.{name}")).failed == 0


def test_the_examples_of_workloads_are_true():
    assert doctest.testmod(base).failed == 0
