"""The search for secrets that ends every test, seen to fail: a program that lets one out, in each way and each dress."""
import base64
import os
import sqlite3
import stat
import unittest
import urllib.parse

import night
from night import KEY, make_payees, rows

CODE = "493817"
HELD = []


class Victim(night.Night):
    """A good night of a program that leaks as `leak` says, and only that."""

    leak = None
    secrets_more = ()

    def runTest(self):
        self.secrets |= set(self.secrets_more)
        self.write("payees.csv", make_payees(1))
        self.sandbox()
        self.run_it("payees.csv")
        if self.leak:
            self.leak(self)


def ends(leak, *secrets):
    """What the search says at the end of such a night; None: nothing."""
    victim = type("Victim", (Victim,), {"leak": staticmethod(leak) if leak else None, "secrets_more": secrets})()
    result = unittest.TestResult()
    victim.run(result)
    while HELD:
        HELD.pop().close()
    if result.errors:
        raise AssertionError(result.errors[0][1])
    return result.failures[0][1] if result.failures else None


def into(name, data):
    def leak(victim):
        with open(victim.path(name), "ab") as f:
            f.write(b"..." + data + b"...")
    return leak


def into_log(value):
    """Into the write-ahead log alone, as a program that dies leaves it."""
    def leak(victim):
        db = sqlite3.connect(victim.db)
        HELD.append(db)  # a close would empty the log into the database
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("INSERT INTO inbox (ref, problem) VALUES ('x', ?)", (value,))
        db.commit()
    return leak


DRESSES = {
    "plain": KEY, "hex": KEY.encode().hex(), "HEX": KEY.encode().hex().upper(),
    "base64": base64.b64encode(KEY.encode()).decode(), "base64, one in": base64.b64encode(b"K" + KEY.encode()).decode(),
    "base64, two in": base64.b64encode(b"K:" + KEY.encode()).decode(), "url": "".join(f"%{b:02X}" for b in KEY.encode()),
    "quoted": urllib.parse.quote(KEY),
}


class Canary(unittest.TestCase):
    def test_a_good_night_passes(self):
        self.assertIsNone(ends(None))

    def test_every_dress_is_seen(self):
        for dress, text in DRESSES.items():
            with self.subTest(dress):
                self.assertIn("report.html has ", ends(into("report.html", text.encode())))

    def test_every_place_is_seen(self):
        for name in ("remesa.db", "remesa.db-shm", "remesa.db-mark", "metrics.prom", "core"):
            with self.subTest(name):
                self.assertIn(f"{name} has ", ends(into(name, KEY.encode())))
        self.assertIn("remesa.db-wal has ", ends(into_log(KEY)))

    def test_a_program_that_logs_the_key_is_seen(self):
        """The program itself, in a shell that says the key too: on stdout, on stderr, and to nobody."""
        for where, seen in (("", "stdout of run 0 has "), (" >&2", "stderr of run 0 has "), (" > /dev/null", None)):
            with self.subTest(where):
                said = self.with_program(f"cat key{where}")
                self.assertIn(seen, said) if seen else self.assertIsNone(said)

    def with_program(self, line):
        kept, folder = night.BIN, night.tempfile.mkdtemp(prefix="remesa-e2e.")
        self.addCleanup(night.shutil.rmtree, folder)
        script = os.path.join(folder, "remesa")
        with open(script, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\n{line}\nexec "{os.path.join(kept, "remesa")}" "$@"\n')
        os.chmod(script, stat.S_IRWXU)
        os.symlink(os.path.join(kept, "remesa-sandbox"), os.path.join(folder, "remesa-sandbox"))
        night.BIN = folder
        try:
            return ends(None)
        finally:
            night.BIN = kept

    def test_a_code_is_seen_where_it_stands_alone_and_not_inside_a_number(self):
        self.assertIn("a.log has ", ends(into("a.log", f"otp={CODE} ".encode()), CODE))
        self.assertIsNone(ends(into("a.log", f"1{CODE}0 0.{CODE} a{CODE}".encode()), CODE))

    def test_what_the_test_itself_gave_is_no_leak(self):
        self.assertIsNone(ends(lambda victim: victim.write("mine.csv", KEY)))

    def test_the_next_case_of_a_table_does_not_sweep_it_away(self):
        def leak(victim):
            into("a.log", KEY.encode())(victim)
            victim.forget()
        self.assertIn("a.log has ", ends(leak))

    def test_the_night_did_go_somewhere(self):
        self.assertIsNone(ends(lambda victim: victim.assertEqual(
            [(3,)], rows(victim.db, "SELECT count(*) FROM results WHERE remote_id IS NOT NULL"))))


if __name__ == "__main__":
    night.main()
