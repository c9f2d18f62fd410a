"""Four eyes: system users of their own at one database, and the other side's ledger as the judge of what left."""
import contextlib
import json
import os
import sqlite3

import night
from terminal import Terminal
from night import BAD_INPUT, NO_INPUT, NOT_FINAL, OK, REFUSED, SOME_IN_DOUBT, STOPPED, USAGE, make_payees, rows

IMPORTER, APPROVER, RUNNER = "daemon", "bin", "root"


class FourEyes(night.Night):
    conf = "four_eyes = required\n"

    def begin(self, *faults, payees=3):
        self.text = make_payees(payees, seed=11)
        self.write("payees.csv", self.text, mode=0o660)
        self.write("remesa.conf", self.conf, mode=0o660)
        self.share()
        for name in ("payees.csv", "remesa.conf"):
            os.chmod(self.path(name), 0o664)
        self.sandbox(*(part for fault in faults for part in ("--fault", fault)))

    def imported(self):
        return self.assert_status(OK, self.remesa_as(IMPORTER, "import", "payees.csv"))

    def approved_by(self, user, *args, batch="payees.csv"):
        return self.remesa_as(user, "approve", batch, *args)

    def run_as_root(self, **changed):
        return self.remesa("run", *self.settings(**changed))

    def assert_nothing_left(self):
        self.assertEqual([], self.box.calls())
        self.assertEqual(0, rows(self.db, "SELECT count(*) FROM attempts")[0][0])

    def shell(self, *statements):
        """Somebody with the sqlite3 shell who knows what triggers are."""
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                db.execute(statement)
            db.commit()


class Story(FourEyes):
    def test_a_batch_goes_when_another_user_has_approved_it(self):
        self.begin()
        self.assertIn("remesa approve payees.csv", self.imported().err)
        waits = self.assert_status(REFUSED, self.run_as_root())
        self.assertIn("batch payees.csv (9 jobs) waits for the approval of another system user", waits.err)
        self.assertNotIn("refuses the key", waits.err)
        self.assertNotIn("are held", waits.err)  # once is enough
        screen = self.remesa("status").out
        self.assertNotIn("payout-0001", screen)  # a batch is one line
        self.assertRegex(screen, r"(?m)^payees\.csv +waiting +9 +daemon")
        self.assert_nothing_left()
        alone = self.assert_status(REFUSED, self.approved_by(IMPORTER))
        self.assertIn("imported by daemon (uid 1): another system user has to approve it", alone.err)
        by_sudo = self.remesa_as(RUNNER, "approve", "payees.csv", env={"SUDO_USER": IMPORTER})
        self.assert_status(REFUSED, by_sudo)
        self.assert_status(REFUSED, self.run_as_root())
        self.assert_nothing_left()

        shown = self.assert_status(OK, self.approved_by(APPROVER))
        self.assertIn("imported by daemon", shown.err)
        for currency, total in rows(self.db, "SELECT currency, imported FROM money"):
            self.assertIn(f"{total} {currency}", shown.err)
        self.assertEqual([("approved", "daemon", "bin")],
                         rows(self.db, "SELECT state, imported_by, approved_by FROM approvals"))
        self.assert_status(NOT_FINAL, self.run_as_root())
        self.assert_agree(self.text)
        self.assert_status(OK, self.remesa("audit", "--quiet"))
        self.assertIn("approved already", self.approved_by(APPROVER).out)

    def test_one_that_waits_does_not_hold_up_another(self):
        self.begin()
        self.imported()
        self.assert_status(OK, self.approved_by(APPROVER))
        more = "ref,action,email\nlate,create_user,late@example.com\n"
        self.write("more.csv", more, mode=0o664)
        self.assert_status(OK, self.remesa_as(IMPORTER, "import", "more.csv"))
        self.assert_status(REFUSED, self.run_as_root())
        self.assert_agree(self.text, more)
        self.assertEqual("queued", self.state_of("late"))

    def test_a_service_that_imports_and_runs(self):
        """`run FILE` of a timer: the batch is taken in, and waits; the next night sends it."""
        self.begin()
        self.assert_status(REFUSED, self.run_it("payees.csv"))
        self.assert_nothing_left()
        os.chmod(self.db, 0o660)
        self.assert_status(OK, self.approved_by(APPROVER))
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assert_agree(self.text)

    def test_rows_of_the_inbox_take_two(self):
        self.begin()
        self.write("first.csv", "ref,action,email\nfirst,create_user,first@example.com\n", mode=0o664)
        self.assert_status(OK, self.remesa("import", "first.csv", env={"REMESA_FOUR_EYES": "off"}))
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            db.execute("INSERT INTO inbox (ref, action, params) VALUES ('x', 'create_user', '{\"email\":\"x@y.cl\"}')")
            db.commit()
        self.assert_status(REFUSED, self.run_as_root())
        self.assertIn("one more", self.assert_status(OK, self.approved_by(APPROVER, batch="inbox")).out)
        self.assertIn("approved by bin", self.assert_status(REFUSED, self.approved_by(APPROVER, batch="inbox")).err)
        self.assert_status(REFUSED, self.run_as_root())
        self.assert_status(OK, self.approved_by(RUNNER, batch="inbox"))
        self.assert_status(OK, self.approved_by(IMPORTER, batch="first.csv"))
        self.assert_status(OK, self.run_as_root())
        self.assertEqual(2, len(self.box.effects()))

    def test_plan_and_check_tell_of_it(self):
        self.begin()
        checked = self.assert_status(OK, self.remesa_as(IMPORTER, "check", "payees.csv"))
        self.assertIn("would wait for the approval", checked.err)
        self.imported()
        plan = json.loads(self.assert_status(OK, self.remesa("plan", "--json", *self.settings())).out)
        self.assertEqual([("approval", 9)], [(h["hold"], h["jobs"]) for h in plan["held"]])
        self.assertEqual(0, plan["request_count"])
        status = self.assert_status(OK, self.remesa("status"))
        self.assertIn("next: remesa approve payees.csv", status.out)
        told = json.loads(self.remesa("status", "--json").out)
        self.assertEqual([("payees.csv", "waiting", 9)],
                         [(a["batch"], a["state"], a["held"]) for a in told["approvals"]])


