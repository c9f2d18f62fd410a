"""What the drivers of the network stand on, tried without the program: the matrices, the tables, the judges, the server."""
import collections
import json
import socket
import time
import unittest

import lies_sandbox
import lies_server
import network
import network_cells
import status
import status_cells
from bank import Bank
from cells import judge_promises
from endings import ENDINGS, ORDERS
from faulty_server import Request, Server, answer_of

USER = b'{"data":{"type":"users","attributes":{"email":"a@b.cl"}}}'
POST = b"POST /api/users HTTP/1.1\r\nAuthorization: KEY\r\nContent-Length: %d\r\n\r\n%s" % (len(USER), USER)
KEY = ("users", "a@b.cl")


def words_of(findings, *words):
    """Which of them were found, and nothing else."""
    return all(any(word in finding for word in words) for finding in findings) and len(findings) == len(words)


class Matrices(unittest.TestCase):
    def test_there_are_many_cells_and_each_once(self):
        for names, least in (([network_cells.name_of(c) for c in network_cells.all_cells()], 900),
                             ([status_cells.name_of(c) for c in status_cells.all_cells()], 3000),
                             ([*lies_server.all_scripts(), *lies_sandbox.all_nights()], 60)):
            self.assertGreaterEqual(len(names), least)
            self.assertEqual(len(names), len(set(names)))

    def test_nothing_is_left_out_altogether(self):
        cells = network_cells.all_cells()
        there = set(cells)
        for field, values in (("request", network_cells.REQUESTS), ("scheme", network_cells.SCHEMES),
                              ("kept", network_cells.KEPT), ("ending", (None, *network_cells.ENDINGS)),
                              ("phase", (*network_cells.BEFORE, *network_cells.IDLE, *network_cells.READ))):
            self.assertEqual(set(values), {getattr(cell, field) for cell in cells}, field)
        for cell in network_cells.candidates():
            self.assertEqual(network_cells.why_not(cell) is None, cell in there, cell)

    def test_every_ending_and_order_can_be_played(self):
        self.assertEqual(set(network_cells.ENDINGS), set(ENDINGS))
        self.assertEqual(set(network_cells.IDLE), set(ORDERS))
        for script in lies_server.all_scripts().values():
            self.assertIn(script.request, lies_server.WANTS[script.want])

    def test_no_table_lets_a_payment_go_twice(self):
        for cell in network_cells.all_cells():
            for want in network_cells.expected(cell):
                if cell.request == "payment" and "in_doubt" in want.outcomes:
                    self.assertEqual((("in_doubt",), "in_doubt"), want[:2], cell)
        for cell in status_cells.all_cells():
            want = status_cells.once(cell)
            if cell.request == "payment" and want.outcomes[0] in ("in_doubt", "accepted", "rejected"):
                self.assertEqual(1, len(want.outcomes), cell)


class Judges(unittest.TestCase):
    """Each goes red on what it is there for."""

    def setUp(self):
        self.bank = Bank()
        self.request = Request("POST", "/users", "", None, USER.decode(), 1)

    def promises(self, attempts, state, reads=1, effects=1, key=KEY):
        for _ in range(effects):
            self.bank.apply(self.request)
        return judge_promises({"u": key}, {"u": attempts}, {"u": state}, self.bank, [self.request] * reads)

    def test_what_is_right_is_green(self):
        self.assertEqual([], self.promises([("accepted", 1)], "succeeded"))

    def test_a_request_that_nobody_wrote_down(self):
        self.assertTrue(words_of(self.promises([("in_doubt", 1)], "in_doubt", reads=2), "2 requests reached the server"))

    def test_one_that_was_written_down_as_never_sent(self):
        self.assertTrue(words_of(self.promises([("not_sent", 0), ("accepted", 1)], "succeeded", reads=2),
                                 "2 requests reached the server"))

    def test_an_effect_twice(self):
        found = self.promises([("in_doubt", 1), ("accepted", 1)], "succeeded", reads=2, effects=2)
        self.assertTrue(words_of(found, "took effect 2 times"), found)

    def test_an_effect_that_nobody_knows_of(self):
        for state in "failed", "queued":
            self.setUp()
            self.assertTrue(words_of(self.promises([("rejected", 1)], state), f"the database says {state}"))

    def test_an_effect_that_nobody_asked_for(self):
        found = self.promises([("accepted", 1)], "succeeded", reads=0, key=("users", "c@d.cl"))
        self.assertTrue(words_of(found, "no job asked for it"), found)

    def test_what_was_sent_and_counts_as_never_sent(self):
        self.assertTrue(words_of(self.promises([("not_sent", 1)], "queued", effects=0), "with 1 sendings is not_sent"))

    def test_the_table_of_n1(self):
        cell = network_cells.Cell("payment", "http", "fresh", "all", "stall", True)
        sent = [("in_doubt", 1)]
        self.assertEqual([], network.judge_table(cell, [2], sent, "in_doubt", []))
        for exits, attempts, state, looks in (([0], sent, "in_doubt", []), ([2], [("not_sent", 0)], "in_doubt", []),
                                              ([2], sent, "queued", []), ([2], sent, "in_doubt", [("found",)])):
            self.assertEqual(1, len(network.judge_table(cell, exits, attempts, state, looks)))

    def test_the_table_of_n2(self):
        job = status.Job(1, status_cells.Cell("payment", 500, "page"), False)
        place = collections.namedtuple("Place", "attempts states")
        server = collections.namedtuple("Server", "bank ledger")(self.bank, [])
        for outcome, state, exit_status, findings in (("in_doubt", "in_doubt", 2, 0), ("rejected", "failed", 1, 2),
                                                      ("in_doubt", "in_doubt", 0, 1), ("in_doubt", "queued", 2, 1)):
            there = place(lambda: {job.ref: [(outcome, 1)]}, lambda: {job.ref: state})
            self.assertEqual(findings, len(status.judge([job], there, server, exit_status, status_cells.once)), outcome)


