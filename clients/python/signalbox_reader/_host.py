"""Several readers of one process: they share a thread, a connection, and messages."""
from __future__ import annotations

import threading
import time
from typing import Optional, Sequence

from ._broker import Log
from ._options import Destination, Identity, JsonObject, OptionError, checked, checked_destination, identity_of
from ._reader import DEREGISTRATION_SECONDS, OnStop, Reader
from ._signals import on_sigterm
from ._thread import HeartbeatThread

HEARTBEATS = "signalbox.heartbeats"
CLOSE_SECONDS = 0.7


class ReaderHost:
    def __init__(self, destination: Destination, log: Optional[Log], stop_on_sigterm: bool) -> None:
        self._log = log
        self._readers: list[Reader] = []
        self._lock = threading.RLock()
        self._is_stopped = False
        if stop_on_sigterm:
            on_sigterm(self.stop, DEREGISTRATION_SECONDS + CLOSE_SECONDS)
        self._thread = HeartbeatThread(destination, log)
        self._thread.start()

    def add(
        self,
        *,
        reader_id: str,
        consumer_groups: Sequence[str],
        model_name: str,
        model_type: str,
        device: str,
        consumer_name: Optional[str] = None,
        pids: Optional[Sequence[int]] = None,
        heartbeat_wait_interval: int = 10,
        backend: Optional[str] = None,
        config: Optional[JsonObject] = None,
        on_stop: Optional[OnStop] = None,
    ) -> Reader:
        """Starts a reader and publishes its first heartbeat, `loading`, at once. `on_stop` is called on a thread of its own, once: see the
        README. Raises OptionError that names each invalid option by its path, or says that the id is that of a running reader."""
        identity = identity_of(
            reader_id=reader_id,
            consumer_name=consumer_name,
            consumer_groups=consumer_groups,
            model_name=model_name,
            model_type=model_type,
            device=device,
            pids=pids,
            heartbeat_wait_interval=heartbeat_wait_interval,
            backend=backend,
            config=config,
        )
        return self.add_identity(identity, on_stop)

    def add_identity(self, identity: Identity, on_stop: Optional[OnStop]) -> Reader:
        with self._lock:
            if self._is_stopped:
                raise RuntimeError("The host of the readers is stopped.")
            self._readers = [reader for reader in self._readers if not reader.is_stopping]
            if any(reader.reader_id == identity.reader_id for reader in self._readers):
                raise OptionError([f"reader_id: {identity.reader_id} is a running reader of this host"])
            reader = Reader(identity, on_stop, self._thread, self._log)
            self._readers.append(reader)
            return reader

    def stop(self) -> None:
        """Deregisters all readers, waits up to 3 s for the broker's confirmations, and closes. Then the process may exit."""
        with self._lock:
            if self._is_stopped:
                return
            self._is_stopped = True
            readers = list(self._readers)
            for reader in readers:
                reader.begin_stop()
            until = time.monotonic() + DEREGISTRATION_SECONDS
            for reader in readers:
                reader.wait_for_end(until - time.monotonic())
            self._thread.close(CLOSE_SECONDS)


def start_reader_host(
    *,
    url: Optional[str] = None,
    url_file: Optional[str] = None,
    exchange: str = HEARTBEATS,
    routing_key: Optional[str] = None,
    log: Optional[Log] = None,
    stop_on_sigterm: bool = False,
) -> ReaderHost:
    """Starts a host without readers. Raises OptionError that names each invalid option."""
    return ReaderHost(checked_destination(url, url_file, exchange, routing_key), log, stop_on_sigterm)


def start_reader(
    *,
    reader_id: str,
    consumer_groups: Sequence[str],
    model_name: str,
    model_type: str,
    device: str,
    consumer_name: Optional[str] = None,
    pids: Optional[Sequence[int]] = None,
    heartbeat_wait_interval: int = 10,
    backend: Optional[str] = None,
    config: Optional[JsonObject] = None,
    on_stop: Optional[OnStop] = None,
    url: Optional[str] = None,
    url_file: Optional[str] = None,
    exchange: str = HEARTBEATS,
    log: Optional[Log] = None,
    stop_on_sigterm: bool = False,
) -> Reader:
    """Starts a reader and publishes its first heartbeat, `loading`, at once. Raises OptionError that names each invalid option."""
    identity = identity_of(
        reader_id=reader_id,
        consumer_name=consumer_name,
        consumer_groups=consumer_groups,
        model_name=model_name,
        model_type=model_type,
        device=device,
        pids=pids,
        heartbeat_wait_interval=heartbeat_wait_interval,
        backend=backend,
        config=config,
    )
    return start_single(identity, on_stop, checked_destination(url, url_file, exchange, None), log, stop_on_sigterm)


def start_single(
    identity: Identity, on_stop: Optional[OnStop], destination: Destination, log: Optional[Log], stop_on_sigterm: bool
) -> Reader:
    """A host of one reader, which ends with it."""
    checked(identity)  # before there is a thread
    host = ReaderHost(destination, log, stop_on_sigterm)
    reader = host.add_identity(identity, on_stop)
    reader.close_host = host.stop
    return reader
