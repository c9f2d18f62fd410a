"""The checker checked: on a made-up pair of files that agree every law is green, and on each planted lie exactly the
laws turn red that it breaks."""
import base64
import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

from made_up import World, good_world

HERE = os.path.dirname(os.path.abspath(__file__))
SECRET = "b7c9e3a48d2b/6f4a1+c07e8d93525d"
ALL = ("--concurrency", "2", "--crashes", "1", "--rate", "4")

# ---- lies: name, what is done, the laws it breaks, and options when they are others ----

def again(world, table, where):
    """The row once more, as another one."""
    columns = [row[1] for row in world.ledger.execute(f"PRAGMA table_info({table})") if row[1] != "id"]
    wanted = ", ".join("'99' || resource_id" if c == "resource_id" else c for c in columns)
    world.forge(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} FROM {table} WHERE {where}")


def job_set(ref, text):
    return lambda world: world.plant(f"UPDATE job SET {text} WHERE ref = ?", ref)


def attempt_set(ref, number, text):
    return lambda world: world.plant(f"UPDATE attempt SET {text} WHERE number = ? AND job_id = "
                                     "(SELECT id FROM job WHERE ref = ?)", number, ref)


def effect_set(reference, text):
    return lambda world: world.forge(f"UPDATE effect SET {text} WHERE reference = ?", reference)


def an_absence_believed(world):
    """Applied late, after a look-up that did not see it, and sent again."""
    world.plant("DELETE FROM decision WHERE verb = 'retry'")
    world.plant("UPDATE attempt SET outcome = 'in_doubt' WHERE number = 1 AND job_id = "
                "(SELECT id FROM job WHERE ref = 'paid-again')")
    world.plant("INSERT INTO look_up (job_id, attempt, run_id, path, outcome, looked_at) "
                "SELECT id, 1, 1, '/', 'absent', 5 FROM job WHERE ref = 'paid-again'")


def an_effect_of_a_job(ref):
    return lambda world: world.effect(ref)


def one_more_orphan(world):
    world.plant("UPDATE attempt SET sends = NULL, run_id = 2 WHERE number = 1 AND job_id = "
                "(SELECT id FROM job WHERE ref = 'found')")


def another_crash(world):
    world.plant("UPDATE attempt SET sends = NULL WHERE number = 1 AND job_id = (SELECT id FROM job WHERE ref = 'found')")


def an_attempt_more(ref):
    def plant(world):
        world.plant("INSERT INTO attempt (job_id, number, run_id, opened_at, closed_at, outcome, sends) SELECT id, "
                    "attempts + 1, 1, ?, ?, 'not_sent', 0 FROM job WHERE ref = ?", world.now, world.now, ref)
        world.plant("UPDATE job SET attempts = attempts + 1 WHERE ref = ?", ref)
    return plant


def a_twin(world):
    """Two jobs of one e-mail, and the one effect is claimed by both."""
    world.job("twin", "create_user", email="u1@x.example")
    world.attempt("twin", "accepted", "succeeded")
    world.plant("UPDATE job SET remote_id = '594' WHERE ref = 'twin'")


def a_gap(world):
    attempt_set("throttled", 3, "number = 4")(world)


