"""What the drivers stand on, tried without the program: the disk that forgets, the reader of recordings, the plans."""
import os
import random
import re
import tempfile
import unittest

import broken
import disk
import memory
import power
from common import Ended, kind_of_fault
from recording import Reader
from tracing import fair_share, spread, tracer


def xx(text):
    """As strace -xx writes it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text) + '"'


def read(*lines):
    return read_text("".join(f"77 {line}\n" for line in lines))


def read_text(text):
    events = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        return events, Reader(events, power.is_ours).read(path)


class Disk(unittest.TestCase):
    """Each way of a cut, on one file."""

    def setUp(self):
        self.disk = disk.Disk()
        self.file = self.disk.open("remesa.db", True)

    def images(self, way):
        """All that come up in many cuts: the content, or None when there is no such file."""
        found = (self.disk.image(way, random.Random(seed)).get("remesa.db") for seed in range(300))
        return {None if content is None else bytes(content) for content in found}

    def write(self, *parts):
        for offset, data in parts:
            self.disk.change(self.file, disk.Write(offset, data))

    def test_a_name_is_certain_after_a_sync_of_its_directory(self):
        self.write((0, b"a"))
        self.disk.sync(self.file)
        self.assertEqual({None}, self.images("none"))
        self.assertEqual({None, b"a"}, self.images("subset"))
        self.disk.sync_directory()
        self.assertEqual({b"a"}, self.images("subset"))

    def test_what_is_synced_is_in_every_image(self):
        self.write((0, b"certain"))
        self.disk.sync(self.file)
        self.disk.sync_directory()
        self.write((0, b"CERT"))
        self.assertEqual({b"certain"}, self.images("none"))
        for way in "prefix", "subset", "torn":
            self.assertEqual({b"certain", b"CERTain"}, self.images(way), way)

    def test_a_prefix_keeps_the_order_and_a_subset_does_not(self):
        self.disk.sync_directory()
        self.write((0, b"a"), (1, b"b"), (2, b"c"))
        self.assertEqual({b"", b"a", b"ab", b"abc"}, self.images("prefix"))
        self.assertEqual({b"", b"a", b"ab", b"abc", b"\0b", b"\0bc", b"a\0c", b"\0\0c"}, self.images("subset"))

    def test_a_write_is_torn_at_the_sectors_of_the_disk(self):
        self.write((0, bytes(1024)))
        self.disk.sync(self.file)
        self.disk.sync_directory()
        self.write((500, b"x" * 24))  # 12 bytes in either sector
        first, second = b"x" * 12 + bytes(12), bytes(12) + b"x" * 12
        self.assertEqual({bytes(24), first, second, b"x" * 24}, {image[500:524] for image in self.images("torn")})
        self.assertEqual({bytes(24), b"x" * 24}, {image[500:524] for image in self.images("subset")})

    def test_an_unlink_and_a_truncation_may_not_have_happened(self):
        self.write((0, b"abcd"))
        self.disk.sync(self.file)
        self.disk.sync_directory()
        self.disk.change(self.file, disk.Truncate(2))
        self.disk.unlink("remesa.db")
        self.assertEqual({b"abcd", b"ab", None}, self.images("subset"))
        self.assertEqual({b"abcd", b"ab", None}, self.images("prefix"))
        self.disk.sync_directory()
        self.assertEqual({None}, self.images("subset"))

    def test_a_truncation_can_make_it_longer(self):
        self.disk.change(self.file, disk.Truncate(3))
        self.disk.sync(self.file)
        self.disk.sync_directory()
        self.assertEqual({bytes(3)}, self.images("none"))


class Recording(unittest.TestCase):
    def test_the_files_of_the_database_and_nothing_else(self):
        events, _ = read(f"openat(AT_FDCWD, {xx(b'/x/remesa.db-wal')}, O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0600) = 6",
                         f"openat(AT_FDCWD, {xx(b'/x/remesa.db-shm')}, O_RDWR|O_CREAT, 0600) = 7",
                         f"openat(AT_FDCWD, {xx(b'/x')}, O_RDONLY|O_CLOEXEC) = 8",
                         f"pwrite64(6, {xx(b'ab')}, 2, 4096) = 2", f"pwrite64(7, {xx(b'ab')}, 2, 0) = 2",
                         "fdatasync(6) = 0", "fdatasync(7) = 0", "fdatasync(8) = 0", "ftruncate(6, 9) = 0",
                         "fcntl(6, F_DUPFD_CLOEXEC, 3) = 9", "fdatasync(9) = 0", "close(6) = 0",
                         "fdatasync(6) = -1 EBADF (Bad)",
                         f"unlink({xx(b'/x/remesa.db-wal')}) = 0", f"write(1, {xx(b'told')}, 4) = 4")
        self.assertEqual([("open", "remesa.db-wal", True), ("write", "remesa.db-wal", (4096, b"ab")),
                          ("sync", "remesa.db-wal", None), ("sync directory", None, None), ("truncate", "remesa.db-wal", 9),
                          ("sync", "remesa.db-wal", None), ("unlink", "remesa.db-wal", None), ("told", None, None)], events)

    def test_a_request_in_two_parts(self):
        head = b"POST /api/users HTTP/1.1\r\nAuthorization: KEY; user=12\r\nContent-Length: 4\r\n\r\n"
        _, requests = read(f"sendto(17, {xx(head)}, {len(head)}, MSG_NOSIGNAL, NULL, 0) = {len(head)}",
                           f"sendto(17, {xx(b'body')}, 4, MSG_NOSIGNAL, NULL, 0) = 4",
                           f"sendto(17, {xx(head[:20])}, 20, MSG_NOSIGNAL, NULL, 0) = 20")
        self.assertEqual([(0, 1)], [(request.first, request.last) for request in requests])
        self.assertEqual(("POST", "/api/users", "12", "body"), requests[0].call[:4])

    def test_what_it_does_not_know_it_does_not_pass_over(self):
        opened = f"openat(AT_FDCWD, {xx(b'remesa.db')}, O_RDWR) = 5"
        for line in (f"write(5, {xx(b'a')}, 1) = 1", "fallocate(5, 0, 0, 4096) = 0", 'pwrite64(5, "\\x61"..., 9, 0) = 9',
                     f"rename({xx(b'a')}, {xx(b'remesa.db')}) = 0", "<... fdatasync resumed>) = 0"):
            with self.subTest(line), self.assertRaises(ValueError):
                read(opened, line)


    def test_a_call_during_which_another_thread_made_one(self):
        both = "\n".join((f"77 openat(AT_FDCWD, {xx(b'remesa.db')}, O_RDWR) = 5", "77 fdatasync(5 <unfinished ...>",
                          f"78 write(9, {xx(b'1')}, 1 <unfinished ...>", "77 <... fdatasync resumed>)   = 0",
                          f"77 write(1, {xx(b'told')}, 4) = 4", "78 <... write resumed>)      = 1", ""))
        self.assertEqual(["open", "sync", "told"], [event.kind for event in read_text(both)[0]])


class Plans(unittest.TestCase):
    def test_the_rare_are_all_there_and_the_frequent_are_thinned_out(self):
        self.assertEqual({"unlink": 2, "close": 9, "fcntl": 9}, fair_share({"fcntl": 300, "close": 100, "unlink": 2}, 20))
        self.assertEqual({"a": 3, "b": 4}, fair_share({"a": 3, "b": 4}, 7))

    def test_spread_reaches_over_all_of_it(self):
        self.assertEqual([1, 3, 6, 9], spread(11, 4))
        self.assertEqual([1, 2, 3], spread(3, 3))
        self.assertEqual([], spread(3, 0))

    def test_signals_are_injected_without_seccomp(self):
        self.assertIn("--seccomp-bpf", tracer(("close",)))
        self.assertNotIn("--seccomp-bpf", tracer(("close",), inject="close:signal=SIGKILL:when=1"))

    def test_the_judges_words_are_counted_for_what_they_are(self):
        for text, want in (("user-0001: took effect 2 times", "effects twice"), ("check.py: L1 BROKEN: x", "effects twice"),
                           ("user-0001: took effect, and the database says queued", "lost"),
                           ("user-0001: of the CSV, is not in the database", "lost"),
                           ("PRAGMA integrity_check: [('x',)]", "corrupt"),
                           ("check.py: L8 BROKEN: database: integrity_check: [1]", "corrupt"),
                           ("check.py: L8 BROKEN: payout-1: is failed, and can only be following", "wrong"),
                           ("payout-1: amount '1' of the CSV", "wrong"),
                           ("the database is corrupt: database disk image is malformed", "corrupt")):
            self.assertEqual(want, kind_of_fault(text), text)


class FailingAllocations(unittest.TestCase):
    """How a command without memory may end."""

    def test_it_says_so_or_it_is_a_violation(self):
        run = memory.Campaign.__new__(memory.Campaign)
        run.crashed = 0
        for status, err, asker, want in ((71, "remesa: out of memory; run ...", "remesa", None),
                                         (70, "remesa: error: libuv gives no loop: not enough memory", "libuv.so.1", None),
                                         (-6, "", "libuv.so.1", None),
                                         (-6, "remesa: nss_database.c:291: Assertion", "libc.so.6", None),
                                         (-6, "", "libsqlite3.so.0", "it crashed by signal 6"),
                                         (-6, "out of memory", "remesa", "it crashed by signal 6"),
                                         (-11, "out of memory", "libcrypto.so.3", "it crashed by signal 11"),
                                         (1, "remesa: 6 requests in 0:00", "libsqlite3.so.0", "does not say that memory"),
                                         (71, "", "remesa", "does not say that memory"),
                                         (None, "", "remesa", "it did not end")):
            with self.subTest(status=status, asker=asker):
                found = run.judge_death(Ended(status, "", err), memory.Report(9, 1, 8, asker))
                self.assertEqual(want is not None, bool(found), found)
                self.assertIn(want or "", "".join(found))
        self.assertEqual(3, run.crashed)


DIFF = """what: b is lost
by:   kill.py --count 3
sees: took effect
by:   unit_a
sees: one

