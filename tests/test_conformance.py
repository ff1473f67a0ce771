"""The conformance runner itself: what it tells apart, what it notices, what it survives."""

import json
import os
import tempfile
from pathlib import Path

import numpy
import pytest

from conformance import catalog, cli, engines, records
from conformance.canonical import Canonical, UnknownType, written

PROGRAMS = '''
def counts(sc):
    """Three."""
    return sc.parallelize([1, 2, 3], 2).count()


def fails(sc):
    """An exception is an answer."""
    raise ValueError("no")
'''


def form(value):
    return written(Canonical().value(value))


@pytest.fixture
def here(tmp_path):
    """A directory of programs and one of records, and how to run the runner on them."""

    class Here:
        programs = tmp_path / "programs"
        recorded = tmp_path / "recorded"
        summary = tmp_path / "summary.json"

        def area(self, name, text):
            self.programs.mkdir(exist_ok=True)
            (self.programs / f"{name}.py").write_text(text)

        def record(self, area, **answers):
            found = {p.name: p for p in catalog.discover([area], root=self.programs)}
            made = {
                n: records.Record(found[n].source, "4.3.0", "3.11", a) for n, a in answers.items()
            }
            records.write(area, made, self.recorded)

        def run(self, *arguments):
            places = ["--programs", str(self.programs), "--recorded", str(self.recorded)]
            return cli.main([*places, "--json", str(self.summary), *arguments])

        def failed(self):
            return json.loads(self.summary.read_text())["failed"]

    return Here()


def test_values_that_only_look_alike_have_different_forms():
    alike = [1, 1.0, True, "1", b"1", bytearray(b"1"), numpy.int64(1), numpy.float64(1), 1 + 0j]
    assert len({form(v) for v in alike}) == len(alike)
    containers = [[1], (1,), {1}, frozenset([1]), {1: None}, numpy.array([1]), range(1, 2)]
    assert len({form(v) for v in containers}) == len(containers)
    assert form(0.0) != form(-0.0)
    assert form([float("nan")]) == form([float("nan")])
    assert form({"a": 1, "b": 2}) != form({"b": 2, "a": 1})
    assert form({3, 1, 2}) == form({2, 3, 1})


def test_text_survives_being_written_down():
    for text in ("é漢😀", "\ud83d\ude00", "\ud800", "\x00"):
        assert json.loads(form(text)) == Canonical().value(text)
    assert form("\ud83d\ude00") != form("😀")


def test_a_value_of_an_unknown_type_is_refused():
    with pytest.raises(UnknownType, match="has no canonical form"):
        Canonical().value([object()])


def test_a_container_that_holds_itself_has_a_form():
    loop = [1]
    loop.append(loop)
    assert Canonical().value(loop) == [1, {"cycle": 1}]


def test_errors_of_the_two_engines_compare_by_what_users_see():
    class Spark(Exception):
        java_exception_class = "org.apache.spark.api.python.PythonException"

    trace = "Traceback (most recent call last):\n  File {}\n    f()\n{}.errors.Bad: text\n two\n{}"
    left = Spark(
        "Job aborted: [PYTHON_EXCEPTION] " + trace.format('"a"', "pyspark", " SQLSTATE: 1")
    )
    right = Spark("[PYTHON_EXCEPTION] " + trace.format('"b"', "minispark.deep", ""))
    assert Canonical().exception(left) == Canonical().exception(right)
    assert Canonical().exception(left)["java"][1] == "ENGINE.Bad: text\n two"
    assert form(ValueError("at 0x7f3a in stage 7.0")) == form(ValueError("at 0x12 in stage 9.0"))
    assert form(ValueError("a")) != form(TypeError("a"))


def test_a_digest_follows_what_the_program_reaches_and_nothing_else(here):
    def digests(text):
        here.area("some", text)
        return {p.name: p.source for p in catalog.discover(root=here.programs)}

    text = (
        "def _help():\n    return _LIMIT\n\n\n_LIMIT = 1\n\n\ndef a(sc):\n    return _help()\n\n\n"
    )
    before = digests(text + "def b(sc):\n    return 1\n")
    after = digests(text.replace("_LIMIT = 1", "_LIMIT = 2") + "def b(sc):\n    return 1\n")
    assert before["a"] != after["a"]
    assert before["b"] == after["b"]
    assert digests(text + "def b(sc):\n    return 2\n")["a"] == before["a"]


