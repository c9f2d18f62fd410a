#!/usr/bin/env python3
"""Who may include whom (ARCHITECTURE.md, floors), and on which floor a library may be named.

The build holds most of this already: a floor links only what stands under it. This check says it in
words, and holds what a linker cannot see, such as a header of inline functions."""

import re

import source

# Floor: the folder under src. "public" is include/remesa.
ALLOWED = {
    "base": set(),
    "model": {"base"},
    "db": {"base"},
    "store": {"db", "model", "base"},
    "intake": {"db", "model", "base"},
    "api": {"model", "base"},
    "net": {"model", "base"},
    "engine/core": {"model", "base"},
    "engine/run": {"engine/core", "store", "api", "intake", "model", "base"},
    "report": {"store", "model", "base", "public"},  # the numbers of a run
    "app": {
        "public", "report", "engine/run", "engine/core", "store", "intake", "api", "net", "db",
        "model", "base",
    },
    "cli": {"app", "public", "report", "store", "api", "intake", "model", "base"},
    "sandbox": {"base"},
    "public": set(),
}

# Header of a library: the floors, or single files, that may name it.
FOREIGN = {
    r"sqlite3(ext)?\.h": {"db", "sandbox"},
    r"curl/.*": {"net"},
    r"iconv\.h": {"intake"},
    r"(cjson/)?cJSON(_Utils)?\.h": {"api", "sandbox"},
    r"uv(/.*)?(\.h)?": {"net", "engine/run", "app", "sandbox"},
    r"csv\.h": {"intake"},
    r"(inih/)?ini\.h": {"cli", "app"},
    r"openssl/.*": {"src/base/sha256.c"},
}

# C17, POSIX and Linux: no library, hence everybody's.
STANDARD = re.compile(
    r"""(sys|netinet|arpa|net|linux)/\w+\.h
      | (assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal
        |stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath
        |threads|time|uchar|wchar|wctype)\.h
      | (dirent|dlfcn|fcntl|fnmatch|getopt|glob|grp|ifaddrs|langinfo|libgen|malloc|netdb|poll
        |pthread|pwd|sched|semaphore|spawn|strings|syslog|termios|unistd|wordexp)\.h""",
    re.VERBOSE,
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>|(\S+))', re.MULTILINE)
BELOW = re.compile(r"remesa_floor\(\s*(\w+)[^)]*?\bBELOW\b([^)]*)\)")


def floor_of(name):
    """The floor of a path that is written from src (or include) on; None: of no floor."""
    if name.startswith("remesa/"):
        return "public"
    for floor in sorted(ALLOWED, key=len, reverse=True):
        if name.startswith(floor + "/"):
            return floor
    return None


def judge_own(here, name, root):
    there = floor_of(name)
    folder = "include" if there == "public" else "src"
    if there is None or not (root / folder / name).is_file():
        return f'"{name}" is not there: write it from src/ on, folder first'
    if there != here and there not in ALLOWED[here]:
        return f"{here} may not include {there} ({name})"
    return None


def judge_foreign(here, path, name):
    for pattern, places in FOREIGN.items():
        if re.fullmatch(pattern, name):
            if here in places or path in places:
                return None
            return f"{here} may not name {name}: only {', '.join(sorted(places))}"
    if STANDARD.fullmatch(name):
        return None
    return f"<{name}> is not known: a new library is named in one floor of this check's table"


def judge_include(here, path, root, match):
    own, foreign, macro = match.groups()
    if macro:
        return f"an include that hides behind {macro}"
    if own and not any(re.fullmatch(pattern, own) for pattern in FOREIGN):
        return judge_own(here, own, root)
    if foreign and foreign.startswith("remesa/"):
        return judge_own(here, foreign, root)
    return judge_foreign(here, path, own or foreign)


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    here = floor_of(name.split("/", 1)[1])
    if here is None:
        return [f"{name}: stands on no floor"]
    text = source.code_of(source.read(path), keep_strings=True)
    faults = []
    for match in INCLUDE.finditer(text):
        fault = judge_include(here, name, root, match)
        if fault:
            faults.append(f"{name}:{source.line_of(text, match.start())}: {fault}")
    return faults


def check_build(root):
    """What CMake links under a floor must be allowed too. CMake knows a floor by its last word."""
    words = {floor.split("/")[-1]: floor for floor in ALLOWED}
    faults = []
    for path in sorted((root / "src").rglob("CMakeLists.txt")):
        for floor, rest in BELOW.findall(source.read(path)):
            below = re.split(r"\b(?:SOURCES|LIBRARIES)\b", rest)[0].split()
            for other in below:
                if words.get(other) not in ALLOWED.get(words.get(floor), ()):
                    name = path.relative_to(root).as_posix()
                    faults.append(f"{name}: {floor} may not stand on {other}")
    return faults


