"""The progress bar of running stages, on the terminal of the driver.

For the context, which makes one where standard error is a terminal and hands it the engine's
events. Must not know: the scheduler, other than by its events.

It looks and behaves as Spark's: one line, drawn over itself, with at most three stages that have
run for half a second; wiped when a job ends, and then silent for half a second.

    [Stage 2:=====>      (12 + 2) / 30]     12 tasks done, 2 running, 30 in all
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TextIO

from minispark.engine.events import (
    Event,
    JobEnded,
    JobStarted,
    StageCompleted,
    StageSubmitted,
    TaskEnded,
    TaskStarted,
)

FIRST_DELAY = 0.5
UPDATE_PERIOD = 0.2
MOST_STAGES = 3
# A terminal reached through a network may be cut off when nothing is written for long.
LONGEST_SILENCE = 60.0


@dataclass(frozen=True)
class StageProgress:
    """How far one stage is, in tasks; `since` is when it was submitted, in seconds."""

    stage_id: int
    total: int
    since: float = 0.0
    done: int = 0
    running: int = 0


def render(stages: Sequence[StageProgress], width: int) -> str:
    """The line that shows some stages side by side on a terminal of so many columns.

    >>> render([StageProgress(2, total=30, done=12, running=2)], 40)
    '[Stage 2:======>          (12 + 2) / 30]'
    """
    return "".join(_render_one(stage, width // len(stages)) for stage in stages)


def _render_one(stage: StageProgress, width: int) -> str:
    head = f"[Stage {stage.stage_id}:"
    tail = f"({stage.done} + {stage.running}) / {stage.total}]"
    room = max(0, width - len(head) - len(tail))
    filled = min(room, room * stage.done // stage.total) if stage.total else room
    return head + ("=" * filled + ">").ljust(room)[:room] + tail


class ConsoleProgressBar:
    """Draws the stages that run, from the engine's events.

    The first job starts a thread that draws while jobs run and sleeps otherwise; `stop` ends it.

    Parameters
    ----------
    stream: where to draw: a terminal.
    clock: gives the time in seconds.
    width: gives the number of columns; by default COLUMNS, else what the terminal says.
    """

    def __init__(
        self,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        width: Callable[[], int] | None = None,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._width = width or (lambda: terminal_width(stream))
        self._changed = Condition()  # guards everything below
        self._stages: dict[tuple[int, int], StageProgress] = {}
        self._jobs: set[int] = set()
        self._line = ""
        self._drawn_at = float("-inf")
        self._job_ended_at = float("-inf")
        self._thread: Thread | None = None
        self._asleep = False
        self._stopped = False

    def on_event(self, event: Event) -> None:
        """Take note of what happened. Events of other kinds are let pass."""
        with self._changed:
            match event:
                case JobStarted():
                    self._jobs.add(event.job_id)
                    self._wake()
                case JobEnded():
                    self._jobs.discard(event.job_id)
                    self._job_ended_at = self._clock()
                    self._wipe()
                    if not self._jobs:
                        self._stages.clear()  # those of a job that was given up never complete
                case StageSubmitted():
                    key = (event.stage_id, event.attempt)
                    self._stages[key] = StageProgress(
                        event.stage_id, event.num_tasks, self._clock()
                    )
                case StageCompleted():
                    self._stages.pop((event.stage_id, event.attempt), None)
                case TaskStarted():
                    self._count(event, running=1)
                case TaskEnded():
                    self._count(event, running=-1, done=int(event.successful))

    def refresh(self) -> None:
        """Draw the stages as they are now, if there is anything new to show."""
        with self._changed:
            now = self._clock()
            if now - self._job_ended_at < FIRST_DELAY:
                return
            stages = [s for _, s in sorted(self._stages.items()) if now - s.since > FIRST_DELAY]
            if not stages:
                return
            line = render(stages[:MOST_STAGES], self._width())
            if line != self._line or now - self._drawn_at > LONGEST_SILENCE:
                self._write(f"\r{line}\r")
                self._drawn_at = now
            self._line = line

    def stop(self) -> None:
        """Wipe the line and end the thread. Nothing is drawn afterwards."""
        with self._changed:
            self._wipe()
            self._stopped = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _count(self, event: TaskStarted | TaskEnded, running: int, done: int = 0) -> None:
        key = (event.stage_id, event.stage_attempt)
        stage = self._stages.get(key)
        if stage is not None:  # else a straggler of a stage that is over
            self._stages[key] = StageProgress(
                stage.stage_id, stage.total, stage.since, stage.done + done, stage.running + running
            )

    def _wipe(self) -> None:
        if self._line:
            self._write(f"\r{' ' * self._width()}\r")
            self._line = ""

    def _write(self, text: str) -> None:
        if self._stopped:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            # The terminal has gone, or the program has closed the stream: jobs go on without.
            self._stopped = True
            self._changed.notify_all()

    def _wake(self) -> None:
        if self._thread is None and not self._stopped:
            self._thread = Thread(target=self._draw, name="progress bar", daemon=True)
            self._thread.start()
        elif self._asleep:  # else it looks by itself: short jobs are not held up by waking it
            self._changed.notify_all()

    def _draw(self) -> None:
        with self._changed:
            while not self._stopped:
                self._asleep = not self._jobs
                self._changed.wait(None if self._asleep else UPDATE_PERIOD)
                if self._jobs and not self._stopped:
                    self.refresh()


def terminal_width(stream: TextIO) -> int:
    """The columns of a terminal: what COLUMNS says, else what the terminal says, else 80."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
