#!/usr/bin/env python3
"""A model reader in Python with nothing but pika: it publishes heartbeats while it loads, serves and stops.

The package in clients/python does this and more; this is to see what travels, or to write a reader in another language.
Needs pika 1.2 or newer (Debian: python3-pika). docs/messages.md describes every member of the message.

    READER_RABBITMQ_URL=amqp://... python3 examples/reader.py --id my-reader --interval 10
"""
import argparse
import json
import logging
import os
import random
import signal
import sys
import threading
import time
import uuid

try:
    import pika
except ImportError:
    sys.exit(f"{__doc__}\nThis example needs pika 1.2 or newer: apt-get install python3-pika, or pip install pika")

EXCHANGE = "signalbox.heartbeats"
COMMANDS = "signalbox.reader-commands"
WEEK_MS = 7 * 24 * 60 * 60 * 1000  # a reader that is gone for good leaves no queue behind

logging.getLogger("pika").setLevel(logging.CRITICAL)  # this script prints one line for each lost connection instead


class Heartbeats(threading.Thread):
    """Publishes heartbeats from its own thread and connection, so that work on the main thread never delays them."""

    def __init__(self, parameters, identity, on_stop):
        super().__init__(name="heartbeats", daemon=True)
        self.parameters = parameters
        self.parameters.heartbeat = 5  # AMQP heartbeat, seconds: detects a broker that no longer answers
        self.parameters.socket_timeout = self.parameters.blocked_connection_timeout = 5
        # The broker compares user_id with the login: it proves who has sent a heartbeat, and a batch of several readers needs it.
        self.properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=1, type="reader.heartbeat", user_id=parameters.credentials.username
        )
        self.identity = {**identity, "boot_id": str(uuid.uuid4())}
        self.on_stop = on_stop
        self.state = "loading"
        self.seq = 0
        self.changed = threading.Event()

    def publish(self, state):
        """Publishes a heartbeat with a new state at once; `stopping` deregisters the reader."""
        self.state = state
        self.changed.set()

    def stop(self):
        """Deregisters the reader; gives up after three seconds if the broker is unavailable."""
        self.publish("stopping")
        self.join(timeout=3)

    def run(self):
        wait = 0.25
        while self.state != "stopped":
            try:
                with pika.BlockingConnection(self.parameters) as connection:
                    channel = connection.channel()
                    channel.confirm_delivery()
                    self.take_commands(connection)
                    while self.beat(channel) != "stopping":
                        wait = 0.25
                        self.idle(connection)
                    self.state = "stopped"
            except (pika.exceptions.AMQPError, OSError) as error:
                # Print the type only: the text of a connection error may contain the URL with its password.
                print(f"no connection to the broker ({type(error).__name__}); connecting again", flush=True)
                time.sleep(wait * random.uniform(0.5, 1))
                wait = min(5, wait * 2)

    def take_commands(self, connection):
        """Declares the queue with which DELETE /reader/{reader_id} stops this reader. Where the broker refuses it, the reader goes on without."""
        queue = f"reader.{self.identity['reader_id']}.control"
        try:
            channel = connection.channel()  # the broker closes a channel on which it refuses something
            channel.queue_declare(queue, durable=True, arguments={"x-expires": WEEK_MS})
            channel.queue_bind(queue, COMMANDS, routing_key=self.identity["reader_id"])
            channel.basic_consume(queue, self.on_command)
        except pika.exceptions.ChannelClosedByBroker as error:
            print(f"cannot be stopped by a command: the broker answered {error.reply_code}", flush=True)

    def on_command(self, channel, method, properties, body):
        """A command for another incarnation, or of another type, has no effect."""
        if properties.type == "reader.stop" and json.loads(body)["boot_id"] == self.identity["boot_id"]:
            self.on_stop()
        channel.basic_ack(method.delivery_tag)

    def beat(self, channel):
        """Publishes one heartbeat and waits until the broker has confirmed it."""
        self.changed.clear()
        self.seq += 1
        state = self.state
        body = {**self.identity, "state": state, "seq": self.seq, "sent_at": int(time.time() * 1000)}
        channel.basic_publish(EXCHANGE, self.identity["reader_id"], json.dumps(body), self.properties)
        return state

    def idle(self, connection):
        """Waits until the next heartbeat is due. The connection needs its own AMQP heartbeats meanwhile."""
        due = time.monotonic() + self.identity["heartbeat_wait_interval"]
        while not self.changed.wait(0.05) and time.monotonic() < due:
            connection.process_data_events()


def arguments():
    parser = argparse.ArgumentParser(description="A model reader that publishes heartbeats to Signalbox.")
    parser.add_argument("--url", default=os.environ.get("READER_RABBITMQ_URL"), help="default: READER_RABBITMQ_URL")
    parser.add_argument("--id", default="python-reader-0")
    parser.add_argument("--interval", type=int, default=10, help="seconds between heartbeats")
    given = parser.parse_args()
    if not given.url:
        parser.error("give --url or set READER_RABBITMQ_URL (it is in .signalbox/connection.env after `npm start`)")
    try:
        if not given.url.startswith(("amqp://", "amqps://")):
            raise ValueError
        given.parameters = pika.URLParameters(given.url)
    except (ValueError, IndexError):  # its text may contain the password
        parser.error("--url or READER_RABBITMQ_URL is not a URL that starts with amqp:// or amqps://")
    return given


def main():
    given = arguments()
    stop = threading.Event()
    heartbeats = Heartbeats(given.parameters, {
        "reader_id": given.id,
        "consumer_name": given.id,
        "consumer_groups": ["primary"],
        "model_name": "sample-model",
        "model_type": "chat",
        "device": "cpu",
        "pids": [os.getpid()],
        "heartbeat_wait_interval": given.interval,
    }, on_stop=stop.set)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    heartbeats.start()
    print(f"{given.id}: loading", flush=True)
    if not stop.wait(1):  # a real reader loads its model here
        heartbeats.publish("ready")
        print(f"{given.id}: ready", flush=True)
        # And serves requests here. Python may call the handler of a signal only when a wait has ended.
        while not stop.wait(1):
            pass
    heartbeats.stop()
    print(f"{given.id}: stopped", flush=True)


if __name__ == "__main__":
    main()