--- a.c
+++ a.c
@@
 one
-two
+2
@@
 three
-four
--- sub/b.c
+++ sub/b.c
@@
+zero
 first
"""


class BrokenOnPurpose(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.copy = broken.Copy(folder.name, 1)
        os.makedirs(os.path.join(self.copy.top, "sub"))
        self.put("x.diff", DIFF)
        self.put("a.c", "one\ntwo\nthree\nfour\n")
        self.put("sub/b.c", "first\n")
        self.it = broken.read_break(os.path.join(self.copy.top, "x.diff"))

    def put(self, name, text):
        broken.write(os.path.join(self.copy.top, name), text)

    def text(self, name):
        with open(os.path.join(self.copy.top, name), encoding="utf-8") as f:
            return f.read()

    def test_a_change_is_made_and_undone(self):
        self.assertEqual(("x", "b is lost"), self.it[:2])
        self.assertEqual([("kill.py --count 3", "took effect"), ("unit_a", "one")],
                         [(test.command, test.sees.pattern) for test in self.it.tests])
        with self.copy.changed(self.it):
            self.assertEqual("one\n2\nthree\n", self.text("a.c"))
            self.assertEqual("zero\nfirst\n", self.text("sub/b.c"))
        self.assertEqual(("one\ntwo\nthree\nfour\n", "first\n"), (self.text("a.c"), self.text("sub/b.c")))

    def test_what_does_not_stand_there_once_does_not_apply(self):
        for text in "one\n2\nthree\nfour\n", "one\ntwo\nthree\nfour\none\ntwo\n", "one\ntwo\nthree\n":
            self.put("a.c", text)
            with self.assertRaises(broken.DoesNotApply), self.copy.changed(self.it):
                pass
            self.assertEqual(text, self.text("a.c"))

    def test_only_a_violation_of_its_kind_is_a_catch(self):
        told = "kill: VIOLATION: scene 1\n    it said:\nthat\n    u1: {}\n    folder: /x\n"
        for status, text, want in ((0, told.format("took effect 2 times"), 0),
                                   (1, "Traceback: took effect 2 times", 0),
                                   (1, told.format("amount '1'"), 0),
                                   (None, told.format("took effect 2 times"), 0),
                                   (1, told.format("took effect 2 times"), 1),
                                   (1, told.format("took effect 2 times") + told.format("x") +
                                    told.format("took effect 3 times"), 2)):
            self.assertEqual(want, broken.judge(self.it.tests[0], broken.Played(status, text, 1)), text)

    def test_the_words_of_unittest_and_cmocka(self):
        fail = "FAIL: test_a (x.A) [1]\n-----\nTrace\nAssertionError: 1 != 2\n\n"
        for test, text in (("test_a.py A.test_a", f"=====\n{fail}======\n{fail.replace('[1]', '[2]')}-----\nRan 1 test"),
                           ("unit_a", "[  FAILED  ] 2 test(s), listed below:\n[  FAILED  ] 1 != 2 no\n"
                                      "[  FAILED  ] one\n[  FAILED  ] two\n[  FAILED  ] two\n")):
            self.assertEqual(2, broken.judge(broken.Test(test, re.compile("1 != 2|one|two")), broken.Played(1, text, 1)))

    def test_every_change_applies_to_the_sources_as_they_are(self):
        for it in broken.read_breaks(""):
            for change in it.changes:
                with self.subTest(it.name, path=change.path), \
                        open(os.path.join(broken.TOP, change.path), encoding="utf-8") as f:
                    self.assertEqual(1, f.read().count(change.old))


if __name__ == "__main__":
    unittest.main()
