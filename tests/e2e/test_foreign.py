"""A hundred payees against a server that shares nothing with the sandbox (foreign_server.py)."""
import json
import os
import re
import subprocess
import sys

import night
from night import KEY, NOT_FINAL, Call, Effect, agree, csv_rows, make_payees

PAYEES = 100
SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "foreign_server.py")
AMOUNT = re.compile(rb'"amount"\s*:\s*("?)([^",}\s]*)\1')


class Foreign(night.Night):
    def setUp(self):
        super().setUp()
        self.given.add(self.path("log"))  # of what the other side was told: the key stands there by right
        self.server = subprocess.Popen([sys.executable, "-B", SERVER, self.path("port"), self.path("log"), self.path("key"),
                                        "7", "120"])
        self.addCleanup(self.stop)
        self.wait_until(self.has_port, "the foreign server gives its port", 30)
        with open(self.path("port")) as f:
            self.url = f"http://127.0.0.1:{f.read()}/api"

    def has_port(self):
        self.assertIsNone(self.server.poll(), "the foreign server ended")
        return os.path.exists(self.path("port"))

    def stop(self):
        self.server.terminate()
        self.server.wait(30)

    def log(self):
        with open(self.path("log")) as f:
            return [json.loads(line) for line in f]

    def test_a_night_with_a_server_of_another_hand(self):
        text = make_payees(PAYEES, seed=3, odd=night.ODD_AMOUNTS)
        self.write("payees.csv", text)
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", url=self.url, concurrency=16))
        self.assertEqual({"succeeded": 2 * PAYEES, "following": PAYEES}, self.states())
        log = self.log()
        self.assertEqual([200] * 3 * PAYEES, [entry["status"] for entry in log])
        self.judge_with_the_judge(log, text)
        self.judge_bytes(log, text)
        self.judge_headers(log)

    def judge_with_the_judge(self, log, text):
        calls = [(Call(e["method"], e["path"], self.user_of(e), e["body"], e["at_us"], e["status"], None), e) for e in log]
        effects = [Effect(e["kind"], e["remote_id"], call) for call, e in calls]
        self.assertEqual([], agree(self.db, effects, [call for call, _ in calls], text))

    @staticmethod
    def user_of(entry):
        return dict(entry["headers"])["Authorization"].partition("; user=")[2] or None

    def judge_bytes(self, log, text):
        """Without any JSON reader in between: the amounts of the CSV are the amounts of the wire."""
        sent = [AMOUNT.search(e["body"].encode())[2].decode() for e in log if e["kind"] == "cash_withdrawals"]
        wanted = [row["amount"] for row in csv_rows(text) if row["amount"]]
        self.assertEqual(sorted(wanted), sorted(sent))
        for amount in night.ODD_AMOUNTS:
            self.assertIn(amount, sent)

    def judge_headers(self, log):
        for entry in log:
            names = [name.lower() for name, _ in entry["headers"]]
            headers = {name.lower(): value for name, value in entry["headers"]}
            self.assertEqual(len(names), len(set(names)), f"a header twice: {entry['headers']}")
            self.assertRegex(headers["authorization"], rf"^{KEY}(; user=\d+)?$")
            self.assertEqual("2.1", headers["version"])
            self.assertIn("json", headers["content-type"])
            self.assertNotIn("expect", headers)
            self.assertNotIn("cookie", headers)
            self.assertEqual(str(len(entry["body"].encode())), headers["content-length"])

    def test_a_wrong_key_is_refused_at_the_first_request(self):
        self.write("payees.csv", make_payees(20, odd=night.ODD_AMOUNTS))
        self.write("other", "not-the-key-of-this-server\n", mode=0o600)
        ended = self.run_it("payees.csv", url=self.url, api_key_file="other", concurrency=1)
        self.assert_status(night.REFUSED, ended)
        self.assertEqual({"queued": 60}, self.states())
        self.assertEqual([401], [entry["status"] for entry in self.log()])
        self.assertIn("Invalid Api Key", ended.err)


if __name__ == "__main__":
    night.main()
