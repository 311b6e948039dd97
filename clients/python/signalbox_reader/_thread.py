"""The heartbeats have a thread and a connection of their own: a reader that is busy with a request for a minute still publishes them."""
from __future__ import annotations

import json
import queue
import random
import threading
import time
from typing import Any, Callable, Optional, Sequence

from ._backoff import backoff
from ._beats import Beating, State, batch_of, next_due_at
from ._broker import Log, LogLine, Session, place_of
from ._control import ControlQueues
from ._options import Destination, Identity, OptionError
from ._stop import StopCommand


class ThreadEvents:
    """What the thread reports of one incarnation. Called on the thread: nothing here may wait."""

    def confirmed(self, beat: dict[str, Any]) -> None:
        raise NotImplementedError

    def commanded(self, command: StopCommand) -> None:
        raise NotImplementedError

    def ended(self) -> None:
        """It is deregistered, or abandoned, and its commands are acknowledged."""
        raise NotImplementedError


class HeartbeatThread(threading.Thread):
    """
    Publishes a heartbeat of each reader every interval, and at once when something changed or the connection is restored. At most one message
    is unconfirmed, and a heartbeat is built when it is published: while the broker is unavailable none are queued, and the first one after
    that has the current state. Methods without an underscore may be called from any thread, also from a handler of a signal.
    """

    def __init__(self, destination: Destination, log: Optional[Log]) -> None:
        super().__init__(name="signalbox-heartbeats", daemon=True)
        self._destination = destination
        self._user_log = log
        self._routing_key = destination.routing_key
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._readers: dict[str, Beating] = {}
        self._events: dict[str, ThreadEvents] = {}
        self._control = ControlQueues(self._log, lambda boot_id, command: self._events[boot_id].commanded(command))
        self._session: Optional[Session] = None
        self._is_closed = False
        self._is_publishing = False
        self._next: object = None
        self._failures = 0
        self._last_logged = ""

    @property
    def is_connected(self) -> bool:
        session = self._session
        return session is not None and session.is_up

    def add(self, boot_id: str, identity: Identity, is_controllable: bool, events: ThreadEvents) -> None:
        self._send(lambda: self._add(Beating(boot_id, identity), is_controllable, events))

    def update(self, boot_id: str, state: State, identity: Identity) -> None:
        """None may follow one with the state `stopping`."""
        self._send(lambda: self._update(boot_id, state, identity))

    def abandon(self, boot_id: str) -> None:
        """Ends the heartbeats of this reader without a deregistration."""
        self._send(lambda: self._end(boot_id))

    def close(self, seconds: float) -> None:
        self._send(self._close)
        self.join(seconds)

    def run(self) -> None:
        while not self._is_closed:
            reason = self._run_session()
            self._session = None
            self._is_publishing = False
            self._control.disconnected()
            if self._is_closed:
                return
            self._failures += 1
            self._log_once(LogLine("warn", f"heartbeats do not reach {self._place()}: {reason}; retrying"))
            self._wait(backoff(self._failures, random.random()))

    def _run_session(self) -> str:
        try:
            url = self._destination.url_now()
            self._session = session = Session(url, on_ready=self._ready, on_wake=self._handle_requests)
        except OptionError as error:
            return str(error)
        except Exception as error:  # pika parses more of the URL than we do; its text may contain the password
            return type(error).__name__
        try:
            return session.run()
        except Exception as error:  # of pika, or of a callback: the next session begins from the state that is kept here
            return f"unexpected {type(error).__name__}"

    def _place(self) -> str:
        try:
            return place_of(self._destination.url_now())
        except OptionError:
            return "the broker"

    def _send(self, request: Callable[[], None]) -> None:
        self._requests.put(request)
        session = self._session
        if session is not None:
            session.wake()

    def _handle_requests(self) -> None:
        while not self._requests.empty():
            self._requests.get()()

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._is_closed and (left := until - time.monotonic()) > 0:
            try:
                self._requests.get(timeout=left)()
            except queue.Empty:
                return

    def _add(self, reader: Beating, is_controllable: bool, events: ThreadEvents) -> None:
        if self._routing_key is None:
            self._routing_key = reader.identity.reader_id
        self._readers[reader.boot_id] = reader
        self._events[reader.boot_id] = events
        if is_controllable:
            self._control.add(reader.boot_id, reader.identity.reader_id)
        self._flush()

    def _update(self, boot_id: str, state: State, identity: Identity) -> None:
        reader = self._readers.get(boot_id)
        if reader is None:
            return
        reader.state = state
        reader.describe(identity)
        if state == "stopping":
            self._control.stopping(boot_id)
        self._flush()

    def _end(self, boot_id: str) -> None:
        self._control.remove(boot_id)
        self._readers.pop(boot_id, None)
        events = self._events.pop(boot_id, None)
        if events is not None:
            events.ended()

    def _close(self) -> None:
        self._is_closed = True
        if self._session is not None:
            self._session.end("closed")

    def _ready(self) -> None:
        """The connection is restored, and what was sent before may not have arrived."""
        if self._session is not None and not self._is_closed:
            self._control.connected(self._session)
        for reader in self._readers.values():
            reader.beat_now()
        self._flush()

    def _flush(self) -> None:
        """Publishes what is due, now or as soon as the message before is confirmed."""
        session = self._session
        if session is None or self._is_publishing or not session.is_up:
            return
        session.cancel(self._next)
        self._next = None
        now = time.monotonic()
        readers = list(self._readers.values())
        batch = batch_of(readers, now)
        if batch:
            return self._publish(session, batch, now)
        due_at = next_due_at(readers)
        if due_at is not None:
            self._next = session.later(due_at - now, self._flush)

    def _publish(self, session: Session, batch: Sequence[Beating], now: float) -> None:
        beats = [reader.build(now) for reader in batch]
        body = json.dumps(beats[0] if len(beats) == 1 else beats).encode()

        def on_confirmed() -> None:
            self._is_publishing = False
            self._failures = 0
            self._log_once(LogLine("info", f"heartbeats reach {self._place()}"))
            for beat in beats:
                events = self._events.get(beat["boot_id"])
                if events is not None:
                    events.confirmed(beat)
                if beat["state"] == "stopping":
                    self._end(beat["boot_id"])
            self._flush()

        self._is_publishing = True
        session.publish(self._destination.exchange, str(self._routing_key), body, on_confirmed)

    def _log_once(self, line: LogLine) -> None:
        if line.text != self._last_logged:
            self._log(line)
        self._last_logged = line.text

    def _log(self, line: LogLine) -> None:
        try:
            if self._user_log is not None:
                self._user_log(line)
        except Exception:  # as if it had not been called: heartbeats go on
            pass
