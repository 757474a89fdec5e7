"""What servers are asked for, and what becomes of the build requests: data for build_requests.py.

`why`: what the row is here for. `at`: its time of creation. `set`, `unset`: attributes of the instance. `saved`: a later time
at which `change` was saved. `version`: rewritten as a Nova with another minor version of Instance has it; `newer` ones
and `row` (columns overwritten) can't be read by this Nova. `mapped`: false for a
request without an instance mapping.
"""
IMAGE = "7a1e0000-0000-4000-8000-%012d"
DEBIAN = {"os_distro": "debian", "hw_disk_bus": "virtio"}

REQUESTS = [
    {
        "why": "as most are: the newest of its project, with tags and metadata",
        "project": "project-1", "user": "user-a", "at": "2026-07-30 09:15:00", "name": "web-1",
        "image_ref": IMAGE % 4, "properties": DEBIAN, "tags": ["blue"], "metadata": {"role": "web", "env": "prod"},
    },
    {
        "why": "made at the same time as the row 1.57 and the next two",
        "project": "project-1", "user": "user-a", "at": "2025-04-21 12:00:00", "name": "Web",
        "image_ref": IMAGE % 4, "properties": DEBIAN, "tags": ["Prod", "blue"], "metadata": {"role": "db", "env": "web"},
        "flavor": 3, "set": {"display_description": "Made by 1, at noon", "access_ip_v4": "198.51.100.77"},
    },
    {
        "why": "a name that differs from others by case, accent and a space at its end",
        "project": "project-1", "user": "user-b", "at": "2025-04-21 12:00:00", "name": "CAFÉ ", "image_ref": IMAGE % 9,
        "tags": ["größe"], "metadata": {"role": "db", "env": "prod"}, "flavor": 3,
        "set": {"access_ip_v6": "2001:db8::1:99", "display_description": ""},
    },
    {
        "why": "keys and values of metadata that need quoting",
        "project": "tenant-b", "user": "user-b", "at": "2025-12-08 12:00:00", "name": "сервер-9", "image_ref": IMAGE % 1,
        "properties": {"os_distro": "rocky", "note": "it's \"odd\""}, "metadata": {
            "it's \"odd\"": "a,b=c;d\\", "🚀 key": "✓ 😀", "$.\"nova_object.data\"[*]": "'; --", "back\\slash": "\n\t", "Owner": ""},
    },
    {
        "why": "a project in another case of letters",
        "project": "TENANT-B", "user": "user-b", "at": "2026-01-01 00:00:01", "name": "web", "image_ref": IMAGE % 4,
        "metadata": {"ROLE": "GRÖSSE"}, "set": {"availability_zone": "AZ-3"},
    },
    {
        "why": "a letter that collations expand, and tags in other cases of letters",
        "project": "tenant-b", "user": "user-a", "at": "2026-02-16 12:00:00", "name": "Straße 5", "image_ref": IMAGE % 2,
        "tags": ["größe", "PROD", "Blue"], "set": {"availability_zone": "az1"},
    },
    {
        "why": "locked by its owner while it waits",
        "project": "project-1", "user": "user-a", "at": "2026-06-01 08:00:00", "name": "cache_7", "image_ref": IMAGE % 9,
        "saved": "2026-06-01 08:00:09", "change": {"locked": True, "locked_by": "owner"},
    },
    {
        "why": "locked by an administrator, and being deleted",
        "project": "project-6", "user": "user-b", "at": "2025-09-25 12:00:00", "name": "db", "image_ref": IMAGE % 3,
        "set": {"locked": True, "locked_by": "admin", "task_state": "deleting"},
    },
    {
        "why": "attributes that are not set at all",
        "project": "project-36", "user": "user-a", "at": "2026-05-09 12:00:00", "name": "Łódź", "image_ref": IMAGE % 5,
        "unset": ["os_type", "architecture", "vm_mode", "user_data", "ephemeral_key_uuid", "key_data"],
    },
    {
        "why": "the first of two from one request; time and id are those of the row 2.10",
        "project": "project-1", "user": "user-b", "at": "2024-10-07 12:00:00", "name": "batch", "count": 2, "index": 0,
        "reservation_id": "r-batch001", "image_ref": IMAGE % 4, "properties": DEBIAN, "flavor": 2,
    },
    {
        "why": "the second one; time and id are those of the row 1.11",
        "project": "project-1", "user": "user-b", "at": "2024-10-20 12:00:00", "name": "batch", "count": 2, "index": 1,
        "reservation_id": "r-batch001", "image_ref": IMAGE % 4, "properties": DEBIAN, "flavor": 2,
    },
    {
        "why": "a name that a cell's utf8mb3 can't hold: it fails there later",
        "project": "tenant-b", "user": "user-a", "at": "2026-07-31 23:59:59", "name": "🚀 launch", "image_ref": IMAGE % 4,
        "metadata": {"role": "web"},
    },
    {
        "why": "boots from a volume, with everything that a client may ask for",
        "project": "tenant-b", "user": "user-b", "at": "2026-07-30 09:15:00", "name": "Volume", "key_name": "laptop",
        "shutdown": True, "set": {
            "display_description": "Made by 13", "access_ip_v4": "198.51.100.13", "access_ip_v6": "2001:db8::13",
            "availability_zone": "az1", "config_drive": "True", "root_device_name": "/dev/vda", "user_data": "I2Nsb3VkCg==",
            "auto_disk_config": True, "os_type": "linux", "hostname": "host-0volume", "kernel_id": "k", "ramdisk_id": "r",
        },
    },
    {
        "why": "NUMA, PCI and certificates; time and id are those of the row 0.14",
        "project": "project-1", "user": "user-a", "at": "2025-09-30 12:00:00", "name": "worker gpu", "image_ref": IMAGE % 7,
        "properties": {**DEBIAN, "architecture": "x86_64", "os_type": "linux", "vm_mode": "hvm"}, "flavor": 4,
        "extra_specs": {"hw:numa_nodes": "2", "pci_passthrough:alias": "qat:2"}, "pci": 2,
        "trusted_certs": ["7a1e0000-0000-4000-8000-0000000000c1"],
    },
    {
        "why": "to be written to cell1, before its mapping is",
        "project": "project-1", "user": "user-a", "at": "2026-03-03 12:00:00", "name": "api-15", "image_ref": IMAGE % 4,
        "tags": ["blue"], "metadata": {"role": "web"},
    },
    {
        "why": "to be written to cell2 and mapped to it",
        "project": "project-1", "user": "user-b", "at": "2026-03-12 12:00:00", "name": "api-16", "image_ref": IMAGE % 9,
        "tags": ["Prod"], "metadata": {"role": "db"},
    },
    {
        "why": "without an instance mapping",
        "project": "project-1", "user": "user-b", "at": "2025-11-15 12:00:00", "name": "o'neil", "image_ref": "",
        "metadata": {"role": ""}, "mapped": False,
    },
    {
        "why": "made by an older Nova, with members that nobody knows",
        "project": "project-1", "user": "user-a", "at": "2026-01-20 12:00:00", "name": "éclair-18", "image_ref": IMAGE % 8,
        "tags": ["blue", "größe"], "metadata": {"role": "db", "env": "prod"}, "version": "2.5",
        "extra": {"colour": "red", "shape": {"nova_object.name": "Shape", "nova_object.data": {"display_name": "no"}}},
    },
    {
        "why": "made by the oldest Nova of all",
        "project": "tenant-b", "user": "user-a", "at": "2025-02-24 12:00:00", "name": "gateway", "image_ref": IMAGE % 4,
        "metadata": {"Owner": "staging"}, "version": "2.0",
    },
]

