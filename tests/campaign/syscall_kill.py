"""K2, K3: a kill at every boundary between the program and the system, then the same command, then everything is judged.

usage: syscall_kill.py --bin DIR [--count 600] [--seed 1] [--quick]

A scenario is a small batch; an undisturbed run of it tells how often it calls what. strace then gives SIGKILL at the
K-th call of each kind, K = 1, 2, ..., before the call takes place. What follows is the same command without strace
(K2); at every sixth point that one is killed too, at a boundary of its own (K3). When there are fewer boundaries than
asked for, other scenarios follow; when there are more, the most frequent calls are thinned out evenly, and the figures
say how many there were."""
import collections
import signal
import sys

from common import FINISHED, arguments, campaign, need, night
from tracing import census, fair_share, spread, tracer

CALLS = ("pwrite64", "fdatasync", "ftruncate", "openat", "unlink", "rename", "write", "sendto", "sendmsg", "recvfrom",
         "epoll_wait", "epoll_pwait", "connect", "close", "fcntl")
RECOVERY_CALLS = ("pwrite64", "fdatasync", "sendto", "fcntl", "recvfrom", "epoll_wait", "epoll_pwait", "ftruncate", "unlink")
KILLED = -signal.SIGKILL
RECOVERY_EVERY = 6
CHECK_EVERY = 15
REST_EVERY = 30
SPARE = 12  # no two runs make the same number of calls: some points come too late

Batch = collections.namedtuple("Batch", "payees concurrency seed")


def batches(rng):
    """The first is the smallest that has everything: two payees, six jobs."""
    yield Batch(2, 4, 1)
    while True:
        yield Batch(rng.randint(1, 5), rng.choice((1, 2, 4)), rng.randrange(10 ** 6))


class Campaign:
    def __init__(self, field):
        self.field = field
        self.points = self.recoveries = self.boundaries = self.doubts = self.too_late = 0
        self.resumed = {}

    def scene(self, batch):
        return self.field.scene(batch.payees, True, concurrency=batch.concurrency, seed=batch.seed,
                                looks=self.points % 2 == 1)

    def count_boundaries(self, batch, imported=False):
        """Of a whole run, or of one that finds its file imported, as one that goes on does."""
        scene = self.scene(batch)
        if imported:
            scene.run(scene.command("import"))
        counts, ended = census(scene, CALLS)
        if ended.status != night.NOT_FINAL:
            sys.exit(f"syscall_kill.py: an undisturbed run ended {ended.status}: {ended.err}")
        scene.close()
        return counts

    def kill_at(self, scene, call, k):
        """True when it died there."""
        ended = scene.run(prefix=tracer((call,), inject=f"{call}:signal=SIGKILL:when={k}"))
        if ended.status == KILLED:
            scene.crashes += 1
            return True
        return ended

    def random_boundary(self):
        """Of a run that goes on; it may have a little less to do than the one that was counted."""
        call = self.field.rng.choice([call for call in RECOVERY_CALLS if self.resumed[call]])
        return call, self.field.rng.randint(1, max(self.resumed[call] * 3 // 4, 1))

    def die(self, scene, call, k):
        """The kill, and at times a second one in what comes after; how, in words, or None when it came too late."""
        how = f"killed at {call} {k}"
        first = self.kill_at(scene, call, k)
        if first is not True:
            self.too_late += 1
            return None if first.status in FINISHED else f"{how}: no kill, and exit status {first.status}: {first.err}"
        self.points += 1
        if self.points % RECOVERY_EVERY == 0:
            call, k = self.random_boundary()
            if self.kill_at(scene, call, k) is True:
                self.recoveries += 1
                how += f", the next run at {call} {k}"
        return how

    def judge(self, scene):
        findings = scene.judge_end(scene.run(), self.points % CHECK_EVERY == 0)
        if not findings and self.points % REST_EVERY == 0:
            findings = scene.judge_rest()
        return findings

    def point(self, batch, call, k):
        scene = self.scene(batch)
        how = self.die(scene, call, k)
        if how:
            findings = [how] if "no kill" in how else self.judge(scene)
            if findings:
                self.field.violated(scene, findings, f"{batch}: {how}")
            else:
                self.doubts += scene.doubts()
        scene.close()

    def play(self, batch, wanted):
        counts, before = self.count_boundaries(batch), self.points
        self.resumed = self.count_boundaries(batch, True)
        self.boundaries += sum(counts.values())
        for call, share in fair_share(counts, min(wanted + SPARE, sum(counts.values()))).items():
            for k in spread(counts[call], share):
                if self.field.is_enough() or self.points == before + wanted:
                    return
                self.point(batch, call, k)
        if self.points == before:
            sys.exit(f"syscall_kill.py: strace killed nothing in {batch}: it cannot inject signals here")


def main():
    given = arguments(__doc__, 600)
    need("strace")
    with campaign(given, "syscall_kill") as field:
        run = Campaign(field)
        for batch in batches(field.rng):
            if run.points >= given.count or field.is_enough():
                break
            run.play(batch, given.count - run.points)
        field.end(f"K2 kills at system calls: {run.points} of {run.boundaries} boundaries, K3 kills of the recovery: "
                  f"{run.recoveries}, {field.figures()}, in doubt {run.doubts} "
                  f"({'not honest' if field.violations else 'honest'})")


if __name__ == "__main__":
    main()
