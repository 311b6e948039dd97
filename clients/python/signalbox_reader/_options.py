"""Options, checked before anything is started. The bounds are those of the heartbeat (docs/messages.md of Signalbox)."""
from __future__ import annotations

import json
import os
import re
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any, Callable, Mapping, Optional, Sequence
from urllib.parse import urlsplit

from ._credentials import objection

JsonObject = Mapping[str, Any]


class OptionError(ValueError):
    """Names each option that is not valid, never its value."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"The reader's options are not valid: {'; '.join(problems)}")


@dataclass(frozen=True)
class Identity:
    """The members of a heartbeat that are the same in each heartbeat until they are updated."""

    reader_id: str
    consumer_name: str
    consumer_groups: Sequence[str]
    model_name: str
    model_type: str
    device: str
    pids: Sequence[int]
    heartbeat_wait_interval: int
    backend: Optional[str] = None
    config: Optional[JsonObject] = None

    def body(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def identity_of(
    *,
    reader_id: str,
    consumer_name: Optional[str],
    consumer_groups: Sequence[str],
    model_name: str,
    model_type: str,
    device: str,
    pids: Optional[Sequence[int]],
    heartbeat_wait_interval: int,
    backend: Optional[str],
    config: Optional[JsonObject],
) -> Identity:
    """With the defaults that depend on the process and on other options."""
    return Identity(
        reader_id=reader_id,
        consumer_name=reader_id if consumer_name is None else consumer_name,
        consumer_groups=consumer_groups,
        model_name=model_name,
        model_type=model_type,
        device=device,
        pids=[os.getpid()] if pids is None else pids,
        heartbeat_wait_interval=heartbeat_wait_interval,
        backend=backend,
        config=config,
    )


READER_ID = re.compile(r"[A-Za-z0-9._:/-]{1,200}")
INT32 = range(-(2**31), 2**31)


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text_problem(value: object, most: int) -> Optional[str]:
    if not isinstance(value, str):
        return "must be text"
    if not 1 <= len(value) <= most:
        return f"must be 1 to {most} characters"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        return "must not contain control characters or broken Unicode"
    return None


def _list_problems(name: str, value: object, most: int, problem: Callable[[object], Optional[str]]) -> list[str]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Sequence):
        return [f"{name}: must be a list"]
    if len(value) > most:
        return [f"{name}: must have at most {most} elements"]
    found = ((index, problem(element)) for index, element in enumerate(value))
    return [f"{name}.{index}: {text}" for index, text in found if text is not None]


def _int32_problem(value: object) -> Optional[str]:
    return None if is_whole(value) and value in INT32 else "must be a whole number of 32 bits"


def _config_problems(config: object) -> list[str]:
    if not isinstance(config, Mapping):
        return ["config: must be an object"]
    text = objection(config)
    if text is not None:
        return [f"config: {text}"]
    try:
        json.dumps(config, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return ["config: has no JSON form"]
    return []


def checked(identity: Identity) -> Identity:
    """Returns a copy in its JSON form. Raises OptionError that names each invalid member by its path."""
    problems = []
    if not isinstance(identity.reader_id, str) or READER_ID.fullmatch(identity.reader_id) is None:
        problems.append("reader_id: must be 1 to 200 of A-Z a-z 0-9 . _ : / -")
    texts = {"consumer_name": 200, "model_name": 500, "model_type": 100, "device": 100}
    if identity.backend is not None:
        texts["backend"] = 100
    for name, most in texts.items():
        text = _text_problem(getattr(identity, name), most)
        if text is not None:
            problems.append(f"{name}: {text}")
    problems += _list_problems("consumer_groups", identity.consumer_groups, 100, lambda group: _text_problem(group, 200))
    problems += _list_problems("pids", identity.pids, 1_000, _int32_problem)
    if not is_whole(identity.heartbeat_wait_interval) or not 1 <= identity.heartbeat_wait_interval <= 86_400:
        problems.append("heartbeat_wait_interval: must be a whole number of seconds from 1 to 86400")
    if identity.config is not None:
        problems += _config_problems(identity.config)
    if problems:
        raise OptionError(problems)
    return Identity(**json.loads(json.dumps(identity.body())))


@dataclass(frozen=True)
class Destination:
    """Where the messages of a host go. `routing_key` None: the id of the first reader."""

    url: Optional[str]
    url_file: Optional[str]
    exchange: str
    routing_key: Optional[str]

    def url_now(self) -> str:
        """The URL of now. Raises OptionError without quoting it: it holds a password."""
        if self.url is not None:
            return _checked_url(self.url, "url")
        name = f"url_file: {self.url_file}"
        try:
            with open(str(self.url_file), encoding="utf-8") as file:
                return _checked_url(file.read().strip(), name)
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError([f"{name} cannot be read ({type(error).__name__})"]) from None


def _checked_url(url: object, name: str) -> str:
    problem = OptionError([f"{name}: must be an amqp:// or amqps:// URL with a host"])
    try:
        parts = urlsplit(str(url))
        if parts.scheme in ("amqp", "amqps") and parts.hostname and (parts.port is None or parts.port > 0):
            return str(url)
    except ValueError:
        raise problem from None  # its text may contain the password
    raise problem


def checked_destination(
    url: Optional[str], url_file: Optional[str], exchange: str, routing_key: Optional[str]
) -> Destination:
    """Raises OptionError that names each invalid option."""
    if (url is None) == (url_file is None):
        raise OptionError(["url: give either url or url_file"])
    if not exchange:
        raise OptionError(["exchange: must not be empty"])
    # What the broker believes about a key it decides as for the id of a reader.
    if routing_key is not None and READER_ID.fullmatch(routing_key) is None:
        raise OptionError(["routing_key: must be 1 to 200 of A-Z a-z 0-9 . _ : / -"])
    destination = Destination(url, url_file, exchange, routing_key)
    destination.url_now()
    return destination
