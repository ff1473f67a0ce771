"""What a stage asks of executors and tasks. As in Spark: ``pyspark.resource.requests``.

Requests can be made, read and built into profiles. There is one executor here, as in Spark's
local mode, and it can be asked for nothing: ``RDD.withResources`` says so.
"""

from __future__ import annotations

import re

from minispark.errors import SparkException

__all__ = [
    "ExecutorResourceRequest",
    "ExecutorResourceRequests",
    "TaskResourceRequest",
    "TaskResourceRequests",
]

_BYTES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}


class ExecutorResourceRequest:
    """So much of a resource for each executor.

    Parameters
    ----------
    resourceName
        its name
    amount
        how much
    discoveryScript, vendor
        as in Spark, for custom resources

    >>> from minispark.resource import ExecutorResourceRequest
    >>> request = ExecutorResourceRequest("gpu", 2, "find_gpus.sh")
    >>> request.resourceName, request.amount, request.discoveryScript, request.vendor
    ('gpu', 2, 'find_gpus.sh', '')
    """

    def __init__(
        self, resourceName: str, amount: int, discoveryScript: str = "", vendor: str = ""
    ) -> None:
        self._name = resourceName
        self._amount = amount
        self._discovery_script = discoveryScript
        self._vendor = vendor

    @property
    def resourceName(self) -> str:
        """The name of the resource.

        >>> from minispark.resource import ExecutorResourceRequest
        >>> ExecutorResourceRequest("gpu", 2).resourceName
        'gpu'
        """
        return self._name

    @property
    def amount(self) -> int:
        """How much of it; memory in MiB.

        >>> from minispark.resource import ExecutorResourceRequest
        >>> ExecutorResourceRequest("gpu", 2).amount
        2
        """
        return self._amount

    @property
    def discoveryScript(self) -> str:
        """The script that finds it.

        >>> from minispark.resource import ExecutorResourceRequest
        >>> ExecutorResourceRequest("gpu", 2, "find_gpus.sh").discoveryScript
        'find_gpus.sh'
        """
        return self._discovery_script

    @property
    def vendor(self) -> str:
        """Who makes it.

        >>> from minispark.resource import ExecutorResourceRequest
        >>> ExecutorResourceRequest("gpu", 2, "", "acme.example").vendor
        'acme.example'
        """
        return self._vendor


class ExecutorResourceRequests:
    """What each executor is asked for. The methods can be chained.

    >>> from minispark.resource import ExecutorResourceRequests
    >>> requests = ExecutorResourceRequests().cores(4).memory("2g").resource("gpu", 1)
    >>> sorted((name, request.amount) for name, request in requests.requests.items())
    [('cores', 4), ('gpu', 1), ('memory', 2048)]
    """

    _CORES = "cores"
    _MEMORY = "memory"
    _OVERHEAD_MEM = "memoryOverhead"
    _PYSPARK_MEM = "pyspark.memory"
    _OFFHEAP_MEM = "offHeap"

    def __init__(
        self,
        _jvm: object = None,
        _requests: dict[str, ExecutorResourceRequest] | None = None,
    ) -> None:
        self._requests = dict(_requests or {})

    def memory(self, amount: str) -> ExecutorResourceRequests:
        """So much memory, such as ``"2g"``; without a unit it is MiB.

        Raises
        ------
        SparkException
            if it cannot be understood

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().memory("2g").requests["memory"].amount
        2048
        """
        return self._ask_memory(self._MEMORY, amount)

    def memoryOverhead(self, amount: str) -> ExecutorResourceRequests:
        """So much memory outside the heap; see :meth:`memory`.

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().memoryOverhead("1g").requests["memoryOverhead"].amount
        1024
        """
        return self._ask_memory(self._OVERHEAD_MEM, amount)

    def pysparkMemory(self, amount: str) -> ExecutorResourceRequests:
        """So much memory for Python; see :meth:`memory`.

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().pysparkMemory("1g").requests["pyspark.memory"].amount
        1024
        """
        return self._ask_memory(self._PYSPARK_MEM, amount)

    def offheapMemory(self, amount: str) -> ExecutorResourceRequests:
        """So much memory off the heap; see :meth:`memory`.

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().offheapMemory("1g").requests["offHeap"].amount
        1024
        """
        return self._ask_memory(self._OFFHEAP_MEM, amount)

    def cores(self, amount: int) -> ExecutorResourceRequests:
        """So many cores.

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().cores(4).requests["cores"].amount
        4
        """
        self._requests[self._CORES] = ExecutorResourceRequest(self._CORES, amount)
        return self

    def resource(
        self, resourceName: str, amount: int, discoveryScript: str = "", vendor: str = ""
    ) -> ExecutorResourceRequests:
        """So much of a resource with a name of its own.

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().resource("gpu", 2).requests["gpu"].amount
        2
        """
        self._requests[resourceName] = ExecutorResourceRequest(
            resourceName, amount, discoveryScript, vendor
        )
        return self

    @property
    def requests(self) -> dict[str, ExecutorResourceRequest]:
        """All of it, by name.

        >>> from minispark.resource import ExecutorResourceRequests
        >>> ExecutorResourceRequests().requests
        {}
        """
        return dict(self._requests)

    def _ask_memory(self, name: str, amount: str) -> ExecutorResourceRequests:
        self._requests[name] = ExecutorResourceRequest(name, mebibytes(amount))
        return self


