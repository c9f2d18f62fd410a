"""F2: an allocation fails, any of them, once or from then on.

usage: memory.py --bin DIR [--count 400] [--seed 1] [--quick]

failing_alloc.c (the build puts it into lib/, beside DIR) stands in front of malloc and its kin for SQLite, libcurl, libuv,
OpenSSL, cJSON, the C library and the program itself. An undisturbed run of each scenario tells how many allocations it
makes since main(); then the N-th of them fails: N = 1, 2, ... where --count allows, else one at random out of each of so
many equal parts, in turns once and from then on.

Scenarios: a night without and one with look-ups, whose server loses answers; `resolve`; `status`. Either the command does
what it should, or it ends and says that memory is short. It does not crash, hang, or say that all is well when it is not.
Then the same command, undisturbed, goes on to the end, and everything is judged. Not for a sanitized build."""
import collections
import contextlib
import os
import shutil
import signal
import sqlite3
import struct
import sys

from common import FINISHED, arguments, campaign, night
from tracing import fair_share

PATIENCE = 30
CHECK_EVERY = 8
SPARE = 100  # no two runs make the same number of allocations: some points come too late
OUT_OF_MEMORY = 71, "remesa: out of memory;"  # base/mem.h
# Libraries that end the process themselves. libuv, without a word, when its table of descriptors cannot grow; glibc when
# it reads nsswitch.conf.
THEIR_OWN_ABORTS = (("libuv", ""), ("libc.so", "nss_database.c:"))
LOST_ANSWERS = ("POST /users:commit-then-close:x1", "POST /withdrawal_instructions:close-before-commit:x1",
                "POST /cash_withdrawals:commit-then-close:x1")
REPORT = struct.Struct("<qqq200s")  # struct report of failing_alloc.c

Point = collections.namedtuple("Point", "scenario n for_good")
Report = collections.namedtuple("Report", "count failed size asker")


# ---- the library ----

def library():
    return os.path.join(night.BIN, os.pardir, "lib", "failing_alloc.so")


def prefix(folder, n=None, for_good=False):
    """In front of a command line; without n everything is counted and nothing fails."""
    path = os.path.join(folder, "allocations")
    with open(path, "wb") as f:
        f.write(bytes(REPORT.size))
    return ["env", f"LD_PRELOAD={library()}", f"REMESA_ALLOC_REPORT={path}",
            *([f"REMESA_ALLOC_FAIL={n}"] if n else []), *(["REMESA_ALLOC_ON=1"] if for_good else [])]


def report(folder):
    with open(os.path.join(folder, "allocations"), "rb") as f:
        count, failed, size, asker = REPORT.unpack(f.read())
    return Report(count, failed, size, os.path.basename(asker.rstrip(b"\0").decode()))


# ---- scenarios ----

class Night:
    """Import and run."""

    def __init__(self, field, looks, faults=()):
        self.field, self.looks = field, looks
        self.options = [part for fault in faults for part in ("--fault", fault)]

    def scene(self):
        scene = self.field.scene(2, not self.options, self.options, concurrency=2, seed=5, looks=self.looks)
        scene.loses_answers = True
        return scene

    @staticmethod
    def command(scene):
        return scene.command()

    @staticmethod
    def is_well(ended):
        return ended.status in FINISHED

    @staticmethod
    def judge_well(scene, ended):
        return scene.judge_end(ended)

    @staticmethod
    def judge_next(scene, ended, also_check):
        return scene.judge_end(ended, also_check)


class OneCommand:
    """On a copy of a database with a payout in doubt. What it leaves and says is what it does undisturbed."""

    def __init__(self, field, *words):
        self.field = field
        self.template = field.scene(2, options=("--fault", "POST /cash_withdrawals:close-before-commit:x1"), concurrency=1)
        ended = self.template.run()
        if ended.status != night.SOME_IN_DOUBT:
            sys.exit(f"memory.py: a run with a doubt ended {ended.status}: {ended.err}")
        (ref,), = night.rows(self.template.db, "SELECT ref FROM doubts")
        self.words = [ref if word == "REF" else word for word in words]
        scene = self.scene()
        self.said, self.left = scene.run(self.command(scene)).out, content(scene.db)
        scene.close()

    def scene(self):
        scene = self.field.scene(2, True, text=self.template.text)
        shutil.copy(self.template.db, scene.db)
        return scene

    def command(self, _scene):
        return [os.path.join(night.BIN, "remesa"), *self.words, "--db", "remesa.db"]

    @staticmethod
    def is_well(ended):
        return ended.status == night.OK

    def judge_well(self, scene, ended):
        findings = [f"PRAGMA integrity_check: {row}" for row, in night.rows(scene.db, "PRAGMA integrity_check") if row != "ok"]
        if content(scene.db) != self.left:
            findings.append("exit status 0, and what it should have done is not in the database")
        if ended.out != self.said:
            findings.append(f"exit status 0, and it says {ended.out!r}")
        return findings

    def judge_next(self, scene, ended, _also_check):
        """What the first one had done before it ended is refused to the second."""
        if ended.status == night.OK:
            return self.judge_well(scene, ended)
        return [] if content(scene.db) == self.left else [f"undisturbed it ended {ended.status}: {ended.err.strip()[-300:]}"]


