"""The judge is judged: each place where numbers of a night are told (places.py), with one number changed, has to disagree
with the books, and to say what it is that disagrees."""
import contextlib
import csv
import io
import json
import os
import re
import sqlite3

from books import PAYS, STATES
from places import HELD, MONEY, READERS, disagreements

# Each of these gives what the complaint has to be about, and what then stands there.

def bumped(given, at):
    """The digit there, one more."""
    return given[:at] + str((int(given[at]) + 1) % 10) + given[at + 1:]


def some(found, most=10):
    """Not all of them, where there are many."""
    found = list(found)
    return found[::max(1, -(-len(found) // most))]


def changed_digits(given, about, pattern, begin=0, end=None):
    """The last digit of the group that matches."""
    for m in some(re.compile(pattern).finditer(given, begin, len(given) if end is None else end)):
        digits = [i for i in range(*m.span(1)) if given[i].isdigit()]
        yield about, bumped(given, digits[-1])


def changed_views(path):
    for about, change in (
            ("money", "UPDATE job SET minor = minor + 1 WHERE currency = 'btc'"),
            ("money", "UPDATE job SET minor = minor + 1 WHERE ref = 'yesterday-0'"),
            ("money", "UPDATE job SET currency = 'usd' WHERE ref = 'yesterday-0'"),
            ("money", "UPDATE batch_money SET imported = imported - 1 WHERE currency = 'clp'"),
            ("progress", "UPDATE batch SET jobs = jobs + 1"),
            ("progress", "UPDATE job SET state = 'queued' WHERE ref = 'y0'"),
            ("results", "UPDATE job SET state = 'following' WHERE ref = 'yesterday-0'"),
            ("results", "UPDATE job SET remote_id = remote_id || '0' WHERE ref = 'yesterday-0'"),
            ("holds", "UPDATE job SET minor = minor + 1 WHERE ref = 'yesterday-again'"),
            ("holds", "DELETE FROM hold WHERE released_at IS NULL"),
            ("failures", "UPDATE job SET state = 'succeeded' WHERE state = 'skipped'"),
            ("doubts", "UPDATE job SET state = 'queued' WHERE state = 'in_doubt'"),
            ("answers", "DELETE FROM attempt WHERE id = (SELECT max(id) FROM attempt)")):
        copy = path + ".changed"
        with contextlib.closing(sqlite3.connect(path)) as db, contextlib.closing(sqlite3.connect(copy)) as to:
            db.backup(to)
            for (name,) in to.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                to.execute(f"DROP TRIGGER {name}")
            changed = to.execute(change).rowcount
            to.commit()
        if changed:
            yield about, copy
        os.unlink(copy)


def changed_json(said):
    got = json.loads(said)
    for part in "money", "progress", "holds":
        for row in got[part]:
            for column, value in [*row.items()]:
                if column != "held_at" and re.fullmatch(r"\d[\d.]*", str(value)):
                    row[column] = bumped(str(value), -1 + len(str(value)))
                    yield part, json.dumps(got)
                    row[column] = value
    for part in "jobs", "payments":
        for state, n in got[part].items():
            yield part, json.dumps({**got, part: {**got[part], state: n + 1}})
    for part in "holds", "failures", "doubts":
        yield part, json.dumps({**got, part: got[part][1:]})


def changed_screen(said):
    yield from changed_digits(said, "with total", r"(\d+) [a-z]+", end=said.index("\n"))
    tables = "\n\n".join(said.split("\n\n")[:3])
    for m in some(re.finditer(r"(?m)^\S+\.csv +([a-z]{3} )?.*\d", tables), 20):
        yield from changed_digits(said, "main money" if m[1] else "progress", r" (\d[\d.]*)", m.start(), m.end())


def changed_csv(given):
    heads, *lines = csv.reader(io.StringIO(given))
    for column, about in ("amount", "lines"), ("amount", "sums of states"), ("remote_id", "lines"):
        at = len(heads) - 1 - heads[::-1].index(column)
        for line in some(line for line in lines if line[at]):
            was, line[at] = line[at], bumped(line[at], len(line[at]) - 1)
            out = io.StringIO()
            csv.writer(out).writerows([heads, *lines])
            yield about, out.getvalue()
            line[at] = was


CELL = r'<td class="n c-{}(?: zero)?">((?:(?!</td>|–).)+)</td>'


def changed_html(given):
    jobs = given.index("<caption>Jobs, by state")
    for column in MONEY[1:]:
        yield from changed_digits(given, "money", CELL.format(column), end=jobs)
    for column in ("total", "held", *STATES):
        yield from changed_digits(given, "progress", CELL.format(column), begin=jobs)
    for about, pattern in (
            ("sums", CELL.format("all")),
            ("tiles", r'<li class="(?:paid|way|not|unknown|left)[a-z ]*"><b>(\d+)</b> [A-Z]'),
            ("with total", r'(?:<b>|class="lead">Of )(\d+)(?=</b> (?:is|are)| payments)'),
            ("list", r'<span class="n">((?:(?! <small>).)+) <small>'),
            ("list", r'<span class="r">(\d+)</span>'),
            ("held cases", r'case held"><h3>\S+ <small>\w+, ((?:(?! [a-z]+</small>).)+) '),
            ("doubts", r'case unknown"><h3>[^<\d]+(\d+)'),
            ("answers", r"<figcaption>.*? (\d+) requests"),
            ("answers", r"<figcaption>.*?requests.*? (\d+) (?:accepted|refused|not processed|in doubt)"),
            ("answered", r'<tr><td>create_\w+</td><td class="n">((?:(?!</td>).)+)</td><td class="n">'),
            ("reasons", r'<tr><td class="n">(\d+)</td><td>create_')):
        yield from changed_digits(given, about, pattern)
    yield "adds up", given.replace("✓ yes", "✗ no", 1)
    yield "list", given.replace('<span class="s">succeeded', '<span class="s">following', 1)


def changed_summary(said):
    yield from changed_digits(said, "this run", r'"(?:requests|throttled)":(\d+)')
    money = said.index('"money"')
    yield from changed_digits(said, "jobs and held", r'"[a-z_]+":(\d+)', begin=said.index('"jobs"'), end=money)
    yield from changed_digits(said, "money of all", r'"([\d.]+)"', begin=money)


def changed_metrics(said):
    yield from changed_digits(said, "this run", r"(?m)^remesa_run_(?:requests|throttled)_total (\d+)$")
    yield from changed_digits(said, "jobs and held", r"(?m)^remesa_jobs\S+ (\d+)$")
    yield from changed_digits(said, "money of all", r"(?m)^remesa_money\S+ ([\d.]+)$")


def changed_plan(said):
    got = json.loads(said)
    for about, part, columns, is_judged in (
            ("foreseen", "requests", ["requests"], lambda row: row["kind"] == "send"),
            ("foreseen money", "money", ["jobs", "amount"], lambda row: True),
            ("foreseen holds", "held", ["jobs"], lambda row: True),
            ("foreseen waits", "waiting", ["jobs"], lambda row: row["waits_for"] in PAYS)):
        for row, column in ((row, column) for row in filter(is_judged, got[part]) for column in columns):
            was, row[column] = row[column], bumped(str(row[column]), len(str(row[column])) - 1)
            yield about, json.dumps(got)
            row[column] = was


def changed_plan_screen(said):
    yield from changed_digits(said, "foreseen", r"send  POST  (\d+) ")
    yield from changed_digits(said, "foreseen money", r"(?m)jobs?  ([\d.]+)$")
    yield from changed_digits(said, "foreseen money", r"(?m)(\d+) jobs?  [\d.]+$")
    yield from changed_digits(said, "foreseen waits", r"create_\w+  (\d+) jobs?  create_")
    yield from changed_digits(said, "foreseen holds", HELD.replace("(dup", "(?:dup"))


CHANGED = {"views": changed_views, "status --json": changed_json, "run --json": changed_json, "status": changed_screen,
           "report.csv": changed_csv, "report.html": changed_html, "at_end": changed_summary,
           "metrics_file": changed_metrics, "plan --json": changed_plan, "plan": changed_plan_screen}



def unseen_changes(where, given, b):
    """Of what is told there, what may be changed and nobody complains about it."""
    there = {what for what, got in READERS[where](given) if got}
    tried = set()
    for number, (about, changed) in enumerate(CHANGED[where](given)):
        if about in there and not any(line.startswith(f"{where}: {about}: ") for line in disagreements(where, changed, b)):
            yield f"{where}: change {number}, of {about}, was not seen"
        tried.add(about)
    yield from (f"{where}: no change of {what} was tried" for what in there - tried)
