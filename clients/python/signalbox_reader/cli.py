"""The command signalbox-reader."""
from __future__ import annotations

import json
import os
import signal
import sys
from types import FrameType
from typing import Any, Mapping, Optional, Sequence

from ._model_server import ModelServerReader, start_model_server_reader
from ._options import OptionError
from ._process import BROKER_VARIABLES
from ._usage import USAGE

WRONG_OPTION = 2
FORWARDED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
REQUIRED = ("id", "model", "health")
OPTIONS = (
    *REQUIRED,
    "type",
    "device",
    "groups",
    "name",
    "backend",
    "config-file",
    "interval",
    "pids",
    "probe-interval",
    "probe-timeout",
    "probe-failures",
    "stop-timeout",
)


class UsageError(Exception):
    """Says which argument is wrong."""


def print_line(text: str) -> None:
    try:
        print(f"signalbox-reader: {text}", file=sys.stderr, flush=True)
    except OSError:  # the reader of the output has ended: heartbeats go on
        pass


def read_arguments(argv: Sequence[str], env: Mapping[str, str]) -> Optional[tuple[dict[str, str], Sequence[str]]]:
    """The options with those of the environment, and the command. None: the help is wanted."""
    end = argv.index("--") if "--" in argv else len(argv)
    given: dict[str, str] = {}
    own = iter(argv[:end])
    for argument in own:
        if argument in ("-h", "--help"):
            return None
        name, is_joined, value = argument.partition("=")
        if name == "--url":
            raise UsageError("--url: every process of this machine can read a command line. Set READER_RABBITMQ_URL instead.")
        if not name.startswith("--") or name[2:] not in OPTIONS:
            raise UsageError(f"Unknown option '{name}'.")
        if not is_joined:
            value = next(own, "--")
            if value.startswith("--"):
                raise UsageError(f"Option '{name} <value>' argument missing.")
        given[name[2:]] = value
    for option in OPTIONS:
        # An empty variable counts as none, as in a template that sets all of them.
        variable = env.get(f"SIGNALBOX_READER_{option.upper().replace('-', '_')}")
        if variable:
            given.setdefault(option, variable)
    return given, argv[end + 1 :]


def server_options(given: Mapping[str, str], command: Sequence[str], env: Mapping[str, str]) -> dict[str, Any]:
    """Values are checked where the reader is started."""
    missing = [name for name in REQUIRED if name not in given]
    if missing:
        raise UsageError(f"Give {', '.join(f'--{name}' for name in missing)}.")
    url, url_file = (env.get(name) or None for name in BROKER_VARIABLES)
    if (url is None) == (url_file is None):
        raise UsageError("Set either READER_RABBITMQ_URL or READER_RABBITMQ_URL_FILE.")
    options = {
        "url": url,
        "url_file": url_file,
        "reader_id": given["id"],
        "model_name": given["model"],
        "health_url": given["health"],
        "model_type": given.get("type", "chat"),
        "device": given.get("device", "cpu"),
        "consumer_groups": _list(given.get("groups", "primary")),
        "consumer_name": given.get("name"),
        "backend": given.get("backend"),
        "config": _config(given.get("config-file")),
        "heartbeat_wait_interval": _number(given.get("interval")),
        "pids": [_number(pid) for pid in _list(given["pids"])] if "pids" in given else None,
        "probe_interval": _number(given.get("probe-interval")),
        "probe_timeout": _number(given.get("probe-timeout")),
        "probe_failures": _number(given.get("probe-failures")),
        "stop_timeout": _number(given.get("stop-timeout")),
        "command": list(command) or None,
    }
    return {name: value for name, value in options.items() if value is not None}


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(text: Optional[str]) -> Any:
    """A text that is no number stays one: it is refused where options are checked."""
    for kind in (int, float):
        try:
            return None if text is None else kind(text)
        except ValueError:
            pass
    return text


def _config(file: Optional[str]) -> Any:
    if file is None:
        return None
    try:
        with open(file, encoding="utf-8") as opened:
            return json.load(opened)
    except OSError as error:
        raise UsageError(f"--config-file: {file} cannot be read ({type(error).__name__})") from None
    except ValueError:  # its text quotes the file
        raise UsageError(f"--config-file: {file} is not JSON") from None


def start(argv: Sequence[str], env: Mapping[str, str]) -> Optional[ModelServerReader]:
    """None: the help was printed."""
    arguments = read_arguments(argv, env)
    if arguments is None:
        print(USAGE)
        return None
    return start_model_server_reader(**server_options(*arguments, env), log=lambda line: print_line(line.text))


def main() -> int:
    server: Optional[ModelServerReader] = None
    early: list[int] = []
    # None: this process was started without standard input.
    has_terminal = sys.stdin is not None and sys.stdin.isatty()

    def forward(number: int, _frame: Optional[FrameType]) -> None:
        if server is None:
            early.append(number)
            return
        # The terminal sends Ctrl-C to the command, too.
        server.begin_stop(None if number == signal.SIGINT and has_terminal else number)

    for each in FORWARDED:
        signal.signal(each, forward)
    try:
        server = start(sys.argv[1:], dict(os.environ))
    except (UsageError, OptionError) as error:
        print_line(f"{error}\n--help lists the options.")
        return WRONG_OPTION
    if server is None:
        return 0
    for number in early:
        forward(number, None)
    return server.wait() or 0
