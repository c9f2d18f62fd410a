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


if __name__ == "__main__":
    night.main()
