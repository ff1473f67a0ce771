"""The progress bar looks and behaves as Spark's."""

import io
import threading

import pytest

from minispark.engine.events import (
    BlocksRemoved,
    JobEnded,
    JobStarted,
    StageCompleted,
    StageInfo,
    StageSubmitted,
    TaskEnded,
    TaskStarted,
)
from minispark.ui.progress import ConsoleProgressBar, StageProgress, render, terminal_width


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    """What was written since it was last asked."""

    def news(self):
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def terminal():
    return Terminal()


@pytest.fixture
def bar(terminal, clock, monkeypatch):
    # The thread is tried by itself: here a test says when to draw.
    monkeypatch.setattr(ConsoleProgressBar, "_wake", lambda self: None)
    bar = ConsoleProgressBar(terminal, clock, width=lambda: 40)
    yield bar
    bar.stop()


def start(bar, stage=2, tasks=30, done=12, running=2, job=0):
    bar.on_event(JobStarted(job, (StageInfo(stage, "collect", 1),)))
    bar.on_event(StageSubmitted(stage, 0, tasks, job))
    for i in range(done + running):
        bar.on_event(TaskStarted(stage, 0, i, 0, i))
    for i in range(done):
        bar.on_event(TaskEnded(stage, 0, i, 0, i, True, 0.1))


@pytest.mark.parametrize(
    ("stages", "width", "line"),
    [
        (
            [StageProgress(2, 30, done=12, running=2)],
            40,
            "[Stage 2:======>          (12 + 2) / 30]",
        ),
        ([StageProgress(0, 4)], 30, "[Stage 0:>        (0 + 0) / 4]"),
        ([StageProgress(0, 4, done=4)], 30, "[Stage 0:=========(4 + 0) / 4]"),
        ([StageProgress(0, 4, done=3, running=1)], 30, "[Stage 0:======>  (3 + 1) / 4]"),
        ([StageProgress(0, 4, done=3)], 5, "[Stage 0:(3 + 0) / 4]"),
        ([StageProgress(7, 0)], 30, "[Stage 7:=========(0 + 0) / 0]"),
        (
            [StageProgress(1, 2, done=1), StageProgress(3, 2, running=2)],
            50,
            "[Stage 1:==> (1 + 0) / 2][Stage 3:>   (0 + 2) / 2]",
        ),
    ],
)
def test_a_line_shows_done_and_running_and_all_tasks_of_each_stage(stages, width, line):
    assert render(stages, width) == line


def test_nothing_shows_before_a_stage_has_run_for_half_a_second(bar, clock, terminal):
    start(bar)
    clock.now += 0.5
    bar.refresh()
    assert terminal.news() == ""
    clock.now += 0.01
    bar.refresh()
    assert terminal.news() == "\r[Stage 2:======>          (12 + 2) / 30]\r"


def test_a_line_is_drawn_again_when_it_changes_or_after_a_minute(bar, clock, terminal):
    start(bar)
    clock.now += 1
    bar.refresh()
    terminal.news()
    clock.now += 1
    bar.refresh()
    assert terminal.news() == ""
    clock.now += 60
    bar.refresh()
    assert terminal.news() == "\r[Stage 2:======>          (12 + 2) / 30]\r"
    bar.on_event(TaskEnded(2, 0, 12, 0, 12, True, 0.1))
    bar.refresh()
    assert "(13 + 1) / 30]" in terminal.news()


def test_a_failed_task_is_no_longer_running_and_not_done(bar, clock, terminal):
    start(bar)
    bar.on_event(TaskEnded(2, 0, 12, 0, 12, False, 0.1, "no luck"))
    clock.now += 1
    bar.refresh()
    assert "(12 + 1) / 30]" in terminal.news()


def test_at_most_three_stages_share_the_line(bar, clock, terminal):
    for stage in (5, 3, 4, 6):
        start(bar, stage, tasks=2, done=1, running=1, job=stage)
    clock.now += 1
    bar.refresh()
    line = terminal.news()
    assert [f"Stage {n}:" in line for n in (3, 4, 5, 6)] == [True, True, True, False]


