"""A whole night in a folder of its own: the sandbox, the program, payees, and a judge.

The judge shares nothing with the program but the files that a person may read: the CSV as it was written, the
views of the database, and the ledger of the other side (raw request bodies, numbers with the digits they had).

The folder of the programs is REMESA_BIN in the environment (CMake sets it). Everything listens on a free port of
127.0.0.1 and is ended by its process id; a test that forgets one fails for it."""
import base64
import calendar
import collections
import contextlib
import csv
import decimal
import io
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

BIN = os.environ.get("REMESA_BIN", "")
KEY = "5d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2b6f4a1c07e8d93525d1f0b7c9e3a48d2"
CLOCKS_MS = 2  # two programs, two roundings of one clock
PATIENCE = 60  # seconds, for one run of the program; sanitized ones on a busy machine are slow

OK, SOME_FAILED, SOME_IN_DOUBT, NOT_FINAL, UNBALANCED = 0, 1, 2, 3, 4
USAGE, BAD_INPUT, NO_INPUT, UNAVAILABLE, STOPPED, REFUSED, BAD_CONFIG = 64, 65, 66, 69, 75, 77, 78
DIED = -signal.SIGKILL

KINDS = {"create_user": "users", "create_withdrawal_instruction": "withdrawal_instructions",
         "create_cash_withdrawal": "cash_withdrawals", "create_coin_withdrawal": "coin_withdrawals"}

SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


# ---- the program ----

