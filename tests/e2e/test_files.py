"""Files that jobs send: looked at when they are imported, bound to their bytes, read while they go out, and nowhere kept."""
import base64
import contextlib
import hashlib
import json
import os
import sqlite3

import keeper
import night
from night import BAD_INPUT, OK, SOME_FAILED, csv_text, rows

PNG = b"\x89PNG\r\n\x1a\n"
PDF = b"%PDF-1.4\n"
COLUMNS = ["ref", "action", "on_behalf_of", "email", "reason_code", "issue", "identification_kind_code", "number", "issuer",
           "attached_to_seed", "document", "document_file_name", "document_content_type", "document_file_size"]


def row(ref, document, **more):
    return {"ref": ref, "action": "attach_to_identification_seed", "on_behalf_of": "user", "attached_to_seed": "@seed",
            "document": document, **more}


def before():
    yield {"ref": "user", "action": "create_user", "email": "a@payer.example"}
    yield {"ref": "issue", "action": "create_issue", "on_behalf_of": "user", "reason_code": "new_client"}
    yield {"ref": "seed", "action": "create_identification_seed", "on_behalf_of": "user", "issue": "@issue",
           "identification_kind_code": "passport", "number": "1", "issuer": "AR"}


class Files(night.Night):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("in"))

    def file(self, name, data):
        self.write(os.path.join("in", name), data)
        return name

    def batch(self, *attachments, name="payees.csv"):
        return self.write(os.path.join("in", name), csv_text([*before(), *attachments], COLUMNS))

    def sandbox(self, *options, **more):
        super().sandbox(*options, **more)
        self.keeper = keeper.Keeper(self.box.url)
        self.addCleanup(self.keeper.close)

    def run_it(self, *files, **changed):
        return super().run_it(*files, url=self.keeper.url, **changed)

    def sent(self):
        """The attributes of each attachment that arrived."""
        return {a["document_file_name"]: a for a in (
            json.loads(body)["data"]["attributes"] for _, body in self.keeper.posts("/attachments"))}

    def test_they_arrive_byte_for_byte_and_are_nowhere_kept(self):
        contents = {"dni frente.png": PNG + os.urandom(100_000), "bill.pdf": PDF + b"x", "ñ.gif": b"GIF89a" + bytes(12289)}
        name = self.batch(*(row(f"a-{i}", self.file(n, data)) for i, (n, data) in enumerate(contents.items())),
                          row("a-9", "bill.pdf", document_file_name="other.pdf", document_content_type="application/pdf",
                              document_file_size=len(contents["bill.pdf"])))
        contents["other.pdf"] = contents["bill.pdf"]
        self.sandbox()
        self.assert_status(OK, self.run_it(name, "--verbose"))
        sent = self.sent()
        self.assertEqual(contents.keys(), sent.keys())
        for n, data in contents.items():
            uri = f"data:{sent[n]['document_content_type']};base64,{base64.b64encode(data).decode()}"
            self.assertTrue(uri == sent[n]["document"], n)
            self.assertEqual(len(data), sent[n]["document_file_size"])
        raw = contents["dni frente.png"]
        for kept in (self.path("remesa.db"), self.path("remesa.db-wal")):
            data = b""
            if os.path.exists(kept):
                with open(kept, "rb") as f:
                    data = f.read()
            self.assertNotIn(raw[5000:5040], data)
            self.assertNotIn(base64.b64encode(raw)[3000:3040], data)
        (params,), = rows(self.db, "SELECT params FROM job WHERE ref = 'a-0'")
        self.assertEqual(f"image/png {len(raw)} {hashlib.sha256(raw).hexdigest()} {self.path('in')}/dni frente.png",
                         json.loads(params)["document"])

    def test_the_row_may_still_carry_the_bytes_itself(self):
        uri = "data:image/png;base64," + base64.b64encode(PNG).decode()
        name = self.batch(row("a-1", uri, document_file_name="x.png", document_content_type="image/png"))
        self.sandbox()
        self.assert_status(OK, self.run_it(name))
        self.assertEqual(uri, self.sent()["x.png"]["document"])

    def test_what_is_wrong_is_told_before_anything_is_sent(self):
        os.symlink("good.png", self.path("in/link.png"))
        os.mkfifo(self.path("in/fifo.png"))
        big = PNG + bytes(10 * 1024 * 1024 - len(PNG))
        cases = (("gone.png", None, {}, "document: 'gone.png' there is no such file"),
                 ("link.png", None, {}, "is a symbolic link"), ("fifo.png", None, {}, "is not a regular file"),
                 ("empty.png", b"", {}, "is empty"), ("big.png", big, {}, "is too long"),
                 ("text.png", b"text", {}, "no kind of file"), ("good.png", PNG, {"document_content_type": "image/gif"},
                 "document_content_type: the file is image/png"),
                 ("good.png", PNG, {"document_file_size": "9"}, "document_file_size: the file is 8"),
                 ("@user", None, {}, "a field of type file takes no value"))
        for n, data, more, words in cases:
            if data is not None:
                self.file(n, data)
            name = self.batch(row("a-1", n, **more))
            for command in ("check", "import"):
                with self.subTest(n, words=words, command=command):
                    ended = self.assert_status(BAD_INPUT, self.remesa(command, name))
                    told = [line for line in ended.err.splitlines() if "payees.csv: line 5: " in line]
                    self.assertEqual(1, len(told), ended)
                    self.assertIn(words.split("' ")[-1], told[0])
        self.file("good.png", big[:-1])
        self.assert_status(OK, self.remesa("check", self.batch(row("a-1", "good.png"))))

    def test_a_file_that_changed_fails_its_job_alone_and_without_an_attempt(self):
        name = self.batch(row("a-1", self.file("one.png", PNG + b"1")), row("a-2", self.file("two.png", PNG + b"2")))
        self.assert_status(OK, self.remesa("import", name))
        self.file("one.png", PNG + b"9")
        self.sandbox()
        self.assert_status(SOME_FAILED, self.run_it())
        (state, attempts, error), = rows(self.db, "SELECT state, attempts, error FROM results WHERE ref = 'a-1'")
        self.assertEqual(("failed", 0), (state, attempts))
        self.assertIn("in/one.png: has changed since it was imported", error)
        self.assertEqual(["two.png"], list(self.sent()))
        self.file("one.png", PNG + b"1")  # put back: the job may be done after all
        self.assert_status(OK, self.remesa("retry", "a-1"))
        self.assert_status(OK, self.run_it())
        self.assertEqual({"one.png", "two.png"}, self.sent().keys())

    def test_the_job_is_bound_to_the_bytes(self):
        name = self.batch(row("a-1", self.file("one.png", PNG + b"1")))
        self.assert_status(OK, self.remesa("import", name))
        self.assertIn("nothing new", self.assert_status(OK, self.remesa("import", name)).out)
        self.file("one.png", PNG + b"2")
        self.assertIn("another content", self.assert_status(BAD_INPUT, self.remesa("import", name)).err)

    def test_a_lost_answer_is_found_by_name_and_size(self):
        name = self.batch(row("a-1", self.file("one.png", PNG + bytes(50_000))))
        self.sandbox("--fault", "POST /attachments:commit-then-close:x1")
        self.assert_status(OK, self.run_it(name, find_first="10ms"))
        self.assertEqual(1, sum(e.kind == "attachments" for e in self.box.effects()))

    def test_the_inbox_looks_beside_the_database(self):
        self.write("beside.png", PNG)
        self.assert_status(OK, self.remesa("import", self.batch()))
        params = json.dumps({"document": "beside.png", "attached_to_seed": "@seed"})
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            db.execute("INSERT INTO inbox (ref, action, on_behalf_of, params) VALUES "
                       "('a-1', 'attach_to_identification_seed', 'user', ?)", (params,))
            db.commit()
        self.sandbox()
        self.assert_status(OK, self.run_it())
        self.assertEqual(["beside.png"], list(self.sent()))


if __name__ == "__main__":
    night.main()
