#!/usr/bin/env python3
"""A dataplane's agent in Python: reports how it is, and exits when it is told to, so that its supervisor starts it again.

Needs pika 1.2 or newer (Debian: python3-pika). docs/messages.md describes every member of the messages.

    AGENT_RABBITMQ_URL=amqp://... python3 examples/dataplane-agent.py --name my-dataplane
"""
import argparse
import json
import logging
import os
import sys
import time
import uuid

import pika

REPORTS = "signalbox.reports"
INTERVAL = float(os.environ.get("AGENT_INTERVAL", "5"))  # seconds between two reports
BOOT_ID = str(uuid.uuid4())
STARTED_AT = int(time.time() * 1000)
logging.getLogger("pika").setLevel(logging.CRITICAL)  # what it would say, this script says in one line


class Agent:
    def __init__(self, name):
        self.name, self.control, self.seq, self.obeying = name, f"dataplane.{name}.control", 0, None

    def report(self, channel, state):
        self.seq += 1
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
        status = {
            "build_date": time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(__file__))), "implementation_version": "example",
            "git_hash": "unknown", "spark_version": "none", "driver_free_memory_mb": free, "max_executors": 0,
            "max_memory_per_executor_mb": 0, "cores_per_executor": 0, "max_dataframe_size_mb": 0, "thread_pool_parallelism": 0,
        }
        body = {
            "dataplane": self.name, "boot_id": BOOT_ID, "seq": self.seq, "state": state, "engine": "example", "pid": os.getpid(),
            "started_at": STARTED_AT, "status": status, "thread_pool": {"running": [], "queued": 0, "channels": 1},
        }
        properties = pika.BasicProperties(content_type="application/json", delivery_mode=1, type="dataplane.report")
        channel.basic_publish(REPORTS, f"dataplane.{self.name}", json.dumps(body), properties)

    def tell(self, channel, restart_id, step):
        """Returns when the broker keeps it: it raises where no queue takes it, and the id makes a repeat harmless."""
        body = {"dataplane": self.name, "boot_id": BOOT_ID, "at": int(time.time() * 1000), "kind": "restart", "restart_id": restart_id, "step": step}
        properties = pika.BasicProperties(
            content_type="application/json", delivery_mode=2, type="dataplane.event", message_id=f"{restart_id}:{step}:{BOOT_ID}")
        channel.basic_publish(REPORTS, f"dataplane.{self.name}.events", json.dumps(body), properties, mandatory=True)

    def obey(self, channel, method, properties, content):
        """Answers one command, and acknowledges it when the answer is safe; returns the restart to obey."""
        if properties.type == "dataplane.health-request":
            self.report(channel, "running")
        elif properties.type == "dataplane.shutdown":
            command = json.loads(content)
            ours = command["boot_id"] == BOOT_ID
            if self.obeying:
                ours = ours and self.obeying == command["restart_id"]  # it comes again where its acknowledgement got lost
            else:
                ours = ours and time.time() * 1000 <= command["expires_at"]
            if ours:
                self.obeying = command["restart_id"]
            self.tell(channel, command["restart_id"], "acknowledged" if ours else "expired")
        channel.basic_ack(method.delivery_tag)

    def work(self, connection):
        """Reports and listens until a shutdown is obeyed; the queue is there when the first report was heard."""
        channel = connection.channel()
        channel.confirm_delivery()
        listening = False
        while not self.obeying:
            self.report(channel, "running" if listening else "starting")
            if not listening and (listening := exists(connection, self.control)):
                channel.basic_qos(prefetch_count=1)
                channel.basic_consume(self.control, lambda *delivery: self.obey(*delivery))
                self.report(channel, "running")
            due = time.monotonic() + INTERVAL
            while not self.obeying and time.monotonic() < due:
                connection.process_data_events(time_limit=max(0.0, min(0.2, due - time.monotonic())))
        self.tell(channel, self.obeying, "acknowledged")  # again, where the connection broke between it and here
        self.report(channel, "draining")
        self.tell(channel, self.obeying, "draining")  # here it would let what runs come to its end
        self.report(channel, "stopped")
        self.tell(channel, self.obeying, "down")


def exists(connection, queue):
    """The broker closes a channel that asks for what is not there, so this one is for asking only."""
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
        channel.close()
        return True
    except pika.exceptions.ChannelClosedByBroker:
        return False


def main():
    parser = argparse.ArgumentParser(description="A dataplane that tells Signalbox about itself.")
    parser.add_argument("--url", default=os.environ.get("AGENT_RABBITMQ_URL"), help="default: AGENT_RABBITMQ_URL")
    parser.add_argument("--name", default="python-dataplane")
    given = parser.parse_args()
    if not given.url:
        parser.error("give --url or set AGENT_RABBITMQ_URL")
    parameters = pika.URLParameters(given.url)
    parameters.heartbeat = 5  # seconds until a silent broker is given up
    parameters.socket_timeout = parameters.blocked_connection_timeout = 5
    agent = Agent(given.name)
    print(f"{given.name}: starting as {BOOT_ID}", flush=True)
    while True:
        try:
            with pika.BlockingConnection(parameters) as connection:
                agent.work(connection)
                break
        except (pika.exceptions.AMQPError, OSError) as error:
            # Its type only: the text of a connection error is the place for a URL with a password.
            print(f"the broker cannot be reached ({type(error).__name__}); trying again", flush=True)
            time.sleep(1)
    print(f"{given.name}: stopped", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
