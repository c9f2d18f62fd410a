"""The cells of N2, and what must become of each by docs/judging.md, 4 and 5: written down a second time, nothing else."""
import collections

Cell = collections.namedtuple("Cell", "request status body")
Verdict = collections.namedtuple("Verdict", "outcome why")  # why: of what holds for every other job, too

BODIES = ("errors", "error", "page", "empty", "cut", "wrong-type", "resource")
ANY = frozenset(BODIES)
OF_THE_API = {"errors", "error"}  # an error document, by JSON:API or by one string
NOT_JSON = {"page", "wrong-type"}  # a proxy's or a firewall's; JSON under another type is no better
WITHOUT_BODY = (204, 304)  # RFC 9110: whatever follows the head is no part of it

FINAL = {400, 404, 405, 406, 410, 411, 413, 414, 415, 422, 428, 431, 451}
DOUBTFUL = {408, 409, 423, 424}  # 409: it may be there already
TURNED_AWAY = {417, 421, 425}
LISTED = sorted({100, 101, 200, 201, 202, 204, 301, 307, 401, 402, 403, 407, 412, 416, 418, 429, 499, 500, 501, 502, 503,
                 504, 520, 524, 530, *FINAL, *DOUBTFUL, *TURNED_AWAY})

ACCEPTED, REJECTED, DOUBT = Verdict("accepted", None), Verdict("rejected", None), Verdict("in_doubt", None)
NOT_PROCESSED = Verdict("not_processed", "busy")
KEY, FUNDS, BLOCKED = (Verdict("rejected_systemic", why) for why in ("key", "funds", "blocked"))


def name_of(cell):
    return "/".join(map(str, cell))


def all_cells():
    """Every status with every body for a payment; for a user and a GET those that the table names."""
    for status in range(100, 600):
        for body in BODIES:
            yield Cell("payment", status, body)
    for request in "user", "get":
        for status in LISTED:
            for body in BODIES:
                yield Cell(request, status, body)


# ---- docs/judging.md, 4 and 5 ----

def verdict(status, body):
    body = "empty" if status in WITHOUT_BODY else body
    if 200 <= status <= 299:
        return ACCEPTED if body == "resource" else DOUBT  # any 2xx counts, with type, id and equal values
    if status in FINAL:
        return REJECTED if body in OF_THE_API else BLOCKED if body in NOT_JSON else DOUBT
    if status in (401, 403):
        return KEY if body in OF_THE_API | {"resource"} else BLOCKED
    if status == 407:
        return BLOCKED
    if status == 402:
        return BLOCKED if body in NOT_JSON else FUNDS
    if status in TURNED_AWAY:
        return NOT_PROCESSED
    if status == 429:  # the limiter's word: the API's errors, nothing, or the page of what stands in front of it
        return DOUBT if body in ("resource", "cut") else NOT_PROCESSED
    if status in DOUBTFUL or not 400 <= status <= 499:
        return DOUBT
    return REJECTED if body in OF_THE_API else DOUBT


# ---- what follows from it ----

Expected = collections.namedtuple("Expected", "outcomes state exit")
EXITS = {"key": 77, "funds": 75, "blocked": 69, "busy": 69}


def accepted_state(request):
    return "following" if request == "payment" else "succeeded"


def once(cell):
    """The server says it once, and then works; the exit status is that of a run of this job alone."""
    seen, good = verdict(cell.status, cell.body), accepted_state(cell.request)
    last = 3 if good == "following" else 0
    if seen.why in ("key", "funds"):
        return Expected((seen.outcome,), "queued", EXITS[seen.why])
    if seen == ACCEPTED:
        return Expected((seen.outcome,), good, last)
    if seen == REJECTED:
        return Expected((seen.outcome,), "failed", 1)
    if seen == DOUBT and cell.request != "get":
        return Expected((seen.outcome,), "in_doubt", 2)
    return Expected((seen.outcome, "accepted"), good, last)


def always(cell, limit):
    """The server says nothing else, and `limit` setbacks end a run: what stands in everybody's way ends it 69."""
    seen = verdict(cell.status, cell.body)
    if seen.why in ("blocked", "busy"):
        return Expected((seen.outcome,) * limit, "queued", EXITS[seen.why])
    if seen == DOUBT and cell.request == "get":
        return Expected((seen.outcome,) * limit, "failed", 1)
    return once(cell)