def test_the_names_of_areas_and_programs_are_checked(here):
    here.area("some", PROGRAMS)
    assert here.run("--area", "none") == 2
    assert here.run("--program", "some.none") == 2


def test_the_repository_s_programs_can_all_be_loaded():
    programs = catalog.discover()
    assert len({p.title for p in programs}) == len(programs) >= 250
    assert all(callable(catalog.load(p)) for p in programs)


def test_same_answers_end_well(here, capsys):
    here.area("some", PROGRAMS)
    no = {"raises": {"exception": {"class": "ValueError", "message": "no"}}}
    here.record("some", counts={"returns": 3}, fails=no)
    assert here.run() == 0
    assert here.failed() == {}
    assert "total" in capsys.readouterr().out


def test_a_difference_is_named_and_shown(here, capsys):
    here.area("some", PROGRAMS)
    here.record("some", counts={"returns": 4}, fails={"returns": None})
    assert here.run() == 1
    assert here.failed() == {"some.counts": "different", "some.fails": "different"}
    text = capsys.readouterr().out
    assert "some.counts: answers differ" in text
    assert "returns 4" in text
    assert "returns 3" in text


def test_a_record_older_than_its_program_or_missing_is_a_failure(here):
    here.area("some", PROGRAMS)
    here.record("some", counts={"returns": 3})
    here.area("some", PROGRAMS.replace("[1, 2, 3]", "[1, 2, 5]"))
    assert here.run() == 1
    assert here.failed() == {"some.counts": "older", "some.fails": "unrecorded"}


def test_a_program_that_ends_its_process_or_hangs_costs_only_itself(here, tmp_path, monkeypatch):
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    here.area(
        "some",
        "import os\nimport threading\n\n\n"
        "def dies(sc):\n    os._exit(7)\n\n\n"
        "def hangs(sc):\n    threading.Event().wait()\n\n\n"
        "def works(sc):\n    return sc.parallelize([1], 1).sum()\n",
    )
    run = engines.run("minispark", "local[2]", catalog.discover(root=here.programs), 3.0)
    assert "status 7" in run.answers["some.dies"][0]["broken"]
    assert "in hangs" in run.answers["some.hangs"][0]["broken"]
    assert run.answers["some.works"] == [{"returns": 1}]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_program_that_leaves_its_context_or_returns_no_plain_value_is_broken(here):
    here.area(
        "some",
        'def leaves(api):\n    api.SparkContext("local[1]", "left")\n\n\n'
        "def odd(sc):\n    return sc\n\n\n"
        "def works(sc):\n    print('noise')\n    return sc.parallelize([1], 1).sum()\n",
    )
    run = engines.run("minispark", "local[2]", catalog.discover(root=here.programs), 30.0)
    assert run.answers["some.leaves"] == [{"broken": "left a context running"}]
    assert "has no canonical form" in run.answers["some.odd"][0]["broken"]
    assert run.answers["some.works"] == [{"returns": 1}]
    assert run.complaints == []


def test_each_program_has_a_module_and_a_directory_of_its_own(here):
    here.area(
        "some",
        "_seen = []\n\n\n"
        "def one(tmp, sc):\n    _seen.append(1)\n    (tmp / 'f').touch()\n"
        "    return _seen, [p.name for p in tmp.iterdir()], str(tmp / 'f')\n\n\n"
        "def two(tmp, sc):\n    first = sc.parallelize([0], 1).map(str).first()\n"
        "    return _seen, list(tmp.iterdir()), first\n",
    )
    run = engines.run("minispark", "local[2]", catalog.discover(root=here.programs), 30.0)
    assert run.answers["some.one"] == [{"returns": {"tuple": [[1], ["f"], "TMP/f"]}}]
    assert run.answers["some.two"] == [{"returns": {"tuple": [[], [], "0"]}}]


def test_live_without_java_or_pyspark_says_so(here, monkeypatch, capsys):
    here.area("some", PROGRAMS)
    monkeypatch.setenv("PATH", os.fspath(Path(here.programs)))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert here.run("--live") == 3
    assert "cannot run: pyspark" in capsys.readouterr().err
