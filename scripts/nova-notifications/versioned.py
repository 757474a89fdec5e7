"""Nova's versioned notifications: one of each that its notification objects say there is a sample of."""
import datetime
import importlib
import pkgutil

from nova.notifications import objects as package
from nova.notifications.objects import base

import things
from things import who

for module in pkgutil.iter_modules(package.__path__):
    importlib.import_module("%s.%s" % (package.__name__, module.name))

from nova.notifications.objects import (  # noqa: E402
    aggregate, compute_task, exception, flavor, instance, keypair, libvirt, metrics, request_spec, server_group, service, volume)


def audit_period():
    end = datetime.datetime(2026, 8, 21, 21, 0, 0)
    return instance.AuditPeriodPayload(
        audit_period_beginning=end - datetime.timedelta(hours=1), audit_period_ending=end)


def instance_update(it):
    states = instance.InstanceStateUpdatePayload(
        old_state="building", state="active", old_task_state="spawning", new_task_state=None)
    return instance.InstanceUpdatePayload(who, it, states, audit_period(), old_display_name=None)


def instance_volume_swap(it, fault):
    return instance.InstanceActionVolumeSwapPayload(who, it, fault, things.new_uuid(), things.new_uuid())


def instance_resize_prep(it, fault):
    return instance.InstanceActionResizePrepPayload(who, it, fault, flavor.FlavorPayload(things.flavor()))


def select_destinations(it):
    return request_spec.RequestSpecPayload(things.request_spec(it.uuid))


def compute_task_error(it, fault):
    return compute_task.ComputeTaskPayload(it.uuid, things.request_spec(it.uuid), "error", fault)


def volume_usage(it):
    return volume.VolumeUsagePayload(things.volume_usage(it.uuid))


# Payloads that name an instance, made of one and of what went wrong.
OF_INSTANCE = {
    "InstanceActionPayload": lambda it, fault: instance.InstanceActionPayload(who, it, fault),
    "InstanceActionVolumePayload":
        lambda it, fault: instance.InstanceActionVolumePayload(who, it, fault, things.new_uuid()),
    "InstanceActionVolumeSwapPayload": instance_volume_swap,
    "InstanceActionResizePrepPayload": instance_resize_prep,
    "InstanceActionSnapshotPayload":
        lambda it, fault: instance.InstanceActionSnapshotPayload(who, it, fault, things.new_uuid()),
    "InstanceActionRescuePayload":
        lambda it, fault: instance.InstanceActionRescuePayload(who, it, fault, things.new_uuid()),
    "InstanceActionRebuildPayload": lambda it, fault: instance.InstanceActionRebuildPayload(who, it, fault),
    "InstanceCreatePayload": lambda it, fault: instance.InstanceCreatePayload(who, it, fault, None),
    "InstanceUpdatePayload": lambda it, _fault: instance_update(it),
    "InstanceExistsPayload": lambda it, _fault: instance.InstanceExistsPayload(who, it, audit_period()),
    "ComputeTaskPayload": compute_task_error,
    "RequestSpecPayload": lambda it, _fault: select_destinations(it),
    "VolumeUsagePayload": lambda it, _fault: volume_usage(it),
}
OF_OTHERS = {
    "AggregatePayload": lambda: aggregate.AggregatePayload(things.aggregate()),
    "AggregateCachePayload": lambda: aggregate_cache(),
    "ExceptionPayload": things.fault,
    "FlavorPayload": lambda: flavor.FlavorPayload(things.flavor()),
    "KeypairPayload": lambda: keypair.KeypairPayload(things.keypair()),
    "LibvirtErrorPayload": lambda: libvirt.LibvirtErrorPayload("10.0.2.15", things.fault()),
    "MetricsPayload": lambda: metrics.MetricsPayload("compute1", "10.0.0.1", "compute1", things.metrics()),
    "ServerGroupPayload": lambda: server_group.ServerGroupPayload(things.server_group(things.new_uuid())),
    "ServiceStatusPayload": lambda: service.ServiceStatusPayload(things.service()),
}


def aggregate_cache():
    payload = aggregate.AggregateCachePayload(things.aggregate(), "compute1", 1, 2)
    payload.images_cached, payload.images_failed = [things.new_uuid()], []
    return payload


def classes(of):
    for one in of.__subclasses__():
        yield one
        yield from classes(one)


def payload_of(notification, phase):
    name = notification.fields["payload"]._type._obj_name
    if name not in OF_INSTANCE:
        return None, OF_OTHERS[name]()
    it = things.instance()
    return it.uuid, OF_INSTANCE[name](it, things.fault() if phase == "error" else None)


def events():
    """The event, the instance that it is about, and what emits it."""
    for notification in sorted(classes(base.NotificationBase), key=lambda it: it.__name__):
        for sample in sorted(getattr(notification, "samples", [])):
            subject, action, phase = (sample.replace(".json", "").split("-") + [None])[:3]
            uuid, payload = payload_of(notification, phase)
            event = base.EventType(object=subject, action=action, phase=phase)
            it = notification(
                priority="error" if phase == "error" else "info", event_type=event,
                publisher=base.NotificationPublisher(host="compute1", source="nova-compute"), payload=payload)
            yield event.to_notification_event_type_field(), uuid, lambda it=it: it.emit(who)
