"""A whole night in one story: a file is checked, planned, imported, looked through, run among faults, killed, run to its
end, and told in the morning. Whatever number a person or a program can read is held against the other side's books."""
import collections
import decimal
import json
import random
import time
import urllib.request

import books
import night
from books import PAYS, STATES, Books, amount_of, exact
from changes import unseen_changes
from night import DIED, NOT_FINAL, OK, SOME_FAILED, SOME_IN_DOUBT, csv_rows, csv_text, rows
from places import disagreements

COLUMNS = [*night.COLUMNS, "needs", "to_addresses", "coin_code"]
NEVER_US = 2 ** 62
PAYEES, YESTERDAY, CONCURRENCY = 72, 6, 6
COINS = (29, 44, 60)  # payees that are paid in coins; the answer to the first one hangs, and then the run is killed
AMOUNTS = {"ars": ["100.10", "7", "0.01", "1234567.89", "19.9", "33.33", "90071992547409.93"],
           "usd": ["0.10", "1999.99", "250000", "3.5", "12.07"], "uyu": ["0.99", "41000.41"],
           "clp": ["1500", "7", "999999", "1"], "pyg": ["7300001", "19"], "btc": ["0.00012345", "0.1", "0.015"]}
CURRENCIES = ["ars", "usd", "clp", "ars", "uyu", "pyg"]
TOO_MUCH, CAPS = "2500000.01", "ars=90071992547410,usd=2500000"
SUSPECTED = {"again-1", "again-2", "yesterday-again"}  # duplicates: one is released, one taken out, one stays
LATE = {12: "1200.13", 32: "7013"}  # accepted, and cancelled by the other side afterwards

FAULTS = ("POST /users:422:x1", "POST /withdrawal_instructions:422:x1", "POST /cash_withdrawals:422:x2",
          "POST /users:commit-then-reset:x1", "POST /withdrawal_instructions:reset-before-commit:x1",
          "POST /cash_withdrawals:commit-then-close:x2", "POST /cash_withdrawals:reset-before-commit:x3",
          "POST /coin_withdrawals:commit-then-hang:x2", "* *:429:0.02", "POST *:commit-then-close:0.01",
          "POST *:half-answer:0.01", "POST *:close-before-commit:0.01")


# ---- the files ----

