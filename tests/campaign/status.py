"""N2: every status from 100 to 599 with seven kinds of body.

usage: status.py --bin DIR [--count N] [--seed 1] [--quick] [--only CELL]

For a payment all of them, for a user and a GET those that docs/judging.md names. Most cells do not stop a run, so
hundreds share one, each a job of its own with a good one after it: there the server says it once and then works. Those
that stop or hold up every job, and a sample of the others, have a run of their own as well, in which the server says
nothing else. What the attempt, the job and the run must come to is a table (status_cells.py); the server's ledger says
what took effect. In one half of the doubts the request did."""
import collections
import random
import sys

from bank import Bank, json_text, key_of
from cells import Place, Workshop, chosen, judge_promises
from common import arguments, campaign
from faulty_server import JSON, Server, answer_of
from status_cells import ACCEPTED, DOUBT, all_cells, always, name_of, once, verdict

WORKERS = 3
SHARE = 250  # cells of a run
ALONE = 150  # cells that have a run of their own although they hold up nobody
LIMIT = 2  # setbacks that end such a run
Run = collections.namedtuple("Run", "names seed is_alone name")
COLUMNS = "ref,action,on_behalf_of,email,withdrawal_instruction,amount,fiat_code,id"
WORST_FIRST = (77, 75, 69, 2, 1, 3, 0)  # what stops a run, doubt, failure, what is not final
SETTINGS = {"rate": 0, "concurrency": 1, "retry_base": "1ms", "retry_max": "2ms", "timeout": "30s", "find_first": "0s"}
PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
ERRORS = b'{"errors":[{"status":422,"title":"No","source":{"pointer":"/data/attributes/base"}}]}'


