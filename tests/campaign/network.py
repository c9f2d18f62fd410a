"""N1: every way in which a request can end, on new and kept connections, with and without TLS.

usage: network.py --bin DIR [--count N] [--seed 1] [--quick] [--only CELL]

A cell (network_cells.py) is a run of its own against a server of its own (faulty_server.py): requests before it, so that
there are kept connections; the one that meets the fault; where it went well another one after it. The server's ledger
judges: no request that is not written down, no effect twice, none that nobody knows of. What the attempt, the job and
the run must come to is the table of docs/judging.md. Without --count every cell is played once."""
import os
import sys
import threading

import network_cells
from bank import Bank, key_of
from cells import Place, Workshop, chosen, judge_promises
from common import arguments, campaign
from endings import ENDINGS, ORDERS
from faulty_server import HEAD_PART, Gone, Server, answer_of, context_of, length_of, make_authority, request_of
from network_cells import AT_ACCEPT, IDLE, LASTING, READ, SLOW, WHOLE, expected, name_of

WORKERS = 5  # most of them wait
USER, INSTRUCTION = "594", "410"
NOT_MINE = b'{"data":{"id":"7999","type":"users","attributes":{"email":"nobody@example.com"}}}'
LOOKS = {"find_first": "5ms", "find_tries": 2, "settle_time": "20ms"}


# ---- the server of a cell ----

