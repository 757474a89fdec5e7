"""Every notification that Nova knows of, as oslo.messaging puts it on the wire: JSON lines on standard output.

    PYTHONHASHSEED=0 /usr/bin/python3 record-notifications.py > notifications.jsonl

Debian's python3-nova; record-notifications.ts calls it, and says how. Nova's own notification objects are emitted through nova.rpc,
oslo.messaging's notifier and its RabbitMQ driver into kombu's memory, and taken from the queue that the driver declares: nothing is put
together here. Clock and uuids are fixed, so that a recording that is made again is the same.

A line: the event, the driver, the routing key, the content type, the instance that it is about (null: none), when it was sent, the body.
"""
import datetime
import json
import os
import random
import sys
import tempfile
import uuid

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "nova-notifications"))

import kombu  # noqa: E402
from nova import objects, rpc, version  # noqa: E402
from oslo_config import cfg  # noqa: E402
from oslo_utils import timeutils  # noqa: E402

seeded = random.Random(7)
uuid.uuid4 = lambda: uuid.UUID(int=seeded.getrandbits(128), version=4)
objects.register_all()

import legacy  # noqa: E402
import versioned  # noqa: E402

NOVA_CONF = """
[DEFAULT]
transport_url = kombu+memory:////
host = controller1
[notifications]
notification_format = both
bdms_in_notifications = true
[oslo_messaging_notifications]
driver = %s
"""
KINDS = (("versioned_notifications", versioned.events), ("notifications", legacy.events))


def clock():
    """Every third time is a whole second, which is written without a fraction."""
    whole = datetime.datetime(2026, 8, 21, 21, 1, 48)
    while True:
        for microseconds in (0, 120_000, 123_456):
            yield whole + datetime.timedelta(microseconds=microseconds)
        whole += datetime.timedelta(minutes=7)


def start(driver):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(NOVA_CONF % driver)
        file.flush()
        cfg.CONF([], project="nova", default_config_files=[file.name])
    rpc.set_defaults(control_exchange="nova")
    rpc.init(cfg.CONF)


def taken(channel, topic):
    """All that waits on the bus, with its routing key."""
    for priority in ("info", "error"):
        key = "%s.%s" % (topic, priority)
        while key in channel.queues and (message := channel.basic_get(key, no_ack=True)):
            yield key, message


def main():
    print(json.dumps({"nova": version.version_string()}))
    times = clock()
    for driver in ("messagingv2", "messaging"):
        start(driver)
        channel = kombu.Connection("memory:////").channel()
        for topic, events in KINDS:
            for event, instance, emit in events():
                timeutils.set_time_override(next(times))
                at = timeutils.utcnow()
                emit()
                [(key, message)] = taken(channel, topic)
                for other, _ in KINDS:  # What Nova sends beside it.
                    list(taken(channel, other))
                body = message.body if isinstance(message.body, str) else message.body.decode("utf-8")
                print(json.dumps({
                    "event": event, "driver": driver, "key": key, "type": message.content_type, "instance": instance,
                    "at": at.isoformat(timespec="milliseconds") + "Z", "body": body,
                }, separators=(",", ":")))
        rpc.cleanup()


main()
