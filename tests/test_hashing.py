"""Keys hash as on Spark's workers, whatever the seed of this process."""

import copy
import datetime as dt
import decimal
import fractions
import ipaddress
import os
import pathlib
import pickle
import subprocess
import sys
import typing
import uuid
import zoneinfo
from collections import UserString

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispark.engine.shuffle import hashing
from minispark.engine.shuffle.hashing import portable_hash, seed0_hash
from tests import hash_judge as keys

ZURICH = dt.timezone(dt.timedelta(hours=1), "Zurich")

VALUES = [
    # numbers hash alike everywhere
    *[0, 1, -1, -2, 2**61 - 1, 2**61, -(2**63), 10**40, True, 1.0, -0.0, 0.5, 1e300],
    *[float("inf"), 1j, 1 + 2j, decimal.Decimal("1.5"), fractions.Fraction(1, 3)],
    # str by width of their widest character, and what is stored differently
    *["", "a", "abc", "ascii" * 100, "\x00", "\x00\x00", "\x7f", "\x80", "é", "ÿ", "Ā", "naïve"],
    *["日本語", "a日", "\uffff", "\U00010000", "a\U0001f600b", "\ud800", "\ud800\udc00", "x\udfff"],
    *["\ud800\U0001f600", keys.Word("abc"), keys.Word("日"), keys.Shout("ABC"), UserString("abc")],
    *[b"", b"a", b"abc", bytes(range(256)), keys.Blob(b"abc"), keys.Blob(b"")],
    # tuples
    *[(), (1,), (1, 2), ("a",), (b"x", "x")],
    *[("a", ("b", ("c", ()))), keys.Point("a", "b"), keys.Point(1, ()), keys.Pair("ab")],
    *[keys.Odd("xyz"), (keys.Odd("xyz"),)],
    # frozensets
    *[frozenset(), frozenset("a"), frozenset("abcdefgh"), frozenset([1, 2, 3]), frozenset([()])],
    *[frozenset([("a", 1), ("b", 2)]), frozenset([frozenset("ab"), frozenset("c"), frozenset()])],
    *[(frozenset(["a"]), "b"), frozenset([("a", frozenset(["é", b"x"]))])],
    # dates and times
    *[dt.date(2024, 2, 29), dt.date.min, dt.date.max, dt.date(256, 1, 1)],
    *[dt.datetime(2024, 2, 29, 23, 59, 59, 999999), dt.datetime.min, dt.datetime.max],
    *[dt.datetime(2024, 1, 1, fold=1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC)],
    *[dt.datetime(2024, 1, 1, tzinfo=ZURICH), dt.datetime(1, 1, 1, tzinfo=ZURICH)],
    *[dt.datetime(2024, 1, 1, tzinfo=keys.NoOffset()), dt.time(1, tzinfo=keys.NoOffset())],
    *[dt.datetime(2024, 10, 27, 2, 30, fold=fold, tzinfo=keys.Autumn()) for fold in (0, 1)],
    *[dt.datetime(2024, 10, 27, 2, 30, tzinfo=zoneinfo.ZoneInfo("UTC"))],
    *[dt.datetime(2024, 1, 1, fold=f, tzinfo=keys.Doubtful(k)) for f in (0, 1) for k in (0, 1)],
    *[dt.time(3, 4, 5, fold=f, tzinfo=keys.Doubtful(k)) for f in (0, 1) for k in (0, 1)],
    *[dt.time(), dt.time(1, 2, 3, 70000), dt.time(5, fold=1), dt.time(5, tzinfo=dt.UTC)],
    *[dt.time(5, tzinfo=zoneinfo.ZoneInfo("UTC")), dt.timedelta(5, 3), dt.UTC, ZURICH],
    # enums, dataclasses and other classes
    *[keys.Colour.RED, keys.Colour.GREEN, keys.Size.SMALL, keys.Unit.METRE, keys.Right.READ],
    *[keys.Right.READ | keys.Right.WRITE, (keys.Colour.RED, "x"), frozenset([keys.Colour.RED])],
    *[keys.Person("Ada", 1815), keys.Person("Ø", 0, frozenset("xy"))],
    *[keys.Employee("Bob", 1, boss=keys.Person("Ada", 1815)), keys.Version(1, 2), keys.Version()],
    *[keys.Kept("a"), keys.KeptFrozen("a"), (keys.Kept("a"), "b")],
    *[keys.Scaled("a", 0, -1), keys.Scaled("a", 1), keys.Scaled("a", 2**40), keys.Scaled("é", -7)],
    *[keys.Fixed(code) for code in (-1, -2, 2**63 - 1, 2**63, -(2**63), 10**40, True)],
    # the library's
    *[pathlib.PurePosixPath("a/b"), pathlib.PureWindowsPath("C:/A"), uuid.UUID(int=2**99)],
    *[ipaddress.ip_address("1.2.3.4"), ipaddress.ip_network("10.0.0.0/8"), range(3), range(10**30)],
    *[ipaddress.ip_interface("10.0.0.1/8")],
    # numpy's scalars
    *[np.str_("abc"), np.str_("日本"), np.bytes_(b"abc"), np.int64(-1), np.float32(1.5)],
    *[np.bool_(True), np.complex64(1 + 2j), np.timedelta64(5, "D")],
    *[np.datetime64("2020-01-31"), np.datetime64("2020-01"), np.datetime64("1969")],
    *[np.datetime64("2020-01-01T01:02:03.5"), np.datetime64("1960-01-01T01:02:03.000001")],
    *[np.datetime64("2020-01-01T01:02:03.123456789"), np.datetime64("0000-02-29")],
    *[np.datetime64("-0044-03-15T12:30"), np.datetime64("12000-12-31T23:59:59.25")],
    *[np.datetime64("1960-02-29T23:59:59.999999999999", "ps"), np.datetime64(5, "as")],
    *[np.datetime64(-5, "as"), np.datetime64("2262-04-11T23:47:16.854775807")],
    # not hashable
    *[[], {}, set(), bytearray(b"x"), ([],), ("a", {}), ("a", (1, [2]))],
]


