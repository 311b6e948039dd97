#!/usr/bin/env python3
"""A consumer of changes in Python: prints each change once, also when it is delivered twice or this process is killed.

Needs pika 1.2 or newer (Debian: python3-pika). docs/messages.md describes the messages.

    CONSUMER_RABBITMQ_URL=amqp://... python3 examples/changes-consumer.py --name printer --ids handled.db
"""
import argparse
import json
import logging
import os
import signal
import sqlite3
import sys
import time

try:
    import pika
except ImportError:
    sys.exit(f"{__doc__}\nThis example needs pika 1.2 or newer: apt-get install python3-pika, or pip install pika")

EXCHANGE = "signalbox.changes"
ARGUMENTS = {
    "x-queue-type": "quorum",
    "x-single-active-consumer": True,  # a second process waits: one at a time keeps the order
    "x-delivery-limit": 1_000_000,  # RabbitMQ 4 drops a message that was returned 20 times otherwise
}
KEEP_SECONDS = 86_400

logging.getLogger("pika").setLevel(logging.CRITICAL)  # this script prints one line for each lost connection instead


class Handled:
    """The ids of the last day. The work of a real consumer belongs into the same transaction."""

    def __init__(self, file):
        self.database = sqlite3.connect(file)
        with self.database:
            self.database.execute("CREATE TABLE IF NOT EXISTS handled (id TEXT PRIMARY KEY, at REAL NOT NULL)")
            self.database.execute("DELETE FROM handled WHERE at < ?", (time.time() - KEEP_SECONDS,))

    def once(self, change, work):
        """Does the work, unless it was done for a change with this id. Where the work raises, the id is not stored."""
        with self.database:
            row = (change["id"], time.time())
            if self.database.execute("INSERT OR IGNORE INTO handled VALUES (?, ?)", row).rowcount == 1:
                work(change)


def show(change):
    name = ".".join(part for part in (change["schema"], change["table"]) if part)
    print(change["id"], change["op"], name, json.dumps(change["key"]), json.dumps(change["after"]), flush=True)


def consume(given, handled):
    """Consumes until the connection is lost."""
    queue = f"changes.{given.name}"
    with pika.BlockingConnection(given.parameters) as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True, arguments=ARGUMENTS)
        channel.queue_bind(queue, EXCHANGE, given.key)
        channel.basic_qos(prefetch_count=100)
        print(f"consuming from {queue}", file=sys.stderr, flush=True)
        for method, _, body in channel.consume(queue):
            handled.once(json.loads(body), show)
            channel.basic_ack(method.delivery_tag)  # after the work: what is not acknowledged is delivered again


def arguments():
    parser = argparse.ArgumentParser(description="Prints the changes that Signalbox publishes.")
    parser.add_argument("--url", default=os.environ.get("CONSUMER_RABBITMQ_URL"), help="default: CONSUMER_RABBITMQ_URL")
    parser.add_argument("--name", default="printer-python", help="of its queue, after `changes.`")
    parser.add_argument("--key", default="#", help="routing key, for example 'ds_abc.public.orders.*'")
    parser.add_argument("--ids", default=":memory:", help="file of the ids that were handled")
    given = parser.parse_args()
    if not given.url:
        parser.error("give --url or set CONSUMER_RABBITMQ_URL (it is in .signalbox/connection.env after `npm start`)")
    try:
        if not given.url.startswith(("amqp://", "amqps://")):
            raise ValueError
        given.parameters = pika.URLParameters(given.url)
    except (ValueError, IndexError):  # its text may contain the password
        parser.error("--url or CONSUMER_RABBITMQ_URL is not a URL that starts with amqp:// or amqps://")
    return given


def main():
    given = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        handled = Handled(given.ids)
    except sqlite3.Error as error:
        sys.exit(f"the file of --ids cannot be used: {error}")
    while True:
        try:
            consume(given, handled)
        except KeyboardInterrupt:
            return
        except BrokenPipeError:  # the reader of the output has ended, as `head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more at its exit
            return
        except (pika.exceptions.AMQPError, OSError) as error:
            # The type only: the text of a connection error may contain the URL with its password.
            print(f"no connection to the broker ({type(error).__name__}); connecting again", file=sys.stderr, flush=True)
            time.sleep(2)


if __name__ == "__main__":
    main()
