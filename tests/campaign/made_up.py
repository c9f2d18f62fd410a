"""A made-up night: the database as remesa would leave it, and the ledger as remesa-sandbox would, in agreement.

The database is made from the migrations of the source tree, the ledger from the schema in src/sandbox/sql.c."""
import glob
import itertools
import json
import os
import re
import sqlite3

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
T0_MS, STEP_MS = 1_800_000_000_000, 250
PATHS = {"create_user": "users", "create_withdrawal_instruction": "withdrawal_instructions",
         "create_coin_withdrawal": "coin_withdrawals", "create_cash_withdrawal": "cash_withdrawals"}
UNIT = {"ars": 100, "btc": 10 ** 8}


def database_schema():
    for path in sorted(glob.glob(os.path.join(SOURCE, "migrations", "*.sql"))):
        with open(path, encoding="utf-8") as f:
            yield f.read()


def ledger_schema():
    with open(os.path.join(SOURCE, "src", "sandbox", "sql.c"), encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    strings = re.search(r"schema\[\] =(.*?)\";\n", text, re.S)[1] + '"'
    return "".join(re.findall(r'"([^"]*)"', strings))


class World:
    """Both files, written as the two programs would write them."""

    def __init__(self, folder):
        self.db_path, self.ledger_path = os.path.join(folder, "remesa.db"), os.path.join(folder, "ledger.db")
        self.db, self.ledger = sqlite3.connect(self.db_path), sqlite3.connect(self.ledger_path)
        self.now, self.ids = T0_MS, itertools.count(594)

    def begin(self):
        for text in database_schema():
            self.db.executescript(text)
        self.ledger.executescript(ledger_schema())
        self.db.execute("INSERT INTO batch (id, name, source, sha256, jobs, imported_at, imported_by) "
                        "VALUES (1, 'night', 'a.csv', 'x', 0, 1, 'me')")
        for run in 1, 2:
            self.db.execute("INSERT INTO run (id, program, base_url, host, pid, started_at) VALUES (?, 'p', 'u', 'h', 1, 1)",
                            (run,))

    def go_on(self):
        """Where another one, of which these files are copies, has ended."""
        self.now = self.one("SELECT max(opened_at) FROM attempt") + 1000
        self.ids = itertools.count(5000)

    def commit(self):
        self.db.commit()
        self.ledger.commit()

    def close(self):
        self.commit()
        self.db.close()
        self.ledger.close()

    def one(self, text, *values):
        return self.db.execute(text, values).fetchone()[0]

    def plant(self, text, *values):
        """In the database, past every promise it makes."""
        for (name,) in self.db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self.db.execute(f"DROP TRIGGER {name}")
        self.db.execute("PRAGMA foreign_keys = OFF")
        self.db.execute("PRAGMA ignore_check_constraints = ON")
        changed = self.db.execute(text, values).rowcount
        assert changed > 0, text

    def forge(self, text, *values):
        """In the ledger."""
        assert self.ledger.execute(text, values).rowcount > 0, text

    # Jobs

    def job(self, ref, action, user=None, amount=None, **params):
        currency = params.get("fiat_code") or params.get("coin_code")
        minor = None
        if amount:
            whole, _, part = amount.partition(".")
            minor = int(whole + part) * UNIT[currency] // 10 ** len(part)
            params["amount"] = amount
            self.db.execute("INSERT INTO batch_money VALUES (1, ?, ?, ?, NULL, ?) ON CONFLICT DO UPDATE "
                            "SET imported = imported + excluded.imported",
                            (currency, len(str(UNIT[currency])) - 1, UNIT[currency], minor))
        self.db.execute("INSERT INTO job (batch_id, line, ref, action, on_behalf_of, needs, params, currency, minor) "
                        "VALUES (1, 1, ?, ?, ?, '', ?, ?, ?)", (ref, action, user, json.dumps(params), currency, minor))
        self.db.execute("UPDATE batch SET jobs = jobs + 1")

    def read_job(self, ref):
        row = self.db.execute("SELECT id, action, on_behalf_of, params, attempts FROM job WHERE ref = ?", (ref,)).fetchone()
        return (*row[:3], json.loads(row[3]), row[4])

    def id_of(self, ref):
        return self.one("SELECT remote_id FROM job WHERE ref = ?", ref) if ref else None

    def move(self, ref, state, remote_id=None):
        self.db.execute("UPDATE job SET state = ?, remote_id = coalesce(?, remote_id) WHERE ref = ?", (state, remote_id, ref))

    def decide(self, ref, verb):
        job, *_, attempts = self.read_job(ref)
        self.db.execute("INSERT INTO decision (job_id, attempt, verb, decided_by, decided_at) VALUES (?, ?, ?, 'me', ?)",
                        (job, attempts, verb, self.now))

    def look_up(self, ref, outcome):
        job, *_, attempts = self.read_job(ref)
        self.db.execute("INSERT INTO look_up (job_id, attempt, run_id, path, outcome, looked_at) VALUES (?, ?, 1, '/', ?, ?)",
                        (job, attempts, outcome, self.now))

    # The wire

    def body(self, ref):
        _, action, _, params, _ = self.read_job(ref)
        attributes = {k: v for k, v in params.items() if k != "withdrawal_instruction"}
        if action in ("create_withdrawal_instruction", "create_coin_withdrawal"):
            attributes.setdefault("label", ref)
        data = {"type": PATHS[action], "attributes": attributes}
        if "withdrawal_instruction" in params:
            instruction = self.id_of(params["withdrawal_instruction"][1:])
            data["relationships"] = {"withdrawal_instruction": {"data": {"id": instruction}}}
        return data

    def text_of(self, ref):
        """With the amount as a number, digit for digit."""
        return re.sub(r'"amount": "([^"]*)"', r'"amount": \1', json.dumps({"data": self.body(ref)}))

    def request(self, ref, status=200, at_us=None):
        _, action, user, *_ = self.read_job(ref)
        self.ledger.execute(
            "INSERT INTO request (at_us, method, path, user_id, status, body, authorization_ok, query, endpoint, x_request_id)"
            " VALUES (?, 'POST', ?, ?, ?, ?, 1, '', 'e', 'x')",
            (self.now * 1000 + 500 if at_us is None else at_us, f"/api/{PATHS[action]}", self.id_of(user), status,
             self.text_of(ref)))

    def effect(self, ref):
        """Of the last request; its id."""
        _, action, user, params, _ = self.read_job(ref)
        data, number = self.body(ref), str(next(self.ids))
        reference = params.get("email") or data["attributes"].get("label") or params.get("withdrawal_instruction", "")[1:]
        self.ledger.execute(
            "INSERT INTO effect (request_id, kind, resource_id, user_id, reference, amount, currency, body) "
            "VALUES ((SELECT max(id) FROM request), ?, ?, ?, ?, ?, ?, ?)",
            (PATHS[action], number, self.id_of(user), reference, params.get("amount"),
             params.get("fiat_code") or params.get("coin_code"), json.dumps({**data, "id": number})))
        return number

    def attempt(self, ref, outcome, state, request=True, effect=False, run=1, sends=1):
        """One attempt from its line in the database to what became of the job; the next one is a while later."""
        job, *_, attempts = self.read_job(ref)
        self.db.execute("INSERT INTO attempt (job_id, number, run_id, opened_at) VALUES (?, ?, ?, ?)",
                        (job, attempts + 1, run, self.now))
        self.db.execute("UPDATE job SET state = 'sending', attempts = attempts + 1 WHERE id = ?", (job,))
        if request:
            self.request(ref)
        number = self.effect(ref) if effect else None
        if outcome:
            self.db.execute("UPDATE attempt SET closed_at = ?, outcome = ?, sends = ? WHERE job_id = ? AND number = ?",
                            (self.now + 50, outcome, sends, job, attempts + 1))
            self.move(ref, state, number if outcome == "accepted" else None)
        self.now += STEP_MS

    def done(self, ref, action, state="succeeded", **more):
        self.job(ref, action, **more)
        self.attempt(ref, "accepted", state, effect=True)

    def user(self, ref):
        self.done(ref, "create_user", email=f"{ref}@x.example")


def good_world(world):
    """Every state, and every way in which a job may rightly come to it."""
    for ref in "u1", "u2", "u3":
        world.user(ref)
    for ref in "i1", "i2", "i3", "i4":
        world.done(ref, "create_withdrawal_instruction", user="u1")
    cash = {"user": "u1", "fiat_code": "ars"}
    world.done("cash-following", "create_cash_withdrawal", "following", withdrawal_instruction="@i1", amount="100.10", **cash)
    world.done("cash-cancelled", "create_cash_withdrawal", "following", withdrawal_instruction="@i2", amount="5.13", **cash)
    world.move("cash-cancelled", "failed")
    world.done("coin", "create_coin_withdrawal", user="u2", amount="90071992547.40993100", coin_code="btc", to_addresses="m")
    world.job("rejected", "create_user", email="bad@x.example")
    world.attempt("rejected", "rejected", "failed")
    world.job("waiting", "create_user", email="waiting@x.example")
    world.job("throttled", "create_user", email="throttled@x.example")
    world.attempt("throttled", "not_processed", "queued")
    world.attempt("throttled", "not_sent", "queued", request=False, sends=0)
    world.attempt("throttled", "accepted", "succeeded", effect=True)
    world.job("read", "get_user", id="@u1")
    world.attempt("read", "accepted", "succeeded", request=False)
    good_doubts(world, cash)


def good_doubts(world, cash):
    world.job("coin-doubt", "create_coin_withdrawal", user="u3", amount="0.50", coin_code="btc", to_addresses="m")
    world.attempt("coin-doubt", "in_doubt", "in_doubt", effect=True, run=2, sends=None)
    world.job("lost-doubt", "create_user", email="lost@x.example")
    world.attempt("lost-doubt", "in_doubt", "in_doubt", request=False, run=2, sends=None)
    world.job("found", "create_user", email="found@x.example")
    world.attempt("found", "in_doubt", "in_doubt", effect=True)
    world.look_up("found", "not_there")
    world.look_up("found", "found")
    world.move("found", "succeeded", world.ledger.execute("SELECT max(resource_id) FROM effect").fetchone()[0])
    world.job("absent", "create_withdrawal_instruction", user="u1")
    world.attempt("absent", "in_doubt", "in_doubt")
    world.look_up("absent", "absent")
    world.move("absent", "queued")
    world.attempt("absent", "accepted", "succeeded", effect=True)
    world.done("paid-again", "create_cash_withdrawal", "following", withdrawal_instruction="@i3", amount="7", **cash)
    world.move("paid-again", "failed")
    world.decide("paid-again", "retry")
    world.move("paid-again", "queued")
    world.attempt("paid-again", "accepted", "following", effect=True)
    world.job("cancelled", "create_user", email="cancelled@x.example")
    world.decide("cancelled", "cancel")
    world.move("cancelled", "cancelled")
    world.job("skipped", "create_cash_withdrawal", withdrawal_instruction="@rejected", amount="1", **cash)
    world.move("skipped", "skipped")
