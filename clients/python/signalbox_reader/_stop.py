"""The command to stop, as `DELETE /reader/{reader_id}` sends it."""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Optional

TYPE = "reader.stop"


@dataclass(frozen=True)
class StopCommand:
    reader_id: str
    boot_id: str
    """Of this incarnation."""
    requested_at: int
    """Unix ms by the clock of the gateway."""


def stop_command_of(kind: Optional[str], content: bytes) -> Optional[StopCommand]:
    """None: not a command to stop for an incarnation that has a name."""
    if kind != TYPE:
        return None
    try:
        body = json.loads(content)
        command = StopCommand(body["reader_id"], body["boot_id"], body["requested_at"])
    except (ValueError, KeyError, TypeError):
        return None
    is_valid = isinstance(command.reader_id, str) and isinstance(command.boot_id, str) and isinstance(command.requested_at, int)
    return command if is_valid else None
