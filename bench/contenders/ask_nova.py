"""Asks Nova's instance_list: one question per line as JSON on standard input, one answer per line on standard output, with the
milliseconds that it took and what of them was this process' own CPU time.

    /usr/bin/python3 ask_nova.py nova.conf

Debian's python3-nova python3-pymysql. Patched as Nova's API service is, so that the cells are asked at the same time.
"""
import nova.monkey_patch  # noqa: F401, must come first

import json
import logging
import sys
import time

from nova import config, context, objects, version
from nova.compute import instance_list


def context_of(scope):
    if scope == "all":
        return context.get_admin_context()
    return context.RequestContext(user_id="nobody", project_id=scope["project_id"], is_admin=False)


def ask(question):
    scope = question["scope"]
    filters = {"deleted": False}
    if scope != "all":
        filters["project_id"] = scope["project_id"]
    rows, down = instance_list.get_instance_objects_sorted(
        context_of(scope), filters, question["limit"], question.get("marker"), list(question["attributes"]),
        list(question["sort_keys"]), list(question["sort_dirs"]))
    if question["faults"]:
        rows._context = context_of("all")
        rows.fill_faults()
    return rows, down


def main():
    config.parse_args(["crosscell-bench", "--config-file", sys.argv[1]])
    logging.disable(logging.CRITICAL)
    objects.register_all()
    context.load_cells()
    print(json.dumps({"version": version.version_string()}), flush=True)
    for line in sys.stdin:
        question = json.loads(line)
        cpu, start = time.process_time(), time.perf_counter()
        rows, answer = [], {}
        try:
            rows, answer["down"] = ask(question)
        except Exception as error:
            # A NULL in a sort key is one.
            answer["error"] = type(error).__name__
        answer["ms"], answer["cpu"] = (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000
        answer["uuids"] = [row.uuid for row in rows]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
