"""A server that works late, lies, and shows lists that lag or repeat: an effect is never made twice, and what cannot be
known is left to a person."""
import os
import subprocess
import sys
import time

import night
from night import NOT_FINAL, SOME_IN_DOUBT, make_payees, rows

QUICK = {"find_first": "60ms", "find_tries": 2, "settle_time": "500ms", "concurrency": 2, "retry_limit": 100}
CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "campaign", "check.py")


class Lies(night.Night):
    def begin(self, *faults, options=(), payees=4):
        self.forget()
        self.text = make_payees(payees, seed=11)
        self.write("payees.csv", self.text)
        self.sandbox(*options, *(part for fault in faults for part in ("--fault", fault)))

    def pay(self, **changed):
        return self.run_it("payees.csv", **{**QUICK, **changed})

    def laws_hold(self):
        done = subprocess.run([sys.executable, "-B", CHECK, "--db", self.db, "--ledger", self.path("ledger.db")],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def effects_per_reference(self):
        return self.box.rows("SELECT max(n) FROM (SELECT count(*) AS n FROM effect "
                             "GROUP BY kind, user_id, reference, amount)")[0][0]

    def test_lists_in_pages_that_repeat_or_lag_find_it_all_the_same(self):
        for options, faults in [
            (("--page-size", "3"), ()),
            (("--page-size", "4", "--repeat-last-page"), ()),
            ((), ("GET *:dup-rows:1",)),
            ((), ("GET *:other-user-rows:1",)),
            ((), ("GET *:list-500:0.5",)),
            ((), ("GET *:late-list:0.5:200",)),
        ]:
            with self.subTest(options + faults):
                self.begin("POST *:commit-then-close:0.4", *faults, options=options, payees=8)
                self.assert_status(NOT_FINAL, self.pay(find_tries=4))
                self.assertEqual({"succeeded": 16, "following": 8}, self.states())
                self.assert_agree(self.text)
                self.laws_hold()

    def test_an_effect_that_comes_late_is_found_before_the_settle_time(self):
        self.begin("POST *:late-apply:x3:250")
        ended = self.pay()
        time.sleep(0.5)  # an effect that is still on its way counts too
        self.assert_status(NOT_FINAL, ended)
        self.assertEqual(1, self.effects_per_reference())
        self.assert_agree(self.text)
        self.laws_hold()

    def test_an_effect_that_comes_after_a_list_without_it(self):
        self.begin("POST *:late-apply-after-list:x2")
        self.assert_status(NOT_FINAL, self.pay(find_tries=3))
        self.assertEqual(1, self.effects_per_reference())
        self.assertIn("not_there", {o for o, in rows(self.db, "SELECT outcome FROM look_up")})
        self.assert_agree(self.text)

    def test_a_server_that_pays_twice_is_noticed(self):
        self.begin("POST /cash_withdrawals:dup-effect:x1:close")
        ended = self.pay()
        self.assert_status(SOME_IN_DOUBT, ended)
        self.assertIn("more than once", ended.err)
        (ref, last), = rows(self.db, "SELECT ref, last_look_up FROM doubts")
        self.assertRegex(last, r"^several: \d+ \d+$")

    def test_an_answer_without_an_id_or_with_another_amount_is_no_success(self):
        for lie in ("lie-200-no-id", "lie-200-other-amount"):
            with self.subTest(lie):
                self.begin(f"POST /cash_withdrawals:{lie}:x2")
                self.assert_status(NOT_FINAL, self.pay())
                found = rows(self.db, "SELECT count(*) FROM look_up WHERE outcome = 'found'")[0][0]
                self.assertEqual(2, found)
                self.assert_agree(self.text)
                self.laws_hold()


if __name__ == "__main__":
    night.main()
