"""A resource that a driver or task has. As in Spark: ``pyspark.resource.information``."""

from __future__ import annotations

__all__ = ["ResourceInformation"]


class ResourceInformation:
    """A resource, such as GPUs, and the addresses of what there is of it.

    Parameters
    ----------
    name
        of the resource
    addresses
        what tells its parts apart

    >>> from minispark.resource import ResourceInformation
    >>> ResourceInformation("gpu", ["0", "1"]).addresses
    ['0', '1']
    """

    def __init__(self, name: str, addresses: list[str]) -> None:
        self._name = name
        self._addresses = addresses

    @property
    def name(self) -> str:
        """The name of the resource.

        >>> from minispark.resource import ResourceInformation
        >>> ResourceInformation("gpu", ["0", "1"]).name
        'gpu'
        """
        return self._name

    @property
    def addresses(self) -> list[str]:
        """What tells its parts apart.

        >>> from minispark.resource import ResourceInformation
        >>> ResourceInformation("gpu", ["0", "1"]).addresses
        ['0', '1']
        """
        return self._addresses
