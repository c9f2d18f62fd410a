"""What the checks share: the C files of a tree, without comments and with the string literals apart."""

import pathlib
import re
import sys
import tempfile

# The order matters: whichever of comment, string and character begins first wins.
TOKEN = re.compile(
    r"""(?P<comment>//(?:\\\n|[^\n])*|/\*.*?(?:\*/|\Z))
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>'(?:\\.|[^'\\\n])*')""",
    re.DOTALL | re.VERBOSE,
)


def files(root, folders=("src", "include"), suffixes=(".c", ".h")):
    """Every C file under the folders of root, sorted, as pathlib paths."""
    found = []
    for folder in folders:
        base = pathlib.Path(root) / folder
        found += [p for p in base.rglob("*") if p.suffix in suffixes and p.is_file()]
    return sorted(found)


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def blank(text):
    """Spaces of the same shape, so that line numbers stay."""
    return re.sub(r"[^\n]", " ", text)


def code_of(text, keep_strings=False):
    """The text without comments; literals emptied unless they are kept."""

    def replace(match):
        token = match.group()
        if match.lastgroup == "comment":
            return blank(token)
        return token if keep_strings else token[0] + blank(token[1:-1]) + token[-1]

    return TOKEN.sub(replace, text)


def strings_of(text):
    """(offset, content) of each string; neighbours that the compiler would join are joined."""
    joined = []
    end = None
    code = code_of(text, keep_strings=True)
    for match in TOKEN.finditer(code):
        if match.lastgroup != "string":
            continue
        content = match.group()[1:-1]
        if end is not None and code[end : match.start()].strip() == "":
            joined[-1] = (joined[-1][0], joined[-1][1] + content)
        else:
            joined.append((match.start(), content))
        end = match.end()
    return joined


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Tree:
    """A made-up tree for a check's test of itself."""

    def __init__(self, contents):
        self.contents = contents

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        root = pathlib.Path(self.folder.name)
        for name, text in self.contents.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    def __exit__(self, *_):
        self.folder.cleanup()


def self_test(check, clean, cases):
    """The clean tree has no fault; each case's (name, files, want) adds exactly one, which says `want`.
    Files of a case replace those of the clean tree; want None means that it is clean too."""
    wrong = 0
    for name, more, want in [("the clean tree", {}, None), *cases]:
        with Tree({**clean, **more}) as root:
            faults = check(root)
        right = not faults if want is None else len(faults) == 1 and want in faults[0]
        if not right:
            wrong += 1
            print(f"self-test: {name}: want {want!r}, got {faults}")
    print(f"self-test: {len(cases) + 1 - wrong} right, {wrong} wrong")
    return 1 if wrong else 0


def main(check, test):
    """`CHECK ROOT` or `CHECK --self-test`; ends 0 when all is well."""
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(test())
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ROOT | --self-test")
    root = pathlib.Path(sys.argv[1])
    count = len(files(root))
    if count == 0:
        sys.exit(f"{root}: no C files there")
    faults = check(root)
    for fault in faults:
        print(fault)
    print(f"{count} files, {len(faults)} faults")
    sys.exit(1 if faults else 0)