def test_a_stage_leaves_the_line_when_it_is_over(bar, clock, terminal):
    start(bar, 1, tasks=2, done=2, running=0)
    bar.on_event(StageSubmitted(2, 0, 4, 0))
    bar.on_event(StageCompleted(1, 0))
    bar.on_event(TaskEnded(1, 0, 0, 0, 9, True, 0.1))  # a straggler
    clock.now += 1
    bar.refresh()
    assert "Stage 1" not in (line := terminal.news())
    assert "Stage 2" in line


def test_another_attempt_of_a_stage_starts_from_nothing(bar, clock, terminal):
    start(bar)
    bar.on_event(StageCompleted(2, 0, "fetch failed"))
    bar.on_event(StageSubmitted(2, 1, 3, 0))
    bar.on_event(TaskStarted(2, 1, 0, 0, 50))
    clock.now += 1
    bar.refresh()
    assert "(0 + 1) / 3]" in terminal.news()


def test_the_line_is_wiped_when_a_job_ends_and_stays_away_for_half_a_second(bar, clock, terminal):
    start(bar)
    start(bar, stage=9, job=1)
    clock.now += 1
    bar.refresh()
    terminal.news()
    bar.on_event(StageCompleted(2, 0))
    bar.on_event(JobEnded(0, True))
    assert terminal.news() == "\r" + " " * 40 + "\r"
    clock.now += 0.4
    bar.refresh()
    assert terminal.news() == ""
    clock.now += 0.2
    bar.refresh()
    assert "Stage 9" in terminal.news()


def test_a_job_that_shows_nothing_writes_nothing(bar, terminal):
    start(bar)
    bar.on_event(BlocksRemoved(3))
    bar.on_event(StageCompleted(2, 0))
    bar.on_event(JobEnded(0, True))
    assert terminal.news() == ""


def test_stages_of_a_job_that_was_given_up_do_not_come_back(bar, clock, terminal):
    start(bar)
    bar.on_event(JobEnded(0, False, "cancelled"))
    clock.now += 1
    bar.refresh()
    assert terminal.news() == ""


def test_stop_wipes_the_line_and_nothing_comes_after(bar, clock, terminal):
    start(bar)
    clock.now += 1
    bar.refresh()
    terminal.news()
    bar.stop()
    assert terminal.news() == "\r" + " " * 40 + "\r"
    bar.on_event(TaskEnded(2, 0, 12, 0, 12, True, 0.1))
    bar.refresh()
    bar.stop()
    assert terminal.news() == ""


def test_a_terminal_that_is_gone_does_no_harm(bar, clock, terminal):
    start(bar)
    clock.now += 1
    terminal.close()
    bar.refresh()
    bar.on_event(JobEnded(0, True))


def test_a_thread_draws_while_jobs_run_and_ends_with_stop():
    drawn = threading.Event()
    times = iter(range(0, 1_000_000, 10))

    class Screen(io.StringIO):
        def write(self, text):
            drawn.set()
            return super().write(text)

    before = threading.active_count()
    bar = ConsoleProgressBar(Screen(), clock=lambda: next(times), width=lambda: 40)
    assert threading.active_count() == before
    for job in range(2):
        start(bar, job=job)
        assert drawn.wait(30)
        bar.on_event(JobEnded(job, True))
        drawn.clear()
    assert threading.active_count() == before + 1
    bar.stop()
    assert threading.active_count() == before


def test_the_width_is_what_columns_says_else_80_where_there_is_no_terminal(monkeypatch, terminal):
    monkeypatch.setenv("COLUMNS", "123")
    assert terminal_width(terminal) == 123
    for nonsense in ("", "0", "wide", "-5"):
        monkeypatch.setenv("COLUMNS", nonsense)
        assert terminal_width(terminal) == 80
