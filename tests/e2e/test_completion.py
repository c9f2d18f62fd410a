"""Completion, as the program offers it and as a bash and a zsh with a real terminal take it."""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

import night
from night import make_payees

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = 2  # exit status: names of files may stand there


class Case(night.Night):
    def setUp(self):
        super().setUp()
        self.write("payees.csv", make_payees(3))
        self.assert_status(0, self.remesa("import", "--quiet", "payees.csv"))

    def offered(self, *words):
        ended = self.remesa("complete", "--", *words)
        self.assertEqual("", ended.err)
        return ended.status, ended.out.splitlines()


class Offers(Case):
    def test_everything_that_there_is_is_offered(self):
        told = json.loads(self.remesa("help", "--json").out)
        seen = [c["name"] for c in told["commands"] if not c["hidden"]]
        self.assertEqual((0, [*seen, "help", "version"]), self.offered(""))
        self.assertEqual((0, seen), self.offered("help", ""))
        for c in told["commands"]:
            flags = [o["flag"] for o in c["options"] + (told["settings"] if c["settings"] else [])]
            self.assertEqual((0, [f"--{f}" for f in flags]), self.offered(c["name"], "-"), c["name"])

    def test_names_come_from_the_database_and_the_catalogue(self):
        self.write("other.csv", make_payees(1, first=70))
        self.assert_status(0, self.remesa("import", "--quiet", "--db", "other.db", "other.csv"))
        for words, want in (
                (["sta"], ["status"]), (["show", "user-"], ["user-0000", "user-0001", "user-0002"]),
                (["show", "--db", "other.db", "user-"], ["user-0070"]), (["show", "--db=other.db", "user-"], ["user-0070"]),
                (["show", "--db", "no.db", "user-"], []), (["show", "zz"], []), (["nothing", ""], []), (["status", ""], []),
                (["retry", "user-0000", "payout-"], ["payout-0000", "payout-0001", "payout-0002"]),
                (["status", "--batch", ""], ["payees.csv"]), (["status", "--batch=p"], ["--batch=payees.csv"]),
                (["status", "--db", "other.db", "--batch", ""], ["other.csv"]),
                (["run", "--recipe", "pay-"], ["pay-new", "pay-coin"]), (["recipes", "remi"], ["remit"]),
                (["actions", "create_cash_w"], ["create_cash_withdrawal"]), (["show", "--quiet", "user-0000"], ["user-0000"]),
                (["run", "--rate", ""], []), (["run", "--rate=5"], []), (["run", "--quiet="], [])):
            self.assertEqual((0, want), self.offered(*words), words)
        for words in (["run", ""], ["import", "pay"], ["status", "--db", ""], ["run", "--metrics-file=x"], ["status", "--db="]):
            self.assertEqual((FILES, []), self.offered(*words), words)

    def test_no_more_than_a_screen_takes(self):
        self.write("many.csv", make_payees(300, first=1000))
        self.assert_status(0, self.remesa("import", "--quiet", "many.csv"))
        self.assertEqual(200, len(self.offered("show", "user-")[1]))


class Shell:
    """A shell that believes that somebody types."""

    def __init__(self, case, command, setup):
        self.master, slave = pty.openpty()
        env = case.environment({"PATH": f"{night.BIN}:{os.environ['PATH']}", "TERM": "dumb", "PS1": "> ", "PROMPT": "> "})
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=case.folder, env=env,
                                        start_new_session=True)
        os.close(slave)
        self.type(f"{setup}; echo is-\"\"ready\n")
        self.read_until("is-ready")

    def type(self, text):
        os.write(self.master, text.encode())

    def read_until(self, wanted):
        heard, end = "", time.monotonic() + night.PATIENCE
        while not re.search(wanted, heard):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                raise AssertionError(f"{wanted!r} never came: {heard!r}")
            heard += os.read(self.master, 4096).decode("utf-8", "replace")
        return heard

    def complete(self, line):
        """The line after TAB: Ctrl-A puts an echo of its own before it, that Enter carries out."""
        self.type(line + "\t")
        time.sleep(0.1)  # readline reads ahead: the next keys may come before it has asked
        self.type("\x01echo \"is-\"'<'\x05 '>'\n")
        return re.search(r"is-< *(.*?) *>", self.read_until(r"is-<.*?>"))[1]

    def close(self):
        os.close(self.master)
        self.process.kill()
        self.process.wait()


LINES = [
    ("remesa sta", "remesa status"),
    ("remesa show user-0002", "remesa show user-0002"),
    ("remesa show pay", "remesa show payout-000"),
    ("remesa status --bat", "remesa status --batch"),
    ("remesa status --batch p", "remesa status --batch payees.csv"),
    ("remesa status --batch=p", "remesa status --batch=payees.csv"),
    ("remesa import pay", "remesa import payees.csv"),
    ("remesa status --db rem", "remesa status --db remesa.db"),
    ("remesa show odd:a", "remesa show odd:a@b=c"),
]


class Shells(Case):
    def setUp(self):
        super().setUp()
        self.write("odd.csv", "ref,action,email\nodd:a@b=c,create_user,odd@example.com\n")
        self.assert_status(0, self.remesa("import", "--quiet", "odd.csv"))
        for name in os.listdir(self.folder):
            if name.startswith("remesa.db-"):
                os.unlink(self.path(name))  # so that remesa.db is the only one of its kind

    def complete_all(self, command, setup):
        shell = Shell(self, command, setup)
        self.addCleanup(shell.close)
        for line, want in LINES:
            self.assertEqual(want, shell.complete(line), line)

    def test_bash(self):
        self.complete_all(["bash", "--norc", "--noprofile", "-i"], f"source {ROOT}/completion/remesa.bash; bind 'set bell-style none'")

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh here")
    def test_zsh(self):
        self.complete_all(["zsh", "-f", "-i"], f"bindkey -e; fpath=({ROOT}/completion $fpath); autoload -Uz compinit; compinit -u -D")


if __name__ == "__main__":
    night.main()
