"""Where numbers of a night are told, read as a person or a program would read them there, and held against the books of
the other side (books.py)."""
import collections
import contextlib
import csv
import decimal
import io
import json
import re
import sqlite3

import test_html
from books import PAYS, STATES, exact
from test_html import text

MONEY = ("declared", "imported", "succeeded", "following", "in_doubt", "failed", "waiting", "returned", "held")
TILES = {"Paid": ["succeeded"], "Accepted, not final": ["following"], "Not paid": ["failed", "skipped", "cancelled"],
         "Unknown": ["in_doubt"], "Left to do": ["queued", "sending"]}
WORDS = {"paid": "Paid", "not final yet": "Accepted, not final", "not paid": "Not paid", "unknown": "Unknown",
         "left": "Left to do"}
SENTENCE = {"made": "Paid", "accepted by the API and not final yet": "Accepted, not final", "not made": "Not paid",
            "unknown": "Unknown", "left to do": "Left to do"}
ANSWERS = {"requests": "requests", "accepted": "accepted", "refused": "refused", "not processed": "put off",
           "in doubt": "in doubt"}
OUTCOMES = {None: "under way", "accepted": "accepted", "rejected": "refused", "not_processed": "put off",
            "in_doubt": "in doubt"}

HELD = r"(?m)^(?:  held)? +(duplicate|cap|approval)  (\d+) jobs?  "


# ---- what stands there: each gives what it is, and {key: text} ----

def by_key(dicts, keys, columns):
    return {(*(row.get(k) for k in keys), column): str(row[column]) for row in dicts for column in columns
            if row.get(column) not in (None, "–")}


def of_money(dicts):
    return by_key(dicts, ("batch", "currency"), MONEY)


def of_progress(dicts):
    return by_key(dicts, ("batch",), ("total", "held", *STATES))


def of_rows(view):
    yield "money", of_money(view("money"))
    yield "progress", of_progress(view("progress"))
    yield "holds", {(row["ref"], row["currency"]): row["amount"] for row in view("holds")}
    yield "failures", {(row["ref"],): row["state"] for row in view("failures")}
    yield "doubts", {(row["ref"],): "in_doubt" for row in view("doubts")}


def table(path, view):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(f"SELECT * FROM {view}")]


def of_views(path):
    yield from of_rows(lambda view: table(path, view))
    yield "results", {(row["ref"], column.replace("_", " ")): row[column] or "" for row in table(path, "results")
                      for column in ("state", "remote_id")}
    count = collections.Counter(OUTCOMES.get(row["outcome"], row["outcome"]) for row in table(path, "attempts"))
    yield "answers", in_text({"requests": sum(count.values()), "in doubt": 0, **count})


def of_json(said):
    """Of `status --json`; `run --json` ends with the same."""
    got = json.loads(said)
    yield from of_rows(got.__getitem__)
    for part in "jobs", "payments":
        yield part, {(state,): str(n) for state, n in got[part].items()}


def of_summary(said):
    """What the command at the end of a run is told."""
    got = json.loads(said)
    yield "jobs and held", in_text(got["jobs"])
    yield "money of all", {(currency, column): n for currency, sums in got["money"].items() for column, n in sums.items()}
    yield "this run", {(what,): str(got[what]) for what in ("requests", "throttled")}


def of_metrics(said):
    yield "jobs and held", {(state,): n for state, n in re.findall(r'(?m)^remesa_jobs\{state="(\w+)"\} (\S+)$', said)}
    yield "money of all", {(currency, column): n for currency, column, n in re.findall(
        r'(?m)^remesa_money\{currency="(\w+)",state="(\w+)"\} (\S+)$', said)}
    yield "this run", {(what,): n for what, n in re.findall(r"(?m)^remesa_run_(requests|throttled)_total (\d+)$", said)}


def of_screen(said):
    """Of `status`: '81 payments: 0 paid, 60 not final yet, ...', then tables with a blank line before each."""
    total, rest = re.match(r"(\d+) payments: (.*)", said).groups()
    yield "with total", {("total",): total, **{(WORDS[words],): n for n, words in re.findall(r"(\d+) ([^,]+)", rest)}}
    for heads, *lines in (block.splitlines() for block in said.split("\n\n")):
        if heads.startswith("batch ") and (" total " in heads or " imported " in heads):
            dicts = [columns_of(heads, line) for line in lines]
            yield ("main money", of_money(dicts)) if " imported " in heads else ("progress", of_progress(dicts))


def columns_of(heads, line):
    """Texts begin where their heading begins, numbers end where it ends; an empty cell is not there."""
    names = {at: m[0] for m in re.finditer(r"\S+", heads) for at in (("from", m.start()), ("to", m.end()))}
    return {names.get(("from", m.start())) or names[("to", m.end())]: m[0] for m in re.finditer(r"\S+", line)}


