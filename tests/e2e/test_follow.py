"""Accepted is not paid: what the API does with a job afterwards is asked for over as many nights as it takes, by as few
questions as possible, and a CrossBorder request goes its whole way without the payees that were refused."""
import json
import urllib.request

import night
from night import NOT_FINAL, OK, SOME_FAILED, SOME_IN_DOUBT, csv_text, make_payees, rows


class Follow(night.Night):
    def begin(self, payees, *options):
        self.text = make_payees(payees, odd=["100.10", "7", "33.35"])
        self.write("payees.csv", self.text)
        self.sandbox(*options)

    def lever(self, words):
        request = urllib.request.Request(self.box.url.replace("/api", f"/_sandbox/{words}"), method="POST")
        with urllib.request.urlopen(request, timeout=30):
            pass

    def pass_hours(self, hours):
        self.lever(f"advance?ms={hours * 3600_000}")

    def gets(self):
        return len(self.box.calls("GET"))

    def test_settled_on_the_next_day(self):
        self.begin(6, "--settle-after", "2h")
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assertEqual({"succeeded": 12, "following": 6}, self.states())
        self.assertEqual(0, self.gets())  # nothing can have changed yet
        self.pass_hours(1)
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assertEqual(6, self.gets())  # one list for each user
        self.assertEqual({"pending"}, {s for s, in rows(self.db, "SELECT remote_state FROM results "
                                                                 "WHERE state = 'following'")})
        self.pass_hours(1)
        self.assert_status(OK, self.run_it("payees.csv"))
        self.assertEqual({"succeeded": 18}, self.states())
        self.assertEqual(12, self.gets())
        self.assert_status(OK, self.run_it("payees.csv"))
        self.assertEqual(12, self.gets())
        self.assert_agree(self.text)

    def test_cancelled_later(self):
        self.begin(3, "--settle-after", "1h")
        with open(self.path("payees.csv"), encoding="utf-8") as f:
            self.write("payees.csv", f.read().replace("33.35", "33.13"))
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.pass_hours(2)
        self.assert_status(SOME_FAILED, self.run_it("payees.csv"))
        (ref, error), = rows(self.db, "SELECT ref, error FROM results WHERE state = 'failed'")
        self.assertEqual(("payout-0002", "the API took it and says 'cancelled'"), (ref, error))
        (failed, succeeded), = rows(self.db, "SELECT sum(failed), sum(succeeded) > 0 FROM money")
        self.assertEqual((33.13, 1), (float(failed), succeeded))

    def test_a_person_saw_it_and_it_is_cancelled_later(self):
        """What was found to be there was accepted, and no more than that."""
        self.begin(1, "--settle-after", "1h", "--fault", "POST /cash_withdrawals:commit-then-close:x1")
        with open(self.path("payees.csv"), encoding="utf-8") as f:
            self.write("payees.csv", f.read().replace("100.10", "100.13"))
        self.assert_status(SOME_IN_DOUBT, self.run_it("payees.csv"))
        (remote,), = self.box.rows("SELECT resource_id FROM effect WHERE kind = 'cash_withdrawals'")
        self.assert_status(OK, self.remesa("resolve", "payout-0000", "--succeeded", "--remote-id", str(remote)))
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.pass_hours(2)
        self.assert_status(SOME_FAILED, self.run_it("payees.csv"))
        self.assertEqual([("failed", "the API took it and says 'cancelled'")],
                         rows(self.db, "SELECT state, error FROM results WHERE ref = 'payout-0000'"))

    def test_a_question_that_fails_is_asked_again(self):
        """Once for each, before the run ends: the night has one run."""
        for fault in "429", "500", "commit-then-close", "half-answer":
            with self.subTest(fault):
                self.forget()
                self.begin(2, "--settle-after", "1h")
                self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
                self.sandbox("--settle-after", "1h", "--fault", f"GET /cash_withdrawals:{fault}:x2")
                self.pass_hours(2)
                before = self.gets()
                self.assert_status(OK, self.run_it("payees.csv"))
                self.assertEqual(4, self.gets() - before, "two lists, and each of them once more")

    def test_but_not_for_ever(self):
        self.begin(1, "--settle-after", "1h")
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.sandbox("--settle-after", "1h", "--fault", "GET *:500:1")
        self.pass_hours(2)
        before = self.gets()
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assertEqual(3, self.gets() - before)

    def test_follow_for_waits_for_it(self):
        self.begin(3, "--settle-after", "400ms")
        slow = {"summary": "A payout", "method": "POST", "path": "/cash_withdrawals", "version": "2.1", "acts_as": "user",
                "type": "cash_withdrawals", "attributes": {"amount": {"type": "decimal", "required": True},
                                                           "fiat_code": {"type": "currency", "required": True}},
                "relationships": {"withdrawal_instruction": {"type": "withdrawal_instructions", "required": True}},
                "money": {"amount": "amount", "currency": "fiat_code"}, "state": "/attributes/status",
                "follow": {"good": ["settled"], "bad": ["cancelled"], "list": "/cash_withdrawals",
                           "one": "/cash_withdrawals/{id}", "every": ["100ms", "200ms"]}}
        self.write("quick.json", json.dumps({"create_cash_withdrawal": slow}))
        self.assert_status(OK, self.run_it("payees.csv", actions="quick.json", follow_for="60s"))
        self.assertEqual({"succeeded": 9}, self.states())

    # ---- a CrossBorder request ----

    def remittance(self, limit):
        """Four payees, of whom one's account will be refused."""
        columns = ["ref", "action", "on_behalf_of", "needs", "email", "body.payment_method", "body.name", "body.country",
                   "body.currency", "body.cbu", "port_code", "user", "request", "withdrawal_instruction", "amount", "id", "limit"]
        table = [{"ref": "request", "action": "create_concierge_request", "port_code": "ar_ars", "user": "593"}]
        for i, end in enumerate(("111", "901", "222", "333")):
            table += [
                {"ref": f"user-{i}", "action": "create_user", "email": f"payee+{i}@payer.example"},
                {"ref": f"account-{i}", "action": "create_withdrawal_instruction", "on_behalf_of": f"user-{i}",
                 "body.payment_method": "domestic_bank", "body.name": "A", "body.country": "AR", "body.currency": "ARS",
                 "body.cbu": f"2850590940090418135{end}"},
                {"ref": f"output-{i}", "action": "create_concierge_request_output", "port_code": "ar_ars",
                 "user": f"@user-{i}", "request": "@request", "withdrawal_instruction": f"@account-{i}", "amount": "50"}]
        table += [{"ref": "quote", "action": "request_quote", "id": "@request",
                   "needs": " ".join(f"?output-{i}" for i in range(4))},
                  {"ref": "accept", "action": "accept_quote", "id": "@quote", "limit": limit}]
        return csv_text(table, columns)

    def test_a_request_goes_its_whole_way_without_who_was_refused(self):
        self.sandbox("--quote-after", "1h", "--settle-after", "2h")
        self.write("remit.csv", self.remittance("200"))
        ended = self.assert_status(NOT_FINAL, self.run_it("remit.csv"))
        self.assertEqual(("following", "quote_requested"), self.fate("quote"), ended)
        self.assertEqual("queued", self.fate("accept")[0])
        self.pass_hours(1)
        for user in range(594, 598):
            self.lever(f"compliance?user={user}&state=enabled")
        self.assert_status(SOME_FAILED, self.run_it("remit.csv"))
        self.assertEqual(("failed", "rejected"), self.fate("output-1"))
        self.assertEqual("succeeded", self.fate("quote")[0])
        self.assertEqual("following", self.fate("accept")[0])
        for _ in range(3):
            self.pass_hours(2)
            ended = self.run_it("remit.csv")
        self.assert_status(SOME_FAILED, ended)
        self.assertEqual({("succeeded", "settled")}, {self.fate(f"output-{i}") for i in (0, 2, 3)})
        self.assertEqual(("succeeded", "finished"), self.fate("accept"))
        posts = [call.path for call in self.box.calls()]
        self.assertEqual(1 + 3 * 4 + 2, len(posts), posts)

    def test_a_quote_above_the_limit_is_not_accepted(self):
        self.sandbox("--quote-after", "1h", "--settle-after", "2h")
        self.write("remit.csv", self.remittance("199.99"))
        self.assert_status(NOT_FINAL, self.run_it("remit.csv"))
        self.pass_hours(1)
        self.assert_status(SOME_FAILED, self.run_it("remit.csv"))
        self.assertEqual("failed", self.fate("accept")[0])
        (error, attempts), = rows(self.db, "SELECT error, attempts FROM results WHERE ref = 'accept'")
        self.assertEqual(("not sent: /attributes/total_to_spend is 200.0, more than limit allows: 199.99", 0),
                         (error, attempts))
        self.assertFalse([call for call in self.box.calls() if call.path.endswith("accept_quote")])

    def test_a_quote_that_has_lapsed_is_not_accepted(self):
        self.sandbox("--quote-after", "1h", "--quote-lapse", "2h", "--settle-after", "2h")
        self.write("remit.csv", self.remittance("200"))
        self.assert_status(NOT_FINAL, self.run_it("remit.csv"))
        self.pass_hours(4)
        self.assert_status(SOME_FAILED, self.run_it("remit.csv"))
        self.assertEqual(("failed", "cancelled"), self.fate("quote"))
        self.assertEqual("skipped", self.fate("accept")[0])

    def fate(self, ref):
        return rows(self.db, "SELECT state, remote_state FROM results WHERE ref = ?", ref)[0]


if __name__ == "__main__":
    night.main()
