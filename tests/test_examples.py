"""Every example prints what a few lines of plain Python find in the same data.

The examples run as a learner runs them: as programs of their own, in another working directory.
"""

import ast
import importlib.util
import ipaddress
import random
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import reduce
from itertools import pairwise
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
DATA = EXAMPLES / "data"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))
DOCUMENTS = {path.name: path.read_text("utf-8") for path in sorted((DATA / "documents").iterdir())}


@pytest.fixture
def run(tmp_path):
    """Run an example with arguments; its standard output as lines."""

    def run_example(name, *arguments, fails=False):
        finished = subprocess.run(
            [sys.executable, EXAMPLES / f"{name}.py", *map(str, arguments)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        assert (finished.returncode != 0) == fails, finished.stderr
        return finished.stderr if fails else finished.stdout.splitlines()

    return run_example


def words(text):
    return [word for word in re.split(r"[^a-z']+", text.lower()) if word]


def most_frequent(counts, n):
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def part_files(directory):
    """The lines of each part file, in the order of the partitions."""
    assert (directory / "_SUCCESS").exists()
    return [path.read_text("utf-8").splitlines() for path in sorted(directory.glob("part-*"))]


# --- the programs -----------------------------------------------------------------------------


def test_wordcount_finds_the_counts_of_the_text(run):
    counts = Counter(words((DATA / "market_town.txt").read_text("utf-8")))
    assert run("wordcount") == [
        f"{len(counts)} different words in market_town.txt",
        *(f"{n:6} {word}" for word, n in most_frequent(counts, 10)),
    ]


def test_wordcount_writes_all_counts_of_any_file_in_order(run, tmp_path):
    text = "the cat's hat\r\n\nThe CAT  the\that-stand\nw\u00f6rter, 12 the"
    (tmp_path / "a text.txt").write_bytes(text.encode("utf-8"))
    lines = run("wordcount", tmp_path / "a text.txt", tmp_path / "counts")
    counts = Counter(words(text))
    assert lines[0] == f"{len(counts)} different words in a text.txt"
    written = [line for part in part_files(tmp_path / "counts") for line in part]
    assert written == [f"{word}\t{n}" for word, n in sorted(counts.items())]


def test_wordcount_of_a_missing_file_says_which(run, tmp_path):
    assert "missing.txt" in run("wordcount", tmp_path / "missing.txt", fails=True)


def test_document_wordcount_counts_over_all_and_in_each_document(run):
    counts = {name: Counter(words(text)) for name, text in DOCUMENTS.items()}
    expected = ["In all documents:"]
    expected += [f"{n:6} {word}" for word, n in most_frequent(sum(counts.values(), Counter()), 8)]
    expected += ["The most frequent long words of each document:"]
    for name, found in counts.items():
        long = most_frequent({word: n for word, n in found.items() if len(word) > 3}, 3)
        expected.append(f"  {name}: " + ", ".join(f"{word} {n}" for word, n in long))
    common = sorted(set.intersection(*map(set, counts.values())))
    expected.append(f"In each of the {len(counts)} documents: " + " ".join(common))
    assert run("document_wordcount") == expected


def log_totals(log):
    """{(day, section): [requests, bytes, errors]} and the broken lines, with str.split alone."""
    months = {"Apr": "04", "May": "05", "Jun": "06"}
    totals, broken = defaultdict(lambda: [0, 0, 0]), []
    for line in log.splitlines():
        try:
            _before, request, answer, *_rest = line.split('"')
            _method, url, protocol = request.split()
            status, size = answer.split()
            day, month, year = line.split("[")[1].split(":")[0].split("/")
            row = totals[f"{year}-{months[month]}-{day}", url.split("?")[0].split("/")[1] or "home"]
            assert protocol.startswith("HTTP/")
            row[2] += int(status) >= 400
        except (ValueError, KeyError):
            broken.append(line)
            continue
        row[0] += 1
        row[1] += 0 if size == "-" else int(size)
    return {key: row for key, row in totals.items() if row[0]}, broken


def test_log_etl_writes_totals_sorted_in_each_part_and_the_broken_lines_apart(run, tmp_path):
    totals, broken = log_totals((DATA / "access.log").read_text("utf-8"))
    assert len(broken) >= 10
    rows = sorted(f"{day},{section},{n},{size},{errors}"
                  for (day, section), (n, size, errors) in totals.items())  # fmt: skip
    lines = run("log_etl", DATA / "access.log", tmp_path / "out")
    requests = sum(row[0] for row in totals.values())
    assert lines == [
        f"{requests} requests, {len(broken)} broken lines",
        "day,section,requests,bytes,errors",
        *rows,
    ]
    parts = part_files(tmp_path / "out" / "totals")
    assert len(parts) == 2
    assert sorted(parts[0] + parts[1]) == rows
    for part in parts:
        keys = [line.split(",")[:2] for line in part]
        assert keys == sorted(keys)
    assert part_files(tmp_path / "out" / "broken") == [broken]
    assert run("log_etl") == lines


def test_log_etl_refuses_an_output_directory_that_exists(run, tmp_path):
    (tmp_path / "out" / "totals").mkdir(parents=True)
    assert "already exists" in run("log_etl", DATA / "access.log", tmp_path / "out", fails=True)
    assert list((tmp_path / "out" / "totals").iterdir()) == []


def test_pagerank_agrees_with_a_plain_loop(run):
    targets = defaultdict(list)
    for line in (DATA / "links.txt").read_text("utf-8").splitlines():
        source, target = line.split()
        targets[source].append(target)
    ranks = dict.fromkeys(targets, 1.0)
    for _ in range(10):
        given = dict.fromkeys(targets, 0.0)
        for source in targets:
            for target in targets[source]:
                given[target] += ranks[source] / len(targets[source])
        ranks = {page: 0.15 + 0.85 * total for page, total in given.items()}
    found = [line.split() for line in run("pagerank")]
    assert sum(float(rank) for rank, _page in found) == pytest.approx(len(targets), abs=1e-4)
    assert {page: float(rank) for rank, page in found} == pytest.approx(ranks, abs=1e-6)
    assert all(float(a[0]) >= float(b[0]) for a, b in pairwise(found))


def test_kmeans_finds_the_means_of_the_three_heaps(run):
    pytest.importorskip("numpy")
    points = [
        tuple(map(float, line.split()))
        for line in (DATA / "points.txt").read_text("utf-8").splitlines()
    ]

    def distance(a, b):
        return (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2

    centres = [points[0]]
    while len(centres) < 3:
        centres.append(max(points, key=lambda p: min(distance(p, centre) for centre in centres)))
    for _ in range(20):
        heaps = [[] for _ in centres]
        for point in points:
            heaps[min(range(3), key=lambda i: distance(point, centres[i]))].append(point)
        centres = [tuple(sum(axis) / len(heap) for axis in zip(*heap, strict=True))
                   for heap in heaps]  # fmt: skip
    expected = sorted(zip(centres, map(len, heaps), strict=True))

    first, *rest = run("kmeans")
    assert re.fullmatch(r"300 points, 3 centres after \d+ rounds:", first)
    found = [re.fullmatch(r"  \((.*), (.*)\) with (\d+) points", line).groups() for line in rest]
    for (x, y, size), (centre, n) in zip(found, expected, strict=True):
        assert (float(x), float(y)) == pytest.approx(centre, abs=2e-3)
        assert int(size) == n


@pytest.mark.parametrize(("partitions", "darts"), [(4, 50_000), (3, 1_000)])
def test_pi_throws_the_same_darts_in_each_partition(run, partitions, darts):
    hits = 0
    for seed in range(partitions):
        rng = random.Random(seed)
        hits += sum(rng.random() ** 2 + rng.random() ** 2 <= 1.0 for _ in range(darts))
    total = partitions * darts
    arguments = () if (partitions, darts) == (4, 50_000) else (partitions, darts)
    assert run("pi", *arguments) == [
        f"{hits} of {total} darts in the circle",
        f"pi is about {4 * hits / total:.5f}",
    ]


def test_inverted_index_lists_places_and_answers_a_query(run):
    from_source = ast.parse((EXAMPLES / "inverted_index.py").read_text("utf-8"))
    stop_words = {
        node.value
        for statement in from_source.body
        if isinstance(statement, ast.Assign | ast.AugAssign) and "STOP" in ast.dump(statement)
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant)
    }
    index = defaultdict(set)
    for name, text in DOCUMENTS.items():
        for number, line in enumerate(text.split("\n"), start=1):
            for word in set(words(line)) - stop_words:
                index[word].add((name, number))
    top = sorted(index, key=lambda word: (-len(index[word]), word))[:5]
    expected = [f"{len(index)} words; those in most places:"]
    for word in top:
        expected.append(f"  {word}: " + " ".join(f"{name}:{n}" for name, n in sorted(index[word])))
    for query in (["bread", "market"], ["river", "winter", "river"], ["cathedral"]):
        hits = set.intersection(*({name for name, _n in index[word]} for word in query))
        found = [
            "Documents with " + " and ".join(query) + ":",
            *(f"  {hit}" for hit in sorted(hits)),
        ]
        arguments = () if query == ["bread", "market"] else (DATA / "documents", *query)
        assert run("inverted_index", *arguments) == expected + found


def test_the_tutorial_shows_which_operators_depend_on_the_partitions(run):
    lines = run("tutorial_reduce")
    shown = {}
    for line in lines:
        if match := re.fullmatch(r"   (\S.*): (always the same|depends on the partitions!)", line):
            results = shown[match[1], match[2].startswith("always")] = {}
        elif match := re.fullmatch(r"      (.*) with (.*) partition\(s\)", line):
            results.update(
                dict.fromkeys(map(int, match[2].split(", ")), ast.literal_eval(match[1]))
            )
    assert {name for name, same in shown if not same} == {
        "reduce(sub)",
        "treeReduce(concat)",
        "distinct().reduce(concat)",
        "reduceByKey(concat) after distinct()",
        "fold(100, add)",
        "reduce(mean of two)",
    }
    numbers = list(range(1, 9))
    # How Spark cuts eight elements of a list: into batches first, then batches into slices.
    cuts = {1: [8], 2: [4, 4], 3: [2, 2, 4], 4: [2] * 4, 8: [1] * 8}
    for name, op in [
        ("reduce(sub)", lambda a, b: a - b),
        ("reduce(mean of two)", lambda a, b: (a + b) / 2),
    ]:
        for n, sizes in cuts.items():
            rest = iter(numbers)
            partitions = [[next(rest) for _ in range(size)] for size in sizes]
            expected = reduce(op, [reduce(op, partition) for partition in partitions])
            assert shown[name, False][n] == expected
    assert shown["fold(100, add)", False] == {n: 36 + 100 * (n + 1) for n in cuts}
    assert shown["reduce(add)", True] == shown["fold(0, add)", True] == dict.fromkeys(cuts, 36)
    for name in ("treeReduce(concat)", "distinct().reduce(concat)"):
        assert {"".join(sorted(text)) for text in shown[name, False].values()} == {"abcdefgh"}
    assert "   add over [1, 2, 3, 4]: left 10, right 10" in lines
    assert "   sub over [1, 2, 3, 4]: left -8, right -2" in lines
    assert "   every bracketing of sub gives [-8, -2, 0, 6]" in lines
    assert "   reduce(add) of nothing: ValueError: Can not reduce() empty RDD" in lines
    assert "   reduceByKey(add): [('even', 20), ('odd', 16)]" in lines
    assert "   aggregateByKey, then sum / count: [('even', 5.0), ('odd', 4.0)]" in lines


# --- the source and the data ------------------------------------------------------------------


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_one_import_line_is_all_that_differs_from_a_pyspark_program(path):
    source = path.read_text("utf-8")
    naming = [line for line in source.splitlines() if "minispark" in line]
    assert naming == ["from minispark import SparkContext"]
    swapped = source.replace("from minispark import", "from pyspark import")
    compile(swapped, str(path), "exec")


def test_the_list_of_examples_names_every_program():
    listed = set(re.findall(r"^\| `(\w+)\.py`", (EXAMPLES / "README.md").read_text("utf-8"), re.M))
    assert listed == {path.stem for path in PROGRAMS}


def test_the_data_is_what_its_generator_writes(tmp_path):
    spec = importlib.util.spec_from_file_location("generate", DATA / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    generate.main(tmp_path)
    assert generate.FILES
    for name in generate.FILES:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), name


def test_the_log_holds_only_addresses_that_are_reserved_for_documentation():
    reserved = [
        ipaddress.ip_network(network)
        for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    for line in (DATA / "access.log").read_text("utf-8").splitlines():
        if " - - " in line:
            address = ipaddress.ip_address(line.split()[0])
            assert any(address in network for network in reserved)
        for host in re.findall(r"https?://([^/\"]+)", line):
            assert host.endswith(("example.org", "example.com"))
