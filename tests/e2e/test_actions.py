"""Every action of the catalogue against the sandbox: taken, torn, lost, gone and refused. An action that no story can be
made for (stories.py) fails here, and so does one that the sandbox does not know.

All actions of one family live in one folder: first a run makes what they stand on, each for itself; then one run plays
each fate, with faults for just the requests that are to meet it. What is taken has every column filled in, the rest
only what it must have."""
import collections
import json
import unittest
import urllib.parse
import urllib.request

import night
from night import OK, PATIENCE, SOME_IN_DOUBT, digits, rows
from stories import Story, read_catalogue, reads_only

TAKEN, TORN, LOST, GONE, REFUSED = "taken", "torn", "lost", "gone", "refused"
HOUR_MS = 3600 * 1000

Ask = collections.namedtuple("Ask", "method path user")  # as the ledger of the other side has it
Call = collections.namedtuple("Call", "fault query body effects")
Effect = collections.namedtuple("Effect", "kind id")
Job = collections.namedtuple("Job", "state remote_id error attempts")
Refusal = collections.namedtuple("Refusal", "fault error")


def refusal(story):
    if reads_only(story.action):
        return Refusal("404:xN", "HTTP 404")
    name = story.attribute()
    return Refusal(f"422:xN:{name}", f"HTTP 422: /data/attributes/{name}: no es válido")


