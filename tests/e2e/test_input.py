"""What is wrong with an input is told, all of it in one pass, with line and column; then nothing is imported, and the
database is what it was. What is right comes in as it stands, in every dress a spreadsheet gives it."""
import contextlib
import csv
import io
import json
import os
import random
import sqlite3

import night
from night import BAD_INPUT, NO_INPUT, NOT_FINAL, OK, USAGE, COLUMNS, csv_rows, csv_text, make_payees, rows

HEADER = "ref,action,on_behalf_of,email,withdrawal_instruction,amount,fiat_code,needs,params\n"
USER = "u1,create_user,,u1@x.example,,,,,\n"


def payout(amount="5", currency="ars", user="u1", instruction="77"):
    return f'p,create_cash_withdrawal,{user},,{instruction},"{amount}",{currency},,\n'


# what is wrong: the file, and the complaints as (line, column, part of the text)
WRONG = {
    "a quote never closed": (HEADER + 'u1,create_user,,"u1@x.example,,,,,\n', [(2, None, "never closed")]),
    "text after a quote": (HEADER + 'u1,create_user,,"u1@x.example"z,,,,,\n', [(2, None, "after a closing quote")]),
    "a quote inside": (HEADER + 'u1,create_user,,u"1@x.example,,,,,\n', [(2, None, "quote inside a field")]),
    "too few fields": (HEADER + "u1,create_user\n", [(2, None, "2 fields, but the header has 9")]),
    "too many fields": (HEADER + "u1,create_user,,u1@x.example,,,,,,,x\n", [(2, None, "11 fields, but the header has 9")]),
    "not UTF-8": ((HEADER + USER.replace("u1@", "ñ@")).encode("latin-1"), [(2, None, "not UTF-8")]),
    "a NUL": (HEADER + USER.replace("u1@", "u\0@"), [(2, None, "NUL")]),
    "no header": (USER, [(1, "u1", "no action takes a column"), (1, None, "no header")]),
    "an unknown column": (HEADER.replace("email", "emial") + USER, [(1, "emial", "did you mean 'email'"),
                                                                    (2, "email", "missing")]),
    "a column twice": (HEADER.replace("params", "ref") + USER, [(1, "ref", "was there already")]),
    "an unknown action": (HEADER + USER.replace("create_user", "create_usr"), [(2, "action", "did you mean 'create_user'")]),
    "nothing in a required cell": (HEADER + USER.replace("u1@x.example", ""), [(2, "email", "missing")]),
    "another action's cell": (HEADER + "u1,create_user,,u1@x.example,,5,,,\n", [(2, "amount", "takes no such column")]),
    "no e-mail address": (HEADER + USER.replace("@", " at "), [(2, "email", "wanted an e-mail address")]),
    "no currency": (HEADER + USER + payout(currency="$"), [(3, "fiat_code", "wanted a currency")]),
    "nobody to act for": (HEADER + payout(user=""), [(2, "on_behalf_of", "on behalf of a user")]),
    "a header in a user's id": (HEADER + payout(user='"#1\r\nX: y"'), [(2, "on_behalf_of", "names no user")]),
    "a path in an id": (HEADER + USER + payout(instruction="../../admin"), [(3, "withdrawal_instruction", "wanted an id")]),
    "a bad ref": (HEADER + USER.replace("u1,", "u 1,"), [(2, "ref", "is no ref")]),
    "an empty ref": (HEADER + USER.replace("u1,", ","), [(2, "ref", "")]),
    "a ref twice": (HEADER + USER + USER, [(3, "ref", "stands on line 2 already")]),
    "an unknown @ref": (HEADER + USER + payout(instruction="@nope"), [(3, "withdrawal_instruction", "'nope'")]),
    "an unknown user": (HEADER + payout(user="nobody"), [(2, "on_behalf_of", "'nobody'")]),
    "an unknown need": (HEADER + USER.replace(",,,,,\n", ",,,,nope,\n"), [(2, "needs", "'nope'")]),
    "a need of itself": (HEADER + USER.replace(",,,,,\n", ",,,,u1,\n"), [(2, "needs", "cannot need itself")]),
    "a circle": (HEADER + "a,create_user,,a@x.example,,,,b,\nb,create_user,,b@x.example,,,,a,\n",
                 [(2, "needs", "circle"), (3, "needs", "circle")]),
    "no JSON in params": (HEADER + USER.replace(",\n", ",{no\n"), [(2, "params", "JSON")]),
    "all at once": (HEADER + "u 1,create_usr,,,,,,,\n" + payout(amount="-1", currency="$") + "x\n",
                    [(2, "ref", "is no ref"), (2, "action", "is no action"), (3, "amount", "'-1'"),
                     (3, "fiat_code", "'$'"), (4, None, "1 fields")]),
}

