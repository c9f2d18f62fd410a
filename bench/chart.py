"""Bars of the speed item, as an SVG without scripts or fonts of its own."""
import os
from xml.sax.saxutils import escape

WIDTH, NAMES, BARS, STEP, TOP = 860, 210, 520, 30, 58
CUT = 8  # times the first bar: a longer one is cut, and says so
DURABLE, FORGETFUL = "#1f6f8b", "#b9c4c9"


def text(x, y, what, size=13, anchor="start", weight="normal"):
    return (f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="#222">'
            f"{escape(what)}</text>")


def bar(number, top, name, value, longest, shown, durable):
    y = top + number * STEP
    length = max(1, BARS * value / longest)
    return [text(NAMES - 8, y + 16, name, anchor="end"),
            f'<rect x="{NAMES}" y="{y}" width="{length:.1f}" height="22" fill="{DURABLE if durable else FORGETFUL}"/>',
            text(NAMES + length + 6, y + 16, shown)]


def panel(top, title, bars):
    parts = [text(NAMES, top - 10, title, 15, weight="bold")]
    most = CUT * bars[0][1]
    longest = max(min(value, most) for _, value, _, _ in bars)
    for number, (name, value, shown, durable) in enumerate(bars):
        cut = " (cut)" if value > most else ""
        parts += bar(number, top, name, min(value, most), longest, shown + cut, durable)
    return parts


def key(y):
    return [f'<rect x="{NAMES}" y="{y}" width="14" height="14" fill="{DURABLE}"/>',
            text(NAMES + 20, y + 12, "every intent and outcome durable"),
            f'<rect x="{NAMES + 260}" y="{y}" width="14" height="14" fill="{FORGETFUL}"/>',
            text(NAMES + 280, y + 12, "not durable")]


def draw(rows):
    """rows: name, requests per second, CPU microseconds per job, durable."""
    space = len(rows) * STEP + 50
    height = TOP + 2 * space - 20
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
             'font-family="sans-serif">', f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *key(8)]
    parts += panel(TOP + 8, "requests per second, more is better",
                   [(row["name"], row["rate"], f"{row['rate']:,.0f}", row["durable"]) for row in rows])
    parts += panel(TOP + 8 + space, "CPU per job, less is better",
                   [(row["name"], row["cpu_us"], f"{row['cpu_us']:,.0f} µs", row["durable"]) for row in rows])
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(folder, rows):
    with open(os.path.join(folder, "chart.svg"), "w", encoding="utf-8") as f:
        f.write(draw(rows))
