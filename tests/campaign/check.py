"""The checker: reads the database of remesa and the ledger of remesa-sandbox, asserts the laws L1 to L11.

usage: check.py --db remesa.db --ledger ledger.db [--concurrency N --crashes N] [--rate N] [--settled]
                [--canary FILE --artefacts DIR]

It shares no line with the program, nor with the other judge (tests/e2e/night.py). One line per law on stdout, exit
status 0 when none is broken, else 1. Both files are copied first: judged is what a reader finds, recovered from the WAL.

  L1  no job has more than one effect, but for each time a person ordered another (decision not_sent or retry)
  L2  every effect belongs to a job that knows of it or is in doubt; every accepted job has its effect
  L3  what succeeded has exactly its effect, with equal reference, amount, currency and user; what failed has none
  L4  no more requests reached the server than attempts were let out
  L5  no request came before its attempt was written down
  L6  a run that died left no more doubts than it sends at once (--concurrency, --crashes);
      no job of a harmless class is in doubt once everything was looked up (--settled)
  L7  counts and sums of every batch and currency balance
  L8  both files are sound, and every job's state follows from its attempts, look-ups and decisions
  L9  a further run changes nothing: only who starts the runs can tell
  L10 no more than --rate requests in any window of one second
  L11 the secret in the first line of --canary is nowhere under --artefacts, nor in the two files

What makes a job and a request the same is told in evidence.py."""
import argparse
import collections
import decimal
import sqlite3
import sys

import secret_scan
from evidence import KINDS, Case, amount_of, document, name_of, opened

CLOCK_US = 3000  # two programs on one clock: 2 ms of its grain, 1 ms of rounding
TOLD = 4  # findings of a law that are told
HARMLESS = ("create_user", "create_withdrawal_instruction")
MAY_HAVE_EFFECT = ("following", "succeeded", "in_doubt", "sending")


# ---- the laws: each gives its findings, and what it looked at ----

def never_twice(case, given):
    findings = []
    for key, effects in case.effects_of.items():
        jobs = case.jobs_of.get(key, [])
        ordered = sum(word in ("not_sent", "retry") for job in jobs for word in case.words(job))
        if len(effects) > max(len(jobs), 1) + ordered:
            findings.append(f"{name_of(key)}: {len(effects)} effects for {len(jobs)} jobs")
    return findings, f"{len(case.effects)} effects"


def never_lost(case, given):
    findings = []
    for key, effects in case.effects_of.items():
        jobs = case.jobs_of.get(key)
        if not jobs:
            findings.append(f"{name_of(key)}: took effect, and no job asked for it")
        elif not any(job.state in MAY_HAVE_EFFECT or case.was_accepted(job) for job in jobs):
            findings.append(f"{jobs[0].ref}: took effect, and is {jobs[0].state}")
    for job in case.jobs:
        key = case.key_of_job(job)
        if key and job.state in ("following", "failed") and case.was_accepted(job) and not case.effects_of.get(key):
            findings.append(f"{job.ref}: was accepted, and took no effect")
    return findings, f"{len(case.effects)} effects, {len(case.jobs)} jobs"


def differences(case, job, effect):
    """Between a job and the effect that has its remote id."""
    params = document(job.params)
    currency = (params.get("fiat_code") or params.get("coin_code") or "").lower() or None
    for what, mine, other in (("currency", currency, effect.currency),
                              ("amount", amount_of(params.get("amount")), amount_of(effect.amount)),
                              ("reference", case.key_of_job(job), case.key_of_effect(effect))):
        if mine != other:
            yield f"{job.ref}: {what} is {mine}, and {other} of effect {effect.resource_id}"
            return


def effects_claimed(case, job, by_id):
    """What the job says is its effect; of one that has no id, whatever could be."""
    if job.remote_id and job.action in KINDS:
        effect = by_id.get((KINDS[job.action], job.remote_id))
        return [effect] if effect else []
    return case.effects_of.get(case.key_of_job(job), [])


def judge_effects(case, job, effects):
    if job.state == "succeeded" and not effects:
        yield f"{job.ref}: succeeded with id {job.remote_id}, and there is no such effect"
    if job.state in MAY_HAVE_EFFECT:
        for effect in effects:
            yield from differences(case, job, effect)


