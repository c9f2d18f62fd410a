"""The whole way of a remittance by the recipes that the program carries: payees are made and checked, a request is drafted,
quoted, accepted and settled over four nights; who is refused is left behind with the reason, and what it costs is counted."""
import decimal
import os
import random
import urllib.request

import night
from night import BAD_INPUT, NOT_FINAL, OK, SOME_FAILED, csv_text, rows

SAMPLES = os.path.join(os.path.dirname(__file__), "..", "..", "samples")
REQUEST = ("--set", "payer=593", "--set", "from=ar_usd")
PER_PAYEE = 6  # user, issue, docket, identification, domicile, complete
PER_LINE = 2  # account, output


def make_lines(n, refused=(), bad=()):
    rng = random.Random(n)
    for i in range(n):
        yield {"ref": f"line-{i:04}", "payee": f"payee-{i:04}", "email": f"payee+{i:04}@payer.example",
               "first_name": rng.choice(["Ana", "Íñigo", "Zoë"]), "last_name": "REJECT" if i in refused else "Núñez",
               "document_kind": "national_id", "document_number": f"{30000000 + i}", "document_issuer": "AR",
               "country": "AR", "city": "Córdoba", "street": "Av. Núñez", "street_number": f"{i + 1}",
               "account_country": "AR", "account_currency": "ARS", "bank": "galicia", "account_type": "savings",
               "cbu": f"{rng.randrange(10 ** 19):019}" + ("901" if i in bad else "111"), "port": "ar_ars",
               "amount": night.ODD_AMOUNTS[i % len(night.ODD_AMOUNTS)]}


class Remit(night.Night):
    def lever(self, words):
        request = urllib.request.Request(self.box.url.replace("/api", f"/_sandbox/{words}"), method="POST")
        with urllib.request.urlopen(request, timeout=60):
            pass

    def pass_hours(self, hours):
        self.lever(f"advance?ms={hours * 3600_000}")

    def count(self):
        return len(self.box.calls()), [call.path for call in self.box.calls("GET")]

    def fate(self, ref):
        return rows(self.db, "SELECT state, remote_state FROM results WHERE ref = ?", ref)[0]

    def errors(self):
        return dict(rows(self.db, "SELECT ref, state || ': ' || error FROM results WHERE error IS NOT NULL"))


