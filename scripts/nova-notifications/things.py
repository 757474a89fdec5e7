"""What Nova's notifications are about."""
import datetime
import uuid

from nova import context, exception, objects
from nova.image import glance
from nova.network import model
from nova.notifications.objects import exception as exception_payload
from nova.objects import block_device
from nova.tests.unit import fake_instance

CREATED = datetime.datetime(2026, 8, 21, 20, 0, 0, tzinfo=datetime.timezone.utc)
STAMPS = {"created_at": CREATED, "updated_at": None, "deleted_at": None, "deleted": False}


def new_uuid():
    return str(uuid.uuid4())


who = context.RequestContext(
    user_id="6f70656e737461636b20342065766572", project_id="a1b2", request_id="req-" + new_uuid(), is_admin=True)


def flavor():
    return objects.Flavor(
        id=5, name="m1.small", memory_mb=512, vcpus=1, root_gb=1, ephemeral_gb=0, flavorid="f1", swap=0, rxtx_factor=1.0,
        vcpu_weight=0, disabled=False, is_public=True, extra_specs={"hw:watchdog_action": "disabled"}, projects=[],
        description=None, **STAMPS)


def addresses():
    subnet = model.Subnet(version=4, cidr="192.168.1.0/24", ips=[model.FixedIP(address="192.168.1.3", version=4)])
    network = model.Network(id=new_uuid(), bridge="br-int", label="private", subnets=[subnet])
    return model.NetworkInfo([model.VIF(id=new_uuid(), address="fa:16:3e:4c:2c:30", network=network, devname="tapce531f90")])


def instance():
    one = fake_instance.fake_instance_obj(
        who, uuid=new_uuid(), id=7, project_id=who.project_id, user_id=who.user_id, created_at=CREATED, launched_at=CREATED,
        display_name="Wéb \"1\" \\ €", display_description="", hostname="web-1", host="compute1", node="compute1",
        vm_state="active", task_state=None, power_state=1, image_ref=new_uuid(), key_name="my-key", reservation_id="r-06ourk5w",
        availability_zone="nova", metadata={"uuid": new_uuid()}, system_metadata={"image_min_disk": "1"},
        flavor=flavor(), expected_attrs=["metadata", "system_metadata"])
    one.info_cache = objects.InstanceInfoCache(instance_uuid=one.uuid, network_info=addresses())
    one.trusted_certs = objects.TrustedCerts(ids=["cert-1"])
    one.tags = objects.TagList(objects=[objects.Tag(resource_id=one.uuid, tag="blue")])
    one.keypairs = objects.KeyPairList(objects=[keypair()])
    return one


def keypair():
    return objects.KeyPair(
        id=1, name="my-key", user_id=who.user_id, fingerprint="1e:2c:9b:56", public_key="ssh-rsa AAAA", type="ssh", **STAMPS)


def aggregate():
    return objects.Aggregate(id=1, uuid=new_uuid(), name="ssd", hosts=["compute1"], metadata={"availability_zone": "nova"})


def server_group(member):
    return objects.InstanceGroup(
        id=1, uuid=new_uuid(), name="spread", user_id=who.user_id, project_id=who.project_id, policies=["anti-affinity"],
        policy="anti-affinity", members=[member], hosts=None, _rules={"max_server_per_host": "3"}, **STAMPS)


def service():
    return objects.Service(
        id=1, uuid=new_uuid(), host="compute1", binary="nova-compute", topic="compute", report_count=3, disabled=False,
        disabled_reason=None, availability_zone="nova", last_seen_up=None, forced_down=False, **STAMPS)


def volume_usage(uuid_of_instance):
    return objects.VolumeUsage(
        volume_id=new_uuid(), instance_uuid=uuid_of_instance, project_id=who.project_id, user_id=who.user_id,
        availability_zone="nova", tot_last_refreshed=None, tot_reads=0, tot_read_bytes=0, tot_writes=0, tot_write_bytes=0,
        curr_last_refreshed=CREATED, curr_reads=4, curr_read_bytes=6, curr_writes=5, curr_write_bytes=7)


def request_spec(uuid_of_instance):
    image = {"id": new_uuid(), "name": "debian-12", "min_ram": 0, "min_disk": 0, "properties": {"os_distro": "debian"}}
    return objects.RequestSpec.from_components(
        who, uuid_of_instance, image, flavor(), None, None, {"scheduler_hints": {}}, None, "nova",
        project_id=who.project_id, user_id=who.user_id)


def metrics():
    return objects.MonitorMetricList(objects=[objects.MonitorMetric(
        name="cpu.frequency", value=1600, timestamp=CREATED, source="libvirt.LibvirtDriver")])


# A traceback says in which file it was: in the same one, wherever this one is.
exec(compile("""
def failure():
    try:
        raise exception.NoValidHost(reason="There are not enough hosts available.")
    except exception.NoValidHost as raised:
        return raised
""", "a scheduler", "exec"))


def fault():
    return exception_payload.ExceptionPayload.from_exception(failure())


def block_devices(_context, uuid_of_instance):
    return objects.BlockDeviceMappingList(objects=[objects.BlockDeviceMapping(
        device_name="/dev/sda", boot_index=None, delete_on_termination=False, volume_id=new_uuid(), tag=None,
        instance_uuid=uuid_of_instance)])


# Here is neither a database nor Glance.
block_device.BlockDeviceMappingList.get_by_instance_uuid = block_devices
glance.API.generate_image_url = lambda _self, image, _context: "http://glance.example/images/%s" % image
