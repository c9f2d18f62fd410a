"""The key is in the file it came from and on the wire, and nowhere else: not in the database or its log, not in what is
said, not where ps or another process could see it; and the environment cannot lead it elsewhere."""
import base64
import contextlib
import json
import os
import socket
import sqlite3
import threading
import urllib.parse

import night
from night import NOT_FINAL, REFUSED, SOME_FAILED, SOME_IN_DOUBT, UNAVAILABLE, leaks, make_payees

CANARY = "CANARY+key/with=odd&signs%7f~0123456789"


class Secrets(night.Night):
    def setUp(self):
        super().setUp()
        self.write("key", CANARY + "\n", mode=0o600)
        self.seen = {}

    def keep(self, name, data):
        self.seen[name] = data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")

    def read(self, path):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(path, "rb") as f:
                return f.read()
        return b""

    def keep_files(self, when):
        """All that lies in the folder, but the key itself and the CSV."""
        for name in os.listdir(self.folder):
            if name not in ("key", "payees.csv"):
                self.keep(f"{when}: {name}", self.read(self.path(name)))

    def night_of(self, status, *options, payees=6, fault=None, text=None, **settings):
        """A run that is looked at while it goes and when it is over; its files are fresh."""
        self.forget()
        self.write("payees.csv", text or make_payees(payees))
        self.sandbox("--latency", "5..20", *(("--fault", fault) if fault else ()), *options)
        running = self.start("run", "payees.csv", "--verbose", *self.settings(concurrency=2, timeout="2s", **settings))
        self.wait_until(lambda: self.box.calls() or not running.is_running(), "something is sent")
        for name in "cmdline", "environ":
            self.keep(f"while it runs: {name}", self.read(f"/proc/{running.pid}/{name}"))
        self.keep_files("while it runs")
        ended = self.assert_status(status, running.wait())
        self.keep("stdout", ended.out)
        self.keep("stderr", ended.err)
        self.keep_files("after it")
        for args in (["status"], ["status", "--json"], ["show", "user-0000"], ["show", "user-0000", "--json"]):
            ended = self.remesa(*args)
            self.keep(" ".join(args), ended.out + ended.err)
        return self.found()

    def found(self):
        self.assertIn("while it runs: cmdline", self.seen)
        self.assertTrue(any(name.endswith("remesa.db-wal") and data for name, data in self.seen.items()), self.seen.keys())
        return [(name, hit) for name, data in self.seen.items() for hit in leaks(CANARY, data)]

    def test_a_good_night(self):
        self.assertEqual([], self.night_of(NOT_FINAL))
        self.assertGreater(len(self.box.effects()), 0, "the key did get there")

    def test_nights_that_go_wrong(self):
        for fault, status in (("POST *:commit-then-close:0.3", SOME_IN_DOUBT), ("POST *:500:0.3", SOME_IN_DOUBT),
                              ("POST *:half-answer:0.3", SOME_IN_DOUBT), ("* *:401:1", REFUSED),
                              ("* *:403-html:1", UNAVAILABLE), ("POST /cash_withdrawals:401:1", REFUSED)):
            with self.subTest(fault):
                self.assertEqual([], self.night_of(status, fault=fault, retry_limit=50 if status != UNAVAILABLE else 2))

    def test_a_night_with_refusals(self):
        text = make_payees(4).replace("pagos+0001@", "pagos+0000@")
        self.assertEqual([], self.night_of(SOME_FAILED, "--unique-emails", text=text))

    def test_a_key_that_the_server_does_not_know(self):
        self.forget()
        self.write("payees.csv", make_payees(2))
        self.sandbox()
        self.write("key", CANARY + "-changed\n", mode=0o600)
        ended = self.assert_status(REFUSED, self.run_it("payees.csv", "--verbose"))
        self.assertEqual([], leaks(CANARY, (ended.out + ended.err).encode()))

    def test_nobody_is_there(self):
        self.write("payees.csv", make_payees(2))
        self.sandbox()
        self.box.stop()
        ended = self.assert_status(UNAVAILABLE, self.run_it("payees.csv", "--verbose", retry_limit=3))
        self.keep_files("after it")
        self.assertEqual([], [n for n, data in self.seen.items() if leaks(CANARY, data)])
        self.assertEqual([], leaks(CANARY, (ended.out + ended.err).encode()))

    def test_the_scanner_finds_what_is_planted(self):
        self.assertEqual([], self.night_of(NOT_FINAL))
        self.assert_nothing_leaked()
        self.artefacts = lambda: []  # of the common scan at the end, which would find it too
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            db.execute("INSERT INTO inbox (ref, problem) VALUES (?, 'planted')", ("x" + CANARY,))
            db.commit()
            self.keep_files("planted")  # before a checkpoint moves it from the log into the database
            self.assertEqual({"planted: remesa.db-wal"}, {name for name, _ in self.found()})
        self.keep_files("planted later")
        self.assertIn("planted later: remesa.db", {name for name, _ in self.found()})

    def test_the_scanner_knows_every_dress(self):
        header = b"Authorization: " + CANARY.encode() + b"; user=1"
        for cut in range(3):
            self.assertTrue(leaks(CANARY, base64.b64encode(header[cut:])))
        for text in (CANARY, CANARY.encode().hex(), CANARY.encode().hex().upper(), urllib.parse.quote(CANARY),
                     urllib.parse.quote(CANARY, safe=""), urllib.parse.quote_plus(CANARY), json.dumps({"key": CANARY}),
                     "".join(f"%{b:02x}" for b in CANARY.encode())):
            self.assertTrue(leaks(CANARY, b"\0\1" + text.encode() + b"\xff"), text)
        self.assertEqual([], leaks(CANARY, b"CANARY" + b"key" + CANARY[:20].encode()))


class Listener:
    """Counts who calls."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.calls = 0
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.calls += 1
                connection.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)


class Environment(night.Night):
    def test_it_leads_nothing_elsewhere(self):
        proxy = Listener()
        self.addCleanup(proxy.close)
        self.write("payees.csv", make_payees(2))
        self.write(".netrc", "machine 127.0.0.1 login thief password x\n", mode=0o600)
        self.write(".curlrc", f"proxy = http://127.0.0.1:{proxy.port}\n")
        address = f"http://127.0.0.1:{proxy.port}"
        environment = {name: address for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                                  "ALL_PROXY")}
        environment.update({"SSLKEYLOGFILE": self.path("keylog"), "no_proxy": "", "NO_PROXY": ""})
        self.sandbox()
        self.assert_status(NOT_FINAL, self.run_it("payees.csv", env=environment))
        self.assertEqual(6, len(self.box.effects()))
        url = self.box.url.replace("http:", "https:")
        self.assert_status(UNAVAILABLE, self.run_it("payees.csv", env=environment, url=url, db="other.db", retry_limit=2))
        self.assertEqual(0, proxy.calls, "a proxy of the environment was contacted")
        self.assertFalse(os.path.exists(self.path("keylog")), "SSLKEYLOGFILE was obeyed")

    def test_the_listener_hears(self):
        """The check above can fail."""
        proxy = Listener()
        self.addCleanup(proxy.close)
        socket.create_connection(("127.0.0.1", proxy.port)).close()
        self.wait_until(lambda: proxy.calls == 1, "the call is counted", 10)


if __name__ == "__main__":
    night.main()
