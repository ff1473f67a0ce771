"""What tasks in worker processes ask, answered on the driver.

    worker --question--> slot thread --> answering thread --answer--> worker

An answer may take its time: at a barrier the others have to come, and a block that another task
computes has to be there. Meanwhile the slot's thread watches the worker, which may print, or die.
So each worker has a thread of its own that answers. It ends with the worker, or, if the worker dies
while it waits for something, once that has come, or will not come.

Must not know: how a worker is made, and how it ends.
"""

from __future__ import annotations

import pickle
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from minispark.engine import binaries, exceptions
from minispark.engine.blocks import ToWrite
from minispark.engine.executors.channel import Channel
from minispark.engine.executors.worker import ANSWER, ERROR
from minispark.engine.localdir import remove_file
from minispark.engine.sharing import preparations
from minispark.engine.task import Task, TaskSet


class Binary:
    """The bytes of a task set, made when the first worker asks for them."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._lock = threading.Lock()  # guards what follows
        self._data: bytes | None = None

    def data(self, task_set: TaskSet) -> bytes:
        with self._lock:
            if self._data is None:
                self._data = binaries.dumps(task_set, preparations())
            return self._data


class Attempt:
    """A task that runs in a worker, and what it was told to do besides."""

    def __init__(self, task: Task, binary: Binary) -> None:
        self.task = task
        self.binary = binary
        self._lock = threading.Lock()  # guards what follows
        self._begun: dict[tuple[int, int], str] = {}
        """Where it is writing cached partitions, as it was told to."""
        self._has_ended = False

    def answer(self, what: str, *arguments: Any) -> Any:
        """The answer to a question; raises what the worker is to raise. It may take its time."""
        if what == "task_set":
            return self.binary.data(self.task.set)
        if what == "meet":
            assert self.task.barrier is not None
            return self.task.barrier.meet(*arguments)
        if what == "may_commit":
            return self.task.commits is None or self.task.commits.may_commit(*arguments)
        block = arguments[:2]
        path = None
        if what in ("commit", "give_up"):
            with self._lock:
                path = self._begun.pop(block, None)
        answer = getattr(self.task.blocks, what)(*arguments)
        if path is not None and not answer:
            # The worker has it open, if it reads it. It may be ended before it removes it.
            remove_file(path)
        if what == "find_or_begin" and isinstance(answer, ToWrite):
            with self._lock:
                self._begun[block] = answer.path
                has_ended = self._has_ended
            if has_ended:
                self.end()
        return answer

    def end(self) -> None:
        """It is no more: what it has begun, or is told to begin from now on, others may write."""
        with self._lock:
            self._has_ended = True
            begun, self._begun = self._begun, {}
        for (rdd_id, partition), path in begun.items():
            self.task.blocks.give_up(rdd_id, partition, self.task.id.task_id)
            remove_file(path)


class Answers:
    """The answers that one worker gets, in the order of its questions."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._questions: SimpleQueue[tuple[Attempt, bytearray] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="minispark-answers", daemon=True)
        self._thread.start()

    def give(self, attempt: Attempt, question: bytearray) -> None:
        """Send the answer to a question of an attempt, once it is there. Does not wait for it."""
        self._questions.put((attempt, question))

    def close(self) -> None:
        """There will be no more questions. Does not wait for an answer that is still to come."""
        self._questions.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the end of the thread, once closed, but no longer than that."""
        self._thread.join(seconds)

    def _serve(self) -> None:
        while (asked := self._questions.get()) is not None:
            with suppress(OSError):  # the worker is gone, which its slot's thread finds out
                self._answer(*asked)
            del asked  # an idle worker's thread holds no lineage

    def _answer(self, attempt: Attempt, question: bytearray) -> None:
        try:
            what, arguments = pickle.loads(question)
            answer = pickle.dumps(attempt.answer(what, *arguments), pickle.HIGHEST_PROTOCOL)
        except Exception as exc:
            self._channel.send(ERROR, exceptions.dumps(exc.with_traceback(None)))
        else:
            self._channel.send(ANSWER, answer)