BAD_AMOUNTS = ["-5", "+5", "0", "0.00", "1e3", "1,000", "1.000,00", "12.345", " 5", "5 ", "5.", ".5", "007", "0x10", "NaN",
               "٣", "$5", "99999999999999999999", "92233720368547758.08", "--", "5;DROP TABLE job"]


class Wrong(night.Night):
    def contents(self):
        """Of the database, whole; None when there is none."""
        if not os.path.exists(self.db):
            return None
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            return list(db.iterdump())

    def assert_told(self, ended, line, column, text):
        place = (f" line {line}:" if line else "") + (f" {column}:" if column else "")
        told = [said for said in ended.err.splitlines() if f"in.csv:{place}" in said and text in said]
        self.assertTrue(told, f"'in.csv:{place} ... {text}' is not told: {ended}")

    def assert_refused(self, wanted, command):
        ended = self.assert_status(BAD_INPUT, self.remesa(command, "in.csv"))
        for line, column, text in wanted:
            self.assert_told(ended, line, column, text)
        self.assertEqual("", ended.out)
        self.assertNotIn("\0", ended.err)
        self.assertNotIn("\r", ended.err)
        return ended

    def test_each_fault_is_told_and_nothing_is_imported(self):
        self.write("good.csv", make_payees(2))
        self.assert_status(OK, self.remesa("import", "good.csv"))
        before = self.contents()
        for name, (text, wanted) in WRONG.items():
            with self.subTest(name):
                self.write("in.csv", text)
                said = [self.assert_refused(wanted, command).err for command in ("import", "check")]
                self.assertEqual(said[0].splitlines()[:-1], said[1].splitlines()[:-1], "check and import judge alike")
                self.assertEqual(before, self.contents())

    def test_bad_amounts(self):
        for amount in BAD_AMOUNTS:
            with self.subTest(amount):
                self.write("in.csv", HEADER + USER + payout(amount=amount))
                self.assert_refused([(3, "amount", "")], "check")
        self.assertIsNone(self.contents(), "a check writes nothing, not even an empty database")

    def test_what_the_api_may_know_better_is_a_warning(self):
        """Told with line and column, taken in all the same; --strict makes an error of it."""
        self.write("in.csv", HEADER + USER + payout(currency="eur"))
        for command in ("check", "import"):
            ended = self.assert_status(OK, self.remesa(command, "in.csv"))
            self.assertIn("in.csv: warning: line 3: fiat_code: 'eur' is none of the values that are known here", ended.err)
            self.assertIn("1 warning, which --strict makes errors of", ended.out)
        self.assertEqual([("p",)], rows(self.db, "SELECT ref FROM results WHERE ref = 'p'"))
        for command in ("check", "import", "run"):
            with self.subTest(command=command):
                ended = self.remesa(command, "in.csv", "--strict", "--db", "other.db", "--api-key-file", "key")
                self.assert_status(BAD_INPUT, ended)
                self.assertIn("in.csv: line 3: fiat_code: 'eur' is none", ended.err)
                self.assertNotIn("warning", ended.err)
                self.assertFalse(os.path.exists(self.path("other.db")) and rows(self.path("other.db"), "SELECT * FROM job"))

    def test_files_that_are_none(self):
        os.mkdir(self.path("folder"))
        self.write("empty.csv", "")
        self.write("bom.csv", "\ufeff")
        for args, status, text in ((["gone.csv"], NO_INPUT, "gone.csv: no such file"),
                                   (["good/../gone.csv"], NO_INPUT, "no such file"),
                                   (["folder"], BAD_INPUT, "is a directory"),
                                   (["empty.csv"], BAD_INPUT, "empty"),
                                   (["bom.csv"], BAD_INPUT, "empty"),
                                   (["-"], BAD_INPUT, "empty"),
                                   (["--table", "t", "gone.db"], NO_INPUT, "gone.db"),
                                   ([], USAGE, "name the file"),
                                   (["--delimiter", "x", "empty.csv"], USAGE, "--delimiter"),
                                   (["--no-such-option"], USAGE, "--no-such-option")):
            for command in ("import", "check"):
                with self.subTest(args=args, command=command):
                    ended = self.assert_status(status, self.remesa(command, *args))
                    self.assertIn(text, ended.err)
                    self.assertIsNone(self.contents())

    def test_with_a_bad_file_nothing_is_sent(self):
        self.sandbox()
        self.write("good.csv", make_payees(1))
        self.write("in.csv", HEADER + USER + USER)
        self.assert_status(BAD_INPUT, self.run_it("good.csv", "in.csv"))
        self.assertEqual([], self.box.calls())


