#!/usr/bin/env python3
"""Holds the C sources to the project's shape: layers look only downward, one file a third-party library, memory from
arenas, short files and functions, no mutable globals. `--selftest` checks that this test can fail.
"""

import argparse
import glob
import os
import re
import sys
import tempfile

# Lowest first; those on one line do not see each other.
LAYERS = [["base"], ["doc"], ["parse", "policy", "firewall", "export"],
          ["resolve"], ["eval"], ["report"], ["lib"], ["cli"]]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
PUBLIC_FOR = {"lib", "cli"}  # the layers that include the public headers, include/kijun/

FILE_LINES = 600  # from here on a file is too long
FUNCTION_LINES = 60  # lines between the braces; more is too long

STANDARD = set("""
assert ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbool stddef
stdint stdio stdlib stdnoreturn string strings time uchar wchar wctype dirent fcntl fnmatch ftw getopt glob grp iconv
langinfo netdb poll pthread pwd sched semaphore spawn termios unistd endian
""".split())
STANDARD_FOLDERS = ("sys/", "arpa/", "net/", "netinet/", "linux/")

# (functions, the layer that may call them, why)
FORBIDDEN = [
    ("malloc|calloc|realloc|reallocarray|aligned_alloc|free|strdup|strndup|asprintf|vasprintf|getline|getdelim|alloca",
     "base", "memory comes from an arena"),
    ("exit|_exit|quick_exit", "cli", "only cli ends the program (and base/arena.c, where there is no memory left)"),
]


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    """The text with comments, string and character literals as blanks; every line keeps its number and place."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def without_directives(code):
    """The same without preprocessor lines and what continues them."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, code, flags=re.M)


def includes(text):
    """(line, '<' or '"', name) of every #include."""
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    return [(text.count("\n", 0, m.start(1)) + 1, m.group(1), m.group(2))
            for m in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)', text, re.M)]


def layer_of(path):
    """The layer of engine/LAYER/…, None for other files."""
    parts = path.split(os.sep)
    return parts[1] if parts[0] == "engine" and len(parts) > 2 else None


def is_third_party(name):
    return not name.startswith(STANDARD_FOLDERS) and name.removesuffix(".h") not in STANDARD


# --- one file's includes ------------------------------------------------------------------------------------------

def check_include(path, name):
    """What is wrong with a file's #include "name", or None."""
    mine, other = layer_of(path), name.split("/")[0]
    if path.startswith("include"):
        return None if other == "kijun" else "a public header includes '%s'" % name
    if mine is None:
        return None
    if other == "kijun":
        return None if mine in PUBLIC_FOR else "layer %s includes the public '%s'" % (mine, name)
    if other not in RANK:
        return "'%s' names no layer: write \"layer/file.h\"" % name
    if other == mine or RANK[other] < RANK[mine]:
        return None
    if RANK[other] == RANK[mine]:
        return "layer %s includes its sibling '%s'" % (mine, name)
    return "layer %s looks upward at '%s'" % (mine, name)


def check_includes(path, text):
    for line, kind, name in includes(text):
        if kind == '"':
            wrong = check_include(path, name)
            if wrong:
                yield line, wrong


# --- declarations and functions -----------------------------------------------------------------------------------

def is_constant(declaration):
    """Is what the declaration (without initializer) declares constant itself, not only what it points to?"""
    text = re.sub(r"\[[^]]*\]", "", declaration)
    pointer = re.search(r"\(\s*\*([^()]*)\)\s*\(", text)
    if pointer:
        return "const" in pointer.group(1)
    after_star = text.rsplit("*", 1)[-1] if "*" in text else text
    return re.search(r"\bconst\b|\bconstexpr\b", after_star) is not None


