"""What the checker reads: the database of remesa and the ledger of remesa-sandbox, and what in them belongs together.

A job and a request are the same when they would make the same thing: a user of that e-mail; an instruction or a coin
withdrawal of that user and label; a cash withdrawal of that user, instruction, amount and currency."""
import collections
import contextlib
import decimal
import json
import os
import shutil
import sqlite3
import tempfile

KINDS = {"create_user": "users", "create_withdrawal_instruction": "withdrawal_instructions",
         "create_coin_withdrawal": "coin_withdrawals", "create_cash_withdrawal": "cash_withdrawals"}

Job = collections.namedtuple("Job", "id batch_id ref action on_behalf_of params currency minor state attempts remote_id")
Attempt = collections.namedtuple("Attempt", "job_id number run_id opened_at closed_at outcome sends")
Proof = collections.namedtuple("Proof", "job_id attempt word at")
Request = collections.namedtuple("Request", "id at_us method path user_id body")
Effect = collections.namedtuple("Effect", "id kind resource_id user_id reference amount currency body")


@contextlib.contextmanager
def opened(path):
    """A copy, with what still stands in its WAL: the evidence itself is never touched."""
    with tempfile.TemporaryDirectory(prefix="remesa-check.") as folder:
        copy = os.path.join(folder, "copy.db")
        shutil.copyfile(path, copy)
        if os.path.exists(path + "-wal"):
            shutil.copyfile(path + "-wal", copy + "-wal")
        with contextlib.closing(sqlite3.connect(copy)) as db:
            yield db


def read(db, kind, table):
    return [kind(*row) for row in db.execute(f"SELECT {', '.join(kind._fields)} FROM {table} ORDER BY 1, 2")]


def document(text):
    """JSON with every number as the digits that stand there; {} when it is none."""
    try:
        data = json.loads(text, parse_int=str, parse_float=str)
        return data if isinstance(data, dict) else {}
    except ValueError:
        return {}


def member(data, *names):
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def amount_of(text):
    """Exact, and equal for equal values; a text that is no number stands for itself."""
    try:
        return decimal.Decimal(text)
    except (decimal.InvalidOperation, TypeError, ValueError):
        return text


def key_of(kind, user, attributes, instruction):
    """What makes two the same; None for a kind that is not judged."""
    if kind == "users":
        return kind, attributes.get("email")
    if kind in ("withdrawal_instructions", "coin_withdrawals"):
        return kind, user, attributes.get("label")
    if kind == "cash_withdrawals":
        currency = attributes.get("fiat_code") or attributes.get("fiat") or ""
        return kind, user, instruction, amount_of(attributes.get("amount")), currency.lower()
    return None


class Case:
    """Both files, and what in them belongs together."""

    def __init__(self, db, ledger):
        self.db, self.ledger = db, ledger
        self.jobs = read(db, Job, "job")
        self.by_ref = {job.ref: job for job in self.jobs}
        self.attempts = collections.defaultdict(list)
        for attempt in read(db, Attempt, "attempt"):
            self.attempts[attempt.job_id].append(attempt)
        self.proofs = collections.defaultdict(list)
        for proof in self.read_proofs():
            self.proofs[proof.job_id].append(proof)
        self.requests = sorted(read(ledger, Request, "request"), key=lambda r: (r.at_us, r.id))
        self.effects = read(ledger, Effect, "effect")
        self.keys = {job.id: self.find_key(job) for job in self.jobs}
        self.jobs_of = collections.defaultdict(list)
        for job in self.jobs:
            self.jobs_of[self.keys[job.id]].append(job)
        self.effects_of = collections.defaultdict(list)
        for effect in self.effects:
            self.effects_of[self.key_of_effect(effect)].append(effect)

    def read_proofs(self):
        """What may take a job out of doubt or back into the queue, in the order it happened."""
        tables = {row[0] for row in self.db.execute("SELECT name FROM sqlite_schema")}
        rows = []
        if "decision" in tables:
            rows += self.db.execute("SELECT job_id, attempt, verb, decided_at FROM decision ORDER BY id")
        if "look_up" in tables:
            rows += self.db.execute("SELECT job_id, attempt, outcome, looked_at FROM look_up ORDER BY id")
        return sorted((Proof(*row) for row in rows), key=lambda proof: proof.at)

    def id_of(self, ref):
        job = self.by_ref.get(ref)
        return job.remote_id if job and job.remote_id else f"(of {ref})"

    def user_of(self, job):
        """Its id, of a ref or of "#id"; None for the master."""
        word = job.on_behalf_of
        if not word:
            return None
        return word[1:] if word.startswith("#") else self.id_of(word)

    def instruction_of(self, params):
        """Its id, of "@ref" or as it stands there."""
        word = params.get("withdrawal_instruction", "")
        return self.id_of(word[1:]) if word.startswith("@") else word

    def key_of_job(self, job):
        return self.keys[job.id]

    def find_key(self, job):
        params = document(job.params)
        kind = KINDS.get(job.action)
        if job.action == "request" and params.get("method") == "POST":
            return self.key_of_body(params.get("path", ""), self.user_of(job), params.get("body", ""))
        if kind in ("withdrawal_instructions", "coin_withdrawals"):
            params["label"] = params.get("label") or job.ref
        return key_of(kind, self.user_of(job), params, self.instruction_of(params))

    def key_of_body(self, path, user, body):
        data = member(document(body), "data") or {}
        kind = path.split("?")[0].strip("/").rpartition("/")[2]
        user = user or member(data, "relationships", "user", "data", "id")
        return key_of(kind, user, member(data, "attributes") or {},
                      member(data, "relationships", "withdrawal_instruction", "data", "id"))

    def key_of_effect(self, effect):
        attributes = {"email": effect.reference, "label": effect.reference, "amount": effect.amount,
                      "fiat_code": effect.currency}
        return key_of(effect.kind, effect.user_id, attributes,
                      member(document(effect.body), "relationships", "withdrawal_instruction", "data", "id"))

    def asked(self):
        """The requests that would make something, by what they would make."""
        found = collections.defaultdict(list)
        for request in self.requests:
            if request.method == "POST":
                found[self.key_of_body(request.path, request.user_id, request.body)].append(request)
        found.pop(None, None)
        return found

    def words(self, job):
        return [proof.word for proof in self.proofs[job.id]]

    def was_accepted(self, job):
        """By the answer, by a look-up, or by a person's word."""
        return (any(a.outcome == "accepted" for a in self.attempts[job.id])
                or any(word in ("succeeded", "found") for word in self.words(job)))

    def let_out(self, jobs):
        """When each attempt that may have been on the wire was written down, in milliseconds."""
        return sorted(a.opened_at for job in jobs for a in self.attempts[job.id] if a.sends is None or a.sends > 0)


def name_of(key):
    return " ".join(str(part) for part in key) if key else "of a kind that is not judged"