def body_of(kind, resource):
    """The body and its type."""
    whole = json_text({"data": resource}).encode()
    return {"errors": (ERRORS, JSON), "error": (b'{"error":"No"}', "application/json"), "page": (PAGE, "text/html"),
            "empty": (b"", None), "cut": (whole[:len(whole) // 2], JSON), "wrong-type": (ERRORS, "text/plain"),
            "resource": (whole, JSON)}[kind]


class Job:
    """Of one cell: its row, and the key by which the server knows it again."""

    def __init__(self, number, cell, applies):
        self.cell, self.applies = cell, applies
        self.ref = f"{cell.request}-{number:05}"
        self.row = {"ref": self.ref}
        {"payment": self.payment, "user": self.user, "get": self.get}[cell.request](number)

    def payment(self, number):
        """Each for a user of its own: the jobs of one user wait for each other."""
        user, amount = str(10_000 + number), f"{number}.50"
        self.row.update(action="create_cash_withdrawal", on_behalf_of=f"#{user}", withdrawal_instruction="410",
                        amount=amount, fiat_code="ars")
        attributes = {"amount": amount, "fiat_code": "ars"}
        self.key = key_of("cash_withdrawals", user, attributes, {"withdrawal_instruction": "410"})

    def user(self, number):
        self.row.update(action="create_user", email=f"{number}@payer.example")
        self.key = key_of("users", None, {"email": self.row["email"]}, {})

    def get(self, number):
        self.row.update(action="get_user", id=str(number))
        self.key = ("GET", f"/users/{number}", None)


def csv_of(jobs):
    """With a good job after each, so that no two doubts are in a row."""
    lines = [COLUMNS]
    for job in jobs:
        between = {"ref": f"good-{job.ref}", "action": "create_user", "email": f"good-{job.ref}@payer.example"}
        lines += [",".join(row.get(name, "") for name in COLUMNS.split(",")) for row in (job.row, between)]
    return "\n".join(lines) + "\n"


class Saying(Server):
    """What the cell says, to the job of the cell, once or always; a good answer to all else."""

    def __init__(self, jobs, says_always):
        self.jobs, self.says_always = {job.key: job for job in jobs}, says_always
        self.said = set()
        super().__init__(Bank())

    def handle(self, connection, request):
        key = self.bank.key(request)
        job = self.jobs.get(key)
        if job is None or key in self.said and not self.says_always:
            super().handle(connection, request)
            return
        self.said.add(key)
        connection.send(self.answer(job.cell, self.resource(job, request)))
        if job.cell.status < 200:  # not the last word, and no other follows
            connection.cut()

    def resource(self, job, request):
        """As if it had been made; it is when that is what the answer says, and in half of the doubts."""
        if request.method == "GET":
            return self.bank.show(request)
        return self.bank.apply(request) if job.applies else self.bank.row("7", *self.bank.read(request))

    @staticmethod
    def answer(cell, resource):
        body, kind = body_of(cell.body, resource)
        return answer_of(cell.status, body, kind)


# ---- playing and judging ----

def make_jobs(cells, seed):
    return [Job(number, cell, applies(cell, seed)) for number, cell in enumerate(cells, 1)]


def applies(cell, seed):
    """Of a cell always the same, whatever shares its run."""
    seen = verdict(cell.status, cell.body)
    return seen == ACCEPTED or seen == DOUBT and random.Random(f"{seed}/{name_of(cell)}").random() < 0.5


def judge(jobs, place, server, exit_status, want):
    """`want(cell)`: what its job must come to."""
    attempts, states = place.attempts(), place.states()
    keys = {job.ref: job.key for job in jobs}
    good = {ref: key_of("users", None, {"email": f"{ref}@payer.example"}, {}) for ref in states if ref.startswith("good-")}
    findings = judge_promises({**keys, **good}, attempts, states, server.bank, server.ledger)
    for job in jobs:
        wanted = want(job.cell)
        got = (tuple(outcome for outcome, _ in attempts.get(job.ref, ())), states.get(job.ref))
        if got != wanted[:2]:
            findings.append(f"--only {name_of(job.cell)}: {got}, and docs/judging.md says {wanted[:2]}")
    findings += [f"{ref}: was to be accepted at once, and is {attempts[ref]}" for ref in good
                 if [outcome for outcome, _ in attempts[ref]] != ["accepted"]]
    exits = [want(job.cell).exit for job in jobs]
    wanted = next(status for status in WORST_FIRST if status in exits)
    if exit_status != wanted:
        findings.append(f"exit status {exit_status}, and docs/judging.md says {wanted}")
    return findings


def play_run(jobs, folder, want, says_always, text, **settings):
    place = Place(folder, text)
    server = Saying(jobs, says_always)
    try:
        exit_status = place.run(base_url=server.url(), **{**SETTINGS, **settings})
        findings = judge(jobs, place, server, exit_status, want)
        place.ledger = {"requests": server.ledger, "effects": server.bank.effects}
        return place, findings
    finally:
        server.close()


def play_many(cells, folder, seed):
    jobs = make_jobs(cells, seed)
    return play_run(jobs, folder, once, False, csv_of(jobs), retry_limit=1000)


def play_alone(cells, folder, seed):
    jobs = make_jobs(cells, seed)
    text = csv_of(jobs).splitlines()[:2]  # without the good one
    return play_run(jobs, folder, lambda cell: always(cell, LIMIT), True, "\n".join(text) + "\n", retry_limit=LIMIT)


def stops(cell):
    return verdict(cell.status, cell.body).why in ("key", "funds")


def holds_up(cell):
    return cell.status == 503 or verdict(cell.status, cell.body).why is not None


def runs_of(names, cells, seed):
    """Those of many, and those of one."""
    rng = random.Random(f"alone/{seed}")
    many = [name for name in names if not stops(cells[name])]
    alone = [name for name in names if holds_up(cells[name])]
    others = sorted(set(many) - set(alone))
    alone += rng.sample(others, min(ALONE, len(others)))
    return ([Run(many[i:i + SHARE], seed, False, None) for i in range(0, len(many), SHARE)]
            + [Run([name], seed, True, name) for name in alone])


def runs_of_rounds(order, cells):
    """No job is twice in a run."""
    rounds = collections.defaultdict(list)
    for cell in order:
        rounds[cell.seed].append(cell.name)
    return [run for seed, names in rounds.items() for run in runs_of(names, cells, seed)]


def main():
    cells = {name_of(cell): cell for cell in all_cells()}
    given = arguments(__doc__, len(cells), only={"help": "one cell, by its name"})
    with campaign(given, "status") as field:
        order = chosen(given, list(cells))
        if not order:
            sys.exit(f"status.py: there is no cell {given.only}")

        def play(folder, run):
            play_it = play_alone if run.is_alone else play_many
            return play_it([cells[name] for name in run.names], folder, run.seed)

        played = Workshop(field, WORKERS).play(runs_of_rounds(order, cells), play)
        those = {name for run in played for name in run.names}
        alone = sum(run.is_alone for run in played)
        field.end(f"N2 statuses: {len(those)} of {len(cells)} cells, in {len(played)} runs, {alone} of them of one cell, "
                  f"{field.figures('effects twice', 'lost', 'wrong')}")


if __name__ == "__main__":
    main()
