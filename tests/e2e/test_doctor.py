"""What the doctor finds, and that it touches nothing; and --version."""
import contextlib
import os
import re
import resource
import shutil
import socket
import ssl
import sqlite3
import subprocess
import threading

import night
from night import NOT_FINAL, make_payees

PAYEES = 10


class Server:
    """Counts what is sent to it after a connection, and a TLS handshake, stands."""

    def __init__(self, context):
        self.context, self.bytes, self.shaken = context, 0, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while True:
            try:
                plain, _ = self.socket.accept()
            except OSError:
                return
            with plain:
                plain.settimeout(night.PATIENCE)
                with contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True) as tls:
                    self.shaken += 1
                    self.bytes += len(tls.recv(1000))

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(night.PATIENCE)


class Case(night.Night):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o700)
        self.write("payees.csv", make_payees(PAYEES))
        self.sandbox()

    def doctor(self, *options, **changed):
        """{what: (well, text)} and the exit status."""
        ended = self.remesa("doctor", *options, *self.settings(**changed))
        found = {}
        for line in ended.out.splitlines():
            well, what, text = re.fullmatch(r"(ok|BAD) +(\S+) +(.*)", line).groups()
            found[what] = (well == "ok", text)
        self.assertEqual(any(not well for well, _ in found.values()), ended.status == 1, ended)
        return found

    def assert_bad(self, found, what, words):
        self.assertEqual({what}, {w for w, (well, _) in found.items() if not well}, found)
        self.assertIn(words, found[what][1])


class Doctor(Case):
    def files(self):
        """Readers of SQLite leave an empty log and its index."""
        return [n for n in sorted(os.listdir(self.folder)) if n[-4:] not in ("-shm", "-wal")]

    def test_all_is_well_before_and_after_a_run_and_nothing_is_left(self):
        for _ in range(2):
            before = self.files()
            found = self.doctor()
            self.assertTrue(all(well for well, _ in found.values()), found)
            self.assertLessEqual({"libraries", "settings", "key", "database", "clock", "pragmas", "disk"}, set(found))
            self.assertIn("mode 0600", found["key"][1])
            self.assertIn("synchronous=FULL", found["pragmas"][1])
            self.assertEqual(sqlite3.sqlite_version_info < (3, 51, 3), "sqlite" in found)
            self.assertEqual(before, self.files())
            self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.assertEqual(3 * PAYEES, len(self.box.calls()))

    def test_a_key_that_cannot_be_locked_in_memory_is_told_and_stops_nothing(self):
        self.share()
        for name in "key", "payees.csv":
            shutil.chown(self.path(name), "daemon")
        none = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))}
        locked, ended = (self.remesa_as("daemon", "doctor", *self.settings(), **more) for more in ({}, none))
        self.assertNotRegex(locked.out, "(?m)^ok +memory ")
        self.assertRegex(ended.out, "(?m)^ok +memory +the key cannot be locked in memory.*LimitMEMLOCK")
        self.assertEqual(locked.status, ended.status, "it is a remark")
        self.assert_status(NOT_FINAL, self.remesa_as("daemon", "run", "payees.csv", *self.settings(), **none))
        self.assertEqual(3 * PAYEES, len(self.box.calls()))

    def test_each_thing_that_is_wrong_is_named(self):
        self.assert_status(NOT_FINAL, self.run_it("payees.csv"))
        self.write("remesa.db-mark.new", "")
        self.assert_bad(self.doctor(), "leftover", "remesa.db-mark.new")
        os.unlink(self.path("remesa.db-mark.new"))
        self.write("x.prom.new", "")
        self.assert_bad(self.doctor(metrics_file="x.prom"), "leftover", "x.prom.new")
        os.mkdir(self.path("open"))
        self.write("open/key", night.KEY, mode=0o600)
        os.chmod(self.path("open"), 0o777)
        self.assert_bad(self.doctor(api_key_file="open/key"), "key", "chmod go-w open")
        os.chmod(self.path("open"), 0o1777)
        self.assertTrue(self.doctor(api_key_file="open/key")["key"][0])
        os.chmod(self.folder, 0o770)
        found = self.doctor()
        self.assertEqual((False, False), (found["folder"][0], found["key"][0]), found)
        os.chmod(self.folder, 0o700)
        with contextlib.closing(sqlite3.connect(self.db)) as db, db:
            db.execute("UPDATE run SET ended_at = ended_at + 3600000")
        self.assert_bad(self.doctor(), "clock", "went back")

    def test_a_run_that_was_killed_and_one_that_works_are_told_apart(self):
        self.sandbox("--latency", "3000..4000")
        running = self.start("run", "payees.csv", *self.settings())
        self.wait_until(lambda: self.box.rows("SELECT count(*) FROM request")[0][0], "a request is under way")
        found = self.doctor()
        self.assertTrue(found["lock"][0])
        self.assertIn(f"process {running.pid}", found["lock"][1])
        self.assertNotIn("attempts", found)
        running.kill()
        found = self.doctor()
        self.assertNotIn("lock", found)
        self.assert_bad(found, "attempts", "no run works")
        self.assertIn("never remove it", found["log"][1])


class Reach(Case):
    def test_it_connects_and_sends_nothing(self):
        calls = self.box.stats()
        self.assertNotIn("reach", self.doctor())
        well, text = self.doctor("--reach")["reach"]
        self.assertTrue(well)
        self.assertIn("nothing was sent", text)
        self.assertEqual(0, self.box.rows("SELECT count(*) FROM request")[0][0], calls)
        url = self.box.url
        self.box.stop()
        self.assert_bad(self.doctor("--reach", url=url), "reach", url)

    def test_tls_is_checked_as_in_a_run(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", self.path("tls.key"), "-out", self.path("tls.pem")],
                       check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("tls.pem"), self.path("tls.key"))
        server = Server(context)
        self.addCleanup(server.close)
        url = f"https://localhost:{server.port}/api"
        self.assertTrue(self.doctor("--reach", url=url, ca_file="tls.pem")["reach"][0])
        self.assert_bad(self.doctor("--reach", url=url), "reach", "certificate")
        self.assert_bad(self.doctor("--reach", url=url.replace("localhost", "127.0.0.1"), ca_file="tls.pem"), "reach", "127.0.0.1")
        self.assertEqual((True, 0), (server.shaken > 0, server.bytes))


class Version(Case):
    def test_it_names_what_it_runs_with_and_what_it_was_built_with(self):
        for word in "--version", "version":
            first, libraries = self.assert_status(0, self.remesa(word)).out.splitlines()
            self.assertRegex(first, r"^remesa \d+\.\d+\.\d+$")
            for name in "libcurl", "libuv", "SQLite", "cJSON":
                self.assertRegex(libraries, rf"\b{name} \d+\.\d+\.\d+ \(built with \d+\.\d+\.\d+[);]")
        self.assertIn(f"SQLite {sqlite3.sqlite_version} ", libraries)


if __name__ == "__main__":
    night.main()
