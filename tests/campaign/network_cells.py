"""The cells of N1, and what must become of each by docs/judging.md, 2: written down a second time, and nothing else.

A cell is one request that meets one fault. `request`: a payment, the making of a user, a GET of a job, or the list by
which a doubt is looked up. `kept`: on what connection. `phase`: how far the server was when it happened. `ending`: what
it did then. `applied`: whether the request took effect on the other side."""
import collections

Cell = collections.namedtuple("Cell", "request scheme kept phase ending applied")
Expected = collections.namedtuple("Expected", "outcomes state look_ups exits")

REQUESTS = ("payment", "user", "get", "list")
SCHEMES = ("http", "https")
KEPT = ("fresh", "after-1", "after-6", "6-idle")  # 6-idle: six kept ones, onto each of which it could be sent again

LASTING = ("refused", "connect-hangs", "bad-certificate")  # until the server is mended: the run ends 69, the next goes on
AT_ACCEPT = ("closed-at-accept", "reset-at-accept")
BEFORE = (*LASTING, "tls-hangs", *AT_ACCEPT)
ONLY_TLS = ("bad-certificate", "tls-hangs", "idle-goodbye")
IDLE = ("idle-closed", "idle-reset", "idle-408", "idle-byte", "idle-goodbye")  # what happens to kept ones between two
READ = ("part-of-head", "head", "part-of-body", "all")

TORN = ("closed", "reset", "stall", "part-of-status", "status-only", "429-only", "one-header", "100-only", "103-only",
        "torn-body", "long-length", "422-torn", "bad-chunk", "no-last-chunk", "huge-header", "garbage", "slow")
UNREADABLE = ("gzip",)
WHOLE = ("answer", "two-answers", "closed-after", "reset-after", "100-first", "103-first", "byte-by-byte", "no-length")
ENDINGS = (*TORN, *UNREADABLE, *WHOLE)
SLOW = ("stall", "slow", "connect-hangs", "tls-hangs")


def name_of(cell):
    return "/".join([*cell[:4], cell.ending or "-", {True: "applied", False: "not-applied", None: "-"}[cell.applied]])


def why_not(cell):
    """Why there can be no such cell; None when there can."""
    reads, posts = cell.phase in READ, cell.request in ("payment", "user")
    if cell.phase in ONLY_TLS and cell.scheme == "http":
        return "there is no TLS to go wrong"
    if cell.phase in IDLE and cell.kept == "fresh":
        return "there is no kept connection"
    if reads != (cell.ending is not None):
        return "what was never asked cannot be answered, and what was read ends somehow"
    if cell.phase in ("head", "part-of-body") and not posts:
        return "a GET has no body: its head is all of it"
    if reads and cell.phase != "all" and cell.ending not in TORN:
        return "only a whole request can have a whole answer"
    if (cell.applied is not None) != (posts and cell.phase == "all"):
        return "only a whole request can take effect, and a GET has none"
    if cell.applied is False and cell.ending in WHOLE:
        return "an answer with an id, and no effect: that is a lie (lies.py)"
    return None


def candidates():
    for request in REQUESTS:
        for scheme in SCHEMES:
            for kept in KEPT:
                for phase in (*BEFORE, *IDLE, *READ):
                    for ending in (None, *ENDINGS):
                        for applied in (None, True, False):
                            yield Cell(request, scheme, kept, phase, ending, applied)


def all_cells():
    return [cell for cell in candidates() if why_not(cell) is None]


# ---- docs/judging.md, 2 ----

def verdicts(cell):
    """What its one request comes to; two where the race decides whether it still went out."""
    if cell.phase in AT_ACCEPT and cell.scheme == "http":
        return ("not_sent", "in_doubt")  # connected is connected: libcurl may send before it sees the end
    if cell.phase == "bad-certificate":
        return ("rejected_systemic",)  # never sent, and never will be: 3, PF
    if cell.phase in BEFORE:
        return ("not_sent",)  # 2, 1: nothing was let out
    if cell.phase in IDLE or cell.ending in WHOLE:
        return ("accepted",)  # 5, 2: a connection that is not quiet is left, nothing is sent on it
    return ("in_doubt",)  # 2, 2 and 2, 3; unreadable: 4


def expected(cell):
    return [after(cell, verdict) for verdict in verdicts(cell)]


def after(cell, verdict):
    good = {"payment": "following", "list": "following"}.get(cell.request, "succeeded")
    last = 3 if good == "following" else 0
    exits = (69, last) if cell.phase in LASTING else (last,)
    if cell.request == "list":  # the payment that is looked for was lost; a list that cannot be read says nothing
        return Expected(("in_doubt",), good, ("found",) if verdict == "accepted" else ("failed", "found"), exits)
    if verdict == "accepted":
        return Expected((verdict,), good, (), exits)
    if verdict != "in_doubt" or cell.request == "get":
        return Expected((verdict, "accepted"), good, (), exits)  # it did nothing, or does no harm: once more
    if cell.request == "payment":
        return Expected((verdict,), "in_doubt", (), (2,))
    if cell.applied:
        return Expected((verdict,), good, ("found",), exits)
    return Expected((verdict, "accepted"), good, ("not_there", "absent"), exits)  # proved absent, then sent again