def declared_variable(statement):
    """The declaration part of a statement that makes a variable, or None."""
    text = re.sub(r"\b(struct|union|enum)\s*\w*\s*\{\}", "int", statement).strip()
    declaration = re.split(r"(?<![=!<>])=(?!=)", text, maxsplit=1)[0].strip()
    if not declaration or re.match(r"(typedef|_Static_assert|static_assert|extern\s+\"|else\b|return\b)", declaration):
        return None
    if re.fullmatch(r"(?:(?:static|const|extern|struct|union|enum)\s+)*\w+", declaration):
        return None  # a type alone, or a macro
    if "(" in declaration and not re.search(r"\(\s*\*[^()]*\)\s*\(", declaration):
        return None  # a function
    if "(" in declaration and "=" not in text and not declaration.startswith("static"):
        return None  # a function that returns or takes a function pointer
    return declaration


class Scan:
    """Walks a file's code once: functions with their length, and the variables that live longer than a call."""

    def __init__(self, code, function_types):
        self.code, self.functions, self.variables = code, [], []
        self.function_types = function_types
        self._walk()

    def _line(self, at):
        return self.code.count("\n", 0, at) + 1

    def _close(self, at):
        """The place of the brace that closes the one at `at`. A '}' at column 0 closes everything."""
        depth = 0
        for m in re.compile(r"[{}]").finditer(self.code, at):
            depth += 1 if m.group() == "{" else -1
            at_margin = m.group() == "}" and self.code[m.start() - 1] == "\n"
            if depth == 0 or at_margin:
                return m.start()
        return len(self.code) - 1

    def _walk(self):
        at, start, statement = 0, 0, ""
        while at < len(self.code):
            c = self.code[at]
            if c == ";":
                self._variable(statement, start)
                statement = ""
            elif c == "{":
                end = self._close(at)
                if statement.rstrip().endswith(")") and not re.search(r"[^=!<>]=[^=]", statement):
                    self._function(statement, at, end)
                    statement = ""
                else:
                    statement += "{}"
                at = end
            else:
                if not statement.strip():
                    start = at
                statement += c
            at += 1

    def _variable(self, statement, start):
        declaration = declared_variable(statement)
        if declaration is None or "*" not in declaration and self.function_types & set(re.findall(r"\w+", declaration)):
            return
        if not is_constant(declaration):
            self.variables.append((self._line(start), " ".join(declaration.split())))

    def _function(self, head, begin, end):
        name = re.search(r"(\w+)\s*\(", head)
        lines = self.code.count("\n", begin, end) - 1
        self.functions.append((self._line(begin), name.group(1) if name else "?", lines))
        for m in re.finditer(r"\b(?:static|_Thread_local)\b[^;{=]*", self.code[begin:end]):
            if not is_constant(m.group()):
                self.variables.append((self._line(begin + m.start()), " ".join(m.group().split())))


def check_shape(path, text, function_types):
    code = without_comments(text)
    lines = text.count("\n") + (not text.endswith("\n"))
    if lines >= FILE_LINES:
        yield lines, "%d lines: %d are too many for a file" % (lines, FILE_LINES)
    scan = Scan(without_directives(code), function_types)
    for line, name, length in scan.functions:
        if length > FUNCTION_LINES:
            yield line, "function %s has %d lines, %d are allowed" % (name, length, FUNCTION_LINES)
    for line, declaration in scan.variables:
        yield line, "'%s' can change: no mutable variable outlives a call" % declaration
    layer = layer_of(path)
    for pattern, home, why in FORBIDDEN:
        for m in re.finditer(r"(?<![\w.>])(%s)\s*\(" % pattern, code):
            last_resort = m.group(1) == "exit" and path.endswith(os.path.join("base", "arena.c"))
            if layer != home and not last_resort:
                yield code.count("\n", 0, m.start()) + 1, "%s() outside engine/%s: %s" % (m.group(1), home, why)


# --- the whole tree -----------------------------------------------------------------------------------------------

def sources(root):
    """The paths, from the root, of the C files that are held to anything."""
    found = []
    for top in ("engine", "include", "tests"):
        found += glob.glob(os.path.join(root, top, "**", "*.[ch]"), recursive=True)
    return sorted(os.path.relpath(path, root) for path in found)