class Again(night.Night):
    def setUp(self):
        super().setUp()
        self.sandbox()
        self.text = make_payees(3)
        self.write("payees.csv", self.text)
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))

    def test_the_same_file_twice_is_the_same_batch(self):
        before = rows(self.db, "SELECT ref, state, remote_id, error, attempts, finished_at FROM results")
        for name in "payees.csv", "renamed.csv":
            self.write(name, self.text)
            ended = self.assert_status(NOT_FINAL, self.run_it(name))
            self.assertIn("nothing new", ended.out)
            self.assertIn("(batch payees.csv)", ended.out)
        self.assertEqual(before, rows(self.db, "SELECT ref, state, remote_id, error, attempts, finished_at FROM results"))
        self.assertEqual(9, len(self.box.calls()))

    def test_the_same_rows_written_otherwise_are_the_same(self):
        """Other order of columns, other quotes, other line ends, in another order of rows."""
        self.write("payees.csv", csv_text(csv_rows(self.text), COLUMNS[::-1], quoting=1, lineterminator="\r\n"))
        self.assertIn("nothing new", self.assert_status(NOT_FINAL, self.run_it("payees.csv")).out)
        self.assertEqual(9, len(self.box.calls()))

    def test_a_known_ref_with_other_content_is_refused(self):
        for what, there, instead in (("amount", "100.10", "100.20"), ("digits", "100.10", "100.1"),
                                     ("e-mail", "pagos+0001@", "pagos+1@"), ("name", "Córdoba", "Salta"),
                                     ("action", "create_user", "create_withdrawal_instruction")):
            with self.subTest(what):
                changed = self.text.replace(there, instead)
                self.assertNotEqual(self.text, changed)
                self.write("changed.csv", changed)
                ended = self.assert_status(BAD_INPUT, self.run_it("changed.csv"))
                if what != "action":
                    self.assertIn("is known from batch 'payees.csv'", ended.err)
        self.assertEqual(9, len(self.box.calls()))
        self.assert_agree(self.text)

    def test_a_longer_file_brings_only_what_is_new(self):
        longer = self.text + make_payees(2, first=3).partition("\n")[2]
        self.write("payees.csv", longer)
        ended = self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assertIn("imported 6 jobs", ended.out)
        self.assertIn("9 known already", ended.out)
        self.assertEqual(15, len(self.box.effects()))
        self.assert_agree(longer)

    def test_several_files_in_one_run(self):
        more = [make_payees(2, first=10), make_payees(2, first=20)]
        self.write("b.csv", more[0])
        self.write("c.csv", more[1])
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", "b.csv", "c.csv"))
        self.assertEqual([("payees.csv", 9), ("b.csv", 6), ("c.csv", 6)], rows(self.db, "SELECT batch, total FROM progress"))
        self.assert_agree(self.text, *more)

    def test_a_row_may_name_what_an_earlier_file_made(self):
        self.write("more.csv", HEADER + "extra,create_cash_withdrawal,user-0001,,@account-0001,12.30,ars,payout-0001,\n")
        ended = self.run_it("more.csv")
        self.assertEqual("queued", self.state_of("extra"), "its need is accepted, and not final yet")
        self.assert_status(NOT_FINAL, ended)


