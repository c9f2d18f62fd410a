"""A whole night in one story: a file is checked, planned, imported, looked through, run among faults, killed, run to its
end, and told in the morning. Whatever number a person or a program can read is held against the other side's books."""
import collections
import contextlib
import decimal
import json
import os
import sqlite3
import time
import urllib.request

import night
from books import PAYS, Books, amounts_of, exact
from changes import unseen_changes
from night import BAD_INPUT, DIED, OK, REFUSED, SOME_FAILED, SOME_IN_DOUBT, STOPPED, csv_rows, rows
from places import disagreements
from tonight import CAPS, COINS, SUSPECTED, make_tonight, make_yesterday

IMPORTER, APPROVER = "daemon", "bin"
CONCURRENCY, SEED = 6, os.environ.get("REMESA_SEED", "7")
NEVER_US = 2 ** 62

FAULTS = ("POST /users:422:x1", "POST /withdrawal_instructions:422:x1", "POST /cash_withdrawals:422:x2",
          "POST /users:commit-then-reset:x1", "POST /withdrawal_instructions:reset-before-commit:x1",
          "POST /cash_withdrawals:commit-then-close:x2", "POST /cash_withdrawals:reset-before-commit:x3",
          "POST /coin_withdrawals:commit-then-hang:x2", "POST *:429:0.02", "POST *:commit-then-close:0.01",
          "POST *:half-answer:0.01", "POST *:close-before-commit:0.01", "GET *:429:x1", "GET *:500:x1",
          "GET *:commit-then-close:x1", "GET *:half-answer:x1")

INTRUSIONS = (
    ("UPDATE job SET params = replace(params, '\"90071', '\"91071') WHERE ref = 'pay-36'",
     "UPDATE job SET params = replace(params, '\"91071', '\"90071') WHERE ref = 'pay-36'"),
    ("UPDATE job SET params = replace(params, '+u3@', '+u4@') WHERE ref = 'u3'",
     "UPDATE job SET params = replace(params, '+u4@', '+u3@') WHERE ref = 'u3'"),
    ("UPDATE batch_money SET imported = imported - 1 WHERE currency = 'clp' AND declared IS NOT NULL",
     "UPDATE batch_money SET imported = imported + 1 WHERE currency = 'clp' AND declared IS NOT NULL"),
    ("INSERT INTO job (batch_id, line, ref, action, needs, params) SELECT max(id), 999, 'eve', 'create_user', '', "
     "'{\"email\":\"eve@payer.example\"}' FROM batch", "DELETE FROM job WHERE ref = 'eve'"))


