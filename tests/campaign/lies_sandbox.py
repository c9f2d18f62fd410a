"""The nights of N3 on remesa-sandbox: answers that are lost, effects that come late, lists that lag, hide and repeat.

Each is a few payees, judged by night.agree, by check.py, and by what the night must come to."""
import collections
import os
import subprocess
import sys
import time

from cells import PATIENCE, Place
from common import CHECKER, night

Night = collections.namedtuple("Night", "faults options settings want text payees", defaults=((), {}, "well", None, 4))
# want: "well": all is there, and no person was needed · "asks": of some payouts a person has to say · "asks, then well":
# the next run, on a sandbox that does nothing wrong, finds them · "several": it was carried out twice over there
# "beyond": a lie that nobody can see through: only that nothing is sent again is looked at

SETTLE_MS = 400
SETTINGS = {"rate": 0, "concurrency": 2, "retry_base": "5ms", "retry_max": "50ms", "retry_limit": 500, "timeout": "30s",
            "find_first": "30ms", "find_tries": 2, "settle_time": f"{SETTLE_MS}ms",
            "duplicate_days": 0}  # two payments may be alike, and are told apart all the same
ENDPOINTS = ("users", "withdrawal_instructions", "cash_withdrawals")
PAYOUTS = "cash_withdrawals"
LOST = ("commit-then-close:x2", "commit-then-reset:x2", "commit-then-hang:x2", "half-answer:x2", "wrong-length:x2:short",
        "wrong-length:x2:long", "500-after-commit:x2")
NEVER_DONE = ("close-before-commit:x2", "reset-before-commit:x2", "500:x2", "502-html:x2")
LAGS_S = (0, 5, 30, 60, 120, 300, 600)  # of a list, where settle_time is 600 s
ADVICE = "remesa resolve {} --succeeded --remote-id ID | --not-sent --reason TEXT"

EQUAL = ("ref,action,on_behalf_of,email,withdrawal_instruction,amount,fiat_code\nuser,create_user,,e@payer.example,,,\n"
         "account,create_withdrawal_instruction,user,,,,\n"
         + "".join(f"payout-{i},create_cash_withdrawal,user,,@account,99.90,ars\n" for i in range(4)))


def all_nights():
    found = {}
    for path in ENDPOINTS:
        unproved = "asks" if path == PAYOUTS else "well"  # what cannot be found is sent again where that does no harm
        for kind in LOST:
            wait = {"timeout": "700ms"} if "hang" in kind or "long" in kind else {}
            found[f"lost/{path}/{kind}"] = Night((f"POST /{path}:{kind}",), settings=wait)
        for kind in NEVER_DONE:
            found[f"never-done/{path}/{kind}"] = Night((f"POST /{path}:{kind}",), want=unproved)
        for lists in 1, 2:
            found[f"late/{path}/after-{lists}-lists"] = Night(
                (f"POST /{path}:late-apply-after-list:x1:{lists}",), settings={"find_tries": lists + 2})
        found[f"late/{path}/150-ms"] = Night((f"POST /{path}:late-apply:x2:150",))
        for lag in LAGS_S:
            ms = lag * SETTLE_MS // 600
            found[f"lag/{path}/{lag}-s"] = Night((f"POST /{path}:commit-then-close:x2", f"GET *:late-list:1:{ms}"))
        found[f"no-id/{path}/applied"] = Night((f"POST /{path}:lie-200-no-id:x2:applied",))
        found[f"no-id/{path}/not-applied"] = Night((f"POST /{path}:lie-200-no-id:x2:not-applied",), want=unproved)
        found[f"twice-over-there/{path}"] = Night((f"POST /{path}:dup-effect:x1:close",), want="several")
        for lie in "lie-200-not-applied", "lie-404-applied":
            found[f"beyond/{path}/{lie}"] = Night((f"POST /{path}:{lie}:x1",), want="beyond")
    half = "POST *:commit-then-close:0.5"
    for name, faults, options in (
            ("pages", (), ("--page-size", "3")), ("last-page-repeated", (), ("--page-size", "3", "--repeat-last-page")),
            ("every-row-twice", ("GET *:dup-rows:1",), ()), ("everybodys-rows", ("GET *:other-user-rows:1",), ()),
            ("every-fourth-list-500", ("GET *:list-500:0.25",), ()), ("slow", ("GET *:list-slow:0.5:100",), ()),
            ("a-page-lost-once", ("GET *:lost-page:x1:2",), ("--page-size", "3")),
            ("cut-once", ("GET *:cut-list:x1:1",), ())):
        found[f"list/{name}"] = Night((half, *faults), options, {"find_tries": 4}, payees=8)
    found["other-amount"] = Night((f"POST /{PAYOUTS}:lie-200-other-amount:x2",))
    lost = f"POST /{PAYOUTS}:commit-then-close:x2"
    found["equal-payments/lost"] = Night((lost,), text=EQUAL)
    found["equal-payments/never-done"] = Night((f"POST /{PAYOUTS}:close-before-commit:x1",), want="asks", text=EQUAL)
    found["payouts-hidden"] = Night((lost, f"GET /{PAYOUTS}:late-list:1:600000"), want="asks, then well")
    found["payouts-cut-off"] = Night((lost, f"GET /{PAYOUTS}:cut-list:1:0"), want="asks, then well")
    found["payouts-after-all-patience"] = Night((f"POST /{PAYOUTS}:late-apply:x2:1500",), want="asks, then well, late")
    return found


# ---- a night ----

