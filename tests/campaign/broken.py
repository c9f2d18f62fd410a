"""The tests of the tests: builds that are broken on purpose must be caught.

usage: broken.py [--only TEXT] [--seed 1]    (--bin is passed over: it builds its own)

Each file of broken/ is one change of the sources, as a unified diff below a head: what it is, by which test it is caught,
and what that test must see, as a regular expression; there may be several tests, and each must catch it. A test is a
driver of the campaign, a test_*.py of tests/e2e, or a unit test of CMake's. Where the text that a change replaces does not
stand exactly once, it does not apply any more, and this fails: mend the file.

The sources are copied to a folder of their own and built there once. First every test is played on them as
they are, and must be content. Then for each change: made, built, played; caught is what ends with a status other than 0
and with a violation of the expected kind. The change is undone, and the next one made."""
import argparse
import collections
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BREAKS = os.path.join(HERE, "broken")
PATIENCE = 240  # seconds for one test
PROGRAMS = ("remesa_program", "remesa-sandbox")
PRELOADED = {"memory.py": ("failing_alloc",)}
# What a violation looks like, and where its text ends.
VIOLATIONS = {"driver": re.compile(r"VIOLATION: (?:.*\n)*?    folder: "),
              "e2e": re.compile(r"^FAIL: (?:.*\n)*?(?=\n=====|\n-----+\nRan|\Z)", re.MULTILINE),
              "unit": re.compile(r"^\[  FAILED  \] \w+$", re.MULTILINE)}

Break = collections.namedtuple("Break", "name what tests changes")
Test = collections.namedtuple("Test", "command sees")
Change = collections.namedtuple("Change", "path old new")
Played = collections.namedtuple("Played", "status text seconds")


class DoesNotApply(Exception):
    pass


# ---- the files of broken/ ----

