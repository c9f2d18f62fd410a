"""What became of a batch, given back to who made its file: every column and line as they stood, and five more cells."""
import csv
import decimal
import io
import json
import os
import random

import night
from night import BAD_INPUT, NO_INPUT, NOT_FINAL, OK, SOME_FAILED, USAGE, csv_text, csv_rows, make_payees, rows

ADDED = ["state", "remote_id", "amount", "currency", "error"]
PAY = {"pay": {"summary": "s", "rows": [
    {"name": "user", "action": "create_user", "once_per": "{payee}", "kept": True, "params": {"email": "{mail}"}},
    {"name": "fee", "action": "create_cash_withdrawal", "on_behalf_of": "@user", "when": ["fee"],
     "params": {"withdrawal_instruction": "{to}", "amount": "{fee}", "fiat_code": "ars"}},
    {"name": "pay", "action": "create_cash_withdrawal", "on_behalf_of": "@user",
     "params": {"withdrawal_instruction": "{to}", "amount": "{sum}", "fiat_code": "{money}"}}]}}


class Report(night.Night):
    def report(self, batch, want=OK):
        ended = self.assert_status(want, self.remesa("report", "--csv", "out.csv", "--batch", batch))
        if want != OK:
            return ended.err
        self.assertEqual(0o600, os.stat(self.path("out.csv")).st_mode & 0o777)
        with open(self.path("out.csv"), newline="") as f:
            return f.read()

    def lines(self, text, delimiter=","):
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))

    def jobs(self):
        return {r[0]: r[1:] for r in rows(self.db, "SELECT ref, state, remote_id, error FROM results")}

    def assert_columns_are_back(self, given, got, delimiter=","):
        """Cell by cell, and five more."""
        want = self.lines(given, delimiter)
        have = self.lines(got, delimiter)
        self.assertEqual(want[0] + ADDED, have[0])
        self.assertEqual([line for line in want[1:] if line], [line[:len(want[0])] for line in have[1:]])
        return [dict(zip(have[0], line)) for line in have[1:]]


class Plain(Report):
    def test_a_whole_night_comes_back_with_what_became_of_each_line(self):
        self.sandbox("--fault", "POST /cash_withdrawals:commit-then-close:0.3", "--seed", "3")
        text = make_payees(40)
        self.write("payees.csv", text)
        self.run_it("payees.csv")
        got, jobs = self.assert_columns_are_back(text, self.report("payees.csv")), self.jobs()
        states = set()
        for line in got:
            state, remote_id, error = jobs[line["ref"]]
            self.assertEqual((state, remote_id or "", error or ""), (line["state"], line["remote_id"], line["error"]))
            states.add(state)
        self.assertGreaterEqual(len(states), 2, states)
        for given, line in zip(csv_rows(text), got):  # exact, with the places of the currency
            self.assertEqual(decimal.Decimal(given["amount"]) if given["amount"] else "",
                             decimal.Decimal(line["amount"]) if line["amount"] else "")
            self.assertEqual(given["fiat_code"], line["currency"])

    def test_cells_come_back_as_they_stood(self):
        """Needs, params, decimal commas, empty tags, a semicolon, quotes, line ends, Windows-1252; nothing is made up."""
        text = ('ref;action;on_behalf_of;email;needs;params;amount;fiat_code;withdrawal_instruction;body.name;label\r\n'
                'u1;create_user;;u1@x.example;;;;;;;\r\n'
                'a1;create_withdrawal_instruction;u1;;u1;"{""body"":{""city"":""Córdoba""}}";;;;"=Ñ;""x""\r\ny";\r\n'
                '\r\n'
                'p1;create_cash_withdrawal;#594;;?u1 ?a1;;"10,5";ARS;@a1;;')
        self.write("in.csv", text.encode("cp1252"))
        self.assert_status(OK, self.remesa("import", "in.csv", "--encoding", "windows-1252", "--decimal-comma"))
        got = self.assert_columns_are_back(text, self.report("in.csv"), ";")
        self.assertEqual([("queued", "", "", "", "")] * 2 + [("queued", "", "10.50", "ars", "")],
                         [tuple(line[c] for c in ADDED) for line in got])

    def test_a_password_does_not_come_back_and_is_not_kept(self):
        self.sandbox()
        self.write("users.csv", csv_text([{"ref": "ana", "action": "create_user", "email": "ana@payer.example",
                                           "password": "Zanahoria-42"}], ["ref", "action", "email", "password"]))
        self.assert_status(OK, self.run_it("users.csv"))
        line, = csv_rows(self.report("users.csv"))
        self.assertEqual(("ana", "", "succeeded"), (line["ref"], line["password"], line["state"]))
        for name in "remesa.db", "remesa.db-wal", "out.csv":
            if os.path.exists(self.path(name)):
                with open(self.path(name), "rb") as f:
                    self.assertEqual([], night.leaks("Zanahoria-42", f.read()), name)

    def test_any_cells_come_back(self):
        rng = random.Random(9)
        pieces = ["a", ",", ";", '"', "\n", "\r\n", "ñ", "=", "+", "-", " ", "\t", "李", "x"]
        given = [{"ref": f"a{i}", "action": "create_withdrawal_instruction", "on_behalf_of": "#7",
                  "body.name": "p" + "".join(rng.choice(pieces) for _ in range(rng.randrange(9)))} for i in range(400)]
        text = csv_text(given, ["body.name", "ref", "on_behalf_of", "action", "email"])
        self.write("in.csv", text)
        self.assert_status(OK, self.remesa("import", "in.csv"))
        self.assert_columns_are_back(text, self.report("in.csv"))

    def test_what_an_earlier_batch_brought_has_a_line_too(self):
        self.write("one.csv", "ref,action,email\nu1,create_user,u1@x.example\n")
        self.write("two.csv", "ref,action,email\nu2,create_user,u2@x.example\nu1,create_user,u1@x.example\n")
        self.assert_status(OK, self.remesa("import", "one.csv"))
        self.assert_status(OK, self.remesa("import", "two.csv"))
        self.assert_status(OK, self.remesa("cancel", "u1", "--reason", "x"))
        got = self.lines(self.report("two.csv"))
        self.assertEqual([["u2", "queued"], ["u1", "cancelled"]], [[line[0], line[3]] for line in got[1:]])

    def test_a_long_batch_is_kept_in_pieces(self):
        text = "ref,action,email\n" + "".join(f"u{i},create_user,u{i}@x.example\n" for i in range(20000))
        self.write("in.csv", text)
        self.assert_status(OK, self.remesa("import", "in.csv"))
        self.assertGreater(rows(self.db, "SELECT count(*) FROM batch_lines")[0][0], 1)
        self.assertEqual(20000, len(self.assert_columns_are_back(text, self.report("in.csv"))))

    def test_what_a_server_said_is_never_run_by_a_spreadsheet(self):
        self.write("in.csv", "ref,action,email\nu1,create_user,u1@x.example\n=u2,create_user,u2@x.example\n")
        self.assert_status(OK, self.remesa("import", "in.csv"))
        self.remesa("cancel", "u1", "--reason", "x")
        with night.contextlib.closing(night.sqlite3.connect(self.db)) as db, db:
            db.execute("UPDATE job SET error = '=HYPERLINK(\"http://x\")', remote_id = '+1' WHERE ref = 'u1'")
        got = self.lines(self.report("in.csv"))
        self.assertEqual(["cancelled", "'+1", "", "", "'=HYPERLINK(\"http://x\")"], got[1][3:])
        self.assertEqual("=u2", got[2][0])  # the accountant's own, as it stood

    def test_what_is_not_there_is_said(self):
        self.write("in.csv", "ref,action,email\nu1,create_user,u1@x.example\n")
        self.assert_status(OK, self.remesa("import", "in.csv"))
        self.write("out.csv", "old")
        self.assertIn("there is no batch 'nope'", self.report("nope", NO_INPUT))
        with night.contextlib.closing(night.sqlite3.connect(self.db)) as db, db:
            db.execute("DELETE FROM batch_input")
        self.assertIn("has no lines to give back", self.report("in.csv", NO_INPUT))
        for args in ((), ("--csv", "out.csv"), ("--batch", "in.csv"), ("--csv", "remesa.db", "--batch", "in.csv"), ("x",)):
            self.assert_status(USAGE, self.remesa("report", *args))
        with open(self.path("out.csv")) as f:
            self.assertEqual("old", f.read())
        self.assertEqual([], [name for name in os.listdir(self.folder) if name.startswith("out.csv.")])