class Faulty(Server):
    def __init__(self, cell, plan, contexts):
        self.cell, self.plan, self.contexts = cell, plan, contexts
        self.crowd = threading.Barrier(6)
        self.is_armed = False
        super().__init__(Bank(), contexts["good"] if cell.scheme == "https" else None)
        if not plan.gate:
            self.arm()

    def arm(self, gate=None):
        """From now on the fault waits for whoever comes next. The kept connections are ended first where a new one
        has to be made."""
        if self.cell.phase == "refused":
            self.refuse()
        elif self.cell.phase == "connect-hangs":
            self.blackhole()
        elif self.cell.phase == "bad-certificate":
            self.context = self.contexts["bad"]
        else:
            self.is_armed = self.cell.phase not in IDLE
        if self.cell.phase in READ:
            return
        order = ORDERS[self.cell.phase if self.cell.phase in IDLE else "idle-closed"]
        for connection in self.kept_connections(gate):
            connection.ask(order)

    def mend(self):
        if self.cell.phase == "bad-certificate":
            self.context = self.contexts["good"]
            return
        self.refuse()
        self.listen()

    def takes_fault(self, phases):
        with self.lock:
            taken = self.is_armed and self.cell.phase in phases
            self.is_armed = self.is_armed and not taken
            return taken

    def accepted(self, connection):
        if not self.takes_fault((*AT_ACCEPT, "tls-hangs")):
            return
        if self.cell.phase == "reset-at-accept":
            connection.reset()
        elif self.cell.phase == "closed-at-accept":
            connection.cut()
        connection.wait_until_left()
        raise Gone

    def begun(self, connection):
        if self.takes_fault(READ):
            ENDINGS[self.cell.ending](connection, self.read_as_far(connection))
            raise Again

    def read_as_far(self, connection):
        """As the phase says; an answer that would fit."""
        if self.cell.phase == "part-of-head":
            connection.read_exactly(HEAD_PART)
            return answer_of(200, NOT_MINE)
        head = connection.read_head(1)
        if self.cell.phase == "part-of-body":
            connection.read_exactly(length_of(head) // 2)
        if self.cell.phase != "all":
            return answer_of(200, NOT_MINE)
        request = self.note(request_of(head, connection.read_body(head), connection))
        return answer_of(200, NOT_MINE) if self.cell.applied is False else answer_of(*self.bank.perform(request))

    def serve(self, connection):
        try:
            super().serve(connection)
        except Again:
            pass

    def handle(self, connection, request):
        key = self.bank.key(request)
        if key in self.plan.crowd:
            self.crowd.wait(60)
        if key != self.plan.gate:
            super().handle(connection, request)
            return
        if self.cell.request != "list":
            self.arm(connection)
            super().handle(connection, request)
            return
        self.bank.apply(request)
        self.arm(connection)
        connection.cut()
        connection.wait_until_left()
        raise Gone


class Again(Exception):
    """The request is over, the connection is not."""


# ---- the jobs of a cell ----

COLUMNS = "ref,action,on_behalf_of,needs,email,withdrawal_instruction,amount,fiat_code,id"


class Plan:
    """The CSV, the keys of its jobs, and who is who: `gate` is what is asked just before the fault."""

    def __init__(self, cell):
        self.cell, self.lines, self.jobs = cell, [COLUMNS], {}
        warm = {"fresh": 0, "after-1": 1, "after-6": 6, "6-idle": 6}[cell.kept]
        before = [self.one(f"before-{i}") for i in range(1, warm + 1)]
        self.crowd = {self.jobs[ref] for ref in before} if cell.kept == "6-idle" else ()
        self.gate = None
        if before and cell.request != "list":
            self.gate = self.jobs[self.other("gate", before)]
            before = ["gate"]
        self.target = self.one("target", before, cell.request)
        if cell.request == "list":
            self.gate = self.jobs["target"]
        elif cell.phase in IDLE or cell.ending in WHOLE and cell.ending != "reset-after":
            self.next()
        self.text = "\n".join(self.lines) + "\n"

    def add(self, ref, needs, key, **cells):
        row = {"ref": ref, "needs": " ".join(needs), **cells}
        self.lines.append(",".join(row.get(name, "") for name in COLUMNS.split(",")))
        self.jobs[ref] = key
        return ref

    def user(self, ref, needs=()):
        email = f"{ref}@payer.example"
        return self.add(ref, needs, key_of("users", None, {"email": email}, {}), action="create_user", email=email)

    def get(self, ref, needs=()):
        number = str(1000 + len(self.jobs))
        return self.add(ref, needs, ("GET", f"/users/{number}", None), action="get_user", id=number)

    def payment(self, ref, needs=(), amount="1250.50"):
        attributes, related = {"amount": amount, "fiat_code": "ars"}, {"withdrawal_instruction": INSTRUCTION}
        key = key_of("cash_withdrawals", USER, attributes, related)
        return self.add(ref, needs, key, action="create_cash_withdrawal", on_behalf_of=f"#{USER}",
                        withdrawal_instruction=INSTRUCTION, amount=amount, fiat_code="ars")

    def next(self):
        """Right after the target: an accepted payment is not final yet, so nothing can need it; its user's turn can."""
        if self.cell.request == "payment":
            self.payment("next", ["gate"] if self.gate else [], "7.00")
        else:
            self.one("next", ["target"])

    def one(self, ref, needs=(), request=None):
        """Of the kind that shares its connections with the target; reads and writes have their own."""
        if request in ("payment", "list"):
            return self.payment(ref, needs)
        posts = request == "user" or self.cell.request in ("payment", "user")
        return self.user(ref, needs) if posts else self.get(ref, needs)

    def other(self, ref, needs):
        """Of the kind that does not."""
        return self.user(ref, needs) if self.cell.request == "get" else self.get(ref, needs)


# ---- playing and judging ----

def settings_of(cell, server):
    waits = cell.phase in SLOW or cell.ending in SLOW
    settings = {"base_url": server.url(), "rate": 0, "retry_base": "5ms", "retry_max": "20ms",
                "concurrency": 6 if cell.kept == "6-idle" else 1, "retry_limit": 1 if cell.phase in LASTING else 5,
                "timeout": "900ms" if waits and cell.phase in READ else "30s",
                "connect_timeout": "500ms" if waits and cell.phase not in READ else "30s",
                **(LOOKS if cell.request in ("user", "list") else {"find_first": "0s"})}
    return {**settings, "ca_file": server.contexts["authority"]} if cell.scheme == "https" else settings


def judge(cell, plan, exits, place, server):
    attempts, states = place.attempts(), place.states()
    findings = judge_promises(plan.jobs, attempts, states, server.bank, server.ledger)
    findings += judge_table(cell, exits, attempts["target"], states["target"], place.rows(
        "SELECT l.outcome FROM look_up l JOIN job j ON j.id = l.job_id WHERE j.ref = 'target' ORDER BY l.id"))
    for ref in plan.jobs.keys() - {"target"}:
        if [outcome for outcome, _ in attempts[ref]] != ["accepted"]:
            findings.append(f"{ref}: was to be accepted at once, and is {attempts[ref]}, {states[ref]}")
    findings += judge_lists(place, server)
    findings += judge_ids(plan, place, server)
    return findings


def judge_table(cell, exits, attempts, state, look_ups):
    got = network_cells.Expected(tuple(outcome for outcome, _ in attempts), state, without_repeats(look_ups), tuple(exits))
    wanted = expected(cell)
    return [] if got in wanted else [f"target: {got}, and docs/judging.md says {' or '.join(map(str, wanted))}"]


def without_repeats(look_ups):
    """How often a list is read in vain is a matter of time."""
    words = [word for word, in look_ups]
    return tuple(word for i, word in enumerate(words) if i == 0 or words[i - 1] != word)


def judge_lists(place, server):
    read = sum(r.method == "GET" and r.path.count("/") == 1 and "page" not in r.query for r in server.ledger)
    asked = place.rows("SELECT count(*) FROM look_up")[0][0]
    return [f"look-ups: {read} requests reached the server, {asked} are written down"] if read > asked else []


def judge_ids(plan, place, server):
    """An id is that of the effect, not of another answer."""
    findings = []
    for ref, number in place.rows("SELECT ref, remote_id FROM results WHERE remote_id IS NOT NULL"):
        key = plan.jobs[ref]
        ids = [key[1].rpartition("/")[2]] if key[0] == "GET" else [effect.id for effect in server.bank.effects_of(key)]
        if number not in ids:
            findings.append(f"{ref}: has the id {number}, and its effect {ids}")
    return findings


def play_cell(cell, folder, contexts):
    """The place and the findings."""
    plan = Plan(cell)
    place = Place(folder, plan.text)
    server = Faulty(cell, plan, contexts)
    try:
        settings = settings_of(cell, server)
        exits = [place.run(**settings)]
        if cell.phase in LASTING:
            server.mend()
            exits.append(place.run(**{**settings, "retry_limit": 5}))
        findings = judge(cell, plan, exits, place, server)
        if findings:
            findings.append(place.said()[-400:])
        place.ledger = {"requests": server.ledger, "effects": server.bank.effects}
        return place, findings
    finally:
        server.close()


def make_contexts(folder):
    for name in "good", "bad":
        make_authority(folder, name)
    return {"good": context_of(folder, "good"), "bad": context_of(folder, "bad"),
            "authority": os.path.join(folder, "good.pem")}


def main():
    cells = {name_of(cell): cell for cell in network_cells.all_cells()}
    given = arguments(__doc__, len(cells), only={"help": "one cell, by its name"})
    with campaign(given, "network") as field:
        shop, contexts = Workshop(field, WORKERS), make_contexts(field.folder)
        order = chosen(given, list(cells))
        if not order:
            sys.exit(f"network.py: there is no cell {given.only}")
        played = shop.play(order, lambda folder, cell: play_cell(cells[cell.name], folder, contexts))
        field.end(f"N1 network faults: {len(played)} runs of {len(cells)} cells, {field.figures('effects twice', 'lost', 'wrong')}")


if __name__ == "__main__":
    main()
