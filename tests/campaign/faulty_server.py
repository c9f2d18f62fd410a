"""A server on raw sockets that can go wrong at every byte: what the drivers of the network stand on.

It shares no line with the program, nor with remesa-sandbox. A thread for each connection; what a request means is the
Bank's (bank.py). `ledger` has every request that was read whole, in order; the Bank has every effect. A driver overrides
what it wants to go wrong: `accepted`, `begun`, `handle`."""
import collections
import contextlib
import os
import re
import select
import socket
import ssl
import struct
import subprocess
import threading

Request = collections.namedtuple("Request", "method path query user body connection")
PATIENCE = 60  # seconds that anything here waits for the other side
ONE = b"x"
HEAD_PART = 30  # bytes of a head that is read in part
JSON = "application/vnd.api+json; charset=utf-8"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close() sends RST


class Gone(Exception):
    """The connection has ended, here or there."""


class Connection:
    def __init__(self, number, sock):
        self.number, self.sock, self.read_before = number, sock, b""
        self.ear, self.mouth = socket.socketpair()  # through which another thread asks for something
        self.order, self.obeyed = None, threading.Event()
        self.is_done = False

    # Reading

    def wait_for_bytes(self):
        """True when there are some; False when an order has come first. An end is no byte."""
        is_tls = isinstance(self.sock, ssl.SSLSocket)
        if self.read_before or is_tls and self.sock.pending():
            return True
        ready = select.select([self.sock, self.ear], [], [], PATIENCE)[0]
        if not ready:
            raise Gone
        if self.ear in ready:
            return False
        if is_tls:
            self.read_before = self.receive(1)
        elif not self.sock.recv(1, socket.MSG_PEEK):
            raise Gone
        return True

    def receive(self, most):
        if self.read_before:
            data, self.read_before = self.read_before[:most], self.read_before[most:]
            return data
        try:
            data = self.sock.recv(most)
        except OSError:
            raise Gone from None
        if not data:
            raise Gone
        return data

    def read_exactly(self, count):
        data = b""
        while len(data) < count:
            data += self.receive(count - len(data))
        return data

    def read_head(self, step=65536):
        """With step 1 not a byte of what follows is taken off the socket."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive(step)
        head, _, rest = data.partition(b"\r\n\r\n")
        self.read_before = rest + self.read_before
        return head.decode("latin-1")

    def read_body(self, head):
        return self.read_exactly(length_of(head)).decode()

    # Writing

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            raise Gone from None

    def send_and_end(self, data):
        """In one segment: whoever has the last byte has the end, too."""
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self.send(data)
        self.end()

    # Ending

    def end(self):
        """FIN, and nothing more is said; as TLS wants it where there is TLS."""
        if isinstance(self.sock, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self.sock.settimeout(0)
                self.sock.unwrap()  # does not wait for the other's goodbye
        self.cut()

    def cut(self):
        """FIN, and nothing before it."""
        with contextlib.suppress(OSError):
            self.sock.settimeout(PATIENCE)
            self.sock.shutdown(socket.SHUT_WR)

    def reset(self):
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.close()

    def wait_until_left(self):
        """Until the other side ends the connection, too; what it still says is not read as a request."""
        with contextlib.suppress(OSError, ValueError):
            raw = self.sock.fileno()
            while raw >= 0:
                copy = socket.socket(fileno=os.dup(raw))
                with copy:
                    copy.settimeout(PATIENCE)
                    if not copy.recv(65536):
                        return

    def close(self):
        for sock in self.sock, self.ear, self.mouth:
            with contextlib.suppress(OSError):
                sock.close()
        self.is_done = True

    # Orders of other threads

    def ask(self, what):
        """`what` is done by the connection's own thread between two requests; returns when it is done."""
        self.order = what
        self.obeyed.clear()
        with contextlib.suppress(OSError):
            self.mouth.send(ONE)
            while not self.is_done and not self.obeyed.wait(0.05):
                continue

    def obey(self):
        self.ear.recv(1)
        try:
            self.order(self)
        finally:
            self.obeyed.set()


def length_of(head):
    found = re.search(r"(?im)^content-length: *(\d+)\r?$", head)
    return int(found[1]) if found else 0


def request_of(head, body, connection):
    line, *_ = head.split("\r\n")
    method, target, _ = line.split(" ", 2)
    path, _, query = target.partition("?")
    user = re.search(r"(?im)^authorization: [^;\r]*; *user=(\w+)", head)
    return Request(method, path.removeprefix("/api"), query, user and user[1], body, connection.number)


def answer_of(status, body=b"", kind=JSON, headers=(), length=None):
    lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {kind}" if kind else None,
             f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([line for line in lines if line]).encode() + b"\r\n\r\n" + body


class Server:
    """Listens at once; `port` is its own until close()."""

    def __init__(self, bank, context=None, listen=True):
        self.bank, self.context = bank, context
        self.ledger, self.connections = [], []
        self.lock = threading.Lock()
        self.is_closed = False
        self.number = 0
        self.listener = None
        self.port = 0
        self.reserve()
        if listen:
            self.listen()

    def reserve(self):
        """The port refuses until listen()."""
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]

    def listen(self):
        self.listener.listen(64)
        threading.Thread(target=self.accept_all, args=(self.listener,), daemon=True).start()

    def refuse(self):
        """From now on; the port stays ours."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self.listener.close()
        self.reserve()

    def blackhole(self):
        """From now on a connection is neither made nor refused: the queue of those that wait is full."""
        self.refuse()
        self.listener.listen(0)
        self.fillers = [socket.socket() for _ in range(3)]
        for filler in self.fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))

    def url(self):
        return f"{'https' if self.context else 'http'}://127.0.0.1:{self.port}/api"

    def accept_all(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.lock:
                self.number += 1
                connection = Connection(self.number, sock)
                self.connections.append(connection)
            threading.Thread(target=self.live, args=(connection,), daemon=True).start()

    def live(self, connection):
        try:
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sock.settimeout(PATIENCE)
            self.accepted(connection)
            if self.context:
                connection.sock = self.context.wrap_socket(connection.sock, server_side=True)
            while True:
                self.serve(connection)
        except (Gone, OSError, ValueError):
            pass
        finally:
            connection.close()

    def serve(self, connection):
        if not connection.wait_for_bytes():
            connection.obey()
            return
        self.begun(connection)
        head = connection.read_head()
        self.handle(connection, self.note(request_of(head, connection.read_body(head), connection)))

    def note(self, request):
        """It was read whole."""
        with self.lock:
            self.ledger.append(request)
        return request

    def kept_connections(self, but):
        with self.lock:
            return [c for c in self.connections if c is not but and not c.is_done]

    # What may go wrong

    def accepted(self, connection):
        """Before anything is read, and before TLS."""

    def begun(self, connection):
        """The first bytes of a request are there; none is read."""

    def handle(self, connection, request):
        connection.send(answer_of(*self.bank.perform(request)))

    def close(self):
        self.is_closed = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for filler in getattr(self, "fillers", ()):
            filler.close()
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)


# ---- TLS ----

def make_authority(folder, name):
    """A key and a certificate that vouches for itself and for 127.0.0.1: name.key, name.pem."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                    os.path.join(folder, f"{name}.key"), "-out", os.path.join(folder, f"{name}.pem")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE)


def context_of(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(folder, f"{name}.pem"), os.path.join(folder, f"{name}.key"))
    return context
