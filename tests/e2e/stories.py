"""Stories for the actions of a catalogue, made from what `remesa actions --json` says of it: the rows that an action
stands on, and its own. Whatever none can be made for is an error: teach a table or a rule here what it stands on."""
import json
import os
import re
import subprocess

import night
from night import PATIENCE

# Actions that no story is made for, each with its reason. There is none.
EXCEPTIONS = {}

# Columns that a row with all that may be in it leaves out, each with its reason.
LEFT_OUT = {("request", "body"): "a GET has none"}

# What must have been done for the same user before an action has anything to do, beside what its ids ask for.
BEFORE = {"cancel_orders": [("create_bid", {})]}  # else there is nothing to cancel

# Things that no action makes: what has to be done for the user, and how its id is then found.
GIVEN = {
    "observations": [("create_natural_docket_seed", {"last_name": "OBSERVE"}), ("complete_current_issue", {})],
    "sent_transfers": [],
    "received_transfers": [],
}
WITHOUT_CHOICE = "1234"  # the sample of an id that says nothing; any other ("btc", "usd") is one that is always there


class Catalogue:
    """What `remesa actions --json` says, by name."""

    def __init__(self, actions):
        self.actions = {action["name"]: action for action in actions}

    def __getitem__(self, name):
        return self.actions[name]

    def of(self, family):
        return [a for a in self.actions.values() if a["family"] == family and a["name"] not in EXCEPTIONS]

    def maker_of(self, kind):
        """The action that makes one of this type."""
        for name, action in self.actions.items():
            if action.get("type") == kind and action.get("method") == "POST" and "{" not in action["path"]:
                return name
        raise AssertionError(f"nothing in the catalogue makes one of {kind}, and GIVEN does not say where one is from")

    def kind_of(self, action, column):
        """What the id in this column is of."""
        if column["place"] == "relationship":
            return column["resource"]
        if column["place"] == "path":
            return action["path"].strip("/").split("/")[0]
        name = re.fullmatch(r"filter\[(.*)_id\]", column["name"]).group(1)  # of what those in the list belong to
        maker = self[self.maker_of(action["type"])]
        return next(c["resource"] for c in maker["columns"] if c["name"] == name and c["place"] == "relationship")

    def bringer_to(self, kind, states):
        """The action that brings one of this type into one of these states."""
        for name, action in self.actions.items():
            if action.get("type") == kind and set(states) & set(action.get("follow", {}).get("good", [])[:1]):
                return name
        raise AssertionError(f"nothing in the catalogue brings one of {kind} to {states}")


def read_catalogue(*options):
    environment = {k: v for k, v in os.environ.items() if k == "PATH" or k.endswith("SAN_OPTIONS")}
    text = subprocess.run([os.path.join(night.BIN, "remesa"), "actions", "--json", *options], check=True,
                          env=environment, stdout=subprocess.PIPE, timeout=PATIENCE).stdout
    return Catalogue(json.loads(text))


def reads_only(action):
    return action.get("method", action["sample"].get("method")) == "GET"


class Story:
    """The rows that one action stands on (`ground`), and its own (`row`)."""

    def __init__(self, catalogue, name, fate, full=False, master=False):
        self.catalogue, self.action, self.ref, self.full = catalogue, catalogue[name], f"{name}.{fate}", full
        self.master = master and self.action["acts_as"] == "either" and not self.has_owner(name)
        self.ground, self.given = [], {}  # column of the row: kind
        self.used = set()  # refs that must be good before the row goes out
        self.row = self.make(name, self.ref, own=True)
        for before, cells in BEFORE.get(name, []):
            self.used.add(self.add(before, f"{self.ref}.{before}", cells))

    def make(self, name, ref, own=False):
        action = self.catalogue[name]
        row = {**self.cells(action, own and self.full), "ref": ref, "action": name}
        row.pop("on_behalf_of", None)
        if action["acts_as"] != "master" and not (own and self.master):
            row["on_behalf_of"] = self.need("users", "", own)
        for column in action["columns"]:
            cell = row.get(column["name"])
            if cell and (column["type"] == "id" or column["place"] == "relationship"):
                row[column["name"]] = self.id_for(action, column, cell, own)
        return row

    def has_owner(self, name):
        """It stands on things of a user."""
        return name in BEFORE or any(column["type"] == "id" for column in self.action["columns"])

    def cells(self, action, full):
        """The sample, or every column; a change says everything that it may; the tag is the ref."""
        row = dict(action["sample"])
        for column in action["columns"]:
            changed = action.get("method") == "PATCH" and column["place"] == "attribute"
            if changed or (full and self.may_have(action, column, row)):
                row.setdefault(column["name"], column["sample"])
        if "tag" in action:
            row.pop(action["tag"], None)
        return row

    def may_have(self, action, column, row):
        other_of_one = column["name"] in action.get("one_of", []) and column["name"] not in row
        return not other_of_one and (action["name"], column["name"]) not in LEFT_OUT

    def id_for(self, action, column, cell, own):
        kind = self.catalogue.kind_of(action, column)
        if cell != WITHOUT_CHOICE:
            return cell
        if kind in GIVEN:
            self.given[column["name"]] = kind
            for name, cells in GIVEN[kind]:
                self.add(name, f"{self.ref}.{name}", cells)
            return WITHOUT_CHOICE
        if action.get("require", {}).get("of") == column["name"]:
            return "@" + self.needed(self.bring(action, kind), own)
        return "@" + self.need(kind, column["name"], own)

    def bring(self, action, kind):
        bringer = self.catalogue.bringer_to(kind, action["require"]["state"])
        return self.add(bringer, f"{self.ref}.{bringer}", {})

    def need(self, kind, column, own):
        ref = f"{self.ref}.{kind}" + (f".{column}" if column and kind != "users" else "")
        if not any(row["ref"] == ref for row in self.ground):
            self.add(self.catalogue.maker_of(kind), ref, {})
        return self.needed(ref, own)

    def needed(self, ref, own):
        if own:
            self.used.add(ref)
        return ref

    def add(self, name, ref, cells):
        self.ground.append({**self.make(name, ref), **cells})
        return ref

    def attribute(self):
        """One that a refusal can point at."""
        names = [c["name"] for c in self.action["columns"] if c["place"] == "attribute"]
        return names[0].split(".")[0] if names else "base"
