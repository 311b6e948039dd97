#!/usr/bin/env python3
"""The agent of a dataplane: reports its state and executes shutdown commands. Any error ends it: its supervisor starts the next incarnation.

    DATAPLANE_RABBITMQ_URL=amqp://... python3 examples/dataplane-agent.py my-dataplane     (needs pika; docs/messages.md describes the messages)
"""
import argparse, itertools, json, os, sys, time, uuid

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("name", help="the dataplane: 1 to 63 of a-z, 0-9 and hyphens")
parser.add_argument("--url", default=os.environ.get("DATAPLANE_RABBITMQ_URL"), help="default: DATAPLANE_RABBITMQ_URL")
given = parser.parse_args()
if not given.url:
    parser.error("give --url or set DATAPLANE_RABBITMQ_URL, which was AGENT_RABBITMQ_URL (after `npm start` it is in .signalbox/connection.env, for the dataplane main)")
try:
    import pika
except ImportError:
    sys.exit("This example needs pika 1.2 or newer: apt-get install python3-pika, or pip install pika")

NAME, BOOT_ID, STARTED_AT, SEQ = given.name, str(uuid.uuid4()), int(time.time() * 1000), itertools.count()
CONTROL, INTERVAL = f"dataplane.{NAME}.control", float(os.environ.get("SIGNALBOX_REPORT_INTERVAL_MS", "5000")) / 1000  # seconds
try:
    if not given.url.startswith(("amqp://", "amqps://")):
        raise ValueError
    parameters = pika.URLParameters(given.url)
except (ValueError, IndexError):  # its text may contain the password
    parser.error("--url or DATAPLANE_RABBITMQ_URL is not a URL that starts with amqp:// or amqps://")


def end(kind, error, traceback):
    if issubclass(kind, (pika.exceptions.AMQPError, OSError, KeyboardInterrupt)):  # ordinary: the supervisor starts the next incarnation
        return print(f"{NAME} ends ({kind.__name__})", file=sys.stderr, flush=True)
    sys.__excepthook__(kind, error, traceback)


sys.excepthook = end
connection = pika.BlockingConnection(parameters)
channel = connection.channel()
channel.confirm_delivery()  # a publish returns when the broker has the message
executing = []  # the shutdown command that is being executed


def publish(key, kind, body, **properties):
    body = {"dataplane": NAME, "boot_id": BOOT_ID, **body}
    properties = pika.BasicProperties(content_type="application/json", type=kind, **properties)
    channel.basic_publish("signalbox.reports", key, json.dumps(body), properties, mandatory=properties.delivery_mode == 2)


def report(state):
    zeros = dict.fromkeys(["max_executors", "max_memory_per_executor_mb", "cores_per_executor", "max_dataframe_size_mb", "thread_pool_parallelism"], 0)
    build = {"build_date": time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(__file__))), "implementation_version": "example", "git_hash": "unknown"}
    free_mb = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    facts = {"seq": next(SEQ), "state": state, "engine": "python", "pid": os.getpid(), "started_at": STARTED_AT, "thread_pool": {"running": [], "queued": 0, "channels": 1}}
    publish(f"dataplane.{NAME}", "dataplane.report", {**facts, "status": {**build, "spark_version": "none", "driver_free_memory_mb": free_mb, **zeros}})


def event(command, step):  # the message id makes a repeat harmless; the command makes the event complete, whatever arrives first
    body = {"at": int(time.time() * 1000), "kind": "restart", "restart_id": command["restart_id"], "step": step, "command": command}
    message_id = f"{command['restart_id']}:{step}:{BOOT_ID}"
    publish(f"dataplane.{NAME}.events", "dataplane.event", body, delivery_mode=2, message_id=message_id)


def receive(_channel, method, properties, content):
    if properties.type == "dataplane.shutdown":  # a dataplane.health-request is answered by the report that follows every message
        command = json.loads(content)
        left = lambda: command["expires_at"] - time.time() * 1000
        is_meant = command["boot_id"] == BOOT_ID and left() >= 0 and not executing
        event(command, "acknowledged" if is_meant else "expired")
        if is_meant and left() >= 0:
            executing.append(command)
        elif is_meant:  # the broker confirmed it too late
            event(command, "expired")
    channel.basic_ack(method.delivery_tag)  # only now: the broker has confirmed the event


def is_there(queue):
    try:
        return bool(connection.channel().queue_declare(queue, passive=True))
    except pika.exceptions.ChannelClosedByBroker:
        return False


while not is_there(CONTROL):  # it is declared at the first report
    report("starting")
    connection.sleep(0.2)
channel.add_on_cancel_callback(lambda _: sys.exit("the control queue was deleted"))  # the next incarnation finds a new one
channel.basic_qos(prefetch_count=1)
channel.basic_consume(CONTROL, receive)
while not executing:
    report("running")
    connection.process_data_events(time_limit=INTERVAL)
for state, step in [("draining", "draining"), ("stopped", "down")]:  # between them it would let running operations finish
    report(state)
    event(executing[0], step)
connection.close()
