"""The other side's books: what became of each row of a night's files, by the ledger and those files alone. Nothing here is
computed by the program, or read from its tables.

Numbers come as {key: text}, where a key is such as ("tonight.csv", "ars", "succeeded"). Amounts have the places of their
currency, so that what is compared is what a person reads, to the last digit."""
import collections
import decimal
import time

import night
from night import csv_rows, digits, rows

PLACES = {"ars": 2, "usd": 2, "uyu": 2, "clp": 0, "pyg": 0, "btc": 8, "bch": 8}
PAYS = {"create_cash_withdrawal": "fiat_code", "create_coin_withdrawal": "coin_code"}  # and the column of its currency
STATES = ("queued", "sending", "following", "in_doubt", "succeeded", "failed", "skipped", "cancelled")
COLUMN = {"queued": "waiting", "sending": "waiting", "skipped": "failed", "cancelled": "failed"}  # of the money
SETTLES_US = 3600 * 10 ** 6  # `--settle-after 1h`: by then a payment is made, or cancelled where its amount ends in 13
NEVER = ("failed", "skipped", "cancelled")
LOST = {"commit-then-close", "commit-then-reset", "commit-then-hang", "half-answer", "wrong-length", "500-after-commit",
        "reset-before-commit", "close-before-commit", "500", "502-html"}  # after these nobody knows


def exact(amount, currency):
    rounded = amount.quantize(decimal.Decimal(1).scaleb(-PLACES[currency]))
    assert rounded == amount, f"{amount} {currency} has more places than there are"
    return f"{rounded:f}"


def amount_of(row):
    """(exact decimal, currency), or None where the row pays nobody."""
    column = PAYS.get(row["action"])
    return (decimal.Decimal(row["amount"]), row[column].lower()) if column else None


def amounts_of(text):
    """(ref, exact decimal, currency) of each payment of a file."""
    return [(row["ref"], *amount_of(row)) for row in csv_rows(text) if amount_of(row)]


WORDS = {200: "accepted", 201: "accepted", 422: "refused", 429: "put off"}


Post = collections.namedtuple("Post", "at_us status fault")
Thing = collections.namedtuple("Thing", "kind id user amount currency age_us")


