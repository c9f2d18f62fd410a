"""The benchmark: run.py --build DIR [--quick] [--only ITEM]... [--disk DIR] [--out DIR]
Measures item by item, writes figures.json, README.md and chart.svg. Ends 0 when all was measured, held or not."""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import chart
import item_instructions
import item_load
import item_queue
import item_speed
import machine
import report
import rivals
import server
import work

HERE = os.path.dirname(os.path.abspath(__file__))
ITEMS = {"speed": item_speed.speed, "connections": item_load.connections, "pace": item_load.pace, "import": item_queue.import_,
         "queue": item_queue.queue, "done_rows": item_queue.done_rows, "syscalls": item_speed.syscalls,
         "instructions": item_instructions.instructions}
ROOM_GIB = 40  # the largest database, its log beside it, and the CSV


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--build", required=True, help="the build folder of the release")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out; the page goes to the build folder")
    parser.add_argument("--only", action="append", choices=ITEMS, metavar="ITEM", help=", ".join(ITEMS))
    parser.add_argument("--disk", help="a folder on the disk that is measured (default: the build folder)")
    parser.add_argument("--out", help="where the page is written")
    given = parser.parse_args()
    given.build = os.path.abspath(given.build)
    given.disk = os.path.abspath(given.disk or given.build)
    given.out = os.path.abspath(given.out or (os.path.join(given.build, "bench") if given.quick else HERE))
    return given


def check_place(given):
    kind = machine.mount_of(given.disk)[1]
    room = os.statvfs(given.disk)
    if kind == "tmpfs":
        sys.exit(f"bench: {given.disk} is in memory; name a folder on a disk with --disk")
    if not given.quick and room.f_bavail * room.f_frsize < ROOM_GIB * 2 ** 30:
        sys.exit(f"bench: {given.disk} has less than {ROOM_GIB} GiB left")


def sources():
    """The last commit that changed the program."""
    def git(*args):
        return subprocess.run(["git", "-C", os.path.join(HERE, os.pardir), *args, "--", "src", "migrations", "actions"],
                              capture_output=True, text=True, check=False).stdout.strip()
    return (git("log", "-1", "--format=%h") or "no commit") + (" with changes" if git("status", "--porcelain") else "")


def known(out, here):
    """Figures of before, as far as they are of this machine."""
    try:
        with open(os.path.join(out, "figures.json"), encoding="utf-8") as f:
            figures = json.load(f)
    except FileNotFoundError:
        return {"machine": here, "items": {}}
    same = all(figures["machine"].get(key) == here[key] for key in here if key != "disk")
    return {"machine": here, "items": figures["items"] if same else {}}


def write(figures, out):
    with open(os.path.join(out, "figures.json"), "w", encoding="utf-8") as f:
        json.dump(figures, f, indent=1, ensure_ascii=False)
        f.write("\n")
    report.write(out, report.page(figures, list(ITEMS)))
    if "speed" in figures["items"]:
        chart.write(out, figures["items"]["speed"]["chart"])


def measure(bench, name):
    work.tell(f"{name}:")
    load, from_ = os.getloadavg()[0], time.monotonic()
    item = ITEMS[name](bench)
    item.update(when=time.strftime("%Y-%m-%d"), sources=sources(), load=load, seconds=time.monotonic() - from_)
    for goal in item["goals"]:
        print(f"{name}: {goal['goal']}: {goal['measured']}: {'held' if goal['held'] else 'NOT HELD'}", flush=True)
    return item


def main():
    given = arguments()
    check_place(given)
    absent = server.missing()
    if absent:
        sys.exit(f"bench: {absent}")
    os.makedirs(given.out, exist_ok=True)
    figures = known(given.out, machine.describe(given.disk, rivals.PYTHON, rivals.newman_program()))
    with tempfile.TemporaryDirectory(prefix="remesa-bench-server.") as folder:
        mock = server.Server(folder)
        bench = work.Bench(given.build, given.disk, mock, given.quick)
        try:
            for name in given.only or ITEMS:
                figures["items"][name] = measure(bench, name)
                write(figures, given.out)
        finally:
            bench.close()
            mock.close()
    print(f"written: {given.out}/README.md")


if __name__ == "__main__":
    main()
