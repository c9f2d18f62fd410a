#!/usr/bin/env python3
"""samples/datasette/metadata.json against a fresh database: it titles every view, hides every table, and names no
table, view or column that is not there.

REMESA_BIN is the folder of the programs."""
import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

BIN = os.environ.get("REMESA_BIN", "")


def fresh_database():
    """({view: [columns]}, [tables])"""
    with tempfile.TemporaryDirectory() as folder:
        path, rows = os.path.join(folder, "fresh.db"), os.path.join(folder, "one.csv")
        pathlib.Path(rows).write_text("ref,action,email\nu,create_user,a@example.com\n", encoding="utf-8")
        subprocess.run([os.path.join(BIN, "remesa"), "import", "--quiet", "--db", path, rows], check=True, cwd=folder,
                       capture_output=True)
        with contextlib.closing(sqlite3.connect(path)) as db:
            named = {kind: [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = ? AND name NOT GLOB "
                                                     "'sqlite_*'", (kind,))] for kind in ("view", "table")}
            return {v: [r[0] for r in db.execute("SELECT name FROM pragma_table_info(?)", (v,))]
                    for v in named["view"]}, named["table"]


def columns_of(entry):
    yield from entry.get("columns", {})
    yield from entry.get("units", {})
    yield from entry.get("facets", [])
    yield from entry.get("sortable_columns", [])


def compare(metadata, views, tables):
    faults = []
    entries = metadata["databases"]["remesa"]["tables"]
    for name, entry in entries.items():
        if name not in views and name not in tables:
            faults.append(f"{name}: there is no such view or table")
        faults += [f"{name}.{c}: there is no such column" for c in columns_of(entry) if c not in views.get(name, [c])]
    faults += [f"{v}: the view has no title and description" for v in views
               if not {"title", "description"} <= set(entries.get(v, {}))]
    faults += [f"{t}: the table is not hidden" for t in tables if t != "inbox" and not entries.get(t, {}).get("hidden")]
    return faults


def self_test():
    views, tables = {"money": ["batch", "held"]}, ["job"]
    good = {"money": {"title": "t", "description": "d", "columns": {"held": "h"}, "facets": ["batch"]},
            "job": {"hidden": True}}
    cases = [
        ("all is well", good, None),
        ("a view that is not there", {**good, "cash": {"title": "t"}}, "cash: there is no such"),
        ("a column that is not there", {**good, "money": {**good["money"], "columns": {"paid": "p"}}}, "money.paid"),
        ("a facet that is not there", {**good, "money": {**good["money"], "facets": ["state"]}}, "money.state"),
        ("a unit that is not there", {**good, "money": {**good["money"], "units": {"x": "ms"}}}, "money.x"),
        ("a sorting that is not there", {**good, "money": {**good["money"], "sortable_columns": ["y"]}}, "money.y"),
        ("a view without a title", {"job": {"hidden": True}}, "money: the view has no title"),
        ("a table in sight", {"money": good["money"]}, "job: the table is not hidden"),
    ]
    failed = 0
    for name, entries, want in cases:
        got = compare({"databases": {"remesa": {"tables": entries}}}, views, tables)
        if (want is None) != (got == []) or (want and want not in got[0]):
            print(f"{name}: wanted {want}, got {got}")
            failed = 1
    return failed


def main():
    if sys.argv[1] == "--self-test":
        return self_test()
    path = pathlib.Path(sys.argv[1]) / "samples" / "datasette" / "metadata.json"
    faults = compare(json.loads(path.read_text(encoding="utf-8")), *fresh_database())
    print("\n".join(f"samples/datasette/metadata.json: {f}" for f in faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
