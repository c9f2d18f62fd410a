"""The one screen that an operator looks at: what it answers, its shape as JSON, and how it is watched."""
import collections
import decimal
import fcntl
import json
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import termios
import time

import night
from night import NO_INPUT, OK, SOME_IN_DOUBT, USAGE, digits, make_payees, rows

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "status-json.md")
STATES = ["queued", "sending", "following", "in_doubt", "succeeded", "failed", "skipped", "cancelled"]
VIEWS = ["progress", "money", "failures", "doubts", "holds"]


def documented():
    with open(DOCUMENT, encoding="utf-8") as f:
        return set(re.findall(r"^\| `([a-z_.]+)` \|", f.read(), re.M))


def members(got):
    return {k for k in got} | {f"running.{k}" for k in got["running"] or {}}


class Status(night.Night):
    def half_a_night(self):
        taken = make_payees(20).replace("pagos+0007@", "pagos+0001@")
        self.write("payees.csv", taken)
        self.sandbox("--unique-emails", "--fault", "POST /cash_withdrawals:commit-then-close:x1")
        self.assert_status(SOME_IN_DOUBT, self.run_it("payees.csv", concurrency=1))
        self.write("later.csv", make_payees(3, seed=2, first=100))
        self.assert_status(OK, self.remesa("import", "later.csv"))

    def json(self, *args):
        return json.loads(self.assert_status(OK, self.remesa("status", "--json", *args)).out)

    def table_of(self, view, batch=None):
        with sqlite3.connect(self.db) as db:
            db.row_factory = sqlite3.Row
            return [dict(r) for r in db.execute(f"SELECT * FROM {view} WHERE ?1 IS NULL OR batch = ?1", (batch,))]


class Shape(Status):
    def test_it_has_the_documented_members_and_no_others(self):
        self.half_a_night()
        got = self.json()
        self.assertEqual(1, got["version"])
        self.assertEqual({m for m in documented() if not m.startswith("running.")} - {"exit_status"}, members(got))
        self.assertIsNone(got["running"])
        for part in "payments", "jobs":
            self.assertEqual(["total", *STATES], list(got[part]))
        ran = json.loads(self.run_it("--json").out)
        self.assertEqual({m for m in documented() if not m.startswith("running.")}, members(ran))

    def test_beside_a_run_all_of_them(self):
        self.write("payees.csv", make_payees(40))
        self.sandbox()
        running = self.start("run", "payees.csv", *self.settings(rate=20))
        self.wait_until(lambda: os.path.exists(self.db) and rows(
            self.db, "SELECT count(*) FROM sqlite_master WHERE name = 'attempts'")[0][0] and rows(
            self.db, "SELECT count(*) FROM attempts")[0][0] > 5, "a run that has begun")
        got = self.json()
        self.assertEqual(documented() - {"exit_status"}, members(got))
        self.assertEqual(1, got["running"]["run"])
        self.assertGreater(got["running"]["requests"], 5)
        self.assertLess(got["as_of"], got["running"]["ends_at"])
        text = self.remesa("status").out
        self.assertRegex(text, r"\nrun 1 is under way since .* UTC: \d+\.\d req/s, the rest takes about 0:\d\d: until ")
        running.kill()
        self.assertIsNone(self.json()["running"], "a run that was killed has left its row open, and is not under way")
        self.assertNotIn("under way", self.remesa("status").out)


class Numbers(Status):
    def test_they_are_those_of_the_views(self):
        self.half_a_night()
        for batch in None, "payees.csv":
            got = self.json(*(["--batch", batch] if batch else []))
            for view in VIEWS:
                self.assertEqual(self.table_of(view, batch), got[view], view)
            for part, where in ("jobs", ""), ("payments", " AND action = 'create_cash_withdrawal'"):
                want = dict.fromkeys(STATES, 0)
                want.update(rows(self.db, "SELECT state, count(*) FROM results WHERE batch = coalesce(?, batch)" + where +
                                 " GROUP BY state", batch))
                self.assertEqual({"total": sum(want.values()), **want}, got[part])

    def test_money_is_what_the_other_side_took(self):
        self.half_a_night()
        taken, told = collections.Counter(), collections.Counter()
        for effect in self.box.effects():
            if effect.kind == "cash_withdrawals":
                sent = digits(effect.call.body)["data"]["attributes"]
                taken[sent["fiat_code"]] += decimal.Decimal(sent["amount"])
        for row in self.json()["money"]:
            told[row["currency"]] += sum(decimal.Decimal(row[c]) for c in ("succeeded", "following", "in_doubt"))
        self.assertEqual(+taken, +told)

    def test_the_first_line_answers(self):
        self.half_a_night()
        first = self.remesa("status").out.splitlines()[0]
        self.assertEqual("23 payments: 0 paid, 18 not final yet, 1 not paid, 1 unknown, 3 left", first)
        first = self.remesa("status", "--batch", "later.csv").out.splitlines()[0]
        self.assertEqual("3 payments: 0 paid, 0 not paid, 0 unknown, 3 left", first)

    def test_the_last_lines_say_what_to_type(self):
        self.half_a_night()
        last = [line for line in self.remesa("status").out.splitlines() if line.startswith("next: ")]
        self.assertEqual(3, len(last))
        self.assertIn("doubts", last[0])
        self.assertIn("remesa run", last[1])


class Watch(Status):
    def test_piped_it_is_one_block_after_the_other(self):
        self.half_a_night()
        watching = self.start("status", "--watch", "1")
        self.wait_until(lambda: watching.text(0).count("\n---- ") >= 1, "a second block")
        watching.signal(signal.SIGINT)
        ended = self.assert_status(OK, watching.wait())
        self.assertRegex(ended.out, r"^---- 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\n23 payments: ")
        self.assertNotIn("\x1b", ended.out)

    def test_on_a_terminal_it_fits_and_leaves_the_cursor(self):
        self.half_a_night()
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        watching = self.start("status", "--watch", stdout=slave)
        os.close(slave)
        seen = self.read_until(master, "\x1b[J", 2)
        watching.signal(signal.SIGINT)
        self.assert_status(OK, watching.wait())
        seen += self.read_until(master, "\x1b[?25h", 1)
        frame = seen.split("\x1b[?25l\x1b[H")[1].split("\x1b[J")[0].replace("\x1b[K", "")
        lines = frame.replace("\r\n", "\n").rstrip("\n").split("\n")
        self.assertLessEqual(len(lines), 23)
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertIn("... more", frame)
        self.assertTrue(lines[-1].startswith("note: "), lines[-1])
        self.assertIn("doubts", frame)
        for line in lines:
            if len(line) == 80:
                self.assertEqual("…", line[-1])
        self.assertTrue(seen.endswith("\x1b[?25h"), seen[-40:])

    def read_until(self, master, what, times):
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        seen, end = "", time.monotonic() + night.PATIENCE
        while seen.count(what) < times and time.monotonic() < end:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    seen += os.read(master, 65536).decode()
                except OSError:
                    break
        return seen

    def test_refusals(self):
        self.half_a_night()
        for args, status, words in ((["--watch", "0"], USAGE, "seconds"), (["--watch", "x"], USAGE, "seconds"),
                                    (["--watch", "--json"], USAGE, "people"), (["5"], USAGE, "no argument"),
                                    (["--watch", "--batch", "nobody's"], NO_INPUT, "nobody's")):
            with self.subTest(args=args):
                self.assertIn(words, self.assert_status(status, self.remesa("status", *args)).err)


if __name__ == "__main__":
    night.main()
