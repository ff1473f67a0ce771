"""A worker that has lost its parent ends with its driver nevertheless.

While there is a parent, that ends its workers when the driver is gone (see `parent`). A worker
whose parent has ended runs on, since its driver may need it; but only an idle one would notice the
end of the driver by itself. So the system tells a worker when its parent has ended, where it can
(Linux), and from then on a thread of the worker watches the driver's end of its socket.

There is no such thread before: a process with threads is not safely forked by tasks.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import threading
import time

from minispark.engine.executors.base import PATIENCE_SECONDS

PARENT_ENDED = signal.SIGHUP
_PR_SET_PDEATHSIG = 1


def end_with_driver(end: int, parent: int) -> None:
    """Have this process end when the driver does, at the other end of a socket.

    ``parent`` is the process that is to see to that for as long as it lives.
    """
    try:
        set_option = ctypes.CDLL(None).prctl
    except AttributeError:  # another system
        return

    def watch(*_: object) -> None:
        threading.Thread(target=_end_after, args=(end,), daemon=True).start()

    signal.signal(PARENT_ENDED, watch)
    set_option(_PR_SET_PDEATHSIG, int(PARENT_ENDED), 0, 0, 0)
    if os.getppid() != parent:  # it has ended before it was asked for
        watch()


def _end_after(end: int) -> None:
    poll = select.poll()
    poll.register(end, select.POLLRDHUP)
    poll.poll()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
