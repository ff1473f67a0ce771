"""Which elements of a partition are in a sample.

For `sample`, `randomSplit` and `sampleByKey`. A sampler is a value that crosses to a task with its
closure; there its `func` is called with the index of the partition and an iterator over it.
Must not know: RDDs and tasks.

As in Spark, to the element: each partition has a generator of its own, seeded with the seed and the
partition's index, and each element takes its draws in order.
"""

import random
import sys
from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import repeat
from math import exp
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class RDDSamplerBase:
    """What samplers have in common: a generator of random numbers for each partition.

    Parameters
    ----------
    withReplacement: an element may come more than once.
    seed: any, when None.

    >>> from minispark.rddsampler import RDDSamplerBase
    >>> class FirstDraw(RDDSamplerBase):
    ...     def func(self, split, iterator):
    ...         self.initRandomGenerator(split)
    ...         yield round(self.getUniformSample(), 3)
    >>> list(FirstDraw(False, 17).func(0, []))
    [0.815]
    """

    def __init__(self, withReplacement: bool, seed: int | None = None) -> None:
        self._withReplacement = withReplacement
        self._seed = random.randint(0, sys.maxsize) if seed is None else seed
        self._random = Random()

    def initRandomGenerator(self, split: int) -> None:
        """Begin the draws of partition number `split`."""
        self._random = Random(self._seed ^ split)
        # Seeds that differ in few bits give first draws that are alike: Spark throws ten away.
        for _ in range(10):
            self._random.randint(0, 1)

    def getUniformSample(self) -> float:
        """A draw between 0 and 1."""
        return self._random.random()

    def getPoissonSample(self, mean: float) -> int:
        """How often an element that is to come `mean` times on average comes this time."""
        times = 0
        if mean < 20.0:
            limit = exp(-mean)
            product = self._random.random()
            while product > limit:
                times += 1
                product *= self._random.random()
        else:
            total = self._random.expovariate(mean)
            while total < 1.0:
                times += 1
                total += self._random.expovariate(mean)
        return times

    def func(self, split: int, iterator: Iterable[T]) -> Iterator[T]:
        """The sample of partition number `split`, whose elements `iterator` gives."""
        raise NotImplementedError


class RDDSampler(RDDSamplerBase):
    """A part of the elements: each is taken, or not, by a draw of its own.

    Parameters
    ----------
    withReplacement: an element may come more than once.
    fraction: how often an element comes on average; without replacement, its probability.
    seed: any, when None.

    >>> sampler = RDDSampler(False, 0.5, seed=17)
    >>> list(sampler.func(0, range(10))) == list(sampler.func(0, range(10)))
    True
    >>> list(RDDSampler(False, 1.0).func(3, "abc"))
    ['a', 'b', 'c']
    """

    def __init__(self, withReplacement: bool, fraction: float, seed: int | None = None) -> None:
        super().__init__(withReplacement, seed)
        self._fraction = fraction

    def func(self, split: int, iterator: Iterable[T]) -> Iterator[T]:
        """The sample of partition number `split`, whose elements `iterator` gives."""
        self.initRandomGenerator(split)
        if self._withReplacement:
            for element in iterator:
                yield from repeat(element, self.getPoissonSample(self._fraction))
        else:
            draw, fraction = self._random.random, self._fraction
            for element in iterator:
                if draw() < fraction:
                    yield element


class RDDRangeSampler(RDDSamplerBase):
    """The elements whose draw lies in a range.

    Samplers of one seed with ranges side by side split an RDD without a gap.

    Parameters
    ----------
    lowerBound, upperBound: the range, from the first up to and without the second.
    seed: any, when None.

    >>> low, high = RDDRangeSampler(0.0, 0.3, 5), RDDRangeSampler(0.3, 1.0, 5)
    >>> sorted([*low.func(0, range(10)), *high.func(0, range(10))]) == list(range(10))
    True
    """

    def __init__(self, lowerBound: float, upperBound: float, seed: int | None = None) -> None:
        super().__init__(False, seed)
        self._lowerBound = lowerBound
        self._upperBound = upperBound

    def func(self, split: int, iterator: Iterable[T]) -> Iterator[T]:
        """The sample of partition number `split`, whose elements `iterator` gives."""
        self.initRandomGenerator(split)
        draw, lower, upper = (
            self._random.random,
            self._lowerBound,
            self._upperBound,
        )
        for element in iterator:
            if lower <= draw() < upper:
                yield element


class RDDStratifiedSampler(RDDSamplerBase, Generic[K]):
    """A part of the pairs, where each key has a fraction of its own.

    Parameters
    ----------
    withReplacement: a pair may come more than once.
    fractions: for each key, how often its pairs come on average; a key of the data that is not
        there is a KeyError.
    seed: any, when None.

    >>> sampler = RDDStratifiedSampler(False, {"a": 1.0, "b": 0.0}, 2)
    >>> list(sampler.func(0, [("a", 1), ("b", 2), ("a", 3)]))
    [('a', 1), ('a', 3)]
    """

    def __init__(
        self, withReplacement: bool, fractions: Mapping[K, float], seed: int | None = None
    ) -> None:
        super().__init__(withReplacement, seed)
        self._fractions = fractions

    def func(  # type: ignore[override]  # of pairs only
        self, split: int, iterator: Iterable[tuple[K, V]]
    ) -> Iterator[tuple[K, V]]:
        """The sample of partition number `split`, whose pairs `iterator` gives."""
        self.initRandomGenerator(split)
        if self._withReplacement:
            for key, value in iterator:
                yield from repeat((key, value), self.getPoissonSample(self._fractions[key]))
        else:
            for key, value in iterator:
                if self._random.random() < self._fractions[key]:
                    yield key, value
