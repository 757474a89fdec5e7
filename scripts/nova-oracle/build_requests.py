"""Lets Nova make build requests, and read them back: rows of its API database as JSON on standard output.

    PYTHONHASHSEED=0 /usr/bin/python3 build_requests.py nova.conf

An empty API database, please: ids count from 1. Instances are put together by the methods of nova/compute/api.py that do
so for a request to create servers; Glance, Neutron and the scheduler are not there, and nothing of theirs is in a build
request. Times and uuids are fixed, so that the rows are the same each time.
"""
import datetime
import json
import logging
import sys
import uuid

from nova import config, context, objects
from nova.compute import api as compute_api
from nova.db.api import api as api_db
from nova.db.api import models as api_models
from nova.db.main import models
from nova.virt import hardware
from oslo_serialization import jsonutils
from oslo_utils import timeutils
from oslo_versionedobjects import base

from build_request_cases import REQUESTS, STRANGE

# As nova-api has it: `__init__` would look for Glance, Cinder and Neutron.
API = compute_api.API.__new__(compute_api.API)
FLAVORS = [
    ("m1.tiny", 512, 1, 1, 0),
    ("m1.small", 2048, 1, 20, 0),
    ("m1.medium", 4096, 2, 40, 0),
    ("m1.large", 8192, 4, 80, 0),
    ("m1.xlarge", 16384, 8, 160, 20),
    ("c5.huge", 65536, 32, 80, 400),
]
COLUMNS = {column.name: column.default.arg if column.default is not None and column.default.is_scalar else None
           for column in models.Instance.__table__.columns}
ROW = ("created_at", "updated_at", "id", "project_id", "instance_uuid", "instance", "block_device_mappings", "tags")
FLAVOR = ("id", "name", "flavorid", "memory_mb", "vcpus", "root_gb", "ephemeral_gb", "swap", "extra_specs")
EPOCH = datetime.datetime(2024, 1, 1)


def time_of(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")


def uuid_of(number):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "crosscell/build-request/%d" % number))


def flavor_of(number, extra_specs):
    name, memory_mb, vcpus, root_gb, ephemeral_gb = FLAVORS[number - 1]
    return objects.Flavor(
        id=number, flavorid="f%d" % number, name=name, memory_mb=memory_mb, vcpus=vcpus, root_gb=root_gb,
        ephemeral_gb=ephemeral_gb, swap=0, rxtx_factor=1.0, vcpu_weight=0, disabled=False, is_public=True,
        extra_specs=extra_specs, projects=[], description=None, created_at=EPOCH, updated_at=None,
        deleted_at=None, deleted=False)


def image_of(image_ref, properties):
    return {
        **({"id": image_ref} if image_ref else {}), "name": "debian-12", "status": "active", "container_format": "bare", "disk_format": "qcow2",
        "min_disk": 1, "min_ram": 512, "size": 2 ** 30, "owner": "images", "properties": properties}


def key_pair_of(ctx, name):
    return objects.KeyPair(
        id=7, name=name, user_id=ctx.user_id, fingerprint="a0:b1:c2", type="ssh", public_key="ssh-ed25519 AAAA " + name,
        created_at=EPOCH, updated_at=None, deleted_at=None, deleted=False)


def instance_of(ctx, number, said):
    flavor = flavor_of(said.get("flavor", 1 + number % len(FLAVORS)), said.get("extra_specs", {}))
    image = image_of(said.get("image_ref", ""), said.get("properties", {}))
    image_meta = objects.ImageMeta.from_dict(image)
    instance = objects.Instance(context=ctx)
    instance.uuid = uuid_of(number)
    key_pair = key_pair_of(ctx, said["key_name"]) if "key_name" in said else None
    options = {
        "reservation_id": said.get("reservation_id", "r-%08x" % (number * 2654435761 % 2 ** 32)),
        "image_ref": said.get("image_ref", ""), "kernel_id": "", "ramdisk_id": "", "power_state": 0, "vm_state": "building",
        "config_drive": "", "user_id": ctx.user_id, "project_id": ctx.project_id, "instance_type_id": flavor.id,
        "memory_mb": flavor.memory_mb, "vcpus": flavor.vcpus, "root_gb": flavor.root_gb,
        "ephemeral_gb": flavor.ephemeral_gb, "display_name": said["name"], "display_description": None,
        "hostname": None, "user_data": None, "key_name": key_pair and key_pair.name,
        "key_data": key_pair and key_pair.public_key, "locked": False, "metadata": said.get("metadata", {}),
        "access_ip_v4": None, "access_ip_v6": None, "availability_zone": None, "root_device_name": None, "progress": 0,
        "pci_requests": objects.InstancePCIRequests(requests=[
            objects.InstancePCIRequest(count=1, spec=[{"vendor_id": "8086"}], alias_name="qat", numa_policy="legacy")
            for _ in range(said.get("pci", 0))]),
        "numa_topology": hardware.numa_get_constraints(flavor, image_meta), "system_metadata": {}}
    options.update(API._inherit_properties_from_image(image, None))
    instance.update(options)
    instance.keypairs = objects.KeyPairList(objects=[key_pair] if key_pair else [])
    instance.trusted_certs = API._retrieve_trusted_certs_object(ctx, said.get("trusted_certs"))
    API._populate_instance_for_create(
        ctx, instance, image, said.get("index", 0), None, flavor, said.get("count", 1), said.get("shutdown", False))
    instance.system_metadata.update(said.get("system_metadata", {}))
    # What a client asked for, or what somebody did to the instance since.
    instance.update(said.get("set", {}))
    for name in said.get("unset", ()):
        delattr(instance, "_obj_" + name)
    return instance


