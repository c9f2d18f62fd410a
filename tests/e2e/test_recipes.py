"""Recipes: a simple CSV becomes jobs that use each other, and the other side's ledger shows exactly what its lines ask
for; the same line again changes nothing, and what is wrong is told in the columns of that CSV."""
import json
import os
import random

import night
from night import (BAD_CONFIG, BAD_INPUT, DIED, NOT_FINAL, OK, SOME_IN_DOUBT, USAGE, csv_rows, csv_text, digits,
                   rows)

HEADER = "ref,user,name,country,account_currency,bank,account_type,cbu,amount,currency\n"
PAY = HEADER + """\
p1,ana,"Muñoz, Íñigo",AR,ARS,galicia,savings,0110012345678901234567,150000.50,ars
p2,bob,"Ana ""La Ñata"" Peña",AR,ARS,bbva,checking,0720461088000003912344,90071992547409.93,ars
p3,ana,Zoë O'Brien,AR,USD,bbva,,2740859941184278534953,0.10,usd
"""
USERS = "ref,action,email\nana,create_user,ana@x.example\nbob,create_user,bob@x.example\n"
BODY = {"name": "name", "country": "country", "account_currency": "currency", "bank": "bank",
        "account_type": "account_type", "cbu": "cbu"}

HIRE = {"hire": {
    "summary": "create a payee once, pay it as often as it stands in a file",
    "rows": [
        {"name": "user", "action": "create_user", "once_per": "{payee}", "params": {"email": "{email}"}},
        {"name": "account", "action": "create_withdrawal_instruction", "on_behalf_of": "@user", "once_per": "{payee}",
         "params": {"body.bank_account_number": "{cbu}"}},
        {"name": "fee", "action": "create_cash_withdrawal", "on_behalf_of": "@user", "when": ["fee"],
         "params": {"withdrawal_instruction": "@account", "amount": "{fee}", "fiat_code": "{currency}"}},
        {"name": "payout", "action": "create_cash_withdrawal", "on_behalf_of": "@user", "needs": ["fee"],
         "params": {"withdrawal_instruction": "@account", "amount": "{amount}", "fiat_code": "{currency}"}}]}}
HIRE_HEADER = "ref,payee,email,cbu,fee,amount\n"


class Recipes(night.Night):
    def setUp(self):
        super().setUp()
        self.sandbox()

    def remote_id(self, ref):
        return rows(self.db, "SELECT remote_id FROM results WHERE ref = ?", ref)[0][0]

    def effects_of(self, kind):
        """By the id that the sandbox gave."""
        return {e.remote_id: (e.call, digits(e.call.body)["data"]) for e in self.box.effects() if e.kind == kind}


