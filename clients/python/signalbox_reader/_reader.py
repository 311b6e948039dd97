"""One incarnation of a reader."""
from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass, fields, replace
from typing import Any, Callable, Optional

from ._beats import State
from ._broker import Log, LogLine
from ._options import Identity, OptionError, checked
from ._stop import StopCommand
from ._thread import HeartbeatThread, ThreadEvents

# Leaves time to close: `stop()` takes less than three seconds.
DEREGISTRATION_SECONDS = 2.2

OnStop = Callable[[StopCommand], None]


@dataclass(frozen=True)
class ReaderStatus:
    """The status on the reader's side; Signalbox may not have received it yet."""

    state: State
    boot_id: str
    """Identifies this incarnation of the reader."""
    connected: bool
    seq: Optional[int]
    """Of the last heartbeat the broker confirmed; None before the first."""
    sent_at: Optional[int]
    """When that was sent (Unix ms)."""


class Reader(ThreadEvents):
    """Publishes heartbeats until it is stopped. Its thread does not keep the process running."""

    def __init__(self, identity: Identity, on_stop: Optional[OnStop], thread: HeartbeatThread, log: Optional[Log]) -> None:
        self._identity = checked(identity)
        self._on_stop = on_stop
        self._thread = thread
        self._log = log
        self._boot_id = str(uuid.uuid4())
        self._state: State = "loading"
        self._seq: Optional[int] = None
        self._sent_at: Optional[int] = None
        self._ended = threading.Event()
        self.close_host: Callable[[], None] = lambda: None
        thread.add(self._boot_id, self._identity, on_stop is not None, self)

    @property
    def reader_id(self) -> str:
        return self._identity.reader_id

    @property
    def is_stopping(self) -> bool:
        return self._state == "stopping"

    def ready(self) -> None:
        """The model serves requests: `live` in Signalbox. Publishes a heartbeat at once."""
        self._publish("ready")

    def loading(self) -> None:
        """The model is loading (again). Publishes a heartbeat at once."""
        self._publish("loading")

    def update(self, **change: Any) -> None:
        """Changes the description of the reader. Publishes a heartbeat at once. Raises OptionError; nothing changes then."""
        known = {each.name for each in fields(Identity)} - {"reader_id"}
        unknown = [f"{name}: cannot be changed" for name in change if name not in known]
        if unknown:
            raise OptionError(unknown)
        self._identity = checked(replace(self._identity, **change))
        self._publish(self._state)

    def stop(self) -> None:
        """Deregisters the reader, and waits up to 3 s for the broker's confirmation. Then the process may exit."""
        self.begin_stop()
        self.wait_for_end(DEREGISTRATION_SECONDS)
        self.close_host()

    def begin_stop(self) -> None:
        self._publish("stopping")

    def wait_for_end(self, seconds: float) -> None:
        self._ended.wait(max(0.0, seconds))

    def abandon(self) -> None:
        """Ends the heartbeats without a deregistration, for a reader that failed: Signalbox declares it dead when its time is over."""
        if not self.is_stopping:
            self._state = "stopping"
            self._thread.abandon(self._boot_id)
        self.wait_for_end(DEREGISTRATION_SECONDS)
        self.close_host()

    def status(self) -> ReaderStatus:
        return ReaderStatus(self._state, self._boot_id, self._thread.is_connected, self._seq, self._sent_at)

    def confirmed(self, beat: dict[str, Any]) -> None:
        self._seq, self._sent_at = beat["seq"], beat["sent_at"]

    def commanded(self, command: StopCommand) -> None:
        threading.Thread(target=self._execute, args=(command,), name="signalbox-stop", daemon=True).start()

    def ended(self) -> None:
        self._ended.set()

    def _execute(self, command: StopCommand) -> None:
        if self.is_stopping:
            return
        try:
            if self._on_stop is not None:
                self._on_stop(command)
        except Exception as error:
            if self._log is not None:
                self._log(LogLine("error", f"{self.reader_id}: on_stop failed: {error}"))
        self.stop()

    def _publish(self, state: State) -> None:
        """Sends nothing after the deregistration."""
        if self.is_stopping:
            return
        self._state = state
        self._thread.update(self._boot_id, state, self._identity)

