"""The lies of N3 that remesa-sandbox does not know, told by a server of our own: answers that echo something else, and
lists of every wrong shape. Each script is one job and what must become of it."""
import collections
import copy
import threading
import time

from bank import Bank, Digits, json_text, key_of
from cells import Place, judge_promises
from faulty_server import Server, answer_of

Script = collections.namedtuple("Script", "request applied say rows pages want")
# request: which job · applied: whether it took effect · say: the answer, made of the good document · rows: the list,
# made of the good one · pages: answers to the first lists, instead of the list · want: see WANTS

SETTINGS = {"rate": 0, "concurrency": 2, "retry_base": "5ms", "retry_max": "20ms", "retry_limit": 100, "timeout": "30s",
            "find_first": "10ms", "find_tries": 2, "settle_time": "80ms"}
STOP_MS = 300  # after which a run is told to end
HEAD = "ref,action,on_behalf_of,label,email,withdrawal_instruction,amount,fiat_code\n"
ROWS = {"payment": "job,create_cash_withdrawal,#594,,,410,1250.50,ars\n",
        "user": "job,create_user,,,a+1@payer.example,,,\n",
        "instruction": "job,create_withdrawal_instruction,#594,our label,,,,\n"}
KEYS = {"payment": key_of("cash_withdrawals", "594", {"amount": "1250.50", "fiat_code": "ars"},
                          {"withdrawal_instruction": "410"}),
        "user": key_of("users", None, {"email": "a+1@payer.example"}, {}),
        "instruction": key_of("withdrawal_instructions", "594", {"label": "our label"}, {})}

# what must become of it: exit status, state, outcomes of the attempts, the last look-up; no number of look-ups
Want = collections.namedtuple("Want", "exit state outcomes last")
WANTS = {
    "found": {"payment": Want(3, "following", ["in_doubt"], "found"), "user": Want(0, "succeeded", ["in_doubt"], "found"),
              "instruction": Want(0, "succeeded", ["in_doubt"], "found")},
    "absent": {"payment": Want(2, "in_doubt", ["in_doubt"], "not_there"),  # a person has to say
               "user": Want(0, "succeeded", ["in_doubt", "accepted"], "absent"),
               "instruction": Want(0, "succeeded", ["in_doubt", "accepted"], "absent")},
    "several": {"payment": Want(2, "in_doubt", ["in_doubt"], "several")},
    "refused": {"payment": Want(77, "in_doubt", ["in_doubt"], "failed")},
    "endless": {"payment": Want(2, "in_doubt", ["in_doubt"], "failed")},
}
ADVICE = "remesa resolve job --succeeded --remote-id ID | --not-sent --reason TEXT"


# ---- changes to a document or a row ----

def put(*path, value):
    """A copy with the value there."""
    def change(document):
        document = copy.deepcopy(document)
        at = document
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = value
        return document
    return change


def drop(*path):
    def change(document):
        document = copy.deepcopy(document)
        at = document
        for name in path[:-1]:
            at = at[name]
        del at[path[-1]]
        return document
    return change


def number(text):
    return Digits(text)


ATTRIBUTES, RELATED = ("data", "attributes"), ("data", "relationships", "withdrawal_instruction", "data")
AMOUNT = (*ATTRIBUTES, "amount")
ECHOES = {  # of a payment
    "amount": put(*AMOUNT, value=number("1250.51")), "amount-text": put(*AMOUNT, value="1250.51"),
    "amount-a-hair": put(*AMOUNT, value=number("1250.500000000000001")), "amount-huge": put(*AMOUNT, value=number("1e400")),
    "amount-negative": put(*AMOUNT, value=number("-1250.50")), "amount-null": put(*AMOUNT, value=None),
    "amount-object": put(*AMOUNT, value={}), "currency": put(*ATTRIBUTES, "fiat_code", value="usd"),
    "instruction": put(*RELATED, "id", value="411"), "type": put("data", "type", value="coin_withdrawals"),
    "no-type": drop("data", "type"), "no-id": drop("data", "id"), "id-null": put("data", "id", value=None),
    "id-empty": put("data", "id", value=""), "id-with-slash": put("data", "id", value="7/../8"),
    "id-fraction": put("data", "id", value=number("7.5")), "a-list": lambda d: {"data": [d["data"]]},
    "data-null": put("data", value=None), "no-data": lambda d: {"result": d["data"]},
    "errors-beside": put("errors", value=[{"title": "no"}]), "a-string": lambda d: "created",
}
OTHER_ECHOES = {"user": {"email": put(*ATTRIBUTES, "email", value="a+2@payer.example")},
                "instruction": {"label": put(*ATTRIBUTES, "label", value="your label")}}

