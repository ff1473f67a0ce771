"""Files, modules and archives reach the tasks, and go with their context."""

from __future__ import annotations

import io
import os
import random
import re
import stat
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from minispark import SparkConf, SparkContext, SparkFiles
from minispark.errors import SparkException


def read_in_task(sc: SparkContext, name: str) -> list[str]:
    return sc.parallelize([1], 1).map(lambda _: open(SparkFiles.get(name)).read()).collect()


def test_a_file_is_found_on_the_driver_and_in_tasks(sc: SparkContext, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("hello")
    sc.addFile(str(path))
    path.write_text("changed")
    sc.addFile(f"file:{path}")  # it is known already
    assert read_in_task(sc, "a.txt") == ["hello"]
    assert Path(SparkFiles.get("a.txt")).read_text() == "hello"
    assert sc.listFiles == [f"file:{path}"]


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("a b%20c.txt", "a%20b%2520c.txt"),
        ("q'\"<>^`{}|\\[]?.txt", "q'%22%3C%3E%5E%60%7B%7D%7C%5C%5B%5D%3F.txt"),
        ("a+b&c=d;e@f:g,h~!$*().txt", "a+b&c=d;e@f:g,h~!$*().txt"),
        ("\u00fc\u2028\x85.txt", "\u00fc%E2%80%A8%C2%85.txt"),
        ("a#b c.txt", "a%23b%20c.txt"),
    ],
)
def test_files_are_listed_as_uris(
    sc: SparkContext, tmp_path: Path, name: str, encoded: str
) -> None:
    (tmp_path / name).write_text("x")
    sc.addFile(str(tmp_path / name))
    sc.addArchive(str(tmp_path / name))
    assert sc.listFiles == sc.listArchives == [f"file:{tmp_path}/{encoded}"]
    sc.addFile(sc.listFiles[0])
    sc.addArchive(sc.listArchives[0] + "#b%20c\u00e9")
    assert sc.listFiles == [f"file:{tmp_path}/{encoded}"]
    assert sc.listArchives[1:] == [f"file:{tmp_path}/{encoded}#b%20c%C3%A9"]
    assert read_in_task(sc, name) == read_in_task(sc, "b c\u00e9") == ["x"]


def test_what_is_no_uri_is_a_path(sc: SparkContext, tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("x")
    for path in (f"file:{tmp_path}/a b.txt", f"{tmp_path}/a%20b.txt"):
        with pytest.raises(SparkException, match="does not exist"):
            sc.addFile(path)
    with pytest.raises(SparkException, match="does not exist"):
        sc.addArchive(f"{tmp_path}/a b.txt#c")


def test_each_context_has_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "of_the_first.py").write_text("NUMBER = 1")
    before = list(sys.path)
    with SparkContext("local[1]", "first") as sc:
        sc.addFile(str(tmp_path / "a.txt"))
        sc.addPyFile(str(tmp_path / "of_the_first.py"))
        root = SparkFiles.getRootDirectory()
        assert __import__("of_the_first").NUMBER == 1
        assert root in sys.path
    assert not os.path.exists(root)
    assert sys.path == before
    assert "of_the_first" not in sys.modules
    with pytest.raises(RuntimeError, match="no active SparkContext"):
        SparkFiles.getRootDirectory()
    with SparkContext("local[1]", "second") as sc:
        assert sc.listFiles == []
        assert not os.path.exists(SparkFiles.get("a.txt"))


def test_a_zip_of_modules_can_be_imported(sc: SparkContext, tmp_path: Path) -> None:
    path = tmp_path / "packed.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("from_the_zip.py", "NUMBER = 7")
    sc.addPyFile(str(path))
    numbers = sc.parallelize([1], 1).map(lambda _: __import__("from_the_zip").NUMBER)
    assert numbers.collect() == [7]


def test_a_directory_has_to_be_meant(sc: SparkContext, tmp_path: Path) -> None:
    (tmp_path / "d" / "deep").mkdir(parents=True)
    (tmp_path / "d" / "deep" / "a.txt").write_text("deep")
    with pytest.raises(SparkException, match=r"UNSUPPORTED_ADD_FILE\.DIRECTORY"):
        sc.addFile(str(tmp_path / "d"))
    sc.addFile(str(tmp_path / "d"), recursive=True)
    assert read_in_task(sc, "d/deep/a.txt") == ["deep"]
    assert sc.listFiles == [f"file:{tmp_path}/d/"]


