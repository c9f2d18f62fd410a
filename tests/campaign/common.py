"""What the drivers of the campaign share: a folder of scenes, the program in it, the judges, and the line of figures.

A scene is one database and one CSV on a sandbox that many scenes may share: its part of the ledger begins where the
ledger ended when the scene began. Judged is by night.agree (the CSV, the views, the ledger), by check.py when it is
there, and by what is known here and nowhere else: which runs died, so which doubts there may be."""
import argparse
import collections
import contextlib
import os
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, os.pardir, "e2e"))
import night  # noqa: E402  (its folder is known only now)

CHECKER = os.path.join(HERE, "check.py")
PATIENCE = 120  # seconds for one run
FINISHED = (night.OK, night.SOME_IN_DOUBT, night.NOT_FINAL)
KINDS_OF_FAULT = ("effects twice", "lost", "wrong", "corrupt")
ENOUGH = 8  # violations, after which a driver stops
SCENES_OF_A_BOX = 40  # its lists come whole: they must not get long
LOOKS = {"find_first": "5ms", "find_tries": 2, "settle_time": "20ms"}  # this sandbox applies a request before it reads on

Ended = collections.namedtuple("Ended", "status out err")


# ---- what a driver is told ----

def arguments(text, count, **more):
    parser = argparse.ArgumentParser(description=text, allow_abbrev=False)
    parser.add_argument("--bin", required=True, help="the folder of remesa and remesa-sandbox")
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a tenth of the count")
    for name, options in more.items():
        parser.add_argument(f"--{name}", **options)
    given = parser.parse_args()
    if given.quick:
        given.count = max(given.count // 10, 1)
    night.BIN = os.path.abspath(given.bin)
    for program in "remesa", "remesa-sandbox":
        if not os.access(os.path.join(night.BIN, program), os.X_OK):
            parser.error(f"{night.BIN}/{program} is not there")
    return given


def need(program):
    if not shutil.which(program):
        sys.exit(f"{os.path.basename(sys.argv[0])}: {program} is not installed")


# ---- what was found ----

def kind_of_fault(finding):
    """Of a judge's line, in the words of the figures."""
    if re.search(r"took effect \d+ times|requests reached the server|L1\b|L4\b", finding):
        return "effects twice"
    if re.search(r"PRAGMA|_check: |malformed|corrupt|not a database", finding):
        return "corrupt"
    if re.search(r"took effect, and|is not in the database|waits for nothing|L2\b", finding):
        return "lost"
    return "wrong"


class Field:
    """Where the scenes are, in memory when there is room, and what became of them."""

    def __init__(self, given, name):
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = tempfile.mkdtemp(prefix=f"remesa-{name}.", dir=memory)
        self.given, self.name = given, name
        self.rng = random.Random(f"{name}/{given.seed}")
        self.found = collections.Counter()
        self.violations = 0
        self.started = time.monotonic()
        self.number = 0
        self.boxes = []
        self.write_key(self.folder)
        self.can_look = "--find-first" in subprocess.run(
            [os.path.join(night.BIN, "remesa"), "help", "run"], capture_output=True, text=True, check=False).stdout

    @staticmethod
    def write_key(folder):
        descriptor = os.open(os.path.join(folder, "key"), os.O_WRONLY | os.O_CREAT, 0o600)
        with open(descriptor, "w", encoding="ascii") as f:
            f.write(night.KEY + "\n")

    def box(self, folder, *options):
        box = night.Sandbox(folder, *options, seconds=6 * 3600)
        self.boxes.append(box)
        return box

    def shared_box(self):
        """Without delays, for scenes of a few payees; a new one now and then."""
        if self.number % SCENES_OF_A_BOX == 0 or not self.boxes:
            for box in self.boxes:
                box.close()
                for name in os.listdir(self.folder):
                    if name.startswith("ledger.db"):
                        os.unlink(os.path.join(self.folder, name))
            self.boxes = []
            self.box(self.folder)
        return self.boxes[-1]

    def scene(self, payees, shared=False, options=("--latency", "1..5"), **more):
        """Its payees are nobody else's; the options are its own sandbox's."""
        box = self.shared_box() if shared else None
        self.number += 1
        folder = os.path.join(self.folder, f"{self.number:05}")
        os.mkdir(folder)
        self.write_key(folder)
        return Scene(self, folder, payees, box or self.box(folder, *options, "--seed", self.number), **more)

    def resumed_scene(self, folder, other):
        """On files that are there: a database and a ledger of the same night as another scene's."""
        scene = Scene(self, folder, other.payees, self.box(folder), concurrency=other.concurrency, text=other.text)
        scene.first_request = scene.first_effect = 0
        return scene

    def violated(self, scene, findings, how, image=None):
        """Told at once, and the folder stays, with the files of an image if there is one."""
        self.violations += 1
        for kind in {kind_of_fault(finding) for finding in findings}:
            self.found[kind] += 1
        kept = tempfile.mkdtemp(prefix=f"remesa-{self.name}-violation.")
        shutil.copytree(scene.folder, kept, dirs_exist_ok=True, symlinks=True)
        scene.copy_ledger(os.path.join(kept, "its-ledger.db"))
        os.mkdir(os.path.join(kept, "image"))
        for name, content in (image or {}).items():
            with open(os.path.join(kept, "image", name), "wb") as f:
                f.write(content)
        command = " ".join([sys.executable, *sys.argv])
        text = "\n".join([f"{self.name}: VIOLATION: {how}", *(f"    {line}" for line in findings[:5]),
                          f"    folder: {kept}", f"    again:  {command}", ""])
        with open(os.path.join(kept, "violation.txt"), "w", encoding="utf-8") as f:
            f.write(text)
        print(text, file=sys.stderr, end="", flush=True)

    def is_enough(self):
        return self.violations >= ENOUGH

    def seconds(self):
        return time.monotonic() - self.started

    def figures(self, *kinds):
        return ", ".join(f"{kind} {self.found[kind]}" for kind in kinds or KINDS_OF_FAULT)

    def close(self):
        for box in self.boxes:
            box.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end(self, line):
        """The one line on stdout, and the exit status."""
        print(f"{line} [{self.seconds():.0f} s, seed {self.given.seed}]", flush=True)
        sys.exit(1 if self.violations else 0)


@contextlib.contextmanager
def campaign(given, name):
    field = Field(given, name)
    try:
        yield field
    finally:
        field.close()


# ---- one scene ----

class Scene:
    def __init__(self, field, folder, payees, box, concurrency=4, seed=None, looks=False, text=None):
        self.field, self.folder, self.box, self.concurrency = field, folder, box, concurrency
        self.payees, self.looks = payees, looks and field.can_look
        self.text = text or night.make_payees(payees, seed=field.number if seed is None else seed, first=10 * field.number)
        self.db = os.path.join(folder, "remesa.db")
        self.crashes = 0
        self.loses_answers = False  # by itself or by its sandbox: then not only deaths leave doubts
        with open(os.path.join(folder, "payees.csv"), "w", encoding="utf-8", newline="") as f:
            f.write(self.text)
        self.first_request, self.first_effect = (
            box.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0] for table in ("request", "effect"))

    # The program

    def command(self, name="run", **changed):
        if name == "import":
            return [os.path.join(night.BIN, "remesa"), "import", "payees.csv", "--db", self.db]
        flags = {"base_url": self.box.url, "api_key_file": "key", "rate": 0, "retry_base": "20ms",
                 "retry_max": "200ms", "concurrency": self.concurrency, "db": self.db, **changed}
        if self.field.can_look:
            flags.update(LOOKS if self.looks else {"find_first": "0s"})
        return [os.path.join(night.BIN, "remesa"), name, "payees.csv",
                *(part for flag, value in flags.items() for part in (f"--{flag.replace('_', '-')}", str(value)))]

    def start(self, argv, prefix=()):
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH") or k.endswith("SAN_OPTIONS")}
        with open(os.path.join(self.folder, "out"), "wb") as out, open(os.path.join(self.folder, "err"), "wb") as err:
            return subprocess.Popen([*prefix, *argv], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                    env={**kept, "HOME": self.folder, "LC_ALL": "C.UTF-8"})

    def said(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait(self, process, seconds=PATIENCE):
        """None when it had to be killed."""
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = None
        return Ended(status, self.said("out"), self.said("err"))

    def run(self, argv=None, prefix=()):
        return self.wait(self.start(argv or self.command(), prefix))

    def run_and_kill(self, seconds, argv=None):
        """True when the kill came before the end; otherwise the exit status."""
        process = self.start(argv or self.command())
        descriptor = os.pidfd_open(process.pid)
        select.select([descriptor], [], [], seconds)
        os.close(descriptor)
        process.kill()
        if process.wait() != -signal.SIGKILL:
            return process.returncode
        self.crashes += 1
        return True

    # The other side

    def calls(self):
        return [night.Call(*row) for row in self.box.rows(
            "SELECT method, path, user_id, body, at_us, status, fault FROM request "
            "WHERE method = 'POST' AND id > ? ORDER BY id", self.first_request)]

    def effects(self):
        return [night.Effect(row[0], row[1], night.Call(*row[2:])) for row in self.box.rows(
            "SELECT e.kind, e.resource_id, r.method, r.path, r.user_id, r.body, r.at_us, r.status, r.fault "
            "FROM effect e JOIN request r ON r.id = e.request_id WHERE e.id > ? ORDER BY e.id", self.first_effect)]

    def copy_ledger(self, path):
        """This scene's part of the ledger, as a file of its own."""
        with contextlib.closing(sqlite3.connect(f"file:{self.box.ledger}?mode=ro", uri=True)) as source, \
                contextlib.closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("DELETE FROM effect WHERE id <= ?", (self.first_effect,))
            target.execute("DELETE FROM request WHERE id <= ?", (self.first_request,))
            target.commit()

    # The judges

    def judge(self, also_check=False):
        """Every disagreement; the runs have ended."""
        try:
            findings = night.agree(self.db, self.effects(), self.calls(), self.text)
            findings += self.judge_runs() + self.judge_waiting()
        except sqlite3.DatabaseError as error:
            return [f"the database is corrupt: {error}"]
        return findings + (self.check() if also_check else [])

    def judge_runs(self):
        """The sandbox tells the truth at once, so only the death of a run leaves doubts: at most `concurrency` each."""
        findings = []
        for run, status, doubts, opened in night.rows(
                self.db, "SELECT r.id, r.exit_status, coalesce(sum(a.outcome = 'in_doubt'), 0), "
                "coalesce(sum(a.id IS NOT NULL AND a.closed_at IS NULL), 0) "
                "FROM run r LEFT JOIN attempt a ON a.run_id = r.id GROUP BY r.id"):
            if doubts > self.concurrency and not self.loses_answers:
                findings.append(f"run {run} died and left {doubts} in doubt, with {self.concurrency} at once")
            if status in FINISHED and doubts and not self.loses_answers:
                findings.append(f"run {run} ended by itself with {doubts} doubts of its own making")
            if opened:
                findings.append(f"run {run} left {opened} attempts open behind the last run")
        return findings

    def judge_waiting(self):
        """What is still queued waits for a doubt: another job of the same payee."""
        states = dict(night.rows(self.db, "SELECT ref, state FROM results"))
        doubtful = {ref.rpartition("-")[2] for ref, state in states.items() if state == "in_doubt"}
        return [f"{ref}: is {state}, and waits for nothing that is in doubt" for ref, state in states.items()
                if state not in ("succeeded", "following", "in_doubt")
                and not (state == "queued" and ref.rpartition("-")[2] in doubtful)]

    def check(self):
        """By check.py, which shares no line with night.py."""
        if not os.path.exists(CHECKER):
            return []
        ledger = os.path.join(self.folder, "its-ledger.db")
        self.copy_ledger(ledger)
        done = subprocess.run([sys.executable, "-B", CHECKER, "--db", self.db, "--ledger", ledger, "--concurrency",
                               str(self.concurrency), "--crashes", str(self.crashes),
                               "--canary", os.path.join(self.folder, "key"), "--artefacts", self.folder,
                               *(["--settled"] if self.looks else [])], capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        os.unlink(ledger)
        if done.returncode == 0:
            return []
        return [f"check.py: {line}" for line in (done.stdout + done.stderr).splitlines() if " ok " not in line]

    def doubts(self):
        return night.rows(self.db, "SELECT count(*) FROM results WHERE state = 'in_doubt'")[0][0]

    def judge_end(self, ended, also_check=False):
        """Of the run that came to the end by itself."""
        if night.SANITIZER.search(ended.err):
            return [f"a sanitizer complains: {ended.err[:400]}"]
        if ended.status not in FINISHED:
            wrong = f"the last run ended {ended.status}, not in {FINISHED}: {ended.err.strip()[-300:]}"
            return [wrong] + (self.judge(also_check) if os.path.exists(self.db) else [])
        findings = self.judge(also_check)
        if not findings and ended.status != (night.SOME_IN_DOUBT if self.doubts() else night.NOT_FINAL):
            findings = [f"exit status {ended.status} with {self.doubts()} in doubt"]
        return findings

    def judge_rest(self):
        """The same command once more: nothing is done again and nothing moves. It may look for what is in doubt."""
        def all_there_is():
            return (night.rows(self.db, "SELECT ref, state, remote_id, attempts FROM results"),
                    night.rows(self.db, "SELECT * FROM attempts"), len(self.calls()))
        before = all_there_is()
        self.run()
        return [] if all_there_is() == before else ["the same command once more changed something"]

    def resolve(self):
        """A person looks at the ledger and says of each doubt what it was; how many that were."""
        judge = night.Judge(self.db, self.effects(), self.calls(), [self.text])
        judge.judge()
        refs = [ref for ref, in night.rows(self.db, "SELECT ref FROM doubts")]
        for ref in refs:
            found = judge.effects_of[ref]
            word = ["--succeeded", "--remote-id", found[0].remote_id] if found else ["--not-sent"]
            ended = self.run([os.path.join(night.BIN, "remesa"), "resolve", "--db", self.db, *word, "--reason", "the ledger",
                              ref])
            if ended.status != night.OK:
                raise AssertionError(f"resolve {ref} {word}: {ended}")
        return len(refs)

    def judge_settled(self):
        """With every doubt resolved the same command ends the work: everything took effect once, and nothing is left."""
        while self.resolve():
            ended = self.run()
            findings = self.judge_end(ended)
            if findings:
                return findings
        states = dict(night.rows(self.db, "SELECT state, count(*) FROM results GROUP BY state"))
        if states.keys() - {"succeeded", "following"} or len(self.effects()) != 3 * self.payees:
            return [f"all resolved, and lost is not in the database: {states}, {len(self.effects())} effects"]
        return []

    def close(self):
        """When it was fine: it leaves nothing."""
        if self.box.folder == self.folder:
            self.box.close()
            self.field.boxes.remove(self.box)
        shutil.rmtree(self.folder)