def check_libraries(texts):
    """{path: [(line, message)]} for the third-party headers that a second file includes."""
    ours = {os.path.basename(path) for path in texts}
    users = {}
    for path, text in texts.items():
        for line, kind, name in includes(text):
            own = kind == '"' and ("/" in name or name in ours)
            if not own and is_third_party(name) and not (name == "cmocka.h" and path.startswith("tests")):
                users.setdefault(name, {}).setdefault(path, line)
    wrong = {}
    for name, places in users.items():
        if len(places) > 1:
            for path, line in places.items():
                others = ", ".join(p for p in places if p != path)
                message = "<%s> is included by %s too: one file a library" % (name, others)
                wrong.setdefault(path, []).append((line, message))
    return wrong


def names_of_function_types(texts):
    """The names that a typedef gives to a function type: what they declare is a function."""
    found = set()
    for text in texts.values():
        found.update(re.findall(r"\btypedef\b[^;{}()]*?\b(\w+)\s*\((?!\s*\*)", without_comments(text)))
    return found


def check_tree(root):
    """{path: [(line, message)]} for every source; an empty list for those that are fine."""
    texts = {}
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as f:
            texts[path] = f.read()
    result = {path: list(check_includes(path, text)) for path, text in texts.items()}
    function_types = names_of_function_types(texts)
    for path, text in texts.items():
        if path.startswith("engine"):
            result[path] += check_shape(path, text, function_types)
    for path, found in check_libraries(texts).items():
        result[path] += found
    return result


def report(result):
    for path, found in result.items():
        for line, message in sorted(found):
            print("%s:%d: %s" % (path, line, message))
    failed = sum(1 for found in result.values() if found)
    print("%d passed, %d failed" % (len(result) - failed, failed))
    return 1 if failed or not result else 0


# --- self test ----------------------------------------------------------------------------------------------------