class OnTheWire(unittest.TestCase):
    """The server does what its endings are called, to a client that is a plain socket."""

    def server(self, phase, ending, applied=None):
        cell = network_cells.Cell("user", "http", "fresh", phase, ending, applied)
        server = network.Faulty(cell, network.Plan(cell), {})
        self.addCleanup(server.close)
        return server

    def ask(self, server, seconds=5):
        with socket.create_connection(("127.0.0.1", server.port), 1) as client:
            client.sendall(POST)
            data, end = b"", time.monotonic() + seconds
            try:
                while True:
                    client.settimeout(max(end - time.monotonic(), 0.001))
                    more = client.recv(1 << 20)
                    if not more:
                        return data, "closed"
                    data += more
            except ConnectionResetError:
                return data, "reset"
            except TimeoutError:
                return data, "open"

    def test_each_ending(self):
        for ending, said, end in (
                ("closed", b"", "closed"), ("reset", b"", "reset"), ("stall", b"", "open"),
                ("part-of-status", b"HTTP/1.1 20", "closed"), ("status-only", b"HTTP/1.1 200 OK\r\n", "closed"),
                ("100-only", b"HTTP/1.1 100 Continue\r\n\r\n", "closed"), ("answer", None, "open"),
                ("closed-after", None, "closed"), ("slow", b"H", "open"), ("garbage", b"220 mail", "closed")):
            with self.subTest(ending):
                server = self.server("all", ending, True)
                data, ended = self.ask(server, 0.15 if end == "open" else 5)
                self.assertEqual(end, ended)
                self.assertTrue(said is None or data.startswith(said), data)
                self.assertEqual(1, len(server.ledger))
                self.assertEqual([KEY], [effect.key for effect in server.bank.effects])
                if said is None:
                    head, _, body = data.partition(b"\r\n\r\n")
                    self.assertIn(f"Content-Length: {len(body)}".encode(), head)
                    self.assertEqual(server.bank.effects[0].id, json.loads(body)["data"]["id"])

    def test_what_was_not_read_whole_is_not_in_the_ledger(self):
        for phase in "part-of-head", "head", "part-of-body":
            with self.subTest(phase):
                server = self.server(phase, "closed")
                self.assertEqual(b"", self.ask(server)[0])
                self.assertEqual(([], []), (server.ledger, server.bank.effects))
                self.assertEqual(b"HTTP/1.1 200", self.ask(server, 0.15)[0][:12])  # the fault comes once

    def test_a_port_that_refuses_and_one_that_hangs(self):
        with self.assertRaises(ConnectionRefusedError):
            self.ask(self.server("refused", None))
        with self.assertRaises(TimeoutError):
            self.ask(self.server("connect-hangs", None))

    def test_an_order_is_carried_out_between_two_requests(self):
        server = Server(Bank())
        self.addCleanup(server.close)
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(POST)
            self.assertTrue(client.recv(1 << 16))
            server.kept_connections(None)[0].ask(ORDERS["idle-408"])
            self.assertEqual(b"HTTP/1.1 408", client.recv(1 << 16)[:12])

    def test_a_cut_body_keeps_its_length(self):
        data, _ = self.ask(self.server("all", "torn-body", True))
        length = int(data.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        self.assertLess(len(data.partition(b"\r\n\r\n")[2]), length)
        self.assertEqual(length, len(answer_of(200, b"x" * length).partition(b"\r\n\r\n")[2]))


if __name__ == "__main__":
    unittest.main()
