#!/usr/bin/env python3
"""Words that must not stand in the program's sources, each with its reason. Comments may say them."""

import re

import source

LOOSE = "it cannot tell a wrong text; base/scan.h and base/decimal.h can"
UNBOUNDED = "it knows no bounds; base/buf.h and snprintf do"
MONEY = "money never passes through a double"
CLOCK = "nothing below engine/run reads a clock; time is handed in"
SILENT = "library floors return errors, only the program prints"

BELOW_THE_SHELL = (
    "src/model/", "src/db/", "src/store/", "src/intake/", "src/api/", "src/net/",
    "src/engine/core/",
)

# (pattern in the code without strings, reason, files it is about, files where it may stand)
RULES = [
    (r"\b(atoi|atol|atoll|atof|strtod|strtof|strtold)\b", LOOSE, ("",), ()),
    (r"\b(sprintf|vsprintf|strcpy|strcat|gets)\b", UNBOUNDED, ("",), ()),
    (r"\bstrtok\b", "it keeps a hidden state and writes over its input", ("",), ()),
    (r"\b(system|popen)\s*\(", "no shell stands between us and what we run", ("",), ()),
    (r"\b(tmpnam|tempnam|mktemp)\b", "somebody else can take the name first", ("",), ()),
    (r"\balloca\b", "a big size ends in a crash", ("",), ()),
    (r"\b(double|float)\b", MONEY, ("",), ("src/report/",)),
    (r"\b(valuedouble|cJSON_AddNumberToObject|cJSON_CreateNumber|cJSON_GetNumberValue)\b", MONEY,
     ("",), ("src/sandbox/",)),
    (r"\bsqlite3_exec\b", "SQL text goes through db", ("",), ("src/db/", "src/sandbox/")),
    (r"\bCURLOPT_VERBOSE\b", "it prints the key", ("",), ()),
    (r"\bCURLOPT_SSL_VERIFY(PEER|HOST)\s*,\s*\(?\s*(long\s*\)\s*)?(0|false)", "anybody could be the API",
     ("",), ()),
    (r"\b(clock_mono|clock_wall|clock_gettime|gettimeofday|time)\s*\(", CLOCK, BELOW_THE_SHELL, ()),
    # stmt.c says which promise of ours is broken, then aborts
    (r"\b(printf|vprintf|puts|putchar|perror)\s*\(|\b(stderr|stdout)\b", SILENT, BELOW_THE_SHELL,
     ("src/db/stmt.c",)),
]

# source_sqlite.c reads a table of somebody else's making.
SQL_HOMES = ("src/db/", "src/store/", "src/sandbox/", "src/intake/source_sqlite.c")
SQL = re.compile(
    r"""\b(
        SELECT\b.*\bFROM\b | INSERT\s+(OR\s+\w+\s+)?INTO\b | UPDATE\s+\w+\s+SET\b | DELETE\s+FROM\b
      | (CREATE|DROP|ALTER)\s+(TEMP\s+)?(TABLE|INDEX|VIEW|TRIGGER)\b | PRAGMA\s+\w | VACUUM\b
      | BEGIN\s+(IMMEDIATE|EXCLUSIVE|DEFERRED|TRANSACTION)\b | ATTACH\s+DATABASE\b | ROLLBACK\b
      | (?i:select\s+.*\sfrom\s+\w+\s+(where|order|limit|join)\b)
      | (?i:insert\s+into\s+\w+\s*(\(|values\b|select\b))
      | (?i:update\s+\w+\s+set\s+\w+\s*=) | (?i:delete\s+from\s+\w+(\s+where\b|\s*;|\s*$))
      | (?i:create\s+(table|view|trigger|index)\s+\w+\s*(\(|as\b|on\b))
    )""",
    re.VERBOSE | re.DOTALL,
)

TO_TYPE = re.compile(r"\bsqlite3 (-box )?%s '")  # a command for a person, not for us


def applies(name, about, homes):
    return name.startswith(about) and not name.startswith(homes)


def check_words(name, code):
    faults = []
    for pattern, reason, about, homes in RULES:
        if not applies(name, about, homes):
            continue
        for match in re.finditer(pattern, code):
            line = source.line_of(code, match.start())
            word = match.group().rstrip("( ")
            faults.append(f"{name}:{line}: {word}: {reason}")
    return faults


