"""The parent of the worker processes, as the driver sees it: how it is started, asked and ended.

It is a program of its own, started by ``exec`` and not as a fork of the driver (see `parent`). What
is asked for on one socket is answered there in its order, so who has not had an answer in time may
ask for nothing more: that parent is lost, and another one takes its place.

Must not know: what workers do.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from socket import AF_UNIX, SHUT_WR, SOCK_STREAM, send_fds, socketpair

from minispark.engine.executors.base import Workers
from minispark.engine.executors.parent import END, FORK, REQUEST, RESULT, STATUS, STOP

ANSWER_SECONDS = 60.0
"""So long the parent may take to answer; it is still importing when it is asked first."""

END_SECONDS = 10.0
"""So long it may take over the ends of its workers."""

_PROGRAM = """\
import sys
from posix import chdir
sys.path[:], directory, local_directories = eval(sys.argv[1])
if directory is not None:
    try:
        chdir(directory)
    except OSError:  # somebody has removed it
        pass
from minispark.engine.executors.base import Workers
from minispark.engine.executors.parent import main
descriptor, *modules = sys.argv[2:]
del sys.argv[1:]  # tasks may import what reads them
main(int(descriptor), local_directories, modules)
"""
_DESCRIPTOR = 3
"""Of its socket, in the parent."""


class ParentLost(ConnectionError):
    """The parent has ended, or does not answer. Its workers may live on."""


class ParentProcess:
    """One process that forks workers. Any thread may call it.

    When this process ends without closing it, ``directories`` go, too.
    """

    def __init__(self, workers: Workers, directories: Sequence[str]) -> None:
        self._asking = threading.Lock()  # held until the answer is there; taken before the next
        self._lock = threading.Lock()  # guards what follows, and what is sent; never held for long
        self._has_forked = False
        self._is_closed = False
        self.is_lost = False
        self._control, theirs = socketpair(AF_UNIX, SOCK_STREAM)
        paths = [path for path in sys.path if isinstance(path, str)]
        self._program = sys.executable
        places = repr((paths, workers.directory, list(map(os.path.abspath, directories))))
        program = ["-c", _PROGRAM, places, str(_DESCRIPTOR), *workers.modules]
        with theirs:
            self._pid = os.posix_spawn(
                self._program,
                [self._program, *_options(), *program],
                {**workers.environment, "PYTHONHASHSEED": "0"},  # as in Spark
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, theirs.fileno(), _DESCRIPTOR),
                    *(
                        (os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0)
                        for descriptor in (0, 1, 2)
                        if descriptor == 0 or not _is_handed_on(descriptor)
                    ),
                ],
                setpgroup=0,  # a Ctrl-C at the terminal is the driver's affair
                setsigmask=(),
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD],
            )

    def fork(self, descriptors: Sequence[int]) -> int:
        """The id of a new worker, which has these descriptors; OSError if there can be none."""
        pid = self._ask(FORK, 0, descriptors)
        if pid < 0:
            raise OSError(-pid, os.strerror(-pid))
        return pid

    def stop(self, pid: int) -> bool:
        """Ask a worker to end, and make it, if it does not soon; False: the parent is lost."""
        try:
            self._send(STOP, pid, [])
        except OSError:
            return False
        return True

    def status(self, pid: int) -> int | None:
        """How a worker has ended, as of ``subprocess.Popen.returncode``; it is made to if it has
        not. None: the parent is lost, or cannot be asked.
        """
        try:
            return self._ask(STATUS, pid, [])
        except OSError:
            return None

    def close(self) -> None:
        """End it, and its workers if it is not lost. May be called again."""
        # Another thread may be waiting for an answer; without the parent it has none at once.
        if not self._asking.acquire(timeout=END_SECONDS):
            self._kill()
            self._asking.acquire()
        try:
            self._close()
        finally:
            self._asking.release()

    def _close(self) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = self.is_lost = True
            if self._has_forked:
                self._wait_for_end()
            else:  # there is nothing that it would have to end
                self._kill()
            self._control.close()
            with suppress(ChildProcessError):  # the program has waited for all its children itself
                os.waitpid(self._pid, 0)

    def _wait_for_end(self) -> None:
        try:
            self._control.settimeout(END_SECONDS)
            self._control.sendall(REQUEST.pack(END, 0))
            self._control.shutdown(SHUT_WR)  # also if a forked child of the driver has a copy
            self._control.recv(1)
        except TimeoutError:
            self._kill()
        except OSError:
            pass  # it is lost

    def _ask(self, what: bytes, pid: int, descriptors: Sequence[int]) -> int:
        with self._asking:
            is_asked = False
            try:
                self._send(what, pid, descriptors)
                is_asked = True
                data = self._control.recv(RESULT.size)
            except OSError as exc:
                if not is_asked and not isinstance(exc, (ConnectionError, TimeoutError)):
                    raise  # too many descriptors are under way, say: it knows nothing of it
                if isinstance(exc, TimeoutError):
                    self._kill()
                data = b""
            if len(data) < RESULT.size:
                # Its answer may still come, and would be taken for the answer to the next request.
                with self._lock:
                    self.is_lost = True
                    self._control.close()
                raise ParentLost(
                    f"their parent process ({self._program}) has ended, or does not answer"
                )
        (answer,) = RESULT.unpack(data)
        return int(answer)

    def _send(self, what: bytes, pid: int, descriptors: Sequence[int]) -> None:
        with self._lock:
            if self.is_lost:
                raise ParentLost
            self._has_forked = self._has_forked or what == FORK
            self._control.settimeout(ANSWER_SECONDS)
            send_fds(self._control, [REQUEST.pack(what, pid)], descriptors)

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


def _options() -> list[str]:
    """The options of this Python that change what programs do.

    Not -E and -I: they would have the parent ignore PYTHONHASHSEED.
    """
    flags = sys.flags
    letters = {
        "O": flags.optimize,
        "B": flags.dont_write_bytecode,
        "b": flags.bytes_warning,
        "S": flags.no_site,
        "s": flags.no_user_site,
        "v": flags.verbose,
    }
    extra = getattr(sys, "_xoptions", {})
    return [
        *(f"-{letter * count}" for letter, count in letters.items() if count),
        *(f"-W{each}" for each in sys.warnoptions),
        *(f"-X{name}" if value is True else f"-X{name}={value}" for name, value in extra.items()),
    ]


def _is_handed_on(descriptor: int) -> bool:
    """Whether a program that is started has the descriptor, as the standard ones if not closed."""
    try:
        return os.get_inheritable(descriptor)
    except OSError:
        return False