class TheNight(night.Night):
    QUICK = {"find_first": "60ms", "find_tries": 2, "settle_time": "400ms"}

    def settings(self, **changed):
        return super().settings(**{"rate": 120, "concurrency": CONCURRENCY, "cap_job": CAPS, "retry_limit": 100,
                                   "timeout": "2s", **changed})

    def lever(self, words):
        urllib.request.urlopen(urllib.request.Request(
            self.box.url.replace("/api", f"/_sandbox/{words}"), method="POST"), timeout=night.PATIENCE).close()

    def pass_hours(self, hours):
        self.lever(f"advance?ms={hours * 3600_000}")

    def open_sandbox(self, *faults):
        self.sandbox(*(part for fault in faults for part in ("--fault", fault)), "--settle-after", "1h",
                     "--latency", "2..25", "--seed", SEED, rate=130)

    def refs(self, query):
        return {ref for ref, in rows(self.db, query)}

    def books(self, **claims):
        b = Books(self.box.ledger, self.files, self.cancelled, self.held, self.capped, cut=self.cut,
                  declared=["tonight.csv"], doubts=self.refs("SELECT ref FROM doubts"), **claims)
        self.assertEqual([], [*b.findings(), *b.unfounded()])
        return b

    def said(self, *args):
        return self.assert_status(OK, self.remesa(*args)).out

    def report(self, kind, *args):
        self.said("report", f"--{kind}", f"out.{kind}", *args)
        return self.read(self.path(f"out.{kind}"))

    @staticmethod
    def read(path):
        with open(path, encoding="utf-8", newline="") as f:
            return f.read()

    def told(self):
        """What every place says at this moment."""
        return {"views": self.db, "status --json": self.said("status", "--json"), "status": self.said("status"),
                "report.csv": self.report("csv", "--batch", "tonight.csv"), "report.html": self.report("html")}

    def run_told(self, status, **changed):
        """The books of when it has ended, and what it said itself of it in three ways."""
        (since,), = self.box.rows("SELECT max(id) FROM request")
        files = {"at_end": self.path("end.json"), "metrics_file": self.path("end.prom")}
        ended = self.assert_status(status, self.run_it("--json", metrics_file=files["metrics_file"], **changed,
                                                       at_end=f"/usr/bin/dd of={files['at_end']} status=none"))
        return since, {"run --json": ended.out, **{where: self.read(path) for where, path in files.items()}}

    def assert_all_agree(self, b, more=()):
        told = {**self.told(), **dict(more)}
        self.assert_no_disagreement(b, told)
        return told

    def assert_no_disagreement(self, b, told):
        findings = [line for where, given in told.items() for line in disagreements(where, given, b)]
        self.assertEqual([], findings, "\n".join(findings[:40]))

    def assert_changes_are_seen(self, b, told):
        """The judge itself is judged: with a number changed, each place disagrees, and it says where."""
        unseen = [line for where, given in told.items() for line in unseen_changes(where, given, b)]
        self.assertEqual([], unseen, "\n".join(unseen))

    def test_every_number_is_that_of_the_other_side(self):
        self.cancelled, self.held, self.capped, self.cut = set(), set(), {"yesterday-too-much"}, ({}, 0)
        self.is_shared = os.geteuid() == 0
        self.yesterday()
        self.told_before()
        self.imported()
        self.approved()
        told = self.planned()
        self.changed_by_an_intruder()
        self.killed()
        self.went_on()
        self.looked_up()
        self.morning()
        self.judge_the_plans(told)
        if not self.is_shared:
            self.skipTest("SKIPPED: all of it but the approval by another system user, which takes root")

    def yesterday(self):
        """One payment was above the cap, and that alone is no good end."""
        made = make_yesterday()
        self.files = {"yesterday.csv": made.text(), "tonight.csv": make_tonight(made).text()}
        if self.is_shared:
            self.share()
        for name, given in self.files.items():
            self.write(name, given, mode=0o664)
        self.open_sandbox()
        ended = self.assert_status(SOME_FAILED, self.run_it("yesterday.csv"))
        self.assertIn("yesterday-too-much is held and not sent: cap_job: 2,500,000.01 usd > 2,500,000.00", ended.err)

    def told_before(self):
        """What the file comes to, and what would be sent of it: judged when all is over."""
        self.assert_check_is_the_file(json.loads(self.said("check", "tonight.csv", "--json")))
        self.of_the_file = self.said("plan", "tonight.csv", "--json", *self.settings())

    def totals(self, more=0):
        """As the accountant declares them; a cent more of ars."""
        sums = collections.defaultdict(decimal.Decimal, ars=decimal.Decimal(more))
        for _, amount, currency in amounts_of(self.files["tonight.csv"]):
            sums[currency] += amount
        return "--expect-rows", len(csv_rows(self.files["tonight.csv"])), *(
            part for currency, n in sums.items() for part in ("--expect-total", f"{currency}={exact(n, currency)}"))

    def by(self, user, *args, **more):
        return self.remesa_as(user, *args, **more) if self.is_shared else self.remesa(*args)

    def imported(self):
        if self.is_shared:
            self.write("remesa.conf", "four_eyes = required\n", mode=0o664)
        ended = self.assert_status(BAD_INPUT, self.by(IMPORTER, "import", "tonight.csv", *self.totals(more="0.01")))
        right = sum(amount for _, amount, currency in amounts_of(self.files["tonight.csv"]) if currency == "ars")
        cent = decimal.Decimal("0.01")
        self.assertIn(f"declared {right + cent} ars, the file has {right}: {cent} less", ended.err)
        self.assertEqual(set(), self.refs("SELECT ref FROM results WHERE batch = 'tonight.csv'"))
        self.assert_status(OK, self.by(IMPORTER, "import", "tonight.csv", *self.totals()))
        self.assertEqual(SUSPECTED, self.refs("SELECT ref FROM holds WHERE kind = 'duplicate'"))

    def approved(self):
        """By neither the one who imported it, nor root whom that one became."""
        self.say("cancel", "again-2", "--reason", "it was a double", people=1)
        self.cancelled, self.held = {"again-2"}, SUSPECTED - {"again-2"}
        if self.is_shared:
            everything = {row["ref"] for row in csv_rows(self.files["tonight.csv"])} - self.cancelled
            self.assert_all_agree(self.books(waiting=everything))
            before = self.box.calls()
            for ended in (self.remesa("run", *self.settings()), self.by(IMPORTER, "approve", "tonight.csv"),
                          self.remesa("approve", "tonight.csv", env={"SUDO_USER": IMPORTER})):
                self.assert_status(REFUSED, ended)
            self.assertIn(f"imported by {IMPORTER}", ended.err)
            self.assertEqual(before, self.box.calls())
            for batch in "tonight.csv", "yesterday.csv":  # of which a payment is left, and that counts from now on
                self.assert_status(OK, self.by(APPROVER, "approve", batch))
        self.say("release", "again-1", "--reason", "two invoices, I asked")
        self.held = {"yesterday-again"}
        self.assert_all_agree(self.books())

    def say(self, *args, people=2):
        """What is said of a large payment takes two persons."""
        if self.is_shared and people == 2:
            self.assert_status(STOPPED, self.by(IMPORTER, *args))
        self.assert_status(OK, self.by(APPROVER, *args))

    def changed_by_an_intruder(self):
        """In the sqlite3 shell, after the approval: nothing is sent before it is as it was, to the byte."""
        before = self.box.calls()
        for change, undo in INTRUSIONS if self.is_shared else ():
            self.shell(change)
            ended = self.assert_status(BAD_INPUT, self.run_it())
            self.assertRegex(ended.err, rf"tonight\.csv: .*changed since {APPROVER} approved it", change)
            self.assertEqual(before, self.box.calls(), change)
            self.shell(undo)
        self.assert_all_agree(self.books())

    def shell(self, statement):
        """By somebody who knows what triggers are, and puts them back."""
        with contextlib.closing(sqlite3.connect(self.db)) as db, db:
            triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                db.execute(f"DROP TRIGGER {name}")
            self.assertGreater(db.execute(statement).rowcount, 0, statement)
            for _, sql in triggers:
                db.execute(sql)

    def planned(self):
        plan = ("plan", *self.settings())
        self.assert_plan_is_of_now(json.loads(self.said(*plan, "--json")))
        return {"plan": self.said(*plan), "plan --json": self.said(*plan, "--json")}

    def judge_the_plans(self, told):
        b = self.books()
        self.assert_no_disagreement(b, told)
        before = Books(self.box.ledger, self.files, held=SUSPECTED, capped=self.capped)  # nobody had looked at them yet
        self.assert_no_disagreement(before, {"plan --json": self.of_the_file})
        self.assert_changes_are_seen(b, told)

    def assert_plan_is_of_now(self, said):
        b = self.books()
        self.assertEqual(b.counts(), {"total": len(b.rows), **said["now"]})
        followed = {b.rows[ref]["on_behalf_of"] for ref, *_ in b.payments() if b.state(ref) == "following"}
        self.assertEqual(len(followed), sum(row["requests"] for row in said["requests"] if row["kind"] == "poll"),
                         "a list for each of yesterday's users")
        self.assertEqual(said["request_count"], sum(row["requests"] for row in said["requests"]))

    def assert_check_is_the_file(self, said):
        sums, counts = collections.defaultdict(decimal.Decimal), collections.Counter()
        for row in csv_rows(self.files["tonight.csv"]):
            counts[row["action"]] += 1
        for _, amount, currency in amounts_of(self.files["tonight.csv"]):
            sums[currency] += amount
        self.assertEqual({c: exact(n, c) for c, n in sums.items()}, {m["currency"]: m["total"] for m in said["money"]})
        self.assertEqual(counts, {a["action"]: a["jobs"] for a in said["actions"]})

    def killed(self):
        """In the middle: when the ledger shows an answer that will not come."""
        self.open_sandbox(*FAULTS)
        running = self.start("run", *self.settings(timeout="60s"))
        self.wait_until(lambda: not running.is_running() or self.box.rows(
            "SELECT 1 FROM request WHERE fault = 'commit-then-hang'"), "an answer that hangs")
        self.assert_status(DIED, running.kill())
        running.close()
        in_flight = {ref: attempt - 1 for ref, attempt in rows(
            self.db, "SELECT ref, attempt FROM attempts WHERE outcome IS NULL")}
        self.assertTrue({f"pay-{i}" for i in COINS} & in_flight.keys(), in_flight)
        self.assertLessEqual(len(in_flight), CONCURRENCY)
        self.cut = in_flight, NEVER_US
        self.assert_all_agree(self.books(sending=in_flight))

    def went_on(self):
        """To its end, and nobody looks for what was lost: it is in doubt. What yesterday's brought has settled."""
        self.pass_hours(2)
        self.cut = self.cut[0], time.time_ns() // 1000
        since, told = self.run_told(SOME_IN_DOUBT)
        self.capped.add("too-much")
        b = self.books(since=since)
        self.assertLess(8, len(b.doubts))
        self.assert_changes_are_seen(b, self.assert_all_agree(b, told))

    def resolve(self, b, ref):
        """As a person who has looked at the other side."""
        if b.things[ref]:
            self.say("resolve", ref, "--succeeded", "--remote-id", b.things[ref][0].id, "--reason", "it is in their list")
        else:
            self.say("resolve", ref, "--not-sent", "--reason", "it is not in their list")

    def looked_up(self):
        """A person settles one payment that was made and one that was not; look-ups the others, but for payments of which
        there is no trace."""
        b = self.books()
        made, lost = (next(ref for ref in sorted(b.doubts) if b.rows[ref]["action"] in PAYS and bool(b.things[ref]) == found)
                      for found in (True, False))
        for ref in made, lost:
            self.resolve(b, ref)
        since, told = self.run_told(SOME_IN_DOUBT, **self.QUICK)
        b = self.books(since=since)
        self.assertEqual((set(), {True}), ({ref for ref in b.doubts if b.things[ref]},
                                           {b.rows[ref]["action"] in PAYS for ref in b.doubts}))
        self.assert_all_agree(b, told)
        for ref in sorted(b.doubts):
            self.resolve(b, ref)

    def morning(self):
        """What was accepted is settled or cancelled; what is sent now is not final yet."""
        self.open_sandbox()
        self.pass_hours(2)
        since, told = self.run_told(SOME_FAILED, **self.QUICK)
        b = self.books(since=since)
        self.assertEqual({"queued", "following", "succeeded", "failed", "skipped", "cancelled"},
                         {state for state, n in b.counts(pays_only=True).items() if n} - {"total"})
        self.assertTrue([ref for ref in b.rows if b.things[ref] and b.state(ref) == "failed"], "none was cancelled there")
        self.assertEqual(0, self.box.stats()["count_429_by_limit"])
        self.said("audit")
        self.assert_all_agree(b, told)


if __name__ == "__main__":
    night.main()