def block_device_mappings_of(instance, said):
    volume = {"source_type": "volume", "volume_id": "7a1e0000-0000-4000-8000-0000000000f1"}
    source = volume if instance.image_ref == "" else {"source_type": "image", "image_id": instance.image_ref}
    kind = "volume" if instance.image_ref == "" else "local"
    return objects.BlockDeviceMappingList(objects=[objects.BlockDeviceMapping(
        instance_uuid=instance.uuid, destination_type=kind, device_type="disk", boot_index=0,
        delete_on_termination=True, volume_size=instance.root_gb, no_device=False, **source)])


def create(number, said):
    ctx = context.RequestContext(
        user_id=said["user"], project_id=said["project"], user_name="Jürgen", project_name="Büro", is_admin=False)
    timeutils.set_time_override(time_of(said["at"]))
    instance = instance_of(ctx, number, said)
    tags = API._transform_tags(API._create_tag_list_obj(ctx, said.get("tags", [])), instance.uuid)
    request = objects.BuildRequest(
        ctx, instance=instance, instance_uuid=instance.uuid, project_id=instance.project_id,
        block_device_mappings=block_device_mappings_of(instance, said), tags=tags)
    request.create()
    if "saved" in said:
        timeutils.set_time_override(time_of(said["saved"]))
        request.instance.update(said["change"])
        request.save()
    timeutils.clear_time_override()


@api_db.context_manager.writer
def change(ctx, number, values):
    """Without a trace in the time of the last change."""
    rows = ctx.session.query(api_models.BuildRequest).filter_by(id=number)
    rows.update({"updated_at": rows.one().updated_at, **values})


@api_db.context_manager.reader
def row_of(ctx, number):
    row = ctx.session.query(api_models.BuildRequest).filter_by(id=number).one()
    return {name: plain(getattr(row, name)) for name in ROW}


def plain(value):
    """As the columns of a cell's `instances` hold it."""
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, bool):
        return int(value)
    if value is None or isinstance(value, (int, str)):
        return value
    return str(value)


def read(ctx, number):
    """What Nova shows of it. An unset attribute is what the row in the cell is going to have: the column's default."""
    request = objects.BuildRequest.get_by_instance_uuid(ctx, uuid_of(number))
    instance = request.instance
    shown = {name: plain(getattr(instance, name) if instance.obj_attr_is_set(name) else default)
             for name, default in COLUMNS.items() if name in instance.fields}
    flavor = instance.flavor
    return {
        "columns": {**shown, "id": request.id},
        "metadata": instance.metadata if instance.obj_attr_is_set("metadata") else {},
        "system_metadata": instance.system_metadata if instance.obj_attr_is_set("system_metadata") else {},
        "tags": [tag.tag for tag in request.tags],
        "flavor": {name: getattr(flavor, name) for name in FLAVOR},
        "addresses": [ip["address"] for vif in instance.get_network_info() for ip in vif.fixed_ips()]}


def of_version(ctx, number, version, extra, known):
    """The instance as a Nova with another minor version writes it: an older one by Nova's own rules, a newer one with
    what nobody knows yet."""
    instance = objects.Instance.obj_from_primitive(jsonutils.loads(row_of(ctx, number)["instance"]))
    document = instance.obj_to_primitive(**({"target_version": version, "version_manifest": {
        **base.obj_tree_get_versions("Instance"), "Instance": version}} if known else {}))
    document["nova_object.version"] = version
    document["nova_object.data"].update(extra)
    change(ctx, number, {"instance": jsonutils.dumps(document)})


def main():
    config.parse_args(["nova-oracle", "--config-file", sys.argv[1]])
    logging.disable(logging.CRITICAL)
    objects.register_all()
    ctx = context.get_admin_context()
    for number, said in enumerate(REQUESTS + STRANGE, start=1):
        create(number, said)
        if "version" in said and not said.get("newer"):
            of_version(ctx, number, said["version"], said.get("extra", {}), known=True)
        shown = read(ctx, number)
        if said.get("newer"):
            of_version(ctx, number, said["version"], said.get("extra", {}), known=False)
        if "row" in said:
            change(ctx, number, said["row"])
        line = {"why": said["why"], "mapped": said.get("mapped", True), "row": row_of(ctx, number), "shown": shown}
        if number > len(REQUESTS):
            line["strange"] = True
        print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