class Dresses(night.Night):
    def dressed(self):
        payees = csv_rows(make_payees(4))
        payees[1]["body.name"] = 'two\nlines, "quoted"; and a\ttab'
        return payees

    def take(self, name, data, payees, *args, **popen):
        self.forget()
        self.write(name, data)
        self.sandbox()
        self.assert_status(OK, self.remesa("import", *args, name, **popen))
        self.assert_status(NOT_FINAL, self.run_it())
        self.assert_agree(csv_text(payees))
        self.assertEqual(12, len(self.box.effects()))

    def test_every_dress_of_a_csv(self):
        payees = self.dressed()
        for what, data in (("plain", csv_text(payees)),
                           ("all quoted", csv_text(payees, quoting=1)),
                           ("semicolons", csv_text(payees, delimiter=";")),
                           ("tabs", csv_text(payees, delimiter="\t")),
                           ("BOM", "\ufeff" + csv_text(payees)),
                           ("CRLF", csv_text(payees, lineterminator="\r\n")),
                           ("BOM, CRLF, semicolons", "\ufeff" + csv_text(payees, delimiter=";", lineterminator="\r\n")),
                           ("no last line end", csv_text(payees).rstrip("\n")),
                           ("empty lines", csv_text(payees).replace("\nuser-0002", "\n\nuser-0002") + "\n\n"),
                           ("columns turned round", csv_text(payees, COLUMNS[::-1]))):
            with self.subTest(what):
                self.take("payees.csv", data, payees)

    def test_the_delimiter_can_be_told(self):
        payees = self.dressed()
        for delimiter, told in ((";", ";"), ("\t", "tab"), (",", ",")):
            with self.subTest(told):
                self.take("payees.csv", csv_text(payees, delimiter=delimiter), payees, "--delimiter", told)

    def test_standard_input(self):
        payees = self.dressed()
        self.sandbox()
        self.write("payees.csv", csv_text(payees))
        with open(self.path("payees.csv"), "rb") as f:
            self.assert_status(OK, self.remesa("import", "--batch", "from a pipe", "-", stdin=f))
        self.assertEqual([("from a pipe", 12)], rows(self.db, "SELECT batch, total FROM progress"))

    def test_a_file_without_rows_is_a_mistake(self):
        self.write("payees.csv", HEADER)
        ended = self.remesa("import", "payees.csv")
        self.assert_status(BAD_INPUT, ended)
        self.assertIn("no rows", ended.err)
        self.assertEqual([], rows(self.db, "SELECT * FROM progress"))


CBU = "2740859941184278534946"
SHEET = ("ref,action,on_behalf_of,email,body.name,body.cbu,withdrawal_instruction,amount,fiat_code\n"
         "u1,create_user,,u1@x.example,,,,,\n"
         f"a1,create_withdrawal_instruction,u1,,Muñoz,{CBU},,,\n"
         "p1,create_cash_withdrawal,u1,,,,@a1,AMOUNT,ars\n")


def csv_lines(text, delimiter=";"):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