class File:
    """The payees' rows of one night, in the order in which they are paid."""

    def __init__(self, seed):
        self.rng, self.dicts = random.Random(seed), []

    def user(self, ref):
        self.dicts.append({"ref": ref, "action": "create_user", "email": f"pagos+{ref}@payer.example"})

    def pay(self, ref, user, currency, amount, cbu, needs=""):
        self.dicts.append({"ref": f"{ref}-account", "action": "create_withdrawal_instruction", "on_behalf_of": user,
                           "body.payment_method": "domestic_bank", "body.name": self.rng.choice(night.NAMES),
                           "body.city": "Córdoba", "body.country": "AR", "body.currency": "ARS", "body.bank": "galicia",
                           "body.account_type": "savings", "body.cbu": cbu})
        self.dicts.append({"ref": ref, "action": "create_cash_withdrawal", "on_behalf_of": user, "needs": needs,
                           "withdrawal_instruction": f"@{ref}-account", "amount": amount, "fiat_code": currency})

    def pay_again(self, ref, paid, of):
        """The same payee, account, amount and currency under another name."""
        by_ref = {row["ref"]: row for row in of.dicts}
        account = {**by_ref[f"{paid}-account"], "ref": f"{ref}-account"}
        payment = {**by_ref[paid], "ref": ref, "needs": "", "withdrawal_instruction": f"@{ref}-account"}
        self.dicts += [account, payment]

    def pay_coins(self, ref, user, amount):
        self.dicts.append({"ref": ref, "action": "create_coin_withdrawal", "on_behalf_of": user, "coin_code": "btc",
                           "to_addresses": "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "amount": amount})

    def amount(self, currency, i):
        given = AMOUNTS[currency]
        return given[i // 6 % len(given)] if i // 6 < len(given) else str(self.rng.randrange(20, 2 * 10 ** 5) * 10) + (
            self.rng.choice(["", ".5", ".05", ".50", ".99"]) if books.PLACES[currency] else "")

    def text(self):
        return csv_text(self.dicts, COLUMNS)


def make_yesterday():
    f = File("yesterday")
    for i in range(YESTERDAY):
        f.user(f"y{i}")
        f.pay(f"yesterday-{i}", f"y{i}", CURRENCIES[i], f.amount(CURRENCIES[i], i), f"{3 * 10 ** 21 + i}")
    return f


def make_tonight(yesterday):
    f = File("tonight")
    for i in range(PAYEES):
        currency, user, ref = CURRENCIES[i % 6], f"u{i}", f"pay-{i}"
        f.user(user)
        if i in COINS:
            f.pay_coins(ref, user, AMOUNTS["btc"][COINS.index(i)])
        else:
            f.pay(ref, user, currency, LATE.get(i) or f.amount(currency, i), f"{10 ** 21 + i}",
                  needs={50: "pay-8", 51: "?pay-9"}.get(i, ""))
    f.pay_again("again-1", "pay-20", f)
    f.pay_again("again-2", "pay-21", f)
    f.pay_again("yesterday-again", "yesterday-3", yesterday)
    f.user("rich")
    f.pay("too-much", "rich", "usd", TOO_MUCH, f"{2 * 10 ** 21}")
    return f


# ---- the story ----

class TheNight(night.Night):
    QUICK = {"find_first": "60ms", "find_tries": 2, "settle_time": "400ms"}

    def settings(self, **changed):
        return super().settings(**{"rate": 60, "concurrency": CONCURRENCY, "cap_job": CAPS, "retry_limit": 100,
                                   "timeout": "2s", **changed})

    def lever(self, words):
        urllib.request.urlopen(urllib.request.Request(
            self.box.url.replace("/api", f"/_sandbox/{words}"), method="POST"), timeout=night.PATIENCE).close()

    def open_sandbox(self, *faults):
        self.sandbox(*(part for fault in faults for part in ("--fault", fault)), "--settle-after", "1h",
                     "--latency", "2..25", "--seed", "7", rate=70)

    def refs(self, query):
        return {ref for ref, in rows(self.db, query)}

    def books(self, **claims):
        b = Books(self.box.ledger, self.files, self.cancelled, self.held, self.capped, cut=self.cut,
                  doubts=self.refs("SELECT ref FROM doubts"), **claims)
        self.assertEqual([], [*b.findings(), *b.unfounded()])
        return b

    def said(self, *args):
        return self.assert_status(OK, self.remesa(*args)).out

    def report(self, kind, *args):
        self.said("report", f"--{kind}", f"out.{kind}", *args)
        with open(self.path(f"out.{kind}"), encoding="utf-8", newline="") as f:
            return f.read()

    def told(self):
        """What every place says at this moment."""
        return {"views": self.db, "status --json": self.said("status", "--json"), "status": self.said("status"),
                "report.csv": self.report("csv", "--batch", "tonight.csv"), "report.html": self.report("html")}

    def assert_all_agree(self, b, **told):
        told = {**self.told(), **told}
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
        self.cancelled, self.held, self.capped, self.cut = set(), set(), set(), ({}, 0)
        self.yesterday()
        told = self.evening()
        self.killed()
        self.went_on()
        self.looked_up()
        told.update(self.morning())
        b = self.books()
        self.assert_no_disagreement(b, told)
        before = Books(self.box.ledger, self.files, held=SUSPECTED, capped=self.capped)  # nobody had looked at them yet
        self.assert_no_disagreement(before, {"plan --json": self.of_the_file})
        self.assert_changes_are_seen(b, {where: told[where] for where in ("plan", "plan --json")})

    def yesterday(self):
        made = make_yesterday()
        self.files = {"yesterday.csv": made.text(), "tonight.csv": make_tonight(made).text()}
        for name, given in self.files.items():
            self.write(name, given)
        self.open_sandbox()
        self.assert_status(NOT_FINAL, self.run_it("yesterday.csv"))

    def evening(self):
        """Checked, imported, looked through by a person, planned: what is foreseen is judged when all is over."""
        self.assert_check_is_the_file(json.loads(self.said("check", "tonight.csv", "--json")))
        self.of_the_file = self.said("plan", "tonight.csv", "--json", *self.settings())
        self.said("import", "tonight.csv")
        self.assertEqual(SUSPECTED, self.refs("SELECT ref FROM holds"))
        self.said("release", "again-1", "--reason", "two invoices, I asked")
        self.said("cancel", "again-2", "--reason", "it was a double")
        self.cancelled, self.held = {"again-2"}, {"yesterday-again"}
        self.assert_all_agree(self.books())
        plan = ("plan", "--batch", "tonight.csv", *self.settings())
        self.assert_plan_is_of_now(json.loads(self.said(*plan, "--json")))
        return {"plan": self.said(*plan), "plan --json": self.said(*plan, "--json")}

    def assert_plan_is_of_now(self, said):
        b = self.books()
        progress = b.progress()
        self.assertEqual({state: progress["tonight.csv", state] for state in STATES},
                         {state: str(n) for state, n in said["now"].items()})
        followed = {b.rows[ref]["on_behalf_of"] for ref, *_ in b.payments() if b.state(ref) == "following"}
        self.assertEqual(len(followed) + sum(row["requests"] for row in said["requests"]), said["request_count"],
                         "beside its own requests one list for each user of yesterday's")

    def assert_check_is_the_file(self, said):
        sums, counts = collections.defaultdict(decimal.Decimal), collections.Counter()
        for row in csv_rows(self.files["tonight.csv"]):
            counts[row["action"]] += 1
            if amount_of(row):
                amount, currency = amount_of(row)
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
        self.lever("advance?ms=7200000")
        self.cut = self.cut[0], time.time_ns() // 1000
        ended = self.assert_status(SOME_IN_DOUBT, self.run_it())
        self.capped = {"too-much"}
        b = self.books()
        self.assertLess(8, len(b.doubts), ended)
        self.assert_changes_are_seen(b, self.assert_all_agree(b))

    def resolve(self, b, ref):
        """As a person who has looked at the other side."""
        if b.things[ref]:
            self.said("resolve", ref, "--succeeded", "--remote-id", b.things[ref][0].id, "--reason", "it is in their list")
        else:
            self.said("resolve", ref, "--not-sent", "--reason", "it is not in their list")

    def looked_up(self):
        """A person settles one payment that was made and one that was not; look-ups the others, but for payments of which
        there is no trace."""
        b = self.books()
        made, lost = (next(ref for ref in sorted(b.doubts) if b.rows[ref]["action"] in PAYS and bool(b.things[ref]) == found
                           and b.rows[ref]["amount"] not in LATE.values()) for found in (True, False))
        for ref in made, lost:
            self.resolve(b, ref)
        self.assert_status(SOME_IN_DOUBT, self.run_it(**self.QUICK))
        b = self.books(words=[made])
        self.assertEqual((set(), {True}), ({ref for ref in b.doubts if b.things[ref]},
                                           {b.rows[ref]["action"] in PAYS for ref in b.doubts}))
        self.assert_all_agree(b)
        for ref in sorted(b.doubts):
            self.resolve(b, ref)

    def morning(self):
        """What was accepted is settled or cancelled; what is sent now is not final yet."""
        self.open_sandbox()
        self.lever("advance?ms=7200000")
        ended = self.assert_status(SOME_FAILED, self.run_it("--json", **self.QUICK))
        b = self.books()
        self.assertEqual({"queued", "following", "succeeded", "failed", "skipped", "cancelled"},
                         {state for state, n in b.counts(pays_only=True).items() if n} - {"total"})
        self.assertTrue([ref for ref in b.rows if b.things[ref] and b.state(ref) == "failed"], "none was cancelled there")
        self.assertEqual(0, self.box.stats()["count_429_by_limit"])
        self.said("audit")
        return self.assert_all_agree(b, **{"run --json": ended.out})


if __name__ == "__main__":
    night.main()