class Nights(Remit):
    PAYEES, REFUSED, BAD = int(os.environ.get("REMESA_PAYEES", "40")), 7, 23  # more for a figure: recipes/README.md

    def setUp(self):
        super().setUp()
        self.sandbox("--quote-after", "1h", "--settle-after", "2h")
        lines = list(make_lines(self.PAYEES, {self.REFUSED}, {self.BAD}))
        self.write("july.csv", csv_text(lines, list(lines[0])))

    def run_night(self, status):
        """What it asked for, beyond the jobs' own POSTs."""
        _, before = self.count()
        self.assert_status(status, self.run_it("--recipe", "onboard-and-remit", *REQUEST, "--set", f"limit={self.total()}",
                                                "july.csv"))
        return self.count()[1][len(before):]

    def total(self):
        """Every rate of the sandbox is 1; a refused account's output counts in the quote, a refused payee has none."""
        return sum(decimal.Decimal(line["amount"]) for i, line in enumerate(make_lines(self.PAYEES)) if i != self.REFUSED)

    def refs(self, step):
        return [f"line-{i:04}.{step}" for i in range(self.PAYEES) if i not in (self.REFUSED, self.BAD)]

    def test_everybody_but_the_refused_is_paid_and_nothing_is_asked_twice(self):
        self.assertEqual([], self.run_night(NOT_FINAL))
        self.assertEqual(1 + self.PAYEES * (PER_PAYEE + 1), len(self.box.calls()))  # not one output yet
        self.assertEqual({"following": self.PAYEES, "queued": self.PAYEES + 2, "succeeded": 1 + self.PAYEES * PER_PAYEE},
                         self.states())

        self.lever("approve")
        self.assertEqual(["/api/issues"], self.run_night(SOME_FAILED))
        self.assertEqual(("following", "quote_requested"), self.fate("july.csv=quote"))
        self.assertEqual("queued", self.state_of("july.csv=accept"))

        self.pass_hours(1)
        self.assertEqual(["/api/concierge_request_outputs", "/api/concierge_requests"], sorted(self.run_night(SOME_FAILED)))
        self.assertEqual("succeeded", self.state_of("july.csv=quote"))
        self.assertEqual(("following", "quote_accepted"), self.fate("july.csv=accept"))

        self.pass_hours(8)
        self.assertEqual(["/api/concierge_request_outputs", "/api/concierge_requests"], sorted(self.run_night(SOME_FAILED)))
        self.assert_end()
        self.assertEqual([], self.run_night(SOME_FAILED))  # it is over
        self.assert_end()

    def assert_end(self):
        refused, bad = f"payee-{self.REFUSED:04}+complete", f"line-{self.BAD:04}.output"
        self.assertEqual({refused: "failed: the API took it and says 'rejected'",
                          bad: "failed: the API took it and says 'rejected'",
                          f"line-{self.REFUSED:04}.output": f"skipped: it needs {refused}, which is failed"}, self.errors())
        self.assertEqual({("succeeded", "settled")}, {self.fate(ref) for ref in self.refs("output")})
        self.assertEqual(("succeeded", "finished"), self.fate("july.csv=accept"))
        self.assertEqual({"failed": 2, "skipped": 1, "succeeded": 3 + self.PAYEES * (PER_PAYEE + PER_LINE) - 3},
                         self.states())
        posts, gets = self.count()
        self.assertEqual(3 + self.PAYEES * (PER_PAYEE + PER_LINE) - 1, posts)
        self.assertEqual(5, len(gets), gets)
        self.assert_paid()

    def assert_paid(self):
        """By the other side's ledger: each line that is not refused has one output, of its amount, for its user."""
        lines = {line["ref"]: line for line in make_lines(self.PAYEES, {self.REFUSED}, {self.BAD})}
        ids = dict(rows(self.db, "SELECT ref, remote_id FROM results"))
        paid = [night.digits(effect.call.body)["data"] for effect in self.box.effects()
                if effect.kind == "concierge_request_outputs"]
        got = {(d["relationships"]["user"]["data"]["id"], d["relationships"]["withdrawal_instruction"]["data"]["id"],
                d["relationships"]["request"]["data"]["id"], d["attributes"]["amount"]) for d in paid}
        self.assertEqual({(ids[line["payee"] + "+user"], ids[ref + ".account"], ids["july.csv=request"], line["amount"])
                          for ref, line in lines.items() if ref != f"line-{self.REFUSED:04}"}, got)
        self.assertEqual(self.PAYEES - 1, len(paid))


class Stragglers(Remit):
    def remit(self, name, lines):
        self.write(name, csv_text(lines, list(lines[0])))
        return self.run_it("--recipe", "onboard-and-remit", *REQUEST, name)

    def test_a_line_that_is_cancelled_holds_nobody(self):
        self.sandbox("--quote-after", "1h")
        lines = list(make_lines(3))
        self.assert_status(NOT_FINAL, self.remit("july.csv", lines))
        self.assertEqual({"queued"}, {self.state_of(f"line-{i:04}.output") for i in range(3)})
        for i in range(3):
            self.assertEqual("queued", self.state_of("july.csv=quote"))
            self.assert_status(OK, self.remesa("cancel", f"line-{i:04}.output", "--reason", "his form takes too long"))
        self.assert_status(NOT_FINAL, self.remit("july.csv", lines))
        self.assertEqual(("following", "quote_requested"), self.fate("july.csv=quote"))

    def test_the_next_file_uses_whom_it_knows_and_tells_of_who_was_refused(self):
        self.sandbox("--quote-after", "1h")
        lines = list(make_lines(2, refused={1}))
        self.remit("july.csv", lines)
        self.lever("approve")
        self.assert_status(SOME_FAILED, self.remit("july.csv", lines))
        calls = len(self.box.calls())
        moved = {"email": "new@payer.example", "first_name": "Other", "document_number": "1", "street": "Otra"}
        again = [{**line, **moved, "ref": "again-" + line["ref"]} for line in lines]  # what was done is kept
        ended = self.assert_status(BAD_INPUT, self.remit("august.csv", again))
        self.assertIn("august.csv: line 3: ref: the job 'payee-0001+complete', which it needs, has failed", ended.err)
        self.assertEqual(calls, len(self.box.calls()))
        self.assert_status(SOME_FAILED, self.remit("august.csv", again[:1]))
        self.assertEqual(calls + 4, len(self.box.calls()))  # request, account, output, quote


