#!/usr/bin/env python3
"""The manual pages against the program: every command, option and setting with its default, every view and
column of a fresh database, every option of the sandbox is described, and nothing that is not there; and
mandoc finds nothing to complain of.

REMESA_BIN is the folder of the programs."""
import contextlib
import difflib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

BIN = os.environ.get("REMESA_BIN", "")
SHARED = {"db", "config", "quiet", "verbose", "json", "help"}  # options of every command, told once


def run(*args, **more):
    return subprocess.run(args, check=True, capture_output=True, text=True, **more).stdout


def fresh_database(folder):
    """{view or inbox: [columns]}"""
    path = os.path.join(folder, "fresh.db")
    csv = os.path.join(folder, "one.csv")
    with open(csv, "w", encoding="utf-8") as f:
        f.write("ref,action,email\nu,create_user,a@example.com\n")
    run(os.path.join(BIN, "remesa"), "import", "--quiet", "--db", path, csv, cwd=folder)
    with contextlib.closing(sqlite3.connect(path)) as db:
        names = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'")] + ["inbox"]
        return {n: [r[0] for r in db.execute("SELECT name FROM pragma_table_info(?)", (n,))] for n in names}


def tables():
    """What there is, as the programs themselves tell it."""
    with tempfile.TemporaryDirectory() as folder:
        told = json.loads(run(os.path.join(BIN, "remesa"), "help", "--json", cwd=folder))
        told["views"] = fresh_database(folder)
    told["sandbox"] = run(os.path.join(BIN, "remesa-sandbox"), "--help")
    return told


def section(page, name):
    found = re.search(rf"^\.Sh {re.escape(name)}\n(.*?)(?=^\.Sh |\Z)", page, re.M | re.S)
    return found[1] if found else ""


def items(text, macro):
    """{name: text up to the next one}, of `.It MACRO name`; a name that stands twice is told."""
    parts = re.split(rf"^\.It {macro} (\S+).*\n", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2])), sorted({n for n in parts[1::2] if parts[1::2].count(n) > 1})


def compare(page, kind, want, got):
    for name in sorted(set(want) - set(got)):
        yield f"{page}: {kind} {name} is not described"
    for name in sorted(set(got) - set(want)):
        yield f"{page}: {kind} {name} is described and does not exist"


def check_commands(told, page):
    commands, twice = items(section(page, "COMMANDS"), "Cm")
    yield from (f"remesa.1: {name} stands there twice" for name in twice)
    names = [c["name"] for c in told["commands"]] + ["help", "version"]
    yield from compare("remesa.1", "command", names, commands)
    for c in told["commands"]:
        text = commands.get(c["name"], "")
        flags = [o["flag"] for o in c["options"] if o["name"] not in SHARED]
        yield from compare(f"remesa.1: {c['name']}", "option", flags, [f.lstrip("-") for f in items(text, "Fl")[0]])
    shared = [f.lstrip("-") for f in items(section(page, "OPTIONS"), "Fl")[0]]
    yield from compare("remesa.1: OPTIONS", "option", SHARED, shared)


def check_settings(told, page):
    settings, twice = items(section(page, "SETTINGS"), "Ic")
    yield from (f"remesa.conf.5: {name} stands there twice" for name in twice)
    yield from compare("remesa.conf.5", "setting", [s["name"] for s in told["settings"]], settings)
    for s in told["settings"]:
        text = settings.get(s["name"], "")
        want = f".Pp\nDefault:\n.Ql {s['default']} .\n" if s["default"] is not None else ".Pp\nNo default.\n"
        if text and want not in text:
            yield f"remesa.conf.5: {s['name']}: its default is {s['default']}: {want!r} is missing"


def check_views(told, page):
    parts = re.split(r"^\.Ss (\S+)\n", section(page, "THE VIEWS"), flags=re.M)
    views = dict(zip(parts[1::2], parts[2::2]))
    yield from compare("remesa-db.5", "view", told["views"], views)
    for name, columns in told["views"].items():
        yield from compare(f"remesa-db.5: {name}", "column", columns, items(views.get(name, ""), "Va")[0])


def words(text):
    """Without what a page and a help text set differently: lines, capitals, full stops."""
    return " ".join(re.sub(r"\.(?=\s|$)", "", text).lower().split())


def help_options(text):
    """{"port N": what it does}, of lines such as "  --port N    listen on"."""
    found, head = {}, text[:text.index("\nIt prints one line")]
    for line in head.splitlines():
        option = re.match(r"  --([a-z-]+(?: \S+)?)(?:  +(.*))?$", line)
        if option:
            name = option[1]
            found[name] = option[2] or ""
        elif found and line.startswith(" " * 10):
            found[name] += "\n" + line
    return found


