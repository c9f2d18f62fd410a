"""Control totals: a file that is not what its sender says it is, is not taken in; and a run whose money does not balance says
so."""
import json
import os

import night
from night import BAD_INPUT, NOT_FINAL, OK, STOPPED, UNBALANCED, USAGE, rows

COLUMNS = ["ref", "action", "on_behalf_of", "email", "withdrawal_instruction", "amount", "fiat_code"]


def payouts(*amounts):
    """A user, and to that user's instructions so much; "12.50" or "12.50 usd"."""
    lines = [{"ref": "ana", "action": "create_user", "email": "ana@payer.example"}]
    for i, amount in enumerate(amounts):
        value, currency = (amount.split() + ["ars"])[:2]
        lines.append({"ref": f"p{i}", "action": "create_cash_withdrawal", "on_behalf_of": "ana",
                      "withdrawal_instruction": f"{i + 1}", "amount": value, "fiat_code": currency})
    return night.csv_text(lines, COLUMNS)


class Totals(night.Night):
    def setUp(self):
        super().setUp()
        self.write("july.csv", payouts("1082000.00", "998.10", "5.50 usd"))

    def imported(self):
        return rows(self.db, "SELECT currency, declared, imported FROM money")

    def assert_refused(self, ended, *words):
        self.assert_status(BAD_INPUT, ended)
        for word in words:
            self.assertIn(word, ended.err)
        self.assertEqual([], self.imported() if os.path.exists(self.db) else [])


