"""P1: the power fails, at any moment, on a disk that keeps no more than it must.

usage: power.py --bin DIR [--count 20000] [--seed 1] [--quick] [--resumed 20]

Nights are recorded with strace: a small one that is killed and goes on, and one that is long enough for checkpoints in
the middle of the work. From a recording the disk is rebuilt as a cut at a random moment may leave it (disk.py), and
opened with Python's own sqlite3. It must be sound; the attempt of every request that had begun to leave must be in it;
so must every answer that such a request was made from; and when results were told, all of them. A sample of the images
is carried on by the program, against the ledger as it was at that moment."""
import bisect
import collections
import contextlib
import os
import re
import shutil
import sqlite3
import sys

import disk
from common import Ended, arguments, campaign, need, night
from recording import CALLS, MARK, Reader, Request
from tracing import tracer

# share of the images; payees; requests at once; the fdatasync at which its first run is killed
Night = collections.namedtuple("Night", "share payees concurrency killed_at")
NIGHTS = (Night(0.94, 6, 2, 24), Night(0.06, 220, 8, 30))
TABLES = "SELECT count(*) FROM sqlite_schema WHERE name IN ('job', 'attempt', 'identity')"
COME_SO_FAR = "SELECT (SELECT count(*) FROM attempt), (SELECT marked FROM identity)"
JOBS = ("SELECT j.ref, j.state, j.remote_id, (SELECT count(*) FROM attempt a WHERE a.job_id = j.id) FROM job j")


def is_ours(name):
    return name in ("remesa.db", "remesa.db-wal", "remesa.db-journal", MARK, f"{MARK}.new")


# ---- the recording ----

class Recorded:
    def __init__(self, field, plan):
        self.plan = plan
        self.scene = field.scene(plan.payees, concurrency=plan.concurrency)
        self.events, self.requests = [], []
        self.told = []  # (event, what everybody may then rely on)
        self.run(f"fdatasync:signal=SIGKILL:when={plan.killed_at}", None)
        self.run(None, night.SOME_IN_DOUBT)
        self.run(None, night.SOME_IN_DOUBT)
        self.owners()

    def run(self, inject, status):
        out = os.path.join(self.scene.folder, "trace")
        before = len(self.events)
        ended = self.scene.run(prefix=tracer(CALLS, out, inject, "-xx", "-s", "70000"))
        if ended.status != status and not (status and ended.status == night.NOT_FINAL) and not inject:
            sys.exit(f"power.py: the night to be recorded ended {ended.status}: {ended.err}")
        self.requests += Reader(self.events, is_ours).read(out)
        os.unlink(out)
        if not inject:
            jobs = {ref: (state, remote) for ref, state, remote, _ in night.rows(self.scene.db, JOBS)}
            told = [i for i in range(before, len(self.events)) if self.events[i].kind == "told"]
            self.told.append((told[-1], jobs))

    def owners(self):
        """Whose job each request is, by the judge that reads no code of ours. Questions are for many jobs."""
        judge = night.Judge(self.scene.db, self.scene.effects(), self.scene.calls(), [self.scene.text])
        judge.index_rows()
        self.owner = judge.owner
        posts = [r for r in self.requests if r.call.method != "GET"]
        self.requests = [(judge.owner(r.call), Request(r.call, r.first, r.last)) for r in posts]
        if len(self.requests) < self.plan.payees or any(ref is None for ref, _ in self.requests):
            sys.exit("power.py: requests in the recording that belong to nobody")
        self.by_ref = {row["ref"]: row for row in night.csv_rows(self.scene.text)}
        self.remote = {ref: remote for ref, _, remote, _ in night.rows(self.scene.db, JOBS)}

    def made_from(self, ref):
        """The jobs whose answers stand in the request of this one."""
        row = self.by_ref[ref]
        return [other.lstrip("@") for other in (row["on_behalf_of"], row["withdrawal_instruction"]) if other]

    def claims_at(self, cut):
        """What the world knows after so many events: attempts by ref, answers by ref, and the results that were told."""
        attempts, answers = collections.Counter(), {}
        for ref, request in self.requests:
            if request.first < cut:
                attempts[ref] += 1
                answers.update({other: self.remote[other] for other in self.made_from(ref)})
        told = [jobs for event, jobs in self.told if event < cut]
        return attempts, answers, told[-1] if told else {}


def play(event, target):
    if event.kind == "open":
        target.open(event.name, event.data)
    elif event.kind == "write":
        target.change(target.names[event.name], disk.Write(*event.data))
    elif event.kind == "truncate":
        target.change(target.names[event.name], disk.Truncate(event.data))
    elif event.kind == "sync":
        target.sync(target.names[event.name])
    elif event.kind == "sync directory":
        target.sync_directory()
    elif event.kind == "unlink":
        target.unlink(event.name)
    elif event.kind == "rename":
        target.rename(event.name, event.data)


# ---- one image ----

def read_image(folder):
    """Its jobs, or None when there are no tables yet; raises when it is damaged."""
    path = os.path.join(folder, "remesa.db")
    if not os.path.exists(path):
        return None
    mode = "rw" if os.path.exists(path + "-journal") else "ro"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode={mode}", uri=True)) as db:
        result = db.execute("PRAGMA integrity_check").fetchall()
        if result != [("ok",)]:
            raise sqlite3.DatabaseError(f"PRAGMA integrity_check: {result[:3]}")
        if db.execute(TABLES).fetchone()[0] < 3:
            return None
        judge_mark(os.path.join(folder, MARK), *db.execute(COME_SO_FAR).fetchone())
        return {row[0]: row[1:] for row in db.execute(JOBS)}


