#!/usr/bin/env python3
"""Each header compiles alone, and twice in one file. A public one sees only include/, as its users do.

CC and the flags of the libraries (FLAGS) come from CMake through the environment."""

import concurrent.futures
import os
import shlex
import subprocess

import source

STRICT = "-std=c17 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c".split()


def command(root, public):
    cc = shlex.split(os.environ.get("CC", "cc"))
    if public:
        return [*cc, *STRICT, "-I", str(root / "include")]
    flags = shlex.split(os.environ.get("FLAGS", ""))
    return [*cc, *STRICT, "-D_GNU_SOURCE", "-I", str(root / "src"), "-I", str(root / "include"), *flags]


def check_header(root, path):
    name = path.relative_to(root).as_posix()
    folder, rest = name.split("/", 1)
    text = f'#include "{rest}"\n#include "{rest}"\nint not_an_empty_file;\n'
    run = subprocess.run(
        [*command(root, folder == "include"), "-"], input=text, capture_output=True, text=True,
        check=False,
    )
    if run.returncode == 0:
        return []
    return [f"{name}: does not compile alone\n{run.stderr}"]


def check(root):
    headers = source.files(root, suffixes=(".h",))
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        found = pool.map(lambda path: check_header(root, path), headers)
    return [fault for faults in found for fault in faults]


GUARDED = "#ifndef X\n#define X\n#include <stddef.h>\nsize_t f(void);\nstruct s { int a; };\n#endif\n"

CLEAN = {"src/base/a.h": GUARDED, "include/remesa/a.h": GUARDED.replace("X", "Y")}

CASES = [
    ("it leans on another include", {"src/base/x.h": "size_t g(void);\n"}, "src/base/x.h"),
    ("it has no guard", {"src/base/x.h": "struct t { int a; };\n"}, "src/base/x.h"),
    ("it is not C17", {"src/base/x.h": "struct t { int a; int b[0]; };\n"}, "src/base/x.h"),
    ("a public one sees src", {"include/remesa/x.h": '#include "base/a.h"\n'}, "include/remesa/x.h"),
    ("a public one needs GNU", {"include/remesa/x.h": "#include <string.h>\n"
     "static inline int g(const char *s) { return (int)*strchrnul(s, 'x'); }\n"}, "include/remesa/x.h"),
]

if __name__ == "__main__":
    source.main(check, lambda: source.self_test(check, CLEAN, CASES))
