"""Other programs bring work by an INSERT, with the engine running or not: good rows become jobs and leave, bad ones
stay and say why, and a mended one is taken."""
import contextlib
import json
import sqlite3

import night
from night import NOT_FINAL, OK, SOME_IN_DOUBT, csv_rows, make_payees, rows

COLUMNS = ("ref", "action", "on_behalf_of", "needs", "params")


def inbox_rows(text):
    """The rows of a CSV as another program would write them."""
    for row in csv_rows(text):
        own = {k: row.pop(k) or None for k in ("ref", "action", "on_behalf_of")}
        yield (own["ref"], own["action"], own["on_behalf_of"], None, json.dumps({k: v for k, v in row.items() if v}))


class Inbox(night.Night):
    def setUp(self):
        super().setUp()
        self.sandbox("--latency", "1..10")
        self.first = make_payees(1)
        self.write("first.csv", self.first)
        self.assert_status(NOT_FINAL, self.run_it("first.csv"))  # makes the database

    def put(self, *values):
        """As a program of anybody's would: one connection, one transaction."""
        with contextlib.closing(sqlite3.connect(self.db, timeout=30)) as db:
            db.executemany(f"INSERT INTO inbox ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)", values)
            db.commit()

    def change(self, text, *values):
        with contextlib.closing(sqlite3.connect(self.db, timeout=30)) as db:
            db.execute(text, values)
            db.commit()

    def problems(self):
        return dict(rows(self.db, "SELECT coalesce(ref, '(none)'), problem FROM inbox ORDER BY id"))

    def test_rows_before_a_run(self):
        more = make_payees(5, first=100)
        self.put(*inbox_rows(more))
        ended = self.assert_status(NOT_FINAL, self.run_it())
        self.assertIn("15 new jobs from the inbox", ended.err)
        self.assertEqual({}, self.problems())
        self.assertEqual({"succeeded": 12, "following": 6}, self.states())
        self.assert_agree(self.first, more)

    def test_rows_while_it_runs(self):
        """The run is held by its pace until they are in; nobody tells it."""
        long_one = make_payees(20, first=200)
        self.write("long.csv", long_one)
        running = self.start("run", "long.csv", *self.settings(rate=20))
        before = len(self.box.calls())
        self.wait_until(lambda: len(self.box.calls()) > before + 5, "the run is in the middle")
        late = make_payees(4, first=300)
        self.put(*inbox_rows(late))
        self.put(("wrong", "create_user", None, None, "{}"))
        self.assertTrue(running.is_running(), "the run was too fast to tell anything")
        self.assert_status(NOT_FINAL, running.wait())
        self.assertEqual(["wrong"], list(self.problems()))
        self.assertEqual({"succeeded": 50, "following": 25}, self.states())
        self.assert_agree(self.first, long_one, late)

    def test_a_row_of_the_inbox_may_need_a_job_that_is_there(self):
        self.put(("more", "create_cash_withdrawal", "user-0000", None,
                  '{"amount":"12.30","fiat_code":"ars","withdrawal_instruction":"@account-0000"}'))
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertEqual("following", self.state_of("more"))
        self.assertEqual(["100.10", "12.30"],
                         [night.digits(e.call.body)["data"]["attributes"]["amount"] for e in self.box.effects()[-2:]])

    def test_bad_rows_stay_and_say_why(self):
        user = '{"email":"x@x.example"}'
        bad = {
            "unknown-action": (("create_usr", None, None, user), "did you mean 'create_user'"),
            "nothing": (("create_user", None, None, None), "email: missing"),
            "no-json": (("create_user", None, None, "{no"), "params"),
            "a-list": (("create_user", None, None, "[1]"), "params"),
            "unknown-name": (("create_user", None, None, '{"emial":"x@x.example"}'), "emial"),
            "no-user": (("create_withdrawal_instruction", None, None, "{}"), "on_behalf_of"),
            "unknown-user": (("create_withdrawal_instruction", "nobody", None, "{}"), "'nobody'"),
            "unknown-need": (("create_user", None, "nothing-such", user), "'nothing-such'"),
            "itself": (("create_user", None, "itself", user), "cannot need itself"),
            "double": (("create_cash_withdrawal", "user-0000", None,
                        '{"amount":"1e2","fiat_code":"ars","withdrawal_instruction":"1"}'), "amount"),
            "user-0000": (("create_user", None, None, user), "is known"),
            "bad ref": (("create_user", None, None, user), "is no ref"),
            "header": (("create_user", "1\r\nX: y", None, user), "on_behalf_of"),
        }
        self.put(*((ref, *values) for ref, (values, _) in bad.items()),
                 (None, "create_user", None, None, user),
                 ("good", "create_user", None, None, '{"email":"good@x.example"}'),
                 ("twice", "create_user", None, None, '{"email":"t1@x.example"}'),
                 ("twice", "create_user", None, None, '{"email":"t2@x.example"}'))
        self.assert_status(NOT_FINAL, self.run_it())
        problems = self.problems()
        for ref, (_, text) in bad.items():
            self.assertIn(text, problems.get(ref) or "", f"{ref}: {problems.get(ref)}")
        self.assertIn("ref", problems["(none)"])
        self.assertEqual("succeeded", self.state_of("good"))
        self.assertEqual({*bad, "(none)", "twice"}, set(problems), "good ones left, bad ones stayed")
        self.assertEqual([1], [n for n, in rows(self.db, "SELECT count(*) FROM results WHERE ref = 'twice'")],
                         "of two rows of one ref the first is taken")
        self.assertEqual(3 + 2, len(self.box.effects()))

    def test_a_mended_row_is_taken(self):
        self.put(("late", "create_user", None, None, '{"email":"no mail"}'))
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertIn("e-mail", self.problems()["late"])
        sent = len(self.box.calls())
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertEqual(sent, len(self.box.calls()), "nobody mended it yet")
        self.change("UPDATE inbox SET params = ?, problem = NULL WHERE ref = 'late'", '{"email":"mail@x.example"}')
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertEqual({}, self.problems())
        self.assertEqual("succeeded", self.state_of("late"))

    def test_the_same_row_again_makes_no_second_job(self):
        again = list(inbox_rows(self.first))
        self.put(*again)
        self.assert_status(NOT_FINAL, self.run_it())
        self.assertEqual(({}, 3), (self.problems(), len(self.box.effects())))
        self.assert_agree(self.first)

    def test_numbers_of_another_program_keep_their_digits(self):
        """A program that writes amounts as JSON numbers: as they stand there, or not at all."""
        self.put(("exact", "create_cash_withdrawal", "user-0000", None,
                  '{"amount":90071992547409.93,"fiat_code":"ars","withdrawal_instruction":"@account-0000"}'))
        self.assert_status(NOT_FINAL, self.run_it())
        if self.problems():
            self.assertIn("amount", self.problems()["exact"])
        else:
            self.assertIn('"amount":90071992547409.93,', self.box.effects()[-1].call.body)

    def test_killed_while_rows_come_in(self):
        """A row is in the inbox or a job, never both, never neither."""
        texts = [self.first]
        for i in range(6):
            running = self.start("run", *self.settings(concurrency=2))
            texts.append(make_payees(3, first=400 + 10 * i))
            self.put(*inbox_rows(texts[-1]))
            before = len(self.box.calls())
            self.wait_until(lambda: len(self.box.calls()) > before + i or not running.is_running(), "some more requests")
            running.kill()
            refs = [r for r, in rows(self.db, "SELECT ref FROM results UNION ALL SELECT ref FROM inbox")]
            self.assertEqual(sorted(row["ref"] for text in texts for row in csv_rows(text)), sorted(refs))
        self.assertIn(self.run_it().status, (NOT_FINAL, SOME_IN_DOUBT))
        self.assertEqual({}, self.problems())
        self.assert_agree(*texts)

    def test_what_the_shell_may_not_do(self):
        """The promises hold for any program that opens the file."""
        for text in ("UPDATE job SET state = 'queued' WHERE ref = 'user-0000'",
                     "UPDATE job SET params = '{}' WHERE ref = 'user-0000'",
                     "DELETE FROM job",
                     "UPDATE attempt SET outcome = 'not_sent'",
                     "DELETE FROM attempt"):
            with self.subTest(text), self.assertRaises(sqlite3.IntegrityError):
                self.change(text)
        self.assert_status(OK, self.remesa("status"))


if __name__ == "__main__":
    night.main()
