#!/usr/bin/env python3
"""actions/bitex/ against docs/bitex-api.md: every endpoint of the document has an action, nothing in the catalogue
is made up, and every file of it is carried in the program."""

import json
import re

import source

DOC = "docs/bitex-api.md"
BUILD = "src/api/CMakeLists.txt"
FOLDER = "actions/bitex"

# Endpoints that are left out, with their reasons.
LEFT_OUT = {
    ("POST", "/merchants/payments"): "takes money in",
    ("GET", "/btc"): "an id of /coin_wallets",
}

# Words that the document does not write out.
MIME = "the kinds of file are named by their endings"
NOT_WRITTEN = {
    "url": "the webhooks of 2019: the guide names no attribute",
    "image/png": MIME, "image/jpeg": MIME, "image/gif": MIME, "image/bmp": MIME,
    "application/pdf": MIME, "application/msword": MIME, "application/vnd.ms-excel": MIME,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": MIME,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": MIME,
}

STEP = re.compile(r"\b(GET|POST|PATCH|DELETE)\b|(?<![\w`:])(/[a-z_]+(?:/:?[a-z_]+)*)(\[/:id\])?")


def plain(path):
    """'/a/:id/b' and '/a/{id}/b' are the same."""
    return re.sub(r":[a-z_]+|\{[^}]*\}", "*", path.split("?")[0])


def endpoints_of(cell):
    """(method, path) of what the first cell of a row names: 'GET /a[/:id], /b; POST /c'."""
    methods, fresh = ["GET"], False
    for method, path, one in STEP.findall(cell):
        if method:
            methods, fresh = ([*methods, method] if fresh else [method]), True
            continue
        fresh = False
        for m in methods:
            yield m, plain(path)
            if one:
                yield m, plain(path) + "/*"


def documented(text):
    section = text.partition("\n## 2. ")[2].partition("\n## 3. ")[0]
    for row in section.splitlines():
        if row.startswith("| "):
            yield from endpoints_of(row.split("|")[1])


def covers(ours, path):
    """'/cash_wallets/usd' is an id of '/cash_wallets/*'."""
    return path in ours or re.sub(r"/[a-z_]+$", "/*", path) in ours


def words_of(action):
    """(where, word) of all that goes out or is waited for."""
    for place in ("attributes", "relationships", "query"):
        for name, field in action.get(place, {}).items():
            for word in re.findall(r"[A-Za-z0-9_]+", name):
                yield name, word
            for choice in field.get("choices", []):
                yield name, choice
    for member in ("good", "bad"):
        for state in action.get("follow", {}).get(member, []):
            yield "follow", state
    for state in action.get("find", {}).get("states", []):
        yield "find", state


def check_words(name, action, text):
    known = set(re.findall(r"[A-Za-z0-9_]+", text)) | set(NOT_WRITTEN)
    for step in re.findall(r"[a-z_]+", re.sub(r"\{[^}]*\}", "", action.get("path", ""))):
        if step not in known:
            yield f"{name}: path: {DOC} has no {step}"
    for where, word in words_of(action):
        if word not in known:
            yield f"{name}: {where}: {DOC} has no {word}"


def check(root):
    text = source.read(root / DOC)
    carried = set(re.search(r"set\(families ([^)]*)\)", source.read(root / BUILD)).group(1).split())
    faults, ours = [], {}
    for path in sorted((root / FOLDER).glob("*.json")):
        if path.stem not in carried:
            faults.append(f"{path.relative_to(root)}: {BUILD} does not carry it")
        for name, action in json.loads(source.read(path)).items():
            ours.setdefault(action.get("method"), set()).add(plain(action.get("path", "")))
            faults += check_words(name, action, text)
    for method, path in sorted(set(documented(text))):
        if (method, path) not in LEFT_OUT and not covers(ours.get(method, set()), path):
            faults.append(f"{DOC}: {method} {path}: no action does it")
    return faults


def tree(doc_rows, **actions):
    whole = {"get_x": {"method": "GET", "path": "/xs/{id}"}, "list_x": {"method": "GET", "path": "/xs"}, **actions}
    rows = "| GET /xs[/:id] | | name color red done |\n" + doc_rows
    return {"src/a.c": "\n", BUILD: "set(families xs)\n",
            DOC: f"| PUT /before |\n## 1. x\n| POST /no |\n\n## 2. x\n{rows}\n## 3. x\n| POST /no |\n",
            f"{FOLDER}/xs.json": json.dumps({k: v for k, v in whole.items() if v})}


def post(**more):
    return {"method": "POST", "path": "/xs", **more}


CASES = [
    ("an endpoint that nobody does", tree("| POST /xs |"), "POST /xs: no action does it"),
    ("one of several in a cell", tree("| GET /xs, /ys |"), "GET /ys: no action"),
    ("the second method of two", tree("| GET/POST /xs |"), "POST /xs: no action"),
    ("the show of a list", tree("", get_x=None), "GET /xs/*: no action"),
    ("a step behind an id", tree("| POST /xs/:id/stop |"), "POST /xs/*/stop: no action"),
    ("an endpoint without a method", tree("| market data: /ys |"), "GET /ys: no action"),
    ("one that is done", tree("| POST /xs |", new=post()), None),
    ("an id by name", tree("| GET /xs/usd |"), None),
    ("one that is left out", tree("| POST /merchants/payments |"), None),
    ("a path that is made up", tree("", new={"method": "GET", "path": "/zs"}), "new: path"),
    ("an attribute that is made up", tree("", new=post(attributes={"colour": {}})), "new: colour: "),
    ("a nested one", tree("", new=post(attributes={"name.colour": {}})), "has no colour"),
    ("a filter", tree("", new=post(query={"filtre[name]": {}})), "has no filtre"),
    ("a choice that is made up", tree("", new=post(attributes={"color": {"choices": ["red", "blue"]}})), "has no blue"),
    ("a state that is made up", tree("", new=post(follow={"good": ["done"], "bad": ["dead"]})), "has no dead"),
    ("a state of a look-up", tree("", new=post(find={"states": ["dead"]})), "find: "),
    ("a file that is not carried", {f"{FOLDER}/more.json": "{}"}, "more.json: " + BUILD),
]

if __name__ == "__main__":
    source.main(check, lambda: source.self_test(check, tree(""), CASES))