class Recipe(Report):
    def setUp(self):
        super().setUp()
        self.sandbox()
        self.write("pay.json", json.dumps(PAY))
        self.how = ("--recipes", "pay.json", "--recipe", "pay")

    def test_a_line_has_the_worst_of_its_jobs_and_the_money_of_all(self):
        text = ("ref,payee,mail,fee,sum,money,to\n"
                "p1,ana,ana@x.example,,150.5,ars,7\n"
                "p2,ana,ana@x.example,0.25,10,ars,7\n"
                "p1.x,bob,bob@x.example,1,2,usd,7\n")
        self.write("in.csv", text)
        self.assert_status(OK, self.remesa("import", *self.how, "in.csv"))
        self.assert_status(OK, self.remesa("cancel", "p2.fee", "--reason", "x"))
        got = self.assert_columns_are_back(text, self.report("in.csv"))
        self.assertEqual([("queued", "150.50", "ars"), ("cancelled", "10.25", "ars"), ("queued", "1.00 + 2.00", "ars + usd")],
                         [(line["state"], line["amount"], line["currency"]) for line in got])
        ended = self.remesa("run", *self.settings())
        got = self.assert_columns_are_back(text, self.report("in.csv"))
        jobs = self.jobs()
        self.assertIn(ended.status, (SOME_FAILED, NOT_FINAL), ended)
        self.assertEqual(jobs["p1.pay"][1] or "", got[0]["remote_id"])
        self.assertEqual([("failed", "failed")] * 3, [(jobs[f"{line['ref']}.pay"][0], line["state"]) for line in got])
        self.assertEqual([jobs[f"{line['ref']}.pay"][2] for line in got], [line["error"] for line in got])

    def test_what_is_taken_in_again_is_told_by_its_refs(self):
        self.write("in.csv", "ref,payee,mail,fee,sum,money,to\np1,ana,ana@x.example,,150.5,ars,7\n")
        self.write("more.csv", "ref,payee,mail,fee,sum,money,to\np1,ana,ana@x.example,,150.5,ars,7\n"
                               "p9,ana,ana@x.example,,9,ars,7\n")
        self.assert_status(OK, self.remesa("import", *self.how, "in.csv"))
        self.assert_status(OK, self.remesa("import", *self.how, "more.csv"))
        self.assertEqual([("p1", "150.50"), ("p9", "9.00")],
                         [(line[0], line[9]) for line in self.lines(self.report("more.csv"))[1:]])


if __name__ == "__main__":
    night.main()
