#!/usr/bin/env python3
"""A dataplane's agent: reports how it is and stops when it is told to. Whatever goes wrong ends it: its supervisor starts the next life.

    AGENT_RABBITMQ_URL=amqp://... python3 examples/dataplane-agent.py --name my-dataplane     (needs pika; docs/messages.md tells the rest)
"""
import argparse, json, os, time, uuid
import pika

parser = argparse.ArgumentParser(description="A dataplane that tells Signalbox about itself.")
parser.add_argument("--name", default="python-dataplane")
NAME, BOOT_ID, STARTED_AT, SEQ = parser.parse_args().name, str(uuid.uuid4()), int(time.time() * 1000), iter(range(2**53))
INTERVAL = float(os.environ.get("AGENT_INTERVAL", "5"))  # seconds between two reports
connection = pika.BlockingConnection(pika.URLParameters(os.environ["AGENT_RABBITMQ_URL"]))
channel = connection.channel()
channel.confirm_delivery()  # a publish returns when the broker has the message
obeyed = []


def publish(key, kind, body, durable, message_id=None):
    properties = pika.BasicProperties(content_type="application/json", type=kind, delivery_mode=2 if durable else 1, message_id=message_id)
    body = {"dataplane": NAME, "boot_id": BOOT_ID, **body}
    channel.basic_publish("signalbox.reports", key, json.dumps(body), properties, mandatory=durable)


def report(state):
    mib = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    none = dict.fromkeys(["max_executors", "max_memory_per_executor_mb", "cores_per_executor", "max_dataframe_size_mb", "thread_pool_parallelism"], 0)
    built = time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(__file__)))
    status = {"build_date": built, "implementation_version": "example", "git_hash": "unknown", "spark_version": "none", "driver_free_memory_mb": mib, **none}
    pool = {"running": [], "queued": 0, "channels": 1}
    body = {"seq": next(SEQ), "state": state, "engine": "python", "pid": os.getpid(), "started_at": STARTED_AT, "status": status, "thread_pool": pool}
    publish(f"dataplane.{NAME}", "dataplane.report", body, durable=False)


def tell(restart_id, step):  # the id makes it harmless to be told twice
    body = {"at": int(time.time() * 1000), "kind": "restart", "restart_id": restart_id, "step": step}
    publish(f"dataplane.{NAME}.events", "dataplane.event", body, durable=True, message_id=f"{restart_id}:{step}:{BOOT_ID}")


def hear(_channel, method, properties, content):
    if properties.type == "dataplane.health-request":
        report("running")
    elif properties.type == "dataplane.shutdown":
        command = json.loads(content)
        is_meant = command["boot_id"] == BOOT_ID and time.time() * 1000 <= command["expires_at"] and not obeyed
        tell(command["restart_id"], "acknowledged" if is_meant else "expired")
        if is_meant:
            obeyed.append(command["restart_id"])
    channel.basic_ack(method.delivery_tag)  # only now: what it means is safe at the broker


def control_queue_is_there():  # it is made when the first report was heard; asking for what is not there closes a channel
    try:
        connection.channel().queue_declare(f"dataplane.{NAME}.control", passive=True)
        return True
    except pika.exceptions.ChannelClosedByBroker:
        return False


report("starting")
while not control_queue_is_there():
    connection.sleep(0.2)
    report("starting")
channel.basic_qos(prefetch_count=1)
channel.basic_consume(f"dataplane.{NAME}.control", hear)
while not obeyed:
    report("running")
    due = time.monotonic() + INTERVAL
    while not obeyed and time.monotonic() < due:
        connection.process_data_events(time_limit=min(0.2, max(0, due - time.monotonic())))
report("draining")
tell(obeyed[0], "draining")  # here it would let what runs come to its end
report("stopped")
tell(obeyed[0], "down")
connection.close()
