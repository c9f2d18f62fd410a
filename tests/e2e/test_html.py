"""The page of the morning: every number is that of the views and of the other side, and nothing in it is markup that
came from a file or a server."""
import base64
import collections
import decimal
import hashlib
import html.parser
import os
import re
import sqlite3

import night
from night import NO_INPUT, OK, USAGE, csv_rows, digits, make_payees, rows

VOID = {"meta", "input"}
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "article", "h1", "h2", "h3",
        "p", "ul", "ol", "li", "b", "i", "span", "small", "time", "code", "pre", "dl", "dt", "dd", "div", "table", "caption",
        "thead", "tbody", "tfoot", "tr", "th", "td", "figure", "figcaption", "svg", "desc", "rect", "line", "path", "text",
        "form", "input", "select", "option", "output", "script"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "id", "hidden", "type", "autocomplete",
              "spellcheck", "placeholder", "aria-label", "aria-live", "aria-labelledby", "value", "scope", "viewbox", "role",
              "x", "y", "x1", "x2", "y1", "y2", "width", "height", "d", "text-anchor"}
GROUPS = {"succeeded": "paid", "following": "way", "failed": "not", "skipped": "not", "cancelled": "not",
          "in_doubt": "unknown", "queued": "left", "sending": "left"}  # what the list is sieved by
INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
HOSTILE = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"' onmouseover=\"alert(1)", "&lt;b&gt;",
           "]]><!--", "</td></table><h1>paid</h1>", "\u2028\u202egnp.exe\x1b[2J\x07"]


