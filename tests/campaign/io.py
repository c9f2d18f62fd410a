"""F1: the disk fails, at any call, once or for good. F3: the disk is full.

usage: io.py --bin DIR [--count 300] [--seed 1] [--quick] [--full-disks 8]

An undisturbed run of a small batch tells which calls meet the files of the database. Then, for the K-th of them, strace
gives EIO, ENOSPC, EDQUOT or EINTR instead of the call: once (when=K), or from then on (when=K+). EINTR comes three times
at most: a disk that is interrupted for ever does not exist, and SQLite tries again for as long as it is.

Either nobody notices and the run ends well, or it ends with 73, 74 or 75 and says which file and why, and no request leaves
after the call that failed. Then the same command, undisturbed, goes on, and everything is judged.

F3 does it without strace: the database is on a file system in memory that is too small by more or less; then it grows.
That needs the right to mount."""
import collections
import errno
import os
import re
import subprocess
import sys

from common import FINISHED, arguments, campaign, need, night
from tracing import fair_share, lines, spread, tracer

CALLS = ("pwrite64", "fdatasync", "openat", "ftruncate", "unlink")
ERRORS = ("EIO", "ENOSPC", "EDQUOT", "EINTR")
NO_CREATE, DISK, STOPPED = 73, 74, 75
PATIENCE = 40
WORDS = ("disk I/O error", "readonly database", "database or disk is full", "unable to open database file",
         "cannot create", "cannot write")
CHECK_EVERY = 6
SPARE = 6  # no two runs make the same number of calls: some points come too late

Point = collections.namedtuple("Point", "call k error for_good")