def never_wrong(case, given):
    by_id = {(effect.kind, effect.resource_id): effect for effect in case.effects}
    findings, claims = [], collections.Counter()
    judged = [job for job in case.jobs if case.key_of_job(job)]
    for job in judged:
        findings += judge_effects(case, job, effects_claimed(case, job, by_id))
        claims[job.action, job.remote_id] += 1
        if job.state == "failed" and not case.was_accepted(job):
            key = case.key_of_job(job)
            others = sum(case.was_accepted(o) or o.state in MAY_HAVE_EFFECT for o in case.jobs_of[key])
            if len(case.effects_of.get(key, [])) > others:
                findings.append(f"{job.ref}: failed, and took effect")
    findings += [f"{action}: {n} jobs have the id {number}" for (action, number), n in claims.items() if number and n > 1]
    return findings, f"{len(judged)} jobs"


def no_hidden_request(case, given):
    findings = []
    for key, requests in case.asked().items():
        sent = len(case.let_out(case.jobs_of.get(key, [])))
        if len(requests) > sent:
            findings.append(f"{name_of(key)}: {len(requests)} requests were read, {sent} attempts were let out")
    return findings, f"{len(case.requests)} requests"


def written_before(case, given):
    findings = []
    for key, requests in case.asked().items():
        times = case.let_out(case.jobs_of.get(key, []))
        for request, opened_at in zip(requests, times):
            if opened_at * 1000 > request.at_us + CLOCK_US:
                early = opened_at - request.at_us // 1000
                findings.append(f"{name_of(key)}: request {request.id} came {early} ms before its attempt's line")
    return findings, f"{len(case.requests)} requests"


def few_doubts(case, given):
    findings, told = [], []
    orphans = collections.Counter(a.run_id for attempts in case.attempts.values() for a in attempts
                                  if a.sends is None and a.outcome in (None, "in_doubt"))
    if given.concurrency is not None:
        findings += [f"run {run}: {n} attempts without an end, {given.concurrency} at once"
                     for run, n in orphans.items() if n > given.concurrency]
        told.append(f"{sum(orphans.values())} attempts without an end")
    if given.crashes is not None and len(orphans) > given.crashes:
        findings.append(f"{len(orphans)} runs died in the middle of their work, {given.crashes} crashes")
    doubts = [job for job in case.jobs if job.state == "in_doubt"]
    if given.settled:
        findings += [f"{job.ref}: {job.action} is still in doubt" for job in doubts if job.action in HARMLESS]
    told.append(f"{len(doubts)} jobs in doubt")
    return findings, ", ".join(told)


def balanced(case, given):
    findings, sums = [], 0
    for batch, name, jobs in case.db.execute("SELECT id, name, jobs FROM batch").fetchall():
        there = [job for job in case.jobs if job.batch_id == batch]
        if len(there) != jobs:
            findings.append(f"batch {name}: {jobs} jobs imported, {len(there)} are there")
        query = "SELECT currency, unit, declared, imported FROM batch_money WHERE batch_id = ?"
        rows = {row[0]: row[1:] for row in case.db.execute(query, (batch,))}
        for currency in sorted(set(rows) | {job.currency for job in there if job.currency}):
            findings += judge_sum(name, currency, rows.get(currency), [j for j in there if j.currency == currency])
            sums += 1
    return findings + list(judge_view(case)), f"{sums} sums"


def judge_sum(name, currency, row, jobs):
    unit, declared, imported = row or (None, None, 0)
    total = sum(job.minor for job in jobs)
    if total != imported or declared not in (None, imported):
        yield f"batch {name}: {currency} declared {declared}, imported {imported}, and its jobs are {total}"
    for job in jobs:
        amount = amount_of(document(job.params).get("amount"))
        if unit and (not isinstance(amount, decimal.Decimal) or amount * unit != job.minor):
            yield f"{job.ref}: {amount} {currency} is kept as {job.minor} / {unit}"


def judge_view(case):
    query = "SELECT batch, currency, imported, succeeded, following, in_doubt, failed, returned, waiting FROM money"
    for batch, currency, imported, *parts in case.db.execute(query):
        if decimal.Decimal(imported) != sum(map(decimal.Decimal, parts)):
            yield f"view money, batch {batch}: {currency} {imported} is not the sum of {parts}"


def sound(case, given):
    findings = []
    for name, file in ("database", case.db), ("ledger", case.ledger):
        for pragma, fine in ("integrity_check", [("ok",)]), ("foreign_key_check", []):
            rows = file.execute(f"PRAGMA {pragma}").fetchall()
            if rows != fine:
                findings.append(f"{name}: {pragma}: {rows[:3]}")
    for job in case.jobs:
        findings += replay(case, job)
    return findings, f"{len(case.jobs)} jobs replayed"


WAITING = {"queued", "failed", "skipped"}  # from the queue a job may fall by itself
AFTER = {None: {"sending"}, "accepted": {"following", "succeeded", "failed"}, "rejected": {"failed"},
         "rejected_systemic": WAITING, "not_processed": WAITING, "not_sent": WAITING, "in_doubt": {"in_doubt"}}
