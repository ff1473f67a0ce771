"""Texts of two engines, line by line, each from one run or several.

What differs between two runs of one engine is *random or timed*, and no difference between the
engines. So the runs of an engine become one text in which such a line is a *slot* (one line, of
whatever text), and a place where their number differs a *gap* (any number of lines). A line of
which one run has more than another, numbers in it aside, is in a gap wherever it stands, and left
out, unless it has no word in it: when a program tells of its progress, its runs need not be unlike
everywhere. Then the two texts are compared: a slot meets any line, a gap any lines.
Must not know: where the texts come from.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from itertools import groupby

_NUMBER = re.compile(r"\d+(\.\d+)?(e[-+]?\d+)?")
_WORD = re.compile(r"[^\W\d_]")
_MOST_PAIRS = 4_000_000
"""Longer texts are cut at lines that each has once; what is still longer is compared place by
place, or, where the numbers of lines differ, as a whole."""


class Kind(Enum):
    """What stands at a place of a text."""

    LINE = "line"
    SLOT = "slot"
    GAP = "gap"


@dataclass(frozen=True)
class Item:
    """A line of an engine's text: its number, from 1, and what the first run has there."""

    kind: Kind
    text: str
    number: int

    @property
    def token(self) -> str | Kind:
        """What has to be the same for two items to be the same."""
        return self.text if self.kind is Kind.LINE else self.kind


@dataclass(frozen=True)
class Hunk:
    """A place where two texts differ: the lines of each there, and the line before, if any."""

    ours: tuple[Item, ...]
    theirs: tuple[Item, ...]
    before: str | None


@dataclass(frozen=True)
class Compared:
    """What differs, and for each engine the items that are random or timed."""

    hunks: list[Hunk] = field(default_factory=list)
    ours_random: list[Item] = field(default_factory=list)
    theirs_random: list[Item] = field(default_factory=list)


def compare(ours: Sequence[Sequence[str]], theirs: Sequence[Sequence[str]]) -> Compared:
    """Compare the texts of two engines; of each, the lines of every run.

    >>> [hunk] = compare([["a", "b", "0.1"]], [["a", "c", "0.1"]]).hunks
    >>> hunk.ours[0].text, hunk.theirs[0].text, hunk.before
    ('b', 'c', 'a')
    >>> found = compare([["x", "0.1"], ["x", "0.2"]], [["x", "0.3"], ["x", "0.4"]])
    >>> found.hunks, [item.text for item in found.ours_random]
    ([], ['0.1'])
    """
    loose = _loose(ours) | _loose(theirs)
    mine, other = text_of(ours, loose), text_of(theirs, loose)
    left_out = [
        [Item(Kind.GAP, line, n) for n, line in enumerate(runs[0], 1) if loose & {_shape(line)}]
        for runs in (ours, theirs)
    ]
    hunks = []
    tokens = [item.token for item in mine], [item.token for item in other]
    for a, b, c, d in _differing(*tokens):
        if b - a != d - c:
            # A gap beside the place, which both have, may be where the rest of the lines belong.
            if a and mine[a - 1].kind is Kind.GAP:
                a, c = a - 1, c - 1
            if b < len(mine) and mine[b].kind is Kind.GAP:
                b, d = b + 1, d + 1
        before = next((item.text for item in reversed(mine[:a]) if item.kind is Kind.LINE), None)
        hunks += [
            Hunk(tuple(one), tuple(two), before) for one, two in _not_met(mine[a:b], other[c:d])
        ]
    random = (
        sorted([*(item for item in items if item.kind is not Kind.LINE), *more], key=_by_number)
        for items, more in zip((mine, other), left_out, strict=True)
    )
    return Compared(hunks, *random)


def text_of(runs: Sequence[Sequence[str]], loose: Set[str] = frozenset()) -> list[Item]:
    """The runs of one engine as one text, whose lines are those of the first run.

    Parameters
    ----------
    runs: the lines of each run.
    loose: shapes of lines that are left out.

    >>> [item.kind.value for item in text_of([["a", "1", "b"], ["a", "2", "b", "c"]])]
    ['line', 'slot', 'line', 'gap']
    """
    numbers = [n for n, line in enumerate(runs[0], 1) if not loose & {_shape(line)}]
    first, *others = ([line for line in run if not loose & {_shape(line)}] for run in runs)
    numbers.append(len(runs[0]) + 1)
    slots: set[int] = set()
    gaps: set[int] = set()
    added: dict[int, str] = {}
    for other in others:
        for a, b, c, d in _differing(first, other):
            if b - a == d - c:
                slots.update(range(a, b))
                continue
            # Which of several equal lines there is one more of is not known.
            more = {*first[a:b], *other[c:d]}
            while a and first[a - 1] in more:
                a -= 1
            while b < len(first) and first[b] in more:
                b += 1
            gaps.update(range(a, b))
            if a == b:
                added.setdefault(a, other[c])
    items: list[Item] = []
    for index in range(len(first) + 1):
        if (index in gaps or index in added) and not (items and items[-1].kind is Kind.GAP):
            text = first[index] if index in gaps else added[index]
            items.append(Item(Kind.GAP, text, numbers[index]))
        if index < len(first) and index not in gaps:
            kind = Kind.SLOT if index in slots else Kind.LINE
            items.append(Item(kind, first[index], numbers[index]))
    return items