class Judged(Totals):
    def test_what_is_not_as_declared_is_refused_with_the_numbers(self):
        right = ("--expect-rows", "4", "--expect-total", "ars=1082998.10", "--expect-total", "usd=5.50")
        for wrong, words in (
                (("--expect-total", "ars=1082998.11", "--expect-total", "usd=5.50"),
                 "declared 1082998.11 ars, the file has 1082998.10: 0.01 less"),
                (("--expect-total", "ars=1082998.09", "--expect-total", "usd=5.50"),
                 "declared 1082998.09 ars, the file has 1082998.10: 0.01 more"),
                (("--expect-total", "ars=1082998.10"), "declared no usd, the file has 5.50: 5.50 more"),
                ((*right, "--expect-total", "clp=7"), "declared 7 clp, the file has none: 7 less"),
                (("--expect-rows", "3"), "declared 3 rows, the file has 4: 1 more"),
                (("--expect-rows", "5"), "declared 5 rows, the file has 4: 1 less")):
            for command in ("import", "check"):
                self.assert_refused(self.remesa(command, "july.csv", *wrong), f"july.csv: {words}", "1 thing to mend")
        self.assert_status(OK, self.remesa("import", "july.csv", *right))
        self.assertEqual([("ars", "1082998.10", "1082998.10"), ("usd", "5.50", "5.50")], self.imported())
        self.assertEqual([(4,)], rows(self.db, "SELECT declared_rows FROM batch"))
        detail = json.loads(rows(self.db, "SELECT detail FROM audit WHERE what = 'import'")[0][0])
        self.assertEqual((4, {"ars": "1082998.10", "usd": "5.50"}), (detail["declared_rows"], detail["declared"]))
        self.assert_status(OK, self.remesa("audit"))

    def test_it_is_told_beside_everything_else(self):
        self.write("july.csv", payouts("10", "x", "5.50 usd"))
        self.assert_refused(self.remesa("import", "july.csv", "--expect-rows", "3", "--expect-total", "ars=12"),
                            "july.csv: line 4: amount: 'x'", "declared 3 rows, the file has 4: 1 more",
                            "declared 12.00 ars, the file has 10.00 (without the rows that are complained of): 2.00 less",
                            "declared no usd", "4 things to mend")

    def test_the_same_file_again(self):
        totals = ("--expect-total", "ars=1082998.10", "--expect-total", "usd=5.5", "--expect-rows", "4")
        self.assert_status(OK, self.remesa("import", "july.csv", *totals))
        again = self.assert_status(OK, self.remesa("import", "july.csv", *totals))
        self.assertIn("nothing new: all 4 jobs are known", again.out)
        before = self.imported()
        ended = self.assert_status(BAD_INPUT, self.remesa("import", "july.csv", "--expect-rows", "4",
                                                          "--expect-total", "ars=1082998.11"))
        self.assertIn("0.01 less", ended.err)
        self.assertEqual(before, self.imported())

    def test_a_file_that_grew(self):
        self.assert_status(OK, self.remesa("import", "july.csv"))
        self.write("july-2.csv", payouts("1082000.00", "998.10", "5.50 usd", "1.90"))
        self.assert_status(OK, self.remesa("import", "july-2.csv", "--expect-rows", "5", "--expect-total", "ars=1083000",
                                           "--expect-total", "usd=5.50"))
        self.assertEqual([("ars", None, "1082998.10"), ("usd", None, "5.50"), ("ars", "1.90", "1.90")], self.imported())

    def test_lines_of_a_recipe_are_counted_and_not_their_jobs(self):
        lines = [{"ref": f"l{i}", "payee": f"u{i // 2}", "email": f"u{i // 2}@payer.example", "name": "Ana", "country": "AR",
                  "account_currency": "ARS", "bank": "galicia", "account_type": "savings", "cbu": f"{i:022}",
                  "amount": "10.50", "currency": "ars"} for i in range(3)]
        self.write("pay.csv", night.csv_text(lines, list(lines[0])))
        pay = ("import", "--recipe", "pay-new", "pay.csv", "--expect-total", "ars=31.50")
        self.assert_refused(self.remesa(*pay, "--expect-rows", "8"), "declared 8 rows, the file has 3: 5 less")
        for _ in range(2):
            self.assert_status(OK, self.remesa(*pay, "--expect-rows", "3"))
        self.assertEqual([("ars", "31.50", "31.50")], self.imported())
        self.assertEqual([(8,)], rows(self.db, "SELECT total FROM progress"))

    def test_check_shows_what_was_declared(self):
        self.write("july.csv.totals", "rows = 4\ntotal = ars 1082998.10\ntotal = usd 5.5\n")
        ended = self.assert_status(OK, self.remesa("check", "july.csv"))
        self.assertIn("declared    4 rows\n              ars  1082998.10\n              usd  5.50\n", ended.out)
        told = json.loads(self.remesa("check", "--json", "july.csv").out)
        self.assertEqual([{"rows": 4}, {"currency": "ars", "total": "1082998.10"}, {"currency": "usd", "total": "5.50"}],
                         told["declared"])

    def test_standard_input_and_a_table(self):
        self.write("-.totals", "rows = 1\n")  # standard input has no file beside it
        with open(self.path("july.csv"), "rb") as f:
            self.assert_refused(self.remesa("import", "-", "--expect-rows", "5", stdin=f), "declared 5 rows")
        with open(self.path("july.csv"), "rb") as f:
            self.assert_status(OK, self.remesa("import", "-", "--batch", "in", "--expect-rows", "4", stdin=f))
        night.sqlite3.connect(self.path("queue.db")).executescript(
            "CREATE TABLE t (ref, action, email); INSERT INTO t VALUES ('x', 'create_user', 'x@payer.example')")
        self.given.add(self.path("queue.db"))
        self.write("queue.db.totals", "rows = 2\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("import", "queue.db"))
        self.assertIn("declared 2 rows, the file has 1: 1 less", ended.err)


class Said(Totals):
    """Where totals are said, and what is wrong with how."""

    def test_faults_of_the_file_beside(self):
        for text, words in ((b"rows = 4\ntotal = ars 1,5\n", "july.csv.totals: line 2: not an amount"),
                            (b"rows 4\n", "july.csv.totals: line 1: wanted rows = NUMBER"),
                            (b"# to do\n", "july.csv.totals: it declares nothing"),
                            (b"rows = 3\n", "july.csv: declared 3 rows, the file has 4: 1 more")):
            self.write("july.csv.totals", text)
            self.assert_refused(self.remesa("import", "july.csv"), words)

    def test_command_line_and_file_have_to_agree(self):
        self.write("july.csv.totals", "rows = 4\ntotal = ars 1082998.10\ntotal = usd 5.50\n")
        self.assert_refused(self.remesa("import", "july.csv", "--expect-total", "ars=1082998.11"),
                            "july.csv.totals: it declares 1082998.10 ars, and --expect-total ars=1082998.11")
        self.assert_refused(self.remesa("import", "july.csv", "--expect-rows", "5"),
                            "july.csv.totals: it declares 4 rows, and --expect-rows 5")
        self.assert_status(OK, self.remesa("import", "july.csv", "--expect-rows", "4", "--expect-total", "ars=1082998.1"))

    def test_usage(self):
        self.write("august.csv", payouts("1"))
        for args, words in (
                (("import", "july.csv", "august.csv", "--expect-rows", "4"), "july.csv.totals"),
                (("check", "july.csv", "august.csv", "--expect-total", "ars=4"), "july.csv.totals"),
                (("run", "july.csv", "august.csv", "--expect-total", "ars=4"), "july.csv.totals"),
                (("import", "july.csv", "--expect-total", "ars=1", "--expect-total", "ARS=1"), "has a total already"),
                (("import", "july.csv", "--expect-total", "ars=1,50"), "not an amount"),
                (("import", "july.csv", "--expect-total", "ars=1.505"), "more decimals"),
                (("import", "july.csv", "--expect-rows", "0"), "1 or more"),
                (("import", "july.csv", "--expect-rows", "4", "--expect-rows", "4"), "twice"),
                (("plan", "july.csv", "august.csv", "--expect-total", "ars=4"), "july.csv.totals"),
                (("run", "--expect-rows", "4"), "name it"), (("plan", "--expect-rows", "4"), "name it")):
            ended = self.assert_status(USAGE, self.remesa(*args))
            self.assertIn(words, ended.err)
            self.assertFalse(os.path.exists(self.db), args)

    def test_each_of_several_files_has_its_own(self):
        self.write("august.csv", payouts("1"))
        self.write("july.csv.totals", "rows = 4\n")
        self.write("august.csv.totals", "rows = 3\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("check", "july.csv", "august.csv"))
        self.assertIn("august.csv: declared 3 rows, the file has 2: 1 less", ended.err)
        self.assertIn("july.csv: fine", ended.out)


class Runs(Totals):
    def test_a_plan_is_of_what_a_run_would_take_in(self):
        right = ("--expect-rows", "4", "--expect-total", "ars=1082998.10", "--expect-total", "usd=5.50")
        self.assert_status(OK, self.remesa("plan", "july.csv", *right))
        ended = self.assert_status(BAD_INPUT, self.remesa("plan", "july.csv", *right[:4]))
        self.assertIn("july.csv: declared no usd, the file has 5.50: 5.50 more", ended.err)
        self.write("july.csv.totals", "rows = 3\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("plan", "july.csv"))
        self.assertIn("july.csv: declared 3 rows, the file has 4: 1 more", ended.err)

    def test_a_run_takes_in_only_what_is_as_declared(self):
        self.sandbox()
        text = night.make_payees(3, odd=("1.10", "2.20", "3.30"))
        self.write("night.csv", text)
        paid = {}
        for row in night.csv_rows(text):
            if row["amount"]:
                paid[row["fiat_code"]] = paid.get(row["fiat_code"], 0) + night.decimal.Decimal(row["amount"])
        totals = [part for code, amount in paid.items() for part in ("--expect-total", f"{code}={amount}")]
        self.assert_refused(self.run_it("night.csv", *totals, "--expect-rows", "8"), "declared 8 rows, the file has 9: 1 more")
        self.assertEqual([], self.box.calls())
        self.assert_status(NOT_FINAL, self.run_it("night.csv", *totals, "--expect-rows", "9"))
        self.assert_agree(text)
        self.assertEqual(9, len(self.box.effects()))


class Balance(night.Night):
    """A night whose database was changed by hand, all guards taken away."""

    GUARDS = ("job_stays", "job_keeps_its_content", "job_is_not_replaced")

    def setUp(self):
        super().setUp()
        self.sandbox()
        self.text = night.make_payees(4, odd=("100.10", "7", "0.01", night.NO_DOUBLE))
        self.write("night.csv", self.text)

    def tamper(self, sql):
        with night.contextlib.closing(night.sqlite3.connect(self.db)) as db:
            db.executescript("".join(f"DROP TRIGGER IF EXISTS {name};" for name in self.GUARDS) + sql)

    def money(self):
        return {currency: night.decimal.Decimal(imported)
                for currency, imported in rows(self.db, "SELECT currency, imported FROM money")}

    def assert_told(self, *words, **changed):
        """By the run, by status in words and as JSON, and by the audit."""
        before = len(self.box.calls())
        ended = self.assert_status(UNBALANCED, self.run_it(**changed))
        self.assertEqual(before, len(self.box.calls()), "nothing is sent from such a file")
        self.assertEqual(ended.err, self.assert_status(UNBALANCED, self.remesa("plan", *self.settings())).err)
        status, told = self.remesa("status"), json.loads(self.remesa("status", "--json").out)
        audit = self.assert_status(BAD_INPUT, self.remesa("audit"))
        self.assertIn("does not hold", audit.err)
        for word in words:
            self.assertIn(f"the money does not balance: batch night.csv: {word}", ended.err)
            self.assertIn(f"WARNING: the money does not balance: batch night.csv: {word}\nnext: remesa audit", status.out)
        self.assertIn("remesa audit", ended.err)
        self.assertEqual(len(words), len(told["unbalanced"]), told["unbalanced"])
        return told["unbalanced"]

    def test_a_night_balances(self):
        for _ in range(2):
            self.assert_status(NOT_FINAL, self.run_it("night.csv"))
            self.assertEqual([], json.loads(self.remesa("status", "--json").out)["unbalanced"])
        self.assertNotIn("balance", self.remesa("status").out)
        self.assert_status(OK, self.remesa("audit"))

    def test_a_job_s_amount_was_changed(self):
        self.assert_status(NOT_FINAL, self.run_it("night.csv"))
        (currency,), = rows(self.db, "SELECT currency FROM job WHERE ref = 'payout-0001'")
        sum_ = self.money()[currency]
        self.tamper("UPDATE job SET minor = minor + 1 WHERE ref = 'payout-0001'")
        found, = self.assert_told(f"imported {sum_} {currency}, its jobs come to {sum_ + night.decimal.Decimal('0.01')}: "
                                  "0.01 more")
        self.assertEqual({"batch": "night.csv", "currency": currency, "kind": "imported", "wanted": str(sum_),
                          "found": str(sum_ + night.decimal.Decimal("0.01")), "difference": "0.01"}, found)

    def test_a_batch_s_sum_was_changed(self):
        self.assert_status(NOT_FINAL, self.run_it("night.csv"))
        (currency, sum_), *_ = sorted(self.money().items())
        more = sum_ + night.decimal.Decimal("0.25")
        self.tamper(f"UPDATE batch_money SET imported = imported + 25 WHERE currency = '{currency}'")
        self.assert_told(f"imported {more} {currency}, its jobs come to {sum_}: 0.25 less")

    def test_a_job_is_gone(self):
        self.assert_status(NOT_FINAL, self.run_it("night.csv"))
        self.tamper("DELETE FROM job WHERE ref = 'user-0003'")  # a user: no money is missing
        found, = self.assert_told("imported 12 jobs, and it has 11: 1 less")
        self.assertEqual((None, "12", "11", "-1"), tuple(found[k] for k in ("currency", "wanted", "found", "difference")))

    def test_it_was_changed_before_anything_was_sent(self):
        self.assert_status(OK, self.remesa("import", "night.csv", "--expect-rows", "12"))
        (currency, sum_), *_ = sorted(self.money().items())
        self.tamper(f"UPDATE batch_money SET declared = imported + 1 WHERE currency = '{currency}'")
        self.assert_status(UNBALANCED, self.run_it())
        self.assertEqual([], self.box.effects())
        self.assertIn(f"declared {sum_ + night.decimal.Decimal('0.01')} {currency}, imported {sum_}: 0.01 less",
                      self.remesa("status").out)
        self.assert_status(OK, self.remesa("cancel", "--batch", "night.csv", "--reason", "tampered with"))
        self.write("good.csv", night.make_payees(1, first=70))
        self.assert_status(NOT_FINAL, self.run_it("good.csv"))  # what is out of the way holds up nobody

    def test_of_very_many_jobs_it_is_known_when_the_first_are_under_way(self):
        self.assert_status(OK, self.remesa("import", "night.csv"))
        self.tamper("INSERT INTO job (batch_id, line, ref, action, needs, params, state) WITH RECURSIVE n (i) AS "
                    "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
                    "SELECT 1, 9, 'old-' || i, 'create_user', '', '{}', 'queued' FROM n;"
                    "UPDATE job SET state = 'cancelled' WHERE ref LIKE 'old-%';"
                    "UPDATE batch SET jobs = jobs + 300001")
        ended = self.assert_status(UNBALANCED, self.run_it(rate=2, concurrency=1))
        self.assertIn("the money does not balance: stopping", ended.err)
        self.assertIn("imported 300013 jobs, and it has 300012: 1 less", ended.err)
        self.assertLess(len(self.box.calls()), 12)

    def changed_while_at_work(self, more=lambda running: None):
        running = self.start("run", "night.csv", *self.settings(rate=8, concurrency=1))
        self.wait_until(lambda: len(self.box.calls()) > 2, "it is at work")
        self.tamper("UPDATE batch_money SET imported = imported + 1")
        more(running)
        ended = running.wait()
        running.close()
        self.assertIn("the money does not balance", ended.err)
        self.assertEqual([(ended.status,)], rows(self.db, "SELECT exit_status FROM run"))
        return ended

    def test_it_was_changed_while_a_run_was_at_work(self):
        """The run says so at its end: a doubt, or what is not final, does not hide it."""
        self.assert_status(UNBALANCED, self.changed_while_at_work())
        self.assertEqual(12, len(self.box.effects()))

    def test_what_stopped_the_run_comes_first(self):
        self.assert_status(STOPPED, self.changed_while_at_work(lambda running: running.signal(night.signal.SIGTERM)))


if __name__ == "__main__":
    night.main()
