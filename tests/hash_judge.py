"""Keys that are hard to hash, and a process that tells their real hashes under seed 0.

Run as a program it answers pickled lists of values, one a line of base64, with their hashes.
"""

import base64
import collections
import dataclasses
import datetime
import enum
import functools
import os
import pickle
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"


class Size(enum.IntEnum):
    SMALL = 1


class Unit(enum.StrEnum):
    METRE = "m"


class Right(enum.Flag):
    READ = 1
    WRITE = 2


Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass(frozen=True)
class Person:
    name: str
    born: int
    tags: frozenset = frozenset()


@dataclasses.dataclass(frozen=True)
class Employee(Person):
    boss: Person | None = dataclasses.field(default=None, hash=False)


class Word(str):
    pass


class Shout(str):
    """Equal whatever the case, so it hashes the lower one."""

    def __eq__(self, other):
        return self.lower() == other.lower()

    def __hash__(self):
        return hash(self.lower())


class Blob(bytes):
    pass


class Pair(tuple):
    pass


class Odd(tuple):
    """A tuple that shows other elements than it holds."""

    def __iter__(self):
        return iter(("a", "b", "c"))

    def __len__(self):
        return 3


class Fixed:
    def __init__(self, code):
        self.code = code

    def __hash__(self):
        return self.code

    def __eq__(self, other):
        return self.code == other.code


class Scaled:
    """Its hash may be anything that an int can be."""

    def __init__(self, name, factor, offset=0):
        self.name, self.factor, self.offset = name, factor, offset

    def __hash__(self):
        return hash(self.name) * self.factor + self.offset

    def __eq__(self, other):
        return vars(self) == vars(other)


class Kept:
    """Keeps its hash once it was asked."""

    def __init__(self, name):
        self.name = name
        self.kept = None

    def __hash__(self):
        if self.kept is None:
            self.kept = hash((type(self).__name__, self.name))
        return self.kept

    def __eq__(self, other):
        return self.name == other.name


class KeptFrozen(Kept):
    def __hash__(self):
        if self.kept is None:
            object.__setattr__(self, "kept", hash(self.name))
        return self.kept


@functools.total_ordering
class Version:
    def __init__(self, *parts):
        self.parts = parts

    def key(self):
        return tuple(map(str, self.parts))

    def __hash__(self):
        return hash(self.key()) ^ hash("version")

    def __eq__(self, other):
        return self.key() == other.key()

    def __lt__(self, other):
        return self.key() < other.key()


class NoOffset(datetime.tzinfo):
    """A zone that does not say where it is."""

    def utcoffset(self, when):
        return None

    def dst(self, when):
        return None

    def tzname(self, when):
        return "?"


class Autumn(datetime.tzinfo):
    """A zone whose second pass through an hour is another offset."""

    def utcoffset(self, when):
        return datetime.timedelta(hours=1 if when is not None and when.fold else 2)

    def dst(self, when):
        return None

    def tzname(self, when):
        return "autumn"


class Doubtful(datetime.tzinfo):
    """A zone that knows only one pass through an hour."""

    def __init__(self, known=0):
        self.known = known

    def utcoffset(self, when):
        return datetime.timedelta(0) if when is not None and when.fold == self.known else None

    def dst(self, when):
        return None

    def tzname(self, when):
        return "doubtful"


def portable_hash(x):
    """The rule for keys on Spark, over the builtin hash of this process."""
    if x is None:
        return 0
    if isinstance(x, tuple):
        h = 0x345678
        for i in x:
            h ^= portable_hash(i)
            h *= 1000003
            h &= sys.maxsize
        return h ^ len(x)
    return hash(x)


class Judge:
    """A process with PYTHONHASHSEED=0 that hashes for us."""

    def __init__(self):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hash_judge"],
            env=dict(os.environ, PYTHONHASHSEED="0", PYTHONPATH=ROOT),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, values):
        """The pairs of builtin hash and portable hash, or the text of the TypeError."""
        self._process.stdin.write(base64.b64encode(pickle.dumps(values)) + b"\n")
        self._process.stdin.flush()
        return pickle.loads(base64.b64decode(self._process.stdout.readline()))

    def close(self):
        self._process.communicate()


def answer(value):
    try:
        return hash(value), portable_hash(value)
    except TypeError as error:
        return str(error)


if __name__ == "__main__":
    for line in sys.stdin.buffer:
        answers = [answer(value) for value in pickle.loads(base64.b64decode(line))]
        sys.stdout.buffer.write(base64.b64encode(pickle.dumps(answers)) + b"\n")
        sys.stdout.buffer.flush()
