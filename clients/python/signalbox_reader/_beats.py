"""Which heartbeat is due when, and what it says. No I/O."""
from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, Literal, Optional, Sequence

from ._options import Identity

State = Literal["loading", "ready", "stopping"]

# Fewer than a message may carry, so that it stays small for the broker.
MOST_HEARTBEATS = 1_000
# Signalbox reads 8 MiB; characters that are not ASCII are escaped.
MOST_CHARACTERS = 1_000_000
# A heartbeat may be early by so much of its interval, and by a second at most, to share the message of another.
EARLY = 0.1
EARLY_SECONDS = 1.0
# A heartbeat without the configuration does not change what Signalbox keeps of it. This bounds how long one that was lost is missing.
CONFIG_EVERY_SECONDS = 60.0


@dataclass
class Beating:
    """A reader's own rhythm and state. Times are monotonic seconds."""

    boot_id: str
    identity: Identity
    state: State = "loading"
    seq: int = 0
    due_at: float = 0.0
    config_due_at: float = 0.0
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.describe(self.identity)

    def describe(self, identity: Identity) -> None:
        self.identity = identity
        self.size = len(json.dumps(identity.body()))
        self.beat_now()

    def beat_now(self) -> None:
        self.due_at = self.config_due_at = 0.0

    @property
    def soon_at(self) -> float:
        return self.due_at - min(EARLY_SECONDS, self.identity.heartbeat_wait_interval * EARLY)

    def build(self, now: float) -> dict[str, Any]:
        self.seq += 1
        self.due_at = now + self.identity.heartbeat_wait_interval
        body = self.identity.body()
        if self.config_due_at > now:
            body.pop("config", None)
        else:
            self.config_due_at = now + CONFIG_EVERY_SECONDS
        sent_at = time.time_ns() // 1_000_000
        return {**body, "state": self.state, "boot_id": self.boot_id, "seq": self.seq, "sent_at": sent_at}


def batch_of(readers: Sequence[Beating], now: float) -> Sequence[Beating]:
    """The readers of the next message: those that are due, then those that soon are. None where none is due. So readers that were started
    one after the other come to share messages, and no heartbeat is ever late for it."""
    due = [reader for reader in readers if reader.due_at <= now]
    if not due:
        return due
    return _bounded(due + [reader for reader in readers if reader.due_at > now >= reader.soon_at])


def _bounded(readers: Sequence[Beating]) -> Sequence[Beating]:
    """One that is too large for any message is sent alone."""
    characters = 0
    for index, reader in enumerate(readers[:MOST_HEARTBEATS]):
        characters += reader.size
        if index > 0 and characters > MOST_CHARACTERS:
            return readers[:index]
    return readers[:MOST_HEARTBEATS]


def next_due_at(readers: Sequence[Beating]) -> Optional[float]:
    return min((reader.due_at for reader in readers), default=None)
