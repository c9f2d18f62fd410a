"""Who did what, when: a chain that anybody can compute again, and that no edit in the sqlite3 shell survives."""
import hashlib
import json
import os
import shutil
import sqlite3

import night
from night import BAD_CONFIG, BAD_INPUT, NOT_FINAL, OK, SOME_IN_DOUBT, make_payees, rows

TRIGGERS = ("audit_keeps_its_content", "audit_stays", "audit_goes_on_at_its_end", "job_keeps_its_content",
            "decision_keeps_its_content", "decision_stays")


class Audit(night.Night):
    def begin(self, payees=2, *options):
        self.text = make_payees(payees, seed=3)
        self.write("payees.csv", self.text)
        self.sandbox(*options)

    def audit(self, *options):
        return self.remesa("audit", *options, "--db", self.db)

    def shell(self, *statements):
        """As the sqlite3 shell would, and with the triggers out of the way."""
        db = sqlite3.connect(self.db)
        for trigger in TRIGGERS:
            db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            db.execute(statement)
        db.commit()
        db.close()

    def assert_broken(self, *words):
        ended = self.assert_status(BAD_INPUT, self.audit())
        for word in words:
            self.assertIn(word, ended.err)
        return ended

    def test_a_night_is_told_and_holds(self):
        self.begin(2, "--fault", "POST /cash_withdrawals:commit-then-close:x1")
        self.assert_status(SOME_IN_DOUBT, self.run_it("payees.csv", concurrency=1))
        (ref,), = rows(self.db, "SELECT ref FROM doubts")
        remote = self.box.rows("SELECT resource_id FROM effect WHERE kind = 'cash_withdrawals' ORDER BY id")[0][0]
        self.assert_status(OK, self.remesa("resolve", ref, "--succeeded", "--remote-id", str(remote)))
        self.assert_status(NOT_FINAL, self.run_it())
        ended = self.assert_status(OK, self.audit())
        self.assertIn("rows hold", ended.out)
        listed = json.loads(self.assert_status(OK, self.audit("--json")).out)
        self.assertTrue(listed["holds"])
        self.assertEqual(["begin", "import", "bind", "run", "run_end", "resolve", "run", "run_end"],
                         [row["what"] for row in listed["rows"]])
        told = json.loads(listed["rows"][1]["detail"])
        self.assertEqual(dict(rows(self.db, "SELECT currency, imported FROM money")), told["totals"])
        self.assertEqual(rows(self.db, "SELECT sha256, jobs FROM batch"), [(told["sha256"], told["jobs"])])
        end = json.loads(listed["rows"][-1]["detail"])
        self.assertEqual(self.states(), {state: n for state, n in end.items() if n and state != "exit_status"})
        self.assertEqual(NOT_FINAL, end["exit_status"])

    def test_the_chain_is_what_the_header_says(self):
        """Computed with nothing of the program's."""
        self.begin()
        self.run_it("payees.csv")
        prev = "0" * 64
        for number, row in enumerate(rows(self.db, "SELECT * FROM audit ORDER BY id"), 1):
            fields = (prev, *row[:6])
            self.assertEqual(number, row[0])
            self.assertEqual(prev, row[6])
            netstrings = b"".join(b"%d:%s," % (len(f), f) for f in (str(field).encode() for field in fields))
            prev = hashlib.sha256(netstrings).hexdigest()
            self.assertEqual(prev, row[7])
        with open(self.db + "-mark", encoding="utf-8") as f:
            self.assertIn(f"\naudit {number} {prev}\n", f.read())

    def test_a_row_that_was_changed_is_named(self):
        self.begin()
        self.run_it("payees.csv")
        self.shell("UPDATE audit SET detail = replace(detail, '1', '2') WHERE what = 'import'")
        self.assert_broken("row 2: it was changed")
        self.assertFalse(json.loads(self.audit("--json").out)["holds"])

    def test_the_amount_of_a_job_that_was_changed_is_noticed(self):
        self.begin()
        self.assert_status(OK, self.remesa("import", "payees.csv", "--db", self.db))
        self.assert_status(OK, self.audit())
        self.shell("UPDATE job SET params = replace(params, '\"amount\":\"', '\"amount\":\"9') "
                   "WHERE ref = 'payout-0001'")
        self.assert_broken("the rows of the batch payees.csv")

    def test_a_cut_tail_is_noticed_by_everybody(self):
        self.begin()
        self.run_it("payees.csv")
        self.shell("DELETE FROM audit WHERE id > 3")
        self.assert_broken("cut off")
        calls = len(self.box.calls())
        ended = self.assert_status(BAD_CONFIG, self.run_it())
        self.assertIn("cut off", ended.err)
        self.assertEqual(calls, len(self.box.calls()))
        self.assert_broken("cut off")  # a command that writes does not make it whole

    def test_what_was_accepted_is_told(self):
        self.begin()
        self.run_it("payees.csv")
        os.mkdir(self.path("there"))
        for suffix in "", "-mark":
            shutil.copyfile(self.db + suffix, self.path("there/remesa.db" + suffix))
        self.db = self.path("there/remesa.db")
        self.assert_status(OK, self.remesa("doctor", "--accept-move", "--db", self.db))
        self.assertIn("accept_move", self.assert_status(OK, self.audit()).out)

    def test_beside_a_run(self):
        self.begin(20)
        running = self.start("run", "payees.csv", *self.settings(rate=100), "--db", self.db)
        self.wait_until(lambda: os.path.exists(self.db + "-mark"), "a run that has begun")
        while running.is_running():
            self.assert_status(OK, self.audit("--quiet"))
        self.assert_status(OK, self.audit())


if __name__ == "__main__":
    night.main()