def of_plan(said):
    got = json.loads(said)
    yield "foreseen", {(row["action"],): str(row["requests"]) for row in got["requests"] if row["kind"] == "send"}
    yield "foreseen money", {key: str(row[column]) for row in got["money"] for key, column in (
        ((row["currency"], "jobs"), "jobs"), ((row["currency"], "amount"), "amount"))}
    yield "foreseen holds", {(row["hold"],): str(row["jobs"]) for row in got["held"]}
    yield "foreseen waits", {(row["action"],): str(row["jobs"]) for row in got["waiting"] if row["waits_for"] in PAYS}


def of_plan_screen(said):
    yield "foreseen", dict(((action,), n) for action, n in re.findall(r"(create_\w+)  send  POST  (\d+) requests?", said))
    yield "foreseen money", {(currency, what): n for currency, jobs, amount in re.findall(
        r"(?m)^(?:  money)? +(\w+)  (\d+) jobs?  ([\d.]+)$", said) for what, n in (("jobs", jobs), ("amount", amount))}
    yield "foreseen holds", dict(((kind,), n) for kind, n in re.findall(HELD, said))
    yield "foreseen waits", dict(((action,), n) for action, n, _ in re.findall(
        rf"(create_\w+)  (\d+) jobs?  ({'|'.join(PAYS)})", said))


def of_csv(given):
    """The last column of a name is the one that the report has added."""
    lines = [{**line, "remote id": line["remote_id"]} for line in csv.DictReader(io.StringIO(given))]
    sums = collections.defaultdict(decimal.Decimal)
    for line in lines:
        if line["amount"]:
            sums[line["state"], line["currency"]] += decimal.Decimal(line["amount"])
    yield "lines", by_key(lines, ("ref",), ("state", "remote id", "amount", "currency"))
    yield "sums of states", {key: exact(n, key[1]) for key, n in sums.items()}


def of_html(given):
    page = test_html.Page(given)
    money, jobs = ([{head.replace(" ", "_"): cell for head, cell in row.items()} for row in page.table(caption)]
                   for caption in ("Money", "Jobs"))
    yield "money", of_money(money)
    yield "adds up", {(row["batch"], row["currency"]): row["adds_up"] for row in money}
    yield "sums", of_foot(page, list(money[0]))
    yield "progress", of_progress(jobs)
    yield "tiles", {(re.sub(r"^\d+ ", "", text(t)),): text(t).split()[0]
                    for t in page.all("li", inside=next(page.all("ul", "tiles")))}
    yield "with total", of_sentence(text(next(page.all("p", "lead"))))
    yield "list", of_list(page)
    if "more are in the view <code>holds</code>" not in given:
        yield "held cases", {(ref, currency or None): amount or None for ref, amount, currency in (
            re.match(r"(\S+) \w+(?:, (\S+) (\S+))?", head).groups() for head in heads_of(page, "held"))}
    yield "doubts", {(head.split()[0],): "in_doubt" for head in heads_of(page, "unknown")}
    if list(page.all("figure")):
        yield "answers", of_caption(text(next(page.all("figcaption"))))
        yield "answered", {(row["action"],): row["requests"] for row in page.table("Milliseconds")}
        yield "reasons", of_reasons(page)


def heads_of(page, css):
    return [text(head) for case in page.all("article", css) for head in page.all("h3", inside=case)]


def of_foot(page, heads):
    cells = [[text(cell) for cell in row[2]] for foot in page.all("tfoot") for row in page.all("tr", inside=foot)]
    return {(row[1], head): n for row in cells for head, n in zip(heads[2:], row[2:]) if head in MONEY and n != "–"}


def of_sentence(said):
    total, = re.match(r"Of (\d+) payments", said).groups()
    return {("total",): total, **{(SENTENCE[words],): n for n, words in re.findall(
        rf"(\d+) (?:is|are) ({'|'.join(SENTENCE)})", said)}}


def of_list(page):
    got = {}
    for li in page.all("li", inside=next(page.all("section", "jobs"))):
        cells = {c[1].get("class", c[0]): text(c) for c in li[2]}
        amount, _, currency = cells["n"].partition(" ")
        got.update({(cells["b"], "state"): cells["s"].replace(" ", "_"), (cells["b"], "remote id"): cells["r"],
                    (cells["b"], "amount"): amount, (cells["b"], "currency"): currency})
    return got


def of_caption(said):
    got = {ANSWERS[words]: int(n) for n, words in re.findall(rf"(\d+) ({'|'.join(ANSWERS)})", said)}
    under_way = 2 * got["requests"] - sum(got.values())
    return in_text({"in doubt": 0, **got, **({"under way": under_way} if under_way else {})})


def of_reasons(page):
    sums = collections.Counter()
    for found in page.all("table", "reasons"):
        for row in page.all("tr", inside=next(page.all("tbody", inside=found))):
            jobs, action, state = (text(cell) for cell in row[2][:3])
            sums[action, state] += int(jobs)
    return in_text(sums)


