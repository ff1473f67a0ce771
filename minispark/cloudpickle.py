"""cloudpickle, under the name that PySpark gives its copy. As in Spark: ``pyspark.cloudpickle``.

For programs that import it from there. It is the package ``cloudpickle`` itself.
"""

from cloudpickle import (
    CloudPickler,
    Pickler,
    __version__,
    dump,
    dumps,
    load,
    loads,
    register_pickle_by_value,
    unregister_pickle_by_value,
)

__all__ = [
    "CloudPickler",
    "Pickler",
    "__version__",
    "dump",
    "dumps",
    "load",
    "loads",
    "register_pickle_by_value",
    "unregister_pickle_by_value",
]