def ours(value):
    try:
        return seed0_hash(value), portable_hash(value)
    except TypeError as error:
        return str(error)


@pytest.fixture(scope="module")
def judge():
    judge = keys.Judge()
    yield judge
    judge.close()


def test_each_kind_of_key_hashes_as_under_seed_0(judge):
    for value, expected in zip(VALUES, judge(VALUES), strict=True):
        assert (repr(value), ours(value)) == (repr(value), expected)


def run_under_seed(seed, values):
    program = (
        "import pickle, sys\n"
        "from tests.test_hashing import ours\n"
        "values = pickle.load(sys.stdin.buffer)\n"
        "sys.stdout.buffer.write(pickle.dumps(list(map(ours, values))))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONHASHSEED"}
    environment["PYTHONPATH"] = keys.ROOT
    if seed is not None:
        environment["PYTHONHASHSEED"] = seed
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        input=pickle.dumps(values),
        capture_output=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("seed", ["0", "1", "123", None])
def test_the_seed_of_the_process_makes_no_difference(seed, judge):
    assert pickle.loads(run_under_seed(seed, VALUES)) == judge(VALUES)


def test_a_seed_in_the_environment_that_the_process_was_not_started_with_is_not_believed():
    program = (
        "import os; os.environ['PYTHONHASHSEED'] = '0'\n"
        "from minispark.engine.shuffle.hashing import portable_hash\n"
        "print(portable_hash('abc'))"
    )
    environment = dict(os.environ, PYTHONHASHSEED="5")
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout == "-4594863902769663758\n"