def judge_mark(path, attempts, marked):
    """A mark that is ahead, or that is missed, would have the database taken for a backup."""
    if not os.path.exists(path):
        if marked:
            raise sqlite3.DatabaseError("the mark beside it is gone")
        return
    with open(path, encoding="utf-8") as f:
        lines = dict(line.rstrip("\n").partition(" ")[::2] for line in f)
    if int(lines.get("attempt", sys.maxsize)) > attempts:
        raise sqlite3.DatabaseError(f"the mark beside it is ahead of its {attempts} attempts: {lines}")


def same_file(folder):
    """A power cut does not move the file, and the mark names it by its number."""
    path = os.path.join(folder, MARK)
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(re.sub(r"(?m)^file \d+$", f"file {os.stat(os.path.join(folder, 'remesa.db')).st_ino}", text))


def judge_image(folder, claims):
    """Every promise that the image breaks."""
    attempts, answers, told = claims
    try:
        jobs = read_image(folder)
    except sqlite3.DatabaseError as error:
        return [f"the image is corrupt: {error}"]
    if jobs is None:
        return [f"{ref}: is not in the database, and its request left" for ref in attempts]
    findings = []
    for ref, count in attempts.items():
        there = jobs[ref][2] if ref in jobs else 0
        if there < count:
            findings.append(f"{ref}: {count} requests left; the attempt is not in the database of the image ({there})")
    for ref, remote in answers.items():
        if ref not in jobs or jobs[ref][1] != remote:
            findings.append(f"{ref}: a request was made from its id {remote}, which is not in the database of the image")
    for ref, result in told.items():
        if ref not in jobs or jobs[ref][:2] != result:
            findings.append(f"{ref}: {result} was told, and is not in the database of the image")
    return findings


class Campaign:
    def __init__(self, field, given):
        self.field, self.given = field, given
        self.images = self.resumed = self.events = 0
        self.folder = disk.fresh(os.path.join(field.folder, "image"))

    def cuts(self, recorded, count):
        return sorted(self.field.rng.randint(0, len(recorded.events)) for _ in range(count))

    def play(self, recorded, count, resumes):
        rng, target, done = self.field.rng, disk.Disk(), 0
        self.events += len(recorded.events)
        cuts = self.cuts(recorded, count)
        first = bisect.bisect(cuts, recorded.requests[0][1].first)
        to_resume = set(rng.sample(range(first, count), min(resumes, count - first)))
        for number, cut in enumerate(cuts):
            if self.field.is_enough():
                return
            for event in recorded.events[done:cut]:
                play(event, target)
            if cut > done or number == 0:
                claims = recorded.claims_at(cut)
            done = max(done, cut)
            way = rng.choice(disk.WAYS)
            image = target.image(way, rng)
            disk.put(image, self.folder)
            self.images += 1
            findings = judge_image(self.folder, claims)
            if not findings and number in to_resume:
                findings = self.resume(recorded, cut, image)
            if findings:
                self.tell(recorded, cut, way, image, findings)

    def tell(self, recorded, cut, way, image, findings):
        how = f"{recorded.plan}, cut after {cut} of {len(recorded.events)} events, {way}"
        self.field.violated(recorded.scene, findings, how, image)

    # An image that is carried on

    def ledger_at(self, recorded, cut, path):
        """The other side at that moment: it knows the requests that had left as a whole."""
        left = {ref for ref, request in recorded.requests if request.last < cut}
        recorded.scene.copy_ledger(path)
        with contextlib.closing(sqlite3.connect(path)) as db:
            calls = db.execute("SELECT id, method, path, user_id, body, at_us, status, fault FROM request").fetchall()
            for number, *call in calls:
                if recorded.owner(night.Call(*call)) in left:
                    continue
                for kind, resource in db.execute("SELECT kind, resource_id FROM effect WHERE request_id = ?", (number,)):
                    db.execute("DELETE FROM resource WHERE kind = ? AND id = ?", (kind, resource))
                db.execute("DELETE FROM effect WHERE request_id = ?", (number,))
                db.execute("DELETE FROM request WHERE id = ?", (number,))
            db.commit()

    def resume(self, recorded, cut, image):
        """The same command on the image."""
        field = self.field
        field.number += 1
        folder = disk.fresh(os.path.join(field.folder, f"{field.number:05}"))
        disk.put(image, folder)
        same_file(folder)
        field.write_key(folder)
        self.ledger_at(recorded, cut, os.path.join(folder, "ledger.db"))
        scene = field.resumed_scene(folder, recorded.scene)
        scene.crashes = 2
        findings = scene.judge_end(scene.run(), also_check=True) or scene.judge_rest()
        self.resumed += 1
        scene.close()
        return findings


def main():
    given = arguments(__doc__, 20000, resumed={"type": int, "default": 20})
    need("strace")
    with campaign(given, "power") as field:
        run = Campaign(field, given)
        for plan in NIGHTS:
            run.play(Recorded(field, plan), round(given.count * plan.share), round(given.resumed * plan.share))
        field.end(f"P1 power cuts: {run.images} images of {run.events} events, {run.resumed} carried on, {field.figures()}")


if __name__ == "__main__":
    main()