def test_another_file_of_the_same_name_is_refused(sc: SparkContext, tmp_path: Path) -> None:
    for folder, text in (("one", "1"), ("two", "2"), ("same", "1")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(text)
    sc.addFile(str(tmp_path / "one" / "a.txt"))
    sc.addFile(str(tmp_path / "same" / "a.txt"))
    with pytest.raises(SparkException, match="exists and does not match contents of"):
        sc.addFile(str(tmp_path / "two" / "a.txt"))
    assert read_in_task(sc, "a.txt") == ["1"]
    assert len(sc.listFiles) == 2


def test_it_may_be_overwritten(tmp_path: Path) -> None:
    for folder, text in (("one", "1"), ("two", "2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_text(text)
    conf = SparkConf().set("spark.files.overwrite", "true")
    with SparkContext("local[1]", "files", conf=conf) as sc:
        sc.addFile(str(tmp_path / "one" / "a.txt"))
        sc.addFile(str(tmp_path / "two" / "a.txt"))
        assert read_in_task(sc, "a.txt") == ["2"]


@pytest.mark.parametrize(
    ("path", "java_class"),
    [
        ("/nowhere/a.txt", "java.io.FileNotFoundException"),
        ("", "java.lang.IllegalArgumentException"),
        ("a.txt#b", "java.lang.IllegalArgumentException"),
    ],
)
def test_what_is_no_file_is_refused(sc: SparkContext, path: str, java_class: str) -> None:
    for add in (sc.addFile, sc.addPyFile):
        with pytest.raises(SparkException) as caught:
            add(path)
        assert caught.value.java_exception_class == java_class
    with pytest.raises(TypeError, match="path is a str, not NoneType"):
        sc.addFile(None)  # type: ignore[arg-type]
    assert os.listdir(SparkFiles.getRootDirectory()) == []


@pytest.mark.parametrize("name", ["a.zip", "a.jar", "a.tar", "a.tgz", "a.tar.gz"])
def test_an_archive_is_unpacked(sc: SparkContext, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(("zip", "jar")):
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("inner/a.txt", "hello")
    else:
        with tarfile.open(path, "w:gz" if name.endswith("gz") else "w") as tar:
            info = tarfile.TarInfo("inner/a.txt")
            info.size = 5
            tar.addfile(info, io.BytesIO(b"hello"))
    sc.addArchive(str(path))
    sc.addArchive(f"{path}#named")
    assert read_in_task(sc, f"{name}/inner/a.txt") == ["hello"]
    assert read_in_task(sc, "named/inner/a.txt") == ["hello"]
    assert sc.listArchives == [f"file:{path}", f"file:{path}#named"]


def test_an_archive_cannot_write_outside_its_directory(sc: SparkContext, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        tar.addfile(tarfile.TarInfo("../escaped"), io.BytesIO())
    with pytest.raises(SparkException, match=r"a\.tar cannot be unpacked"):
        sc.addArchive(str(path))
    with pytest.raises(SparkException, match="no name for a directory"):
        sc.addArchive(f"{path}#../../escaped")
    assert os.listdir(SparkFiles.getRootDirectory()) == []


def packed_zip(path: Path, content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytearray:
    with zipfile.ZipFile(path, "w", method) as packed:
        packed.writestr("f", content)
    return bytearray(path.read_bytes())


def packed_tar_gz(path: Path, content: bytes) -> bytearray:
    with tarfile.open(path, "w:gz") as packed:
        info = tarfile.TarInfo("f")
        info.size = len(content)
        packed.addfile(info, io.BytesIO(content))
    return bytearray(path.read_bytes())


NOISE = random.Random(1).randbytes(100_000)
LINES = b"".join(b"line %d\n" % i for i in range(50_000))


def overwritten(data: bytearray, at: int, filler: bytes) -> bytearray:
    data[at : at + len(filler)] = filler
    return data


def with_password(data: bytearray) -> bytearray:
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return data


DAMAGED: dict[str, Callable[[Path], bytes]] = {
    "a.zip": lambda path: b"not a zip",
    "deflated.zip": lambda path: overwritten(packed_zip(path, LINES), 2000, bytes(100)),
    "stored.zip": lambda path: overwritten(packed_zip(path, LINES, 0), 2000, bytes(100)),
    "password.zip": lambda path: with_password(packed_zip(path, LINES)),
    "short.zip": lambda path: packed_zip(path, LINES)[:5000],
    "a.tar.gz": lambda path: b"no gzip",
    "empty.tar.gz": lambda path: b"",
    "noise.tar.gz": lambda path: overwritten(packed_tar_gz(path, NOISE), 5000, b"\xff" * 200),
    "lines.tar.gz": lambda path: overwritten(packed_tar_gz(path, LINES), 5000, bytes(100)),
    "checksum.tgz": lambda path: overwritten(packed_tar_gz(path, LINES), -8, bytes(3)),
    "short.tgz": lambda path: packed_tar_gz(path, NOISE)[:50_000],
    "without_checksum.tgz": lambda path: packed_tar_gz(path, LINES)[:-8],
    "a.tar": lambda path: b"no tar",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_archive_is_refused(sc: SparkContext, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(DAMAGED[name](path))
    with pytest.raises(
        SparkException, match=rf"^{re.escape(name)} cannot be unpacked: ."
    ) as caught:
        sc.addArchive(str(path))
    assert caught.value.java_exception_class == "java.io.IOException"
    assert sc.listArchives == []
    assert os.listdir(SparkFiles.getRootDirectory()) == []


def test_a_gzip_file_may_end_in_zeros(sc: SparkContext, tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(packed_tar_gz(path, LINES) + bytes(512))
    sc.addArchive(str(path))
    assert Path(SparkFiles.get("a.tgz/f")).read_bytes() == LINES


def test_files_of_a_zip_keep_their_permissions(sc: SparkContext, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    modes = {"d/tool": 0o755, "secret": 0o600, "setuid": 0o4755}
    with zipfile.ZipFile(path, "w") as packed:
        for name, mode in modes.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFREG | mode) << 16
            packed.writestr(info, "x")
        of_windows = zipfile.ZipInfo("plain")
        of_windows.create_system = 0
        of_windows.external_attr = 0o755 << 16
        packed.writestr(of_windows, "x")
    sc.addArchive(str(path))
    found = {name: os.stat(SparkFiles.get(f"a.zip/{name}")).st_mode & 0o7777 for name in modes}
    assert found == {"d/tool": 0o755, "secret": 0o600, "setuid": 0o755}
    assert not os.access(SparkFiles.get("a.zip/plain"), os.X_OK)


def test_the_configuration_and_the_constructor_add_files(tmp_path: Path) -> None:
    for name in ("a.txt", "mod_one.py", "mod_two.py"):
        (tmp_path / name).write_text("X = 1")
    conf = SparkConf().set("spark.files", f"{tmp_path}/a.txt")
    conf.set("spark.submit.pyFiles", f"{tmp_path}/mod_one.py")
    with SparkContext("local[1]", "f", conf=conf, pyFiles=[f"{tmp_path}/mod_two.py"]) as sc:
        assert sorted(os.listdir(SparkFiles.getRootDirectory())) == [
            "a.txt",
            "mod_one.py",
            "mod_two.py",
        ]
        total = sc.parallelize([1]).map(lambda _: __import__("mod_one").X + __import__("mod_two").X)
        assert total.collect() == [2]


@pytest.mark.parametrize(
    ("py_files", "error"),
    [(["/nowhere.py"], SparkException), ("a.py", TypeError), ([1], TypeError)],
)
def test_wrong_files_leave_no_context(py_files: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        SparkContext("local[1]", "f", pyFiles=py_files)  # type: ignore[arg-type]
    assert SparkContext._active_spark_context is None


def test_spark_files_is_never_constructed() -> None:
    with pytest.raises(NotImplementedError):
        SparkFiles()
