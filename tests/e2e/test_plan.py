"""Before the night: what a file comes to, and what a run would send; both beside a run that is under way, and neither
leaves anything behind."""
import collections
import contextlib
import datetime
import decimal
import hashlib
import json
import os
import re
import shutil
import sqlite3
import time

import night
import test_remit
from night import BAD_CONFIG, BAD_INPUT, NOT_FINAL, OK, SOME_FAILED, csv_rows, csv_text, make_payees, rows


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

    def test_what_would_be_held_when_it_is_sent(self):
        """By a cap, or as a duplicate: as a plan says it, and as a run then does it."""
        self.sandbox()
        text = make_payees(6)
        self.write("payees.csv", text)
        amounts = sorted(decimal.Decimal(r["amount"]) for r in csv_rows(text) if r["fiat_code"] == "ars")
        self.assertLess(amounts[-2], amounts[-1])
        caps = self.settings(cap_job=f"ars={amounts[-2]}", cap_batch=f"ars={sum(amounts[:-1]) - amounts[0]}")
        got, plan = self.said("check", "payees.csv", *caps), self.said("plan", "payees.csv", *caps)
        self.assertEqual(plan["held"], got["held"])
        self.assertEqual({"cap_job", "cap_batch"}, {h["why"].split(":")[0] for h in got["held"]})
        self.assert_status(SOME_FAILED, self.remesa("run", "payees.csv", *caps))
        self.assertEqual(rows(self.db, "SELECT count(*) FROM holds")[0][0], sum(h["jobs"] for h in got["held"]))
        self.assertEqual([1], [h["jobs"] for h in got["held"] if h["why"].startswith("cap_job")])
        self.write("second.csv", renamed(text, "payout", "second"))
        got = self.said("check", "second.csv", *self.settings())
        self.assertEqual([("duplicate", 6)], [(h["hold"], h["jobs"]) for h in got["held"]])
        self.assertNotIn("held", self.said("check", "second.csv", *self.settings(duplicate_days=0)))

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

    def foreseen(self, *args, **changed):
        settings = self.settings(concurrency=1, **changed)
        out = self.assert_status(OK, self.remesa("plan", *args, *settings, "--requests", "--json")).out
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

    def test_the_hours_of_the_day(self):
        """When a run might begin, and what would end it: in hours of this machine."""
        self.write("payees.csv", make_payees(2))
        minute = int(time.time()) // 60 * 60

        def clock(hours):
            return time.strftime("%H:%M", time.localtime(minute + hours * 3600))

        def at(said, name):
            return (datetime.datetime.fromisoformat(said[name]).timestamp() - minute) / 3600

        quiet = ("--quiet-hours", f"{clock(-1)}-{clock(1)}")
        table = ((quiet, 1, "quiet_hours", 23), ((*quiet, "--stop-at", clock(3)), 1, "stop_at", 3),
                 (("--quiet-hours", f"{clock(2)}-{clock(4)}"), 0, "quiet_hours", 2), (("--stop-at", clock(-1)), 0, "stop_at", 23),
                 (("--stop-at", clock(3), "--max-duration", "1h"), 0, "max_duration", 1), ((), 0, None, None))
        for flags, begins, limit, ends in table:
            for more in ([], ["--estimate"]):
                with self.subTest(flags + tuple(more)):
                    said = self.said("plan", "payees.csv", *flags, *more)
                    self.assertAlmostEqual(begins, at(said, "begins_at"), delta=0.1)
                    self.assertEqual(limit, said["limit"])
                    self.assertEqual(6, said["request_count"])
                    if limit:
                        self.assertAlmostEqual(ends, at(said, "limit_at"), delta=0.1)

    def test_one_batch_of_all(self):
        """What is told is of that one; what is sent, and when it ends, is of all."""
        for name, first in ("a.csv", 0), ("b.csv", 10):
            self.write(name, make_payees(2 + first // 10, first=first))
            self.assert_status(OK, self.remesa("import", name))
        both = self.said("plan", "--rate", "20")
        for name, payees in ("a.csv", 2), ("b.csv", 3):
            for more in ([], ["--estimate"]):
                said = self.said("plan", "--rate", "20", "--batch", name, *more)
                self.assertEqual([payees] * 3, [r["requests"] for r in said["requests"]], (name, more))
                self.assertEqual(payees, sum(m["jobs"] for m in said["money"]))
                self.assertEqual((15, 3 * payees), (said["request_count"], said["now"]["queued"]))
            told = self.foreseen("--batch", name, url="http://127.0.0.1/api")
            self.assertEqual(3 * payees, len(told))
            refs = {row["ref"] for row in csv_rows(self.text_of(name))}
            self.assertEqual(refs, {q["ref"] for q in told})
        self.assertEqual([5] * 3, [r["requests"] for r in both["requests"]])

    def text_of(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def test_rows_of_the_inbox(self):
        """Taken in by the plan's copy, and left where they are; a bad one stays out and is not marked."""
        self.write("payees.csv", make_payees(1))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        with contextlib.closing(sqlite3.connect(self.db)) as db, db:
            db.execute("INSERT INTO inbox (ref, action, params) VALUES ('in', 'create_user', ?), ('bad', 'create_usr', '{}')",
                       (json.dumps({"email": "in@payer.example"}),))
        before = rows(self.db, "SELECT * FROM inbox ORDER BY id")
        told = self.foreseen(url="http://127.0.0.1/api")
        self.assertEqual({"user-0000", "account-0000", "payout-0000", "in"}, {q["ref"] for q in told})
        self.assertEqual(4, self.said("plan")["request_count"])
        self.assertEqual(before, rows(self.db, "SELECT * FROM inbox ORDER BY id"))
        self.assertEqual([(3,)], rows(self.db, "SELECT count(*) FROM job"))

    def test_what_waits_and_what_is_held(self):
        self.write("payees.csv", make_payees(3))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        with contextlib.closing(sqlite3.connect(self.db)) as db, db:
            db.execute("INSERT INTO hold (job_id, kind, reason, held_at) SELECT id, 'cap', 'too much', 1 FROM job "
                       "WHERE ref = 'account-0001'")
        plan = self.said("plan")
        self.assertEqual(7, plan["request_count"])
        self.assertEqual([{"hold": "cap", "jobs": 1, "first": "account-0001", "why": "too much"}], plan["held"])
        self.assertEqual([("create_cash_withdrawal", "create_withdrawal_instruction", "held", 1)],
                         [(w["action"], w["waits_for"], w["which_is"], w["jobs"]) for w in plan["waiting"]],
                         "what is held is not told as waiting too")
        self.assertEqual(8, self.said("plan", "--estimate")["request_count"], "nor as sent by the one that counts")

    def test_what_the_caps_would_hold(self):
        """As the run then holds it: the same jobs sent, the same held, for the same reason."""
        # 5 payouts, two of them to one payee: 100, 250.50, 90, 300, 60
        users = [("u1", "ana"), ("u2", "bea")]
        lines = [{"ref": u, "action": "create_user", "email": f"{name}@payer.example"} for u, name in users]
        lines += [{"ref": f"i{u}", "action": "create_withdrawal_instruction", "on_behalf_of": u, "body.cbu": f"{n:022}"}
                  for n, (u, _) in enumerate(users)]
        for number, (u, amount) in enumerate((("u1", "100"), ("u2", "250.50"), ("u1", "90"), ("u2", "300"), ("u1", "60"))):
            lines.append({"ref": f"p{number}", "action": "create_cash_withdrawal", "on_behalf_of": u, "amount": amount,
                          "withdrawal_instruction": f"@i{u}", "fiat_code": "ars"})
        text = csv_text(lines, ["ref", "action", "on_behalf_of", "email", "body.cbu", "withdrawal_instruction", "amount",
                                "fiat_code"])
        table = (({"cap_job": "ars=250"}, ["p1", "p3"], 1), ({"cap_payee": "ars=249.99"}, ["p1", "p3", "p4"], 1),
                 ({"cap_batch": "ars=450"}, ["p3", "p4"], 1), ({"cap_day": "ars=440.50"}, ["p3", "p4"], 1),
                 ({"cap_job": "ars=299", "cap_day": "ars=440.50"}, ["p3", "p4"], 2), ({"cap_day": "usd=1"}, [], 0))
        for caps, held, reasons in table:
            with self.subTest(caps):
                self.forget()
                self.sandbox()
                self.write("pay.csv", text)
                flags = self.settings(**caps)
                told = self.said("plan", "pay.csv", *flags)
                requests = self.foreseen("pay.csv", **caps)
                self.assert_foreseen(requests, SOME_FAILED if held else NOT_FINAL, "pay.csv", concurrency=1, **caps)
                self.assertEqual(9 - len(held), told["request_count"])
                self.assertEqual(held, [ref for ref, in rows(self.db, "SELECT ref FROM holds ORDER BY ref")])
                self.assertEqual(len(held), sum(h["jobs"] for h in told.get("held", ())))
                self.assertEqual(reasons, len(told.get("held", ())))
                for h in told.get("held", ()):
                    self.assertEqual([("cap", h["why"])], rows(self.db, "SELECT kind, reason FROM holds WHERE ref = ?", h["first"]))
                self.assertEqual(held, sorted(w for w in ("p0", "p1", "p2", "p3", "p4") if self.state_of(w) == "queued"))
                after = self.said("plan", *flags)
                self.assertNotIn("waiting", after)
                self.assertEqual(told.get("held"), after.get("held"), "and the next plan tells the same of them")

    def test_the_estimate_knows_the_caps_too(self):
        self.write("payees.csv", make_payees(20))
        for caps in ([], ["--cap-job", "ars=100,usd=100,clp=100"], ["--cap-batch", "ars=5000,usd=5000,clp=5000"]):
            plan, counted = self.said("plan", "payees.csv", *caps), self.said("plan", "payees.csv", "--estimate", *caps)
            self.assertEqual(bool(caps), plan["request_count"] < 60, caps)
            for part in "request_count", "requests", "money":
                self.assertEqual(plan[part], counted[part], caps)
            self.assertEqual(plan.get("held"), counted.get("held"), caps)

    def test_what_was_released_would_be_sent(self):
        self.sandbox()
        self.write("payees.csv", make_payees(2))
        cap = {"cap_job": "ars=0.01,usd=0.01,clp=1,btc=0.00000001"}
        self.assert_status(SOME_FAILED, self.run_it("payees.csv", **cap))
        flags = self.settings(**cap)
        self.assertEqual(2, sum(h["jobs"] for h in self.said("plan", *flags)["held"]))
        self.assert_status(OK, self.remesa("release", "payout-0001", "--reason", "seen"))
        told = self.said("plan", *flags)
        self.assertEqual((1, 1), (sum(h["jobs"] for h in told["held"]),
                                  sum(r["requests"] for r in told["requests"] if r["kind"] == "send")))

    # ---- what a run would refuse ----

    def assert_as_refused(self, words, *args, **changed):
        """With the run's own words, and nothing planned."""
        refused = self.assert_status(BAD_CONFIG, self.run_it(*args, **changed))
        self.assertIn(words, refused.err)
        for more in ([], ["--requests"], ["--estimate"]):
            ended = self.assert_status(BAD_CONFIG, self.remesa("plan", *args, *self.settings(**changed), *more))
            self.assertEqual((refused.err, ""), (ended.err, ended.out), more)
        ended = self.assert_status(BAD_CONFIG, self.remesa("plan", *args, *self.settings(**changed), "--json"))
        self.assertEqual("", ended.out)
        self.assertIn(json.loads(ended.err)["message"], refused.err)

    def test_a_database_that_was_put_back_has_no_plan(self):
        self.sandbox()
        self.write("payees.csv", make_payees(2))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        shutil.copyfile(self.db, self.path("backup.db"))
        self.assert_status(NOT_FINAL, self.run_it())
        shutil.copyfile(self.path("backup.db"), self.db)
        self.assert_as_refused("a backup was put back")
        self.write("more.csv", make_payees(1, first=50))
        self.assert_as_refused("a backup was put back", "more.csv")

    def test_nor_has_one_of_another_api(self):
        self.sandbox()
        self.write("payees.csv", make_payees(2))
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assert_as_refused("belongs to loopback", url="https://sandbox.bitex.la/api")

    def test_beside_a_run_without_a_key(self):
        self.sandbox()
        self.write("payees.csv", make_payees(30))
        running = self.start("run", "payees.csv", *self.settings(rate=20))
        self.wait_until(lambda: len(self.box.calls()) > 3, "the run is under way")
        plan = self.said("plan", "--api-key-file", "none-such", "--base-url", self.box.url)
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

    def test_a_file_with_duplicates_and_warnings(self):
        """What would be held is told in its table, what is odd as by an import."""
        double = [row for row in csv_rows(make_payees(2)) if row["ref"].endswith("1")]
        for row, ref in zip(double[1:], ("account-9", "payout-9")):
            double.append({**row, "ref": ref, "withdrawal_instruction": row["withdrawal_instruction"] and "@account-9"})
        self.write("double.csv", csv_text([*double, {**double[2], "ref": "odd", "fiat_code": "eur"}]))
        ended = self.assert_status(OK, self.remesa("plan", "double.csv", "--json"))
        (held,) = json.loads(ended.out)["held"]
        self.assertEqual(("duplicate", 1, "payout-9"), (held["hold"], held["jobs"], held["first"]))
        self.assertIn("payout-0001", held["why"])
        self.assertIn("double.csv: warning: line 7: fiat_code: 'eur' is none of the values", ended.err)

    def test_bad_rows_are_told_as_by_an_import(self):
        self.write("bad.csv", "ref,action\na,create_usr\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("plan", "bad.csv"))
        self.assertIn("bad.csv: line 2: action:", ended.err)
        self.assertEqual("", ended.out)


if __name__ == "__main__":
    night.main()
