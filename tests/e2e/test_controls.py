"""Money under control: what is held, what lets it go, and the other side's ledger as the judge of what was paid."""
import csv
import decimal
import io

import night
from night import BAD_INPUT, NOT_FINAL, OK, SOME_FAILED, USAGE, rows

PAY = ["ref", "action", "on_behalf_of", "email", "body.payment_method", "body.name", "body.country", "body.currency",
       "body.bank", "body.account_type", "body.cbu", "withdrawal_instruction", "amount", "fiat_code"]


def account(ref, user, cbu):
    return {"ref": ref, "action": "create_withdrawal_instruction", "on_behalf_of": user,
            "body.payment_method": "domestic_bank", "body.name": "Ana", "body.country": "AR", "body.currency": "ARS",
            "body.bank": "galicia", "body.account_type": "savings", "body.cbu": cbu}


def payout(ref, user, instruction, amount, currency="ars"):
    return {"ref": ref, "action": "create_cash_withdrawal", "on_behalf_of": user,
            "withdrawal_instruction": instruction, "amount": amount, "fiat_code": currency}


def user(ref):
    return {"ref": ref, "action": "create_user", "email": f"{ref}@payer.example"}


def text_of(*dicts):
    out = io.StringIO()
    writer = csv.DictWriter(out, PAY, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dicts)
    return out.getvalue()


CBU = "2740859941184278534946"


class Controls(night.Night):
    def paid(self):
        """The amounts that the other side has paid out, in order."""
        bodies = [night.digits(e.call.body) for e in self.box.effects() if e.kind == "cash_withdrawals"]
        return [body["data"]["attributes"]["amount"] for body in bodies]

    def holds(self):
        return rows(self.db, "SELECT ref, kind FROM holds")

    def money(self):
        """Every row balances; the sums by column."""
        columns = ("imported", "succeeded", "following", "in_doubt", "failed", "returned", "waiting", "held")
        sums = dict.fromkeys(columns, decimal.Decimal(0))
        for row in rows(self.db, f"SELECT {', '.join(columns)} FROM money"):
            row = dict(zip(columns, map(decimal.Decimal, row)))
            parts = sum(row[c] for c in columns[1:-1])
            self.assertEqual(row["imported"], parts, row)
            for column, amount in row.items():
                sums[column] += amount
        return sums


class Duplicates(Controls):
    def two_nights(self):
        """Two files that pay one account the same, under other names; another payee beside it in the second."""
        self.sandbox()
        self.write("july.csv", text_of(user("ana"), account("july-acc", "ana", CBU),
                                       payout("july", "ana", "@july-acc", "150.50")))
        self.write("august.csv", text_of(account("august-acc", "ana", CBU),
                                         payout("august", "ana", "@august-acc", "150.50"),
                                         account("bea-acc", "ana", "0" + CBU[1:]),
                                         payout("bea", "ana", "@bea-acc", "150.50")))
        self.assert_status(NOT_FINAL, self.run_it("july.csv"))

    def test_a_file_that_pays_again_is_held_and_released_by_a_named_person(self):
        self.two_nights()
        ended = self.assert_status(SOME_FAILED, self.run_it("august.csv"))
        self.assertIn("august is held: same payee, amount and currency as july of batch july.csv", ended.err)
        self.assertIn("1 job is held and not sent (1 duplicate)", ended.err)
        self.assertIn("remesa release", ended.err)
        self.assertEqual(["150.50"] * 2, self.paid())  # july, bea
        self.assertEqual([("august", "duplicate")], self.holds())
        self.assertEqual("queued", self.state_of("august"))
        self.assertEqual(decimal.Decimal("150.50"), self.money()["held"])
        self.assert_status(SOME_FAILED, self.run_it())  # and it stays so
        self.assert_status(USAGE, self.remesa("release", "august"))
        self.assertEqual(["150.50"] * 2, self.paid())
        self.assert_status(OK, self.remesa("release", "august", "--reason", "two invoices, I asked"))
        (ref, verb, reason, who), = rows(self.db, "SELECT ref, verb, reason, decided_by FROM decisions")
        self.assertEqual(("august", "release duplicate", "two invoices, I asked"), (ref, verb, reason))
        self.assertTrue(who)
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertEqual(["150.50"] * 3, self.paid())
        self.assertEqual(0, self.money()["held"])

    def test_check_tells_it_before(self):
        self.two_nights()
        ended = self.remesa("check", "august.csv")
        self.assert_status(OK, ended)
        self.assertIn("august is held: same payee", ended.err)
        self.assertIn("would be held", ended.err)
        self.assertEqual([], rows(self.db, "SELECT ref FROM results WHERE ref = 'august'"))

    def test_nothing_is_held_where_nobody_wants_it(self):
        self.two_nights()
        self.assert_status(NOT_FINAL, self.run_it("august.csv", duplicate_days=0))
        self.assertEqual(["150.50"] * 3, self.paid())

    def test_what_is_not_to_be_paid_is_cancelled(self):
        self.two_nights()
        self.run_it("august.csv")
        self.assert_status(OK, self.remesa("cancel", "august", "--reason", "it was a double"))
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertEqual(["150.50"] * 2, self.paid())
        self.assertEqual([], self.holds())

    def test_the_inbox_is_looked_at_too(self):
        self.two_nights()
        night.sqlite3.connect(self.db).executescript(
            "INSERT INTO inbox (ref, action, on_behalf_of, params) SELECT 'again', action, on_behalf_of, params "
            "FROM job WHERE ref = 'july'")
        ended = self.assert_status(SOME_FAILED, self.run_it())
        self.assertIn("again is held and not sent", ended.err)
        self.assertEqual(["150.50"], self.paid())