LIES = (
    ("an effect twice", lambda w: again(w, "effect", "reference = 'i1' AND amount IS NOT NULL"), "L1"),
    ("a user twice", lambda w: again(w, "effect", "reference = 'u1@x.example'"), "L1"),
    ("an effect twice, one of them in doubt", lambda w: again(w, "effect", "reference = 'coin-doubt'"), "L1"),
    ("a third effect, when a person ordered two", lambda w: again(w, "effect", "reference = 'i3' AND amount > 0 LIMIT 1"), "L1"),
    ("an absence that was believed", an_absence_believed, "L1"),
    ("an effect that nobody asked for", effect_set("coin-doubt", "reference = 'stranger'"), "L2"),
    ("an effect for another user", effect_set("coin-doubt", "user_id = '594'"), "L2"),
    ("an effect of a job that waits", an_effect_of_a_job("waiting"), "L2"),
    ("an effect of a job that was cancelled", an_effect_of_a_job("cancelled"), "L2"),
    ("accepted, and no effect", lambda w: w.forge("DELETE FROM effect WHERE reference = 'i1' AND amount = '100.10'"), "L2"),
    ("failed at last, and no effect", lambda w: w.forge("DELETE FROM effect WHERE amount = '5.13'"), "L2"),
    ("succeeded, and no effect", lambda w: w.forge("DELETE FROM effect WHERE reference = 'coin'"), "L3"),
    ("succeeded with another id", job_set("coin", "remote_id = '1'"), "L3"),
    ("succeeded by look-up, and no effect", lambda w: w.forge("DELETE FROM effect WHERE reference = 'found@x.example'"), "L3"),
    ("two with one id", job_set("u2", "remote_id = '594'"), "L2 L3 L4"),
    ("an effect for another user, and succeeded", effect_set("coin", "user_id = '594'"), "L2 L3"),
    ("one effect for two that want the same", a_twin, "L3"),
    ("an amount that no double can tell apart", effect_set("coin", "amount = '90071992547.40993101'"), "L3"),
    ("another amount, in doubt", effect_set("coin-doubt", "amount = '0.51'"), "L3"),
    ("another amount of cash", lambda w: w.forge("UPDATE effect SET amount = '100.1000001' WHERE amount = '100.10'"), "L2 L3"),
    ("another currency", effect_set("coin", "currency = 'bch'"), "L3"),
    ("failed, and took effect", an_effect_of_a_job("rejected"), "L2 L3"),
    ("a request that was sent twice", lambda w: again(w, "request", "body LIKE '%u1@x%'"), "L4", ("--rate", "5")),
    ("a rejected one that was sent twice", lambda w: again(w, "request", "body LIKE '%bad@x%'"), "L4", ("--rate", "5")),
    ("a request of an attempt that is not there", lambda w: w.request("waiting"), "L4"),
    ("a request that was never let out", attempt_set("coin", 1, "sends = 0"), "L4"),
    ("a request of nobody", lambda w: w.forge("UPDATE request SET user_id = '1' WHERE body LIKE '%coin-doubt%'"), "L4"),
    ("written down 4 ms late", attempt_set("coin", 1, "opened_at = opened_at + 4"), "L5"),
    ("the second one written down late", attempt_set("absent", 2, "opened_at = opened_at + 4"), "L5"),
    ("one doubt too many", one_more_orphan, "L6"),
    ("one crash too many", another_crash, "L6"),
    ("a harmless doubt that stays", lambda w: None, "L6", (*ALL, "--settled")),
    ("one job too few", lambda w: w.plant("UPDATE batch SET jobs = jobs + 1"), "L7"),
    ("one cent too much", lambda w: w.plant("UPDATE batch_money SET imported = imported + 1 WHERE currency = 'ars'"), "L7"),
    ("another sum declared", lambda w: w.plant("UPDATE batch_money SET declared = 1 WHERE currency = 'btc'"), "L7"),
    ("no sum", lambda w: w.plant("DELETE FROM batch_money WHERE currency = 'btc'"), "L7"),
    ("a cent from one to another", lambda w: w.plant("UPDATE job SET minor = minor + iif(ref = 'skipped', 1, -1) "
                                                     "WHERE ref IN ('skipped', 'cash-following')"), "L7"),
    ("a row that should not be", job_set("waiting", "unmet = -1"), "L8"),
    ("a need of nothing", lambda w: w.plant("INSERT INTO need (job_id, needed_id) VALUES (1, 999)"), "L8"),
    ("an effect of no request", lambda w: w.forge("UPDATE effect SET request_id = 999 WHERE id = 1"), "L8"),
    ("accepted, and queued again", job_set("coin-doubt", "state = 'queued', remote_id = NULL"), "L2 L8"),
    ("succeeded without an attempt", job_set("read", "attempts = 0"), "L8"),
    ("succeeded after a rejection", attempt_set("read", 1, "outcome = 'rejected'"), "L8"),
    ("sending, and nothing open", job_set("lost-doubt", "state = 'sending'"), "L8"),
    ("doubt that was left by itself", lambda w: w.plant("DELETE FROM look_up WHERE outcome = 'found'"), "L8"),
    ("sent again in doubt", lambda w: w.plant("DELETE FROM look_up WHERE outcome = 'absent'"), "L8"),
    ("begun after it was accepted", an_attempt_more("u1"), "L8"),
    ("an attempt that is missing", a_gap, "L8"),
    ("evidence for an attempt that never was", lambda w: w.plant("UPDATE look_up SET attempt = 7 WHERE outcome = 'not_there'"), "L8"),
    ("too fast", lambda w: None, "L10", ("--rate", "3")),
    ("too fast for a moment", lambda w: w.forge("UPDATE request SET at_us = at_us - 1 WHERE id = 5"), "L10"),
)

TRUTHS = (
    ("an amount that is written otherwise", effect_set("coin-doubt", "amount = '0.5'")),
    ("an amount with an exponent", effect_set("coin-doubt", "amount = '5e-1'")),
    ("written down within the grain of the clock", attempt_set("coin", 1, "opened_at = opened_at + 3")),
    ("an attempt that reached nobody", lambda w: w.forge("DELETE FROM request WHERE body LIKE '%bad@x%'")),
    ("found, and failed at last", job_set("found", "state = 'failed'")),
    ("an attempt that is open", lambda w: w.attempt("waiting", None, None)),
    ("applied, and the answer is still out", lambda w: w.attempt("waiting", None, None, effect=True)),
    ("a request behind the attempt that was not read",
     lambda w: w.forge("DELETE FROM request WHERE id = (SELECT min(id) FROM request WHERE body LIKE '%throttled%')")),
)


