"""kill -9 at any moment, then the same command: never twice, never lost, and doubts that are honest.

A moment is chosen by a seed: so many requests after the start have reached the server (or none, for a death while
the file is imported), and a few milliseconds more. So the moments are spread over the work on slow machines too."""
import random
import resource
import signal
import sqlite3
import time

import night
from night import DIED, NOT_FINAL, SOME_IN_DOUBT, UNAVAILABLE, make_payees, rows

PAYEES = 40
CONCURRENCY = 4
DISK = 74
SEEDS = (11, 12, 13, 14, 15)
KILLS_EACH = 5


class Kill(night.Night):
    def command(self, **more):
        return ["run", "payees.csv", *self.settings(concurrency=CONCURRENCY, **more)]

    def begin(self, seed, *options):
        self.forget()
        self.text = make_payees(PAYEES, seed=seed)
        self.write("payees.csv", self.text)
        self.sandbox("--latency", "5..60", "--seed", seed, *options)

    def arrived(self):
        return self.box.rows("SELECT count(*) FROM request")[0][0]

    def kill_after(self, requests, more_ms):
        """True when the kill came before the end."""
        goal = self.arrived() + requests
        running = self.start(*self.command())
        self.wait_until(lambda: self.arrived() >= goal or not running.is_running(), f"{goal} requests")
        self.pause(more_ms)
        ended = running.kill()
        self.assertIn(ended.status, (DIED, SOME_IN_DOUBT, NOT_FINAL), ended)
        running.close()
        return ended.status == DIED

    @staticmethod
    def pause(ms):
        time.sleep(ms / 1000)

    def open_attempts(self):
        try:
            return rows(self.db, "SELECT count(*) FROM attempt WHERE closed_at IS NULL")[0][0]
        except sqlite3.OperationalError:
            return 0  # it died before there was a database

    def check_doubts(self, kills):
        """Each is a job that was in flight at a kill: its one attempt has no recorded answer."""
        doubts = rows(self.db, "SELECT ref, attempt, known, http_status, next_command FROM doubts")
        self.assertLessEqual(len(doubts), CONCURRENCY * kills)
        for ref, attempt, known, status, command in doubts:
            self.assertEqual((1, None), (attempt, status), ref)
            self.assertTrue(known, ref)
            self.assertIn(ref, command)
        return len(doubts)

    def finish(self, kills):
        ended = self.remesa(*self.command())
        self.assert_status(SOME_IN_DOUBT if self.check_doubts(kills) else NOT_FINAL, ended)
        self.assertNotIn("sending", self.states())
        self.assert_agree(self.text)

    def check_nothing_moves_any_more(self):
        """The same command once more changes nothing and sends nothing."""
        fates = "SELECT ref, state, remote_id, http_status, error, attempts, finished_at FROM results"
        before = rows(self.db, fates), self.box.calls()
        self.remesa(*self.command())
        self.assertEqual(before, (rows(self.db, fates), self.box.calls()))

    def test_killed_again_and_again(self):
        killed = 0
        for seed in SEEDS:
            with self.subTest(seed=seed):
                rng = random.Random(seed)
                self.begin(seed)
                kills = 0
                for _ in range(KILLS_EACH):
                    kills += self.kill_after(rng.randrange(0, PAYEES // 2), rng.choice([0, 1, 2, 5, 10, 20, 40]))
                    self.assertLessEqual(self.open_attempts(), CONCURRENCY)
                self.finish(kills)
                self.check_nothing_moves_any_more()
                killed += kills
        self.assertGreaterEqual(killed, len(SEEDS) * (KILLS_EACH - 1), "the kills came too late to tell anything")

    def test_killed_while_the_server_loses_answers(self):
        """Both at once: a death, and connections that close after the effect."""
        rng = random.Random(77)
        self.begin(77, "--fault", "POST *:commit-then-close:0.05")
        kills = sum(self.kill_after(rng.randrange(5, 30), rng.randrange(20)) for _ in range(3))
        self.assertGreaterEqual(kills, 2)
        self.assert_status(SOME_IN_DOUBT, self.remesa(*self.command()))
        self.assertNotIn("sending", self.states())
        self.assert_agree(self.text)

    def test_the_server_is_gone_when_it_comes_back(self):
        self.begin(21)
        self.assertTrue(self.kill_after(30, 5))
        doubts = self.open_attempts()
        self.box.stop()
        ended = self.remesa(*self.command(retry_limit=3))
        self.assert_status(UNAVAILABLE, ended)
        self.assertIn("the same command goes on", ended.err)
        self.assertEqual(doubts, self.states().get("in_doubt", 0))
        self.assert_agree(self.text)
        self.sandbox("--latency", "5..60")
        self.finish(1)
        self.check_nothing_moves_any_more()

    def test_a_disk_that_is_full(self):
        """The log of the database meets a limit in the middle of the night. Nothing leaves whose intent could not be
        written down; what was under way is in doubt, and with room again the same command goes on."""
        for ignored in True, False:
            with self.subTest(ignored=ignored):
                self.begin(31)
                self.assert_status(night.OK, self.remesa("import", "payees.csv"))

                def limit():
                    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
                    signal.signal(signal.SIGXFSZ, signal.SIG_IGN if ignored else signal.SIG_DFL)
                ended = self.remesa(*self.command(), preexec_fn=limit)
                self.assertIn(ended.status, (DISK,) if ignored else (DISK, -signal.SIGXFSZ), ended)
                self.assertGreater(self.arrived(), 5, "the limit came too early to tell anything")
                self.assertLess(self.arrived(), 3 * PAYEES, "the limit came too late to tell anything")
                self.finish(1)

    def test_killed_while_it_takes_the_file_in(self):
        """All of the file, or nothing of it; the same command takes it once."""
        for delay_ms in (0, 5, 10, 20, 30, 50, 80):
            with self.subTest(delay_ms=delay_ms):
                self.forget()
                text = make_payees(600, seed=delay_ms)
                self.write("payees.csv", text)
                running = self.start("import", "payees.csv")
                self.pause(delay_ms)
                running.kill()
                running.close()
                self.assert_status(night.OK, self.remesa("import", "payees.csv"))
                self.assertEqual({"queued": 1800}, self.states())
                self.assertEqual([], night.agree(self.db, [], [], text))


if __name__ == "__main__":
    night.main()
