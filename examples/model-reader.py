#!/usr/bin/env python3
"""Starts examples/model-server.py and shows it as a reader, with the package signalbox-reader. Its command does the same.

    PYTHONPATH=clients/python READER_RABBITMQ_URL=amqp://... python3 examples/model-reader.py my-model          (another port: PORT=8001)

Installed, the package needs no PYTHONPATH: pip install ./clients/python
"""
import os
import signal
import sys
from pathlib import Path

try:
    from signalbox_reader import OptionError, start_model_server_reader
except ImportError:
    sys.exit(f"{__doc__}\nThis example needs signalbox-reader and pika 1.2 or newer: pip install ./clients/python, or apt-get install python3-pika")

port = os.environ.get("PORT", "8000")
try:
    server = start_model_server_reader(
        url=os.environ.get("READER_RABBITMQ_URL", ""),
        reader_id=sys.argv[1] if len(sys.argv) > 1 else "sample-model-python",
        consumer_groups=["primary"],
        model_name="bigrams",
        model_type="completion",
        device="cpu",
        backend="python",
        config={"order": 2},
        health_url=f"http://127.0.0.1:{port}/health",
        command=[sys.executable, str(Path(__file__).with_name("model-server.py")), "--port", port],
        log=lambda line: print(line.level, line.text, file=sys.stderr, flush=True),
    )
except OptionError as error:
    sys.exit(f"{error}\nSet READER_RABBITMQ_URL (it is in .signalbox/connection.env after `npm start`).")
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda number, _: server.begin_stop(number))
sys.exit(server.wait())
