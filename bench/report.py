"""README.md out of the figures. Nothing is written here that was not measured, but the words around it."""
import os

HEAD = """# What remesa costs, beside others

Written by `bench/run.sh`; not by hand. All items are measured on one machine, in turns (one run of each, then again),
against the same server: one worker of nginx with Lua, which answers each POST with a JSON:API document and a fresh id.
Medians.

```
bash bench/run.sh [--quick] [--only ITEM]...     installs what is needed (apt), builds, measures, writes this file
```

`--quick` is for trying it out: small sizes, and its page goes to the build folder. With `--only` the other items keep the
figures that they had. The items: {items}.
"""

MACHINE = """## The machine

{rows}

Server and client share it. *Server busy* is the part of the time in which the server's only worker worked: near 1 the server
is what is measured. CPU is user and system time of the client alone, with the processes that it started.
"""

def table(columns, rows):
    lines = ["| " + " | ".join(columns) + " |", "| " + " | ".join("---" for _ in columns) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def verdict(goal):
    return "held" if goal["held"] else "**NOT HELD**"


def goals_of(items):
    rows = [[name, goal["goal"], goal["measured"], verdict(goal)] for name, item in items for goal in item["goals"]]
    held = sum(goal["held"] for _, item in items for goal in item["goals"])
    return f"## The goals\n\n{held} of {len(rows)} held.\n\n" + table(["item", "goal", "measured", "verdict"], rows)


def section(name, item):
    parts = [f"## {name}: {item['title']}", item["how"], table(item["columns"], item["rows"])]
    if item["goals"]:
        parts.append(table(["goal", "measured", "verdict"],
                           [[goal["goal"], goal["measured"], verdict(goal)] for goal in item["goals"]]))
    parts += item.get("notes", [])
    parts.append(f"*{item['when']}, sources of {item['sources']}, load {item['load']:.1f} before it, {item['seconds']:.0f} s.*")
    return "\n\n".join(parts)


def page(figures, names):
    items = [(name, figures["items"][name]) for name in names if name in figures["items"]]
    machine = table(["", ""], [[key, value] for key, value in figures["machine"].items()])
    parts = [HEAD.format(items=", ".join(f"`{name}`" for name in names)).rstrip(), MACHINE.format(rows=machine).rstrip()]
    if "speed" in figures["items"]:
        parts.append("![requests per second and CPU per job](chart.svg)")
    parts.append(goals_of(items))
    parts += [section(name, item) for name, item in items]
    return "\n\n".join(parts) + "\n"


def write(folder, text):
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as f:
        f.write(text)