# ---- what the books say that it is ----

def tiles(b):
    counts = b.counts(pays_only=True)
    sums = {tile: sum(counts[s] for s in states) for tile, states in TILES.items()}
    return in_text({tile: n for tile, n in sums.items() if n or tile != "Accepted, not final"})


def sums_over_batches(b, least=2):
    """Of the currencies that so many batches have."""
    sums, batches = collections.defaultdict(decimal.Decimal), collections.defaultdict(set)
    for (batch, currency, column), n in b.money().items():
        sums[currency, column] += decimal.Decimal(n)
        batches[currency].add(batch)
    return {key: exact(n, key[0]) for key, n in sums.items() if len(batches[key[0]]) >= least}


def money_of_all(b):
    return {key: n for key, n in sums_over_batches(b, least=1).items() if key[1] not in ("declared", "imported")}


def jobs_and_held(b):
    counts = {state: n for state, n in b.counts().items() if state != "total"}
    return in_text({**counts, "held": sum(b.state(ref) == "queued" for ref in b.held)})


def in_states(b, *states):
    return {(ref,): b.state(ref) for ref in b.rows if b.state(ref) in states}


def foreseen(b):
    return in_text(collections.Counter(b.rows[ref]["action"] for ref in b.foreseeable("tonight.csv")))


def foreseen_money(b):
    sums, jobs, refs = collections.defaultdict(decimal.Decimal), collections.Counter(), set(b.foreseeable("tonight.csv"))
    for ref, _, amount, currency in b.payments():
        if ref in refs:
            sums[currency] += amount
            jobs[currency] += 1
    return {**{(c, "amount"): exact(n, c) for c, n in sums.items()}, **in_text({(c, "jobs"): n for c, n in jobs.items()})}


def in_text(counts):
    return {key if isinstance(key, tuple) else (key,): str(n) for key, n in counts.items()}


def holds(b):
    amounts = {ref: (currency, exact(n, currency)) for ref, _, n, currency in b.payments()}
    return {(ref, amounts.get(ref, [None])[0]): amounts.get(ref, [None])[-1] for ref in b.held if b.state(ref) == "queued"}


def reasons(b):
    return in_text(collections.Counter((b.rows[ref]["action"], state)
                                       for (ref,), state in in_states(b, "failed", "skipped").items()))


WANTED = {
    "money": lambda b: b.money(),
    "main money": lambda b: {key: n for key, n in b.money().items() if key[2] != "declared"},
    "adds up": lambda b: {key[:2]: "✓ yes" for key in b.money()},
    "sums": sums_over_batches,
    "money of all": money_of_all,
    "jobs and held": jobs_and_held,
    "this run": lambda b: in_text(b.asked_since()),
    "sums of states": lambda b: b.money_of_states("tonight.csv"),
    "progress": lambda b: b.progress(),
    "jobs": lambda b: in_text(b.counts()),
    "payments": lambda b: in_text(b.counts(pays_only=True)),
    "tiles": tiles,
    "with total": lambda b: {("total",): str(b.counts(pays_only=True)["total"]), **tiles(b)},
    "results": lambda b: {key: value for key, value in b.lines().items() if key[1] in ("state", "remote id")},
    "lines": lambda b: b.lines("tonight.csv"),
    "list": lambda b: b.lines(),
    "holds": holds,
    "held cases": lambda b: {key: amount for key, amount in holds(b).items() if key[0] in b.cases},
    "failures": lambda b: in_states(b, "failed", "skipped"),
    "reasons": reasons,
    "doubts": lambda b: in_states(b, "in_doubt"),
    "answers": lambda b: b.answers(),
    "answered": lambda b: b.answered(),
    "foreseen": foreseen,
    "foreseen money": foreseen_money,
    "foreseen waits": lambda b: in_text(collections.Counter(
        row["action"] for ref, row in b.rows.items() if b.waits_for_a_payment(ref))),
    "foreseen holds": lambda b: in_text({"duplicate": len(b.held - b.capped), "cap": len(b.capped)}),
}
READERS = {"views": of_views, "status --json": of_json, "run --json": of_json, "status": of_screen, "report.csv": of_csv,
           "report.html": of_html, "at_end": of_summary, "metrics_file": of_metrics, "plan --json": of_plan,
           "plan": of_plan_screen}


def differences(place, want, got):
    """A line for each number of `want` that `got` has otherwise or not at all, and for each that nobody asked for."""
    return [f"{place}: {' '.join(map(str, key))} is {got.get(key)}, by the ledger {want.get(key)}"
            for key in sorted(want.keys() | got.keys(), key=str) if want.get(key) != got.get(key)]


def disagreements(where, given, b):
    """Between what stands there and the books: which number of which place it is, what it is and what it should be."""
    return [line for what, got in READERS[where](given) for line in differences(f"{where}: {what}", WANTED[what](b), got)]