class Pay(Recipes):
    def setUp(self):
        super().setUp()
        self.write("users.csv", USERS)
        self.write("pay.csv", PAY)
        self.assert_status(OK, self.run_it("users.csv"))

    def assert_paid(self, line, payouts, accounts):
        account, payout = self.remote_id(f"{line['ref']}.account"), self.remote_id(f"{line['ref']}.payout")
        for call, _ in (accounts[account], payouts[payout]):
            self.assertEqual(self.remote_id(line["user"]), call.user, line)
        made, paid = accounts[account][1], payouts[payout][1]
        self.assertEqual({"payment_method": "domestic_bank", **{BODY[c]: line[c] for c in BODY if line[c]}},
                         made["attributes"]["body"])
        self.assertEqual({"amount": line["amount"], "fiat_code": line["currency"]}, paid["attributes"])
        self.assertEqual(account, paid["relationships"]["withdrawal_instruction"]["data"]["id"])

    def assert_ledger(self, text):
        lines = csv_rows(text)
        accounts, payouts = self.effects_of("withdrawal_instructions"), self.effects_of("cash_withdrawals")
        self.assertEqual((len(lines), len(lines)), (len(accounts), len(payouts)))
        for line in lines:
            self.assert_paid(line, payouts, accounts)

    def test_each_line_is_an_account_and_a_payout_to_it(self):
        ended = self.assert_status(NOT_FINAL, self.run_it("--recipe", "pay", "pay.csv"))
        self.assertIn("imported 6 jobs as batch pay.csv", ended.out)
        self.assert_ledger(PAY)
        self.assertRegex(rows(self.db, "SELECT source FROM batch WHERE name = 'pay.csv'")[0][0],
                         r"^pay\.csv, recipe pay [0-9a-f]{8}$")

    def test_the_same_file_again_changes_nothing_and_a_longer_one_brings_what_is_new(self):
        self.assert_status(NOT_FINAL, self.run_it("--recipe", "pay", "pay.csv"))
        calls = len(self.box.calls())
        self.write("again.csv", PAY)
        self.assertIn("nothing new: all 6 jobs", self.assert_status(
            NOT_FINAL, self.run_it("--recipe", "pay", "again.csv")).out)
        self.assertEqual(calls, len(self.box.calls()))
        longer = PAY + "p4,bob,Plain,AR,ARS,bbva,savings,0720461088000003912344,7,ars\n"
        self.write("longer.csv", longer)
        self.assertIn("imported 2 jobs", self.assert_status(
            NOT_FINAL, self.run_it("--recipe", "pay", "longer.csv")).out)
        self.assert_ledger(longer)

    def test_what_is_wrong_is_told_with_line_and_column(self):
        cases = ((PAY.replace("0.10", "0.105"), 4, "amount", "usd has 2 places"),
                 (PAY.replace("p2,bob", "p2,nobody"), 3, "user", "'nobody'"),
                 (PAY.replace("p2,bob", "p2,"), 3, "user", "missing"),
                 (PAY.replace("p3,", "p1,"), 4, "ref", "stands on line 2 already"),
                 (PAY.replace(",usd", ",$"), 4, "currency", "wanted a currency"),
                 (PAY.replace("bank,", "bnak,"), 1, "bnak", "did you mean 'bank'?"),
                 (PAY.replace(",amount", ",amuont"), 1, "amount", "missing: the recipe 'pay' wants"))
        calls, before = len(self.box.calls()), rows(self.db, "SELECT * FROM results")
        for text, line, column, words in cases:
            for command in ("check", "import"):
                with self.subTest(column=column, words=words, command=command):
                    self.write("wrong.csv", text)
                    ended = self.assert_status(BAD_INPUT, self.remesa(command, "--recipe", "pay", "wrong.csv"))
                    told = [said for said in ended.err.splitlines() if f"wrong.csv: line {line}: {column}: " in said]
                    self.assertEqual(1, len([said for said in told if words in said]), ended)
        self.assertEqual(before, rows(self.db, "SELECT * FROM results"))
        self.assertEqual(calls, len(self.box.calls()))

    def test_coins_with_a_column_set_for_all_lines(self):
        self.write("coins.csv", "ref,user,address,amount\nc1,ana,addr1,0.00000001\nc2,bob,addr2,1.5\n")
        self.assert_status(NOT_FINAL, self.run_it("--recipe", "pay-coin", "--set", "coin=btc", "coins.csv"))
        paid = [(data["attributes"]["to_addresses"], data["attributes"]["amount"], data["attributes"]["coin_code"],
                 data["attributes"]["label"]) for _, data in self.effects_of("coin_withdrawals").values()]
        self.assertEqual([("addr1", "0.00000001", "btc", "c1.payout"), ("addr2", "1.5", "btc", "c2.payout")],
                         sorted(paid))


def make_lines(n, seed):
    """For the recipe `pay`, every third for a user that another line pays too."""
    rng = random.Random(seed)
    for i in range(n):
        user, account, payout = night.payee_rows(i, rng)
        owner = i - 1 if i % 3 == 2 else i
        yield {"ref": f"p{i:02}", "user": f"user-{owner:04}", **{c: account[f"body.{f}"] for c, f in BODY.items()},
               "address": account["body.address"], "city": account["body.city"],
               "amount": payout["amount"], "currency": payout["fiat_code"]}