# A row that is ours, written in another way.
STILL_OURS = {
    "amount-text": put("attributes", "amount", value="1250.50"),
    "amount-short": put("attributes", "amount", value=number("1250.5")),
    "amount-power": put("attributes", "amount", value=number("12505e-1")),
    "currency-upper": put("attributes", "fiat_code", value="ARS"),
    "id-number": lambda row: put("id", value=number(row["id"]))(row), "no-time": drop("attributes", "created_at"),
    "odd-time": put("attributes", "created_at", value="yesterday"), "more": put("attributes", "note", value="x"),
}
# A row that is not, next to which ours is missing.
NOT_OURS = {
    "amount": put("attributes", "amount", value=number("1250.51")), "currency": put("attributes", "fiat_code", value="usd"),
    "instruction": put("relationships", "withdrawal_instruction", "data", "id", value="41"),
    "type": put("type", value="coin_withdrawals"), "no-amount": drop("attributes", "amount"),
    "no-relationship": drop("relationships", "withdrawal_instruction"), "no-id": drop("id"),
    "old": put("attributes", "created_at", value="2001-01-01T00:00:00.000Z"),
}


def stranger(change):
    """In place of the list: one row that is nearly ours."""
    return lambda rows, row: [change({**row, "id": "6001"})]


def each(change):
    return lambda rows, row: list(map(change, rows))


def another(rows, row):
    return rows + [{**row, "id": "6001"}]


def others(count, first=100):
    return [{"id": str(first + i), "type": "cash_withdrawals", "attributes": {"amount": number("1"), "fiat_code": "ars"}}
            for i in range(count)]


LISTS = {  # of rows; ours is somewhere in them
    "twice": lambda rows, row: rows + rows, "last-of-many": lambda rows, row: others(40) + rows,
    "first-of-many": lambda rows, row: rows + others(40),
    "among-strange-ones": lambda rows, row: [None, 7, "x", [], {}] + rows,
}
TOLD_NO = b'{"errors":[{}]}'
SICK = {  # answers to the first two lists
    "page": answer_of(200, b"<html>", "text/html"), "empty": answer_of(200), "cut": answer_of(200, b'{"data":[{"id":'),
    "object": answer_of(200, b'{"data":{}}'), "no-data": answer_of(200, b"{}"),
    "errors": answer_of(200, b'{"errors":[{}],"data":[]}'), "500": answer_of(500, b"<html>", "text/html"),
    "503": answer_of(503), "404": answer_of(404, TOLD_NO),
    "301": answer_of(301, headers=("Location: /api/other",)), "403-page": answer_of(403, b"<html>", "text/html"),
    "429": answer_of(429, TOLD_NO), "429-wait": answer_of(429, TOLD_NO, headers=("Retry-After: 0",)),
}


def all_scripts():
    found = {}
    for applied, word in (True, "found"), (False, "absent"):
        told = "applied" if applied else "not-applied"
        for name, say in ECHOES.items():
            found[f"echo/{name}/{told}"] = Script("payment", applied, say, None, (), word)
        for request, echoes in OTHER_ECHOES.items():
            for name, say in echoes.items():
                found[f"echo/{request}-{name}/{told}"] = Script(request, applied, say, None, (), word)
    lost = drop("data", "id")
    for name, change in STILL_OURS.items():
        found[f"row/ours/{name}"] = Script("payment", True, lost, each(change), (), "found")
    for name, change in NOT_OURS.items():
        found[f"row/not-ours/{name}"] = Script("payment", False, lost, stranger(change), (), "absent")
    for name, rows in LISTS.items():
        found[f"list/{name}"] = Script("payment", True, lost, rows, (), "found")
    for name, answer in SICK.items():
        found[f"list/sick-{name}"] = Script("payment", True, lost, None, (answer, answer), "found")
    no_key = answer_of(401, b'{"error":"Invalid Api Key"}')
    found["list/key-refused"] = Script("payment", True, lost, None, (no_key,), "refused")
    found["list/two-of-ours"] = Script("payment", True, lost, another, (), "several")
    found["list/endless"] = Script("payment", True, lost, "endless", (), "endless")
    found["list/stopped-between-pages"] = Script("user", True, lost, "stopped", (), "found")
    found["list/page-repeated"] = Script("payment", True, lost, "repeated", (), "found")
    return found


