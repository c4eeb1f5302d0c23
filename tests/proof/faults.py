"""Small faults in the program itself, and the share of them that the tests notice.

`python -m tests.proof.faults --count 300 --seed 17 --out faults.json` copies the checkout, changes one expression of
one file at a time, and runs the tests that concern the file until one fails. The places are spread over the files of
engine/ and gui/, and the same seed chooses the same places in the same sources. A run that was stopped goes on where
it was. `--again` runs the tests once more for the faults that survived. `--quick` runs the tests that are not slow in
the three nearest files alone, which most faults do not survive: `--quick` first and `--again` then takes half the time.
"""

import argparse
import ast
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 900  # seconds for the tests of one fault; a fault that makes them hang is caught
MOST_FILES, FEW_FILES = 6, 3  # test files that are run for one fault, the nearest first
COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
# The functions whose first two arguments have any order.
COMMUTING = {"max", "min", "maximum", "minimum", "hypot", "logaddexp", "gcd", "clip"}
COMPUTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult}


class _Places(ast.NodeVisitor):
    """Collects the places of a module where a fault can be made, inside functions only: (node, kind)."""

    def __init__(self):
        self.found, self._depth = [], 0

    def visit_FunctionDef(self, node):
        self._depth += 1
        for statement in node.body:
            self.visit(statement)
        self._depth -= 1

    def visit_AnnAssign(self, node):
        if node.value is not None:
            self.visit(node.value)

    def generic_visit(self, node):
        if self._depth and (kind := kind_of(node)):
            self.found.append((node, kind))
        super().generic_visit(node)


def kind_of(node):
    """The kind of fault that can be made at a node of a syntax tree; None if there is none."""
    if isinstance(node, ast.Compare):
        return "comparison" if type(node.ops[0]) in COMPARED else None
    if isinstance(node, ast.BinOp):
        is_text = any(
            isinstance(side, (ast.JoinedStr, ast.List, ast.Tuple)) or is_string(side) for side in operands(node)
        )
        return "operator" if type(node.op) in COMPUTED and not is_text else None
    if isinstance(node, ast.BoolOp):
        return "and or"
    if isinstance(node, ast.UnaryOp):
        return "sign" if isinstance(node.op, (ast.USub, ast.Not)) else None
    if isinstance(node, ast.Constant):
        return "constant" if type(node.value) in (int, float, bool) else None
    if isinstance(node, ast.Expr):
        return "dropped call" if isinstance(node.value, ast.Call) else None
    if isinstance(node, ast.Call):
        two = len(node.args) >= 2 and not any(isinstance(each, ast.Starred) for each in node.args[:2])
        return "swapped arguments" if two and ast.dump(node.args[0]) != ast.dump(node.args[1]) else None
    return "condition" if isinstance(node, (ast.If, ast.IfExp)) else None


def operands(node):
    return node.left, node.right