# With most of these in the table, Nova lists no server at all, or not in some orders.
STRANGE = [
    {
        "why": "NULLs, in metadata too",
        "project": "project-26", "user": "user-b", "at": "2025-08-09 12:00:00", "name": "x", "image_ref": IMAGE % 6,
        "system_metadata": {"image_note": None},
        "set": {
            "display_name": None, "hostname": None, "vm_state": None, "task_state": None, "progress": None, "locked": None,
            "auto_disk_config": None, "launch_index": None, "power_state": None, "config_drive": None, "kernel_id": None,
        },
    },
    {
        "why": "made by a newer Nova",
        "project": "project-1", "user": "user-a", "at": "2026-07-31 10:00:00", "name": "newer-21", "image_ref": IMAGE % 4,
        "tags": ["blue"], "metadata": {"role": "web"}, "version": "2.8", "newer": True, "extra": {"compute_id": None},
    },
    {
        "why": "made by a much newer Nova",
        "project": "tenant-b", "user": "user-b", "at": "2025-10-07 12:00:00", "name": "newer-22", "image_ref": IMAGE % 9,
        "metadata": {"role": "db"}, "version": "2.99", "newer": True,
        "unset": ["progress", "config_drive", "auto_disk_config", "power_state", "root_device_name"],
        "extra": {"mood": ["fine"], "weather": {"nova_object.name": "Weather", "nova_object.version": "9.0"}},
    },
    {
        "why": "without an instance",
        "project": "project-1", "user": "user-a", "at": "2026-02-28 12:00:00", "name": "none-23", "image_ref": IMAGE % 4,
        "tags": ["blue"], "row": {"instance": None},
    },
    {
        "why": "an instance that was cut off",
        "project": "project-1", "user": "user-b", "at": "2025-06-13 12:00:00", "name": "cut-24", "image_ref": IMAGE % 4,
        "row": {"instance": "{\"nova_object.name\": \"Instance\", \"nova_object.version\": \"2.7\", \"nova_obj"},
    },
    {
        "why": "without a time of creation",
        "project": "project-1", "user": "user-b", "at": "2025-06-13 12:00:00", "name": "timeless-25", "image_ref": IMAGE % 4,
        "metadata": {"role": "db"}, "row": {"created_at": None},
    },
]
