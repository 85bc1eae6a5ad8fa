"""Stop code that does not end, in the main thread and outside it."""

from __future__ import annotations

import contextvars
import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

REPEAT_S = 0.05  # code that catches the first one is hit again and again
PATIENCE = 10  # so many of them before the code is not let out of its `except:` either


class TimeLimit(BaseException):
    """The code ran too long. Not an `Exception`, so `except Exception` lets it pass."""


def run_limited(function: Callable[[], Any], seconds: float) -> Any:
    """Return `function()`, or raise `TimeLimit` when it runs longer than `seconds`.

    In the main thread on Linux and macOS an interval timer interrupts the function,
    sleeping included. Elsewhere (Windows, other threads) the function runs in a
    thread of its own, which is stopped at its next Python instruction, or left
    behind when it never comes to one.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and hasattr(signal, "setitimer"):
        return _run_with_timer(function, seconds)
    return _run_in_thread(function, seconds)


def _run_with_timer(function: Callable[[], Any], seconds: float) -> Any:
    own_code = _run_with_timer.__code__
    is_over, hits, tracer = False, 0, sys.gettrace()

    def stop(_signum: int, frame: Any) -> None:
        nonlocal hits
        # A late signal in this module's own frame finds nothing left to stop.
        if is_over or frame is None or frame.f_code is own_code:
            return
        hits += 1
        if hits > PATIENCE:
            _trap_next_line(frame, own_code)
        raise TimeLimit

    started = time.monotonic()
    previous_handler = signal.signal(signal.SIGALRM, stop)
    previous_delay, previous_interval = signal.setitimer(
        signal.ITIMER_REAL, seconds, REPEAT_S
    )
    try:
        return function()
    finally:
        is_over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        if hits > PATIENCE:
            sys.settrace(tracer)
        signal.signal(signal.SIGALRM, previous_handler or signal.SIG_DFL)
        if previous_delay:  # give another timer, such as a test's, the rest of its time
            rest = max(previous_delay - (time.monotonic() - started), 0.001)
            signal.setitimer(signal.ITIMER_REAL, rest, previous_interval)


def _trap_next_line(frame: Any, last: Any) -> None:
    """Raise on the next line that the answer's frames come to.

    In `while True: try: sleep(1); except: pass` every signal falls into the `try`. Once
    it has been caught, the next line is in the `except`, where it is not caught again.
    """

    def trap(_frame: Any, event: str, _argument: Any) -> Any:
        if event == "line":
            raise TimeLimit  # Python ends the tracing with it
        return None if event == "call" else trap

    while frame is not None and frame.f_code is not last:
        if not str(frame.f_globals.get("__name__")).startswith("lessons_lib."):
            frame.f_trace = trap
        frame = frame.f_back
    sys.settrace(trap)


def _run_in_thread(function: Callable[[], Any], seconds: float) -> Any:
    outcome: dict[str, Any] = {}
    context = contextvars.copy_context()  # a notebook finds its cell's output by it

    def work() -> None:
        try:
            outcome["value"] = context.run(function)
        except BaseException as error:  # handed over, and raised again by the caller
            outcome["error"] = error

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    deadline = time.monotonic() + seconds
    try:
        while worker.is_alive():
            worker.join(REPEAT_S)  # short, so that Ctrl-C is heard on Windows
            if worker.is_alive() and time.monotonic() > deadline:
                if time.monotonic() > deadline + 1:  # in C code: leave it behind
                    raise TimeLimit
                _interrupt(worker)
    except KeyboardInterrupt:
        _interrupt(worker)
        raise
    if "error" in outcome:
        raise outcome["error"]
    if "value" not in outcome:  # stopped before `work` could note how it ended
        raise TimeLimit
    return outcome["value"]


def _interrupt(worker: threading.Thread) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(worker.ident or 0), ctypes.py_object(TimeLimit)
    )