class AtATerminal(FourEyes):
    def approve_and_type(self, *lines):
        screen = Terminal(self, "approve", "payees.csv", program=self.as_user(APPROVER))
        for line in lines:
            screen.read("to approve it: ")
            screen.type(line)
        return screen.end(), screen.text

    def test_the_total_is_typed(self):
        self.begin()
        self.imported()
        (currency, total), *_ = rows(self.db, "SELECT currency, imported FROM money ORDER BY currency")
        status, text = self.approve_and_type("1\n")
        self.assertEqual(REFUSED, status, text)
        self.assertIn("nothing was approved", text)
        self.assertEqual([], rows(self.db, "SELECT batch FROM approvals WHERE state = 'approved'"))
        status, text = self.approve_and_type(f"{total}\n")
        self.assertEqual(OK, status, text)
        self.assertIn(f"Type the total in {currency} to approve it", text)
        self.assertEqual([("payees.csv",)], rows(self.db, "SELECT batch FROM approvals WHERE state = 'approved'"))


class Changed(FourEyes):
    """After the approval: whatever is changed, a run sends nothing and says which batch."""
    CHANGES = {
        "a digit of an amount": "UPDATE job SET params = replace(params, '\"amount\":\"', '\"amount\":\"1') "
                                "WHERE ref = 'payout-0001'",
        "a letter of an e-mail": "UPDATE job SET params = replace(params, 'example', 'exbmple') WHERE ref = 'user-0000'",
        "whom it acts for": "UPDATE job SET on_behalf_of = 'user-0000' WHERE ref = 'payout-0001'",
        "what caps are counted by": "UPDATE job SET minor = minor - 1 WHERE ref = 'payout-0001'",
        "a total": "UPDATE batch_money SET imported = imported + 1",
        "a job less": "DELETE FROM job WHERE ref = 'payout-0002'",
        "a job more": "INSERT INTO job (batch_id, line, ref, action, needs, params) "
                      "SELECT id, 99, 'eve', 'create_user', '', '{\"email\":\"eve@example.com\"}' FROM batch",
        "who imported it": "UPDATE batch SET imported_uid = 2",
    }

    def test_nothing_is_sent(self):
        self.begin()
        for name, statement in self.CHANGES.items():
            with self.subTest(name):
                for left in ("remesa.db", "remesa.db-wal", "remesa.db-shm", "remesa.db-mark"):
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(self.path(left))
                self.imported()
                self.assert_status(OK, self.approved_by(APPROVER))
                self.shell(statement)
                refused = self.assert_status(BAD_INPUT, self.run_as_root())
                self.assertRegex(refused.err, r"payees\.csv: .*(changed since bin approved it|who imported it is not)")
                self.assert_nothing_left()
                self.assert_status(BAD_INPUT, self.remesa("audit", "--quiet"))

    def test_nor_without_an_approval(self):
        """Changed before: it cannot be approved. Approved by the shell: it was not."""
        self.begin()
        self.imported()
        self.shell("UPDATE job SET params = replace(params, 'example', 'exbmple') WHERE ref = 'user-0000'")
        refused = self.assert_status(BAD_INPUT, self.approved_by(APPROVER))
        self.assertIn("not those that were imported", refused.err)
        self.shell("UPDATE hold SET released_at = 5, released_by = 'bin', release_reason = 'approved'",
                   "UPDATE job SET unmet = unmet - 1")
        self.assert_status(REFUSED, self.run_as_root())
        self.assert_nothing_left()