def check(root):
    faults = check_build(root)
    for path in source.files(root):
        faults += check_file(root, path)
    return faults


CLEAN = {
    "src/base/buf.h": "#include <stddef.h>\n",
    "src/base/sha256.c": "#include <openssl/evp.h>\n",
    "src/model/job.h": '#include "base/buf.h"\n',
    "src/db/db.c": '#include <sqlite3.h>\n#include "base/buf.h"\n',
    "src/db/db.h": "",
    "src/store/store.h": '#include "db/db.h"\n#include "model/job.h"\n',
    "src/api/request.c": "#include <cjson/cJSON.h>\n",
    "src/api/api.h": "",
    "src/net/net.h": "#include <curl/curl.h>\n#include <uv.h>\n",
    "src/intake/csv.h": "",
    "src/intake/csv.c": '#include "intake/csv.h"\n#include <csv.h>\n',
    "src/engine/core/core.h": '#include "model/job.h"\n',
    "src/engine/run/run.c": '#include <uv.h>\n#include "engine/core/core.h"\n',
    "src/engine/run/CMakeLists.txt": "remesa_floor(run\n SOURCES run.c\n BELOW core base\n"
                                     " LIBRARIES PkgConfig::UV)\n",
    "src/app/handle.c": '#include "remesa/remesa.h"\n#include "net/net.h"\n',
    "src/cli/main.c": '// #include "net/net.h"\n/*\n#include <curl/curl.h>\n*/\n'
                      "#include <remesa/remesa.h>\n#include <ini.h>\n",
    "src/sandbox/main.c": '#include <sqlite3.h>\n#include "base/buf.h"\n',
    "include/remesa/remesa.h": "#include <stdint.h>\n",
}

CASES = [
    ("an arrow up", {"src/base/x.c": '#include "model/job.h"\n'}, "src/base/x.c:1: base may not"),
    ("a sibling", {"src/net/x.c": '\n#include "api/api.h"\n'}, "src/net/x.c:2: net may not"),
    ("the core sees the shell", {"src/engine/run/run.h": "",
     "src/engine/core/x.c": '#include "engine/run/run.h"\n'}, "engine/core may not"),
    ("the shell sees the wire", {"src/engine/run/x.c": '#include "net/net.h"\n'}, "may not include"),
    ("the sandbox sees the model", {"src/sandbox/x.c": '#include "model/job.h"\n'}, "sandbox may"),
    ("the command line sees the database", {"src/cli/x.c": '#include "db/db.h"\n'}, "cli may not"),
    ("a public header shows the inside", {"include/remesa/x.h": '#include "base/buf.h"\n'}, "public"),
    ("spaces hide nothing", {"src/base/x.c": '  #  include  "model/job.h"\n'}, "base may not"),
    ("a comment hides nothing", {"src/base/x.c": '/* x */ #include "model/job.h"\n'}, "base may"),
    ("sqlite3 outside db", {"src/store/x.c": "#include <sqlite3.h>\n"}, "store may not name sqlite3"),
    ("sqlite3 in quotes", {"src/store/x.c": '#include "sqlite3.h"\n'}, "store may not name sqlite3"),
    ("curl outside net", {"src/api/x.c": "#include <curl/curl.h>\n"}, "api may not name curl"),
    ("cJSON outside api", {"src/intake/x.c": "#include <cjson/cJSON.h>\n"}, "may not name cjson"),
    ("uv in the core", {"src/engine/core/x.c": "#include <uv.h>\n"}, "may not name uv.h"),
    ("libcsv outside intake", {"src/cli/x.c": "#include <csv.h>\n"}, "may not name csv.h"),
    ("inih below", {"src/model/x.c": "#include <ini.h>\n"}, "may not name ini.h"),
    ("openssl beside sha256.c", {"src/base/x.c": "#include <openssl/evp.h>\n"}, "src/base/sha256.c"),
    ("an unknown library", {"src/base/x.c": "#include <jansson.h>\n"}, "<jansson.h> is not known"),
    ("a header without its folder", {"src/base/x.c": '#include "buf.h"\n'}, "folder first"),
    ("a header that is not there", {"src/base/x.c": '#include "base/no.h"\n'}, "is not there"),
    ("an include by macro", {"src/base/x.c": "#include HEADER\n"}, "hides behind HEADER"),
    ("a folder without a floor", {"src/util/x.c": "\n"}, "stands on no floor"),
    ("a link up", {"src/model/CMakeLists.txt": "remesa_floor(model SOURCES a.c BELOW base net)\n"},
     "model may not stand on net"),
]

if __name__ == "__main__":
    source.main(check, lambda: source.self_test(check, CLEAN, CASES))
