"""Drives the running remesa-sandbox over real sockets: what a client sees, and what the ledger says.

usage: test_program.py PATH-OF-remesa-sandbox [unittest options]
"""
import http.client
import json
import os
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = sys.argv.pop(1) if len(sys.argv) > 1 else ""
KEY = "0123456789abcdef"
NOT_FOUND = {"errors": [{"code": None, "detail": None}]}
USER = {"data": {"type": "users", "attributes": {"email": "user+1@payer.example"}}}


class Sandbox:
    """One running program, with a ledger in a folder of its own."""

    def __init__(self, folder, *options):
        self.ledger = os.path.join(folder, "ledger.db")
        port_file = os.path.join(folder, "port")
        self.process = subprocess.Popen(
            [PROGRAM, "--ledger", self.ledger, "--port-file", port_file, "--max-seconds", "60", "--quiet",
             *options], stdout=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        with open(port_file) as f:
            self.port = int(f.read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        code = self.stop(signal.SIGTERM)
        if code != 0:  # a sanitizer's complaint, too
            raise AssertionError(f"the sandbox ended with {code}")

    def stop(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self.rest = self.process.stdout.read()
        self.process.stdout.close()
        return code

    def ask(self, method, path, document=None, user=None, key=KEY, headers=None):
        """Status, headers and parsed body, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            return ask_on(connection, method, path, document, user, key, headers)
        finally:
            connection.close()

    def raw(self, data, timeout=10.0):
        """All bytes up to the end of the connection, and how that came: "end", "reset" or "silence"."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.sendall(data)
            return read_all(s)

    def rows(self, text, *values):
        with sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True) as db:
            result = db.execute(text, values).fetchall()
        db.close()
        return result

    def effects(self):
        return self.rows("SELECT count(*) FROM effect")[0][0]


def ask_on(connection, method, path, document=None, user=None, key=KEY, headers=None):
    sent = {"Content-Type": "application/vnd.api+json"}
    if key:
        sent["Authorization"] = key if user is None else f"{key}; user={user}"
    sent.update(headers or {})
    body = document if isinstance(document, (str, bytes)) or document is None else json.dumps(document)
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    text = answer.read().decode()
    if "json" in answer.headers.get("Content-Type", ""):
        text = json.loads(text, parse_float=str, parse_int=int)
    return answer.status, answer.headers, text


def read_all(s):
    got = b""
    try:
        while piece := s.recv(65536):
            got += piece
        return got, "end"
    except ConnectionResetError:
        return got, "reset"
    except socket.timeout:
        return got, "silence"


def request_bytes(method, path, document=None, extra=""):
    body = json.dumps(document).encode() if document is not None else b""
    head = (f"{method} {path} HTTP/1.1\r\nHost: a\r\nAuthorization: {KEY}\r\n{extra}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def payout(kind, instruction=None, **attributes):
    data = {"type": kind, "attributes": attributes}
    if instruction:
        data["relationships"] = {"withdrawal_instruction": {"data": {"id": instruction}}}
    return {"data": data}


class Case(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = self.temporary.name
        self.addCleanup(self.temporary.cleanup)

    def sandbox(self, *options):
        return Sandbox(self.folder, "--rate", "0", *options)

    def assert_status(self, want, answer):
        self.assertEqual(want, answer[0], answer[2])
        return answer[2]


class Life(Case):
    def test_it_says_one_line_and_ends_on_a_signal(self):
        for number in signal.SIGTERM, signal.SIGINT:
            box = self.sandbox()
            self.assertEqual(f"listening on http://127.0.0.1:{box.port}/api\n", box.line)
            held = socket.create_connection(("127.0.0.1", box.port))
            self.assertEqual(0, box.stop(number))
            self.assertEqual("", box.rest)
            held.close()
        self.assertEqual(["ledger.db", "port"], sorted(os.listdir(self.folder)))

    def test_it_listens_on_loopback_only(self):
        with self.sandbox() as box:
            with open("/proc/net/tcp") as f:
                rows = [line.split()[1] for line in f if line.split()[3] == "0A"]
            self.assertIn(f"0100007F:{box.port:04X}", rows)
            self.assertNotIn(f"00000000:{box.port:04X}", rows)

    def test_it_ends_by_itself(self):
        started = time.monotonic()
        done = subprocess.run([PROGRAM, "--max-seconds", "1"], stdout=subprocess.PIPE, timeout=20)
        self.assertEqual(0, done.returncode)
        self.assertGreaterEqual(time.monotonic() - started, 1.0)

    def test_it_explains_itself_and_refuses_nonsense(self):
        def run(*options):
            done = subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=20)
            return done.returncode, done.stdout, done.stderr
        self.assertIn("commit-then-close", run("--help")[1])
        self.assertRegex(run("--version")[1], r"^remesa-sandbox \d+\.\d+\.\d+\n$")
        self.assertEqual(64, run("--nonsense")[0])
        self.assertIn("no fault \"boom\"", run("--fault", "GET /users:boom:1")[2])
        with self.sandbox() as box:
            self.assertEqual(69, run("--port", str(box.port))[0])
        other = os.path.join(self.folder, "other.db")
        with sqlite3.connect(other) as db:
            db.execute("CREATE TABLE job(id)")
        self.assertEqual(65, run("--ledger", other)[0])

    def test_a_killed_one_goes_on_where_it_was(self):
        box = self.sandbox()
        for i in range(20):
            self.assert_status(200, box.ask("POST", "/api/users", USER))
        box.process.kill()
        box.stop(signal.SIGKILL)
        self.assertEqual(20, box.effects())
        with self.sandbox() as box:
            body = self.assert_status(200, box.ask("POST", "/api/users", USER))
            self.assertEqual("614", body["data"]["id"])
            users = self.assert_status(200, box.ask("GET", "/api/users"))["data"]
            self.assertEqual([str(594 + i) for i in range(21)], [u["id"] for u in users])
            ids = [row[0] for row in box.rows("SELECT x_request_id FROM request")]
            self.assertEqual(len(ids), len(set(ids)))

    def test_states_go_on_where_they_were(self):
        half, seed = "/_sandbox/advance?ms=1800000", {"data": {"type": "phone_seeds"}}

        def state(box):
            return self.assert_status(200, box.ask("GET", "/api/issues/4101"))["data"]["attributes"]["state"]

        with self.sandbox("--approve-after", "1h") as box:
            self.assert_status(200, box.ask("POST", "/api/users", USER))
            self.assert_status(201, box.ask("POST", "/api/phone_seeds", seed, user=594))
            self.assert_status(200, box.ask("POST", "/api/issues/current/complete", user=594))
            self.assert_status(200, box.ask("POST", half))
            self.assertEqual("new", state(box))
        with self.sandbox("--approve-after", "1h") as box:
            self.assertEqual("new", state(box))
            self.assert_status(200, box.ask("POST", half))
            self.assertEqual("approved", state(box))


class Wire(Case):
    def test_a_connection_serves_many(self):
        with self.sandbox() as box:
            connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=10)
            connection.connect()
            first = connection.sock
            for _ in range(50):
                self.assert_status(200, ask_on(connection, "GET", "/api/users"))
                self.assertIs(first, connection.sock)
            connection.close()

    def test_pipelined_ones_are_answered_in_order(self):
        with self.sandbox() as box:
            got, end = box.raw(request_bytes("POST", "/api/users", USER) + request_bytes("GET", "/api/users/594") +
                               request_bytes("GET", "/api/users/1", extra="Connection: close\r\n"))
            self.assertEqual("end", end)
            answers = [part[:3] for part in got.split(b"HTTP/1.1 ")[1:]]
            self.assertEqual([b"200", b"200", b"404"], answers)

    def test_a_request_may_come_byte_by_byte(self):
        with self.sandbox() as box:
            with socket.create_connection(("127.0.0.1", box.port), timeout=10) as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for byte in request_bytes("POST", "/api/users", USER):
                    s.sendall(bytes([byte]))
                self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n"))

    def test_a_body_may_come_in_chunks_or_after_continue(self):
        with self.sandbox() as box:
            body = json.dumps(USER).encode()
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + 9]), body[i:i + 9]) for i in range(0, len(body), 9))
            head = (f"POST /api/users HTTP/1.1\r\nHost: a\r\nAuthorization: {KEY}\r\nConnection: close\r\n"
                    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
            got, _ = box.raw(head + chunks + b"0\r\n\r\n")
            self.assertTrue(got.startswith(b"HTTP/1.1 200"), got)
            with socket.create_connection(("127.0.0.1", box.port), timeout=10) as s:
                data = request_bytes("POST", "/api/users", USER, "Expect: 100-continue\r\n")
                head, body = data.split(b"\r\n\r\n", 1)
                s.sendall(head + b"\r\n\r\n")
                self.assertEqual(b"HTTP/1.1 100 Continue\r\n\r\n", s.recv(65536))
                s.sendall(body)
                self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 200"))
            self.assertEqual(2, box.effects())

    def test_a_bad_request_is_told_and_closed(self):
        with self.sandbox() as box:
            for data, status in ((b"nonsense\r\n\r\n", b"400"),
                                 (b"GET /api/users HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\n"
                                  b"Authorization: b\r\n\r\n", b"400"),
                                 (b"GET /api/users HTTP/1.1\nHost: a\n\n", b"400"),
                                 (b"POST /api/users HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n"
                                  + b"x" * 300000, b"413")):
                got, end = box.raw(data)
                self.assertEqual((status, "end"), (got.split(b" ")[1], end), got)
                self.assertIn(b"<html>", got)
            self.assertEqual([(400, 3), (413, 1)],
                             box.rows("SELECT status, count(*) FROM request GROUP BY 1 ORDER BY 1"))

    def test_half_a_request_is_none(self):
        with self.sandbox() as box:
            whole = request_bytes("POST", "/api/users", USER)
            with socket.create_connection(("127.0.0.1", box.port), timeout=10) as s:
                s.sendall(whole[:-1])
            self.assert_status(200, box.ask("GET", "/api/users"))
            self.assertEqual(0, box.effects())

    def test_a_client_that_only_closes_its_side_gets_its_answer(self):
        with self.sandbox() as box:
            with socket.create_connection(("127.0.0.1", box.port), timeout=10) as s:
                s.sendall(request_bytes("POST", "/api/users", USER))
                s.shutdown(socket.SHUT_WR)
                got, end = read_all(s)
            self.assertTrue(got.startswith(b"HTTP/1.1 200"), got)
            self.assertEqual("end", end)

    def test_the_end_of_a_client_read_with_its_request_is_no_end_of_its_answer(self):
        """The program reads 64 kB at a time and looks for more at once when all came: then it sees both together."""
        with self.sandbox() as box:
            pad, data = 0, b""
            while len(data) != 65536:  # the length of Content-Length's number counts too
                pad += 65536 - len(data) if data else 60000
                data = request_bytes("POST", "/api/users", {"data": {"type": "users", "attributes": {"pad": pad * "x"}}})
            with socket.create_connection(("127.0.0.1", box.port), timeout=10) as s:
                time.sleep(0.1)
                box.process.send_signal(signal.SIGSTOP)
                s.sendall(data)
                s.shutdown(socket.SHUT_WR)
                box.process.send_signal(signal.SIGCONT)
                got, end = read_all(s)
            self.assertEqual((b"HTTP/1.1 200", "end", 1), (got[:12], end, box.effects()))

    def test_headers_are_those_of_the_api(self):
        with self.sandbox("--seed", "5") as box:
            _, headers, _ = box.ask("POST", "/api/users", USER)
            self.assertEqual("application/vnd.api+json; charset=utf-8", headers["Content-Type"])
            self.assertEqual("max-age=0, private, must-revalidate", headers["Cache-Control"])
            self.assertRegex(headers["X-Request-Id"], r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
            self.assertRegex(headers["X-Runtime"], r"^\d+\.\d{6}$")
            self.assertRegex(headers["Date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
            self.assertNotIn("Retry-After", headers)
            self.assertEqual("no-cache", box.ask("GET", "/api/users/1")[1]["Cache-Control"])
            first = headers["X-Request-Id"]
            self.assertEqual([(first,)], box.rows("SELECT x_request_id FROM request WHERE id=1"))
        os.unlink(box.ledger)
        with self.sandbox("--seed", "5") as box:
            self.assertEqual(first, box.ask("POST", "/api/users", USER)[1]["X-Request-Id"])

    def test_many_clients_at_once_lose_nothing(self):
        def work(number):
            connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=20)
            for i in range(20):
                ask_on(connection, "POST", "/api/users",
                       {"data": {"type": "users", "attributes": {"email": f"u{number}.{i}@x.example"}}})
            connection.close()
        with self.sandbox() as box:
            threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual([(400, 400, 400)],
                             box.rows("SELECT count(*), count(DISTINCT resource_id), count(DISTINCT reference) FROM effect"))


class Story(Case):
    def test_a_payee_is_paid(self):
        with self.sandbox("--settle-after", "0.6") as box:
            user = self.assert_status(200, box.ask("POST", "/api/users", USER))["data"]
            self.assertEqual("594", user["id"])
            self.assertEqual("user+1@payer.example", user["attributes"]["name"])
            label = "fila-1 <ñ>"
            instruction = self.assert_status(200, box.ask("POST", "/api/withdrawal_instructions/", {
                "data": {"type": "withdrawal_instructions",
                         "attributes": {"label": label, "body": {"cbu": "001", "n": [1]}, "other": 1}}}, "594"))["data"]
            self.assertEqual({"label": label, "schema": "bitex", "body": {"cbu": "001", "n": [1]}},
                             instruction["attributes"])
            body = '{"data":{"type":"cash_withdrawals","attributes":{"amount":1234567.10,"fiat_code":"ars"},' \
                   '"relationships":{"withdrawal_instruction":{"data":{"id":%s}}}}}' % instruction["id"]
            paid = self.assert_status(200, box.ask("POST", "/api/cash_withdrawals", body, "594"))
            self.assertEqual(("received", "1234567.1", label),
                             tuple(paid["data"]["attributes"][k] for k in ("status", "amount", "label")))
            self.assertEqual(instruction["id"], paid["included"][0]["id"])
            late = self.assert_status(200, box.ask("POST", "/api/coin_withdrawals", payout(
                "coin_withdrawals", amount="0.13", coin_code="btc", to_addresses="m", label="x"), "594"))["data"]
            cash, coin = f"/api/cash_withdrawals/{paid['data']['id']}", f"/api/coin_withdrawals/{late['id']}"

            def statuses():
                return tuple(box.ask("GET", path, user="594")[2]["data"]["attributes"]["status"] for path in (cash, coin))
            seen = [("received", "received")]
            until = time.monotonic() + 5
            while seen[-1] != ("settled", "cancelled") and time.monotonic() < until:
                now = statuses()
                if now != seen[-1]:
                    seen.append(now)
                time.sleep(0.02)
            order = {"received": 0, "pending": 1, "settled": 2, "cancelled": 2}
            self.assertEqual(("settled", "cancelled"), seen[-1])
            for one in zip(*seen):
                self.assertEqual(sorted(order[s] for s in one), [order[s] for s in one])
                self.assertIn("pending", one)
            self.assertEqual([("users", "594", None, "user+1@payer.example", None, None),
                              ("withdrawal_instructions", "2071", "594", label, None, None),
                              ("cash_withdrawals", "31207", "594", label, "1234567.10", "ars"),
                              ("coin_withdrawals", "8812", "594", "x", "0.13", "btc")],
                             box.rows("SELECT kind, resource_id, user_id, reference, amount, currency FROM effect"))
            self.assertEqual(body, box.rows("SELECT r.body FROM request r JOIN effect e ON e.request_id=r.id "
                                            "WHERE e.kind='cash_withdrawals'")[0][0])

    def test_a_person_sees_what_is_his(self):
        with self.sandbox() as box:
            for _ in range(2):
                box.ask("POST", "/api/users", USER)
            for user in "594", "594", "595":
                box.ask("POST", "/api/coin_withdrawals",
                        payout("coin_withdrawals", amount=1, coin_code="btc", to_addresses="m"), user)

            def ids(path, user):
                return [row["id"] for row in self.assert_status(200, box.ask("GET", path, user=user))["data"]]
            self.assertEqual(["8812", "8813"], ids("/api/coin_withdrawals", "594"))
            self.assertEqual(["8814"], ids("/api/coin_withdrawals/", "595"))
            self.assertEqual([], ids("/api/coin_withdrawals", None))
            self.assertEqual(NOT_FOUND, self.assert_status(404, box.ask("GET", "/api/coin_withdrawals/8814", user="594")))
            self.assertEqual(NOT_FOUND, self.assert_status(404, box.ask("GET", "/api/users/me", user="77")))
            self.assertEqual(["8812", "8813"], ids("/api/coin_withdrawals?filter%5Bfrom%5D=2020-01-01&x=y", "594"))
            self.assertEqual([], ids("/api/coin_withdrawals?filter[from]=2999-12-31", "594"))
            today, tomorrow = (time.strftime("%Y-%m-%d", time.gmtime(time.time() + d * 86400)) for d in (0, 1))
            self.assertEqual(2, len(ids(f"/api/coin_withdrawals?filter[from]={today}", "594")))
            self.assertEqual(0, len(ids(f"/api/coin_withdrawals?filter[from]={tomorrow}", "594")))

    def test_the_key_of_the_file_is_the_only_one(self):
        key_file = os.path.join(self.folder, "key")
        with open(key_file, "w") as f:
            f.write("the-master-key \nanother-key\n")
        with self.sandbox("--key-file", key_file) as box:
            self.assert_status(200, box.ask("POST", "/api/users", USER, key="the-master-key"))
            self.assert_status(200, box.ask("GET", "/api/users/me", key="the-master-key ;user=594"))
            self.assertEqual({"error": "Invalid Api Key"}, self.assert_status(401, box.ask("POST", "/api/users", USER)))
            self.assertIn("sesión", self.assert_status(401, box.ask("POST", "/api/users", USER, key=None))["error"])
            self.assertEqual([(1, "594"), (0, None)], box.rows(
                "SELECT authorization_ok, user_id FROM request WHERE id IN (2, 3) ORDER BY id"))
        with open(box.ledger, "rb") as f:
            self.assertNotIn(b"the-master-key", f.read())

    def test_mails_may_be_unique(self):
        with self.sandbox("--unique-emails") as box:
            self.assert_status(200, box.ask("POST", "/api/users", USER))
            errors = self.assert_status(422, box.ask("POST", "/api/users", USER))["errors"]
            self.assertEqual([(422, "ya está en uso", "ya_esta_en_uso", "/data/attributes/email")],
                             [(e["status"], e["title"], e["code"], e["source"]["pointer"]) for e in errors])
            self.assertEqual(1, box.effects())

    def test_a_malformed_type_is_a_page(self):
        with self.sandbox() as box:
            status, headers, text = box.ask("POST", "/api/users", '{"data":{"type":"users","attributes":{"email":[]}}}')
            self.assertEqual((500, "text/html; charset=UTF-8"), (status, headers["Content-Type"]))
            self.assertIn("<html>", text)


class Pace(Case):
    def test_the_sixth_in_a_second_is_too_many(self):
        with Sandbox(self.folder) as box:
            one = request_bytes("POST", "/api/users", USER)
            got, end = box.raw(7 * one + request_bytes("POST", "/api/users", USER, "Connection: close\r\n"))
            answers = got.split(b"HTTP/1.1 ")[1:]
            self.assertEqual("end", end)
            self.assertEqual([b"200"] * 5 + [b"429"] * 3, [a[:3] for a in answers])
            head, body = answers[7].split(b"\r\n\r\n")
            self.assertEqual({"errors": [{"status": 429, "title": "Too Many Requests", "code": "too_many_requests"}]},
                             json.loads(body))
            self.assertNotIn(b"Retry-After", head)
            self.assertEqual(5, box.effects())
            time.sleep(1.05)
            self.assert_status(200, box.ask("POST", "/api/users", USER))
            stats = box.ask("GET", "/_sandbox/stats", key=None)[2]
            self.assertEqual((9, 5, 8, 3, 3, 6), (
                stats["requests"]["POST /users"], stats["peak_accepted_per_second"],
                stats["peak_arrivals_per_second"], stats["count_429"], stats["count_429_by_limit"],
                stats["effects"]["users"]))

    def test_a_restart_forgets_no_request(self):
        box = Sandbox(self.folder, "--burst-window", "10000", "--rate", "1")
        for _ in range(7):
            self.assert_status(200, box.ask("GET", "/api/users"))
        box.stop(signal.SIGTERM)
        with Sandbox(self.folder, "--burst-window", "10000", "--rate", "1") as box:
            self.assertEqual([200, 200, 200, 429], [box.ask("GET", "/api/users")[0] for _ in range(4)])

    def test_answers_may_take_their_time(self):
        with self.sandbox("--latency", "150..200") as box:
            started = time.monotonic()
            self.assert_status(200, box.ask("POST", "/api/users", USER))
            self.assertGreaterEqual(time.monotonic() - started, 0.149)
            status = time.monotonic()
            box.ask("GET", "/_sandbox/stats")
            self.assertLess(time.monotonic() - status, 0.14)

    def test_the_ledger_can_be_asked(self):
        with self.sandbox() as box:
            box.ask("POST", "/api/users", USER)
            effects = self.assert_status(200, box.ask("GET", "/_sandbox/ledger", key=None))
            self.assertEqual(1, len(effects))
            self.assertEqual("user+1@payer.example", effects[0]["body"]["attributes"]["email"])
            self.assertEqual(["id", "request_id", "kind", "resource_id", "user_id", "reference", "amount", "currency",
                              "body"], list(effects[0]))
            self.assertEqual([(1,)], box.rows("SELECT count(*) FROM request"))


class Faults(Case):
    def post_with(self, fault, timeout=10.0):
        """What a client gets for a POST /users under a fault; then the effects, and the row of the request."""
        with tempfile.TemporaryDirectory() as folder:
            with Sandbox(folder, "--rate", "0", "--fault", f"POST /users:{fault}") as box:
                got, end = box.raw(request_bytes("POST", "/api/users", USER, "Connection: close\r\n"), timeout)
                row = box.rows("SELECT status, fault, body FROM request")
                self.assertEqual(json.dumps(USER), row[0][2])
                self.assertEqual(fault.split(":")[0], row[0][1])
                self.assert_status(200, box.ask("GET", "/api/users"))
                return got, end, box.effects(), row[0][0]

    def split(self, got):
        head, body = got.split(b"\r\n\r\n", 1)
        fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
        return int(head.split(b" ")[1]), fields, body

    def test_answers_that_never_come(self):
        for fault, end, effects, status in (("commit-then-close:1", "end", 1, 200),
                                            ("commit-then-reset:1", "reset", 1, 200),
                                            ("commit-then-hang:1", "silence", 1, 200),
                                            ("close-before-commit:1", "end", 0, None),
                                            ("reset-before-commit:1", "reset", 0, None)):
            with self.subTest(fault):
                self.assertEqual((b"", end, effects, status), self.post_with(fault, 0.5))

    def test_answers_that_are_cut(self):
        got, end, effects, _ = self.post_with("half-answer:1")
        status, fields, body = self.split(got)
        self.assertEqual((200, "end", 1, int(fields[b"Content-Length"]) // 2), (status, end, effects, len(body)))
        got, end, effects, _ = self.post_with("wrong-length:1")
        status, fields, body = self.split(got)
        self.assertEqual((200, "end", 1, int(fields[b"Content-Length"])), (status, end, effects, len(body)))
        self.assertRaises(ValueError, json.loads, body)
        got, end, effects, _ = self.post_with("wrong-length:1:long", 0.5)
        status, fields, body = self.split(got)
        self.assertEqual((200, "silence", 1), (status, end, effects))
        self.assertGreater(int(fields[b"Content-Length"]), len(body))
        self.assertEqual("594", json.loads(body)["data"]["id"])

    def test_a_cut_answer_without_body_is_cut_in_its_head(self):
        with self.sandbox("--fault", "DELETE *:half-answer:1") as box:
            box.ask("POST", "/api/withdrawal_instructions", payout("withdrawal_instructions", label="x"))
            got, end = box.raw(request_bytes("DELETE", "/api/withdrawal_instructions/2071"))
            self.assertTrue(got.startswith(b"HTTP/1.1 204"), got)
            self.assertNotIn(b"\r\n\r\n", got)
            self.assertEqual("end", end)
            self.assert_status(404, box.ask("GET", "/api/withdrawal_instructions/2071"))

    def test_answers_that_are_others(self):
        for fault, status, effects, kind, retry in (("500:1", 500, 0, b"text/html", None),
                                                    ("500-after-commit:1", 500, 1, b"text/html", None),
                                                    ("502-html:1", 502, 0, b"text/html", None),
                                                    ("403-html:1", 403, 0, b"text/html", None),
                                                    ("401:1", 401, 0, b"application/vnd.api+json", None),
                                                    ("429:1", 429, 0, b"application/vnd.api+json", None),
                                                    ("429:1:none", 429, 0, b"application/vnd.api+json", None),
                                                    ("429:1:17", 429, 0, b"application/vnd.api+json", b"17"),
                                                    ("429:1:date", 429, 0, b"application/vnd.api+json", b" GMT")):
            with self.subTest(fault):
                got, end, effects_seen, row = self.post_with(fault)
                seen, fields, body = self.split(got)
                self.assertEqual((status, "end", effects, status), (seen, end, effects_seen, row))
                self.assertEqual(int(fields[b"Content-Length"]), len(body))
                self.assertTrue(fields[b"Content-Type"].startswith(kind))
                self.assertEqual(retry, (fields.get(b"Retry-After") or b"")[-len(retry):] if retry
                                 else fields.get(b"Retry-After"))

    def watch(self, fault, hang_up):
        """Effects shortly after the request, and at the end; how long the answer took."""
        with tempfile.TemporaryDirectory() as folder:
            with Sandbox(folder, "--rate", "0", "--fault", f"POST /users:{fault}:1:600") as box:
                with socket.create_connection(("127.0.0.1", box.port), timeout=10) as s:
                    started = time.monotonic()
                    s.sendall(request_bytes("POST", "/api/users", USER))
                    time.sleep(0.2)
                    early = box.effects()
                    if hang_up:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        s.close()
                        time.sleep(0.8)
                    else:
                        self.assertTrue(s.recv(65536).startswith(b"HTTP/1.1 200"))
                    took = time.monotonic() - started
                return early, box.effects(), took

    def test_slow_ones_take_effect_early_or_late(self):
        for fault, early_wanted in (("slow", 1), ("slow-commit", 0)):
            for hang_up in False, True:
                with self.subTest(fault=fault, hang_up=hang_up):
                    early, late, took = self.watch(fault, hang_up)
                    self.assertEqual((early_wanted, 1), (early, late))
                    self.assertGreaterEqual(took, 0.59)

    def test_lists_may_lag_or_be_short(self):
        with self.sandbox("--fault", "GET /users:late-list:x1:60000", "--fault", "GET /users:cut-list:x1:1") as box:
            for _ in range(3):
                box.ask("POST", "/api/users", USER)
            self.assertEqual([0, 1, 3], [len(box.ask("GET", "/api/users")[2]["data"]) for _ in range(3)])

    def test_luck_is_the_seed_s(self):
        patterns = []
        for seed in "1", "1", "2":
            with tempfile.TemporaryDirectory() as folder:
                with Sandbox(folder, "--rate", "0", "--seed", seed, "--fault", "* *:500:0.5") as box:
                    connection = http.client.HTTPConnection("127.0.0.1", box.port, timeout=10)
                    patterns.append([ask_on(connection, "GET", "/api/users")[0] for _ in range(40)])
                    connection.close()
        self.assertEqual(patterns[0], patterns[1])
        self.assertNotEqual(patterns[0], patterns[2])
        self.assertEqual({200, 500}, set(patterns[0]))

    def test_a_fault_needs_no_key_and_wastes_no_pace(self):
        with Sandbox(self.folder, "--fault", "POST /users:reset-before-commit:1") as box:
            for _ in range(5):
                self.assertEqual((b"", "reset"), box.raw(request_bytes("POST", "/api/users", USER)))
            self.assertEqual(429, box.ask("GET", "/api/users")[0])


class Late(Case):
    """Effects after the client was left without an answer."""

    def wait_for_effects(self, box, wanted, seconds=5):
        end = time.monotonic() + seconds
        while box.effects() < wanted and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(wanted, box.effects())

    def test_after_a_while(self):
        for argument, end in ("400", "end"), ("400,hang", "silence"):
            with self.subTest(argument), tempfile.TemporaryDirectory() as folder:
                with Sandbox(folder, "--rate", "0", "--fault", f"POST /users:late-apply:1:{argument}") as box:
                    started = time.monotonic()
                    self.assertEqual((b"", end), box.raw(request_bytes("POST", "/api/users", USER), 0.1))
                    self.assertEqual(0, box.effects())
                    self.assertEqual([(None, "late-apply")], box.rows("SELECT status, fault FROM request"))
                    self.wait_for_effects(box, 1)
                    self.assertGreaterEqual(time.monotonic() - started, 0.4)
                    self.assertEqual([(200, "user+1@payer.example")], box.rows(
                        "SELECT r.status, e.reference FROM effect e JOIN request r ON r.id = e.request_id"))

    def test_many_in_the_order_of_their_time(self):
        rules = [rule for i in range(5) for rule in ("--fault", f"POST /users:late-apply:x1:{900 - 150 * i}")]
        with self.sandbox(*rules) as box:
            for _ in range(5):
                box.raw(request_bytes("POST", "/api/users", USER))
            self.wait_for_effects(box, 5)
            self.assertEqual([(5,), (4,), (3,), (2,), (1,)], box.rows("SELECT request_id FROM effect ORDER BY id"))

    def test_after_a_negative_look(self):
        for argument, looks in ("", 1), (":2", 2), (":hang", 1):
            with self.subTest(argument), tempfile.TemporaryDirectory() as folder:
                rule = f"POST /users:late-apply-after-list:1{argument}"
                with Sandbox(folder, "--rate", "0", "--fault", rule) as box:
                    box.raw(request_bytes("POST", "/api/users", USER), 0.1)
                    for _ in range(looks):
                        time.sleep(0.05)
                        self.assertEqual(0, box.effects())
                        self.assertEqual([], box.ask("GET", "/api/users")[2]["data"])
                    self.wait_for_effects(box, 1)
                    self.assertEqual(["594"], [row["id"] for row in box.ask("GET", "/api/users")[2]["data"]])

    def test_what_still_waits_at_the_end_never_happens(self):
        with self.sandbox("--fault", "POST /users:late-apply:x1:60000", "--fault", "POST *:late-apply-after-list:1") as box:
            for _ in range(2):
                box.raw(request_bytes("POST", "/api/users", USER))
            self.assertEqual(0, box.effects())
        self.assertEqual(0, box.effects())
        with self.sandbox() as box:
            self.assertEqual([], box.ask("GET", "/api/users")[2]["data"])


class Lies(Case):
    def coin(self, rule):
        """The answer to a coin withdrawal under a fault, the effects, and what the list shows of it."""
        document = payout("coin_withdrawals", amount=1.5, coin_code="btc", to_addresses="m", label="x")
        with tempfile.TemporaryDirectory() as folder:
            with Sandbox(folder, "--rate", "0", "--fault", f"POST /coin_withdrawals:{rule}") as box:
                status, _, body = box.ask("POST", "/api/coin_withdrawals", document)
                shown = [(row["id"], row["attributes"]["amount"]) for row in
                         self.assert_status(200, box.ask("GET", "/api/coin_withdrawals"))["data"]]
                self.assertEqual([(status, rule.split(":")[0])],
                                 box.rows("SELECT status, fault FROM request WHERE method = 'POST'"))
                return status, body, box.rows("SELECT resource_id, reference, amount FROM effect"), shown

    def test_answers_that_are_not_true(self):
        true = [("8812", "x", "1.5")], [("8812", "1.5")]
        for rule, effects, shown in (("lie-200-no-id:1", *true), ("lie-200-no-id:1:not-applied", [], [])):
            status, body, *seen = self.coin(rule)
            self.assertEqual((200, False, "1.5"), (status, "id" in body["data"], body["data"]["attributes"]["amount"]))
            self.assertEqual([effects, shown], seen)
        status, body, *seen = self.coin("lie-200-other-amount:1")
        self.assertEqual((200, "8812", "11.5"), (status, body["data"]["id"], body["data"]["attributes"]["amount"]))
        self.assertEqual([*true], seen)
        status, body, *seen = self.coin("lie-200-not-applied:1")
        self.assertEqual((200, "8812", [[], []]), (status, body["data"]["id"], seen))
        status, body, *seen = self.coin("lie-404-applied:1")
        self.assertEqual((404, NOT_FOUND, [*true]), (status, body, seen))

    def test_twice_by_itself(self):
        status, body, effects, shown = self.coin("dup-effect:1")
        self.assertEqual((200, "8812", ["8812", "8813"]), (status, body["data"]["id"], [e[0] for e in effects]))
        self.assertEqual([("8812", "1.5"), ("8813", "1.5")], shown)

    def test_lists_that_are_not_true(self):
        rules = ("cut-list:x1:1", "dup-rows:x1", "list-500:x1", "lost-page:x1", "other-user-rows:x1")
        with self.sandbox(*(word for rule in rules for word in ("--fault", f"* *:{rule}"))) as box:
            for _ in range(3):
                box.ask("POST", "/api/users", USER)
            for user in "594", "595":
                box.ask("POST", "/api/coin_withdrawals",
                        payout("coin_withdrawals", amount=1, coin_code="btc", to_addresses="m"), user)

            def ids(path, user=None):
                status, _, body = box.ask("GET", path, user=user)
                return [row["id"] for row in body["data"]] if status == 200 else status
            self.assertEqual(["594"], ids("/api/users"))
            self.assertEqual(["594", "594", "595", "595", "596", "596"], ids("/api/users"))
            self.assertEqual(500, ids("/api/users"))
            self.assertEqual([], ids("/api/users"))
            self.assertEqual(["8812", "8813"], ids("/api/coin_withdrawals", "595"))
            self.assertEqual(["8813"], ids("/api/coin_withdrawals", "595"))

    def test_lists_in_pages(self):
        for repeat, past in ((), []), (("--repeat-last-page",), ["596"]):
            with self.subTest(repeat), tempfile.TemporaryDirectory() as folder:
                with Sandbox(folder, "--rate", "0", "--page-size", "2", *repeat) as box:
                    for _ in range(3):
                        box.ask("POST", "/api/users", USER)
                    for query, want in (("", ["594", "595"]), ("?page[page]=2", ["596"]), ("?page[page]=3", past),
                                        ("?page%5Bper_page%5D=3", ["594", "595", "596"])):
                        rows = self.assert_status(200, box.ask("GET", "/api/users" + query))["data"]
                        self.assertEqual(want, [row["id"] for row in rows], query)


if __name__ == "__main__":
    unittest.main(verbosity=1)