class Caps(Controls):
    """Each cap against what the other side has in its books."""

    def night(self, count, amount="100.00", first=0):
        text = text_of(*(row for i in range(first, first + count) for row in (
            user(f"u{i}"), account(f"a{i}", f"u{i}", f"{i:022}"), payout(f"p{i}", f"u{i}", f"@a{i}", amount))))
        return self.write(f"night-{first}.csv", text)

    def total(self):
        return sum(map(decimal.Decimal, self.paid()))

    def test_a_day_s_cap_is_never_passed_with_many_at_once(self):
        self.sandbox()
        ended = self.assert_status(SOME_FAILED, self.run_it(self.night(40), cap_day="ars=1250", concurrency=64))
        self.assertEqual(decimal.Decimal(1200), self.total())
        self.assertEqual(28, len(self.holds()))
        self.assertIn("cap_day: 1,200.00 ars sent today + 100.00 > 1,250.00", ended.err)
        self.assertIn("28 jobs are held and not sent (28 cap)", ended.err)
        self.assertEqual({"held: cap_day: 1,200.00 ars sent today + 100.00 > 1,250.00"}, {
            error for error, in rows(self.db, "SELECT error FROM results WHERE error IS NOT NULL")})
        self.assertEqual(2800, self.money()["held"])
        # another batch of the same day has only what is left: 50
        self.run_it(self.night(2, "30.00", first=100), cap_day="ars=1250", concurrency=64)
        self.assertEqual(decimal.Decimal(1230), self.total())

    def test_nor_after_a_kill(self):
        self.sandbox()
        self.night(40)
        limits = dict(cap_batch="ars=1550", concurrency=8)
        for kill in range(4):
            running = self.start("run", *(["night-0.csv"] if kill == 0 else []), *self.settings(**limits))
            want = 3 * (kill + 1)
            self.wait_until(lambda: len(self.paid()) >= want or not running.is_running(), "payouts")
            running.kill()
            running.close()
        self.run_it(**limits)
        self.assertLessEqual(self.total(), decimal.Decimal(1550))
        (sent,), = rows(self.db, "SELECT count(*) FROM results WHERE action = 'create_cash_withdrawal' "
                                 "AND state IN ('following', 'succeeded', 'in_doubt')")
        self.assertEqual(15, sent)  # what is in doubt may have been sent: it counts
        self.money()

    def test_a_named_person_lets_one_pass(self):
        self.sandbox()
        self.run_it(self.night(3), cap_job="ars=99.99")
        self.assertEqual([], self.paid())
        self.assertEqual(3, len(self.holds()))
        self.assert_status(OK, self.remesa("release", "p1", "--reason", "the board has agreed"))
        self.run_it(cap_job="ars=99.99")
        self.assertEqual(["100.00"], self.paid())
        self.assertEqual([("p0", "cap"), ("p2", "cap")], self.holds())
        self.assert_status(OK, self.remesa("release", "--batch", "night-0.csv", "--kind", "cap", "--reason", "all"))
        self.assert_status(NOT_FINAL, self.run_it(cap_job="ars=99.99"))
        self.assertEqual(decimal.Decimal(300), self.total())

    def test_one_payee_on_one_day(self):
        self.sandbox()
        self.write("a.csv", text_of(user("u"), account("a1", "u", CBU), account("a2", "u", CBU),
                                    payout("p1", "u", "@a1", "100"), payout("p2", "u", "@a2", "100.01"),
                                    payout("p3", "u", "@a2", "99.99")))
        self.run_it("a.csv", cap_payee="ars=200")
        self.assertEqual(decimal.Decimal("199.99"), self.total())
        self.assertEqual([("p2", "cap")], self.holds())

    def test_a_limit_that_cannot_be_read(self):
        self.sandbox()
        self.night(1)
        ended = self.assert_status(USAGE, self.run_it("night-0.csv", cap_day="ars=1.000,50"))
        self.assertIn("ars=5000000", ended.err)
        self.assertEqual([], self.box.calls())


if __name__ == "__main__":
    night.main()