def check_sql(name, text):
    if name.startswith(SQL_HOMES):
        return []
    return [
        f"{name}:{source.line_of(text, offset)}: SQL in a string: only {', '.join(SQL_HOMES)} speak it"
        for offset, content in source.strings_of(text)
        if SQL.search(content) and not TO_TYPE.search(content)
    ]


def check(root):
    faults = []
    for path in source.files(root):
        name = path.relative_to(root).as_posix()
        text = source.read(path)
        faults += check_words(name, source.code_of(text))
        faults += check_sql(name, text)
    return faults


def case(name, text, want, path="src/api/x.c"):
    return (name, {path: text}, want)


CLEAN = {
    "src/api/a.c": "/* atoi, double, system( */ // strcpy\nint n = snprintf(b, 9, \"sprintf( double\");\n",
    "src/api/b.c": "char c = '\"'; /* \" */ int systemic, doubled; struct x { int time; } t = {x.time};\n",
    "src/report/c.c": "double share; printf(\"x\");\n",
    "src/db/d.c": 'sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0); q("SELECT a "\n"FROM b");\n',
    "src/cli/e.c": 'puts("Select what you need from the list, then insert it into a row; update it");\n'
                   'p("next: sqlite3 -box %s \'SELECT * FROM doubts\'");\n',
    "src/sandbox/f.c": "x->valuedouble; clock_wall();\n",
    "src/engine/run/g.c": "now = clock_mono();\n",
    "src/net/h.c": "curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L); /* CURLOPT_VERBOSE */ runtime(1);\n",
    "include/remesa/remesa.h": "int remesa_open(void);\n",
}

CASES = [
    *[
        case(word, f"x = {word}(y);\n", f"src/api/x.c:1: {word}")
        for word in (
            "atoi atol atof strtod sprintf vsprintf strcpy strcat strtok gets system popen tmpnam"
            " mktemp alloca sqlite3_exec cJSON_AddNumberToObject"
        ).split()
    ],
    case("a banned call by its address", "f = strcpy;\n", "strcpy"),
    case("a double", "\n\ndouble amount;\n", "src/api/x.c:3: double"),
    case("a float in a public header", "float x;\n", "float", "include/remesa/x.h"),
    case("a float in the limiter", "float rate;\n", "float", "src/engine/core/limiter.c"),
    case("valuedouble", "a = n->valuedouble;\n", "valuedouble"),
    case("curl speaks the key", "setopt(c, CURLOPT_VERBOSE, 1L);\n", "CURLOPT_VERBOSE", "src/net/x.c"),
    case("any certificate", "setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);\n", "CURLOPT_SSL", "src/net/x.c"),
    case("any host", "setopt(c, CURLOPT_SSL_VERIFYHOST,\n   (long)0);\n", "CURLOPT_SSL", "src/net/x.c"),
    case("a clock below", "now = clock_wall();\n", "clock_wall", "src/store/x.c"),
    case("time() below", "srand(time(NULL));\n", "time", "src/engine/core/x.c"),
    case("a floor that prints", 'fprintf(stderr, "x");\n', "stderr", "src/intake/x.c"),
    case("a comment in a string", 'a = "/*"; strcpy(a, b); c = "*/";\n', "strcpy"),
    case("a quote in a character", "a = '\"'; strcpy(b, c); d = '\"';\n", "strcpy"),
    case("an escaped quote", 'a = "\\""; strcpy(b, "c");\n', "strcpy"),
    case("SQL in the interface", 'q("SELECT a FROM b");\n', "x.c:1: SQL"),
    case("SQL over two literals", '\nq("INSERT "\n  "INTO b VALUES(1)");\n', "x.c:2: SQL"),
    case("SQL in small letters", 'q("update job set state = 1");\n', "x.c:1: SQL"),
    case("a pragma", 'q("PRAGMA journal_mode");\n', "x.c:1: SQL", "src/app/x.c"),
]

if __name__ == "__main__":
    source.main(check, lambda: source.self_test(check, CLEAN, CASES))
