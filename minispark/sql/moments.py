"""Time zones by the names that Spark gives them.

For the settings of a session, and for what shows moments. Must not know: sessions.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["local_zone_name", "zone_of"]

_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?(?::?(\d{2}))?")
_MOST_HOURS = 18


def zone_of(name: str) -> tzinfo:
    """The time zone of a name, or of an offset such as ``+02:00``.

    Raises ValueError where there is none.

    >>> zone_of("UTC+1"), zone_of("Europe/Berlin")
    (datetime.timezone(datetime.timedelta(seconds=3600)), zoneinfo.ZoneInfo(key='Europe/Berlin'))
    """
    if name in ("Z", "UTC", "GMT", "UT"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        hours, minutes, seconds = (int(part or 0) for part in offset.groups()[1:])
        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        if minutes > 59 or seconds > 59 or length > timedelta(hours=_MOST_HOURS):
            raise ValueError(f"{name!r} is no time zone")
        return timezone(-length if offset[1] == "-" else length)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone") from None


def local_zone_name() -> str:
    """The name of the time zone of this process.

    >>> zone_of(local_zone_name()) is not None
    True
    """
    name = os.environ.get("TZ", "").removeprefix(":")
    if name and not name.startswith("/"):
        return name
    for path in ("/etc/timezone", "/etc/localtime"):
        try:
            if path == "/etc/timezone":
                with open(path, encoding="utf-8") as file:
                    name = file.read().strip()
            else:
                name = os.path.realpath(path).partition("/zoneinfo/")[2]
        except OSError:
            continue
        if name:
            return name
    return "UTC"