def as_jobs(line, user):
    """What the recipe says that a line is, written by hand: the judge knows no recipe."""
    body = {f"body.{BODY.get(c, c)}": line[c] for c in (*BODY, "address", "city")}
    yield {"ref": f"{line['ref']}.account", "action": "create_withdrawal_instruction", "on_behalf_of": user,
           "body.payment_method": "domestic_bank", **body}
    yield {"ref": f"{line['ref']}.payout", "action": "create_cash_withdrawal", "on_behalf_of": user,
           "withdrawal_instruction": f"@{line['ref']}.account", "amount": line["amount"], "fiat_code": line["currency"]}


class Killed(Recipes):
    """kill -9 in the middle of sixty payees, and the same command again: each effect exactly once."""

    PAYEES = 60
    QUICK = {"find_first": "60ms", "find_tries": 2, "settle_time": "400ms", "concurrency": 4}

    def kill_in_the_middle(self, *command):
        before = len(self.box.calls())
        running = self.start("run", *command, *self.settings(**self.QUICK))
        self.wait_until(lambda: len(self.box.calls()) >= before + self.PAYEES or not running.is_running(), "half of it")
        self.assertEqual(DIED, running.kill().status, "it was over before the kill")
        running.close()
        states = self.states()
        self.assertGreater(states["queued"], self.PAYEES // 2, states)
        self.assertGreater(states.get("following", 0), 5, states)

    def assert_once(self, counts, jobs_text):
        self.assertEqual(counts, {kind: len(self.effects_of(kind)) for kind in counts})
        self.assertEqual({"succeeded": sum(counts.values()) - self.PAYEES, "following": self.PAYEES}, self.states())
        self.assert_agree(jobs_text)

    def settle_as_a_person_would(self):
        """A payout that is in no list asks one; whoever looks at the other side sees what it shows by the account."""
        paid = {data["relationships"]["withdrawal_instruction"]["data"]["id"]: remote_id
                for remote_id, (_, data) in self.effects_of("cash_withdrawals").items()}
        for ref, in rows(self.db, "SELECT ref FROM doubts"):
            self.assertTrue(ref.endswith(".payout"), ref)
            there = paid.get(self.remote_id(ref.replace(".payout", ".account")))
            answer = ("--succeeded", "--remote-id", there) if there else ("--not-sent", "--reason", "not in the ledger")
            self.assert_status(OK, self.remesa("resolve", ref, *answer))

    def kill_and_go_on(self, *command):
        self.kill_in_the_middle(*command)
        self.sandbox()  # what it was still busy with is carried out, or gone
        if self.run_it(*command, **self.QUICK).status == SOME_IN_DOUBT:
            self.settle_as_a_person_would()
            self.assert_status(NOT_FINAL, self.run_it(*command, **self.QUICK))
        calls = len(self.box.calls())
        self.assert_status(NOT_FINAL, self.run_it(*command, **self.QUICK))
        self.assertEqual(calls, len(self.box.calls()))

    def test_pay(self):
        lines = list(make_lines(self.PAYEES, seed=5))
        users = sorted({line["user"] for line in lines})
        created = [{"ref": user, "action": "create_user", "email": f"{user}@x.example"} for user in users]
        self.write("users.csv", csv_text(created))
        self.write("pay.csv", csv_text(lines, list(lines[0])))
        self.assert_status(OK, self.run_it("users.csv"))
        self.sandbox("--fault", "POST *:slow:1:50")
        self.kill_and_go_on("--recipe", "pay", "pay.csv")
        jobs = [job for line in lines for job in as_jobs(line, line["user"])]
        self.assert_once({"users": 40, "withdrawal_instructions": 60, "cash_withdrawals": 60}, csv_text(created + jobs))

    def test_pay_new(self):
        lines = [{**line, "payee": line["user"], "email": f"{line['user']}@x.example"}
                 for line in make_lines(self.PAYEES, seed=6)]
        columns = [c for c in lines[0] if c != "user"]
        self.write("pay.csv", csv_text(({c: line[c] for c in columns} for line in lines), columns))
        self.sandbox("--fault", "POST *:slow:1:50")
        self.kill_and_go_on("--recipe", "pay-new", "pay.csv")
        created = {line["payee"]: {"ref": f"{line['payee']}+user", "action": "create_user", "email": line["email"]}
                   for line in lines}
        jobs = [job for line in lines for job in as_jobs(line, f"{line['payee']}+user")]
        self.assert_once({"users": 40, "withdrawal_instructions": 60, "cash_withdrawals": 60},
                         csv_text([*created.values(), *jobs]))


class Payees(Recipes):
    def setUp(self):
        super().setUp()
        self.write("hire.json", json.dumps(HIRE))

    def hire(self, name, text, *more):
        self.write(name, HIRE_HEADER + text)
        return self.run_it("--recipes", "hire.json", "--recipe", "hire", "--set", "currency=ars", *more, name)

    def kinds(self):
        return {kind: len(self.effects_of(kind)) for kind in ("users", "withdrawal_instructions", "cash_withdrawals")}

    def test_a_payee_is_created_once_and_used_by_later_batches(self):
        self.assert_status(NOT_FINAL, self.hire("june.csv", "p1,ana,a@x.example,111,,10\np2,ana,a@x.example,111,,20\n"))
        self.assertEqual({"users": 1, "withdrawal_instructions": 1, "cash_withdrawals": 2}, self.kinds())
        user = self.remote_id("ana+user")
        ended = self.assert_status(NOT_FINAL, self.hire("july.csv", "p3,ana,a@x.example,111,,30\n"))
        self.assertIn("imported 1 job as", ended.out)
        self.assertEqual({"users": 1, "withdrawal_instructions": 1, "cash_withdrawals": 3}, self.kinds())
        call, data = self.effects_of("cash_withdrawals")[self.remote_id("p3.payout")]
        self.assertEqual((user, "30"), (call.user, data["attributes"]["amount"]))
        self.assertEqual(self.remote_id("ana+account"), data["relationships"]["withdrawal_instruction"]["data"]["id"])

    def test_a_payee_of_another_content_is_told_unless_it_is_kept(self):
        self.assert_status(NOT_FINAL, self.hire("june.csv", "p1,ana,a@x.example,111,,10\n"))
        other = "p2,ana,new@x.example,111,,12\n"
        ended = self.assert_status(BAD_INPUT, self.hire("july.csv", other))
        self.assertIn("july.csv: line 2: payee: the ref 'ana+user' is known from batch 'june.csv'", ended.err)
        ended = self.assert_status(BAD_INPUT, self.hire("july.csv", "p1,ana,new@x.example,111,,11\n"))
        self.assertIn("july.csv: line 2: payee: the ref 'ana+user' is known", ended.err)
        self.assertIn("july.csv: line 2: ref: the ref 'p1.payout' is known", ended.err)
        kept = json.loads(json.dumps(HIRE))
        kept["hire"]["rows"][0]["kept"] = True
        self.write("hire.json", json.dumps(kept))
        self.assert_status(NOT_FINAL, self.hire("july.csv", other))
        self.assertEqual({"users": 1, "withdrawal_instructions": 1, "cash_withdrawals": 2}, self.kinds())

    def test_a_step_is_left_out_where_its_columns_are_empty(self):
        self.assert_status(NOT_FINAL, self.hire("june.csv", "p1,ana,a@x.example,111,1.25,10\np2,,b@x.example,222,,20\n"))
        self.assertEqual([("ana+account",), ("ana+user",), ("p1.fee",), ("p1.payout",), ("p2+account",), ("p2+user",),
                          ("p2.payout",)], rows(self.db, "SELECT ref FROM results ORDER BY ref"))
        self.assertEqual("queued", self.state_of("p1.payout"), "it needs the fee, which is not final yet")
        self.assertEqual(["1.25", "20"], sorted(
            data["attributes"]["amount"] for _, data in self.effects_of("cash_withdrawals").values()))

    def test_a_payee_that_failed_is_told_with_the_way_out(self):
        self.sandbox("--unique-emails")
        self.write("users.csv", USERS)
        self.assert_status(OK, self.run_it("users.csv"))
        self.assert_status(night.SOME_FAILED, self.hire("june.csv", "p1,ana,ana@x.example,111,,10\n"))
        self.assertEqual("failed", self.state_of("ana+user"))
        ended = self.assert_status(BAD_INPUT, self.hire("july.csv", "p2,ana,ana@x.example,111,,20\n"))
        self.assertIn("july.csv: line 2: payee: the job 'ana+user', which it needs, has failed", ended.err)
        self.assertIn("`remesa retry ana+user` first", ended.err)


POOL = {"pool": {
    "summary": "one new user for a whole file",
    "before": [{"name": "user", "action": "create_user", "params": {"email": "{mail}"}}],
    "rows": [{"name": "account", "action": "create_withdrawal_instruction", "on_behalf_of": "@before.user",
              "params": {"body.bank_account_number": "{number}", "label": "{batch} {ref}"}}],
    "after": [{"name": "look", "action": "get_user", "params": {"id": "@before.user"}}]}}


class Wholes(Recipes):
    """Steps that stand for all lines."""

    def setUp(self):
        super().setUp()
        self.write("pool.json", json.dumps(POOL))
        os.mkdir(self.path("in"))

    def pool(self, name, text, *more, **popen):
        if name != "-":
            self.write(name, "ref,number\n" + text)
        return self.remesa("run", "--recipes", "pool.json", "--recipe", "pool", "--set", "mail=pool@x.example", *more, name,
                           *self.settings(), **popen)

    def test_they_are_done_once_and_the_lines_use_them(self):
        for again in range(2):
            self.assert_status(OK, self.pool("in/july.csv", "p1,111\np2,222\n"))
            self.assertEqual([("july.csv=look",), ("july.csv=user",), ("p1.account",), ("p2.account",)],
                             rows(self.db, "SELECT ref FROM results ORDER BY ref"))
            user = self.remote_id("july.csv=user")
            self.assertEqual([(user, "july.csv p1", "111"), (user, "july.csv p2", "222")], sorted(
                (call.user, data["attributes"]["label"], data["attributes"]["body"]["bank_account_number"])
                for call, data in self.effects_of("withdrawal_instructions").values()))
            self.assertEqual([f"/api/users/{user}"], [c.path for c in self.box.calls("GET")])

    def test_a_file_that_is_half_new_is_refused(self):
        self.assert_status(OK, self.pool("in/july.csv", "p1,111\n", "--batch", "july"))
        calls = len(self.box.calls())
        ended = self.assert_status(BAD_INPUT, self.pool("in/july.csv", "p1,111\np2,222\n", "--batch", "july"))
        self.assertIn("1 new job and 3 known from an earlier import", ended.err)
        self.assertEqual(calls, len(self.box.calls()))

    def test_a_pipe_has_no_name(self):
        self.assertIn("give one with --batch", self.assert_status(USAGE, self.pool("-", "")).err)


BUILT_IN = ["pay", "pay-new", "pay-coin", "onboard", "remit", "onboard-and-remit"]


class Asking(Recipes):
    def test_recipes_are_listed_and_shown(self):
        listed = self.assert_status(OK, self.remesa("recipes")).out
        self.assertEqual(BUILT_IN, [line.split()[0] for line in listed.splitlines()])
        self.assertEqual(BUILT_IN, [r["name"] for r in json.loads(self.remesa("recipes", "--json").out)])
        for name in BUILT_IN:
            shown = self.assert_status(OK, self.remesa("recipes", name)).out
            self.assertRegex(shown, r"\{ref\}\.(payout|output)|\{payee\}\+complete")
            header = shown.splitlines()[-1].strip()
            self.write("header.csv", header + "\n")
            once = ("--set", "payer=1", "--set", "from=ar_ars") if "remit" in name else ()
            ended = self.assert_status(BAD_INPUT, self.remesa("check", "--recipe", name, *once, "header.csv"))
            self.assertIn("it has columns and no rows", ended.err)

    def test_a_column_by_which_lines_share_a_job_is_explained(self):
        shown = self.assert_status(OK, self.remesa("recipes", "pay-new")).out
        self.assertRegex(shown, r"\n  payee +text +optional: lines in which it is the same share a job")
        self.assertIn("{payee}+user", shown)

    def test_the_words_that_a_column_takes_are_listed(self):
        shown = self.assert_status(OK, self.remesa("recipes", "pay")).out
        self.assertRegex(shown, r"\n  currency +currency +required: one of: usd ars clp pyg uyu\n")
        self.assertRegex(shown, r"\n  account_currency +currency +optional: .*UYU\n")

    def test_one_recipe_is_shown_at_a_time(self):
        ended = self.assert_status(USAGE, self.remesa("recipes", "pay", "pay-coin"))
        self.assertIn("'pay-coin' is a second name", ended.err)

    def test_the_sample_fits_the_sample_of_payees(self):
        samples = os.path.join(os.path.dirname(__file__), "..", "..", "samples")
        self.assert_status(OK, self.remesa("import", os.path.join(samples, "payees.csv")))
        ended = self.assert_status(OK, self.remesa("check", "--recipe", "pay", os.path.join(samples, "pay.csv")))
        self.assertIn("fine: 6 new jobs", ended.out)

    def test_what_does_not_fit_is_told(self):
        self.write("pay.csv", PAY)
        self.write("bad.json", '{"x": {"summary": "s", "rows": [{"name": "a", "action": "create_usr"}]}}')
        self.write("empty.json", "")
        output = {"name": "o", "action": "create_concierge_request_output", "params": {
            name: "1" for name in ("port_code", "request", "user", "withdrawal_instruction")}}
        self.write("half.json", json.dumps({"x": {"summary": "s", "rows": [output]}}))
        self.write("worse.json", '{"x": {"summary": "s", "rwos": []}}')
        for args, status, words in (
                (["--recipe", "pya"], USAGE, "there is no recipe 'pya': did you mean 'pay'?"),
                (["--set", "a=b"], USAGE, "--set goes with --recipe"),
                (["--recipe", "pay", "--set", "curency=ars"], USAGE, "did you mean 'currency'?"),
                (["--recipe", "pay", "--table", "t"], USAGE, "a recipe reads a CSV file"),
                (["--recipe", "x", "--recipes", "bad.json"], BAD_CONFIG, "did you mean 'create_user'?"),
                ([], BAD_INPUT, "a CSV without actions wants its --recipe"),
                (["--recipe", "x", "--recipes", "half.json"], BAD_CONFIG, 'step "o": params: amount is missing, or another'),
                (["--recipe", "x", "--recipes", "empty.json"], BAD_CONFIG, "empty.json: is empty: wanted an object"),
                (["--recipe", "x", "--recipes", "worse.json"], BAD_CONFIG, "worse.json: x: rwos: there is no such member"),
                (["--recipe", "pay", "--set", "amount=1"], BAD_INPUT, "line 1: amount: it is given with --set as well")):
            with self.subTest(args=args):
                self.assertIn(words, self.assert_status(status, self.remesa("check", *args, "pay.csv")).err)

    def test_a_recipe_without_a_file_is_a_mistake(self):
        for args in (["--recipe", "pay"], ["--set", "a=b"]):
            with self.subTest(args=args):
                self.assertIn("name the file", self.assert_status(USAGE, self.run_it(*args)).err)


if __name__ == "__main__":
    night.main()
