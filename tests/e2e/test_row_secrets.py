"""Passwords and one-time passwords that rows bring or a secret makes: on the wire, and afterwards nowhere."""
import base64
import contextlib
import hashlib
import hmac
import json
import os
import sqlite3
import struct
import time

import keeper
import night
from night import BAD_CONFIG, BAD_INPUT, NOT_FINAL, OK, REFUSED, SOME_FAILED, csv_text, leaks, rows

PASSWORD = "Zanahoria+\"ñ\"/42"
OTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
USERS = ["ref", "action", "email", "password"]
PAYOUTS = ["ref", "action", "on_behalf_of", "email", "body.payment_method", "withdrawal_instruction", "amount", "fiat_code",
           "one_time_password"]


def code_at(seconds):
    mac = hmac.digest(base64.b32decode(OTP_SECRET), struct.pack(">Q", int(seconds) // 30), hashlib.sha1)
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 10 ** 6:06}"


def users(*passwords):
    return csv_text(({"ref": f"u-{i}", "action": "create_user", "email": f"{i}@payer.example", "password": password}
                     for i, password in enumerate(passwords)), USERS)


def payouts(*codes):
    def each():
        for i, code in enumerate(codes):
            yield {"ref": f"user-{i}", "action": "create_user", "email": f"{i}@payer.example"}
            yield {"ref": f"account-{i}", "action": "create_withdrawal_instruction", "on_behalf_of": f"user-{i}",
                   "body.payment_method": "domestic_bank"}
            yield {"ref": f"pay-{i}", "action": "create_cash_withdrawal", "on_behalf_of": f"user-{i}", "amount": f"{i + 1}.50",
                   "withdrawal_instruction": f"@account-{i}", "fiat_code": "usd", "one_time_password": code}
    return csv_text(each(), PAYOUTS)


class RowSecrets(night.Night):
    def sandbox(self, *options, **more):
        super().sandbox(*options, **more)
        self.keeper = keeper.Keeper(self.box.url)
        self.addCleanup(self.keeper.close)

    def run_it(self, *files, **changed):
        return super().run_it(*files, url=self.keeper.url, **changed)

    def where(self, secret):
        """The files of the program that have it in any dress."""
        found = set()
        for name in os.listdir(self.folder):
            if name.startswith("remesa."):
                with open(self.path(name), "rb") as f:
                    if leaks(secret, f.read()):
                        found.add(name)
        return found

    def error_of(self, ref):
        return rows(self.db, "SELECT state, error FROM results WHERE ref = ?", ref)[0]

    def change(self, text, *values):
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            db.execute("PRAGMA foreign_keys = ON")
            db.execute(text, values)
            db.commit()


class Passwords(RowSecrets):
    of_rows = {PASSWORD}  # the sandbox keeps what it is sent

    def test_it_arrives_and_is_gone_when_the_run_ends(self):
        self.secrets |= {PASSWORD}
        self.sandbox()
        self.write("users.csv", users(PASSWORD, "@@other-one", ""))
        imported = self.assert_status(OK, self.remesa("import", "users.csv"))
        self.assertTrue(self.where(PASSWORD), "it has to be kept until it is sent")
        ended = self.assert_status(OK, self.run_it("--verbose"))
        self.assertEqual({PASSWORD, "@other-one", None}, {
            json.loads(body)["data"]["attributes"].get("password") for _, body in self.keeper.posts("/users")})
        self.assertEqual(set(), self.where(PASSWORD) | self.where("other-one"))
        for args in (["show", "u-0"], ["show", "u-0", "--json"], ["status"]):
            shown = self.remesa(*args)
            self.assertEqual([], leaks(PASSWORD, (shown.out + shown.err + ended.out + ended.err + imported.err).encode()))

    def test_the_same_file_again_is_known_and_another_password_is_not(self):
        self.secrets |= {PASSWORD}
        self.sandbox()
        self.write("users.csv", users(PASSWORD))
        for status in (OK, OK):
            self.assert_status(status, self.run_it("users.csv"))
        self.assertIn("nothing new", self.assert_status(OK, self.remesa("import", "users.csv")).out)
        self.assertEqual(1, len(self.keeper.posts("/users")))
        self.write("users.csv", users(PASSWORD + "x"))
        refused = self.assert_status(BAD_INPUT, self.remesa("import", "users.csv"))
        self.assertIn("another content (values)", refused.err)
        self.assertEqual([], leaks(PASSWORD, refused.err.encode()))

    def test_equal_passwords_are_not_seen_to_be_equal(self):
        self.write("users.csv", users(PASSWORD, PASSWORD))
        self.assert_status(OK, self.remesa("import", "users.csv"))
        digests = {json.loads(params)["password"] for params, in rows(self.db, "SELECT params FROM job")}
        self.assertEqual(2, len(digests))
        self.assertTrue(all(d.startswith("secret ") and len(d) == 71 for d in digests), digests)

    def test_nobody_changes_or_loses_one_that_is_needed(self):
        self.sandbox()
        self.write("users.csv", users(PASSWORD))
        self.assert_status(OK, self.remesa("import", "users.csv"))
        for text in ("UPDATE secret SET value = 'x'", "DELETE FROM secret", "UPDATE job SET params = '{}'",
                     "INSERT OR REPLACE INTO secret SELECT job_id, name, 'x' FROM secret", "UPDATE secret_salt SET salt = 'x'",
                     "DELETE FROM secret_salt", "INSERT INTO secret VALUES (1, 'password', 'x')"):
            with self.subTest(text), self.assertRaises(sqlite3.IntegrityError):
                self.change(text)
        self.assert_status(OK, self.run_it())
        with self.assertRaises(sqlite3.IntegrityError):
            self.change("INSERT INTO secret SELECT id, 'password', 'x' FROM job")
        self.assertEqual([], rows(self.db, "SELECT * FROM secret"))

    def test_one_in_doubt_stays_until_the_doubt_is_over(self):
        self.secrets |= {PASSWORD}
        self.sandbox("--fault", "POST /users:close-before-commit:x1")
        self.write("users.csv", users(PASSWORD))
        self.assert_status(night.SOME_IN_DOUBT, self.run_it("users.csv"))
        self.assertTrue(self.where(PASSWORD))
        self.assert_status(OK, self.remesa("resolve", "u-0", "--not-sent", "--reason", "their log"))
        self.assert_status(OK, self.run_it())
        self.assertEqual(set(), self.where(PASSWORD))

    def test_after_a_kill_the_next_run_removes_it(self):
        self.secrets |= {PASSWORD}
        self.sandbox("--fault", "POST /users:commit-then-hang:x1")
        self.write("users.csv", users(PASSWORD, PASSWORD))
        running = self.start("run", "users.csv", *self.settings(url=self.keeper.url, concurrency=1))
        self.wait_until(lambda: self.keeper.posts("/users"), "one is sent")
        running.kill()
        self.assertTrue(self.where(PASSWORD))
        self.run_it(find_first="10ms")
        self.assertEqual([(2,)], rows(self.db, "SELECT count(*) FROM results WHERE state = 'succeeded'"))
        self.assertEqual(set(), self.where(PASSWORD))

    def test_a_job_that_failed_cannot_be_sent_with_it_again(self):
        self.secrets |= {PASSWORD}
        self.sandbox("--unique-emails")
        self.write("users.csv", users(PASSWORD, "second-one").replace("1@", "0@"))
        self.assert_status(SOME_FAILED, self.run_it("users.csv", concurrency=1))
        self.assertEqual(set(), self.where(PASSWORD) | self.where("second-one"))
        (ref,), = rows(self.db, "SELECT ref FROM results WHERE state = 'failed'")
        self.assert_status(OK, self.remesa("retry", ref))
        self.assert_status(SOME_FAILED, self.run_it())
        self.assertIn("password: was removed", self.error_of(ref)[1])
        self.assertEqual(2, len(self.keeper.posts("/users")))

    def test_one_that_is_cancelled_takes_it_along(self):
        self.secrets |= {PASSWORD}
        self.write("users.csv", users(PASSWORD))
        self.assert_status(OK, self.remesa("import", "users.csv"))
        self.assert_status(OK, self.remesa("cancel", "u-0"))
        self.assertEqual(set(), self.where(PASSWORD))

    def test_one_from_the_inbox_is_gone_too(self):
        self.secrets |= {PASSWORD}
        self.sandbox()
        self.assert_status(OK, self.remesa("import", self.write("users.csv", users("plain-one"))))
        self.change("INSERT INTO inbox (ref, action, params) VALUES ('in', 'create_user', ?)",
                    json.dumps({"email": "in@payer.example", "password": PASSWORD}))
        self.assert_status(OK, self.run_it())
        self.assertEqual(2, len(self.keeper.posts("/users")))
        self.assertEqual(set(), self.where(PASSWORD) | self.where("plain-one"))

    def test_a_wrong_one_is_told_without_itself(self):
        for cell in ("tab\there-" + "x" * 9, "@user-1", "@ blank-it"):
            self.write("users.csv", users(cell))
            ended = self.assert_status(BAD_INPUT, self.remesa("check", "users.csv"))
            self.assertIn("users.csv: line 2: password: wanted ", ended.err)
            self.assertNotIn(cell[4:], ended.err)


class Codes(RowSecrets):
    def codes(self):
        return [headers.get("One-Time-Password") for headers, _ in self.keeper.posts("/cash_withdrawals")]

    def test_a_row_brings_its_own_and_a_wrong_one_fails_alone(self):
        self.sandbox("--otp-secret", OTP_SECRET)
        good = code_at(time.time())
        wrong = f"{(int(good) + 1) % 10 ** 6:06}"
        while wrong in (code_at(time.time() + 30 * i) for i in range(-2, 4)):
            wrong = f"{(int(wrong) + 1) % 10 ** 6:06}"
        self.write("pay.csv", payouts(wrong, good))
        self.assert_status(SOME_FAILED, self.run_it("pay.csv"))
        self.assertEqual({wrong, good}, set(self.codes()))
        self.secrets |= {OTP_SECRET, wrong, good}
        self.assertEqual("following", self.state_of("pay-1"))
        state, error = self.error_of("pay-0")
        self.assertEqual("failed", state)
        self.assertIn("the one-time password of this row was refused", error)
        self.assertEqual([], rows(self.db, "SELECT * FROM secret"))
        self.assert_status(OK, self.remesa("retry", "pay-0"))
        self.run_it()
        self.assertIn("was removed", self.error_of("pay-0")[1])
        self.assertEqual(2, len(self.codes()))
        # another code is no other job: the row is the same
        self.write("pay.csv", payouts("999999", "888888"))
        self.assertIn("nothing new", self.assert_status(OK, self.remesa("import", "pay.csv")).out)

    def test_one_that_is_wanted_and_not_there_stops_the_run_and_says_so(self):
        self.sandbox("--otp-secret", OTP_SECRET)
        self.write("pay.csv", payouts("", ""))
        ended = self.assert_status(REFUSED, self.run_it("pay.csv"))
        self.assertIn("set otp_secret_file", ended.err)
        self.assertEqual([], rows(self.db, "SELECT * FROM results WHERE state = 'failed'"))

    def test_one_that_is_no_code_is_told_without_itself(self):
        self.write("pay.csv", payouts("12345", "12345x"))
        ended = self.assert_status(BAD_INPUT, self.remesa("check", "pay.csv"))
        for line in (4, 7):
            self.assertIn(f"line {line}: one_time_password: wanted six to eight digits", ended.err)
        self.assertNotIn("12345", ended.err)

    def test_the_secret_makes_one_for_each_request_and_none_twice(self):
        """A minute: that is what two codes take."""
        self.sandbox("--otp-secret", OTP_SECRET)
        self.write("otp", OTP_SECRET + "\n", mode=0o600)
        self.write("pay.csv", payouts("", ""))
        begun = time.time()
        ended = self.assert_status(NOT_FINAL, self.run_it("pay.csv", "--verbose", otp_secret_file="otp", seconds=150))
        self.secrets |= {OTP_SECRET, *self.codes()}
        possible = [code_at(begun + 30 * i) for i in range(int(time.time() - begun) // 30 + 2)]
        codes = self.codes()
        self.assertEqual(2, len(set(codes)))
        self.assertLessEqual(set(codes), set(possible))
        for secret in (OTP_SECRET, *codes):
            self.assertEqual(set(), self.where(secret))
            self.assertEqual([], leaks(secret, (ended.out + ended.err).encode()))

    def test_a_plan_shows_where_one_would_go_and_not_which(self):
        """With the secret's file not even there: a plan reads no secret."""
        self.write("pay.csv", payouts("", "418273"))
        self.secrets |= {"418273"}
        args = ("plan", "--requests", "--json", "pay.csv")
        for more, want in ((["--otp-secret-file", "none-such"], ["000000", "000000"]), ([], [None, "000000"])):
            told = [json.loads(line) for line in self.assert_status(OK, self.remesa(*args, *more)).out.splitlines()]
            self.assertEqual({"pay-0": want[0], "pay-1": want[1]}, {q["ref"]: q["headers"].get("One-Time-Password")
                             for q in told if q["action"] == "create_cash_withdrawal"}, more)
            self.assertEqual([None] * 4, [q["headers"].get("One-Time-Password") for q in told
                                          if q["action"] != "create_cash_withdrawal"], more)

    def test_a_secret_that_others_may_read_is_refused(self):
        self.secrets |= {OTP_SECRET}
        self.sandbox()
        self.write("pay.csv", payouts(""))
        self.write("otp", OTP_SECRET + "\n", mode=0o644)
        self.assert_status(REFUSED, self.run_it("pay.csv", otp_secret_file="otp"))
        self.write("otp", "no base32 at all!\n", mode=0o600)
        os.chmod(self.path("otp"), 0o600)
        self.assert_status(BAD_CONFIG, self.run_it("pay.csv", otp_secret_file="otp"))
        self.assertEqual([], self.keeper.kept)


if __name__ == "__main__":
    night.main()
