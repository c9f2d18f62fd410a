"""A TLS server for test_tls.c: answers every request with how many it has read so far.

    tls_server.py CERT KEY [OLD]

OLD: offer nothing newer than TLS 1.1. Prints its port, ends when stdin does. A request whose path has "bye" in it is
answered, then the connection is closed as TLS wants it (close_notify, then FIN) while the client keeps it.
"""
import socket
import ssl
import sys
import threading

lock = threading.Lock()
requests = 0


def read_request(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        more = conn.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += conn.recv(65536)
    return head


def serve(raw, context):
    global requests
    try:
        with context.wrap_socket(raw, server_side=True) as conn:
            while True:
                head = read_request(conn)
                if head is None:
                    return
                with lock:
                    requests += 1
                    answer = str(requests).encode()
                conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
                if b"bye" in head.split(b"\r\n")[0]:
                    conn.settimeout(0)
                    try:
                        conn.unwrap()
                    except OSError:
                        pass  # it has sent its goodbye and does not wait for the other
                    return
    except OSError:
        pass


def accept_all(listener, context):
    while True:
        raw, _ = listener.accept()
        threading.Thread(target=serve, args=(raw, context), daemon=True).start()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    if len(sys.argv) > 3:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept_all, args=(listener, context), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    sys.stdin.read()


main()
