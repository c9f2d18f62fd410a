"""Doubts that settle themselves: the list of the API shows what took effect, whole lists without a thing prove in the
end that it did not, and money that cannot be found asks a person. Each effect once, whatever was lost."""
import json

import night
from night import NOT_FINAL, SOME_IN_DOUBT, make_payees, rows

QUICK = {"find_first": "60ms", "find_tries": 2, "settle_time": "400ms"}


class Find(night.Night):
    def begin(self, payees, *faults, seed=3):
        self.text = make_payees(payees, seed=seed)
        self.write("payees.csv", self.text)
        self.sandbox(*(part for fault in faults for part in ("--fault", fault)), "--seed", str(seed))

    def pay(self, **changed):
        return self.run_it("payees.csv", **{**QUICK, **changed})

    def look_ups(self, columns="ref, outcome"):
        return rows(self.db, f"SELECT {columns} FROM look_up l JOIN job j ON j.id = l.job_id ORDER BY l.id")

    def test_half_of_all_answers_are_lost_and_everything_is_found(self):
        for kind in ("commit-then-close", "commit-then-reset", "half-answer", "500-after-commit"):
            with self.subTest(kind):
                self.forget()
                self.begin(12, f"POST *:{kind}:0.5")
                ended = self.pay(concurrency=4, retry_limit=500)
                self.assert_status(NOT_FINAL, ended)
                self.assertEqual({"succeeded": 24, "following": 12}, self.states())
                self.assert_agree(self.text)
                found = [ref for ref, outcome in self.look_ups() if outcome == "found"]
                self.assertGreater(len(found), 5)
                self.assertEqual(len(found), len(set(found)))

    def test_what_never_arrived_is_sent_again_where_that_is_harmless(self):
        self.begin(3, "POST /users:close-before-commit:x1", "POST /withdrawal_instructions:reset-before-commit:x1")
        self.assert_status(NOT_FINAL, self.pay(concurrency=1))
        self.assertEqual({"succeeded": 6, "following": 3}, self.states())
        self.assert_agree(self.text)
        outcomes = [outcome for _, outcome in self.look_ups()]
        self.assertEqual(2, outcomes.count("absent"), outcomes)
        self.assertGreaterEqual(outcomes.count("not_there"), 2, outcomes)
        attempts = dict(rows(self.db, "SELECT ref, count(*) FROM attempts GROUP BY ref HAVING count(*) > 1"))
        self.assertEqual({"user-0000": 2, "account-0001": 2}, attempts)

    def test_a_payout_that_is_nowhere_asks_a_person(self):
        self.begin(2, "POST /cash_withdrawals:close-before-commit:x1")
        ended = self.pay(concurrency=1)
        self.assert_status(SOME_IN_DOUBT, ended)
        (ref, look_ups, last, command), = rows(self.db, "SELECT ref, look_ups, last_look_up, next_command FROM doubts")
        self.assertGreaterEqual(look_ups, 2)
        self.assertEqual("not_there", last)
        self.assertTrue(command.startswith(f"remesa resolve {ref}"))
        self.assertIn("a person has to say", ended.err)
        self.assertEqual(1, len([e for e in self.box.effects() if e.kind == "cash_withdrawals"]))

    def test_a_payout_that_shows_up_later_is_found_by_the_next_run(self):
        self.begin(1, "POST /cash_withdrawals:commit-then-close:x1", "GET /cash_withdrawals:500:1.0")
        self.assert_status(SOME_IN_DOUBT, self.pay(concurrency=1, max_duration="1500ms", retry_limit=100))
        self.assertEqual({"failed"}, {outcome for _, outcome in self.look_ups()})
        self.sandbox()
        self.assert_status(NOT_FINAL, self.pay())
        self.assert_agree(self.text)

    def test_a_failed_look_up_changes_nothing(self):
        self.begin(1, "POST /users:close-before-commit:x1", "GET /users:502-html:1")
        self.pay(concurrency=1, max_duration="1500ms", retry_limit=100)
        self.assertEqual("in_doubt", self.state_of("user-0000"))
        self.assertEqual(1, len(self.box.calls()))

    def test_one_list_answers_all_users_in_doubt(self):
        self.begin(8, "POST /users:commit-then-close:x8")
        self.assert_status(NOT_FINAL, self.pay(concurrency=8, retry_limit=100))
        lists = [c for c in self.box.calls("GET") if c.path.endswith("/users")]
        self.assertLess(len(lists), 8)
        self.assert_agree(self.text)

    def test_a_payee_without_an_email_is_found_by_the_one_that_carries_its_ref(self):
        self.begin(4, "POST /users:commit-then-close:x4")
        rows_of = [{**row, "email": ""} for row in night.csv_rows(self.text)]
        self.write("payees.csv", night.csv_text(rows_of))
        self.assert_status(NOT_FINAL, self.pay(concurrency=4, retry_limit=100, tag_email="pay+{ref}@example.com"))
        found = [ref for ref, outcome in self.look_ups() if outcome == "found"]
        self.assertEqual(4, len(found))
        emails = {json.loads(e.call.body)["data"]["attributes"]["email"] for e in self.box.effects() if e.kind == "users"}
        self.assertEqual({f"pay+user-{i:04}@example.com" for i in range(4)}, emails)

    def test_what_a_crash_left_open_is_looked_up(self):
        self.begin(6, "POST *:slow:1:400")
        running = self.start("run", "payees.csv", *self.settings(concurrency=3, **QUICK))
        self.wait_until(lambda: len(self.box.calls()) >= 5, "some requests")
        running.kill()
        self.sandbox()
        self.assert_status(NOT_FINAL, self.pay(concurrency=3))
        self.assertEqual({"succeeded": 12, "following": 6}, self.states())
        self.assert_agree(self.text)


if __name__ == "__main__":
    night.main()