class Files(unittest.TestCase):
    """A folder with a copy of the files that agree."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="remesa-check-good.")
        cls.addClassCleanup(temporary.cleanup)
        cls.good = temporary.name
        with contextlib.closing(World(cls.good)) as world:
            world.begin()
            good_world(world)

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="remesa-check-test.")
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.restore()

    def restore(self):
        for name in "remesa.db", "ledger.db":
            shutil.copyfile(os.path.join(self.good, name), self.path(name))

    @contextlib.contextmanager
    def world(self):
        self.restore()
        with contextlib.closing(World(self.folder)) as world:
            world.go_on()
            yield world

    def path(self, name):
        return os.path.join(self.folder, name)

    def check(self, *options):
        """The red laws, and what was said; they are told in order, each once."""
        done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "check.py"), "--db", self.path("remesa.db"),
                               "--ledger", self.path("ledger.db"), *(options or ALL)],
                              capture_output=True, text=True, timeout=60, check=False)
        said = done.stdout + done.stderr
        red = re.findall(r"^(L\d+) BROKEN: ", done.stdout, re.M)
        self.assertEqual(1 if red else 0, done.returncode, said)
        return red, said


class Laws(Files):
    def test_what_agrees_is_green(self):
        red, said = self.check()
        self.assertEqual([], red, said)
        self.assertEqual([f"L{n}" for n in range(1, 12)], re.findall(r"^(L\d+) ", said, re.M))
        for line in ("L1 ok 16 effects", "L4 ok 19 requests", "L6 ok 2 attempts without an end, 2 jobs in doubt",
                     "L8 ok 21 jobs replayed", "L9 left to the driver: run again and compare",
                     "L10 ok 4 in one second at most", "L11 not asked: --canary and --artefacts"):
            self.assertIn(line + "\n", said)

    def test_every_lie_breaks_its_laws_and_no_other(self):
        for name, plant, laws, *options in LIES:
            with self.subTest(name):
                with self.world() as world:
                    plant(world)
                red, said = self.check(*(options[0] if options else ()))
                self.assertEqual(laws.split(), red, said)

    def test_what_looks_odd_and_is_right_is_green(self):
        for name, plant in TRUTHS:
            with self.subTest(name):
                with self.world() as world:
                    plant(world)
                red, said = self.check("--concurrency", "3", "--crashes", "2", "--rate", "4")
                self.assertEqual([], red, said)

    def test_there_is_a_lie_for_every_law(self):
        alone = {laws for _, _, laws, *_ in LIES}
        self.assertEqual(set(), {f"L{n}" for n in range(1, 11)} - {"L9"} - alone)

    def test_what_is_not_asked_is_not_judged(self):
        red, said = self.check("--rate", "0")
        self.assertEqual([], red, said)
        for law in "L6", "L10", "L11":
            self.assertRegex(said, f"(?m)^{law} not asked: ")

    def test_a_file_that_is_none(self):
        with open(self.path("remesa.db"), "r+b") as f:
            f.write(b"garbage" * 1000)
        self.assertEqual(["L8"], self.check()[0])
        os.unlink(self.path("ledger.db"))
        self.assertEqual(["L8"], self.check()[0])

    def test_what_stands_in_the_wal_counts(self):
        with self.world() as world:
            world.db.execute("PRAGMA journal_mode = WAL")
            job_set("coin", "remote_id = '1'")(world)
            world.commit()
            self.assertTrue(os.path.getsize(self.path("remesa.db-wal")) > 0)
            self.assertEqual(["L3"], self.check()[0])


class Secrets(Files):
    def check_with(self, data):
        os.makedirs(self.path("artefacts"), exist_ok=True)
        for name, text in ("run.log", data), ("key", SECRET.encode() + b"\n"):
            with open(self.path("artefacts/" + name), "wb") as f:
                f.write(text)
        return self.check("--canary", self.path("artefacts/key"), "--artefacts", self.path("artefacts"))

    def test_a_secret_in_any_dress(self):
        raw = SECRET.encode()
        for data in (raw, b"x" * 70000 + raw, raw.hex().encode(), raw.hex().upper().encode(), SECRET.encode("utf-16-le"),
                     SECRET.replace("/", "%2F").replace("+", "%2B").encode(), b"".join(b"%%%02x" % b for b in raw),
                     *(base64.b64encode(b"Basic "[:n] + raw + b": tail") for n in range(6)),
                     base64.urlsafe_b64encode(b"ab" + raw)):
            with self.subTest(data[-60:]):
                red, said = self.check_with(b"before " + data + b" after")
                self.assertEqual(["L11"], red, said)
                self.assertNotIn(SECRET, said)

    def test_its_own_file_and_a_part_of_it_are_fine(self):
        red, said = self.check_with(SECRET[:-1].encode() + b"\n" + SECRET[1:].encode())
        self.assertEqual([], red, said)
        self.assertIn("L11 ok 3 files\n", said)

    def test_a_secret_in_the_database(self):
        self.check_with(b"")
        world = sqlite3.connect(self.path("remesa.db"))
        world.execute("UPDATE run SET host = ?", (SECRET,))
        world.commit()
        world.close()
        red, said = self.check("--canary", self.path("artefacts/key"), "--artefacts", self.path("artefacts"))
        self.assertEqual(["L11"], red, said)

    def test_no_secret_to_look_for(self):
        self.check_with(b"")
        red, _ = self.check("--canary", os.devnull, "--artefacts", self.path("artefacts"))
        self.assertEqual(["L11"], red)


if __name__ == "__main__":
    unittest.main(verbosity=1)