def is_string(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def make(node, kind):
    """Make the fault at a node, in place."""
    if kind == "comparison":
        node.ops[0] = COMPARED[type(node.ops[0])]()
    elif kind == "operator":
        node.op = COMPUTED[type(node.op)]()
    elif kind == "and or":
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif kind == "sign":
        node.op = ast.UAdd() if isinstance(node.op, ast.USub) else node.op
        if isinstance(node.op, ast.Not):
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
    elif kind == "constant":
        value = node.value
        node.value = (
            not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else value * 1.5 + 0.1
        )
    elif kind == "dropped call":
        node.value = ast.Constant(None)
    elif kind == "swapped arguments":
        node.args[0], node.args[1] = node.args[1], node.args[0]
    else:
        node.test = ast.UnaryOp(ast.Not(), node.test)


def places(source):
    """The places of a module where a fault can be made, as (tree, node, kind)."""
    tree = ast.parse(source)
    visitor = _Places()
    visitor.visit(tree)
    return tree, visitor.found


def faulty(source, number):
    """The source with the fault at the place of this number, and the fault in words."""
    tree, found = places(source)
    node, kind = found[number]
    before = copy.deepcopy(node)
    make(node, kind)
    return ast.unparse(ast.fix_missing_locations(tree)), node.lineno, kind, in_words(before), in_words(node)


def is_none(source, number):
    """Whether the fault at the place of this number is no fault: the arguments have any order."""
    node, kind = places(source)[1][number]
    name = getattr(node.func, "attr", getattr(node.func, "id", "")) if kind == "swapped arguments" else ""
    return name in COMMUTING


def in_words(node):
    """The first line of the source of a node, shortened."""
    return ast.unparse(ast.fix_missing_locations(node)).splitlines()[0][:100]


def chosen(count, seed):
    """The faults (file, number of its place): files at random without repetition until all were chosen, then again."""
    chance = random.Random(seed)
    files = [path for room in ("engine", "gui") for path in sorted((ROOT / room).rglob("*.py"))]
    taken = set()
    while len(taken) < count:
        for path in chance.sample(files, len(files)):
            sites = len(places(path.read_text(encoding="utf-8"))[1])
            fault = path.relative_to(ROOT).as_posix(), chance.randrange(max(sites, 1))
            if sites and fault not in taken and len(taken) < count:
                taken.add(fault)
                yield fault
            if len(taken) == count:
                return


def module_of(path):
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def imported(path):
    """The modules of the program that a file imports, or starts in a process by their name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif is_string(node) and re.fullmatch(r"(engine|gui)(\.\w+)+", node.value):
            found.add(node.value)
    return found


def concerned(file, imports):
    """The test files that concern a file: of its own name, then those that import it, directly or by one module.

    A test of the window does not import the panel that it is about, so the names of the files count as well.
    """
    module, stem = module_of(Path(file)), Path(file).stem
    tests = {path for path in imports if path.parts[0] == "tests" and path.name.startswith("test_")}
    named = {path for path in tests if re.fullmatch(rf"test_{stem}(_\w+)?\.py", path.name)}
    direct = {path for path in tests if module in imports[path]}
    importing = [path for path in imports if path.parts[0] != "tests" and module in imports[path]]
    between = {module_of(path) for path in importing}
    panels = {("tests", *path.parts[:-1], f"test_{path.stem}{end}.py") for path in importing for end in ("", "_panel")}
    second = {path for path in tests if between & imports[path]} | {path for path in tests if path.parts in panels}
    folder = {path for path in tests if path.parts[1:-1] == Path(file).parts[:-1]}

    def near(path):
        shared = sum(a == b for a, b in zip(path.parts[1:], Path(file).parts, strict=False))
        near = 4 * (path in named) + 3 * (path in direct) + 2 * (path.parts in panels) + (path in second | folder)
        return -near, -shared, str(path)

    return sorted(named | direct | second | folder, key=near)[:MOST_FILES]


def failing(folder, tests, marks="not proof"):
    """The first test that fails in a folder, or another reason; empty if all pass."""
    environment = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "QT_QPA_PLATFORM": "offscreen"}
    options = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "tests.proof.order", "-m", marks]
    command = [sys.executable, "-m", "pytest", *options, *map(str, tests)]
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return "it hangs"
    named = re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    nothing = 5  # the status of pytest if there is no test
    return (named[0] if named else "an error") if done.returncode not in (0, nothing) else ""


def noticed_by(folder, file, source, tests, marks="not proof"):
    """The test that notices the source in place of a file of the copy; empty if none does.

    A test that fails with the sound source as well has failed for the load of the computer. It is left out.
    """
    sound = (folder / file).read_text(encoding="utf-8")
    for _ in range(3):
        (folder / file).write_text(source, encoding="utf-8")
        try:
            by = failing(folder, tests, marks)
        finally:
            (folder / file).write_text(sound, encoding="utf-8")
        if "::" not in by or not failing(folder, [by]):
            return by
        tests = [*tests, f"--deselect={by}"]
    return ""


def main():
    parser = argparse.ArgumentParser(description="Make small faults in the program and count those that tests notice.")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--out", type=Path, default=Path("faults.json"))
    parser.add_argument("--jobs", type=int, default=1, help="faults that are tried at the same time")
    parser.add_argument("--again", action="store_true", help="try the faults that survived once more")
    parser.add_argument("--quick", action="store_true", help="run few tests that are quick")
    options = parser.parse_args()
    rows = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else []
    if options.again:
        rows = [row for row in rows if row["by"]]
    done = {(row["file"], row["number"]) for row in rows}
    left = [fault for fault in chosen(options.count, options.seed) if fault not in done]
    left = [(file, n) for file, n in left if not is_none((ROOT / file).read_text(encoding="utf-8"), n)]
    with tempfile.TemporaryDirectory() as temporary, ThreadPoolExecutor(options.jobs) as pool:
        folders = Queue()
        for n in range(options.jobs):
            folders.put(copied(Path(temporary) / str(n)))
        imports = {path.relative_to(ROOT): imported(path) for path in modules()}
        for row in pool.map(lambda fault: tried(*fault, imports, folders, quick=options.quick), left):
            rows.append(row)
            options.out.write_text(json.dumps(rows, indent=1, ensure_ascii=False), encoding="utf-8")
    count = Counter((row["kind"], bool(row["by"])) for row in rows)
    for kind in sorted({kind for kind, _ in count}):
        print(f"{kind:20} {count[kind, True]:3} of {count[kind, True] + count[kind, False]:3} caught")
    print(f"{sum(bool(row['by']) for row in rows)} of {len(rows)} caught")


def modules():
    """The modules and the tests of the checkout."""
    return [ROOT / "main.py", *(path for room in ("engine", "gui", "tests") for path in (ROOT / room).rglob("*.py"))]


def copied(folder):
    """A copy of the checkout, without its history and the environments in it."""
    shutil.copytree(
        ROOT, folder, ignore=shutil.ignore_patterns(".git", ".venv*", ".*cache", "__pycache__", "dist", "build")
    )
    return folder


def tried(file, number, imports, folders, *, quick=False):
    """Make one fault in a copy that is free, and return what came of it."""
    source, line, kind, before, after = faulty((ROOT / file).read_text(encoding="utf-8"), number)
    tests = concerned(file, imports)[: FEW_FILES if quick else MOST_FILES]
    marks = "not proof and not slow" if quick else "not proof"
    folder = folders.get()
    by = noticed_by(folder, file, source, tests, marks) if tests else ""
    folders.put(folder)
    print(f"{'caught  ' if by else 'SURVIVED'} {file}:{line} {kind}: {before} → {after}  {by}", flush=True)
    return {
        "file": file,
        "number": number,
        "line": line,
        "kind": kind,
        "before": before,
        "after": after,
        "by": by,
        "tests": len(tests),
    }


if __name__ == "__main__":
    main()