# ---- the server ----

class Liar(Server):
    def __init__(self, script):
        self.script, self.row = script, None
        self.pages = list(script.pages)
        self.pages_asked, self.posts = 0, 0
        self.guard = threading.Lock()
        super().__init__(Bank())

    def handle(self, connection, request):
        with self.guard:
            connection.send(self.post(request) if request.method == "POST" else self.list(request))

    def post(self, request):
        """The first is lied to; what is sent again because of it is done and told truly."""
        self.posts += 1
        if self.posts > 1:
            return answer_of(*self.bank.perform(request))
        self.row = self.bank.apply(request) if self.script.applied else self.bank.row("7", *self.bank.read(request))
        return answer_of(200, json_text(self.script.say({"data": self.row})).encode())

    def list(self, request):
        if self.pages:
            return self.pages.pop(0)
        rows = self.bank.list(request)
        if self.script.rows == "endless":  # every page is full, and none is like another
            self.pages_asked += 1
            rows = others(5, 1000 * self.pages_asked)
        elif self.script.rows == "repeated":
            rows = others(5) + [e.row for e in self.bank.effects]
        elif self.script.rows == "stopped":
            rows = self.second_page(request)
        elif self.script.rows and "page" not in request.query:
            rows = self.script.rows(rows, self.row)
        return answer_of(200, json_text({"data": rows}).encode())


    def second_page(self, request):
        """What is ours is there; the first page comes when the run has been told to end, once."""
        self.pages_asked += 1
        if self.pages_asked == 1:
            time.sleep(2 * STOP_MS / 1000)
        return [e.row for e in self.bank.effects] if "page" in request.query else others(5)


def settings_of(script, number):
    """Of the first run, and of the one after it."""
    if script.want == "endless":
        return {**SETTINGS, "max_duration": "2500ms"}
    if script.rows != "stopped":
        return SETTINGS
    eager = {**SETTINGS, "find_tries": 1, "settle_time": "1ms"}  # one whole list decides
    return {**eager, "max_duration": f"{STOP_MS}ms"} if number == 1 else eager


def play(script, folder):
    place = Place(folder, HEAD + ROWS[script.request])
    server = Liar(script)
    try:
        exit_status = place.run(base_url=server.url(), **settings_of(script, 1))
        if script.rows == "stopped":
            exit_status = place.run(base_url=server.url(), **settings_of(script, 2))
        place.ledger = {"requests": server.ledger, "effects": server.bank.effects}
        return place, judge(script, exit_status, place, server)
    finally:
        server.close()


def judge(script, exit_status, place, server):
    attempts, states = place.attempts(), place.states()
    findings = judge_promises({"job": KEYS[script.request]}, attempts, states, server.bank, server.ledger)
    want = WANTS[script.want][script.request]
    last = place.rows("SELECT outcome, evidence FROM look_up ORDER BY id DESC LIMIT 1")
    got = Want(exit_status, states["job"], [outcome for outcome, _ in attempts["job"]], last[0][0] if last else None)
    if got != want:
        findings.append(f"job: {got}, and it is to be {want}: {place.said()[-300:]}")
    return findings + judge_words(script, want, place, server)


def judge_words(script, want, place, server):
    """What a person is told, and that what was found is what took effect."""
    findings = []
    if want.state == "in_doubt" and place.rows("SELECT ref, next_command FROM doubts") != [("job", ADVICE)]:
        findings.append(f"the view doubts says {place.rows('SELECT * FROM doubts')}")
    if script.want == "several" and "more than once" not in place.said():
        findings.append(f"nobody is told that it may have been carried out twice: {place.said()}")
    if want.last == "not_there" and "a person has to say" not in place.said():
        findings.append(f"nobody is asked: {place.said()}")
    ids = [number for number, in place.rows("SELECT remote_id FROM results WHERE remote_id IS NOT NULL")]
    made = [effect.id for effect in server.bank.effects_of(KEYS[script.request])]
    if want.state != "in_doubt" and ids != made:
        findings.append(f"job: has the id {ids}, and its effect {made}")
    if script.request == "payment" and server.posts > 1:
        findings.append(f"job: {server.posts} requests reached the server, for a payment in doubt")
    return findings
