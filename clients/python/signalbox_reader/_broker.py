"""One connection to the broker with one confirm channel, on pika's own loop."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterator, Literal, Optional
from urllib.parse import urlsplit

import pika
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker, ProbableAuthenticationError

CONNECT_SECONDS = 5
CONFIRM_SECONDS = 5.0
CLOSE_SECONDS = 0.5
# Of AMQP: it detects a silent broker within seconds.
AMQP_HEARTBEAT_SECONDS = 5


@dataclass(frozen=True)
class LogLine:
    """A log line for the operator of the reader. It contains no credentials."""

    level: Literal["info", "warn", "error"]
    text: str


Log = Callable[[LogLine], None]


def parameters_of(url: str) -> pika.URLParameters:
    parameters = pika.URLParameters(url)
    parameters.heartbeat = AMQP_HEARTBEAT_SECONDS
    parameters.socket_timeout = parameters.stack_timeout = CONNECT_SECONDS
    parameters.connection_attempts = 1
    return parameters


def place_of(url: str) -> str:
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    return f"{parts.hostname}{port}{parts.path}"


def _causes(error: object) -> Iterator[object]:
    yield error
    for inner in (getattr(error, "exception", None), *getattr(error, "exceptions", ()), *getattr(error, "args", ())):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def reason_of(error: object) -> str:
    """The reason of an error, without its own text: that of pika may contain the URL with its password."""
    for cause in _causes(error):
        if isinstance(cause, (ChannelClosedByBroker, ConnectionClosedByBroker)):
            return f"{cause.reply_code} {cause.reply_text}"
        if isinstance(cause, ProbableAuthenticationError):
            return "the broker refuses the login"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return type(error).__name__


class Session:
    """When the connection or its confirm channel fails, both end. Everything but `wake` belongs to the thread of `run`."""

    def __init__(self, url: str, on_ready: Callable[[], None], on_wake: Callable[[], None]) -> None:
        """`on_ready`: called when messages can be published, again after the broker was short of memory. `on_wake`: after each `wake`."""
        self._on_ready = on_ready
        self._on_wake = on_wake
        self._is_blocked = False
        self._ended: Optional[str] = None
        self._channel: Any = None
        self._on_confirmed: Optional[Callable[[], None]] = None
        self._overdue: Any = None
        parameters = parameters_of(url)
        # The broker compares it with the login: it proves to others who has sent a heartbeat.
        self._properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=1,
            type="reader.heartbeat",
            user_id=parameters.credentials.username,
        )
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=self._opened,
            on_open_error_callback=lambda _, error: self._closed(error),
            on_close_callback=lambda _, error: self._closed(error),
        )

    @property
    def is_up(self) -> bool:
        return self._channel is not None and self._ended is None and not self._is_blocked

    def run(self) -> str:
        """Returns the reason when the session has ended."""
        self.wake()
        self._connection.ioloop.start()
        self._connection.ioloop.close()
        return self._ended or "the connection was closed"

    def wake(self) -> None:
        """May be called from any thread."""
        self._connection.ioloop.add_callback_threadsafe(self._on_wake)

    def later(self, seconds: float, callback: Callable[[], None]) -> object:
        timer: object = self._connection.ioloop.call_later(max(0.0, seconds), callback)
        return timer

    def cancel(self, timer: object) -> None:
        if timer is not None:
            self._connection.ioloop.remove_timeout(timer)

    def publish(self, exchange: str, routing_key: str, body: bytes, on_confirmed: Callable[[], None]) -> None:
        """To be called for one message at a time. Where the broker does not confirm it, the session ends."""
        self._on_confirmed = on_confirmed
        self._overdue = self.later(CONFIRM_SECONDS, self._check_confirm)
        self._channel.basic_publish(exchange, routing_key, body, self._properties)

    def open_channel(self, on_open: Callable[[Any], None], on_close: Callable[[object, object], None]) -> None:
        """Another channel, whose end does not end the session."""

        def opened(channel: Any) -> None:
            channel.add_on_close_callback(on_close)
            on_open(channel)

        if self._connection.is_open:
            self._connection.channel(on_open_callback=opened)

    def end(self, reason: str) -> None:
        """Ends the session, and waits half a second at most for the broker, which may not answer."""
        if self._ended is not None:
            return
        self._ended = reason
        self.later(CLOSE_SECONDS, self._connection.ioloop.stop)
        if not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()

    def _opened(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(lambda *_: self._block())
        connection.add_on_connection_unblocked_callback(lambda *_: self._unblock())
        self._connection.channel(on_open_callback=self._channel_opened)

    def _channel_opened(self, channel: Any) -> None:
        channel.add_on_close_callback(lambda _, error: self.end(reason_of(error)))
        channel.confirm_delivery(self._settled, callback=lambda _: self._confirming(channel))

    def _confirming(self, channel: Any) -> None:
        self._channel = channel
        self._on_ready()

    def _settled(self, frame: Any) -> None:
        self.cancel(self._overdue)
        if frame.method.NAME != "Basic.Ack":
            return self.end("the broker refused a heartbeat")
        on_confirmed, self._on_confirmed = self._on_confirmed, None
        if on_confirmed is not None:
            on_confirmed()

    def _check_confirm(self) -> None:
        if self._is_blocked:
            self._overdue = self.later(CONFIRM_SECONDS, self._check_confirm)
        else:
            self.end(f"the broker confirmed nothing for {CONFIRM_SECONDS:.0f} s")

    def _block(self) -> None:
        """The broker is short of memory or disk and stops reading; messages that are published then would only be queued here."""
        self._is_blocked = True

    def _unblock(self) -> None:
        self._is_blocked = False
        if self.is_up:
            self._on_ready()

    def _closed(self, error: object) -> None:
        if self._ended is None:
            self._ended = reason_of(error)
        self._connection.ioloop.stop()