OF_THE_TIME = ("at", "prev", "hash")  # of the trail: when, and what is made of it; `remesa audit` has its own tests


def content(path):
    """Everything in a database but the times."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        found = {}
        for table, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall():
            cursor = db.execute(f"SELECT * FROM {table}")
            lasting = [i for i, column in enumerate(cursor.description)
                       if not column[0].endswith("_at") and column[0] not in OF_THE_TIME]
            found[table] = [tuple(row[i] for i in lasting) for row in cursor]
    return found


# ---- points ----

class Campaign:
    def __init__(self, field):
        self.field = field
        self.scenarios = {
            "night": Night(field, False),
            "look-ups": Night(field, True, LOST_ANSWERS),
            "resolve": OneCommand(field, "resolve", "REF", "--not-sent", "--reason", "asked the bank"),
            "status": OneCommand(field, "status"),
        }
        self.total = self.points = self.ended = self.crashed = 0

    def census(self, name):
        """How many allocations an undisturbed command makes."""
        scenario = self.scenarios[name]
        scene = scenario.scene()
        ended = scene.run(scenario.command(scene), prefix(scene.folder))
        count = report(scene.folder).count
        findings = scenario.judge_well(scene, ended)
        if not scenario.is_well(ended) or findings or not count:
            sys.exit(f"memory.py: {name} undisturbed, {count} allocations: {findings} {ended}")
        scene.close()
        return count

    def plan(self, count):
        counts = {name: self.census(name) for name in self.scenarios}
        self.total = sum(counts.values())
        todo = {name: 2 * n for name, n in counts.items()}
        for name, share in fair_share(todo, min(count, sum(todo.values()))).items():
            for i in range(share):
                at = self.field.rng.randrange(i * todo[name] // share, (i + 1) * todo[name] // share)
                yield Point(name, at // 2 + 1, bool((at if share == todo[name] else i) % 2))

    def point(self, point):
        scenario = self.scenarios[point.scenario]
        scene = scenario.scene()
        ended = scene.wait(scene.start(scenario.command(scene), prefix(scene.folder, point.n, point.for_good)), PATIENCE)
        told = report(scene.folder)
        if told.failed:
            self.judge_point(scenario, scene, point, ended, told)
        scene.close()
        if not told.failed:
            self.point(point._replace(n=max(told.count - SPARE, 1)))

    def judge_point(self, scenario, scene, point, ended, told):
        self.points += 1
        if scenario.is_well(ended):
            findings = scenario.judge_well(scene, ended)
        else:
            self.ended += 1
            scene.crashes += 1
            findings = self.judge_death(ended, told)
        if not findings:
            after = scene.wait(scene.start(scenario.command(scene)), PATIENCE)
            findings = scenario.judge_next(scene, after, self.points % CHECK_EVERY == 0)
        if findings:
            self.field.violated(scene, findings, f"{point}, {told}")

    def judge_death(self, ended, told):
        """Of a command that did not come to its end: it says why."""
        if ended.status is None:
            return [f"it did not end within {PATIENCE} s: {ended.err[-300:]}"]
        if ended.status == OUT_OF_MEMORY[0] and OUT_OF_MEMORY[1] in ended.err:
            return []
        if ended.status == -signal.SIGABRT and any(
                told.asker.startswith(asker) and words in ended.err for asker, words in THEIR_OWN_ABORTS):
            return []
        if ended.status < 0:
            self.crashed += 1
            return [f"it crashed by signal {-ended.status}: {ended.err.strip()[-300:]}"]
        if "memory" not in ended.err:
            return [f"it ended {ended.status} and does not say that memory is short: {ended.err.strip()[-300:]!r}"]
        return []


def main():
    given = arguments(__doc__, 400)
    if not os.path.exists(library()):
        sys.exit(f"memory.py: {library()} is not there: build the target failing_alloc")
    with campaign(given, "memory") as field:
        run = Campaign(field)
        for point in run.plan(given.count):
            if not field.is_enough():
                run.point(point)
        field.end(f"F2 failing allocations: {run.points} of {run.total:,}, {run.ended} ended the run, "
                  f"crashed {run.crashed}, {field.figures()}")


if __name__ == "__main__":
    main()