class Limit(Remit):
    def test_a_quote_above_the_limit_is_not_accepted(self):
        for limit, fate in (("12.00", "following"), ("11.99", "failed")):
            with self.subTest(limit=limit):
                self.forget()
                self.sandbox("--quote-after", "1h")
                self.write("users.csv", "ref,action,email\nana,create_user,ana@x.example\n")
                self.write("july.csv", "ref,user,port,amount,cbu\np1,ana,ar_ars,5,2740859941184278534946\np2,ana,ar_ars,7,2740859941184278534953\n")
                self.assert_status(OK, self.run_it("users.csv"))
                remit = ("--recipe", "remit", *REQUEST, "--set", f"limit={limit}", "july.csv")
                self.assert_status(NOT_FINAL, self.run_it(*remit))
                self.pass_hours(1)
                self.run_it(*remit)
                self.assertEqual(fate, self.state_of("july.csv=accept"))
                accepted = [call.path for call in self.box.calls() if call.path.endswith("/accept_quote")]
                self.assertEqual(fate == "following", len(accepted) == 1)


class Samples(Remit):
    """Each sample is a file that the recipe takes, and one after the other they go the whole way."""

    def sample(self, status, name, *more):
        return self.assert_status(status, self.run_it("--recipe", name, *more, os.path.join(SAMPLES, f"{name}.csv")))

    def remit(self, name):
        self.sample(NOT_FINAL, name, *REQUEST)
        for _ in range(3):
            self.lever("approve")
            self.pass_hours(8)
            ended = self.run_it("--recipe", name, *REQUEST, os.path.join(SAMPLES, f"{name}.csv"))
        self.assert_status(OK, ended)
        self.assertEqual(("succeeded", "finished"), self.fate(f"{name}.csv=accept"))

    def test_a_payee_is_made_once_and_paid_by_every_way(self):
        self.sandbox("--quote-after", "1h", "--settle-after", "2h")
        self.sample(NOT_FINAL, "onboard")
        self.assertEqual(2 * PER_PAYEE + 1, len(self.box.calls()))  # one has a document
        self.lever("approve")
        self.sample(OK, "onboard")
        self.assertEqual({("succeeded", "approved")}, {self.fate(f"{p}+complete") for p in ("ana", "bruno")})
        self.remit("remit")
        self.remit("onboard-and-remit")
        self.assertEqual([(3,)], rows(self.db, "SELECT count(*) FROM results WHERE action = 'create_user'"))
        self.assertEqual(3, len([e for e in self.box.effects() if e.kind == "users"]))
        self.assertEqual(5, len([e for e in self.box.effects() if e.kind == "concierge_request_outputs"]))
        self.sample(NOT_FINAL, "pay-coin")

    def test_who_is_known_by_an_id_alone_is_paid_too(self):
        self.sandbox("--quote-after", "1h", "--settle-after", "2h")
        self.write("users.csv", "ref,action,email\nana,create_user,ana@x.example\n")
        self.assert_status(OK, self.run_it("users.csv"))
        self.lever("compliance?user=594&state=enabled")
        self.write("july.csv", "ref,user,port,amount,cbu\np1,#594,ar_ars,5,2740859941184278534946\n")
        self.assert_status(NOT_FINAL, self.run_it("--recipe", "remit", *REQUEST, "july.csv"))
        (output,) = [e for e in self.box.effects() if e.kind == "concierge_request_outputs"]
        self.assertEqual("594", night.digits(output.call.body)["data"]["relationships"]["user"]["data"]["id"])


if __name__ == "__main__":
    night.main()
