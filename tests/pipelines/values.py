"""Values in pipelines and results as JSON, for every process that reads or compares them.

Encoding keeps what JSON would lose: tuples, bytes, floats to the bit, dict order, and the
difference between 1, 1.0 and True. It must not know about any engine.
"""

from __future__ import annotations

import datetime
from typing import Any

_PLAIN = (bool, int, str)


def encode(value: Any) -> Any:
    """Return `value` as JSON-able data; two values encode alike only if they are the same.

    Named types that are not built in (an engine's ResultIterable) encode as their class name
    with their elements.

    >>> encode((1, True, 1.0, b"x"))
    ['tuple', [1, True, ['float', '1.0'], ['bytes', '78']]]
    """
    if value is None or type(value) in _PLAIN:
        return value
    kind = type(value).__name__
    if isinstance(value, float):
        return ["float", repr(float(value))]
    if isinstance(value, bytes):
        return [kind, value.hex()]
    if isinstance(value, frozenset):
        return [kind, sorted((encode(item) for item in value), key=repr)]
    if isinstance(value, datetime.date):
        return [kind, value.isoformat()]
    if isinstance(value, dict):
        return [kind, [[encode(k), encode(v)] for k, v in value.items()]]
    return [kind, [encode(item) for item in value]]


def decode(data: Any) -> Any:
    """Return the value that `encode` was given (built-in types only).

    >>> decode(encode((None, -0.0, [b"x"], {"a": (1,)})))
    (None, -0.0, [b'x'], {'a': (1,)})
    """
    if not isinstance(data, list):
        return data
    kind, body = data
    match kind:
        case "float":
            return float(body)
        case "bytes":
            return bytes.fromhex(body)
        case "date":
            return datetime.date.fromisoformat(body)
        case "dict":
            return {decode(k): decode(v) for k, v in body}
        case "list":
            return [decode(item) for item in body]
        case "tuple":
            return tuple(decode(item) for item in body)
        case "frozenset":
            return frozenset(decode(item) for item in body)
    raise ValueError(f"cannot decode a value of kind {kind!r}")
