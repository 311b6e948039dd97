"""Probes of a model server."""
from __future__ import annotations

import http.client
import socket
import threading
import time
from dataclasses import dataclass
from typing import Callable, Literal
from urllib.parse import SplitResult

# The status decides; of the body so much is read, so that the server may close the connection properly.
MOST_BYTES = 65_536


@dataclass(frozen=True)
class Health:
    """What the probes showed. `failures`: consecutive failed ones."""

    state: Literal["loading", "ready"] = "loading"
    failures: int = 0


def after_probe(health: Health, is_healthy: bool, most_failures: int) -> Health:
    """One healthy answer makes the server ready. It is loading again after so many failed probes in a row: one that is late, while the server
    works on a large request, is no reason to take it out."""
    if is_healthy:
        return Health("ready", 0)
    failures = health.failures + 1
    return Health("loading" if failures >= most_failures else health.state, failures)


def probe(url: SplitResult, timeout: float) -> bool:
    """Whether the server answers a GET with 2xx in time, headers and body. A redirect is not followed: it is not what was asked for."""
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(str(url.hostname), url.port, timeout=timeout)
    until = time.monotonic() + timeout
    late = None
    try:
        connection.connect()
        # The timeout of a socket is for each read: a server that sends a byte now and then would never be late.
        late = threading.Timer(max(0.0, until - time.monotonic()), _shut, [connection.sock])
        late.daemon = True
        late.start()
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("GET", target, headers={"user-agent": "signalbox-reader", "connection": "close"})
        response = connection.getresponse()
        is_whole = len(response.read(MOST_BYTES)) == MOST_BYTES or not response.length
        return 200 <= response.status < 300 and is_whole and time.monotonic() < until
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        if late is not None:
            late.cancel()
        connection.close()


def _shut(connected: socket.socket) -> None:
    try:
        connected.shutdown(socket.SHUT_RDWR)
    except OSError:  # it is closed already
        pass


class Probing(threading.Thread):
    """Probes a model server, each time so long after the probe before, until it is stopped. `on_change` is called on this thread."""

    def __init__(
        self,
        url: SplitResult,
        interval: float,
        timeout: float,
        most_failures: int,
        on_change: Callable[[Literal["loading", "ready"]], None],
    ) -> None:
        super().__init__(name="signalbox-probes", daemon=True)
        self._url = url
        self._timeout = timeout
        self._interval = interval
        self._most_failures = most_failures
        self._on_change = on_change
        self._stopped = threading.Event()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        health = Health()
        while True:
            is_healthy = probe(self._url, self._timeout)
            if self._stopped.is_set():
                return
            before, health = health.state, after_probe(health, is_healthy, self._most_failures)
            if health.state != before:
                self._on_change(health.state)
            if self._stopped.wait(self._interval):
                return
