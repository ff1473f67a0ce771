"""Messages between the driver and one of its processes, over a socket.

Both ends belong to one program and one user: the socket is one of a pair that the driver made, and
has no name that anyone else could connect to.

Must not know: what the messages mean.
"""

from __future__ import annotations

import pickle
import struct
from contextlib import suppress
from socket import MSG_DONTWAIT, MSG_PEEK, SHUT_RDWR, socket
from typing import Any

_HEAD = struct.Struct("!BQ")
_SHORT = 1 << 16


class Channel:
    """One end. A message has a kind, which is a small number, and bytes.

    Who sends and who receives at a time is the users' affair.
    """

    def __init__(self, end: socket) -> None:
        self._socket = end

    def fileno(self) -> int:
        """The descriptor, to wait for a message by."""
        return self._socket.fileno()

    def send(self, kind: int, data: bytes) -> None:
        """Send a message; OSError if the other end is gone."""
        head = _HEAD.pack(kind, len(data))
        if len(data) < _SHORT:
            self._socket.sendall(head + data)
        else:
            self._socket.sendall(head)
            self._socket.sendall(data)

    def receive(self) -> tuple[int, bytearray]:
        """The next message, once it is there; EOFError if the other end is gone."""
        kind, length = _HEAD.unpack(self._read(_HEAD.size))
        return kind, self._read(length)

    def send_object(self, kind: int, message: Any) -> None:
        """Send a pickled object; see :meth:`send`."""
        self.send(kind, pickle.dumps(message, pickle.HIGHEST_PROTOCOL))

    def is_open(self) -> bool:
        """Whether the other end is there, or something that it has sent."""
        try:
            return bool(self._socket.recv(1, MSG_PEEK | MSG_DONTWAIT))
        except BlockingIOError:
            return True
        except OSError:
            return False

    def close(self) -> None:
        """No more messages either way, whoever else has a copy of the descriptor."""
        with suppress(OSError):
            self._socket.shutdown(SHUT_RDWR)
        self._socket.close()

    def _read(self, length: int) -> bytearray:
        data = bytearray(length)
        rest = memoryview(data)
        while rest:
            try:
                count = self._socket.recv_into(rest)
            except ConnectionError:
                count = 0
            if count == 0:
                raise EOFError("the other end is gone")
            rest = rest[count:]
        return data