class TaskResourceRequest:
    """So much of a resource for each task.

    Parameters
    ----------
    resourceName
        its name
    amount
        how much; a fraction if tasks share one

    >>> from minispark.resource import TaskResourceRequest
    >>> TaskResourceRequest("gpu", 0.5).amount
    0.5
    """

    def __init__(self, resourceName: str, amount: float) -> None:
        self._name = resourceName
        self._amount = float(amount)

    @property
    def resourceName(self) -> str:
        """The name of the resource.

        >>> from minispark.resource import TaskResourceRequest
        >>> TaskResourceRequest("gpu", 1).resourceName
        'gpu'
        """
        return self._name

    @property
    def amount(self) -> float:
        """How much of it.

        >>> from minispark.resource import TaskResourceRequest
        >>> TaskResourceRequest("gpu", 1).amount
        1.0
        """
        return self._amount


class TaskResourceRequests:
    """What each task is asked for. The methods can be chained.

    >>> from minispark.resource import TaskResourceRequests
    >>> requests = TaskResourceRequests().cpus(2).resource("gpu", 0.5)
    >>> sorted((name, request.amount) for name, request in requests.requests.items())
    [('cpus', 2.0), ('gpu', 0.5)]
    """

    _CPUS = "cpus"

    def __init__(
        self, _jvm: object = None, _requests: dict[str, TaskResourceRequest] | None = None
    ) -> None:
        self._requests = dict(_requests or {})

    def cpus(self, amount: float) -> TaskResourceRequests:
        """So many CPUs.

        Raises
        ------
        SparkException
            if it is nothing or less

        >>> from minispark.resource import TaskResourceRequests
        >>> TaskResourceRequests().cpus(2).requests["cpus"].amount
        2.0
        """
        cpus = float(amount)
        if not 1e-9 <= cpus <= 2147483647:
            raise SparkException(
                f"requirement failed: The cpus amount {cpus} must be at least 1e-9 and at most "
                "2147483647.",
                "java.lang.IllegalArgumentException",
            )
        self._requests[self._CPUS] = TaskResourceRequest(self._CPUS, cpus)
        return self

    def resource(self, resourceName: str, amount: float) -> TaskResourceRequests:
        """So much of a resource with a name of its own.

        >>> from minispark.resource import TaskResourceRequests
        >>> TaskResourceRequests().resource("gpu", 0.5).requests["gpu"].amount
        0.5
        """
        self._requests[resourceName] = TaskResourceRequest(resourceName, amount)
        return self

    @property
    def requests(self) -> dict[str, TaskResourceRequest]:
        """All of it, by name.

        >>> from minispark.resource import TaskResourceRequests
        >>> TaskResourceRequests().requests
        {}
        """
        return dict(self._requests)


def mebibytes(amount: str) -> int:
    return byte_size(amount, "m") >> 20


def byte_size(amount: str, unit: str) -> int:
    """How many bytes an amount such as '2g' is; a number alone is in ``unit``."""
    if not isinstance(amount, str):
        raise TypeError(f"an amount of memory is a str such as '2g', not {amount!r}")
    match = re.fullmatch(r"([0-9]+)(\.[0-9]+)?([a-z]*)", amount.lower().strip())
    if match is None:
        problem = f"Failed to parse byte string: {amount}"
    elif match[2] is not None:
        problem = f"Fractional values are not supported. Input was: {match[1]}{match[2]}"
    elif re.fullmatch("b?|[kmgtp]b?", match[3]) is None:
        problem = f'Invalid suffix: "{match[3]}"'
    else:
        return int(match[1]) * _BYTES[match[3][:1] or unit]
    raise SparkException(
        "Size must be specified as bytes (b), kibibytes (k), mebibytes (m), gibibytes (g), "
        f"tebibytes (t), or pebibytes(p). E.g. 50b, 100k, or 250m.\n{problem}",
        "java.lang.NumberFormatException",
    )
