"""A run as strace saw it: what it did to the files of its database, which requests left, and when it told its results."""
import collections
import re

import night

CALLS = ("openat", "pwrite64", "fdatasync", "fsync", "ftruncate", "fallocate", "unlink", "write", "close", "rename", "fcntl",
         "sendto")
LINE = re.compile(r'^\d+ +(\w+)\((.*)\) += (-?\d+)')
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')

MARK = "remesa.db-mark"  # how far the database has come: replaced as a whole

# kind is one of open, rename, unlink, write, truncate, sync, sync directory, request, told
Event = collections.namedtuple("Event", "kind name data")
Request = collections.namedtuple("Request", "call first last")  # it begins to leave, and it has left: numbers of events


def text_of(arguments):
    match = TEXT.search(arguments)
    if not match or match[2]:
        raise ValueError(f"a call whose text is cut off: {arguments[:100]}")
    return bytes.fromhex(match[1].replace("\\x", ""))


def whole_lines(lines):
    """A call during which another thread made one stands in two lines. It counts where it ends: all that is written to the
    database is written by one thread."""
    begun = {}
    for line in lines:
        thread, _, rest = line.partition(" ")
        if rest.endswith("<unfinished ...>\n"):
            begun[thread] = line.removesuffix("<unfinished ...>\n")
        elif rest.lstrip().startswith("<... "):
            if thread not in begun:
                raise ValueError(f"the end of a call without its beginning: {line[:100]}")
            yield begun.pop(thread).rstrip() + rest.partition("resumed>")[2]
        else:
            yield line


class Reader:
    """One process's calls become events. Names are of one directory: the database's."""

    def __init__(self, events, is_ours):
        self.events, self.is_ours = events, is_ours
        self.files, self.directories, self.connections = {}, set(), collections.defaultdict(lambda: [b"", None])
        self.written = {}  # how far write() has come, by descriptor
        self.requests = []

    def add(self, kind, name=None, data=None):
        self.events.append(Event(kind, name, data))

    def read(self, path):
        with open(path, encoding="ascii", errors="replace") as f:
            for line in whole_lines(f):
                match = LINE.match(line)
                if match and int(match[3]) >= 0:
                    getattr(self, f"on_{match[1]}")(match[2], int(match[3]))
        return self.requests

    def file_of(self, arguments):
        return self.files.get(int(arguments.split(",")[0]))

    def on_openat(self, arguments, result):
        path = text_of(arguments).decode()
        name = path.rpartition("/")[2]
        if self.is_ours(name):
            self.files[result] = name
            self.written[result] = 0
            self.add("open", name, "O_CREAT" in arguments)
            if "O_TRUNC" in arguments:
                self.add("truncate", name, 0)
        elif "O_DIRECTORY" in arguments or "." not in name:
            self.directories.add(result)

    def on_close(self, arguments, result):
        number = int(arguments)
        self.files.pop(number, None)
        self.directories.discard(number)
        self.connections.pop(number, None)

    def on_fcntl(self, arguments, result):
        if "F_DUPFD" in arguments and self.file_of(arguments):
            self.files[result] = self.file_of(arguments)

    def on_pwrite64(self, arguments, result):
        if self.file_of(arguments):
            offset = int(arguments.rpartition(",")[2])
            self.add("write", self.file_of(arguments), (offset, text_of(arguments)[:result]))

    def on_write(self, arguments, result):
        name, number = self.file_of(arguments), int(arguments.split(",")[0])
        if name and not name.startswith(MARK):
            raise ValueError("write() on a database file, which this reader does not know")
        if name:
            self.add("write", name, (self.written[number], text_of(arguments)[:result]))
            self.written[number] += result
        if number == 1:
            self.add("told")

    def on_ftruncate(self, arguments, result):
        if self.file_of(arguments):
            self.add("truncate", self.file_of(arguments), int(arguments.split(",")[1]))

    def on_fallocate(self, arguments, result):
        if self.file_of(arguments):
            raise ValueError("fallocate() on a database file, which this reader does not know")

    def on_fdatasync(self, arguments, result):
        number = int(arguments)
        if number in self.files:
            self.add("sync", self.files[number])
        elif number in self.directories:
            self.add("sync directory")

    on_fsync = on_fdatasync

    def on_unlink(self, arguments, result):
        name = text_of(arguments).decode().rpartition("/")[2]
        if self.is_ours(name):
            self.add("unlink", name)

    def on_rename(self, arguments, result):
        old, new = (bytes.fromhex(text.replace("\\x", "")).decode().rpartition("/")[2]
                    for text, _ in TEXT.findall(arguments))
        if not self.is_ours(old) and not self.is_ours(new):
            return
        if not old.startswith(MARK):
            raise ValueError("rename() of a database file, which this reader does not know")
        self.files = {number: new if name == old else name for number, name in self.files.items()}
        self.add("rename", old, new)

    def on_sendto(self, arguments, result):
        connection = self.connections[int(arguments.split(",")[0])]
        if connection[1] is None:
            connection[1] = len(self.events)
        self.add("request")
        connection[0] += text_of(arguments)[:result]
        call = whole_request(connection[0])
        if call:
            self.requests.append(Request(call, connection[1], len(self.events) - 1))
            connection[:] = [b"", None]


def whole_request(data):
    """None as long as something of it is missing."""
    head, end, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: *(\d+)", head, re.IGNORECASE)
    if not end or len(body) < int(length[1] if length else 0):
        return None
    method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
    user = re.search(rb"; *user=(\d+)", head)
    return night.Call(method, path, user[1].decode() if user else None, body.decode(), 0, None, None)