class Ended:
    """A run that is over: what it said and how it ended."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def __repr__(self):
        return f"exit status {self.status}\n---- stdout\n{self.out}\n---- stderr\n{self.err}"


class Running:
    """The program while it runs; stdout and stderr go to files, so that nothing ever blocks on a pipe."""

    def __init__(self, folder, args, env, program=None, **popen):
        self.files = [tempfile.TemporaryFile(dir=folder) for _ in range(2)]
        program = program or [os.path.join(BIN, "remesa")]
        popen = {"stdin": subprocess.DEVNULL, "stdout": self.files[0], "stderr": self.files[1], **popen}
        self.process = subprocess.Popen([*program, *map(str, args)], cwd=folder, env=env, **popen)
        self.pid = self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def said(self):
        """What is on stderr so far."""
        return self.text(1)

    def text(self, which):
        size = os.fstat(self.files[which].fileno()).st_size
        return os.pread(self.files[which].fileno(), size, 0).decode("utf-8", "surrogateescape")

    def wait(self, seconds=PATIENCE):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the program did not end within {seconds} s; stderr:\n{self.text(1)}") from None
        ended = Ended(status, self.text(0), self.text(1))
        if SANITIZER.search(ended.err):
            raise AssertionError(f"a sanitizer complains: {ended}")
        return ended

    def kill(self):
        """kill -9; the exit status tells whether it came in time."""
        self.process.kill()
        return self.wait()

    def close(self):
        """What it said outlives it: that is searched for secrets."""
        if self.files[0].closed:
            return
        if self.is_running():
            self.process.kill()
            self.process.wait()
        self.spoken = [self.text(0), self.text(1)]
        for f in self.files:
            f.close()


# ---- the sandbox ----

Call = collections.namedtuple("Call", "method path user body at_us status fault")
Effect = collections.namedtuple("Effect", "kind remote_id call")


class Sandbox:
    """One running remesa-sandbox. Its ledger outlives it: another one started on it goes on there."""

    def __init__(self, folder, *options, rate=0, seconds=240):
        self.folder, self.ledger = folder, os.path.join(folder, "ledger.db")
        self.stderr = tempfile.TemporaryFile(dir=folder)
        self.process = subprocess.Popen(
            [os.path.join(BIN, "remesa-sandbox"), "--quiet", "--port", "0", "--ledger", self.ledger, "--key-file",
             os.path.join(folder, "key"), "--rate", str(rate), "--max-seconds", str(seconds), *map(str, options)],
            stdout=subprocess.PIPE, stderr=self.stderr, stdin=subprocess.DEVNULL, text=True, cwd=folder)
        line = self.process.stdout.readline()
        if "http://" not in line:
            self.stop()
            raise AssertionError(f"the sandbox did not start with {options}: {self.said()}")
        self.url = line[line.index("http://"):].strip()

    def said(self):
        self.stderr.seek(0)
        return self.stderr.read().decode("utf-8", "replace")

    def stop(self):
        if self.process.returncode is not None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        if SANITIZER.search(self.said()):
            raise AssertionError(f"a sanitizer complains in the sandbox: {self.said()}")

    def close(self):
        try:
            self.stop()
        finally:
            if not self.stderr.closed:
                self.spoken = self.said()
            self.stderr.close()

    def stats(self):
        with urllib.request.urlopen(self.url.replace("/api", "/_sandbox/stats"), timeout=PATIENCE) as answer:
            return json.load(answer)

    def rows(self, text, *values):
        return rows(self.ledger, text, *values)

    def calls(self, method="POST"):
        """Every whole request, in the order of its arrival."""
        return [Call(*row) for row in self.rows("SELECT method, path, user_id, body, at_us, status, fault FROM request "
                                                "WHERE method = ? ORDER BY id", method)]

    def effects(self):
        return [Effect(row[0], row[1], Call(*row[2:])) for row in self.rows(
            "SELECT e.kind, e.resource_id, r.method, r.path, r.user_id, r.body, r.at_us, r.status, r.fault "
            "FROM effect e JOIN request r ON r.id = e.request_id ORDER BY e.id")]


def rows(path, text, *values):
    """Of a SQLite file, opened to read only."""
    with contextlib.closing(sqlite3.connect(f"file:{urllib.parse.quote(path)}?mode=ro", uri=True, timeout=30)) as db:
        return db.execute(text, values).fetchall()


# ---- payees ----

COLUMNS = ["ref", "action", "on_behalf_of", "email", "body.payment_method", "body.name", "body.address", "body.city",
           "body.country", "body.currency", "body.bank", "body.account_type", "body.cbu", "withdrawal_instruction",
           "amount", "fiat_code"]
ODD_AMOUNTS = ["100.10", "7", "0.01", "1234567.89", "2500000", "0.10", "19.9", "1000000.00", "33.33"]
NO_DOUBLE = "90071992547409.93"  # the nearest double prints as ...94
NAMES = ["Muñoz, Íñigo", "Ana \"La Ñata\" Peña", "Zoë O'Brien", "Søren Ångström", "李小龍", "Castaño, Julián", "Plain Name"]


def odd_amount(rng):
    if rng.random() < 0.4:
        return rng.choice(ODD_AMOUNTS)
    return f"{rng.randrange(1, 10 ** rng.randrange(1, 9))}" + rng.choice(["", ".5", ".05", ".50", ".99", ".00"])


def payee_rows(i, rng, amount=None):
    user, account, payout = f"user-{i:04}", f"account-{i:04}", f"payout-{i:04}"
    currency = rng.choice(["ars", "ars", "usd", "uyu"])
    amount = amount or odd_amount(rng)
    yield {"ref": user, "action": "create_user", "email": f"pagos+{i:04}@payer.example"}
    yield {"ref": account, "action": "create_withdrawal_instruction", "on_behalf_of": user,
           "body.payment_method": "domestic_bank", "body.name": rng.choice(NAMES),
           "body.address": f"Av. Núñez {rng.randrange(9999)}, piso {rng.randrange(30)}", "body.city": "Córdoba",
           "body.country": "AR", "body.currency": "ARS", "body.bank": "galicia", "body.account_type": "savings",
           "body.cbu": f"{rng.randrange(10 ** 22):022}"}
    yield {"ref": payout, "action": "create_cash_withdrawal", "on_behalf_of": user,
           "withdrawal_instruction": f"@{account}", "amount": amount, "fiat_code": currency}


def csv_text(dicts, columns=COLUMNS, **dialect):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator=dialect.pop("lineterminator", "\n"), **dialect)
    writer.writeheader()
    writer.writerows(dicts)
    return out.getvalue()


def make_payees(n, seed=1, first=0, odd=(*ODD_AMOUNTS, NO_DOUBLE)):
    """A CSV of n payees: a user, a bank account and a payout each; the first amounts are the odd ones."""
    rng = random.Random(f"{seed} {first}" if first else seed)  # other numbers, other accounts
    amounts = [*odd[:n], *[None] * (n - len(odd))]
    return csv_text(row for i, amount in enumerate(amounts, first) for row in payee_rows(i, rng, amount))


def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text)))


# ---- the judge ----

def digits(text):
    """JSON with every number as the text that stands there."""
    return json.loads(text, parse_float=str, parse_int=str)


class Claims:
    """What the database says, read as a person would: through its views."""

    def __init__(self, path):
        self.jobs = {r[0]: dict(zip(("ref", "action", "on_behalf_of", "state", "remote_id", "attempts"), r))
                     for r in rows(path, "SELECT ref, action, on_behalf_of, state, remote_id, attempts FROM results")}
        self.attempts = collections.defaultdict(list)
        for ref, outcome, opened in rows(
                path, "SELECT ref, outcome, opened_at FROM attempts ORDER BY ref, attempt"):
            self.attempts[ref].append((outcome, opened))
        self.money = rows(path, "SELECT currency, imported, succeeded, following, in_doubt, failed, waiting FROM money")


class Judge:
    """Compares; every disagreement is one line in `findings`."""

    def __init__(self, path, effects, calls, texts):
        self.path, self.effects, self.calls = path, effects, calls
        self.rows = [row for text in texts for row in csv_rows(text)]
        self.by_ref = {row["ref"]: row for row in self.rows}
        self.claims = Claims(path)
        self.findings = []
        self.effects_of = collections.defaultdict(list)

    def find(self, text):
        self.findings.append(text)

    # Whose request is it? By what a person could see in it: e-mail, label, and the label of its instruction.

    def index_rows(self):
        self.by_email = {row["email"]: row["ref"] for row in self.rows if row["action"] == "create_user"}
        self.by_account = {row["withdrawal_instruction"].lstrip("@"): row["ref"] for row in self.rows
                           if row["action"] == "create_cash_withdrawal"}
        self.label_of = {e.remote_id: digits(e.call.body)["data"]["attributes"].get("label")
                         for e in self.effects if e.kind == "withdrawal_instructions"}

    def owner(self, call):
        try:
            data = digits(call.body)["data"]
            attributes = data.get("attributes", {})
            if data["type"] == "users":
                return self.by_email.get(attributes["email"])
            if data["type"] == "cash_withdrawals":
                instruction = data["relationships"]["withdrawal_instruction"]["data"]["id"]
                return self.by_account.get(self.label_of.get(instruction))
            return attributes["label"] if attributes["label"] in self.by_ref else None
        except (ValueError, KeyError, TypeError):
            return None

    def judge_rows(self):
        for row in self.rows:
            job = self.claims.jobs.get(row["ref"])
            if not job:
                self.find(f"{row['ref']}: of the CSV, is not in the database")
            elif (job["action"], job["on_behalf_of"] or "") != (row["action"], row.get("on_behalf_of") or ""):
                self.find(f"{row['ref']}: not the row of the CSV: {job}")
        for ref in self.claims.jobs.keys() - self.by_ref.keys():
            self.find(f"{ref}: in the database, is in no CSV")

    def judge_effects(self):
        for effect in self.effects:
            ref = self.owner(effect.call)
            if ref is None:
                self.find(f"{effect.kind} {effect.remote_id}: no row asked for it: {effect.call.body}")
            else:
                self.effects_of[ref].append(effect)
        for ref, effects in self.effects_of.items():
            state = self.claims.jobs.get(ref, {}).get("state")
            if len(effects) > 1:
                self.find(f"{ref}: took effect {len(effects)} times")
            if state not in ("succeeded", "following", "in_doubt", "sending"):
                self.find(f"{ref}: took effect, and the database says {state}")

    def judge_job(self, job):
        ref, row = job["ref"], self.by_ref.get(job["ref"])
        mine = [e for e in self.effects_of[ref] if e.remote_id == job["remote_id"] and e.kind == KINDS[job["action"]]]
        if len(mine) != 1:
            self.find(f"{ref}: {job['state']} with id {job['remote_id']}, and {len(mine)} effects of that id")
        elif row:
            self.judge_wire(row, mine[0].call)

    def judge_wire(self, row, call):
        """What went out is what stands in the CSV, digit for digit, for the right user."""
        ref, data = row["ref"], digits(call.body)["data"]
        user = self.claims.jobs[row["on_behalf_of"]]["remote_id"] if row["on_behalf_of"] else None
        if call.user != user:
            self.find(f"{ref}: acted for user {call.user}, not {user}")
        for name in ("email", "amount", "fiat_code"):
            if (row.get(name) or None) != data["attributes"].get(name):
                self.find(f"{ref}: {name} {row[name]!r} of the CSV went out as {data['attributes'].get(name)!r}")
        for name, value in row.items():
            if name.startswith("body.") and (value or None) != (data["attributes"].get("body") or {}).get(name[5:]):
                self.find(f"{ref}: {name} {value!r} of the CSV is not in {call.body}")
        if row["withdrawal_instruction"]:
            want = self.claims.jobs[row["withdrawal_instruction"][1:]]["remote_id"]
            if data["relationships"]["withdrawal_instruction"]["data"]["id"] != want:
                self.find(f"{ref}: pays to another instruction than {want}: {call.body}")

    def judge_attempts(self):
        """No request on the wire that is not written down before it."""
        seen = collections.defaultdict(list)
        for call in self.calls:
            seen[self.owner(call)].append(call)
        for ref, calls in seen.items():
            sent = [a for a in self.claims.attempts[ref] if a[0] != "not_sent"]
            if ref is not None and len(calls) > len(sent):
                self.find(f"{ref}: {len(calls)} requests reached the server, {len(sent)} attempts are written down")
            for call, (_, opened) in zip(calls, sent):
                if call.at_us // 1000 + CLOCKS_MS < milliseconds(opened):
                    self.find(f"{ref}: was sent before its attempt was written down")

    def judge_money(self):
        columns = ("imported", "succeeded", "following", "in_doubt", "failed", "waiting")
        want = collections.defaultdict(lambda: dict.fromkeys(columns, decimal.Decimal(0)))
        for row in self.rows:
            job = self.claims.jobs.get(row["ref"])
            if row.get("amount") and job:
                state = {"queued": "waiting", "sending": "waiting", "skipped": "failed", "cancelled": "failed"}.get(
                    job["state"], job["state"])
                for column in ("imported", state):
                    want[row["fiat_code"]][column] += decimal.Decimal(row["amount"])
        got = collections.defaultdict(lambda: dict.fromkeys(columns, decimal.Decimal(0)))
        for currency, *sums in self.claims.money:
            for column, value in zip(columns, sums):
                got[currency][column] += decimal.Decimal(str(value))
        if dict(got) != dict(want):
            self.find(f"money: the view says {dict(got)}, the CSV {dict(want)}")

    def judge_file(self):
        for pragma, fine in (("integrity_check", [("ok",)]), ("foreign_key_check", [])):
            if rows(self.path, f"PRAGMA {pragma}") != fine:
                self.find(f"PRAGMA {pragma}: {rows(self.path, f'PRAGMA {pragma}')}")

    def judge(self):
        self.index_rows()
        self.judge_rows()
        self.judge_effects()
        for job in self.claims.jobs.values():
            if job["state"] in ("succeeded", "following"):
                self.judge_job(job)
        self.judge_attempts()
        self.judge_money()
        self.judge_file()
        return self.findings


def milliseconds(iso):
    """Of '2026-01-31T23:59:59.123Z' since 1970."""
    whole, fraction = iso.rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1000 + int(fraction)


def agree(path, effects, calls, texts):
    """Every disagreement between the database, the other side and the CSVs; none when they agree."""
    return Judge(path, effects, calls, [texts] if isinstance(texts, str) else texts).judge()


# ---- a secret, in every dress ----

def disguises(secret):
    raw = secret.encode()
    for shift in range(3):  # base64 depends on where in its three bytes the secret begins
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0:len(coded) // 4 * 4 - 4]
    for text in (secret, raw.hex(), raw.hex().upper(), "".join(f"%{b:02X}" for b in raw), "".join(f"%{b:02x}" for b in raw),
                 urllib.parse.quote(secret), urllib.parse.quote(secret, safe=""), secret.replace("/", "\\/")):
        yield text.encode()


def leaks(secret, data):
    return sorted({d for d in disguises(secret) if d in data})


SHORTEST = 16  # bytes of a secret that is looked for as it is; a shorter one may stand in anything


def shows(secret, data):
    """A code of six digits is part of many a number: only one that stands alone is it."""
    if secret.isdigit():
        return re.search(rb"(?<![0-9A-Za-z.])" + secret.encode() + rb"(?![0-9A-Za-z.])", data) is not None
    return bool(leaks(secret, data))


# ---- a test ----

class Night(unittest.TestCase):
    """A test with a folder, a key, and everything it starts ended again."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="remesa-e2e.")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.secrets, self.given, self.talkers = {KEY}, set(), []
        self.addCleanup(self.assert_nothing_leaked)  # the last but one: what else is to be ended has ended by then
        self.db = self.path("remesa.db")
        self.write("key", KEY + "\n", mode=0o600)
        self.box = None

    def path(self, name):
        return os.path.join(self.folder, name)

    def artefacts(self):
        """All that the night has left, but what the test itself gave: names and bytes. In the ledger of the other side a
        password of a row stands by right, since that is what was sent."""
        for where, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(where, name)
                if path not in self.given and os.path.isfile(path) and not os.path.islink(path):
                    with contextlib.suppress(OSError), open(path, "rb") as f:
                        yield os.path.relpath(path, self.folder), f.read()
        for number, talker in enumerate(self.talkers):
            for stream, text in zip(("stdout", "stderr"), getattr(talker, "spoken", ())):
                yield f"{stream} of run {number}", text.encode("utf-8", "surrogateescape")
        if self.box:
            yield "stderr of the sandbox", getattr(self.box, "spoken", "").encode("utf-8", "surrogateescape")

    def key_of_this_night(self):
        with contextlib.suppress(OSError, UnicodeDecodeError), open(self.path("key"), encoding="utf-8") as f:
            line = f.readline().strip()
            return {line} if len(line) >= SHORTEST else set()
        return set()

    def assert_nothing_leaked(self):
        """No secret stands anywhere, in no dress: the key, and what a test has put into `secrets`."""
        found = [f"{name} has {secret[:4]}..." for name, data in self.artefacts()
                 for secret in self.secrets | self.key_of_this_night() if shows(secret, data)
                 and not (name.startswith("ledger.db") and secret in self.of_rows)]
        self.assertEqual([], found, "a secret has leaked")

    of_rows = frozenset()  # those of `secrets` that the other side is told

    def write(self, name, text, mode=None):
        self.given.add(self.path(name))
        with open(self.path(name), "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        if mode is not None:
            os.chmod(self.path(name), mode)
        return name

    def forget(self):
        """The folder as it was at the start, for the next case of a table."""
        self.assert_nothing_leaked()
        if self.box:
            self.box.close()
            self.box = None
        for name in os.listdir(self.folder):
            if name != "key":
                os.unlink(self.path(name))

    def sandbox(self, *options, **more):
        """Started, or started again on the same ledger."""
        if self.box:
            self.box.stop()
        self.box = Sandbox(self.folder, *options, **more)
        self.addCleanup(self.box.close)
        return self.box

    def environment(self, more=None):
        kept = {k: v for k, v in os.environ.items()
                if k in ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE") or k.endswith("SAN_OPTIONS")}
        return {**kept, "HOME": self.folder, "LC_ALL": "C.UTF-8", **(more or {})}

    def start(self, *args, env=None, **popen):
        running = Running(self.folder, args, self.environment(env), **popen)
        self.talkers.append(running)
        self.addCleanup(running.close)
        return running

    def remesa(self, *args, env=None, seconds=PATIENCE, **popen):
        running = self.start(*args, env=env, **popen)
        try:
            return running.wait(seconds)
        finally:
            running.close()

    def share(self, group="daemon"):
        """The folder is a group's: system users at work on one database. Only root can become them."""
        if os.geteuid() != 0:
            self.skipTest("SKIPPED: several system users take root to try")
        self.tools = tempfile.mkdtemp(prefix="remesa-bin.")  # the build may lie where they cannot look
        self.addCleanup(shutil.rmtree, self.tools)
        os.chmod(self.tools, 0o755)
        shutil.copy(os.path.join(BIN, "remesa"), self.tools)
        self.group = group
        shutil.chown(self.folder, group=group)
        os.chmod(self.folder, 0o2770)
        for name in os.listdir(self.folder):
            os.chmod(self.path(name), 0o600 if name == "key" else 0o660)

    def as_user(self, user):
        """What `program` is for a run of that user."""
        return ("setpriv", "--reuid", user, "--regid", self.group, "--clear-groups",
                os.path.join(self.tools, "remesa"))

    def remesa_as(self, user, *args, **more):
        return self.remesa(*args, program=self.as_user(user), **more)

    def settings(self, url=None, **changed):
        """Flags for a run against the sandbox as fast as it goes; timeout=None leaves one out."""
        flags = {"base_url": url or self.box.url, "api_key_file": "key", "rate": 0, "retry_base": "20ms",
                 "retry_max": "200ms",
                 "find_first": "0s", **changed}  # a doubt stays one, unless the test is about look-ups
        return [part for name, value in flags.items() if value is not None
                for part in (f"--{name.replace('_', '-')}", str(value))]

    def run_it(self, *files, env=None, seconds=PATIENCE, **changed):
        return self.remesa("run", *files, *self.settings(**changed), env=env, seconds=seconds)

    # ---- what must be so ----

    def assert_status(self, want, ended):
        self.assertEqual(want, ended.status, ended)
        return ended

    def assert_agree(self, *texts):
        findings = agree(self.db, self.box.effects(), self.box.calls(), list(texts))
        self.assertEqual([], findings, "\n".join(findings[:20]))

    def states(self):
        """How many jobs are in each state."""
        return dict(rows(self.db, "SELECT state, count(*) FROM results GROUP BY state"))

    def state_of(self, ref):
        return rows(self.db, "SELECT state FROM results WHERE ref = ?", ref)[0][0]

    def wait_until(self, condition, what, seconds=PATIENCE):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, f"waited {seconds} s in vain: {what}")
            time.sleep(0.01)


def main():
    if not os.access(os.path.join(BIN, "remesa"), os.X_OK):
        sys.exit("REMESA_BIN must name the folder of remesa and remesa-sandbox")
    unittest.main(verbosity=1)
