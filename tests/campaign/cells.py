"""What the drivers of the network share: a folder for each cell, the program in it, several at once, and who is told.

A driver makes a Workshop of its Field, and gives `play` something that names and judges one cell."""
import collections
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys

from common import Field, night

PATIENCE = 120  # seconds for one run

Chosen = collections.namedtuple("Chosen", "name seed")


def flags_of(settings):
    return [part for name, value in settings.items() for part in (f"--{name.replace('_', '-')}", str(value))]


class Place:
    """A folder, a key, a CSV, and the program there. As a scene (common.py), it can be kept when it was wrong."""

    def __init__(self, folder, text):
        self.folder, self.text = folder, text
        self.db = os.path.join(folder, "remesa.db")
        os.makedirs(folder)
        Field.write_key(folder)
        with open(os.path.join(folder, "payees.csv"), "w", encoding="utf-8") as f:
            f.write(text)
        self.ledger = {}
        self.runs = 0

    def run(self, **settings):
        """The exit status; None when it had to be killed. What it said is in the folder."""
        self.runs += 1
        argv = [os.path.join(night.BIN, "remesa"), "run", "payees.csv", "--db", self.db, "--api-key-file", "key",
                *flags_of(settings)]
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LD_LIBRARY_PATH") or k.endswith("SAN_OPTIONS")}
        with open(self.path(f"out.{self.runs}"), "wb") as out, open(self.path(f"err.{self.runs}"), "wb") as err:
            with open(self.path(f"command.{self.runs}"), "w", encoding="utf-8") as f:
                f.write(" ".join(argv) + "\n")
            process = subprocess.Popen(argv, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       env={**kept, "HOME": self.folder, "LC_ALL": "C.UTF-8"})
            try:
                return process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                return None

    def path(self, name):
        return os.path.join(self.folder, name)

    def said(self):
        """On stderr, by all runs."""
        text = ""
        for number in range(1, self.runs + 1):
            with open(self.path(f"err.{number}"), encoding="utf-8", errors="replace") as f:
                text += f.read()
        return text

    def rows(self, text, *values):
        return night.rows(self.db, text, *values)

    def attempts(self):
        """Of each ref: outcome and sendings of every attempt, in their order."""
        found = {ref: [] for ref, in self.rows("SELECT ref FROM results")}
        for ref, outcome, sends in self.rows("SELECT ref, outcome, sends FROM attempts ORDER BY ref, attempt"):
            found[ref].append((outcome, sends))
        return found

    def states(self):
        return dict(self.rows("SELECT ref, state FROM results"))

    def copy_ledger(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.ledger, f, indent=1, default=str)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Workshop:
    def __init__(self, field, workers):
        self.field, self.workers = field, workers

    def folder(self, number):
        return os.path.join(self.field.folder, f"{number:06}")

    def play(self, cells, play):
        """Those that were played. `play(folder, cell)` gives the place and the findings; a cell has a name and a seed."""
        done, waiting, cells = [], {}, enumerate(cells, 1)
        with concurrent.futures.ThreadPoolExecutor(self.workers) as pool:
            for number, cell in cells:
                waiting[pool.submit(play, self.folder(number), cell)] = cell
                if len(waiting) >= 2 * self.workers:
                    done += self.gather(waiting)
                if self.field.is_enough():
                    break
            while waiting:
                done += self.gather(waiting)
        return done

    def gather(self, waiting):
        """Those that are ready, at least one."""
        ready, _ = concurrent.futures.wait(waiting, return_when=concurrent.futures.FIRST_COMPLETED)
        played = [waiting.pop(future) for future in ready]
        for future, cell in zip(ready, played):
            self.finish(*future.result(), cell)
        return played

    def finish(self, place, findings, cell):
        """Without a name there was more than one; the findings name them."""
        if night.SANITIZER.search(place.said()):
            findings = [*findings, f"a sanitizer complains: {place.said()[:400]}"]
        if findings:
            only = f"--only '{cell.name}'" if cell.name else "--only CELL, of those below"
            argv = [sys.executable, sys.argv[0], "--bin", night.BIN, "--seed", str(cell.seed), only]
            self.field.violated(place, findings, f"{cell.name or 'one of many'}\n    this cell: {' '.join(argv)}")
        place.remove()


def chosen(given, names):
    """As many as were asked for: every one once in an order of the seed, then round again with the next seed."""
    if given.only:
        return [Chosen(name, given.seed) for name in names if name == given.only]
    order, seed = [], given.seed
    while len(order) < given.count:
        order += [Chosen(name, seed) for name in random.Random(f"order/{seed}").sample(names, len(names))]
        seed += 1
    return order[:given.count]


# ---- what holds for every cell ----

def judge_promises(jobs, attempts, states, bank, ledger):
    """`jobs`: ref and key. No request that is not written down, no effect twice, none that nobody knows of."""
    findings = []
    reads, made = collections.Counter(map(bank.key, ledger)), collections.Counter(effect.key for effect in bank.effects)
    for ref, key in jobs.items():
        read, effects = reads[key], made[key]
        sent = sum(sends != 0 for _, sends in attempts.get(ref, ()))
        if read > sent:
            findings.append(f"{ref}: {read} requests reached the server, {sent} sendings are written down")
        if effects > 1:
            findings.append(f"{ref}: took effect {effects} times")
        if effects and states.get(ref) not in ("succeeded", "following", "in_doubt"):
            findings.append(f"{ref}: took effect, and the database says {states.get(ref)}")
        findings += [f"{ref}: an attempt with {sends} sendings is {outcome}" for outcome, sends in attempts.get(ref, ())
                     if (sends == 0) != (outcome == "not_sent") and (sends, outcome) != (0, "rejected_systemic")]
    return findings + [f"{key}: took effect, and no job asked for it" for key in made.keys() - set(jobs.values())]
