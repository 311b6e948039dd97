"""The model server as a child, with the standard streams of this process."""
from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from typing import Callable, Mapping, Optional, Sequence

# Of the broker, with the key of the reader: a model server, which is another program, does not get it.
BROKER_VARIABLES = ("READER_RABBITMQ_URL", "READER_RABBITMQ_URL_FILE")
# As a shell: of a command that cannot be started, and before the number of a signal that ended one.
NOT_STARTED = 127
SIGNALLED = 128
# As many as a heartbeat may name.
MOST_PIDS = 1_000


class ModelProcess:
    def __init__(self, command: Sequence[str], env: Optional[Mapping[str, str]]) -> None:
        self._child: Optional[subprocess.Popen[bytes]] = None
        if env is None:
            env = {name: value for name, value in os.environ.items() if name not in BROKER_VARIABLES}
        try:
            self._child = subprocess.Popen(list(command), env=env)
        except OSError:
            pass
        self._exited = threading.Event()
        self._deadline: Optional[threading.Timer] = None

    def watch(self, on_exit: Callable[[int], None]) -> None:
        """Calls back once, on a thread of its own, with its exit code; 128 and the number of the signal that ended it; 127 where it could not be
        started."""

        def wait() -> None:
            code = NOT_STARTED if self._child is None else self._child.wait()
            if self._deadline is not None:
                self._deadline.cancel()
            self._exited.set()
            on_exit(code if code >= 0 else SIGNALLED - code)

        threading.Thread(target=wait, name="signalbox-model-server", daemon=True).start()

    @property
    def pids(self) -> list[int]:
        """It and those that it started, and so on, as Linux knows them; elsewhere itself only. Empty where it could not be started."""
        if self._child is None:
            return []
        found = [self._child.pid]
        for pid in found:
            found += _children_of(pid)
        return found[:MOST_PIDS]

    def end(self, number: Optional[int], kill_after: float) -> None:
        """Sends a signal, if one is given, and SIGKILL if it runs longer than that."""
        if number is not None:
            self._send(number)
        if self._deadline is None:
            self._deadline = threading.Timer(kill_after, self._send, [signal.SIGKILL])
            self._deadline.daemon = True
            self._deadline.start()

    def _send(self, number: int) -> None:
        if self._child is not None and not self._exited.is_set():
            self._child.send_signal(number)


def _children_of(pid: int) -> list[int]:
    try:
        found: list[int] = []
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += [int(child) for child in re.findall(r"\d+", file.read())]
        return found
    except OSError:  # it has ended, or this is no Linux
        return []