class Accountant(night.Night):
    """A CSV as a spreadsheet saves it."""

    def values(self):
        return [json.loads(r[0]) for r in rows(self.db, "SELECT params FROM job ORDER BY id")]

    def test_other_encodings_give_the_same_jobs(self):
        text = SHEET.replace("AMOUNT", '"1082998,10"')
        self.write("utf8.csv", text)
        self.assert_status(OK, self.remesa("import", "utf8.csv", "--decimal-comma"))
        self.assertEqual(("Muñoz", "1082998.10"), (self.values()[1]["body"]["name"] if "body" in self.values()[1] else
                                                   self.values()[1]["body.name"], self.values()[2]["amount"]))
        for name, bytes_, option in (
                ("16le.csv", b"\xff\xfe" + text.encode("utf-16-le"), "utf-16"),
                ("16be.csv", b"\xfe\xff" + text.encode("utf-16-be"), "UTF-16"),
                ("1252.csv", text.encode("cp1252"), "windows-1252"),
                ("semicolon.csv", text.replace('"1082998,10"', "1082998|10").replace(",", ";").replace("|", ",").encode("cp1252"),
                 "windows-1252")):
            with self.subTest(name=name):
                self.write(name, bytes_)
                ended = self.assert_status(OK, self.remesa("import", name, "--encoding", option, "--decimal-comma"))
                self.assertIn("nothing new: all 3 jobs are known already", ended.out)

    def test_a_long_file_is_read_in_pieces(self):
        """Characters and lines on every border of the blocks."""
        lines = "".join(f"u{i},create_user,,u{i}@x.example,,,,,\n" + f"a{i},create_withdrawal_instruction,u{i},,Ñandú €,{CBU},,,\n"
                        for i in range(6000))
        text = SHEET.split("\n")[0] + "\n" + lines
        self.write("a.csv", text)
        self.write("b.csv", b"\xff\xfe" + text.encode("utf-16-le"))
        self.assert_status(OK, self.remesa("import", "a.csv"))
        self.assertIn("all 12000 jobs are known already", self.assert_status(
            OK, self.remesa("import", "b.csv", "--encoding", "utf-16")).out)

    def test_the_wrong_encoding_is_told_with_the_right_one(self):
        text = SHEET.replace("AMOUNT", "5")
        for data, options, words in (
                (text.encode("cp1252"), (), "line 3: byte 40 of the line (0xf1) is not UTF-8: save the file as UTF-8, or try "
                                            "--encoding windows-1252"),
                (b"\xff\xfe" + text.encode("utf-16-le"), (), "line 1: this is UTF-16: try --encoding utf-16"),
                (text.encode(), ("--encoding", "utf-16"), "line 1: not UTF-16, which begins with a byte order mark"),
                (text.replace("Muñoz", "Mu|oz").encode().replace(b"|", b"\x81"), ("--encoding", "windows-1252"),
                 "line 3: 0x81 is no character of windows-1252")):
            with self.subTest(words=words):
                self.write("in.csv", data)
                self.assertIn(words, self.assert_status(BAD_INPUT, self.remesa("import", "in.csv", *options)).err)
                self.assertFalse(os.path.exists(self.db) and rows(self.db, "SELECT * FROM job"))
        ended = self.assert_status(USAGE, self.remesa("import", "in.csv", "--encoding", "latin-9"))
        self.assertIn("utf-8, utf-16, windows-1252", ended.err)

    def test_what_a_spreadsheet_has_spoilt_is_explained(self):
        lost = "Excel has rounded it, and the digits are lost: format the column as text and export again"
        for old, new, options, want in (
                ("AMOUNT", '"1082998,10"', (), "line 4: amount: '1082998,10': wanted digits with one point, such as 1250.50; "
                                               "--decimal-comma reads one with a comma"),
                ("AMOUNT", "1082998.10", ("--decimal-comma",), "line 4: amount: '1082998.10': wanted digits with one comma, "
                                                               "such as 1250,50; with --decimal-comma a point is none"),
                ("AMOUNT", '"1.082.998,10"', ("--decimal-comma",), "line 4: amount: '1.082.998,10': wanted digits with one "
                                                                   "comma, such as 1250,50; separators of thousands"),
                ("AMOUNT", "1.23E+15", (), "line 4: amount: '1.23E+15': " + lost),
                (CBU, '"2,74086E+21"', (), "line 3: body.cbu: '2,74086E+21': " + lost),
                (CBU, CBU[1:], (), f"line 3: body.cbu: '{CBU[1:]}' has 21 digits where 22 are wanted: a leading 0 may have "
                                   "been lost in Excel"),
                (CBU, CBU + "7", (), "has 23 digits where 22 are wanted\n"),
                (CBU, "2740-8599", (), "line 3: body.cbu: '2740-8599': wanted 22 digits and nothing else"),
                ("p1,create", '"1,23E+15",create', (), "line 4: ref: '1,23E+15': " + lost)):
            with self.subTest(new=new, options=options):
                self.write("in.csv", SHEET.replace(old, new).replace("AMOUNT", "5"))
                ended = self.assert_status(BAD_INPUT, self.remesa("check", "in.csv", *options))
                self.assertIn("in.csv: " + want if want.startswith("line") else want, ended.err)
                told = [line for line in ended.err.splitlines() if "no job has the ref 'a1'" not in line]
                self.assertEqual(2, len(told), ended.err)

    def annotated(self, name, *options, want=BAD_INPUT):
        ended = self.assert_status(want, self.remesa("check", name, "--annotate", "out.csv", *options))
        with open(self.path("out.csv"), "rb") as f:
            return f.read().decode(), ended

    def test_a_check_gives_the_file_back_with_what_is_wrong(self):
        head = "ref;action;on_behalf_of;email;amount;fiat_code;withdrawal_instruction\r\n"
        lines = ["u1;create_user;;u1@x.example;;;\r\n",
                 "\r\n",
                 'p1;create_cash_withdrawal;u1;;"1,5";eur;7\r\n',
                 '"=1+1";create_user;;"=cmd\r\n;""x""";;;\r\n',
                 "@p;create_user;;-ñ;;;\r\n",
                 'p2;create_user;;x"y;;;\r\n',
                 "p3;create_user\r\n",
                 "u1;create_user;;u1@x.example;;;"]
        self.write("in.csv", "\ufeff" + head + "".join(lines))
        out, _ = self.annotated("in.csv")
        self.assertEqual(0o600, os.stat(self.path("out.csv")).st_mode & 0o777)
        got = csv_lines(out)
        self.assertEqual(csv_lines("\ufeff" + head)[0] + ["problem"], got[0])
        raw = out.split("\r\n")  # every line as it stood, with one more cell
        for before, after in zip(("\ufeff" + head + "".join(lines)).split("\r\n"), raw):
            self.assertTrue(after.startswith(before), (before, after))
        problems = [line[-1] for line in got[1:] if line]
        self.assertEqual("", problems[0])
        self.assertEqual("warning: fiat_code: 'eur' is none of the values that are known here; `remesa actions` lists them",
                         problems[1].split("; amount")[0].split("amount: ")[-1].split("comma; ")[-1])
        self.assertIn("amount: '1,5': wanted digits", problems[1])
        self.assertIn("email: '=cmd\\x0d", problems[2])
        self.assertIn("ref: '@p' is no ref", problems[3])
        self.assertIn("email: '-ñ'", problems[3])
        self.assertIn("a quote inside a field", out.split("p2;create_user")[1].split("p3")[0])
        self.assertIn("2 fields, but the header has 7 columns", problems[5])
        self.assertIn("the ref 'u1' stands on line 2 already", problems[-1])

    def test_what_was_fine_comes_back_with_an_empty_column_and_goes_in_again(self):
        text = SHEET.replace("AMOUNT", "5")
        self.write("in.csv", text.encode("cp1252"))
        out, ended = self.annotated("in.csv", "--encoding", "windows-1252", want=OK)
        self.assertEqual(text.replace("\n", ",\n").replace("code,\n", "code,problem\n"), out)
        self.assertIn("fine: 3 new jobs", ended.out)
        self.write("again.csv", "\n".join(line.rsplit(",", 1)[0] for line in out.split("\n")))
        self.assert_status(OK, self.remesa("import", "again.csv"))

    def test_any_file_comes_back_whole(self):
        """Random pieces of CSV, good and bad: what stood there stands there, and a second look says the same."""
        rng = random.Random(4)
        pieces = ["a", ",", ",", '"', '""', "\n", "\r\n", "ñ", "=", "create_user", " ", "u1@x.example", "-1"]
        for i in range(25):
            body = "".join(rng.choice(pieces) for _ in range(rng.randrange(40)))
            text = "ref,action,email\n" + body
            self.write("in.csv", text)
            ended = self.remesa("check", "in.csv", "--annotate", "out.csv")
            if not os.path.exists(self.path("out.csv")):  # columns and no rows
                self.assertIn("has columns and no rows", ended.err)
                continue
            with open(self.path("out.csv"), "rb") as f:
                out = f.read().decode()
            at = 0
            for letter in text:  # in this order, with more between
                at = out.index(letter, at) + 1
            self.assertTrue(out.startswith("ref,action,email,problem\n"), out)
            os.unlink(self.path("out.csv"))

    def test_the_input_is_never_written_over(self):
        self.write("in.csv", SHEET)
        os.link(self.path("in.csv"), self.path("same.csv"))
        os.symlink("in.csv", self.path("link.csv"))
        for out in ("in.csv", "same.csv", "link.csv"):
            ended = self.assert_status(USAGE, self.remesa("check", "in.csv", "--annotate", out))
            self.assertIn("that is the file that is read", ended.err)
        for args in (("-",), ("in.csv", "in.csv"), ("in.csv", "--table", "x")):
            self.assert_status(USAGE, self.remesa("check", *args, "--annotate", "out.csv"))
        self.write("old.csv", "old")
        self.write("broken.csv", b"\xff\xfea")
        self.remesa("check", "broken.csv", "--encoding", "utf-16", "--annotate", "old.csv")
        ended = self.remesa("check", "in.csv", "--annotate", "no/such/out.csv")
        self.assertIn("no/such/out.csv: cannot be written: No such file", ended.err)
        for name, text in (("in.csv", SHEET), ("old.csv", "old")):
            with open(self.path(name)) as f:
                self.assertEqual(text, f.read())
        self.assertEqual([], [n for n in os.listdir(self.folder) if n.startswith(("out.csv", "old.csv."))])

    def test_a_recipe_has_points_of_its_own(self):
        """Its constants are not the accountant's; what --set gives is."""
        self.write("r.json", json.dumps({"fees": {"summary": "s", "rows": [
            {"name": "user", "action": "create_user", "params": {"email": "{mail}"}},
            {"name": "fee", "action": "create_cash_withdrawal", "on_behalf_of": "@user",
             "params": {"withdrawal_instruction": "7", "amount": "1.50", "fiat_code": "ars"}},
            {"name": "pay", "action": "create_cash_withdrawal", "on_behalf_of": "@user",
             "params": {"withdrawal_instruction": "7", "amount": "{sum}", "fiat_code": "ars"}}]}}))
        self.write("in.csv", "ref;mail;sum\np1;a@x.example;2,25\n")
        how = ("--recipes", "r.json", "--recipe", "fees", "--decimal-comma")
        self.assert_status(OK, self.remesa("import", "in.csv", *how))
        self.assertEqual(["1.50", "2.25"], [v["amount"] for v in self.values()[1:]])
        self.write("in.csv", 'ref;mail;sum\n1,5E+10;a@x.example;2,25\n')
        ended = self.assert_status(BAD_INPUT, self.remesa("import", "in.csv", *how))
        self.assertIn("in.csv: line 2: ref: '1,5E+10': Excel has rounded it", ended.err)


