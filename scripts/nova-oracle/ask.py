"""Asks Nova: questions as JSON on standard input, its version and its answers, in the same order, as JSON
on standard output.

    /usr/bin/python3 ask.py nova.conf < questions.json > answers.json

Debian's python3-nova python3-pymysql. Only the message bus and Neutron are not there; listing needs neither.
"""
import json
import logging
import sys

from nova import config, context, objects, version
from nova.compute import api as compute_api
from nova.compute import instance_list, migration_list
from oslo_utils import timeutils

TIMES = ("changes-since", "changes-before")


class NoNeutron:
    """Without Neutron's substring filter, Nova matches the addresses itself: from the cached network information."""

    def has_substr_port_filtering_extension(self, _context):
        return False


def context_of(who):
    if who == "admin":
        return context.get_admin_context()
    return context.RequestContext(user_id=who.get("user_id"), project_id=who.get("project_id"), is_admin=False)


def filters_of(question):
    filters = question.get("filters", {})
    return {name: timeutils.parse_isotime(value) if name in TIMES else value for name, value in filters.items()}


def arguments(question):
    """Fresh lists each time: Nova changes those that it is given."""
    return (
        filters_of(question),
        question.get("limit"),
        question.get("marker"),
        list(question.get("sort_keys", [])),
        list(question.get("sort_dirs", [])),
    )


def key_of(row):
    """Objects have attributes, records members; an instance that is a build request has no id yet."""
    if isinstance(row, dict):
        return [row["uuid"], row["id"]]
    return [row.uuid, row.id if row.obj_attr_is_set("id") else None]


def instance_objects(ctx, question):
    filters, limit, marker, keys, dirs = arguments(question)
    return instance_list.get_instance_objects_sorted(ctx, filters, limit, marker, [], keys, dirs)


def instance_records(ctx, question):
    """What the former is made of, with batches of a size that a test can exceed."""
    filters, limit, marker, keys, dirs = arguments(question)
    lister, records = instance_list.get_instances_sorted(
        ctx, filters, limit, marker, [], keys, dirs, batch_size=question.get("batch"))
    rows = list(records)
    return rows, lister.cells_failed + lister.cells_timed_out


def get_all(ctx, question):
    filters, limit, marker, keys, dirs = arguments(question)
    api = compute_api.API.__new__(compute_api.API)
    api.network_api = NoNeutron()
    return api.get_all(ctx, filters, limit=limit, marker=marker, sort_keys=keys, sort_dirs=dirs), []


def migrations(ctx, question):
    filters, limit, marker, keys, dirs = arguments(question)
    return migration_list.get_migration_objects_sorted(ctx, filters, limit, marker, keys, dirs), []


CALLS = {call.__name__: call for call in (instance_objects, instance_records, get_all, migrations)}


def answer(question):
    try:
        rows, down = CALLS[question["call"]](context_of(question["as"]), question)
        found = [key_of(row) for row in rows]
    except Exception as error:
        return {"error": type(error).__name__}
    names = {cell.uuid: cell.name for cell in context.CELLS}
    return {"rows": found, "down": sorted(names[uuid] for uuid in down)}


def main():
    config.parse_args(["nova-oracle", "--config-file", sys.argv[1]])
    logging.disable(logging.CRITICAL)
    objects.register_all()
    # A question that never ends is an answer too.
    context.CELL_TIMEOUT = 20
    context.load_cells()
    answers = [answer(question) for question in json.load(sys.stdin)]
    json.dump({"version": version.version_string(), "answers": answers}, sys.stdout)


if __name__ == "__main__":
    main()
