"""Before the night: what a file comes to, and what a run would send; both beside a run that is under way, and neither
leaves anything behind."""
import collections
import contextlib
import decimal
import hashlib
import json
import os
import re
import sqlite3
import time

import night
import test_remit
from night import BAD_INPUT, NOT_FINAL, OK, csv_rows, csv_text, make_payees, rows


def renamed(text, old, new):
    """The rows of actions that begin with a ref of `old`, under another name."""
    return csv_text({**row, "ref": row["ref"].replace(old, new)} for row in csv_rows(text) if row["ref"].startswith(old))


class Quiet(night.Night):
    def digest(self):
        """Of every file in the folder that a reader must leave alone; -shm, and a -wal with nothing in it, are where it
        says that it reads."""
        digests = {}
        for name in sorted(os.listdir(self.folder)):
            with open(self.path(name), "rb") as f:
                text = f.read()
            if not name.endswith("-shm") and (text or not name.endswith("-wal")):
                digests[name] = hashlib.sha256(text).hexdigest()
        return digests

    def said(self, *args):
        return json.loads(self.assert_status(OK, self.remesa(*args, "--json")).out)


class Check(Quiet):
    def test_what_a_file_comes_to(self):
        text = make_payees(40)
        self.write("payees.csv", text)
        got = self.said("check", "payees.csv")
        want = {}
        for row in csv_rows(text):
            if row["amount"]:
                jobs, total = want.get(row["fiat_code"], (0, decimal.Decimal(0)))
                want[row["fiat_code"]] = jobs + 1, total + decimal.Decimal(row["amount"])
        self.assertEqual({c: (n, str(t.quantize(decimal.Decimal("0.01")))) for c, (n, t) in want.items()},
                         {m["currency"]: (m["jobs"], m["total"]) for m in got["money"]})
        self.assertEqual([("create_user", 40), ("create_withdrawal_instruction", 40), ("create_cash_withdrawal", 40)],
                         [(a["action"], a["jobs"]) for a in got["actions"]])
        self.assertEqual([{"new_payees": 40, "known_payees": 0}], got["payees"])
        self.assertEqual((120, 0, True, []), (got["new"], got["known"], got["fine"], got["complaints"]))
        self.assertEqual(["key", "payees.csv"], sorted(os.listdir(self.folder)), "a check writes nothing")

    def test_what_is_there_already(self):
        text = make_payees(10)
        self.write("payees.csv", text)
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        self.write("again.csv", make_payees(14))
        got = self.said("check", "again.csv")
        self.assertEqual((12, 30), (got["new"], got["known"]))
        self.assertEqual([{"new_payees": 4, "known_payees": 0}], got["payees"])
        self.write("second.csv", renamed(text, "payout", "second"))
        self.assertEqual([{"new_payees": 0, "known_payees": 10}], self.said("check", "second.csv")["payees"])

    def test_every_complaint_is_in_the_json_too(self):
        self.write("bad.csv", "ref,action,on_behalf_of,withdrawal_instruction,amount,fiat_code\n"
                              "a,create_cash_withdrawl,#1,7,5,ars\nb,create_cash_withdrawal,#1,7,five,ars\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("check", "bad.csv", "--json"))
        got = json.loads(ended.out)
        self.assertEqual([(2, "action"), (3, "amount")], [(c["line"], c["column"]) for c in got["complaints"]])
        self.assertFalse(got["fine"])

    def test_beside_a_run(self):
        """It takes no lock, and neither hinders the run nor is hindered by it."""
        self.sandbox()
        self.write("payees.csv", make_payees(30))
        self.write("more.csv", make_payees(2, first=100))
        running = self.start("run", "payees.csv", *self.settings(rate=20))
        self.wait_until(lambda: len(self.box.calls()) > 3, "the run is under way")
        got = self.said("check", "more.csv")
        self.assertEqual((6, 0), (got["new"], got["known"]))
        self.assertEqual(30 * 3, self.said("check", "payees.csv")["known"])
        self.assertTrue(running.is_running(), "the run was still under way")
        self.assert_status(NOT_FINAL, running.wait())
        self.assertEqual(90, rows(self.db, "SELECT count(*) FROM results")[0][0])


def lanes(requests):
    """In order for each user acted for, and for the master itself."""
    by_user = collections.defaultdict(list)
    for user, *request in requests:
        by_user[user].append(request)
    return dict(by_user)


class Plan(Quiet):
    """What it says is what the run then does, counted on the other side."""

    def foreseen(self, *args):
        out = self.assert_status(OK, self.remesa("plan", *args, *self.settings(concurrency=1), "--requests", "--json")).out
        return [json.loads(line) for line in out.splitlines()]

    def real(self, text):
        """{ref} becomes the id that the run got."""
        ids = dict(rows(self.db, "SELECT ref, remote_id FROM results"))
        return re.sub(r"\{([^{}\"]+)\}", lambda m: ids.get(m[1]) or m[0], text) if text else ""

    def wire(self, plan):
        for q in plan:
            said = re.fullmatch(r"\*\*\*(?:; user=(.*))?", q["headers"]["Authorization"])
            user, url = self.real(said[1]) or None, self.real(q["url"])
            yield user, q["method"], url.removeprefix(self.box.url.removesuffix("/api")), self.real(q["body"])

    def seen(self):
        return [(user, method, path, body or "") for user, method, path, body in self.box.rows(
            "SELECT user_id, method, CASE query WHEN '' THEN path ELSE path || '?' || query END, body FROM request "
            "WHERE path NOT LIKE '/_sandbox%' ORDER BY id")]

    def assert_foreseen(self, plan, status, *args, **changed):
        before = len(self.seen())
        self.assert_status(status, self.run_it(*args, **changed))
        want, got = list(self.wire(plan)), self.seen()[before:]
        self.assertEqual(lanes(want), lanes(got))
        self.assertEqual([w[1:3] for w in want], [g[1:3] for g in got], "in order as a whole, at one connection")

    def test_each_request_of_a_plain_csv(self):
        self.sandbox()
        self.write("payees.csv", make_payees(25))
        plan = self.foreseen("payees.csv")
        self.assertEqual(["key", "ledger.db", "payees.csv"],
                         sorted(n for n in os.listdir(self.folder) if "-" not in n), "a plan writes nothing")
        self.assertEqual([], self.box.calls(), "and sends nothing")
        self.assertEqual(75, len(plan))
        self.assert_foreseen(plan, NOT_FINAL, "payees.csv", concurrency=1)

    def test_each_request_of_pay_new(self):
        self.sandbox()
        columns = ["ref", "payee", "email", "name", "country", "account_currency", "bank", "account_type", "cbu", "amount"]
        self.write("pay.csv", csv_text(({
            "ref": f"august-{i}", "payee": f"p{i % 9}", "email": f"p{i % 9}@payer.example", "name": night.NAMES[i % 7],
            "country": "AR", "account_currency": "ARS", "bank": "bbva", "account_type": "savings",
            "cbu": f"{10 ** 21 + i % 9}", "amount": night.ODD_AMOUNTS[i % 9]} for i in range(20)), columns))
        recipe = ("--recipe", "pay-new", "--set", "currency=ars", "pay.csv")
        plan = self.foreseen(*recipe)
        self.assertEqual(9, sum(q["action"] == "create_user" for q in plan), "a payee is made once for all lines")
        self.assert_foreseen(plan, NOT_FINAL, *recipe, concurrency=1)
        self.assertEqual({"poll"}, {q["kind"] for q in self.foreseen(*recipe)}, "what is done is not planned again")

    def test_every_night_of_onboard_and_remit(self):
        """Also what is asked, and what waits for something that the API has to settle."""
        self.sandbox("--quote-after", "1h", "--settle-after", "2h")
        lines = list(test_remit.make_lines(6))
        total = sum(decimal.Decimal(line["amount"]) for line in lines)
        recipe = ("--recipe", "onboard-and-remit", *test_remit.REQUEST, "--set", f"limit={total}", "july.csv")
        self.write("july.csv", csv_text(lines, list(lines[0])))
        plan = self.foreseen(*recipe)
        self.assertEqual(1 + 6 * 7, len(plan))
        self.assert_foreseen(plan, NOT_FINAL, *recipe, concurrency=1)
        for lever, status in (("approve", NOT_FINAL), ("advance?ms=7200000", NOT_FINAL)):
            test_remit.Remit.lever(self, lever)
            plan = self.foreseen(*recipe)
            self.assertTrue(any(q["kind"] == "poll" for q in plan), lever)
            self.assert_foreseen(plan, status, *recipe, concurrency=1)

    def test_counts_and_the_end_at_a_pace(self):
        """Exact counts; the end within 5 % or 2 s; by counts alone, too."""
        self.sandbox()
        self.write("payees.csv", make_payees(60))
        args = ("payees.csv", *self.settings(rate=20))
        plan, counted = self.said("plan", *args), self.said("plan", *args, "--estimate")
        began = time.monotonic()
        self.assert_status(NOT_FINAL, self.remesa("run", *args))
        took = time.monotonic() - began
        posts = collections.Counter(call.path.removeprefix("/api/") for call in self.box.calls())
        want = {"create_user": posts["users"], "create_withdrawal_instruction": posts["withdrawal_instructions"],
                "create_cash_withdrawal": posts["cash_withdrawals"]}
        for said in plan, counted:
            self.assertEqual(want, {r["action"]: r["requests"] for r in said["requests"]})
            self.assertEqual(180, said["request_count"])
            self.assertLess(abs(said["takes_ms"] / 1000 - took), max(2, 0.05 * took), said)
        self.assertEqual((False, True), (plan["estimate"], counted["estimate"]))
        for said in plan, counted:  # to the cent, as the accounts then say
            self.assertEqual(rows(self.db, "SELECT currency, imported FROM money ORDER BY currency"),
                             [(m["currency"], m["amount"]) for m in said["money"]])

    def test_the_rate_of_an_endpoint(self):
        """Its own limiter is the longer way; both ways of planning see it."""
        self.sandbox()
        with open(os.path.join(os.path.dirname(__file__), "..", "..", "actions", "bitex", "users.json"), "rb") as f:
            users = json.load(f)
        slow = {"create_user": {**users["create_user"], "rate": "4"}}
        self.write("slow.json", json.dumps(slow))
        self.write("payees.csv", csv_text(r for r in csv_rows(make_payees(16)) if r["action"] == "create_user"))
        args = ("payees.csv", *self.settings(rate=50, actions="slow.json"))
        plan, counted = self.said("plan", *args), self.said("plan", *args, "--estimate")
        began = time.monotonic()
        self.assert_status(OK, self.remesa("run", *args))
        took = time.monotonic() - began
        self.assertGreater(took, 3)
        for said in plan, counted:
            self.assertLess(abs(said["takes_ms"] / 1000 - took), 2, said)
            self.assertGreater(said["takes_ms"], 3500)

    def test_what_a_limit_leaves(self):
        self.write("payees.csv", make_payees(60))
        args = ("payees.csv", "--rate", "20", "--max-duration", "3s")
        plan = self.said("plan", *args)
        self.assertEqual("max_duration", plan["limit"])
        self.assertEqual(180, plan["request_count"] + plan["left"])
        self.assertTrue(57 <= plan["request_count"] <= 60, plan)
        self.assertLessEqual(plan["takes_ms"], 3100)
        self.assertAlmostEqual(plan["left"] / 20 * 1000, plan["left_takes_ms"], delta=100)
        counted = self.said("plan", *args, "--estimate")
        self.assertAlmostEqual(plan["left"], counted["left"], delta=2)
        self.assertEqual(0, self.said("plan", "payees.csv", "--rate", "20", "--max-duration", "1h")["left"])

    def test_what_waits_and_what_is_held(self):
        self.write("payees.csv", make_payees(3))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        with contextlib.closing(sqlite3.connect(self.db)) as db, db:
            db.execute("INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, 'cap', 'too much', 1 FROM job "
                       "WHERE ref = 'account-0001'")
        plan = self.said("plan")
        self.assertEqual(7, plan["request_count"])
        self.assertEqual([{"hold": "cap", "jobs": 1}], plan["held"])
        waits = [w for w in plan["waiting"] if w["action"] == "create_cash_withdrawal"]
        self.assertEqual([("create_withdrawal_instruction", "queued", 1)],
                         [(w["waits_for"], w["which_is"], w["jobs"]) for w in waits])

    def test_beside_a_run_without_a_key(self):
        self.sandbox()
        self.write("payees.csv", make_payees(30))
        running = self.start("run", "payees.csv", *self.settings(rate=20))
        self.wait_until(lambda: len(self.box.calls()) > 3, "the run is under way")
        plan = self.said("plan", "--api-key-file", "none-such")
        self.assertLess(plan["request_count"], 90)
        self.assertGreater(plan["now"]["queued"], 0)
        self.assertTrue(running.is_running())
        self.assert_status(NOT_FINAL, running.wait())
        self.assertEqual(90, len(self.box.calls()), "the plan has sent nothing")

    def test_nothing_is_touched_and_no_secret_told(self):
        self.write("payees.csv", make_payees(3))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        before = self.digest()
        for args in ("plan",), ("plan", "--requests"), ("plan", "--requests", "--json"), ("check", "payees.csv"):
            ended = self.assert_status(OK, self.remesa(*args, "--api-key-file", "key"))
            self.assertEqual(set(), set(night.leaks(night.KEY, (ended.out + ended.err).encode())), args)
        self.assertEqual(before, self.digest())

    def test_secrets_of_rows_are_masked(self):
        password, code = "Zanahoria-42", "418273"
        self.secrets |= {password, code}  # whatever is said is searched for them
        self.write("secret.csv", csv_text([
            {"ref": "u", "action": "create_user", "email": "u@payer.example", "password": password},
            {"ref": "a", "action": "create_withdrawal_instruction", "on_behalf_of": "u", "body.payment_method": "domestic_bank"},
            {"ref": "p", "action": "create_cash_withdrawal", "on_behalf_of": "u", "withdrawal_instruction": "@a",
             "amount": "1.50", "fiat_code": "usd", "one_time_password": code}],
            ["ref", "action", "on_behalf_of", "email", "password", "body.payment_method", "withdrawal_instruction", "amount",
             "fiat_code", "one_time_password"]))
        said = self.assert_status(OK, self.remesa("plan", "--requests", "secret.csv")).out
        self.assertIn('"password":"***"', said)
        self.assertIn("One-Time-Password: 000000", said)
        self.assertIn('"amount":1.50', said)

    def test_bad_rows_are_told_as_by_an_import(self):
        self.write("bad.csv", "ref,action\na,create_usr\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("plan", "bad.csv"))
        self.assertIn("bad.csv: line 2: action:", ended.err)
        self.assertEqual("", ended.out)


if __name__ == "__main__":
    night.main()