def page_options(text):
    parts = re.split(r"^\.It Fl -([a-z-]+)(?: Ar (\S+))?\n", text.split("\n.El")[0] + "\n", flags=re.M)
    return {" ".join(filter(None, (name, arg))): what for name, arg, what in zip(parts[1::3], parts[2::3], parts[3::3])}


def check_sandbox(told, page):
    """The page is the help text, set as a page; --help and --version have no words there."""
    want, got = help_options(told["sandbox"]), page_options(section(page, "OPTIONS"))
    yield from compare("remesa-sandbox.1", "option", [*want, "help", "version"], got)
    for name in want.keys() & got.keys():
        if words(want[name]) != words(got[name]):
            yield f"remesa-sandbox.1: {name} has other words: {words(want[name])!r} and {words(got[name])!r}"
    body = re.search(r"^\.Bd -literal\n(.*?)^\.Ed", page, re.M | re.S)
    lines = [re.sub(r"^\\&", "", line).replace("\\e", "\\") for line in (body[1] if body else "").splitlines()]
    rest = told["sandbox"][told["sandbox"].index("It prints one line"):].splitlines()
    yield from (f"remesa-sandbox.1: other than the help text: {line}"
                for line in difflib.unified_diff(rest, lines, "help", "page", lineterm="", n=0))


def check_form(name, page):
    """By mandoc; that our own pages are not installed here, and the machine's list of pages, are not its business."""
    with tempfile.NamedTemporaryFile("w", suffix=f"-{name}", encoding="utf-8") as f:
        f.write(page)
        f.flush()
        told = subprocess.run(["mandoc", "-T", "lint", f.name], capture_output=True, text=True, check=False)
    for line in (told.stdout + told.stderr).splitlines():
        if "referenced manual not found" not in line and "outdated mandoc.db" not in line:
            yield line.replace(f.name, name)


def check(told, pages):
    yield from check_commands(told, pages["remesa.1"])
    yield from check_settings(told, pages["remesa.conf.5"])
    yield from check_views(told, pages["remesa-db.5"])
    yield from check_sandbox(told, pages["remesa-sandbox.1"])
    for name, page in pages.items():
        yield from check_form(name, page)


def read_pages(root):
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(pathlib.Path(root, "man").iterdir())}


def self_test(root):
    told, pages = tables(), read_pages(root)
    breaks = [
        ("remesa.1", ".It Cm retry", ".It Cm retri", "command retry is not described"),
        ("remesa.1", ".It Cm retry", ".It Cm retri", "command retri is described and does not exist"),
        ("remesa.1", ".It Fl -remote-id", ".It Fl -remote", "option remote-id is not described"),
        ("remesa.1", ".It Fl -verbose", ".It Fl -wordy", "option verbose is not described"),
        ("remesa.conf.5", ".It Ic burst ", ".It Ic bursts ", "setting burst is not described"),
        ("remesa.conf.5", ".Ql 60s .", ".Ql 61s .", "its default is 60s"),
        ("remesa.conf.5", "No default.", "None.", "its default is None"),
        ("remesa-db.5", ".Ss money", ".Ss monies", "view money is not described"),
        ("remesa-db.5", ".It Va imported", ".It Va important", "money: column important is described"),
        ("remesa-sandbox.1", ".It Fl -latency", ".It Fl -slowness", "option latency MIN..MAX is not described"),
        ("remesa-sandbox.1", ".It Fl -seed Ar N", ".It Fl -seed Ar X", "option seed X is described"),
        ("remesa-sandbox.1", "For faults, delays", "For faults, laughs", "seed N has other words"),
        ("remesa-sandbox.1", "Nothing is deduplicated", "All is deduplicated", "other than the help text"),
        ("remesa-sandbox.1", "GET /orders:", "GET /ordures:", "other than the help text"),
        ("remesa-db.5", ".Sh THE VIEWS", ".Bogus\n.Sh THE VIEWS", "unknown macro"),
    ]
    unseen = []
    for page, old, new, want in breaks:
        assert old in pages[page], (page, old)
        found = list(check(told, {**pages, page: pages[page].replace(old, new)}))
        if not any(want in f for f in found):
            unseen.append(f"not seen: {page}: {old} -> {new}: {found}")
    return unseen


def main():
    if not shutil.which("mandoc"):
        print("there is no mandoc here")
        return 77
    root = pathlib.Path(__file__).resolve().parents[2]
    found = self_test(root) if sys.argv[1] == "--self-test" else list(check(tables(), read_pages(sys.argv[1])))
    print("\n".join(found))
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
