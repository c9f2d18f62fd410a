"""Rehearsal and production are not mixed up. Production is told by the name alone, before any connection; the address
that is used for it here is one of this machine in a spelling that does not count as such, and nothing there speaks TLS."""
import os
import time

import night
from terminal import Terminal
from night import BAD_CONFIG, NOT_FINAL, OK, REFUSED, UNAVAILABLE, make_payees, rows

BITEX = "https://bitex.la/api"
PROMPT = "to send"


class Binding(night.Night):
    def setUp(self):
        super().setUp()
        self.text = make_payees(2, seed=7)
        self.write("payees.csv", self.text)

    # ---- what is production ----

    def test_production_is_refused_before_anything_is_taken_in(self):
        for url in (BITEX, "https://BITEX.la/api", "https://mysandbox.bitex.la/api", "https://10.0.0.5/api"):
            with self.subTest(url):
                started = time.monotonic()
                ended = self.assert_status(BAD_CONFIG, self.run_it("payees.csv", url=url))
                self.assertIn("is production", ended.err)
                self.assertIn("--production", ended.err)
                self.assertLess(time.monotonic() - started, 8)
                self.assertFalse(os.path.exists(self.db))

    def test_the_doctor_tells_too(self):
        ended = self.remesa("doctor", *self.settings(url=BITEX))
        self.assertIn("is production", ended.out)
        self.assert_status(OK, self.remesa("doctor", *self.settings(url=BITEX), "--production"))

    def test_a_line_of_the_configuration_is_enough_where_nobody_sits(self):
        self.sandbox()
        self.write("remesa.conf", "production = yes\n")
        self.assert_status(UNAVAILABLE, self.run_it("payees.csv", url=self.production(), retry_limit=1))
        self.assertEqual({"queued": 6}, self.states())

    # ---- one database, one API ----

    def test_a_rehearsal_is_not_sent_to_production(self):
        self.sandbox()
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assertEqual([("loopback",)], rows(self.db, "SELECT api FROM binding"))
        calls = len(self.box.calls())
        self.write("more.csv", make_payees(1, seed=8, first=2))
        for url, more in ((BITEX, ["--production"]), ("https://sandbox.bitex.la/api", [])):
            with self.subTest(url):
                ended = self.remesa("run", "more.csv", *self.settings(url=url), *more)
                self.assert_status(BAD_CONFIG, ended)
                for word in ("loopback", url.replace("/api", ":443/api"), "--db FILE"):
                    self.assertIn(word, ended.err)
        self.assertEqual(6, sum(self.states().values()), "refused before the file is taken in")
        self.assertEqual(calls, len(self.box.calls()))
        self.assert_status(NOT_FINAL, self.run_it("more.csv"))

    def test_production_is_not_sent_to_a_rehearsal(self):
        self.sandbox()
        self.run_it("payees.csv", "--production", url=self.production(), retry_limit=1)
        self.assertEqual({"queued": 6}, self.states())
        ended = self.assert_status(BAD_CONFIG, self.run_it())
        self.assertIn("belongs to https://", ended.err)
        self.assertEqual([], self.box.calls())

    def test_the_same_sandbox_on_another_port_is_the_same_api(self):
        self.sandbox()
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        first = self.box.url
        self.sandbox()
        self.assertNotEqual(first, self.box.url)
        self.assert_status(NOT_FINAL, self.run_it())

    # ---- the total, typed in ----

    def production(self):
        """The sandbox's own port, under a name that does not count as this machine."""
        return self.box.url.replace("http://127.0.0.1", "https://[::ffff:127.0.0.1]")

    def terminal(self, *more):
        self.sandbox()
        return Terminal(self, "run", "payees.csv", *self.settings(url=self.production(), retry_limit=1), "--production",
                        *more)

    def totals(self):
        return rows(self.db, "SELECT currency, imported FROM money ORDER BY currency")

    def test_another_total_stops_it(self):
        for typed in ("8", "", "yes", "0.01", "\x04"):
            with self.subTest(typed):
                self.forget()
                self.write("payees.csv", self.text)
                screen = self.terminal()
                screen.read(PROMPT)
                for currency, total in self.totals():
                    self.assertIn(f"{total} {currency}", screen.text)
                self.assertIn("6 jobs", screen.text)
                screen.type(typed if typed == "\x04" else typed + "\n")
                self.assertEqual(REFUSED, screen.end(), screen.text)
                self.assertIn("nothing was sent", screen.text)
                self.assertEqual({"queued": 6}, self.states())
                self.assertEqual([], rows(self.db, "SELECT * FROM run"))

    def test_the_right_total_lets_it_go(self):
        screen = self.terminal()
        screen.read(PROMPT)
        (currency, total), *_ = self.totals()
        self.assertIn(f"total in {currency}", screen.text)
        screen.type(f"{total}\n")
        self.assertEqual(UNAVAILABLE, screen.end(), screen.text)
        self.assertEqual([(1,)], rows(self.db, "SELECT count(*) FROM run"))

    def test_where_there_is_no_money_the_jobs_are_counted(self):
        self.write("payees.csv", "ref,action,email\nu1,create_user,a@payer.example\nu2,create_user,b@payer.example\n")
        screen = self.terminal()
        screen.read(PROMPT)
        self.assertIn("number of jobs", screen.text)
        screen.type("2\n")
        self.assertEqual(UNAVAILABLE, screen.end(), screen.text)

    def test_yes_asks_nothing(self):
        screen = self.terminal("--yes")
        self.assertEqual(UNAVAILABLE, screen.end(), screen.text)
        self.assertNotIn(PROMPT, screen.text)

    def test_a_sandbox_asks_nothing(self):
        self.sandbox()
        screen = Terminal(self, "run", "payees.csv", *self.settings())
        self.assertEqual(NOT_FINAL, screen.end(), screen.text)
        self.assertNotIn(PROMPT, screen.text)


if __name__ == "__main__":
    night.main()
