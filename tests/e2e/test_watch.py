"""Those who watch a run: the service manager, the metrics file, the command at the end, the log."""
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import threading
import time
from decimal import Decimal

import night
from night import KEY, NOT_FINAL, STOPPED, BAD_INPUT, NO_INPUT, make_payees, rows

PAYEES = 12


class Manager:
    """What systemd would hear."""

    def __init__(self, address):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(address)
        self.heard = []
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        while (datagram := self.socket.recv(4096)) != b"over":
            self.heard.append(datagram.decode())

    def close(self):
        """Everything that came before; a second time it does nothing."""
        if self.socket.fileno() >= 0:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
                last.sendto(b"over", self.socket.getsockname())
            self.thread.join(night.PATIENCE)
            self.socket.close()
        return self.heard


def metrics(text):
    """{(name, labels): value}; the text format as its page has it, and nothing else is let through."""
    found, typed, name = {}, {}, None
    for line in text.splitlines():
        comment = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line)
        if comment:
            assert comment[2] not in {n for n, _ in found}, f"{comment[2]}: not in one piece"
            name = comment[2]
            if comment[1] == "TYPE":
                assert comment[3] in ("gauge", "counter") and name not in typed, line
                typed[name] = comment[3]
            continue
        sample = re.fullmatch(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.]+)', line)
        assert sample, f"no line of the format: {line!r}"
        assert sample[1] == name and name in typed, f"a sample without its head: {line}"
        labels = tuple(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', sample[2] or ""))
        assert (name, labels) not in found, f"twice: {line}"
        found[name, labels] = Decimal(sample[3])
    assert text.endswith("\n")
    return found


class Case(night.Night):
    def setUp(self):
        super().setUp()
        self.text = make_payees(PAYEES, seed=3)
        self.write("payees.csv", self.text)

    def manager(self, name):
        m = Manager(("\0" + name[1:]) if name[0] == "@" else name)
        self.addCleanup(m.close)
        return m


class ServiceManager(Case):
    def test_it_hears_of_ready_status_life_and_the_end(self):
        for name in (self.path("notify"), f"@remesa-test-{os.getpid()}"):
            with self.subTest(name):
                self.write("payees.csv", make_payees(PAYEES, first=1000 * (name[0] == "@")))
                self.sandbox("--latency", "100..200")
                m = self.manager(name)
                env = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "400000"}
                ended = self.remesa("run", "payees.csv", *self.settings(concurrency=2), env=env)
                self.assert_status(NOT_FINAL, ended)
                heard = m.close()
                self.assertEqual("READY=1", heard[0])
                self.assertEqual(1, heard.count("READY=1"))
                self.assertEqual(["STOPPING=1", f"STATUS=ended with {NOT_FINAL}"], heard[-2:])
                self.assertGreater(heard.count("WATCHDOG=1"), 1)
                self.assertTrue([h for h in heard if re.match(r"STATUS=\d+(/\d+| requests)", h)], heard)
                self.assertEqual([], [h for h in heard if "\n" in h])

    def test_a_signal_is_told_before_the_answers_are_in(self):
        self.sandbox("--latency", "1500..1600")
        m = self.manager(self.path("notify"))
        running = self.start("run", "payees.csv", *self.settings(), env={"NOTIFY_SOCKET": self.path("notify")})
        self.wait_until(lambda: self.box.rows("SELECT count(*) FROM request")[0][0], "a request is under way")
        running.signal(signal.SIGTERM)
        self.wait_until(lambda: "STOPPING=1" in m.heard, "it is told")
        self.assertTrue(running.is_running(), "and the answers are still waited for")
        self.assert_status(STOPPED, running.wait())

    def test_no_watchdog_of_another_process_and_none_that_was_not_asked_for(self):
        self.sandbox("--latency", "100..200")
        m = self.manager(self.path("notify"))
        for more in ({}, {"WATCHDOG_USEC": "2000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "often"}):
            self.remesa("run", "payees.csv", *self.settings(), env={"NOTIFY_SOCKET": self.path("notify"), **more})
        self.assertNotIn("WATCHDOG=1", m.close())

    def test_one_that_never_worked_is_ready_too_and_a_bad_name_is_no_fault(self):
        self.sandbox()
        m = self.manager(self.path("notify"))
        self.write("bad.csv", "ref\n")
        ended = self.remesa("run", "bad.csv", *self.settings(), env={"NOTIFY_SOCKET": self.path("notify")})
        self.assert_status(BAD_INPUT, ended)
        self.assertEqual(["READY=1", "STOPPING=1", f"STATUS=ended with {BAD_INPUT}"], m.close())
        for name in ("relative", "/nobody/listens", "/" + 200 * "x", "@", ""):
            self.assert_status(NOT_FINAL, self.run_it("payees.csv", env={"NOTIFY_SOCKET": name}))


class Metrics(Case):
    def read(self):
        with open(self.path("remesa.prom"), encoding="utf-8") as f:
            return metrics(f.read())

    def test_they_agree_with_the_database(self):
        self.sandbox("--fault", "POST /users:429:0.3", "--fault", "POST /cash_withdrawals:commit-then-close:0.2", "--seed", "3")
        ended = self.run_it("payees.csv", metrics_file="remesa.prom", retry_limit=50)
        got = self.read()
        for state, count in self.states().items():
            self.assertEqual(count, got["remesa_jobs", (("state", state),)], state)
        for row in sqlite_rows(self.db, "SELECT * FROM money"):
            for state in ("succeeded", "following", "in_doubt", "failed", "waiting"):
                self.assertEqual(Decimal(row[state]), got["remesa_money", (("currency", row["currency"]), ("state", state))])
        attempts = rows(self.db, "SELECT count(*) FROM attempts WHERE sends > 0")[0][0]
        self.assertEqual(attempts, got["remesa_run_requests_total", ()])
        turned = self.box.rows("SELECT count(*) FROM request WHERE status = 429")[0][0]
        self.assertGreater(turned, 0)
        self.assertEqual(turned, got["remesa_run_throttled_total", ()])
        again = rows(self.db, "SELECT count(*) FROM attempts WHERE attempt > 1")[0][0]
        self.assertEqual(again, got["remesa_run_retries_total", ()])
        self.assertEqual(self.states()["in_doubt"], got["remesa_run_doubts_total", ()])
        self.assertGreater(got["remesa_run_paused_seconds_total", ()], 0)
        self.assertEqual(ended.status, got["remesa_run_exit_status", ()])
        self.assertEqual(0, got["remesa_run_active", ()])
        self.assertNotIn(("remesa_last_success_timestamp_seconds", ()), got)
        self.assertEqual(0o644, stat.S_IMODE(os.stat(self.path("remesa.prom")).st_mode))
        self.assertEqual([], [n for n in os.listdir(self.folder) if n.startswith("remesa.prom.")])

    def test_they_are_written_while_it_works_and_success_has_a_time(self):
        self.sandbox("--latency", "1500..1600")
        begun = time.time()
        running = self.start("run", "payees.csv", *self.settings(metrics_file="remesa.prom", metrics_every="1ms"))
        self.wait_until(lambda: os.path.exists(self.path("remesa.prom")), "they are there")
        self.wait_until(lambda: self.read()["remesa_jobs", (("state", "sending"),)] > 0, "they tell of the work")
        got = self.read()
        self.assertEqual(1, got["remesa_run_active", ()])
        self.assertNotIn(("remesa_run_exit_status", ()), got)
        self.assert_status(NOT_FINAL, running.wait())
        self.assertGreater(self.read()["remesa_last_success_timestamp_seconds", ()], Decimal(begun))

    def test_a_run_that_cannot_begin_says_so_and_one_that_is_kept_out_is_silent(self):
        self.sandbox()
        file = ["--metrics-file", "remesa.prom"]
        self.assert_status(NO_INPUT, self.remesa("run", *file, "--api-key-file", "nothing"))
        self.assertEqual(NO_INPUT, self.read()["remesa_run_exit_status", ()])
        os.unlink(self.path("remesa.prom"))
        self.sandbox("--latency", "1500..1600")
        running = self.start("run", "payees.csv", *self.settings())
        self.wait_until(lambda: self.box.rows("SELECT count(*) FROM request")[0][0], "a request is under way")
        self.assert_status(STOPPED, self.remesa("run", *file, *self.settings()))
        self.assertFalse(os.path.exists(self.path("remesa.prom")))
        running.wait()

    def test_a_file_that_cannot_be_written_is_told_once_and_hurts_nobody(self):
        self.sandbox("--latency", "100..200")
        ended = self.run_it("payees.csv", metrics_file="no/such/folder.prom", metrics_every="1ms")
        self.assert_status(NOT_FINAL, ended)
        self.assertEqual(1, ended.err.count("metrics_file: no/such/folder.prom"), ended.err)


def sqlite_rows(path, text):
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    try:
        return db.execute(text).fetchall()
    finally:
        db.close()


class AtEnd(Case):
    def command(self, body):
        self.write("tell", "#!/bin/sh\n" + body, mode=0o700)
        return self.path("tell")

    def test_it_gets_the_summary_and_nothing_else_of_ours(self):
        self.sandbox()
        command = self.command(f'cat > {self.path("summary")}; env > {self.path("env")}; '
                               f'ls -l /proc/self/fd > {self.path("fds")}; printf "%s|" "$@" > {self.path("args")}; '
                               'echo said; exit 7')
        ended = self.run_it("payees.csv", at_end=f"{command} 'two words' \"$HOME\" ; id", env={"SECRET": KEY})
        self.assert_status(NOT_FINAL, ended)
        self.assertIn("at_end:", ended.err)
        self.assertIn("ended with 7", ended.err)
        self.assertIn("said", ended.err)
        self.assertNotIn("said", ended.out)
        with open(self.path("args"), encoding="utf-8") as f:
            self.assertEqual("two words|$HOME|;|id|", f.read())
        with open(self.path("env"), encoding="utf-8") as f:
            self.assertEqual({"PATH", "LANG", "PWD", "_", "SHLVL", "OLDPWD"} | set(), {
                line.split("=")[0] for line in f} | {"_", "SHLVL", "OLDPWD"})
        with open(self.path("fds"), encoding="utf-8") as f:
            fds = f.read()
        self.assertNotIn("remesa.db", fds)
        self.assertNotIn("socket:", fds)
        with open(self.path("summary"), encoding="utf-8") as f:
            summary = json.load(f)
        self.assertEqual(NOT_FINAL, summary["exit_status"])
        self.assertIsNone(summary["error"])
        self.assertEqual(self.states()["following"], summary["jobs"]["following"])
        self.assertEqual(3 * PAYEES, summary["requests"])
        for row in sqlite_rows(self.db, "SELECT * FROM money"):
            self.assertEqual(row["following"], summary["money"][row["currency"]]["following"])

    def test_it_is_told_why_nothing_was_done(self):
        command = self.command(f'cat > {self.path("summary")}')
        ended = self.remesa("run", "--api-key-file", "nothing", "--at-end", command)
        self.assert_status(NO_INPUT, ended)
        with open(self.path("summary"), encoding="utf-8") as f:
            summary = json.load(f)
        self.assertEqual(NO_INPUT, summary["exit_status"])
        self.assertIn("nothing", summary["error"])

    def test_one_that_cannot_start_or_dies_changes_nothing(self):
        self.sandbox()
        for command, told in (("/no/such/program", "cannot be started"), (self.command("kill -9 $$"), "signal 9")):
            ended = self.run_it("payees.csv", at_end=command)
            self.assert_status(NOT_FINAL, ended)
            self.assertIn(told, ended.err)


class Log(Case):
    def test_a_json_line_for_each_event_with_ref_attempt_and_request_id(self):
        self.sandbox()
        self.write("remesa.conf", "log_format = json\n")
        ended = self.assert_status(NOT_FINAL, self.remesa("run", "--verbose", "payees.csv", *self.settings()))
        lines = [json.loads(line) for line in ended.err.splitlines()]
        moves = {line["ref"]: line for line in lines if line.get("what") == "move"}
        ids = dict(rows(self.db, "SELECT ref, request_id FROM attempts"))
        self.assertEqual(3 * PAYEES, len(ids))
        for ref, line in moves.items():
            self.assertEqual((1, ids[ref]), (line["attempt"], line.get("request_id")), line)
            self.assertTrue(line["time"] and line["level"] == "info" and "sending -> " in line["message"], line)
        self.assertEqual(set(ids), set(moves))


if __name__ == "__main__":
    night.main()