def read_break(path):
    with open(path, encoding="utf-8") as f:
        head, _, diff = f.read().partition("\n\n")
    words, texts = zip(*((word, text.strip()) for word, _, text in (line.partition(":") for line in head.splitlines())))
    if words != ("what", *("by", "sees") * (len(words) // 2)) or len(words) < 3:
        raise ValueError(f"{path}: above the diff stand what:, and by: and sees: of each test")
    tests = tuple(Test(command, re.compile(sees)) for command, sees in zip(texts[1::2], texts[2::2]))
    return Break(os.path.basename(path).removesuffix(".diff"), texts[0], tests, list(read_changes(diff)))


def read_changes(diff):
    """The line numbers of a diff are nobody's business here."""
    path = None
    for part in re.split(r"^(?=\+\+\+ |@@)", diff, flags=re.MULTILINE)[1:]:
        first, *lines = part.splitlines(keepends=True)
        if first.startswith("+++ "):
            path = first.split()[1]
            continue
        lines = [line for line in lines if not line.startswith("--- ")]
        yield Change(path, "".join(line[1:] for line in lines if line[0] in " -"),
                     "".join(line[1:] for line in lines if line[0] in " +"))


def read_breaks(only):
    breaks = [read_break(os.path.join(BREAKS, name)) for name in sorted(os.listdir(BREAKS)) if name.endswith(".diff")]
    return [it for it in breaks if only in it.name or only in it.what]


# ---- the copy ----

class Copy:
    def __init__(self, folder, seed):
        self.folder, self.seed = folder, seed
        self.top, self.build, self.spare = (os.path.join(folder, name) for name in ("src", "build", "tmp"))
        os.mkdir(self.spare)

    def take_sources(self):
        shutil.copytree(TOP, self.top, symlinks=True, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))

    def call(self, *argv):
        done = subprocess.run(["nice", *argv], capture_output=True, text=True, errors="replace", check=False)
        if done.returncode:
            sys.exit(f"broken.py: {' '.join(argv)} failed:\n{(done.stdout + done.stderr)[-3000:]}")

    def configure(self):
        self.call("cmake", "-S", self.top, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo")

    def make(self, commands):
        targets = {target for command in commands for target in targets_of(command)}
        self.call("cmake", "--build", self.build, "-j", "2", "--target", *sorted(targets))

    @contextlib.contextmanager
    def changed(self, it):
        whole = {}
        try:
            for change in it.changes:
                path = os.path.join(self.top, change.path)
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                whole.setdefault(path, text)
                if text.count(change.old) != 1:
                    raise DoesNotApply(f"{change.path}: there {text.count(change.old)} times: {change.old!r}")
                write(path, text.replace(change.old, change.new))
            yield
        finally:
            for path, text in whole.items():
                write(path, text)

    def argv(self, command):
        program, *args = command.split()
        if not program.endswith(".py"):
            return [os.path.join(self.build, "tests", *unit_folder(self.build, program), f"test_{program}")]
        if is_e2e(command):
            return [sys.executable, "-B", os.path.join(self.top, "tests", "e2e", program), *args]
        return [sys.executable, "-B", os.path.join(self.top, "tests", "campaign", program), "--bin",
                os.path.join(self.build, "bin"), "--seed", str(self.seed), *args]

    def play(self, command):
        """Whatever it leaves lies in the folder of the copy."""
        started = time.monotonic()
        try:
            done = subprocess.run(["nice", *self.argv(command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  errors="replace", timeout=PATIENCE, check=False, env={
                                      **os.environ, "TMPDIR": self.spare, "REMESA_BIN": os.path.join(self.build, "bin")})
            return Played(done.returncode, done.stdout, time.monotonic() - started)
        except subprocess.TimeoutExpired:
            return Played(None, f"it did not end within {PATIENCE} s", PATIENCE)


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def is_e2e(command):
    return command.startswith("test_")


def kind_of(command):
    return "e2e" if is_e2e(command) else "driver" if ".py" in command else "unit"


def targets_of(command):
    program = command.split()[0]
    return (*PROGRAMS, *PRELOADED.get(program, ())) if program.endswith(".py") else (f"test_{program}",)


def unit_folder(build, name):
    """unit_net_endings lies in unit/net, unit_sandbox_http in sandbox."""
    parts = name.split("_")
    return parts[:2] if os.path.isdir(os.path.join(build, "tests", *parts[:2])) else parts[1:2]


# ---- judging ----

def violations(command, played):
    return set(VIOLATIONS[kind_of(command)].findall(played.text))


def judge(test, played):
    """How many violations of the expected kind; 0 when it was not caught."""
    if played.status in (0, None):
        return 0
    return sum(bool(test.sees.search(text)) for text in violations(test.command, played))


def tell_missed(it, test, played):
    print(f"NOT CAUGHT: {it.what} ({it.name}) by {test.command}: exit status {played.status}, and none of its "
          f"{len(violations(test.command, played))} violations matches {test.sees.pattern!r}\n{played.text[-2000:]}",
          flush=True)


def catch(copy, it):
    """True when each of its tests saw it."""
    try:
        with copy.changed(it):
            copy.make(test.command for test in it.tests)
            caught = True
            for test in it.tests:
                played = copy.play(test.command)
                seen = judge(test, played)
                if seen:
                    print(f"caught: {it.what}, by {test.command}, {seen} violations in {played.seconds:.0f} s", flush=True)
                else:
                    tell_missed(it, test, played)
                    caught = False
            return caught
    except DoesNotApply as reason:
        print(f"DOES NOT APPLY any more: {it.what} ({it.name}): {reason}", flush=True)
        return False


def are_content(copy, commands):
    """As they are the sources pass: then red means the change."""
    good = True
    for command in commands:
        played = copy.play(command)
        if played.status != 0:
            print(f"RED WITHOUT ANY CHANGE: {command}: exit status {played.status}\n{played.text[-2000:]}", flush=True)
            good = False
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", default="", help="those whose name or description has this text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bin", help=argparse.SUPPRESS)
    given = parser.parse_args()
    breaks = read_breaks(given.only)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="remesa-broken.") as folder:
        copy = Copy(folder, given.seed)
        copy.take_sources()
        copy.configure()
        commands = sorted({test.command for it in breaks for test in it.tests})
        copy.make(commands)
        content = are_content(copy, commands)
        caught = sum(catch(copy, it) for it in breaks)
    print(f"broken builds: {caught} of {len(breaks)} caught [{time.monotonic() - started:.0f} s, seed {given.seed}]")
    sys.exit(0 if content and breaks and caught == len(breaks) else 1)


if __name__ == "__main__":
    main()
