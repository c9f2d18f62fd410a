"""A person with a doubt, a failure and a mistake: resolve, retry and cancel, and what the next run makes of it."""
import night
from night import NO_INPUT, NOT_FINAL, OK, SOME_IN_DOUBT, USAGE, make_payees, rows


class Decide(night.Night):
    def begin(self, payees, *faults):
        self.text = make_payees(payees, seed=9)
        self.write("payees.csv", self.text)
        self.sandbox(*(part for fault in faults for part in ("--fault", fault)))

    def run_again(self):
        return self.run_it("payees.csv", concurrency=1)

    def doubt(self):
        """One payout made, its answer lost."""
        self.begin(2, "POST /cash_withdrawals:commit-then-close:x1")
        self.assert_status(SOME_IN_DOUBT, self.run_again())
        (ref, command), = rows(self.db, "SELECT ref, next_command FROM doubts")
        self.assertTrue(command.startswith(f"remesa resolve {ref} --succeeded"), command)
        return ref

    def test_a_payout_that_was_found_at_the_bank(self):
        ref = self.doubt()
        effect = self.box.rows("SELECT resource_id FROM effect WHERE kind = 'cash_withdrawals' ORDER BY id")[0]
        ended = self.remesa("resolve", ref, "--succeeded", "--remote-id", str(effect[0]), "--reason", "seen there")
        self.assert_status(OK, ended)
        self.assertIn(f"{ref}: following", ended.out)  # a payout may still be cancelled
        self.assertEqual(("following", str(effect[0])),
                         rows(self.db, "SELECT state, remote_id FROM results WHERE ref = ?", ref)[0])
        self.assert_status(NOT_FINAL, self.run_again())
        self.assertEqual(2, len([e for e in self.box.effects() if e.kind == "cash_withdrawals"]))
        self.assert_agree(self.text)
        self.assertEqual([(ref, "succeeded", "seen there")], rows(self.db, "SELECT ref, verb, reason FROM decisions"))

    def test_a_payout_that_never_came_is_sent_again(self):
        self.begin(2, "POST /cash_withdrawals:close-before-commit:x1")
        self.assert_status(SOME_IN_DOUBT, self.run_again())
        (ref,), = rows(self.db, "SELECT ref FROM doubts")
        refused = self.remesa("resolve", ref, "--not-sent")
        self.assert_status(USAGE, refused)
        self.assertIn("--reason", refused.err)
        self.assertEqual("in_doubt", self.state_of(ref))
        self.assert_status(OK, self.remesa("resolve", ref, "--not-sent", "--reason", "not in the list of the day"))
        self.assert_status(NOT_FINAL, self.run_again())
        self.assertEqual(2, len([e for e in self.box.effects() if e.kind == "cash_withdrawals"]))
        self.assert_agree(self.text)

    def test_what_makes_no_sense_is_refused_and_changes_nothing(self):
        ref = self.doubt()
        before = self.states()
        for args, status in [
            (("resolve", ref), USAGE),
            (("resolve", ref, "--succeeded", "--not-sent"), USAGE),
            (("resolve", ref, "--not-sent", "--remote-id", "7", "--reason", "x"), USAGE),
            (("resolve", ref, "--succeeded", "--remote-id", "7; user=1"), USAGE),
            (("resolve", "nobody", "--succeeded", "--remote-id", "7"), NO_INPUT),
            (("resolve", "user-0000", "--succeeded", "--remote-id", "7"), USAGE),
            (("resolve",), USAGE),
            (("retry", ref), USAGE),
            (("retry",), USAGE),
            (("retry", "--failed", ref), USAGE),
            (("retry", "--failed", "--batch", "nobody"), NO_INPUT),
            (("cancel", ref), USAGE),
            (("cancel",), USAGE),
            (("cancel", "--batch", "nobody"), NO_INPUT),
        ]:
            with self.subTest(args):
                self.assert_status(status, self.remesa(*args))
        self.assertEqual(before, self.states())
        self.assertEqual([], rows(self.db, "SELECT * FROM decisions"))

    def test_failed_ones_are_tried_again_with_those_that_hung_on_them(self):
        self.begin(3)
        self.write("bad.csv", self.text.replace("user-0001@", "user-0001@", 1))
        self.box.stop()
        self.sandbox("--unique-emails")
        self.write("first.csv", "ref,action,email\nsame,create_user," + self.email_of("user-0001") + "\n")
        self.assert_status(OK, self.run_it("first.csv"))
        self.run_again()
        self.assertEqual({"failed": 1, "skipped": 2}, {k: v for k, v in self.states().items() if k in ("failed", "skipped")})
        ended = self.remesa("retry", "--failed", "--reason", "the e-mail is free now")
        self.assert_status(OK, ended)
        self.assertIn("3 jobs", ended.out)
        self.box.stop()
        self.box = None
        self.sandbox()
        self.run_again()
        self.assertEqual("succeeded", self.state_of("user-0001"))

    def email_of(self, ref):
        lines = self.text.splitlines()
        column = lines[0].split(",").index("email")
        return next(line.split(",")[column] for line in lines if line.startswith(ref + ","))

    def test_a_cancelled_batch_sends_nothing(self):
        self.begin(2)
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        ended = self.remesa("cancel", "--batch", "payees.csv", "--reason", "the wrong month")
        self.assert_status(OK, ended)
        self.run_again()
        self.assertEqual([], self.box.calls())
        self.assertEqual({"cancelled", "skipped"}, set(self.states()))


if __name__ == "__main__":
    night.main()
