"""Every fault of the sandbox on every endpoint of a night: what the jobs become, how the run ends, and that nothing
takes effect twice, whatever the answer was.

One run of four payees meets a fault three times: the first payee's user, the second's account and the third's payout
are what the first request to each endpoint is for, because one request at a time goes out. The fourth meets none."""
import time

import night
from night import NOT_FINAL, REFUSED, SOME_FAILED, SOME_IN_DOUBT, UNAVAILABLE, make_payees, rows

ENDPOINTS = ("users", "withdrawal_instructions", "cash_withdrawals")
HIT = ("user-0000", "account-0001", "payout-0002")

LOST = r"^sent, (and no answer came|lost, and a second sending was refused)"

# fault and its argument, effects at the server (of the 3 that are hit), what is known
DOUBTFUL = [
    ("commit-then-close", "", 3, LOST),
    ("commit-then-reset", "", 3, LOST),
    ("commit-then-hang", "", 3, LOST),
    ("half-answer", "", 3, "torn after HTTP 200"),
    ("wrong-length", ":short", 3, "200"),
    ("wrong-length", ":long", 3, "torn after HTTP 200"),
    ("500-after-commit", "", 3, "500"),
    ("reset-before-commit", "", 0, LOST),
    ("close-before-commit", "", 0, LOST),
    ("500", "", 0, "500"),
    ("502-html", "", 0, "502"),
]

# fault and its argument, at least so many seconds for all three
HARMLESS = [
    ("429", "", 0), ("429", ":none", 0), ("429", ":1", 3),
    ("403-html", "", 0), ("slow", ":200", 0.6), ("slow-commit", ":200", 0.6),
]


class Case(night.Night):
    def begin(self, payees, *faults, **more):
        self.forget()
        self.text = make_payees(payees, seed=5)
        self.write("payees.csv", self.text)
        return self.sandbox(*(part for fault in faults for part in ("--fault", fault)), **more)

    def at_each_endpoint(self, kind, argument):
        self.begin(4, *(f"POST /{endpoint}:{kind}:x1{argument}" for endpoint in ENDPOINTS))

    def pay(self, **settings):
        return self.run_it("payees.csv", **{"concurrency": 1, "timeout": "10s", **settings})

    def faults_met(self):
        return [call.path.rsplit("/", 1)[1] for call in self.box.calls() if call.fault]


