"""What a signal, another program, or a terminal that is gone does to a run."""
import os
import signal
import sqlite3
import subprocess
import time

import night
from night import DIED, NO_INPUT, NOT_FINAL, OK, SOME_IN_DOUBT, STOPPED, make_payees, rows

PAYEES = 60
CONCURRENCY = 8


class Case(night.Night):
    def setUp(self):
        super().setUp()
        self.text = make_payees(PAYEES, seed=9)
        self.write("payees.csv", self.text)

    def command(self, **more):
        return ["run", "payees.csv", *self.settings(concurrency=CONCURRENCY, **more)]

    def arrived(self):
        return self.box.rows("SELECT count(*) FROM request")[0][0]

    def begin(self, *options, after=20, **popen):
        """A run in the middle of its work."""
        self.sandbox(*options)
        running = self.start(*self.command(), **popen)
        self.wait_until(lambda: self.arrived() >= after or not running.is_running(), "the run is in the middle")
        self.assertTrue(running.is_running(), "the run was too fast")
        return running

    def go_on(self):
        """The same command ends what was left, and every effect is there once."""
        self.sandbox()
        self.assert_status(NOT_FINAL, self.remesa(*self.command()))
        self.assertEqual(3 * PAYEES, len(self.box.effects()))
        self.assert_agree(self.text)


class Signals(Case):
    def stop_politely(self, number):
        running = self.begin("--latency", "200..400")
        running.signal(number)
        self.wait_until(lambda: "once more to end at once" in running.said(), "it says what it waits for")
        told_us = time.time_ns() // 1000
        ended = self.assert_status(STOPPED, running.wait())
        self.assertIn("the same command goes on", ended.err)
        late = [call for call in self.box.calls() if call.at_us > told_us + 20000]
        self.assertEqual([], late, "requests after the stop")
        # What was under way is answered, and written down: nobody is in doubt, nothing is left open.
        states = self.states()
        self.assertEqual({"queued", "succeeded"}, set(states) - {"following"})
        self.assertEqual(len(self.box.effects()), states["succeeded"] + states.get("following", 0))
        self.assertEqual([(STOPPED,)], rows(self.db, "SELECT exit_status FROM run"))
        self.assert_agree(self.text)
        return ended

    def test_sigterm_once_waits_for_the_answers(self):
        ended = self.stop_politely(signal.SIGTERM)
        self.assertIn("next: remesa run", ended.out)
        self.go_on()

    def test_sigint_once_does_the_same(self):
        self.stop_politely(signal.SIGINT)
        self.go_on()

    def test_twice_ends_at_once_and_says_what_it_does_not_know(self):
        running = self.begin("--latency", "20000..20000", after=CONCURRENCY)
        running.signal(signal.SIGTERM)
        self.wait_until(lambda: "once more to end at once" in running.said(), "it heard the first one")
        self.assertTrue(running.is_running())
        started = time.monotonic()
        running.signal(signal.SIGTERM)
        ended = self.assert_status(STOPPED, running.wait())
        self.assertLess(time.monotonic() - started, 10)
        self.assertIn("in doubt", ended.err)
        self.assertEqual({"queued": 3 * PAYEES - CONCURRENCY, "in_doubt": CONCURRENCY}, self.states())
        self.assertIn("SELECT * FROM doubts", ended.out)
        self.assert_agree(self.text)
        self.sandbox()
        self.assert_status(SOME_IN_DOUBT, self.remesa(*self.command()))
        self.assertEqual(3 * PAYEES - 2 * CONCURRENCY, len(self.box.effects()))
        self.assert_agree(self.text)

    def test_a_stop_before_anything_was_sent(self):
        self.sandbox()
        running = self.start(*self.command(rate="0.01"))
        self.wait_until(lambda: os.path.exists(self.db) and rows(self.db, "SELECT count(*) FROM sqlite_master")[0][0] > 10 and
                        rows(self.db, "SELECT count(*) FROM run")[0][0], "the run began")
        time.sleep(0.1)
        running.signal(signal.SIGTERM)
        self.assert_status(STOPPED, running.wait())
        self.assertEqual([], self.box.calls())
        self.go_on()

    def test_a_terminal_that_is_gone(self):
        """SIGHUP is either a stop or a death; both leave a night that goes on."""
        running = self.begin("--latency", "5..30")
        running.signal(signal.SIGHUP)
        status = running.wait().status
        self.assertIn(status, (STOPPED, -signal.SIGHUP))
        ended = self.remesa(*self.command())
        self.assertIn(ended.status, (NOT_FINAL, SOME_IN_DOUBT))
        self.assertLessEqual(self.states().get("in_doubt", 0), CONCURRENCY)
        self.assert_agree(self.text)

    def test_nobody_reads_what_it_says(self):
        """stderr and stdout are pipes without a reader: the work is done all the same."""
        self.sandbox("--latency", "1..10")
        ends = [os.pipe() for _ in range(2)]
        running = self.start(*self.command(), "--verbose", stdout=ends[0][1], stderr=ends[1][1])
        for reader, writer in ends:
            os.close(writer)
            os.close(reader)
        running.process.wait(night.PATIENCE)
        self.assertEqual({"succeeded": 2 * PAYEES, "following": PAYEES}, self.states())
        self.assertEqual([(NOT_FINAL,)], rows(self.db, "SELECT exit_status FROM run"))
        self.assertIn(running.process.returncode, (NOT_FINAL, 74), "not a death by SIGPIPE")
        self.assert_agree(self.text)

    def test_streams_that_are_closed(self):
        """Descriptors 0 to 2 do not exist: the database must not get one of them, or talk would go into it."""
        self.sandbox("--latency", "1..5")
        command = " ".join(f"'{part}'" for part in (os.path.join(night.BIN, "remesa"), *self.command(), "--verbose"))
        done = subprocess.run(["/bin/sh", "-c", f"exec {command} 0<&- 1>&- 2>&-"], cwd=self.folder, env=self.environment(),
                              stdin=subprocess.DEVNULL, timeout=night.PATIENCE, check=False)
        self.assertIn(done.returncode, (NOT_FINAL, 74))
        self.assertEqual({"succeeded": 2 * PAYEES, "following": PAYEES}, self.states())
        self.assert_agree(self.text)

    def test_a_stopped_process_goes_on(self):
        """SIGSTOP in the middle, as a laptop's lid does; answers come while it sleeps."""
        running = self.begin("--latency", "5..30")
        running.signal(signal.SIGSTOP)
        time.sleep(0.5)
        running.signal(signal.SIGCONT)
        self.assert_status(NOT_FINAL, running.wait())
        self.assert_agree(self.text)