class Campaign:
    def __init__(self, field):
        self.field = field
        self.points = self.hidden = self.doubts = self.too_late = self.full = self.full_ended = 0

    def scene(self):
        return self.field.scene(3, True, concurrency=2, seed=5, looks=self.points % 4 == 1)

    # Which calls there are

    def census(self):
        """call -> the numbers of those that meet a file of the database."""
        scene, out = self.scene(), os.path.join(self.field.folder, "census")
        ended = scene.run(prefix=tracer(CALLS, out, None, "-y"))
        if ended.status != night.NOT_FINAL:
            sys.exit(f"io.py: an undisturbed run ended {ended.status}: {ended.err}")
        seen, ours = collections.Counter(), collections.defaultdict(list)
        for line in lines(out):
            call = re.match(r"\d+ +(\w+)\(", line)
            if call:
                seen[call[1]] += 1
                if "remesa.db" in line:
                    ours[call[1]].append(seen[call[1]])
        os.unlink(out)
        scene.close()
        return ours

    def plan(self, count):
        """So many points: each kind of call has its share, the errors go round, every other one is for good."""
        ours = self.census()
        todo = {call: len(numbers) * len(ERRORS) * 2 for call, numbers in ours.items()}
        for call, share in fair_share(todo, min(count, sum(todo.values()))).items():
            for n, i in enumerate(spread(todo[call], share)):
                k = ours[call][(i - 1) * len(ours[call]) // todo[call]]
                turn = (n + self.field.rng.randrange(2)) if share < todo[call] else i
                yield Point(call, k, ERRORS[turn % len(ERRORS)], bool(turn // len(ERRORS) % 2))

    # One point

    @staticmethod
    def injection(point):
        when = f"{point.k}..{point.k + 2}" if point.error == "EINTR" else f"{point.k}{'+' if point.for_good else ''}"
        return f"{point.call}:error={point.error}:when={when}"

    def point(self, point):
        scene = self.scene()
        out = os.path.join(scene.folder, "trace")
        prefix = tracer((point.call, "sendto"), out, self.injection(point), "-y")
        ended = scene.wait(scene.start(scene.command(), prefix), PATIENCE)
        trace = lines(out)
        if not any("(INJECTED)" in line for line in trace):
            self.too_late += 1
            scene.close()
            return
        self.points += 1
        self.hidden += ended.status in FINISHED
        findings = self.judge_end(scene, point, ended, trace) or self.judge_next(scene)
        if findings:
            self.field.violated(scene, findings, str(point))
        else:
            self.doubts += scene.doubts()
        scene.close()

    def judge_end(self, scene, point, ended, trace):
        if ended.status is None:
            return [f"it did not end within {PATIENCE} s: {ended.err[-300:]}"]
        if night.SANITIZER.search(ended.err):
            return [f"a sanitizer complains: {ended.err[:400]}"]
        if ended.status in FINISHED:
            return []
        scene.crashes += 1
        if ended.status not in (NO_CREATE, DISK, STOPPED):
            return [f"it ended {ended.status}: {ended.err.strip()[-300:]}"]
        return self.judge_message(ended, point.error) + self.judge_silence(point, trace)

    @staticmethod
    def judge_message(ended, error):
        words = (*WORDS, os.strerror(getattr(errno, error)))
        if any(name in ended.err for name in ("remesa.db", "key:")) and any(word in ended.err for word in words):
            return []
        return [f"it ended {ended.status} and does not say which file and why: {ended.err.strip()[-300:]!r}"]

    @staticmethod
    def judge_silence(point, trace):
        """No request leaves after the failure that ended the run. A failure that did not end it was a checkpoint's: what is
        for good failed again later."""
        failed = [i for i, line in enumerate(trace) if "(INJECTED)" in line]
        last = failed[-1] if point.for_good or point.error == "EINTR" else failed[0]
        sent = sum(" sendto(" in line and '"POST ' in line for line in trace[last:])
        return [f"{sent} requests were sent after the failure that ended the run"] if sent else []

    def judge_next(self, scene):
        """The disk is well again."""
        ended = scene.wait(scene.start(scene.command()), PATIENCE)
        return scene.judge_end(ended, self.points % CHECK_EVERY == 0)

    # F3

    def full_disk(self, kilobytes):
        """False when nothing may be mounted here."""
        self.full += 1
        scene = self.field.scene(40, concurrency=4, looks=self.full % 2 == 1)
        folder = os.path.join(scene.folder, "small")
        os.mkdir(folder)
        if mount(folder, kilobytes):
            scene.close()
            return False
        try:
            scene.db = os.path.join(folder, "remesa.db")
            ended = scene.wait(scene.start(scene.command()), PATIENCE)
            findings = self.judge_end(scene, Point("full", kilobytes, "ENOSPC", True), ended, ["(INJECTED)"])
            self.full_ended += ended.status not in FINISHED
            mount(folder, 65536, "remount,")
            findings = findings or self.judge_next(scene)
            if findings:
                self.field.violated(scene, findings, f"a disk of {kilobytes} kB")
        finally:
            subprocess.run(["umount", folder], check=False)
        scene.close()
        return True


def mount(folder, kilobytes, how=""):
    return subprocess.run(["mount", "-t", "tmpfs", "-o", f"{how}size={kilobytes}k,mode=700", "remesa-campaign", folder],
                          stderr=subprocess.DEVNULL, check=False).returncode


def main():
    given = arguments(__doc__, 300, **{"full-disks": {"type": int, "default": 8}})
    need("strace")
    with campaign(given, "io") as field:
        run = Campaign(field)
        for point in run.plan(given.count + SPARE):
            if not field.is_enough() and run.points < given.count:
                run.point(point)
        sizes = spread(4800, given.full_disks)  # kB; the night of 40 payees needs about 4000
        full = f"{len(sizes)}" if os.geteuid() == 0 and all(run.full_disk(size + 40) for size in sizes) else "not tried"
        field.end(f"F1 I/O errors: {run.points}, of which {run.hidden} did not end the run, "
                  f"{field.figures()}, in doubt {run.doubts}; F3 full disks: {full}, {run.full_ended} ended the run")


if __name__ == "__main__":
    main()