class OnEachEndpoint(Case):
    def test_answers_that_leave_a_doubt(self):
        for kind, argument, effects, known in DOUBTFUL:
            with self.subTest(kind + argument):
                self.at_each_endpoint(kind, argument)
                hangs = kind == "commit-then-hang" or argument == ":long"
                ended = self.pay(timeout="1s" if hangs else "10s")
                self.assert_status(SOME_IN_DOUBT, ended)
                self.assertEqual(sorted(ENDPOINTS), sorted(self.faults_met()))
                doubts = rows(self.db, "SELECT ref, attempt, known FROM doubts")
                self.assertEqual(set(HIT), {ref for ref, _, _ in doubts})
                for ref, attempt, told in doubts:
                    self.assertEqual(1, attempt, ref)
                    self.assertRegex(told, known, ref)
                # Of 12: three in doubt, and the three that need them wait (two of the first payee's, one of the second's).
                self.assertEqual({"in_doubt": 3, "queued": 3, "succeeded": 5, "following": 1}, self.states())
                self.assertEqual(6 + effects, len(self.box.effects()))
                self.assert_agree(self.text)
                self.check_a_doubt_stays(ended)

    def check_a_doubt_stays(self, ended):
        """Nobody sends it again; and the next thing to type was printed."""
        self.assertIn("SELECT * FROM doubts", ended.out)
        before = len(self.box.calls())
        self.assert_status(SOME_IN_DOUBT, self.pay())
        self.assertEqual(before, len(self.box.calls()))

    def test_answers_that_only_cost_time(self):
        for kind, argument, least in HARMLESS:
            with self.subTest(kind + argument):
                self.at_each_endpoint(kind, argument)
                started = time.monotonic()
                self.assert_status(NOT_FINAL, self.pay())
                self.assertGreaterEqual(time.monotonic() - started, least)
                self.assertEqual(sorted(ENDPOINTS), sorted(self.faults_met()))
                self.assertEqual({"succeeded": 8, "following": 4}, self.states())
                self.assertEqual(12, len(self.box.effects()))
                self.assertEqual(12 if kind.startswith("slow") else 15, len(self.box.calls()))
                self.assert_agree(self.text)

    def test_a_retry_after_is_waited_for(self):
        """Between a 429 and the request after it; in seconds it is waited for in the test above."""
        for argument, least_s in ((":date", 1.0), ("", 0.01)):
            with self.subTest(argument):
                self.begin(1, f"POST /users:429:x1{argument}")
                self.assert_status(NOT_FINAL, self.pay())
                first, second = self.box.calls()[:2]
                self.assertEqual((429, 200), (first.status, second.status))
                self.assertGreaterEqual(second.at_us - first.at_us, least_s * 1e6)
                self.assertLess(second.at_us - first.at_us, 10e6)

    def test_a_refused_key_stops_everything_and_fails_nobody(self):
        for endpoint in ENDPOINTS:
            with self.subTest(endpoint):
                self.begin(4, f"POST /{endpoint}:401:x1")
                ended = self.assert_status(REFUSED, self.pay())
                self.assertIn("mend the key", ended.err)
                self.assertEqual(401, self.box.calls()[-1].status, "it went on after the key was refused")
                self.assertEqual({"succeeded", "following", "queued"}, set(self.states()) | {"succeeded", "following"})
                self.assert_agree(self.text)
                self.assert_status(NOT_FINAL, self.pay())
                self.assertEqual(12, len(self.box.effects()))
                self.assert_agree(self.text)

    def test_an_answer_that_comes_after_the_timeout(self):
        """The effect comes while nobody waits any more: in doubt before it, in doubt after it, and once."""
        for endpoint, ref in zip(ENDPOINTS, ("user-0000", "account-0000", "payout-0000")):
            with self.subTest(endpoint):
                self.begin(2, f"POST /{endpoint}:slow-commit:x1:1200")
                self.assert_status(SOME_IN_DOUBT, self.pay(timeout="600ms"))
                self.assertEqual("in_doubt", self.state_of(ref))
                self.wait_until(lambda: any(call.fault for call in (e.call for e in self.box.effects())), "the late effect")
                self.assert_status(SOME_IN_DOUBT, self.pay())
                self.assert_agree(self.text)

    def test_what_the_api_refuses_fails_and_is_not_repeated(self):
        """Of two users with one address the second is refused: its own chain is skipped, the others go on."""
        text = make_payees(3, seed=5).replace("pagos+0001@", "pagos+0000@")
        self.write("payees.csv", text)
        self.sandbox("--unique-emails")
        ended = self.assert_status(SOME_FAILED, self.pay())
        self.assertEqual({"failed": 1, "skipped": 2, "succeeded": 4, "following": 2}, self.states())
        ref, status, error = rows(self.db, "SELECT ref, http_status, error FROM failures WHERE state = 'failed'")[0]
        self.assertEqual(("user-0001", 422), (ref, status))
        self.assertIn("email", error)
        self.assertIn("SELECT * FROM failures", ended.out)
        before = len(self.box.calls())
        self.assert_status(SOME_FAILED, self.pay())
        self.assertEqual((before, 6), (len(self.box.calls()), len(self.box.effects())))


    def test_a_key_that_is_revoked_while_many_are_under_way(self):
        """Those that were answered before are written down; nobody is failed, nobody is in doubt."""
        self.begin(30, "POST /cash_withdrawals:401:1", "* *:slow:1:60")
        self.assert_status(REFUSED, self.pay(concurrency=8))
        self.assertEqual({"queued", "succeeded"}, set(self.states()))
        refused = [call for call in self.box.calls() if call.status == 401]
        self.assertLessEqual(len(refused), 8)
        self.assertEqual(len(self.box.effects()), self.states()["succeeded"])
        self.assert_agree(self.text)

    def test_more_than_the_api_allows(self):
        """A pace that was set too high: the 429s cost time and nothing else."""
        self.begin(15, rate=20)
        self.assert_status(NOT_FINAL, self.pay(concurrency=8, retry_base="200ms", retry_max="2s"))
        self.assertGreater(self.box.stats()["count_429_by_limit"], 0)
        self.assertEqual(45, len(self.box.effects()))
        self.assert_agree(self.text)


