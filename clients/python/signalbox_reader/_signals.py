"""Signals on the main thread."""
from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Any, Callable, Optional

from ._options import OptionError


# So long a signal may wait.
PIECE_SECONDS = 0.5


def wait_for(event: threading.Event, seconds: Optional[float]) -> bool:
    """As its `wait`, in pieces: where a signal comes just before a wait begins, or another thread gets it, Python calls its handler only when the wait
    of the main thread has ended."""
    end = float("inf") if seconds is None else time.monotonic() + seconds
    while not event.wait(max(0.0, min(PIECE_SECONDS, end - time.monotonic()))):
        if time.monotonic() >= end:
            return False
    return True


def check_thread() -> None:
    """Raises OptionError on another thread than the main one."""
    if threading.current_thread() is not threading.main_thread():
        raise OptionError(["stop_on_sigterm: only the main thread can handle signals"])


def on_sigterm(stop: Callable[[], object], seconds: float) -> None:
    """On SIGTERM: stop, for so long at most, then do what the signal did before. For the main thread only: raises OptionError on another."""
    check_thread()
    before: Any = None

    def handle(number: int, frame: Optional[FrameType]) -> None:
        # On another thread: this one may hold a lock that stopping needs.
        stopping = threading.Thread(target=stop, name="signalbox-stop", daemon=True)
        stopping.start()
        stopping.join(seconds)
        if callable(before):
            before(number, frame)
        elif before is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    before = signal.signal(signal.SIGTERM, handle)