class Page(html.parser.HTMLParser):
    """A tree of [tag, attributes, children]; a text is a child that is a string."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = ["", {}, []]
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert len(self.open) == 1, f"not closed: {[e[0] for e in self.open]}"

    def handle_starttag(self, tag, attrs):
        element = [tag, dict(attrs), []]
        self.open[-1][2].append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.open[-1][2].append([tag, dict(attrs), []])

    def handle_endtag(self, tag):
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1][2].append(data)

    def all(self, tag=None, css=None, inside=None):
        for child in (inside or self.root)[2]:
            if isinstance(child, str):
                continue
            if (tag is None or child[0] == tag) and (css is None or css in (child[1].get("class") or "").split()):
                yield child
            yield from self.all(tag, css, child)

    def table(self, caption):
        """Its rows, as dicts by the headings."""
        found, = (t for t in self.all("table") if any(text(c).startswith(caption) for c in self.all("caption", inside=t)))
        heads = [text(h) for h in self.all("th", inside=next(self.all("thead", inside=found)))]
        body = next(self.all("tbody", inside=found))
        return [dict(zip(heads, map(text, self.all("td", inside=row)))) for row in self.all("tr", inside=body)]


def text(element):
    return element if isinstance(element, str) else "".join(map(text, element[2]))


class Html(night.Night):
    def page(self, *args):
        self.assert_status(OK, self.remesa("report", "--html", "out.html", *args))
        self.text = self.read("out.html")
        return Page(self.text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def table_of(self, view):
        with sqlite3.connect(self.db) as db:
            cursor = db.execute(f"SELECT * FROM {view}")
            heads = [c[0].replace("_", " ") for c in cursor.description]
            return [dict(zip(heads, ("–" if v is None else str(v) for v in row))) for row in cursor]

    def half_a_night(self):
        """Some are taken, one is in doubt, some are refused, some are left."""
        taken = make_payees(30)
        for i in (7, 13):
            taken = taken.replace(f"pagos+{i:04}@", "pagos+0001@")
        self.write("payees.csv", taken)
        self.sandbox("--unique-emails", "--fault", "POST /cash_withdrawals:commit-then-close:x1")
        self.run_it("payees.csv", concurrency=1)
        self.write("later.csv", make_payees(4, seed=2, first=100))
        self.assert_status(OK, self.remesa("import", "later.csv"))


class Numbers(Html):
    def test_money_and_jobs_are_those_of_the_views(self):
        self.half_a_night()
        page = self.page()
        money = page.table("Money")
        self.assertEqual({"✓ yes"}, {row.pop("adds up") for row in money})
        self.assertEqual(self.table_of("money"), money)
        self.assertEqual(self.table_of("progress"), page.table("Jobs"))

    def test_sums_over_batches_are_exact(self):
        self.half_a_night()
        want = collections.defaultdict(decimal.Decimal)
        for row in self.table_of("money"):
            want[row["currency"]] += decimal.Decimal(row["imported"])
        foot = [[text(cell) for cell in row[2]] for row in self.page_rows("tfoot")]
        self.assertEqual({c: str(n) for c, n in want.items()}, {row[1]: row[3] for row in foot})

    def page_rows(self, part):
        page = self.page()
        return [row for body in page.all(part) for row in page.all("tr", inside=body)]

    def test_the_head_line_answers_the_four_questions(self):
        self.half_a_night()
        page = self.page()
        states = dict(rows(self.db, "SELECT state, count(*) FROM results WHERE action = 'create_cash_withdrawal' "
                                    "GROUP BY state"))
        tiles = {re.sub(r"^\d+ ", "", text(t)): int(text(t).split()[0])
                 for t in page.all("li", inside=next(page.all("ul", "tiles")))}
        self.assertEqual({"Paid": 0, "Accepted, not final": states["following"], "Not paid": states["skipped"],
                          "Unknown": states["in_doubt"], "Left to do": states["queued"]}, tiles)
        self.assertEqual((27, 2, 1, 4), tuple(states[s] for s in ("following", "skipped", "in_doubt", "queued")))
        self.assertRegex(text(next(page.all("p", "lead"))),
                         r"^Of 34 payments, 0 are made, 27 are accepted .*, 2 are not made, 1 is unknown and 4 are left")

    def test_what_it_says_was_taken_is_what_the_other_side_took(self):
        self.half_a_night()
        ledger = collections.defaultdict(decimal.Decimal)
        for effect in self.box.effects():
            if effect.kind == "cash_withdrawals":
                sent = digits(effect.call.body)["data"]["attributes"]
                ledger[sent["fiat_code"]] += decimal.Decimal(sent["amount"])
        told = collections.defaultdict(decimal.Decimal)
        for row in self.page().table("Money"):
            for column in "succeeded", "following", "in doubt":  # the one in doubt did take effect
                told[row["currency"]] += decimal.Decimal(row[column])
        self.assertEqual(dict(ledger), {c: n for c, n in told.items() if n})

    def test_every_job_has_its_line(self):
        self.half_a_night()
        page = self.page()
        listed = {}
        for li in page.all("li", inside=next(page.all("section", "jobs"))):
            cells = {c[1].get("class", c[0]): text(c) for c in li[2]}
            listed[cells["b"]] = (li[1]["class"], cells["a"], cells["o"], cells["s"], cells["r"], cells["n"])
        amounts = {r["ref"]: r for name in ("payees.csv", "later.csv")
                   for r in csv_rows(self.read(name))}
        want = {}
        for ref, action, actor, state, remote in rows(self.db, "SELECT ref, action, coalesce(on_behalf_of, ''), state, "
                                                               "coalesce(remote_id, '') FROM results"):
            given = amounts[ref]
            amount = f"{decimal.Decimal(given['amount']):.2f} {given['fiat_code']}" if given["amount"] else ""
            want[ref] = (GROUPS[state], action, actor, state.replace("_", " "), remote, amount)
        self.assertEqual(want, listed)

    def test_requests_and_reasons(self):
        self.half_a_night()
        page = self.page()
        told = text(next(page.all("figcaption")))
        count = dict(rows(self.db, "SELECT outcome, count(*) FROM attempts GROUP BY outcome"))
        self.assertIn(f"{sum(count.values())} requests, {count['accepted']} accepted, {count['rejected']} refused, "
                      f"{count['in_doubt']} in doubt", told)
        latency = {row["action"]: row for row in page.table("Milliseconds")}
        for action in latency:
            times = sorted(r[0] for r in rows(self.db, "SELECT elapsed_ms FROM attempts WHERE action = ?", action))
            for name, percent in ("p50", 50), ("p90", 90), ("p99", 99), ("longest", 100):
                self.assertEqual(times[-(-len(times) * percent // 100) - 1], int(latency[action][name]), (action, name))
        reasons = [[text(c) for c in row[2]] for row in page.all("tr", inside=next(page.all("table", "reasons")))][1:]
        self.assertEqual([("2", "create_user", "failed", "422")], [tuple(r[:4]) for r in reasons if r[2] == "failed"])
        self.assertEqual("user-0007 user-0013", reasons[0][5].strip())
        doubt = rows(self.db, "SELECT next_command FROM doubts")[0][0]
        self.assertEqual([doubt], [text(p) for p in page.all("pre")])


class Held(Html):
    """What waits for a person: each with its reason, and what is to be typed, as the view has it."""

    def held_night(self):
        self.sandbox()
        payees = [{**r, "fiat_code": r["fiat_code"] and "ars"} for r in csv_rows(make_payees(5))]
        self.write("payees.csv", night.csv_text(payees))
        self.assert_status(night.SOME_FAILED, self.run_it("payees.csv", cap_job="ars=100.10"))  # two are above
        again = [{**r, "ref": "it's-" + r["ref"]} for r in payees if r["amount"]][:2]
        self.write("again.csv", night.csv_text(again))
        self.assert_status(night.SOME_FAILED, self.run_it("again.csv"))

    def cases(self, page):
        for case in page.all("article", "held"):
            facts = [text(e) for e in page.all(inside=case) if e[0] in ("dt", "dd")]
            title = text(next(page.all("h3", inside=case)))
            yield title, dict(zip(facts[::2], facts[1::2])), text(next(page.all("pre", inside=case)))

    def assert_as_the_view(self, page, where=""):
        want = [(f"{ref} {action}, {amount} {currency}", {"batch": batch, "reason": reason}, command)
                for ref, action, amount, currency, batch, reason, command in
                rows(self.db, "SELECT ref, action, amount, currency, batch, reason, next_command FROM holds " + where)]
        self.assertEqual(want, list(self.cases(page)))
        return len(want)

    def test_each_with_its_reason_and_what_is_to_be_typed(self):
        self.held_night()
        page = self.page()
        self.assertEqual(4, self.assert_as_the_view(page))
        self.assertIn("Held: not sent before somebody lets it go", [text(h) for h in page.all("h2")])
        reasons = [facts["reason"].split(" ")[0] for _, facts, _ in self.cases(page)]
        self.assertEqual(["cap_job:"] * 2 + ["same"] * 2, reasons)
        self.assertIn("remesa release 'it'\\''s-payout-0000' --reason TEXT", [c for _, _, c in self.cases(page)])

    def test_in_the_list_and_in_the_sums(self):
        self.held_night()
        page = self.page()
        refs = {r for r, in rows(self.db, "SELECT ref FROM holds")}
        listed = {}
        for li in page.all("li", inside=next(page.all("section", "jobs"))):
            cells = {c[1].get("class", c[0]): text(c) for c in li[2]}
            listed[cells["b"]] = li[1]["class"], text(li)
        for ref in refs:
            self.assertEqual("left", listed[ref][0])
            reason, = {reason for reason, in rows(self.db, "SELECT reason FROM holds WHERE ref = ?", ref)}
            self.assertIn(f"held: {reason}", listed[ref][1])
        self.assertEqual(refs, {ref for ref, (_, line) in listed.items() if "held: " in line})
        want = {r[0]: r[1] for r in rows(self.db, "SELECT batch, held FROM money")}
        self.assertEqual(want, {row["batch"]: row["held"] for row in page.table("Money")})
        self.assertNotIn("0.00", want.values())

    def test_of_one_batch_and_when_all_are_let_go(self):
        self.held_night()
        self.assertEqual(2, self.assert_as_the_view(self.page("--batch", "again.csv"), "WHERE batch = 'again.csv'"))
        for batch in "payees.csv", "again.csv":
            self.assert_status(OK, self.remesa("release", "--batch", batch, "--reason", "seen"))
        page = self.page()
        self.assertEqual([], list(self.cases(page)))
        self.assertNotIn("Held: not sent before somebody lets it go", [text(h) for h in page.all("h2")])


class Scope(Html):
    def test_one_batch(self):
        self.half_a_night()
        page = self.page("--batch", "later.csv")
        self.assertEqual(["later.csv"], sorted({row["batch"] for row in page.table("Money")}))
        self.assertEqual(12, len(list(page.all("li", "left", next(page.all("section", "jobs"))))))
        self.assertNotIn("user-0001", self.text)

    def test_one_run(self):
        self.half_a_night()
        self.assert_status(OK, self.remesa("retry", "user-0007", "--reason", "again"))
        self.assert_status(night.SOME_IN_DOUBT, self.run_it())
        page = self.page("--run", "1")
        self.assertEqual(["payees.csv"], [row["batch"] for row in page.table("Jobs")])
        sent = rows(self.db, "SELECT count(*) FROM attempts WHERE run = 1")[0][0]
        self.assertIn(f"{sent} requests", text(next(page.all("figcaption"))))
        page = self.page("--run", "last")
        self.assertIn("later.csv", [row["batch"] for row in page.table("Jobs")])
        self.assertIn("13 requests", text(next(page.all("figcaption"))))

    def test_nothing_has_been_sent_yet(self):
        self.write("payees.csv", make_payees(1))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        page = self.page()
        self.assertIn("Of 1 payment, 0 are made", text(next(page.all("p", "lead"))))
        self.assertEqual([], list(page.all("figure")))


class Safe(Html):
    def test_what_came_from_outside_is_text(self):
        self.half_a_night()
        nasty = " ".join(HOSTILE)
        ref = "<b>\"'&<img-src=x>"
        self.write("evil.csv", "ref,action,email\n" + f'"{ref.replace(chr(34), chr(34) * 2)}",create_user,a@b.cl\n')
        self.assert_status(OK, self.remesa("import", "evil.csv", "--batch", "<svg onload=alert(1)>&\"'"))
        with sqlite3.connect(self.db) as db:
            db.execute("UPDATE job SET error = ? WHERE state IN ('failed', 'queued')", (nasty,))
            db.execute("UPDATE job SET remote_id = ? WHERE ref = 'user-0002'", ("<u>1",))
        page = self.page()
        self.assertEqual(set(), {e[0] for e in page.all()} - TAGS)
        self.assertEqual(set(), {a for e in page.all() for a in e[1]} - ATTRIBUTES)
        self.assertEqual(1, len(list(page.all("script"))))
        self.assertEqual(1, len(list(page.all("h1"))))
        self.assertIsNone(INVISIBLE.search(self.text))
        everything = text(page.root)
        for part in *HOSTILE[:-1], ref, "<svg onload=alert(1)>&\"'", "<u>1", "\\u{202e}gnp.exe\\x1b[2J\\x07":
            self.assertIn(part, everything)

    def test_the_policy_allows_what_stands_there_and_nothing_else(self):
        self.half_a_night()
        page = self.page()
        policy, = (m[1]["content"] for m in page.all("meta") if m[1].get("http-equiv") == "Content-Security-Policy")
        want = "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'".format(*(
            "'sha256-" + base64.b64encode(hashlib.sha256(text(next(page.all(tag))).encode()).digest()).decode() + "'"
            for tag in ("style", "script")))
        self.assertEqual(want, policy)
        self.assertIsNone(re.search(r"https?://(?!127\.0\.0\.1)|url\(|@import|\ssrc=|\shref=", self.text))

    def test_the_key_is_not_in_it(self):
        self.half_a_night()
        self.page()
        self.assertEqual([], night.leaks(night.KEY, self.text.encode()))


class Files(Html):
    def test_it_is_private_and_whole_or_not_there(self):
        self.half_a_night()
        self.write("out.html", "yesterday's", mode=0o644)
        self.assert_status(NO_INPUT, self.remesa("report", "--html", "out.html", "--batch", "nobody's"))
        self.assertEqual("yesterday's", self.read("out.html"))
        self.page()
        self.assertEqual(0o600, os.stat(self.path("out.html")).st_mode & 0o777)
        self.assertEqual(["out.html"], [n for n in os.listdir(self.folder) if n.startswith("out.html")])

    def test_refusals(self):
        self.write("payees.csv", make_payees(1))
        self.assert_status(OK, self.remesa("import", "payees.csv"))
        for args, status, words in (
                ([], USAGE, "--html OUT.html"), (["--html", "remesa.db"], USAGE, "that is the database"),
                (["--html", "x", "--csv", "x", "--batch", "b"], USAGE, "one file"),
                (["--run", "1", "--csv", "x", "--batch", "b"], USAGE, "--run"),
                (["--html", "x", "--run", "first"], USAGE, "neither a number nor last"),
                (["--html", "x", "--run", "last"], NO_INPUT, "nothing has been run"),
                (["--html", "x", "--run", "9"], NO_INPUT, "no run 9"),
                (["--html", "none/x"], 73, "none/x")):
            with self.subTest(args=args):
                self.assertIn(words, self.assert_status(status, self.remesa("report", *args)).err)
                self.assertFalse(os.path.exists(self.path("x")))


if __name__ == "__main__":
    night.main()
