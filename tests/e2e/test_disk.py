"""Everything that a disk may do to a night: the run says which file and why, ends with 74 (or 75 when somebody else holds
it), sends nothing after it, and with the disk well again the same command goes on."""
import contextlib
import ctypes
import os
import shutil
import sqlite3

import night
from night import NOT_FINAL, STOPPED, make_payees, rows

NO_CREATE, DISK = 73, 74
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


def without_the_rights_of_root():
    """As root the modes of files mean nothing; without these two they do, as for everybody."""
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        for right in CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH:
            libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0)


class Disk(night.Night):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("night"))
        self.db = self.path("night/remesa.db")

    def begin_anew(self):
        """Another night, in another world."""
        if self.box:
            self.box.close()
            self.box = None
        shutil.rmtree(self.path("night"))
        self.forget()
        os.mkdir(self.path("night"), 0o700)

    def begin(self, *options, payees=8):
        self.text = make_payees(payees, seed=9)
        self.write("payees.csv", self.text)
        self.sandbox("--latency", "5..20", *options)

    def command(self, **changed):
        return ["run", "payees.csv", "--db", self.db, *self.settings(**{"concurrency": 3, **changed})]

    def pay(self, **changed):
        return self.remesa(*self.command(**changed), preexec_fn=without_the_rights_of_root)

    def half_a_night(self):
        self.begin()
        self.assert_status(STOPPED, self.pay(rate=60, max_duration="200ms"))
        self.assertGreater(len(self.box.calls()), 3)
        self.assertLess(len(self.box.calls()), 24)

    def assert_ends_and_goes_on(self, status, mend, *words):
        before = len(self.box.calls())
        ended = self.pay()
        self.assertEqual(status, ended.status, ended)
        for word in words:
            self.assertIn(word, ended.err)
        self.assertEqual(before, len(self.box.calls()))
        mend()
        self.assert_status(NOT_FINAL, self.pay())
        self.assert_agree(self.text)

    # ---- before the first request ----

    def test_what_cannot_be_written(self):
        folder = self.path("night")
        cases = (
            ("a read-only folder", lambda: os.chmod(folder, 0o500), lambda: os.chmod(folder, 0o700),
             ("remesa.db", "ermission denied")),
            ("and no log in it", lambda: (self.close_log(), os.chmod(folder, 0o500)), lambda: os.chmod(folder, 0o700),
             ("remesa.db", "readonly", "the folder must be writable too")),
            ("and no lock file in it", lambda: (os.unlink(self.db + "-lock"), os.chmod(folder, 0o500)),
             lambda: os.chmod(folder, 0o700), ("remesa.db-lock: cannot create it: Permission denied",)),
            ("a read-only database", lambda: os.chmod(self.db, 0o400), lambda: os.chmod(self.db, 0o600),
             ("remesa.db: cannot be written: Permission denied",)),
            ("a mark that cannot be replaced", lambda: os.mkdir(self.db + "-mark.new"),
             lambda: os.rmdir(self.db + "-mark.new"), ("remesa.db-mark.new: cannot create it: Is a directory",)),
        )
        for name, spoil, mend, words in cases:
            with self.subTest(name):
                self.begin_anew()
                self.half_a_night()
                spoil()
                self.assert_ends_and_goes_on(DISK, mend, *words)

    def close_log(self):
        """The last one to close the database takes -wal and -shm away."""
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            db.execute("SELECT count(*) FROM job").fetchall()
        self.assertFalse(os.path.exists(self.db + "-wal"))

    def test_a_folder_in_which_nothing_can_be_made(self):
        self.begin()
        os.chmod(self.path("night"), 0o500)
        self.assert_ends_and_goes_on(NO_CREATE, lambda: os.chmod(self.path("night"), 0o700), "cannot create it")

    def test_a_damaged_file(self):
        """The run ends where it meets the damage. What was sent meanwhile is not in the backup that is put in its place:
        that is noticed, looked up, and every effect is there once."""
        damaged = 0
        for sixth in range(6):
            with self.subTest(sixth=sixth):
                self.begin_anew()
                self.half_a_night()
                shutil.copyfile(self.db, self.path("backup.db"))
                pages = os.path.getsize(self.db) // 4096
                with open(self.db, "r+b") as f:
                    f.seek((2 + sixth * (pages - 2) // 6) * 4096)
                    f.write(b"\xa5" * 4096)
                ended = self.pay()
                self.assertIn(ended.status, (DISK, NOT_FINAL), ended)
                if ended.status == DISK:
                    damaged += 1
                    self.assertIn("malformed", ended.err)
                    self.assertIn("remesa doctor tells", ended.err)
                    self.put_back()
                    self.assert_agree(self.text)
        self.assertGreater(damaged, 2, "the damage was where nobody looks")

    def put_back(self):
        for rest in "-wal", "-shm":
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.db + rest)
        shutil.copyfile(self.path("backup.db"), self.db)
        looking = {"find_first": "20ms", "find_tries": 2, "settle_time": "60ms"}
        if self.pay(**looking).status != night.BAD_CONFIG:
            return  # nothing had been sent
        self.remesa("doctor", "--accept-restore", "--db", self.db, *self.settings(**looking))
        while self.pay(**looking).status == night.SOME_IN_DOUBT:  # payouts that no list shows
            for ref, in rows(self.db, "SELECT ref FROM doubts"):
                self.remesa("resolve", ref, "--not-sent", "--reason", "looked", "--db", self.db)

    # ---- in the middle of the night ----

    def in_the_middle(self, **changed):
        running = self.start(*self.command(rate=30, **changed), preexec_fn=without_the_rights_of_root)
        self.wait_until(lambda: len(self.box.calls()) >= 4, "some requests")
        return running

    def test_somebody_holds_the_file(self):
        self.begin()
        running = self.in_the_middle()
        with contextlib.closing(sqlite3.connect(self.db, isolation_level=None)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            ended = running.wait()
            self.assert_status(STOPPED, ended)
            self.assertIn("remesa.db", ended.err)
            self.assertIn("locked", ended.err)
            calls = len(self.box.calls())
            again = self.pay()
            self.assert_status(STOPPED, again)
            self.assertEqual(calls, len(self.box.calls()))
            shell.execute("ROLLBACK")
        self.assertIn(self.pay().status, (NOT_FINAL, night.SOME_IN_DOUBT))
        self.assert_agree(self.text)

    def test_a_reader_holds_nothing_up(self):
        self.begin()
        running = self.in_the_middle()
        with contextlib.closing(sqlite3.connect(self.db, isolation_level=None)) as shell:
            shell.execute("BEGIN")
            shell.execute("SELECT count(*) FROM results").fetchall()
            self.assert_status(NOT_FINAL, running.wait())
        self.assert_agree(self.text)

    def test_the_file_is_taken_away(self):
        """SQLite writes on, into a file that nobody will ever see."""
        for name, take in (("moved", lambda: os.rename(self.db, self.db + ".old")),
                           ("replaced", lambda: (shutil.copyfile(self.db, self.db + ".new"),
                                                 os.rename(self.db, self.db + ".old"),
                                                 os.rename(self.db + ".new", self.db)))):
            with self.subTest(name):
                self.begin_anew()
                self.begin(payees=30)
                running = self.in_the_middle()
                take()
                ended = running.wait()
                self.assertEqual(DISK, ended.status, ended)
                self.assertIn("moved, removed or replaced", ended.err)
                self.assertLess(len(self.box.calls()), 90)
                os.rename(self.db + ".old", self.db)
                self.assertIn(self.pay().status, (NOT_FINAL, night.SOME_IN_DOUBT))
                self.assert_agree(self.text)


if __name__ == "__main__":
    night.main()