SCALARS = st.one_of(
    st.text(),
    st.text(st.characters(codec=None)),
    st.binary(),
    st.integers(),
    st.booleans(),
    st.floats(allow_nan=False),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.datetimes(timezones=st.just(ZURICH)),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.fractions(),
    st.builds(keys.Person, st.text(), st.integers()),
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(tuple),
        st.frozensets(inner, max_size=8),
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(values=st.lists(NESTED, min_size=1, max_size=10))
def test_any_key_hashes_as_under_seed_0(judge, values):
    for value, expected in zip(values, judge(values), strict=True):
        assert (value, ours(value)) == (value, expected)


@given(values=st.lists(st.lists(st.none() | SCALARS).map(tuple), min_size=1, max_size=10))
def test_none_in_a_tuple_hashes_by_spark_s_rule(judge, values):
    assert [portable_hash(value) for value in values] == [portable for _, portable in judge(values)]


UNSETTLED = [
    *[None, (1, None), frozenset([None, "a"]), keys.Person("Ada", None), keys.Version(None)],
    *[int, keys.Person, len, keys.portable_hash, ..., (int, "a"), frozenset([int, str])],
    *[zoneinfo.ZoneInfo("UTC"), float("nan"), complex("nan"), np.float64("nan"), np.float32("nan")],
    *[
        range(0),
        range(5, 6),
        ipaddress.ip_address("::1"),
        np.datetime64("NaT"),
        keys.NoOffset(),
        typing.Literal["a", None],
    ],
]


def test_processes_agree_on_keys_that_hash_by_their_address():
    answers = [pickle.loads(run_under_seed(seed, UNSETTLED)) for seed in ("0", "0", "5", None)]
    assert answers == [list(map(ours, UNSETTLED))] * 4


def test_equal_keys_hash_alike():
    assert portable_hash("abc") == portable_hash(keys.Word("abc")) == portable_hash(np.str_("abc"))
    assert portable_hash(1) == portable_hash(1.0) == portable_hash(True)
    assert portable_hash((1, "a")) == portable_hash(keys.Point(1.0, "a"))
    assert portable_hash(0.0) == portable_hash(-0.0)


def test_a_key_that_keeps_its_hash_is_left_as_it_was():
    for key in (keys.Kept("a"), keys.KeptFrozen("a")):
        portable_hash(key)
        assert key.kept is None
    path = pathlib.PurePosixPath("a/b")
    builtin = hash(copy.copy(path))
    portable_hash(path)
    assert hash(path) == builtin


def test_a_hash_of_the_program_sees_the_globals_of_now(monkeypatch):
    class Key:
        def __hash__(self):
            return hash(SALT)  # noqa: F821

    monkeypatch.setitem(globals(), "SALT", "a")
    assert seed0_hash(Key()) == seed0_hash("a")
    monkeypatch.setitem(globals(), "SALT", "b")
    assert seed0_hash(Key()) == seed0_hash("b")


def test_a_hash_that_is_no_int_is_refused_as_the_builtin_does():
    class Key:
        def __hash__(self):
            return str(hash("x"))

    with pytest.raises(TypeError, match="__hash__ method should return an integer"):
        seed0_hash(Key())


def test_writable_memory_is_refused_as_the_builtin_does():
    assert seed0_hash(memoryview(b"abc")) == seed0_hash(b"abc")
    with pytest.raises(ValueError, match="cannot hash writable memoryview object"):
        seed0_hash(memoryview(bytearray(b"abc")))


def test_the_functions_cross_to_other_processes_by_name():
    assert pickle.loads(pickle.dumps(portable_hash)) is portable_hash
    assert b"minispark.engine.shuffle.hashing" in pickle.dumps(seed0_hash)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="slices have a hash since Python 3.12")
def test_slices_hash_as_under_seed_0(judge):
    values = [slice(None, 3), slice("a", "b", "c")]
    assert [seed0_hash(value) for value in values[1:]] == [h for h, _ in judge(values[1:])]


def test_reproduced_algorithms_agree_with_the_builtin_where_it_does_not_depend_on_the_seed():
    for values in [(), (1,), (1, 2.5, -1), tuple(range(-50, 50)), (2**63, -(2**61))]:
        assert hashing._hash_tuple(values) == hash(values)
        assert hashing._hash_frozenset(frozenset(values)) == hash(frozenset(values))