class Reads(Case):
    """What has no effect is tried again by itself, and is never in doubt."""

    CSV = ("ref,action,on_behalf_of,email,id\n"
           "u,create_user,,u@x.example,\n"
           "look,get_user,,,@u\n"
           "wallets,list_coin_wallets,u,,\n")

    def look(self, *faults, **settings):
        self.begin(0, *faults)
        self.write("payees.csv", self.CSV)
        return self.pay(**{"retry_limit": 20, **settings})

    def test_a_read_is_tried_again(self):
        for kind in "commit-then-close", "half-answer", "500", "502-html", "429:", "slow:", "reset-before-commit":
            with self.subTest(kind):
                kind, colon, _ = kind.partition(":")
                self.assert_status(night.OK, self.look(f"GET *:{kind}:x4" + (":50" if kind == "slow" else "")))
                self.assertEqual({"succeeded": 3}, self.states())
                self.assertEqual(1, len(self.box.effects()))
                reads = len(self.box.calls("GET"))
                self.assertEqual(2 if kind == "slow" else 6, reads)

    def test_but_not_for_ever(self):
        ended = self.look("GET *:500:1", retry_limit=4)
        self.assertIn(ended.status, (SOME_FAILED, UNAVAILABLE))
        self.assertNotIn("in_doubt", self.states())
        self.assertLessEqual(len(self.box.calls("GET")), 2 * 4 + 1)


class SickServer(Case):
    CONCURRENCY, LIMIT = 8, 4

    def pay_a_sick_one(self, fault):
        self.begin(60, fault)
        ended = self.assert_status(UNAVAILABLE, self.pay(concurrency=self.CONCURRENCY, retry_limit=self.LIMIT,
                                                         retry_base="10ms", timeout="700ms"))
        self.assertIn("the same command goes on", ended.err)
        return ended

    def test_a_dead_server_costs_a_handful_of_doubts(self):
        for kind in "500", "commit-then-close", "502-html", "commit-then-hang":
            with self.subTest(kind):
                self.pay_a_sick_one(f"* *:{kind}:1")
                states = self.states()
                self.assertLessEqual(states.get("in_doubt", 0), self.CONCURRENCY + self.LIMIT + 2)
                self.assertEqual({"in_doubt", "queued"}, set(states))
                self.assertEqual(180, sum(states.values()))
                self.assertEqual(len(self.box.calls()), states["in_doubt"])
                self.assert_agree(self.text)

    def test_a_block_page_or_a_closed_gate_costs_none(self):
        for kind in "403-html", "429":
            with self.subTest(kind):
                self.pay_a_sick_one(f"* *:{kind}:1")
                self.assertEqual({"queued": 180}, self.states())
                self.assertLessEqual(len(self.box.calls()), self.CONCURRENCY + self.LIMIT)
                self.assert_agree(self.text)
                self.get_well()

    def test_nobody_listens(self):
        self.begin(10)
        self.box.stop()
        self.assert_status(UNAVAILABLE, self.pay(retry_limit=3))
        self.assertEqual({"queued": 30}, self.states())
        self.assertEqual([("not_sent", 0)], rows(self.db, "SELECT DISTINCT outcome, sends FROM attempts"))
        self.get_well(3 * 10)

    def get_well(self, jobs=180):
        self.sandbox()
        self.assert_status(NOT_FINAL, self.pay(concurrency=self.CONCURRENCY))
        self.assertEqual(jobs, len(self.box.effects()))
        self.assert_agree(self.text)


class WarmConnections(Case):
    """libcurl sends a POST again by itself, up to five times, when a reused connection dies before an answer; and then
    says all is well. Nothing but the other side's ledger shows it."""

    def pay_with_lost_answers(self, kind, **settings):
        self.begin(100, f"POST *:{kind}:0.3")
        self.assert_status(SOME_IN_DOUBT, self.pay(concurrency=4, retry_limit=1000, retry_base="1ms", retry_max="2ms",
                                                   **settings))
        calls = self.box.calls()
        hit = sum(1 for call in calls if call.fault)
        self.assertGreater(hit, 30)
        self.assertEqual(len(calls), rows(self.db, "SELECT count(*) FROM attempts")[0][0], "one request for each attempt")
        self.assertEqual(hit, self.states()["in_doubt"], "each lost answer is a doubt, and nothing else is")
        self.assert_agree(self.text)

    def test_a_lost_answer_is_never_sent_again(self):
        for kind in "commit-then-close", "commit-then-reset", "close-before-commit":
            with self.subTest(kind):
                self.pay_with_lost_answers(kind)

    def test_nor_with_a_connection_for_each(self):
        self.begin(20, "POST *:commit-then-close:0.3")
        ended = self.remesa("run", "payees.csv", "--paranoid",
                            *self.settings(concurrency=4, retry_limit=1000, retry_base="1ms"))
        self.assert_status(SOME_IN_DOUBT, ended)
        self.assert_agree(self.text)


if __name__ == "__main__":
    night.main()