class SqliteSource(night.Night):
    def make(self, name, payees, types="TEXT", table="payees"):
        with contextlib.closing(sqlite3.connect(self.path(name))) as db:
            columns = ", ".join(f'"{c}" {types}' for c in COLUMNS)
            db.execute(f"CREATE TABLE {table} ({columns})")
            db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(COLUMNS))})",
                           [[row[c] or None for c in COLUMNS] for row in payees])
            db.commit()

    def test_a_table_comes_in_like_a_csv(self):
        text = make_payees(4)
        self.make("source.db", csv_rows(text))
        self.sandbox()
        self.assert_status(NOT_FINAL, self.run_it("source.db"))
        self.assert_agree(text)
        self.write("payees.csv", text)
        self.assertIn("nothing new", self.remesa("import", "payees.csv").out)

    def test_the_table_can_be_named(self):
        self.make("source.db", csv_rows(make_payees(1)))
        self.make("source.db", csv_rows(make_payees(2)), table="other")
        ended = self.assert_status(USAGE, self.remesa("import", "source.db"))
        self.assertIn("--table: other, payees", ended.err)
        ended = self.assert_status(NO_INPUT, self.remesa("import", "--table", "none", "source.db"))
        self.assertIn("no table 'none'; it has: other, payees", ended.err)
        self.assert_status(OK, self.remesa("import", "--table", "other", "source.db"))
        self.assertEqual({"queued": 6}, self.states())

    def test_money_that_went_through_a_double_is_refused(self):
        """A REAL has lost its digits already: 0.1 + 0.2 would be paid as 0.30000000000000004."""
        self.make("source.db", csv_rows(make_payees(1)), types="")
        with contextlib.closing(sqlite3.connect(self.path("source.db"))) as db:
            db.execute("UPDATE payees SET amount = 0.1 + 0.2 WHERE amount IS NOT NULL")
            db.commit()
        ended = self.assert_status(BAD_INPUT, self.remesa("import", "source.db"))
        self.assertIn("amount", ended.err)

    def test_the_source_is_only_read(self):
        self.make("source.db", csv_rows(make_payees(1)))
        os.chmod(self.path("source.db"), 0o400)
        with open(self.path("source.db"), "rb") as f:
            before = f.read()
        self.assert_status(OK, self.remesa("import", "source.db"))
        with open(self.path("source.db"), "rb") as f:
            self.assertEqual(before, f.read())
        self.assertEqual([], [n for n in os.listdir(self.folder) if n.startswith("source.db-")])


if __name__ == "__main__":
    night.main()
