"""Before the night: what a file comes to, and what a run would send; both beside a run that is under way, and neither
leaves anything behind."""
import decimal
import hashlib
import json
import os

import night
from night import BAD_INPUT, NOT_FINAL, OK, csv_rows, csv_text, make_payees, rows


def renamed(text, old, new):
    """The rows of actions that begin with a ref of `old`, under another name."""
    return csv_text({**row, "ref": row["ref"].replace(old, new)} for row in csv_rows(text) if row["ref"].startswith(old))


class Quiet(night.Night):
    def digest(self):
        """Of every file in the folder that a reader must leave alone (-shm is where it says that it reads)."""
        return {name: hashlib.sha256(open(self.path(name), "rb").read()).hexdigest()
                for name in sorted(os.listdir(self.folder)) if not name.endswith("-shm")}

    def said(self, *args):
        return json.loads(self.assert_status(OK, self.remesa(*args, "--json")).out)


class Check(Quiet):
    def test_what_a_file_comes_to(self):
        text = make_payees(40)
        self.write("payees.csv", text)
        got = self.said("check", "payees.csv")
        want = {}
        for row in csv_rows(text):
            if row["amount"]:
                jobs, total = want.get(row["fiat_code"], (0, decimal.Decimal(0)))
                want[row["fiat_code"]] = jobs + 1, total + decimal.Decimal(row["amount"])
        self.assertEqual({c: (n, str(t.quantize(decimal.Decimal("0.01")))) for c, (n, t) in want.items()},
                         {m["currency"]: (m["jobs"], m["total"]) for m in got["money"]})
        self.assertEqual([("create_user", 40), ("create_withdrawal_instruction", 40), ("create_cash_withdrawal", 40)],
                         [(a["action"], a["jobs"]) for a in got["actions"]])
        self.assertEqual([{"new_payees": 40, "known_payees": 0}], got["payees"])
        self.assertEqual((120, 0, True, []), (got["new"], got["known"], got["fine"], got["complaints"]))
        self.assertEqual(["key", "payees.csv"], sorted(os.listdir(self.folder)), "a check writes nothing")

    def test_what_is_there_already(self):
        text = make_payees(10)
        self.write("payees.csv", text)
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        self.write("again.csv", make_payees(14))
        got = self.said("check", "again.csv")
        self.assertEqual((12, 30), (got["new"], got["known"]))
        self.assertEqual([{"new_payees": 4, "known_payees": 0}], got["payees"])
        self.write("second.csv", renamed(text, "payout", "second"))
        self.assertEqual([{"new_payees": 0, "known_payees": 10}], self.said("check", "second.csv")["payees"])

    def test_every_complaint_is_in_the_json_too(self):
        self.write("bad.csv", "ref,action,on_behalf_of,withdrawal_instruction,amount,fiat_code\n"
                              "a,create_cash_withdrawl,#1,7,5,ars\nb,create_cash_withdrawal,#1,7,five,ars\n")
        ended = self.assert_status(BAD_INPUT, self.remesa("check", "bad.csv", "--json"))
        got = json.loads(ended.out)
        self.assertEqual([(2, "action"), (3, "amount")], [(c["line"], c["column"]) for c in got["complaints"]])
        self.assertFalse(got["fine"])

    def test_beside_a_run(self):
        """It takes no lock, and neither hinders the run nor is hindered by it."""
        self.sandbox()
        self.write("payees.csv", make_payees(30))
        self.write("more.csv", make_payees(2, first=100))
        running = self.start("run", "payees.csv", *self.settings(rate=20))
        self.wait_until(lambda: len(self.box.calls()) > 3, "the run is under way")
        got = self.said("check", "more.csv")
        self.assertEqual((6, 0), (got["new"], got["known"]))
        self.assertEqual(30 * 3, self.said("check", "payees.csv")["known"])
        self.assertTrue(running.is_running(), "the run was still under way")
        self.assert_status(NOT_FINAL, running.wait())
        self.assertEqual(90, rows(self.db, "SELECT count(*) FROM results")[0][0])


if __name__ == "__main__":
    night.main()
