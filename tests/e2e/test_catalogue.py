"""What other programs read of the catalogue and of the recipes, as JSON: all that the files say, and no less."""
import glob
import json
import os

import night
from night import OK, USAGE

SOURCES = os.path.join(os.path.dirname(__file__), os.pardir, os.pardir)
GROUPS = {"attributes": "attribute", "relationships": "relationship", "in_path": "path", "query": "query",
          "request": "request", "headers": "header", "limits": "not sent"}
ALIKE = ("summary", "method", "path", "version", "acts_as", "type", "tag", "state", "money", "one_of")
SCOPES = (("before", "before"), ("row", "rows"), ("after", "after"))
UNDERSTOOD = {"on_behalf": "header", "answer": "resource", "bare_body": False}


def sources(pattern):
    found = {}
    for path in sorted(glob.glob(os.path.join(SOURCES, pattern))):
        with open(path, encoding="utf-8") as f:
            found.update({name: (entry, os.path.basename(path)) for name, entry in json.load(f).items()})
    return found


class Told(night.Night):
    def told(self, *args):
        return json.loads(self.assert_status(OK, self.remesa(*args, "--json")).out)

    # ---- actions ----

    def test_the_list_is_every_entry_and_one_is_the_same_alone(self):
        told, wanted = {a["name"]: a for a in self.told("actions")}, sources("actions/bitex/*.json")
        self.assertEqual(set(wanted), set(told))
        for name in ("create_cash_withdrawal", "accept_quote", "request"):
            self.assertEqual(told[name], self.told("actions", name))
        for name, (entry, file) in wanted.items():
            with self.subTest(name):
                self.assertEqual(file, told[name]["family"] + ".json")
                self.same_entry(entry, told[name])

    def same_entry(self, entry, told):
        for member in ALIKE:
            self.assertEqual(entry.get(member), told.get(member), member)
        for member, otherwise in UNDERSTOOD.items():
            self.assertEqual(entry.get(member, otherwise), told[member], member)
        self.assertEqual(entry.get("repeat") == "safe" or entry.get("method") == "GET", told["repeat_safe"])
        self.same_part(entry.get("find"), told.get("find"), {"in": "list", "absent": "ask"})
        self.same_part(self.follow(entry.get("follow")), told.get("follow"), {"acts_as": "user", "dependants": "final"})
        self.same_part(entry.get("require"), told.get("require"), {"at_most": {}})
        self.same_columns(entry, told["columns"])

    def same_part(self, wanted, told, understood):
        self.assertEqual(wanted and {**understood, **wanted}, told)

    def follow(self, follow):
        """Times are told in milliseconds."""
        if not follow:
            return follow
        unit = {"s": 1000, "m": 60 * 1000, "h": 3600 * 1000}
        first, most = (int(text[:-1]) * unit[text[-1]] for text in follow.get("every", ["1m", "30m"]))
        return {**{k: v for k, v in follow.items() if k != "every"}, "first_ms": first, "most_ms": most}

    def same_columns(self, entry, columns):
        told = {column["name"]: column for column in columns}
        wanted = {name: (place, field)
                  for group, place in GROUPS.items() for name, field in entry.get(group, {}).items()}
        self.assertEqual(sorted(wanted), sorted(told))
        for name, (place, field) in wanted.items():
            column = told[name]
            self.assertEqual(place, column["place"], name)
            self.assertEqual(field.get("required", False), column["required"], name)
            self.assertEqual("id" if place == "relationship" else field["type"], column["type"], name)
            self.assertEqual(field["type"] if place == "relationship" else None, column.get("resource"), name)
            for member in ("help", "choices", "max", "header"):
                self.assertEqual(field.get(member), column.get(member), (name, member))
            self.assertEqual(field.get("sample", column["sample"]), column["sample"], name)

    def test_a_sample_is_a_row_that_is_taken(self):
        for action in self.told("actions"):
            with self.subTest(action["name"]):
                sample = action["sample"]
                required = {c["name"] for c in action["columns"] if c["required"]}
                self.assertLessEqual(required, set(sample))
                self.write("row.csv", night.csv_text([sample], list(sample)))
                self.assert_status(OK, self.remesa("check", "row.csv"))

    def test_an_entry_of_ones_own_is_told_with_the_others(self):
        look = {"summary": "s", "method": "GET", "path": "/looks", "acts_as": "master", "answer": "any", "rate": "0.5"}
        self.write("more.json", json.dumps({"look": look}))
        told = self.told("actions", "look", "--actions", "more.json")
        self.assertEqual((500, True, []), (told["milli_rate"], told["repeat_safe"], told["columns"]))

    def test_a_name_that_nobody_has_is_no_json(self):
        for args in (("actions", "nope"), ("recipes", "nope")):
            ended = self.assert_status(USAGE, self.remesa(*args, "--json"))
            self.assertEqual("", ended.out)
            self.assertIn("nope", ended.err)

    def test_one_name_at_a_time(self):
        for args in (("actions", "create_bid", "create_ask"), ("recipes", "pay", "remit")):
            ended = self.assert_status(USAGE, self.remesa(*args))
            self.assertIn(f"'{args[2]}' is a second name", ended.err)

    # ---- recipes ----

    def test_recipes_tell_their_jobs_and_columns(self):
        told, wanted = {r["name"]: r for r in self.told("recipes")}, sources("recipes/*.json")
        self.assertEqual(set(wanted), set(told))
        for name, (recipe, _) in wanted.items():
            with self.subTest(name):
                self.assertEqual(told[name], self.told("recipes", name))
                self.assertEqual(recipe["summary"], told[name]["summary"])
                steps = [(scope, step["name"], step["action"]) for scope, member in SCOPES
                         for step in recipe.get(member, [])]
                self.assertEqual(steps, [(s["scope"], s["name"], s["action"]) for s in told[name]["steps"]])
                self.assertTrue(all(c["type"] for c in told[name]["columns"]))

    def test_a_column_of_a_recipe_is_told_as_its_field_is(self):
        columns = {c["name"]: c for c in self.told("recipes", "pay-new")["columns"]}
        self.assertEqual(("decimal", True), (columns["amount"]["type"], columns["amount"]["required"]))
        self.assertEqual(["usd", "ars", "clp", "pyg", "uyu"], columns["currency"]["choices"])
        remit = self.told("recipes", "remit")
        self.assertIn("from", [c["name"] for c in remit["columns"] if c["with_set"]])

    def test_the_help_says_so(self):
        for command in ("actions", "recipes"):
            self.assertIn("--json: a list of all, or the one", self.remesa("help", command).out)


if __name__ == "__main__":
    night.main()
