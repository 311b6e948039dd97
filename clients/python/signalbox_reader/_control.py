"""The queues for commands of the readers that can be stopped. Heartbeats go on where the broker refuses one."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from pika.exceptions import ChannelClosedByBroker

from ._broker import Log, LogLine, Session, reason_of
from ._stop import StopCommand, stop_command_of

EXCHANGE = "signalbox.reader-commands"
# A reader that is gone for good, whose id may have been random, leaves no queue behind: after a week without a consumer it is deleted.
ARGUMENTS = {"x-expires": 7 * 24 * 60 * 60 * 1_000}
# The broker answered that the queue is there with other arguments.
PRECONDITION_FAILED = 406
# After a queue was refused, or deleted.
AGAIN_SECONDS = 60.0


@dataclass
class Controlled:
    boot_id: str
    reader_id: str
    consumer_tag: Optional[str] = None
    # A command is acknowledged when the deregistration is confirmed; the broker delivers it again on another connection.
    unacknowledged: list[int] = field(default_factory=list)
    # Whether a command was handed on. A connection may be lost after that, and the command is delivered again.
    is_handed: bool = False
    # It takes no further command.
    is_stopping: bool = False
    is_refused: bool = False

    @property
    def queue(self) -> str:
        return f"reader.{self.reader_id}.control"


class ControlQueues:
    """Belongs to the thread of the session."""

    def __init__(self, log: Log, on_stop: Callable[[str, StopCommand], None]) -> None:
        """`on_stop`: called once for each incarnation, with the first command that is for it."""
        self._log = log
        self._on_stop = on_stop
        self._readers: dict[str, Controlled] = {}
        self._session: Optional[Session] = None
        self._channel: Any = None  # of all consumers
        self._declaring: Any = None  # the broker closes a channel on which it refuses something
        self._current: Optional[Controlled] = None
        self._is_passive = False
        self._again: object = None
        self._last_refusal = ""

    def add(self, boot_id: str, reader_id: str) -> None:
        self._readers[boot_id] = Controlled(boot_id, reader_id)
        self._consume_next()

    def stopping(self, boot_id: str) -> None:
        """Takes no further command: it may be for the next incarnation, whose process may run already."""
        reader = self._readers.get(boot_id)
        if reader is None:
            return
        reader.is_stopping = True
        tag, reader.consumer_tag = reader.consumer_tag, None
        if tag is not None and self._is_consuming:
            self._channel.basic_cancel(tag)

    def remove(self, boot_id: str) -> None:
        """Acknowledges the commands of an incarnation that is deregistered. Its queue stays for the next one."""
        reader = self._readers.pop(boot_id, None)
        if reader is not None and self._is_consuming:
            for tag in reader.unacknowledged:
                self._channel.basic_ack(tag)

    def connected(self, session: Session) -> None:
        """To be called with each new session; once more with one that was blocked it has no effect."""
        if self._session is session:
            return
        self.disconnected()
        self._session = session
        self._consume_next()

    def disconnected(self) -> None:
        self._session = self._declaring = self._current = self._again = None
        self._last_refusal = ""
        self._forget_consumers()

    @property
    def _is_consuming(self) -> bool:
        return self._channel is not None and self._channel.is_open

    def _forget_consumers(self) -> None:
        self._channel = None
        for reader in self._readers.values():
            reader.consumer_tag = None
            reader.unacknowledged = []
            reader.is_refused = False

    def _consume_next(self) -> None:
        """Consumes the queues that are not consumed yet, one after the other."""
        if self._session is None or self._current is not None:
            return
        for reader in self._readers.values():
            if reader.consumer_tag is None and not reader.is_stopping and not reader.is_refused:
                self._current = reader
                self._is_passive = False
                return self._declare()

    def _declare(self) -> None:
        if self._declaring is not None and self._declaring.is_open:
            return self._declare_on(self._declaring)
        if self._session is not None:
            self._session.open_channel(self._declare_on, self._declaring_closed)

    def _declare_on(self, channel: Any) -> None:
        reader, self._declaring = self._current, channel
        if reader is None:
            return
        # A queue that is there with other arguments is used as it is.
        arguments = None if self._is_passive else ARGUMENTS
        channel.queue_declare(
            reader.queue,
            passive=self._is_passive,
            durable=True,
            arguments=arguments,
            callback=lambda _: channel.queue_bind(
                reader.queue, EXCHANGE, routing_key=reader.reader_id, callback=lambda _: self._consume(reader)
            ),
        )

    def _declaring_closed(self, channel: object, error: object) -> None:
        if self._declaring is channel:
            self._declaring = None
        reader = self._current
        if reader is None or self._session is None:
            return
        if isinstance(error, ChannelClosedByBroker) and error.reply_code == PRECONDITION_FAILED and not self._is_passive:
            self._is_passive = True
            return self._declare()
        text = f"{reader.reader_id} cannot be stopped by a command: {reason_of(error)}"
        if text != self._last_refusal:
            self._log(LogLine("warn", text))
        self._last_refusal = text
        reader.is_refused = True
        self._current = None
        self._consume_later()
        self._consume_next()

    def _consume(self, reader: Controlled) -> None:
        if self._is_consuming:
            return self._consume_on(self._channel)
        if self._session is not None:
            self._session.open_channel(self._consume_on, self._consuming_closed)

    def _consume_on(self, channel: Any) -> None:
        reader, self._current, self._channel = self._current, None, channel
        if not getattr(channel, "signalbox_listens", False):
            channel.signalbox_listens = True
            channel.add_on_cancel_callback(self._cancelled)
        if reader is not None and not reader.is_stopping:
            reader.consumer_tag = channel.basic_consume(
                reader.queue,
                lambda _, method, properties, body: self._receive(reader, method.delivery_tag, properties.type, body),
            )
        self._consume_next()

    def _consuming_closed(self, channel: object, _error: object) -> None:
        if self._channel is channel and self._session is not None:
            self._forget_consumers()
            self._consume_later()

    def _cancelled(self, frame: Any) -> None:
        """The queue was deleted."""
        for reader in self._readers.values():
            if reader.consumer_tag == frame.method.consumer_tag:
                reader.consumer_tag = None
                reader.is_refused = True
        self._consume_later()

    def _receive(self, reader: Controlled, tag: int, kind: Optional[str], body: bytes) -> None:
        command = stop_command_of(kind, body)
        if command is None or command.boot_id != reader.boot_id:
            return self._channel.basic_ack(tag)  # type: ignore[no-any-return]
        reader.unacknowledged.append(tag)
        if not reader.is_handed:
            reader.is_handed = True
            self._on_stop(reader.boot_id, command)

    def _consume_later(self) -> None:
        if self._session is None:
            return
        self._session.cancel(self._again)
        self._again = self._session.later(AGAIN_SECONDS, self._retry)

    def _retry(self) -> None:
        self._again = None
        for reader in self._readers.values():
            reader.is_refused = False
        self._consume_next()
