"""The package: the wheel holds all that the program needs, and the program starts when only the wheel is installed."""

import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import venv
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("engine", "gui", "resources", "main.py", "pyproject.toml", "README.md", "LICENSE")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SPEC = (ROOT / ".ci" / "bayescape.spec").read_text(encoding="utf-8")
PICTURES = "screenshots"  # the folder of the README's pictures, which the program does not need


def resources():
    """The files that the program reads, relative to the folder of the checkout."""
    files = [path.relative_to(ROOT) for path in (ROOT / "resources").rglob("*") if path.is_file()]
    return {path for path in files if path.parts[1] != PICTURES and path.suffix != ".pyc"}


def test_every_resource_is_declared_for_the_wheel_and_for_the_packaged_folder():
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    assert {path for path in resources() if not any(fnmatch(path.name, pattern) for pattern in patterns)} == set()
    (named,) = re.findall(r"for name in \(([^)]*)\)", SPEC)
    assert set(re.findall(r'"(\w+)"', named)) == {path.parts[1] for path in resources()}


def test_the_files_of_the_packages_that_draw_equations_are_in_the_packaged_folder():
    (named,) = re.findall(r"for package in \(([^)]*)\)", SPEC)
    assert set(re.findall(r'"(\w+)"', named)) == {"ziamath", *required("ziamath")}


def required(package):
    """The packages that a package needs, directly or not."""
    for line in metadata.requires(package) or []:
        if "extra ==" not in line:
            name = re.match(r"[\w-]+", line)[0]
            yield from (name, *required(name))


def test_the_version_is_the_same_in_every_file_that_states_it():
    number = PROJECT["project"]["version"]
    assert f"\nversion: {number}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"bayescape-{number}-py3-none-any.whl" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## ([\d.]+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0] == number


@pytest.fixture
def wheel(tmp_path):
    """The wheel that is built from a copy of the sources, because building leaves a folder beside them."""
    sources = tmp_path / "sources"
    sources.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, sources / name)
    build = ["pip", "wheel", str(sources), "--no-deps", "--no-build-isolation", "--quiet", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", *build], cwd=tmp_path, check=True, capture_output=True)
    shutil.rmtree(sources)
    (made,) = tmp_path.glob("*.whl")
    return made


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_the_program_runs_from_a_fresh_environment_with_the_wheel_and_without_git(wheel, tmp_path):
    """The environment has the wheel, and sees the other packages of this one. `.ci/package` installs those as well."""
    venv.create(tmp_path / "fresh", with_pip=True, symlinks=sys.platform != "win32")
    folder = tmp_path / "fresh" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([folder / "python", "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    where = subprocess.run(
        [folder / "python", "-c", "import site; print(site.getsitepackages()[0])"], capture_output=True, text=True
    ).stdout.strip()
    packages = "\n".join(path for path in site.getsitepackages() if (Path(path) / "numpy").is_dir())
    Path(where, "others.pth").write_text(packages, encoding="utf-8")  # the .pth files of those folders are not read

    environment = {"HOME": str(tmp_path), "PATH": str(folder), "QT_QPA_PLATFORM": "offscreen"}
    if sys.platform == "win32":
        environment |= {"SYSTEMROOT": os.environ["SYSTEMROOT"], "APPDATA": str(tmp_path), "TEMP": str(tmp_path)}

    def run(*arguments):
        done = subprocess.run(
            [folder / "bayescape", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert {path for path in resources() if not Path(where, path).is_file()} == set()
    assert run("--version") == f"bayescape {PROJECT['project']['version']}\n"
    assert "bayescape lecture" in run("--help")
    assert where in run("--diagnostics")  # the program is that of the wheel
    for page in ("regression", "latent", "unboxing"):
        run("--page", page, "--screenshot", f"{page}.png")
        assert (tmp_path / f"{page}.png").stat().st_size > 50_000
    run("--step", "1", "--screenshot", "step.png")
    run("figure", "3.7", "figure.svg")
    assert (tmp_path / "step.png").stat().st_size > 50_000 and (tmp_path / "figure.svg").stat().st_size > 10_000
    lecture = Path(where, "resources/lecture/lecture.bayescape-lecture.json")
    run("lecture", "check", str(lecture))