class Actions(night.Night):
    QUICK = {"retry_base": "1ms", "retry_max": "4ms", "retry_limit": 1000, "retry_budget": 100, "find_first": "1ms",
             "find_tries": 2, "settle_time": "1s", "tag_email": "pagos+{ref}@payer.example", "duplicate_days": 0}

    # ---- the world ----

    def open(self, *faults):
        options = [part for fault in faults for part in ("--fault", fault)]
        self.sandbox("--settle-after", "1h", "--quote-after", "1h", *options)

    def pull(self, lever):
        url = self.box.url.replace("/api", "/_sandbox/" + lever)
        with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=PATIENCE) as answer:
            return json.load(answer)

    def go(self, name, lines, **changed):
        self.write(name, night.csv_text(lines, list(dict.fromkeys(column for line in lines for column in line))))
        return self.run_it(name, **{**self.QUICK, **changed})

    def job(self, ref):
        row, = rows(self.db, "SELECT state, remote_id, error, attempts FROM results WHERE ref = ?", ref)
        return Job(*row)

    def id_of(self, ref):
        return self.job(ref).remote_id

    # ---- what the actions stand on ----

    def lay_ground(self, stories):
        """Everything is taken, and what a row uses and has to be final is final, however many hours that takes."""
        ground = [row for story in stories for row in story.ground]
        if not ground:
            return
        self.open()
        ended = self.go("ground.csv", ground)
        for _ in range(4):
            if not self.unripe(stories):
                break
            self.pull(f"advance?ms={HOUR_MS}")
            ended = self.run_it(**self.QUICK)
        self.assertEqual([], self.unripe(stories), ended)
        for story in stories:
            for column, kind in story.given.items():
                story.row[column] = self.give(kind, self.id_of(story.row["on_behalf_of"]))

    def unripe(self, stories):
        states = dict(rows(self.db, "SELECT ref, state FROM results"))
        return [(ref, states[ref]) for story in stories for ref in story.used
                if states[ref] not in ("succeeded", *self.early(story, ref))]

    def early(self, story, ref):
        action = next(row["action"] for row in story.ground if row["ref"] == ref)
        follow = story.catalogue[action].get("follow", {})
        return ["following"] if follow.get("dependants") == "accepted" else []

    def give(self, kind, user):
        if kind == "observations":
            self.pull("approve")
            return str(self.box.rows("SELECT id FROM resource WHERE kind = ? AND user_id = ?", kind, int(user))[0][0])
        return self.pull(f"transfer?from={user}&to={user}&amount=1.50&currency=ars")[kind.split("_")[0]]

    # ---- one fate ----

    def ask_of(self, story):
        path, row = story.action.get("path", story.row.get("path")), story.row
        for column in story.action["columns"]:
            if column["place"] == "path":
                cell = row[column["name"]]
                path = path.replace("{%s}" % column["name"], self.given_by(cell))
        user = self.id_of(row["on_behalf_of"]) if row.get("on_behalf_of") else None
        return Ask(story.action.get("method", row.get("method")), path,
                   user if story.action["on_behalf"] == "header" else None)

    def play(self, fate, stories, fault_of, **changed):
        """One run for all of them. What each asks for, and what came of it on the other side."""
        self.open()  # the ids of the ground are known; the faults are for these alone
        asks = {story.ref: self.ask_of(story) for story in stories}
        counted = collections.Counter((asks[s.ref].method, asks[s.ref].path, fault_of(s)) for s in stories)
        self.open(*(f"{method} {path}:{fault.replace('N', str(n))}"
                    for (method, path, fault), n in counted.items() if fault))
        (first,), = self.box.rows("SELECT coalesce(max(id), 0) FROM request")
        ended = self.go(f"{fate}.csv", [story.row for story in stories], **changed)
        seen = collections.defaultdict(list)
        for method, path, user, request, *call in self.box.rows(
                "SELECT method, path, user_id, id, fault, query, body FROM request WHERE id > ? ORDER BY id", first):
            effects = self.box.rows("SELECT kind, resource_id FROM effect WHERE request_id = ?", request)
            seen[Ask(method, path[len("/api"):], user)].append(Call(*call, [Effect(*effect) for effect in effects]))
        return ended, {ref: seen[ask] for ref, ask in asks.items()}

    def waves(self, stories, again):
        """Two that ask the same, and ask `again`, must not meet in one run: each is to have its fault."""
        left = list(stories)
        while left:
            wave = {}
            for story in left:
                wave.setdefault(self.ask_of(story)[:2] if again(story) else story.ref, story)
            yield list(wave.values())
            left = [story for story in left if story not in wave.values()]

    def judge(self, stories, seen, judge, *more):
        for story in stories:
            with self.subTest(story.ref):
                calls = seen[story.ref]
                judge(story, self.job(story.ref), calls, [effect for call in calls for effect in call.effects], *more)

    def assert_good(self, story, job):
        good = ("succeeded", "following") if "follow" in story.action else ("succeeded",)
        self.assertIn(job.state, good, job)
        if story.action["answer"] == "resource":
            self.assertTrue(job.remote_id, job)

    def play_taken(self, stories):
        _, seen = self.play(TAKEN, stories, lambda story: None)
        self.judge(stories, seen, self.is_taken)

    def is_taken(self, story, job, calls, effects):
        self.assert_good(story, job)
        self.assertEqual(1, job.attempts)
        self.assertLessEqual(len(effects), 0 if reads_only(story.action) else 1)
        self.is_sent(story, calls[0])

    def is_sent(self, story, call):
        """What went out is what stands in the row."""
        if call.body == "(not kept)":  # a document
            return
        data = digits(call.body)["data"] if call.body and not story.action["bare_body"] else {}
        query = dict(urllib.parse.parse_qsl(call.query))
        for column in story.action["columns"]:
            cell, name = story.row.get(column["name"]), column["name"]
            if column["place"] == "attribute":
                value = data["attributes"]
                for part in name.split("."):
                    value = value.get(part) or {}
                self.assertEqual(self.value_of(story, column, cell), value or None, name)
            elif cell and column["place"] == "relationship":
                self.assertEqual({"type": column["resource"], "id": self.given_by(cell)},
                                 data["relationships"][name]["data"])
            elif cell and column["place"] == "query":
                self.assertEqual(self.given_by(cell), query.get(name), name)

    def value_of(self, story, column, cell):
        if column["name"] == story.action.get("tag"):
            return self.QUICK["tag_email"].format(ref=story.ref) if column["type"] == "email" else story.ref
        if not cell or column["type"] not in ("boolean", "json"):
            return cell
        return cell == "true" if column["type"] == "boolean" else digits(cell)

    def given_by(self, cell):
        return self.id_of(cell[1:]) if cell[0] == "@" else cell

    def play_torn(self, stories):
        for number, wave in enumerate(self.waves(stories, again=lambda story: True)):
            _, seen = self.play(f"{TORN}-{number}", wave, lambda story: "half-answer:xN")
            self.judge(wave, seen, self.is_read_again)

    def is_read_again(self, story, job, calls, effects):
        """Half an answer to a question: it is asked again."""
        self.assert_good(story, job)
        self.assertEqual(2, job.attempts, job)
        self.assertEqual(["half-answer", None], [call.fault for call in calls][:2])
        self.assertEqual([], effects)

    def play_lost(self, stories):
        for number, wave in enumerate(self.waves(stories, again=lambda story: story.action["repeat_safe"])):
            ended, seen = self.play(f"{LOST}-{number}", wave, lambda story: "commit-then-close:xN")
            self.judge(wave, seen, self.is_settled, ended)

    def is_settled(self, story, job, calls, effects, ended):
        """It took effect, and nobody told: by what the catalogue says it is repeated, found, or left to a person."""
        self.assertEqual("commit-then-close", calls[0].fault)
        if story.action["repeat_safe"]:
            self.is_repeated(story, job, calls, effects)
        elif "find" in story.action:
            self.is_found(story, job, calls, effects)
        else:
            self.asks_a_person(story, job, calls, effects, ended)

    def is_repeated(self, story, job, calls, effects):
        self.assert_good(story, job)
        self.assertEqual((2, 2), (job.attempts, len(calls)))
        self.assertLessEqual(len(set(effects)), 1)

    def is_found(self, story, job, calls, effects):
        self.assert_good(story, job)
        self.assertEqual((1, 1, 1), (job.attempts, len(calls), len(effects)))
        self.assertEqual(effects[0].id, job.remote_id)
        found = rows(self.db, "SELECT count(*) FROM look_up l JOIN job j ON j.id = l.job_id "
                              "WHERE j.ref = ? AND l.outcome = 'found'", story.ref)
        self.assertEqual([(1,)], found)

    def asks_a_person(self, story, job, calls, effects, ended):
        self.assert_status(SOME_IN_DOUBT, ended)
        self.assertEqual(("in_doubt", 1, 1, 1), (job.state, job.attempts, len(calls), len(effects)), job)
        (command,), = rows(self.db, "SELECT next_command FROM doubts WHERE ref = ?", story.ref)
        self.assertTrue(command.startswith(f"remesa resolve {story.ref}"), command)
        self.assert_status(OK, self.remesa("resolve", story.ref, "--succeeded", "--remote-id", effects[0].id))
        self.assertEqual(("succeeded", effects[0].id), self.job(story.ref)[:2])

    def play_gone(self, stories):
        for number, wave in enumerate(self.waves(stories, again=self.sends_again)):
            _, seen = self.play(f"{GONE}-{number}", wave, lambda story: "close-before-commit:xN", settle_time="300ms")
            self.judge(wave, seen, self.is_sent_again)
        self.run_it(**self.QUICK)  # with what a person has found out
        for story in stories:
            with self.subTest(story.ref):
                self.assert_good(story, self.job(story.ref))
                self.assertEqual(2, self.job(story.ref).attempts)

    def sends_again(self, story):
        return story.action["repeat_safe"] or story.action.get("find", {}).get("absent") == "send_again"

    def is_sent_again(self, story, job, calls, effects):
        """It did nothing, and nobody told: it is sent again by itself, or by a person's word."""
        self.assertEqual("close-before-commit", calls[0].fault)
        if self.sends_again(story):
            self.assert_good(story, job)
            self.assertEqual((2, 2), (job.attempts, len(calls)))
            self.assertIn(len(effects), (0, 1) if story.action["repeat_safe"] else (1,))
        else:
            self.assertEqual(("in_doubt", 1, 1, []), (job.state, job.attempts, len(calls), effects), job)
            self.assert_status(OK, self.remesa("resolve", story.ref, "--not-sent", "--reason", "nothing is there"))

    def play_refused(self, stories):
        _, seen = self.play(REFUSED, stories, lambda story: refusal(story).fault)
        self.judge(stories, seen, self.is_refused)

    def is_refused(self, story, job, calls, effects):
        """The reason stands in `error`, and nothing was done."""
        self.assertEqual(("failed", None, 1), (job.state, job.remote_id, job.attempts), job)
        self.assertIn(refusal(story).error, job.error)
        self.assertEqual((1, []), (len([call for call in calls if call.fault]), effects))

    # ---- all of it ----

    OF_READS = {TAKEN: play_taken, TORN: play_torn, REFUSED: play_refused}
    OF_CHANGES = {TAKEN: play_taken, LOST: play_lost, GONE: play_gone, REFUSED: play_refused}

    def stories(self, catalogue, actions):
        for action in actions:
            for fate in self.OF_READS if reads_only(action) else self.OF_CHANGES:
                with self.subTest(f"{action['name']}: a story can be made"):
                    yield fate, Story(catalogue, action["name"], fate, full=fate == TAKEN, master=fate in (TORN, LOST))

    def play_all(self, catalogue, actions):
        by_fate = collections.defaultdict(list)
        for fate, story in self.stories(catalogue, actions):
            by_fate[fate].append(story)
        self.lay_ground([story for stories in by_fate.values() for story in stories])
        for fate, play in {**self.OF_READS, **self.OF_CHANGES}.items():
            if by_fate[fate]:
                play(self, by_fate[fate])