def _loose(runs: Sequence[Sequence[str]]) -> set[str]:
    """The shapes of lines of which one run has more than another."""
    counts = [Counter(map(_shape, lines)) for lines in runs]
    shapes = set[str]().union(*counts)
    # A line of nothing but numbers may as well be the answer: it is no telling of progress.
    told = filter(_WORD.search, shapes)
    return {shape for shape in told if len({count[shape] for count in counts}) > 1}


def _shape(line: str) -> str:
    return _NUMBER.sub("#", line)


def _by_number(item: Item) -> int:
    return item.number


def _differing(
    ours: Sequence[str | Kind], theirs: Sequence[str | Kind]
) -> Iterator[tuple[int, int, int, int]]:
    """The places where two texts differ: from and to in the one, from and to in the other."""
    start, ends = 0, 0
    shorter = min(len(ours), len(theirs))
    while start < shorter and ours[start] == theirs[start]:
        start += 1
    while ends < shorter - start and ours[-1 - ends] == theirs[-1 - ends]:
        ends += 1
    one, two = ours[start : len(ours) - ends], theirs[start : len(theirs) - ends]
    if not one and not two:
        return
    # What differs at both ends of a long text must not hide what is between.
    cuts = [
        *(_anchors(one, two) if len(one) * len(two) > _MOST_PAIRS else ()),
        (len(one), len(two)),
    ]
    a = c = 0
    for b, d in cuts:
        for at, to, other, other_to in _unlike(one[a:b], two[c:d]):
            yield start + a + at, start + a + to, start + c + other, start + c + other_to
        a, c = b + 1, d + 1


def _unlike(
    one: Sequence[str | Kind], two: Sequence[str | Kind]
) -> Iterator[tuple[int, int, int, int]]:
    """As `_differing`, for texts whose ends may be the same."""
    if len(one) * len(two) <= _MOST_PAIRS:
        for tag, a, b, c, d in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
            if tag != "equal":
                yield a, b, c, d
    elif len(one) == len(two):
        same = [left == right for left, right in zip(one, two, strict=True)]
        at = 0
        for is_same, run in groupby(same):
            to = at + sum(1 for _ in run)
            if not is_same:
                yield at, to, at, to
            at = to
    else:
        yield 0, len(one), 0, len(two)


def _anchors(one: Sequence[str | Kind], two: Sequence[str | Kind]) -> list[tuple[int, int]]:
    """The places of lines that each text has once, the most of them that are in one order."""
    counts = Counter(one), Counter(two)
    places = {line: place for place, line in enumerate(two)}
    shared = [
        (place, places[line])
        for place, line in enumerate(one)
        if counts[0][line] == counts[1][line] == 1
    ]
    ends: list[int] = []  # of the rising rows of each length, the lowest end
    lengths: list[int] = []
    for _, there in shared:
        length = bisect_left(ends, there)
        ends[length : length + 1] = [there]
        lengths.append(length)
    wanted = len(ends) - 1
    found: list[tuple[int, int]] = []
    for pair, length in zip(reversed(shared), reversed(lengths), strict=True):
        if length == wanted and (not found or pair[1] < found[-1][1]):
            found.append(pair)
            wanted -= 1
    return found[::-1]


def _not_met(
    ours: Sequence[Item], theirs: Sequence[Item]
) -> Iterator[tuple[Sequence[Item], Sequence[Item]]]:
    """Of a place where two texts differ, what no slot or gap of the other text meets."""
    for one, two in ((ours, theirs), (theirs, ours)):
        gaps = [index for index, item in enumerate(one) if item.kind is Kind.GAP]
        if gaps:
            # What stands before and behind the gaps is met by as many lines, or by none.
            head, tail = one[: gaps[0]], one[gaps[-1] + 1 :]
            behind = max(len(head), len(two) - len(tail))
            pairs = [(head, two[: len(head)]), (tail, two[behind:])]
            for left, right in pairs:
                yield from _pairs(*((left, right) if one is ours else (right, left)))
            return
    yield from _pairs(ours, theirs)


def _pairs(
    ours: Sequence[Item], theirs: Sequence[Item]
) -> Iterator[tuple[Sequence[Item], Sequence[Item]]]:
    if len(ours) == len(theirs):
        met = [
            one.token == two.token or one.kind is not Kind.LINE or two.kind is not Kind.LINE
            for one, two in zip(ours, theirs, strict=True)
        ]
        ours = [one for one, is_met in zip(ours, met, strict=True) if not is_met]
        theirs = [two for two, is_met in zip(theirs, met, strict=True) if not is_met]
    else:
        # Which line stands for which slot is not known: the slots take as many as they are.
        ours, theirs = _without(ours, theirs), _without(theirs, ours)
    if ours or theirs:
        yield ours, theirs


def _without(items: Sequence[Item], others: Sequence[Item]) -> list[Item]:
    """The lines of a text that are left when the other text's surplus of slots took one each."""
    lines = [item for item in items if item.kind is Kind.LINE]
    mine = len(items) - len(lines)
    taken = max(0, sum(item.kind is not Kind.LINE for item in others) - mine)
    return lines[taken:]