class Played:
    """A place with a sandbox; started again, it goes on with its ledger."""

    def __init__(self, spec, folder, seed):
        self.spec, self.seed = spec, seed
        self.text = spec.text or night.make_payees(spec.payees, seed=seed)
        self.place = Place(folder, self.text)
        self.box = night.Sandbox(folder, *spec.options, "--seed", seed, *self.faults())

    def faults(self):
        return [part for fault in self.spec.faults for part in ("--fault", fault)]

    def mend(self):
        self.box.close()
        self.box = night.Sandbox(self.place.folder)

    def run(self, **more):
        return self.place.run(base_url=self.box.url, **{**SETTINGS, **self.spec.settings, **more})

    def close(self):
        self.box.close()

    # Judges

    def laws(self):
        argv = [sys.executable, "-B", CHECKER, "--db", self.place.db, "--ledger", self.box.ledger, "--settled"]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)
        lines = (done.stdout + done.stderr).splitlines() if done.returncode else []
        return [f"check.py: {line}" for line in lines if " ok " not in line and " not asked" not in line]

    def agree(self):
        if self.spec.text:
            return []  # night.agree tells payments apart by their instruction
        return night.agree(self.place.db, self.box.effects(), self.box.calls(), self.text)

    def counts(self):
        """How many jobs of each action are in each state."""
        return dict(((action, state), n) for action, state, n in self.place.rows(
            "SELECT action, state, count(*) FROM results GROUP BY action, state"))

    def judge_exit(self, got, wanted):
        return [] if got == wanted else [f"exit status {got}, not {wanted}: {self.place.said()[-300:]}"]

    def judge_well(self, exit_status):
        states = self.counts()
        bad = {key: n for key, n in states.items()
               if key[1] != ("following" if key[0] == "create_cash_withdrawal" else "succeeded")}
        findings = [f"not all is well: {bad}"] if bad else []
        return findings + self.judge_exit(exit_status, night.NOT_FINAL) + self.agree() + self.laws()

    def judge_asking(self, exit_status):
        """Only payouts are in doubt, each with what a person can do; nothing of them was sent again."""
        findings = self.judge_exit(exit_status, night.SOME_IN_DOUBT)
        doubts = self.place.rows("SELECT ref, action, attempt, look_ups, last_look_up, next_command FROM doubts")
        for ref, action, attempt, look_ups, last, command in doubts:
            told = action, attempt, last, command
            if told != ("create_cash_withdrawal", 1, "not_there", ADVICE.format(ref)) or look_ups < 2:
                findings.append(f"{ref}: {action}, attempt {attempt}, {look_ups} look-ups, {last}: {command}")
        said = self.place.said()
        asked = {line.split(": ")[2] for line in said.splitlines() if "a person has to say" in line}
        findings += [f"{ref}: nobody is asked" for ref, *_ in doubts if ref not in asked]
        if not doubts:
            findings.append("nothing is in doubt")
        stuck = {key: n for key, n in self.counts().items() if key[0] != "create_cash_withdrawal" and key[1] != "succeeded"}
        if stuck:
            findings.append(f"users and instructions need nobody: {stuck}")
        return findings + self.agree() + self.laws()

    def judge_several(self, exit_status):
        findings = self.judge_exit(exit_status, night.SOME_IN_DOUBT)
        last = self.place.rows("SELECT last_look_up FROM doubts WHERE last_look_up LIKE 'several: %'")
        if len(last) != 1 or len(last[0][0].split()) != 3:
            findings.append(f"not two ids of one doubt: {last}")
        if "more than once" not in self.place.said():
            findings.append(f"nobody is told: {self.place.said()[-300:]}")
        return findings + self.judge_sendings()

    def judge_sendings(self):
        """What can be said of any server: no request that is not written down."""
        return [line for line in self.agree() if "requests reached the server" in line or "was sent before" in line]

    def judge_beyond(self, exit_status):
        twice = self.box.rows("SELECT reference, count(*) FROM effect GROUP BY kind, user_id, reference, amount "
                              "HAVING count(*) > 1")
        return [f"{ref}: took effect {n} times" for ref, n in twice] + self.judge_sendings()

    def judge_size(self):
        """Of the large night: that it was one."""
        refused = self.place.rows("SELECT count(*) FROM attempts WHERE sends = 2")[0][0]
        doubts = self.place.rows("SELECT count(*) FROM doubts")[0][0]
        return [] if refused and doubts > self.spec.payees // 5 else [
            f"an easy night: {doubts} payouts in doubt, {refused} times a kept connection died under a request"]

    def judge_next_run(self):
        """On a sandbox that does nothing wrong: what is in doubt is found, and nothing is sent."""
        before = len(self.box.calls())
        self.mend()
        findings = self.judge_well(self.run())
        if len(self.box.calls()) != before:
            findings.append(f"{len(self.box.calls()) - before} payments were sent again")
        return findings

    def wait_for_late_ones(self):
        """All of the CSV took effect."""
        end = time.monotonic() + 10
        while len(self.box.effects()) < len(night.csv_rows(self.text)) and time.monotonic() < end:
            time.sleep(0.02)


def play(spec, folder, seed):
    played = Played(spec, folder, seed)
    try:
        exit_status = played.run()
        judges = {"well": played.judge_well, "several": played.judge_several, "beyond": played.judge_beyond}
        findings = judges.get(spec.want, played.judge_asking)(exit_status)
        if spec is LARGE:
            findings += played.judge_size()
        if "then well" in spec.want and not findings:
            if "late" in spec.want:
                played.wait_for_late_ones()
            findings = played.judge_next_run()
        return played.place, findings
    finally:
        played.close()


# ---- the large night ----

LARGE = Night(("POST *:commit-then-close:0.5", f"GET /{PAYOUTS}:late-list:1:600000"), want="asks, then well", payees=60,
              settings={"concurrency": 4})