class OthersOnTheDatabase(Case):
    """While a run holds it."""

    def test_a_second_runner_is_told_who_holds_it(self):
        running = self.begin("--latency", "50..100")
        for command in (self.command(), ["run", *self.settings()], ["import", "payees.csv"]):
            with self.subTest(command[0]):
                ended = self.assert_status(STOPPED, self.remesa(*command))
                self.assertRegex(ended.err, rf"\b{running.pid}\b")
        self.assert_status(NOT_FINAL, running.wait())
        self.assert_agree(self.text)

    def test_the_lock_of_a_dead_runner_holds_nobody(self):
        running = self.begin("--latency", "5..20")
        self.assertEqual(DIED, running.kill().status)
        self.assertIn(self.remesa(*self.command()).status, (NOT_FINAL, SOME_IN_DOUBT))

    def test_status_and_show_work_while_it_runs(self):
        running = self.begin("--latency", "50..100")
        for args in (["status"], ["status", "--json"], ["show", "user-0000"], ["show", "payout-0059", "--json"]):
            ended = self.assert_status(OK, self.remesa(*args))
            self.assertTrue(ended.out)
        self.assert_status(NO_INPUT, self.remesa("show", "nobody"))
        self.assertTrue(running.is_running(), "the run was too fast to tell anything")
        self.assert_status(NOT_FINAL, running.wait())
        self.assert_agree(self.text)

    def test_a_reader_that_stays_open_holds_nobody_up(self):
        """A sqlite3 shell left in the middle of a SELECT."""
        running = self.begin("--latency", "1..10", after=5)
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        self.addCleanup(db.close)
        cursor = db.execute("SELECT * FROM results")
        cursor.fetchone()
        self.assert_status(NOT_FINAL, running.wait())
        cursor.fetchall()


if __name__ == "__main__":
    night.main()
