"""The package: the wheel holds all that the program needs, and the program starts when only the wheel is installed."""

import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import venv
import zipfile
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


def let_see(python):
    """Let an environment without the other packages see those of this one. Return the folder of its packages."""
    command = [python, "-c", "import site; print(site.getsitepackages()[0])"]
    where = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    packages = "\n".join(path for path in site.getsitepackages() if (Path(path) / "numpy").is_dir())
    Path(where, "others.pth").write_text(packages, encoding="utf-8")  # the .pth files of those folders are not read
    return where


def starter(program, path, home):
    """A function that runs an installed program with a home and a PATH of its own, and returns what it prints."""
    environment = {"HOME": str(home), "PATH": str(path), "QT_QPA_PLATFORM": "offscreen"}
    if sys.platform == "win32":
        environment |= {"SYSTEMROOT": os.environ["SYSTEMROOT"], "APPDATA": str(home), "TEMP": str(home)}

    def run(*arguments):
        done = subprocess.run([program, *arguments], cwd=home, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.mark.proof
@pytest.mark.timeout(600)
def test_the_program_runs_from_a_fresh_environment_with_the_wheel_and_without_git(wheel, tmp_path):
    """The environment has the wheel, and sees the other packages of this one. `.ci/package` installs those as well."""
    venv.create(tmp_path / "fresh", with_pip=True, symlinks=sys.platform != "win32")
    folder = tmp_path / "fresh" / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([folder / "python", "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel], check=True)
    where = let_see(folder / "python")
    run = starter(folder / "bayescape", folder, tmp_path)
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


def empty_wheels(folder):
    """Write a wheel without content for each package that ours needs, in the version of this environment.

    So a tool finds all packages without the network. The modules are those of this environment.
    """
    folder.mkdir()
    for line in PROJECT["project"]["dependencies"]:
        name = re.match(r"[\w-]+", line)[0]
        version = metadata.version(name)
        stem = f"{name.replace('-', '_')}-{version}"
        about = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        record = "".join(f"{stem}.dist-info/{file},,\n" for file in (*about, "RECORD"))
        with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
            for file, text in {**about, "RECORD": record}.items():
                archive.writestr(f"{stem}.dist-info/{file}", text)
    return folder


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("tool", ["pipx", "uv"])
def test_the_tools_that_install_programs_install_the_wheel_without_git_and_network(wheel, tmp_path, tool):
    found = shutil.which(tool)
    if found is None:
        pytest.skip(f"{tool} is not installed on this computer")
    home = tmp_path / "tools"
    environment = {
        "HOME": str(tmp_path),
        "PATH": "/nowhere",  # there is no git
        "PIP_NO_INDEX": "1",  # for the packages of pipx itself
        **{f"PIPX_{name}": str(home / name.lower()) for name in ("HOME", "BIN_DIR", "MAN_DIR")},
        "PIPX_DEFAULT_PYTHON": sys.executable,
        "UV_TOOL_DIR": str(home / "uv"),
        "UV_TOOL_BIN_DIR": str(home / "bin_dir"),
        "UV_PYTHON": sys.executable,
    }
    others = empty_wheels(tmp_path / "others")
    options = {
        "pipx": ["install", f"--pip-args=--no-index --find-links={others}"],
        "uv": ["tool", "install", "--offline", "--no-index", "--find-links", others],
    }
    done = subprocess.run([found, *options[tool], wheel], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (python,) = [path for path in home.rglob("bin/python") if "shared" not in path.parts]
    where = let_see(python)
    run = starter(home / "bin_dir" / "bayescape", "/nowhere", tmp_path)
    assert run("--version") == f"bayescape {PROJECT['project']['version']}\n"
    assert where in run("--diagnostics")
    run("--page", "latent", "--screenshot", "latent.png")
    assert (tmp_path / "latent.png").stat().st_size > 50_000
