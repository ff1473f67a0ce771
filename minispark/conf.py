"""The settings of an application: names and texts.

For programs, which make one, and for SparkContext, which takes a copy and adds what is missing.
Must not know: which settings there are, and what they do.
"""

from collections.abc import Iterable
from typing import overload

from minispark.errors import PySparkRuntimeError

__all__ = ["SparkConf"]

SYSTEM_PROPERTIES: dict[str, str] = {}
"""What ``SparkContext.setSystemProperty`` has set in this process."""


class SparkConf:
    """Settings by name, in the order in which they were made. Values are kept as text.

    A context takes a copy when it is made: what is set later changes nothing in it. All methods
    that set something give the SparkConf back, so that calls can be chained.

    Parameters
    ----------
    loadDefaults: whether to begin with what ``SparkContext.setSystemProperty`` has set under names
        that begin with ``spark.``.

    >>> conf = SparkConf().setMaster("local[2]").setAppName("My app").set("spark.task.cpus", 1)
    >>> conf.get("spark.task.cpus"), conf.get("spark.nothing"), conf.get("spark.nothing", "x")
    ('1', None, 'x')
    >>> print(conf.toDebugString())
    spark.app.name=My app
    spark.master=local[2]
    spark.task.cpus=1
    """

    # Whoever starts a context sets it. From then on PySpark's settings are kept by its JVM.
    _a_context_was_started = False

    def __init__(self, loadDefaults: bool = True) -> None:
        self._settings: dict[str, str] = {}
        self._by_name = self._a_context_was_started
        if loadDefaults:
            for key, value in SYSTEM_PROPERTIES.items():
                if key.startswith("spark."):
                    self._settings[key] = value

    def set(self, key: str, value: object) -> "SparkConf":
        """Set one; a value that is no text is kept as what `str` makes of it."""
        self._settings[key] = str(value)
        return self

    def setIfMissing(self, key: str, value: object) -> "SparkConf":
        """Set one unless it is set.

        >>> SparkConf().set("a", "1").setIfMissing("a", "2").setIfMissing("b", "3").getAll()
        [('a', '1'), ('b', '3')]
        """
        return self if self.contains(key) else self.set(key, value)

    def setMaster(self, value: str) -> "SparkConf":
        """Set where tasks run, such as "local[4]"."""
        return self.set("spark.master", value)

    def setAppName(self, value: str) -> "SparkConf":
        """Set the name of the application."""
        return self.set("spark.app.name", value)

    def setSparkHome(self, value: str) -> "SparkConf":
        """Set where Spark is installed on the workers."""
        return self.set("spark.home", value)

    @overload
    def setExecutorEnv(self, key: str, value: str) -> "SparkConf": ...

    @overload
    def setExecutorEnv(self, *, pairs: Iterable[tuple[str, str]]) -> "SparkConf": ...

    def setExecutorEnv(
        self,
        key: str | None = None,
        value: str | None = None,
        pairs: Iterable[tuple[str, str]] | None = None,
    ) -> "SparkConf":
        """Set an environment variable of the workers, or several as pairs.

        Raises PySparkRuntimeError (KEY_VALUE_PAIR_REQUIRED) for both and for neither.

        >>> SparkConf().setExecutorEnv("LANG", "C").getAll()
        [('spark.executorEnv.LANG', 'C')]
        """
        if (key is None) == (pairs is None):
            raise PySparkRuntimeError(errorClass="KEY_VALUE_PAIR_REQUIRED", messageParameters={})
        for name, text in [(key, value)] if pairs is None else pairs:
            self.set(f"spark.executorEnv.{name}", text)
        return self

    def setAll(self, pairs: Iterable[tuple[str, object]]) -> "SparkConf":
        """Set several, given as pairs.

        >>> SparkConf().setAll({"a": "1", "b": 2}.items()).getAll()
        [('a', '1'), ('b', '2')]
        """
        for key, value in pairs:
            self.set(key, value)
        return self

    @overload
    def get(self, key: str) -> str | None: ...

    @overload
    def get(self, key: str, defaultValue: None) -> str | None: ...

    @overload
    def get(self, key: str, defaultValue: str) -> str: ...

    def get(self, key: str, defaultValue: str | None = None) -> str | None:
        """The value of one, or the default where it is not set."""
        return self._settings.get(key, defaultValue)

    def getAll(self) -> list[tuple[str, str]]:
        """All of them as pairs of name and value."""
        return list(self._settings.items())

    def contains(self, key: str) -> bool:
        """Whether one is set."""
        return key in self._settings

    def toDebugString(self) -> str:
        """All of them, a line each.

        As in Spark: by name, if a context was ever started in this process before the SparkConf
        was made, else in the order in which they were made.
        """
        settings = sorted(self._settings.items()) if self._by_name else self._settings.items()
        return "\n".join(f"{key}={value}" for key, value in settings)