SETTLED = {"following", "succeeded", "failed"}
MOVES = {"not_sent": ("in_doubt", WAITING), "succeeded": ("in_doubt", SETTLED),
         # a look-up may leave the last word to a person
         "absent": ("in_doubt", WAITING | {"in_doubt"}), "found": ("in_doubt", SETTLED | {"in_doubt"}),
         "retry": ("failed", WAITING), "cancel": ("queued", {"cancelled"})}


def moved(states, words):
    """What may have become of a job by what was found out or decided."""
    for word in words:
        before, after = MOVES.get(word, (None, None))
        states = after if before in states else states
    return states


def replay(case, job):
    """Walks through everything that was written down, and says where it could not have come so."""
    words = collections.defaultdict(list)
    for proof in case.proofs[job.id]:
        words[proof.attempt].append(proof.word)
    attempts = case.attempts[job.id]
    if words and max(words) > len(attempts):
        yield f"{job.ref}: attempt {max(words)} was looked at, and never made"
    states = moved(WAITING, words[0])
    for number, attempt in enumerate(attempts, 1):
        if attempt.number != number:
            yield f"{job.ref}: attempt {attempt.number} where {number} should be"
        if "queued" not in states:
            yield f"{job.ref}: attempt {attempt.number} was begun when it was {' or '.join(sorted(states))}"
        repeats = attempt.outcome == "in_doubt" and case.key_of_job(job) is None  # a GET, say
        states = moved(AFTER[attempt.outcome] | (WAITING if repeats else set()), words[attempt.number])
    if job.attempts != len(attempts):
        yield f"{job.ref}: counts {job.attempts} attempts, {len(attempts)} are there"
    if job.state not in states:
        yield f"{job.ref}: is {job.state}, and can only be {' or '.join(sorted(states))}"


def in_pace(case, given):
    times, first, peak = [request.at_us for request in case.requests], 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1_000_000:
            first += 1
        peak = max(peak, last - first + 1)
    findings = [f"{peak} requests in one second, {given.rate} are allowed"] if peak > given.rate else []
    return findings, f"{peak} in one second at most"


def no_secret(case, given):
    with open(given.canary, encoding="utf-8") as f:
        canary = f.readline().strip()
    if not canary:
        return [f"{given.canary}: has no secret in its first line"], ""
    files = [*secret_scan.files_under(given.artefacts, given.canary), given.db, given.ledger]
    findings = [f"{path}: has the secret ({', '.join(ways)})" for path in files
                for ways in [secret_scan.ways_in(path, canary)] if ways]
    return findings, f"{len(files)} files"


LAWS = (("L1", never_twice), ("L2", never_lost), ("L3", never_wrong), ("L4", no_hidden_request), ("L5", written_before),
        ("L6", few_doubts), ("L7", balanced), ("L8", sound), ("L9", None), ("L10", in_pace), ("L11", no_secret))


# ---- the program ----

def not_asked(name, given):
    if name == "L9":
        return "left to the driver: run again and compare"
    if name == "L6" and given.concurrency is None and given.crashes is None and not given.settled:
        return "not asked: --concurrency and --crashes, or --settled"
    if name == "L10" and not given.rate:
        return "not asked: --rate"
    if name == "L11" and not given.canary:
        return "not asked: --canary and --artefacts"
    return None


def say(name, findings, looked_at):
    """True when the law holds."""
    if not findings:
        print(f"{name} ok {looked_at}")
        return True
    more = f"; and {len(findings) - TOLD} more" if len(findings) > TOLD else ""
    print(f"{name} BROKEN: {'; '.join(findings[:TOLD])}{more}")
    return False


def judge(given):
    with opened(given.db) as db, opened(given.ledger) as ledger:
        case = Case(db, ledger)
        good = True
        for name, law in LAWS:
            reason = not_asked(name, given)
            if reason:
                print(f"{name} {reason}")
            else:
                good &= say(name, *law(case, given))
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", required=True)
    parser.add_argument("--ledger", required=True)
    for name in "concurrency", "crashes", "rate":
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--settled", action="store_true")
    parser.add_argument("--canary")
    parser.add_argument("--artefacts")
    given = parser.parse_args()
    if bool(given.canary) != bool(given.artefacts):
        parser.error("--canary and --artefacts go together")
    try:
        good = judge(given)
    except (sqlite3.DatabaseError, OSError) as error:
        print(f"L8 BROKEN: cannot be read: {error}")
        good = False
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
