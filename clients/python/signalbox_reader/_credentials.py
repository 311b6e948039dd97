"""What may not be in a configuration that is shown: the same rule as Signalbox has, which refuses such a heartbeat."""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Optional

MAX_DEPTH = 16

# Ends in a word for a credential: `hf_token`, `apiKey`, `db-password`; not `max_tokens` or `tokenizer`.
_CREDENTIAL = re.compile(
    r"(^|_)(password|passwd|passphrase|secret|credentials?|token|api_?key|access_?key|private_?key)\Z"
)


def _looks_like_credential(name: str) -> bool:
    separated = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return _CREDENTIAL.search(separated.replace("-", "_").lower()) is not None


def objection(value: object, path: str = "config", depth: int = 0) -> Optional[str]:
    """The path of the first thing in the value that may not be there, with the reason."""
    if isinstance(value, Mapping):
        members = [(str(name), member) for name, member in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        members = [(str(index), member) for index, member in enumerate(value)]
    else:
        return None
    if depth > MAX_DEPTH:
        return f"{path} is nested more than {MAX_DEPTH} deep"
    for name, member in members:
        if isinstance(value, Mapping) and _looks_like_credential(name):
            return f"{path}.{name} looks like a credential"
        inner = objection(member, f"{path}.{name}", depth + 1)
        if inner is not None:
            return inner
    return None
