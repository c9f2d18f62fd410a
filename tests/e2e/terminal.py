"""Somebody at a terminal."""
import os
import pty
import select
import time

import night


class Terminal:
    """The program with a terminal of its own on all three streams."""

    def __init__(self, test, *args, **more):
        self.ours, theirs = pty.openpty()
        self.text = ""
        self.running = test.start(*args, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                  **more)
        os.close(theirs)
        test.addCleanup(os.close, self.ours)

    def read(self, until=None):
        """To the words, or to the end."""
        end = time.monotonic() + night.PATIENCE
        while until is None or until not in self.text:
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {until!r}: {self.text}")
            if not select.select([self.ours], [], [], 0.1)[0]:
                continue
            try:
                piece = os.read(self.ours, 4096)
            except OSError:  # EIO: the other end is closed
                piece = b""
            if not piece:
                return
            self.text += piece.decode("utf-8", "replace")

    def type(self, text):
        os.write(self.ours, text.encode())

    def end(self):
        self.read()
        return self.running.process.wait(night.PATIENCE)