class Watched(night.Night):
    """The tests above fail when they should: for an entry in a file beside the catalogue."""

    CASH = {"path": "/cash_withdrawals", "method": "POST", "acts_as": "user", "type": "cash_withdrawals",
            "summary": "pays",
            "attributes": {"amount": {"type": "decimal", "required": True},
                           "fiat_code": {"type": "currency", "required": True, "sample": "ars"}},
            "relationships": {"withdrawal_instruction": {"type": "withdrawal_instructions", "required": True}}}
    LOST_FOR_GOOD = {"find": {"path": "/coin_withdrawals", "match": ["withdrawal_instruction"], "absent": "ask"}}

    def complaints(self, entry):
        self.write("more.json", json.dumps({"entry": entry}))
        more = self.path("more.json")
        catalogue = read_catalogue("--actions", more)

        class Copy(Actions):
            QUICK = {**Actions.QUICK, "actions": more}

            def test(self):
                self.play_all(catalogue, [catalogue["entry"]])

        result = unittest.TestResult()
        Copy("test").run(result)
        return "".join(text for _, text in result.failures + result.errors)

    def test_what_has_no_story_or_breaks_its_word_fails(self):
        ship = {"summary": "s", "method": "GET", "acts_as": "master", "answer": "any"}
        one = {"in_path": {"id": {"type": "id", "required": True}}}
        for name, entry, complaint in (
                ("good", {**ship, "path": "/users"}, None),
                ("made by nothing", {**ship, **one, "path": "/ships/{id}"}, "nothing in the catalogue makes one of"),
                ("not in the sandbox", {**ship, "path": "/ships"}, "HTTP 404"),
                ("sent twice", {**self.CASH, "repeat": "safe"}, "is_repeated"),
                ("looked for in the wrong place", {**self.CASH, **self.LOST_FOR_GOOD}, "is_found"),
                ("asks a person", self.CASH, None),
                ("a state that never comes", {**self.CASH, "state": "/attributes/status", "follow": {
                    "good": ["gone"], "bad": ["received"], "one": "/cash_withdrawals/{id}"}}, "is_taken")):
            with self.subTest(name):
                found = self.complaints(entry)
                self.assertIn(complaint or "", found)
                if not complaint:
                    self.assertEqual("", found)


def add_tests():
    """One test for each family that the catalogue has."""
    catalogue = read_catalogue()
    for family in {action["family"]: None for action in catalogue.actions.values()}:
        def test(self, family=family):
            self.play_all(catalogue, catalogue.of(family))
        setattr(Actions, f"test_every_action_of_{family}", test)


if __name__ == "__main__":
    add_tests()
    night.main()
