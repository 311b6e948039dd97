"""Reader clients in a process of its own, driven by lines of JSON, as driver.mjs is: tests of both run the same steps."""
import json
import sys
import threading
import time
from dataclasses import asdict

from signalbox_reader import start_reader, start_reader_host

readers = {}
hosts = []
released = threading.Event()
printing = threading.Lock()


def show(**event):
    with printing:
        print(json.dumps(event), flush=True)


def log(line):
    show(event="log", **asdict(line))


def on_stop(mode):
    if mode is None:
        return None

    def run(command):
        show(event="command", command=asdict(command))
        if mode == "fails":
            raise ValueError("as asked")
        if mode == "waits":
            released.wait()

    return run


def settings(step):
    callback = on_stop(step.get("on_stop"))
    return {**step["options"], **({"on_stop": callback} if callback else {})}


def end(reader, how, reader_id):
    getattr(reader, how)()
    show(event="stopped", id=reader_id)


def run(step):
    name, reader_id = step["step"], step.get("id")
    if name == "start":
        readers[step["options"].get("reader_id")] = start_reader(**settings(step), log=log)
    elif name == "host":
        hosts.append(start_reader_host(**step["options"], log=log))
    elif name == "add":
        readers[step["options"]["reader_id"]] = hosts[-1].add(**settings(step))
    elif name in ("ready", "loading"):
        getattr(readers[reader_id], name)()
    elif name == "update":
        readers[reader_id].update(**step["change"])
    elif name == "status":
        show(event="status", status=asdict(readers[reader_id].status()))
    elif name in ("stop", "abandon"):
        end(readers[reader_id], name, reader_id)
    elif name == "stop_host":
        hosts[-1].stop()
        show(event="stopped")
    elif name == "release":
        released.set()
    elif name == "busy":
        until = time.monotonic() + step["ms"] / 1_000
        while time.monotonic() < until:
            pass
        show(event="idle")


for line in sys.stdin:
    try:
        run(json.loads(line))
    except (ValueError, TypeError) as error:
        show(event="error", message=str(error))