class Books:
    """`files` are the texts that were imported, by batch; those in `declared` with control totals. What only persons know:
    which jobs they have cancelled, which are held (`waiting`: for an approval) or (`capped`) will be when they could be
    sent. `doubts` and `sending` are the program's claim:
    `unfounded` judges it. `cut` tells of a kill: how often a request that was in flight had been answered before, by ref,
    and the time after which the next run sent. `since`: the last request before the run of which a place tells."""

    def __init__(self, ledger, files, cancelled=(), held=(), capped=(), doubts=(), sending=(),
                 declared=(), waiting=(), cut=({}, 0), since=0):
        self.ledger = ledger
        self.rows = {row["ref"]: {**row, "batch": batch} for batch, text in files.items() for row in csv_rows(text)}
        self.cancelled, self.doubts = set(cancelled), set(doubts)
        self.declared, self.cut, self.since = set(declared), cut, since
        self.claims = {**dict.fromkeys(doubts, "in_doubt"), **dict.fromkeys(sending, "sending")}
        self.posts, self.things = collections.defaultdict(list), collections.defaultdict(list)
        self.known = {}
        self.index()
        self.read()
        self.cases = {*held, *(ref for ref in capped if {self.state(n) for n in self.needs(ref)} <= {"succeeded"})}
        self.held = {*self.cases, *waiting}
        self.capped = set(capped)

    # ---- whose it is: by what stands in the request ----

    def index(self):
        self.by_email = {row["email"]: ref for ref, row in self.rows.items() if row.get("email")}
        self.by_account = {row["withdrawal_instruction"]: ref for ref, row in self.rows.items()
                           if row.get("withdrawal_instruction")}
        self.labels = dict(rows(self.ledger, "SELECT resource_id, reference FROM effect "
                                             "WHERE kind = 'withdrawal_instructions'"))

    def owner(self, body):
        data = digits(body)["data"]
        attributes = data["attributes"]
        if data["type"] == "users":
            return self.by_email[attributes["email"]]
        if data["type"] == "cash_withdrawals":
            return self.by_account["@" + self.labels[data["relationships"]["withdrawal_instruction"]["data"]["id"]]]
        return attributes["label"]

    def read(self):
        for *post, body in rows(self.ledger, "SELECT at_us, status, fault, body FROM request WHERE "
                                                     "method = 'POST' AND path LIKE '/api/%' ORDER BY id"):
            self.posts[self.owner(body)].append(Post(*post))
        for body, *thing in rows(
                self.ledger, "SELECT r.body, e.kind, e.resource_id, e.user_id, e.amount, e.currency, "
                "? + (SELECT coalesce(sum(by_us), 0) FROM shift) - t.created_us FROM effect e "
                "JOIN request r ON r.id = e.request_id JOIN resource t ON t.kind = e.kind AND t.id = e.resource_id "
                "ORDER BY e.id", time.time_ns() // 1000):
            self.things[self.owner(body)].append(Thing(*thing))

    # ---- what became of it ----

    def waits_for(self, ref):
        row = self.rows[ref]
        return [n for n in (row["on_behalf_of"], *(row.get("needs") or "").split(),
                            *(cell[1:] for cell in row.values() if cell and cell.startswith("@"))) if n]

    def needs(self, ref):
        """Without those that may end in any way."""
        return [n for n in self.waits_for(ref) if not n.startswith("?")]

    def waits_for_a_payment(self, ref):
        return any(self.rows[n.lstrip("?")]["action"] in PAYS for n in self.waits_for(ref))

    def state(self, ref):
        if ref not in self.known:
            self.known[ref] = self.judge(ref)
        return self.known[ref]

    def judge(self, ref):
        if ref in self.claims:
            return self.claims[ref]
        if self.things[ref]:
            return self.end(self.rows[ref], self.things[ref][0])
        if self.refused(ref):
            return "failed"
        if ref in self.cancelled:
            return "cancelled"
        return "skipped" if any(self.state(n) in NEVER for n in self.needs(ref)) else "queued"

    @staticmethod
    def end(row, thing):
        if row["action"] not in PAYS:
            return "succeeded"
        if thing.age_us < SETTLES_US:
            return "following"
        return "failed" if thing.amount.endswith("13") else "succeeded"

    def refused(self, ref):
        return any(post.status == 422 for post in self.posts[ref])

    def remote_id(self, ref):
        return self.things[ref][0].id if self.things[ref] and ref not in self.claims else ""

    # ---- what must be so whatever the program says ----

    def findings(self):
        """Nothing took effect twice, or otherwise than its row says."""
        for ref, things in ((ref, things) for ref, things in self.things.items() if things):
            row, thing = self.rows[ref], things[0]
            if len(things) > 1:
                yield f"{ref}: took effect {len(things)} times"
            if thing.kind != night.KINDS[row["action"]]:
                yield f"{ref}: became one of {thing.kind}"
            if row["action"] in PAYS and (thing.amount, thing.currency) != (row["amount"], row[PAYS[row["action"]]]):
                yield f"{ref}: paid {thing.amount} {thing.currency}, its row says {row['amount']}"
            if row["on_behalf_of"] and thing.user != self.things[row["on_behalf_of"]][0].id:
                yield f"{ref}: went to user {thing.user}"
            if self.refused(ref):
                yield f"{ref}: was refused, and sent again"
        yield from (f"{ref}: is held, or was taken out, and was sent" for ref in self.held | self.capped | self.cancelled
                    if self.posts[ref])

    def unfounded(self):
        """What is said to be in doubt, and its last answer was given and not lost, nor in flight at the kill."""
        for ref in self.claims.keys() - self.cut[0].keys():
            if not self.posts[ref] or self.posts[ref][-1].fault not in LOST:
                yield f"{ref}: in doubt, and its answer was not lost: {self.posts[ref]}"

    # ---- the numbers ----

    def counts(self, pays_only=False):
        got = dict.fromkeys(("total", *STATES), 0)
        for ref, row in self.rows.items():
            if not pays_only or row["action"] in PAYS:
                got["total"] += 1
                got[self.state(ref)] += 1
        return got

    def progress(self):
        """{(batch, state): jobs}, with `held` of the queued ones."""
        got = {(row["batch"], state): 0 for row in self.rows.values() for state in ("total", "held", *STATES)}
        for ref, row in self.rows.items():
            for column in "total", self.state(ref), *(["held"] if ref in self.held else []):
                got[row["batch"], column] += 1
        return {key: str(n) for key, n in got.items()}

    def payments(self):
        for ref, row in self.rows.items():
            if amount_of(row):
                yield ref, row["batch"], *amount_of(row)

    def money(self):
        """{(batch, currency, column): amount}."""
        columns = ("imported", "succeeded", "following", "in_doubt", "failed", "waiting", "returned", "held")
        sums = collections.defaultdict(decimal.Decimal)
        for ref, batch, amount, currency in self.payments():
            for column in columns:
                sums[batch, currency, column] += 0
            state = self.state(ref)
            more = [name for name, refs in (("held", self.held), ("declared", self.declared)) if {ref, batch} & refs]
            for column in "imported", COLUMN.get(state, state), *more:
                sums[batch, currency, column] += amount
        return {key: exact(n, key[1]) for key, n in sums.items()}

    def money_of_states(self, batch):
        """{(state, currency): amount}, as the lines of a file have them."""
        sums = collections.defaultdict(decimal.Decimal)
        for ref, of, amount, currency in self.payments():
            if of == batch:
                sums[self.state(ref), currency] += amount
        return {key: exact(n, key[1]) for key, n in sums.items()}

    def lines(self, batch=None):
        """{(ref, column): text}: what a list of jobs says of each."""
        got = {}
        for ref, row in self.rows.items():
            if batch in (None, row["batch"]):
                amount, currency = amount_of(row) or (None, "")
                got.update({(ref, "state"): self.state(ref), (ref, "remote id"): self.remote_id(ref),
                            (ref, "amount"): exact(amount, currency) if currency else "", (ref, "currency"): currency})
        return got

    def foreseeable(self, batch):
        """The refs that one run would send if every answer was good: what was sent a first time, and what was not only
        because the other side refused what it needs. What needs a payment waits for more than an answer."""
        def is_kept_by_a_refusal(ref):
            return any(self.refused(n) or is_kept_by_a_refusal(n) for n in self.needs(ref))

        for ref, row in self.rows.items():
            may_go = not self.waits_for_a_payment(ref) and ref not in self.cancelled | self.held | self.capped
            if row["batch"] == batch and may_go and (self.posts[ref] or is_kept_by_a_refusal(ref)):
                yield ref

    def is_cut(self, ref, i):
        answered, until_us = self.cut[0].get(ref), self.cut[1]
        return i == answered and self.posts[ref][i].at_us < until_us

    def answers(self):
        """{what: requests}: what was answered with. What was in flight at the kill may never have arrived."""
        got = collections.Counter({("requests",): 0, ("in doubt",): 0})
        for ref in self.rows:
            posts = self.posts[ref]
            cut = "under way" if self.claims.get(ref) == "sending" else "in doubt"
            for i, post in enumerate(posts):
                got["requests",] += 1
                got[cut if self.is_cut(ref, i) else "in doubt" if post.fault in LOST else WORDS[post.status],] += 1
            if ref in self.cut[0] and not any(self.is_cut(ref, i) for i in range(len(posts))):
                got["requests",] += 1
                got[cut,] += 1
        return {key: str(n) for key, n in got.items()}

    def asked_since(self):
        (requests, throttled), = rows(self.ledger, "SELECT count(*), coalesce(sum(status = 429), 0) FROM request "
                                                   "WHERE id > ? AND path LIKE '/api/%'", self.since)
        return {"requests": requests, "throttled": throttled}

    def answered(self):
        """{action: requests} that came to an end while a run waited for it."""
        got = collections.Counter()
        for ref, row in self.rows.items():
            got[row["action"],] += sum(not self.is_cut(ref, i) for i in range(len(self.posts[ref])))
        return {key: str(n) for key, n in got.items() if n}