LONG_FUNCTION = "int f(int a)\n{\n%s\treturn a;\n}\n"
GOOD = {
    "engine/base/arena.c": '#include "base/arena.h"\n#include <stdlib.h>\nvoid f(void *p)\n{\n\tfree(p);\n}\n',
    "engine/parse/ini.c": '#include "doc/doc.h"\n#include "parse/rows.h"\n#include <sys/stat.h>\n#include <yaml.h>\n'
    "static const char *const names[] = {\"malloc(\", \"}\"}; /* static int n; */\n"
    "struct row {\n\tint n;\n\tvoid (*free)(struct row *);\n};\nenum { A, B };\n"
    "typedef int (*fn)(int);\nint kj_f(int a, fn g);\nstatic int kj_g(int);\n"
    "#define LOOP(x) do { x; \\\n\tint y; } while (0)\n"
    "typedef int verb(int);\nstatic verb run, stop;\n"
    "static const struct row table[] = {{1}, {'{'}};\nstatic const fn *const fns = 0;\nextern const int kj_limit;\n"
    "static const struct row *find(int a)\n{\n\tstatic const int limit = 3;\n"
    "\tif (a) {\n\t\treturn &table[limit];\n\t}\n"
    "\tstruct row r = {.n = 1};\n\tr.free(&r);\n\tkj_free(&r);\n\treturn 0;\n}\n",
    "engine/base/long.c": LONG_FUNCTION % ("\ta++;\n" * 59),
    "engine/cli/main.c": '#include "lib/lib.h"\n#include "kijun/kijun.h"\n#include <stdlib.h>\n'
    'int main(void)\n{\n\texit(0);\n}\n',
    "include/kijun/kijun.h": '#include "kijun/report.h"\n#include <stddef.h>\n',
    "tests/unit/test_a.c": '#include "parse/ini.h"\n#include <cmocka.h>\n',
    "tests/unit/help.h": "",
    "tests/unit/test_c.c": '#include "help.h"\n',
    "tests/unit/test_d.c": '#include "help.h"\n',
    "tests/unit/test_b.c": '#include "policy/p.h"\n#include <cmocka.h>\n',
}
# (path, text, a part of the complaint)
BAD = [
    ("engine/base/up.c", '#include "doc/doc.h"\n', "looks upward"),
    ("engine/policy/side.c", '#include "parse/ini.h"\n', "its sibling"),
    ("engine/firewall/dialects/nft.c", '#include "resolve/r.h"\n', "looks upward"),
    ("engine/eval/no.c", '#include "check.h"\n', "names no layer"),
    ("engine/eval/public.c", '#include "kijun/kijun.h"\n', "includes the public"),
    ("include/kijun/leak.h", '#include "base/str.h"\n', "a public header"),
    ("engine/doc/yaml.c", "#include <yaml.h>\n", "one file a library"),
    ("tests/fuzz/x.c", "#include <yaml.h>\n", "one file a library"),
    ("engine/doc/a.c", "#include <cmocka.h>\n", "one file a library"),
    ("engine/doc/b.c", "#include <cmocka.h>\n", "one file a library"),
    ("engine/doc/heap.c", "void *f(void)\n{\n\treturn malloc (3);\n}\n", "malloc() outside"),
    ("engine/doc/dup.c", "char *f(char *s)\n{\n\treturn strdup(s);\n}\n", "strdup() outside"),
    ("engine/eval/free.c", "void f(void *s)\n{\n\tfree(s);\n}\n", "free() outside"),
    ("engine/lib/exit.c", "void f(void)\n{\n\texit(1);\n}\n", "only cli"),
    ("engine/doc/long.c", "int a;\n".replace("int a", "extern const int a") * 600, "600 lines"),
    ("engine/doc/func.c", LONG_FUNCTION % ("\ta++;\n" * 60), "has 61 lines"),
    ("engine/doc/macro.c", "#if X\nint f(int a) {\n#else\nint f(long a) {\n#endif\n\treturn 1;\n}\n"
     + LONG_FUNCTION % ("\tif (a) {\n\t}\n" * 40), "has 81 lines"),
    ("engine/doc/g1.c", "static int count;\n", "'static int count' can change"),
    ("engine/doc/g2.c", "int count = 3;\n", "can change"),
    ("engine/doc/g3.c", 'static const char *names[] = {"a", "b"};\n', "can change"),
    ("engine/doc/g4.c", "int f(void)\n{\n\tstatic int calls = 0;\n\treturn ++calls;\n}\n", "can change"),
    ("engine/doc/g5.c", "static struct { int a; } state;\n", "can change"),
    ("engine/doc/g6.c", "static void (*hook)(int) = 0;\n", "can change"),
    ("engine/doc/g7.c", "static _Thread_local char buffer[10];\n", "can change"),
    ("engine/doc/g8.c", "struct s {\n\tint a;\n} shared;\n", "can change"),
    ("engine/doc/g10.c", "typedef int verb(int);\nstatic verb *chosen;\n", "can change"),
    ("engine/doc/g9.c", "int f(void)\n{\n\treturn 1;\n}\nstatic struct s *cache = 0;\n", "can change"),
]


def selftest():
    """Every bad file must be refused for its reason, and no good one."""
    with tempfile.TemporaryDirectory(prefix="kijun-lint-") as root:
        for path, text in list(GOOD.items()) + [(path, text) for path, text, _ in BAD]:
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(text)
        result = check_tree(root)
    # The bad trees' second users of a library make the good first user fail too: that is right.
    wrong = ["%s: refused: %s" % (path, message) for path in GOOD for _, message in result[path]
             if "one file a library" not in message]
    wrong += ["%s: not refused with '%s' but %s" % (path, part, result[path]) for path, _, part in BAD
              if not any(part in message for _, message in result[path])]
    print("".join(line + "\n" for line in wrong), end="")
    print("%d passed, %d failed" % (len(GOOD) + len(BAD) - len(wrong), len(wrong)))
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    parser.add_argument("--selftest", action="store_true", help="check this test on a tree made of mistakes")
    args = parser.parse_args()
    return selftest() if args.selftest else report(check_tree(args.root))


if __name__ == "__main__":
    sys.exit(main())
