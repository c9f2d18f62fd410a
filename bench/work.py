"""What every item needs: places for files, commands that are measured, and turns."""
import collections
import contextlib
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

KEY = "5d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2"
CONNECTIONS = 64
PATIENCE = 3600  # seconds, for one command

# Seconds, MiB; served: POSTs that the server answered meanwhile, and the seconds that it worked for them
Cost = collections.namedtuple("Cost", "at_us seconds cpu user system peak_mib served server_cpu")


class Wrong(Exception):
    """A command that did not do what was to be measured: then there is no figure."""


def tell(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def body(number):
    return f'{{"data":{{"type":"users","attributes":{{"email":"{email(number)}"}}}}}}'


def email(number):
    return f"bench+{number:08}@payer.example"


def write_csv(path, count, first=0):
    with open(path, "w", encoding="ascii") as f:
        f.write("ref,action,email\n")
        for number in range(first, first + count):
            f.write(f"user-{number:08},create_user,{email(number)}\n")


def median(costs, field):
    return statistics.median(getattr(cost, field) for cost in costs)


def in_turns(times, contestants):
    """Each in its turn, then all again: what disturbs the machine disturbs them all. Costs by name."""
    costs = {name: [] for name in contestants}
    for number in range(times):
        for name, play in contestants.items():
            costs[name].append(play())
            tell(f"  turn {number + 1} of {times}: {name}: {told(costs[name][-1])}")
    return costs


def told(cost):
    per_job = f", {cost.cpu / cost.served * 1e6:.1f} us CPU per job" if cost.served else ""
    return f"{cost.seconds:.2f} s, {cost.served} served, CPU {cost.cpu:.2f} s{per_job}, {cost.peak_mib:.1f} MiB"


class Bench:
    """The programs, the server, and two places for databases: a disk, and memory."""

    def __init__(self, build, disk, server, quick):
        self.build, self.server, self.quick = build, server, quick
        self.stack, self.large = contextlib.ExitStack(), None
        self.places = {"disk": tempfile.mkdtemp(prefix="remesa-bench.", dir=disk)}
        if os.access("/dev/shm", os.W_OK):
            self.places["tmpfs"] = tempfile.mkdtemp(prefix="remesa-bench.", dir="/dev/shm")
        self.env = {"PATH": os.environ["PATH"], "HOME": self.places["disk"], "LC_ALL": "C.UTF-8"}

    def program(self, name):
        return os.path.join(self.build, "bin" if name == "remesa" else "bench", name)

    @contextlib.contextmanager
    def folder(self, place="disk"):
        """A new one with the key in it, gone afterwards."""
        path = tempfile.mkdtemp(dir=self.places[place])
        with open(os.open(os.path.join(path, "key"), os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
            f.write(KEY + "\n")
        try:
            yield path
        finally:
            shutil.rmtree(path)

    def measured(self, argv, folder, good=(0,), env=None):
        """Runs it alone and returns what it cost. Files that are still on their way to the disk go first."""
        out = os.path.join(folder, "cost")
        os.sync()
        served, server_cpu = self.server.count(), self.server.cpu()
        with open(os.path.join(folder, "said"), "wb") as said:
            done = subprocess.run([self.program("measure"), out, *map(str, argv)], cwd=folder, stdout=said, stderr=said,
                                  stdin=subprocess.DEVNULL, env={**self.env, **(env or {})}, timeout=PATIENCE, check=False)
        server_cpu = self.server.cpu() - server_cpu
        served = self.server.count() - served
        if done.returncode not in good:
            raise Wrong(f"{' '.join(map(str, argv))[:300]}: exit status {done.returncode}: {self.said(folder)}")
        with open(out, encoding="ascii") as f:
            at_us, took, user, system, kib = map(int, f.read().split())
        return Cost(at_us, took / 1e6, (user + system) / 1e6, user / 1e6, system / 1e6, kib / 1024, served, server_cpu)

    @staticmethod
    def said(folder):
        with open(os.path.join(folder, "said"), encoding="utf-8", errors="replace") as f:
            return f.read()[-600:]

    def large_folder(self):
        """One that stays until the end: to fill it takes minutes."""
        if not self.large:
            self.large = self.stack.enter_context(self.folder())
        return self.large

    # ---- this engine ----

    def import_argv(self, csv):
        return [self.program("remesa"), "import", csv, "--db", "remesa.db", "--quiet"]

    def run_argv(self, connections=CONNECTIONS, rate=0, how=None, **more):
        flags = {"db": "remesa.db", "base_url": self.server.url(how or self.server.FAST), "api_key_file": "key", "rate": rate,
                 "concurrency": connections, **more}
        return [self.program("remesa"), "run", "--quiet",
                *(part for flag, value in flags.items() for part in (f"--{flag.replace('_', '-')}", str(value)))]

    def import_rows(self, folder, count, first=0):
        csv = os.path.join(folder, f"rows-{first}-{count}.csv")
        write_csv(csv, count, first)
        cost = self.measured(self.import_argv(csv), folder)
        os.unlink(csv)
        return cost

    def run_all(self, folder, count, **how):
        """Every queued row to its end; count of them, or there is no figure."""
        before = self.finished(folder)
        cost = self.measured(self.run_argv(**how), folder)
        done = self.finished(folder) - before
        if done != count or cost.served != count:
            raise Wrong(f"of {count} rows {done} were finished, and {cost.served} requests answered")
        return cost

    @staticmethod
    def finished(folder):
        """Attempts that have an intent and an outcome, and whose job has succeeded."""
        with contextlib.closing(sqlite3.connect(f"file:{folder}/remesa.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT coalesce(max(id), 0) FROM attempt WHERE outcome = 'accepted'").fetchone()[0]

    def engine(self, count, place="disk", **how):
        with self.folder(place) as folder:
            self.import_rows(folder, count)
            return self.run_all(folder, count, **how)

    def close(self):
        self.stack.close()
        for path in self.places.values():
            shutil.rmtree(path, ignore_errors=True)
