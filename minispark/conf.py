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
    _jvm, _jconf: of a JVM: refused when given.

    >>> conf = SparkConf().setMaster("local[2]").setAppName("My app").set("spark.task.cpus", 1)
    >>> conf.get("spark.task.cpus"), conf.get("spark.nothing"), conf.get("spark.nothing", "x")
    ('1', None, 'x')
    >>> "spark.app.name=My app" in conf.toDebugString().splitlines()
    True
    """

    # Whoever starts a context sets it. From then on PySpark's settings are kept by its JVM.
    _a_context_was_started = False

    def __init__(
        self, loadDefaults: bool = True, _jvm: object = None, _jconf: object = None
    ) -> None:
        for option, value in (("_jvm", _jvm), ("_jconf", _jconf)):
            if value is not None:
                raise NotImplementedError(
                    f"SparkConf({option}=...) is not supported: there is no JVM: leave it out"
                )
        self._settings: dict[str, str] = {}
        self._by_name = self._a_context_was_started
        if loadDefaults:
            for key, value in list(SYSTEM_PROPERTIES.items()):
                if key.startswith("spark."):
                    self._settings[key] = value

    def set(self, key: str, value: object) -> "SparkConf":
        """Set one; a value that is no text is kept as what `str` makes of it.

        >>> SparkConf().set("spark.task.cpus", 1).get("spark.task.cpus")
        '1'
        """
        self._settings[key] = str(value)
        return self

    def setIfMissing(self, key: str, value: object) -> "SparkConf":
        """Set one unless it is set.

        >>> conf = SparkConf().set("a", "1").setIfMissing("a", "2").setIfMissing("b", "3")
        >>> conf.get("a"), conf.get("b")
        ('1', '3')
        """
        return self if self.contains(key) else self.set(key, value)

    def setMaster(self, value: str) -> "SparkConf":
        """Set where tasks run, such as "local[4]".

        >>> SparkConf().setMaster("local[4]").get("spark.master")
        'local[4]'
        """
        return self.set("spark.master", value)

    def setAppName(self, value: str) -> "SparkConf":
        """Set the name of the application.

        >>> SparkConf().setAppName("nightly").get("spark.app.name")
        'nightly'
        """
        return self.set("spark.app.name", value)

    def setSparkHome(self, value: str) -> "SparkConf":
        """Set where Spark is installed on the workers.

        >>> SparkConf().setSparkHome("/opt/spark").get("spark.home")
        '/opt/spark'
        """
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

        >>> SparkConf().setExecutorEnv("LANG", "C").get("spark.executorEnv.LANG")
        'C'
        """
        if (key is None) == (pairs is None):
            raise PySparkRuntimeError(errorClass="KEY_VALUE_PAIR_REQUIRED", messageParameters={})
        for name, text in [(key, value)] if pairs is None else pairs:
            self.set(f"spark.executorEnv.{name}", text)
        return self

    def setAll(self, pairs: Iterable[tuple[str, object]]) -> "SparkConf":
        """Set several, given as pairs.

        >>> conf = SparkConf().setAll({"a": "1", "b": 2}.items())
        >>> conf.get("a"), conf.get("b")
        ('1', '2')
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
        """The value of one, or the default where it is not set.

        >>> conf = SparkConf().set("a", "1")
        >>> conf.get("a"), conf.get("b"), conf.get("b", "2")
        ('1', None, '2')
        """
        return self._settings.get(key, defaultValue)

    def getAll(self) -> list[tuple[str, str]]:
        """All of them as pairs of name and value.

        >>> sorted(SparkConf(loadDefaults=False).set("a", "1").set("b", "2").getAll())
        [('a', '1'), ('b', '2')]

        Differs from Spark: here they are in the order in which they were set, there in none once
        there was a context.
        """
        return list(self._settings.items())

    def contains(self, key: str) -> bool:
        """Whether one is set.

        >>> conf = SparkConf().set("a", "1")
        >>> conf.contains("a"), conf.contains("b")
        (True, False)
        """
        return key in self._settings

    def toDebugString(self) -> str:
        """All of them, a line each.

        >>> print(SparkConf(loadDefaults=False).set("a", "1").toDebugString())
        a=1

        As in Spark: by name, if a context was ever started in this process before the SparkConf
        was made, else in the order in which they were made.
        """
        settings = sorted(self._settings.items()) if self._by_name else self._settings.items()
        return "\n".join(f"{key}={value}" for key, value in settings)
