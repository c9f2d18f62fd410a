"""The endings of N1: each gets the connection and a whole good answer, and raises Gone when the connection is over."""
import gzip
import time

from faulty_server import Gone, answer_of

REFUSED = answer_of(422, b'{"errors":[{"status":422,"title":"stale","source":{"pointer":"/data/attributes/base"}}]}')
DRIP = 0.1  # seconds for a byte of a slow answer
HEADER = b"HTTP/1.1 200 OK\r\n"


def cut_after(*parts):
    def ending(connection, answer):
        for part in parts:
            connection.send(part)
        connection.cut()
        connection.wait_until_left()
        raise Gone
    return ending


def body_of(answer):
    return answer.partition(b"\r\n\r\n")[2]


def stall(connection, answer):
    connection.wait_until_left()
    raise Gone


def reset(connection, answer):
    connection.reset()
    raise Gone


def torn_body(connection, answer):
    cut_after(answer[:-len(body_of(answer)) // 2])(connection, answer)


def long_length(status):
    """The document is whole, and the transfer is not."""
    def ending(connection, answer):
        body = body_of(answer if status == 200 else REFUSED)
        cut_after(answer_of(status, body, length=len(body) + 10))(connection, answer)
    return ending


CHUNKED = HEADER + b"Content-Type: application/vnd.api+json\r\nTransfer-Encoding: chunked\r\n\r\n"


def no_last_chunk(connection, answer):
    body = body_of(answer)
    cut_after(CHUNKED + b"%x\r\n%s\r\n" % (len(body), body))(connection, answer)


def bad_chunk(connection, answer):
    cut_after(CHUNKED + b"5\r\n" + body_of(answer)[:5] + b"zz\r\nq")(connection, answer)


def huge_header(connection, answer):
    cut_after(HEADER + b"X-Filler: " + b"a" * 400_000 + answer.removeprefix(HEADER))(connection, answer)


def slow(connection, answer):
    for byte in answer:
        connection.send(bytes([byte]))
        time.sleep(DRIP)


def zipped(connection, answer):
    connection.send(answer_of(200, gzip.compress(body_of(answer)), headers=("Content-Encoding: gzip",)))


def byte_by_byte(connection, answer):
    for byte in answer:
        connection.send(bytes([byte]))


def closed_after(connection, answer):
    connection.send_and_end(answer)
    connection.wait_until_left()
    raise Gone


def reset_after(connection, answer):
    connection.send(answer)
    reset(connection, answer)


def no_length(connection, answer):
    head = HEADER + b"Content-Type: application/vnd.api+json\r\n\r\n"
    connection.send_and_end(head + body_of(answer))
    connection.wait_until_left()
    raise Gone


def interim(status):
    return f"HTTP/1.1 {status} Interim\r\nDate: x\r\n\r\n".encode()


def say(before=b"", after=b""):
    return lambda connection, answer: connection.send(before + answer + after)


ENDINGS = {
    "closed": cut_after(), "reset": reset, "stall": stall, "part-of-status": cut_after(b"HTTP/1.1 20"),
    "status-only": cut_after(HEADER), "one-header": cut_after(HEADER, b"Content-Type: application/vnd.api+json\r\n"),
    "429-only": cut_after(b"HTTP/1.1 429 Too Many Requests\r\n"), "long-length": long_length(200),
    "422-torn": long_length(422), "no-last-chunk": no_last_chunk,
    "100-only": cut_after(b"HTTP/1.1 100 Continue\r\n\r\n"), "103-only": cut_after(interim(103)), "torn-body": torn_body,
    "bad-chunk": bad_chunk, "huge-header": huge_header, "garbage": cut_after(b"220 mail.example ESMTP ready\r\n"),
    "slow": slow, "gzip": zipped, "answer": say(), "two-answers": say(after=REFUSED), "closed-after": closed_after,
    "reset-after": reset_after, "100-first": say(before=interim(100)), "103-first": say(before=interim(103)),
    "byte-by-byte": byte_by_byte, "no-length": no_length,
}

# What happens to a connection between two requests.
ORDERS = {
    "idle-closed": lambda connection: connection.cut(), "idle-reset": lambda connection: connection.reset(),
    "idle-goodbye": lambda connection: connection.end(), "idle-byte": lambda connection: connection.send(b"x"),
    "idle-408": lambda connection: connection.send(answer_of(408, headers=("Connection: close",))),
}