class TwoForADoubt(FourEyes):
    conf = "four_eyes = required\nfour_eyes_above = ars=0.01,usd=0.01,uyu=0.01\n"

    def test_what_became_of_a_large_payment(self):
        self.begin("POST /cash_withdrawals:commit-then-close:x1", payees=2)
        self.imported()
        self.assert_status(OK, self.approved_by(APPROVER))
        self.assert_status(SOME_IN_DOUBT, self.run_as_root(concurrency=1))
        (ref,), = rows(self.db, "SELECT ref FROM doubts")
        effect = self.box.rows("SELECT resource_id FROM effect WHERE kind = 'cash_withdrawals' ORDER BY id")[0][0]
        said = ("resolve", ref, "--succeeded", "--remote-id", str(effect))
        for _ in range(2):
            kept = self.assert_status(STOPPED, self.remesa_as(IMPORTER, *said))
            self.assertIn("takes a second person", kept.err)
        self.assert_status(STOPPED, self.remesa_as(IMPORTER, *said, env={"REMESA_FOUR_EYES": "off"}))
        self.assertEqual("in_doubt", self.state_of(ref))
        self.assertIn(f"next: remesa resolve {ref} --succeeded --remote-id {effect}", self.remesa("status").out)
        self.assert_status(OK, self.remesa_as(APPROVER, *said))
        self.assertEqual("following", self.state_of(ref))  # until the API says that it is final
        self.assert_status(NOT_FINAL, self.run_as_root())
        self.assert_agree(self.text)
        self.assert_status(OK, self.remesa("audit", "--quiet"))


class Alone(night.Night):
    """What needs no second user to be seen."""

    def begin(self):
        self.write("payees.csv", make_payees(2, seed=3))
        self.sandbox()
        return self.remesa("import", "payees.csv", "--four-eyes", "required")

    def test_the_importer_is_refused(self):
        self.assert_status(OK, self.begin())
        self.write("two words.csv", "ref,action,email\nx,create_user,x@example.com\n")
        imported = self.remesa("import", "two words.csv", "--four-eyes", "required")
        self.assertIn("remesa approve 'two words.csv'", imported.err)
        refused = self.assert_status(REFUSED, self.remesa("approve", "payees.csv"))
        self.assertIn("imported by", refused.err)
        self.assert_status(REFUSED, self.run_it())  # the setting is off now, and nothing goes all the same
        self.assertEqual([], self.box.calls())

    def test_what_makes_no_sense(self):
        self.assert_status(OK, self.begin())
        for args, status, says in [
            (("approve",), USAGE, "name the batch"),
            (("approve", "a", "b"), USAGE, "name the batch"),
            (("approve", "june.csv"), NO_INPUT, "no batch 'june.csv'"),
            (("approve", "payees.csv", "--sha256", "abc"), BAD_INPUT, "look again"),
            (("release", "--batch", "payees.csv", "--reason", "x"), USAGE, "remesa approve payees.csv"),
            (("import", "payees.csv", "--four-eyes", "on"), USAGE, "off or required"),
            (("import", "payees.csv", "--four-eyes-above", "5"), USAGE, "limits such as"),
        ]:
            with self.subTest(args):
                self.assertIn(says, self.assert_status(status, self.remesa(*args)).err)


if __name__ == "__main__":
    night.main()
