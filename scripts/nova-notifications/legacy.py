"""Nova's unversioned notifications: one of each that it may still send."""
from nova import exception_wrapper, rpc
from nova.compute import utils as compute_utils

import things
from things import who

# Nothing has sent them since nova-network went.
GONE = "network."


class Service:
    @exception_wrapper.wrap_exception("compute", "nova-compute")
    def reboot_instance(self, context, instance, reboot_type):
        raise things.failure()


def failing_method(it):
    try:
        Service().reboot_instance(who, it, "SOFT")
    except Exception:
        pass


def of_instance(event, it):
    notifier = rpc.get_notifier("compute", "compute1")
    fault = things.failure() if event.endswith("error") else None
    compute_utils.notify_about_instance_usage(
        notifier, who, it, event[len("compute.instance."):], network_info=it.get_network_info(), fault=fault)


def of_task(event, it):
    """As nova.scheduler.utils.set_vm_state_and_notify, which needs a database."""
    spec = things.request_spec(it.uuid).to_legacy_request_spec_dict()
    rpc.get_notifier("compute_task").error(who, event, dict(
        request_spec=spec, instance_properties=spec.get("instance_properties", {}), instance_id=it.uuid, state="error",
        method=event.split(".")[1], reason=things.failure()))


def of_scheduler(event, it):
    """As nova.scheduler.manager."""
    rpc.get_notifier("scheduler").info(
        who, event, {"request_spec": things.request_spec(it.uuid).to_legacy_request_spec_dict()})


def of_volume(event, it):
    rpc.get_notifier("volume", "compute1").info(
        who, event, things.volume_usage(it.uuid).to_dict())


# By the beginning of the event: what sends it, and whether it names an instance.
SENDERS = {
    "compute.instance.": (of_instance, True),
    "compute_task.": (of_task, True),
    "scheduler.": (of_scheduler, True),
    "volume.": (of_volume, True),
    "servergroup.": (lambda event, _it: compute_utils.notify_about_server_group_update(
        who, event.split(".", 1)[1], {"server_group_id": things.new_uuid(), "instance_uuids": [things.new_uuid()]}), False),
    "aggregate.": (lambda event, _it: compute_utils.notify_about_aggregate_update(
        who, event.split(".", 1)[1], {"aggregate_id": 1, "host": "compute1"}), False),
    "HostAPI.": (lambda event, _it: compute_utils.notify_about_host_update(
        who, event.split(".", 1)[1], {"host_name": "compute1", "action": "reboot"}), False),
    "keypair.": (lambda event, _it: rpc.get_notifier("api").info(
        who, event, {"tenant_id": who.project_id, "user_id": who.user_id, "key_name": "my-key"}), False),
    "compute.libvirt.error": (lambda event, _it: rpc.get_notifier("compute").error(
        who, event, {"ip": "10.0.2.15", "method": "_connect", "reason": things.failure()}), False),
    "compute.metrics.update": (lambda event, _it: rpc.get_notifier("compute", "compute1").info(
        who, event, {"metrics": things.metrics().to_list(), "host": "compute1", "host_ip": "10.0.0.1",
                     "nodename": "compute1"}), False),
}


def events():
    """The event, the instance that it is about, and what emits it."""
    for event in rpc.LegacyValidatingNotifier.allowed_legacy_notification_event_types:
        if event.startswith(GONE):
            continue
        [(send, named)] = [sender for beginning, sender in SENDERS.items() if event.startswith(beginning)]
        it = things.instance()
        yield event, it.uuid if named else None, lambda send=send, event=event, it=it: send(event, it)
    it = things.instance()
    yield "reboot_instance", it.uuid, lambda: failing_method(it)
