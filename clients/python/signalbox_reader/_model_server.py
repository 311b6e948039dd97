"""A reader of which a model server decides the state."""
from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, replace
from typing import Literal, Mapping, Optional, Sequence
from urllib.parse import SplitResult, urlsplit

from ._broker import Log, LogLine
from ._host import HEARTBEATS, start_single
from ._options import Destination, Identity, JsonObject, OptionError, checked, checked_destination, identity_of, is_whole
from ._process import ModelProcess
from ._probe import Probing
from ._reader import OnStop, Reader
from ._signals import check_thread, on_sigterm, wait_for

# After a command was killed.
CLOSE_SECONDS = 5.0


@dataclass(frozen=True)
class Server:
    url: SplitResult
    command: Optional[Sequence[str]]
    env: Optional[Mapping[str, str]]
    probe_interval: float
    probe_timeout: float
    probe_failures: int
    stop_timeout: float


class ModelServerReader:
    """The probes, the command and the reader that shows them."""

    def __init__(
        self,
        server: Server,
        identity: Identity,
        destination: Destination,
        log: Optional[Log],
        on_stop: Optional[OnStop],
        has_own_pids: bool,
    ) -> None:
        self._server = server
        self._log = log
        self._has_own_pids = has_own_pids
        self._ended = threading.Event()
        self._code = 0
        self._stopping = threading.Lock()
        self._exited = threading.Event()
        self._process = None if server.command is None else ModelProcess(server.command, server.env)
        if self._process is not None:
            on_stop = on_stop or (lambda _: self.begin_stop())
            if not has_own_pids:
                identity = replace(identity, pids=self._process.pids)
        self.reader: Reader = start_single(identity, on_stop, destination, log, False)
        self._probing = Probing(server.url, server.probe_interval, server.probe_timeout, server.probe_failures, self._show)
        self._probing.start()
        if self._process is not None:
            self._process.watch(self._note_exit)

    def wait(self, seconds: Optional[float] = None) -> Optional[int]:
        """Returns when the reader is deregistered, or has failed, and the command has ended: its exit code, 128 and the number of the signal that
        ended it, or 127 where it could not be started. Without a command: 0. None: not in that time."""
        return self._code if wait_for(self._ended, seconds) else None

    def stop(self, number: Optional[int] = signal.SIGTERM) -> int:
        """Deregisters the reader and sends the signal to the command, both at once. Returns as `wait` does. `number` None: the command has got
        one already."""
        self.begin_stop(number)
        wait_for(self._ended, None)
        return self._code

    def begin_stop(self, number: Optional[int] = signal.SIGTERM) -> None:
        """The same without waiting; also for handlers of signals."""
        if self._process is not None:
            self._process.end(number, self._server.stop_timeout)
        if self._begins_stopping():
            self._probing.stop()
            threading.Thread(target=self._finish_stop, name="signalbox-stop", daemon=True).start()

    def _begins_stopping(self) -> bool:
        """True once. It does not wait: a handler of a signal may interrupt the thread that is here."""
        return self._stopping.acquire(blocking=False)

    def _finish_stop(self) -> None:
        self.reader.stop()
        if self._process is not None:
            self._exited.wait()
        self._ended.set()

    def _note_exit(self, code: int) -> None:
        self._code = code
        self._exited.set()
        if not self._begins_stopping():
            return
        self._probing.stop()
        if self._log is not None:
            self._log(LogLine("info" if code == 0 else "error", f"the model server ended with exit code {code}"))
        if code == 0:
            self.reader.stop()
        else:
            self.reader.loading()
            self.reader.abandon()
        self._ended.set()

    def _show(self, state: Literal["loading", "ready"]) -> None:
        if state == "loading":
            return self.reader.loading()
        # By now it has started the processes that it needs.
        if self._process is not None and not self._has_own_pids:
            self.reader.update(pids=self._process.pids)
        self.reader.ready()


def start_model_server_reader(
    *,
    health_url: str,
    reader_id: str,
    consumer_groups: Sequence[str],
    model_name: str,
    model_type: str,
    device: str,
    command: Optional[Sequence[str]] = None,
    env: Optional[Mapping[str, str]] = None,
    probe_interval: float = 2,
    probe_timeout: float = 5,
    probe_failures: int = 3,
    stop_timeout: float = 30,
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
) -> ModelServerReader:
    """Starts a reader that is loading until the health URL of the model server answers 2xx, ready as long as it does, and loading again after
    `probe_failures` failed probes in a row. With a command it starts the server, reports its processes, and can be stopped by
    `DELETE /reader/{reader_id}`. A command that ends with an error by itself leaves a reader that is declared dead; one that ends with 0
    deregisters it. Times are seconds. Raises OptionError that names each invalid option, before anything is started."""
    seconds = {"probe_interval": probe_interval, "probe_timeout": probe_timeout, "stop_timeout": stop_timeout}
    problems = _health_url_problems(health_url)
    problems += [f"{name}: must be 0.1 to 3600 seconds" for name, value in seconds.items() if not _is_seconds(value)]
    if not is_whole(probe_failures) or not 1 <= probe_failures <= 100:
        problems.append("probe_failures: must be a whole number from 1 to 100")
    if command is not None and (isinstance(command, str) or not command or not command[0]):
        problems.append("command: must be a list that is not empty")
    if problems:
        raise OptionError(problems)
    identity = identity_of(
        reader_id=reader_id,
        consumer_name=consumer_name,
        consumer_groups=consumer_groups,
        model_name=model_name,
        model_type=model_type,
        device=device,
        pids=[] if pids is None else pids,
        heartbeat_wait_interval=heartbeat_wait_interval,
        backend=backend,
        config=config,
    )
    server = Server(urlsplit(health_url), command, env, probe_interval, probe_timeout, probe_failures, stop_timeout)
    destination = checked_destination(url, url_file, exchange, None)
    if stop_on_sigterm:
        check_thread()  # before there is a process
    made = ModelServerReader(server, checked(identity), destination, log, on_stop, pids is not None)
    if stop_on_sigterm:
        on_sigterm(made.stop, stop_timeout + CLOSE_SECONDS)
    return made


def _is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0.1 <= value <= 3_600


def _health_url_problems(given: object) -> list[str]:
    """Its value is not quoted: it may contain a password."""
    problem = ["health_url: must be an http:// or https:// URL"]
    try:
        parts = urlsplit(str(given))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
            return problem
    except ValueError:
        return problem
    return ["health_url: must not contain a user or password"] if "@" in parts.netloc else []
