"""What is installed, what works, and what to do about the rest. ``course doctor`` prints it.

Starts with nothing but Python: what it cannot import it reports.
"""

import importlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from course_lib import place, progress
from course_lib.tools.lab import START, has_browser, is_free

OK, NOTE, BROKEN = "ok", "note", "broken"
WIDGET_EXTENSIONS = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets", "anywidget": "anywidget"}
FOR_STUDENTS = ("base", "data", "torch")  # what a folder that was handed out may need
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    Attributes:
        name: what was looked at.
        state: "ok", "note" (an optional thing is missing) or "broken" (the course does not work without it).
        found: what is there.
        advice: what to do; empty where nothing needs doing.
    """

    name: str
    state: str
    found: str
    advice: str = ""


def python():
    return Finding("Python", OK, f"{platform.python_version()} at {sys.executable}")


def variables():
    """Variables with which Python would run other code than what was installed."""
    aside = place.set_aside()
    findings = [
        Finding(name, NOTE, f"{value} (set aside by course.py)", f"Otherwise {why}. Unset it if nothing else needs it.")
        for name, why in place.HARMFUL.items()
        if (value := aside.get(name))
    ]
    findings += [
        Finding(name, BROKEN, os.environ[name], f"{why[0].upper()}{why[1:]}: unset it, or start with python course.py.")
        for name, why in place.HARMFUL.items()
        if os.environ.get(name)
    ]
    return findings or Finding("variables", OK, f"none of {', '.join(place.HARMFUL)} is set")


def fits(requirement, version):
    """Whether a version satisfies a requirement such as "numpy>=2.0"."""
    from packaging.requirements import Requirement

    return Requirement(requirement).specifier.contains(version, prereleases=True)


def package(requirement, extra):
    name = re.match(r"[\w.-]+", requirement).group()
    missing = BROKEN if extra == "base" else NOTE
    command, use = (
        place.installing(extra),
        "everything" if extra == "base" else place.EXTRAS.get(extra, f"extra {extra}"),
    )
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Finding(name, missing, "not installed", f"Needed for {use}: {command}")
    try:
        good = fits(requirement, version)
    except ImportError:  # packaging itself comes with the base
        return Finding(name, NOTE, f"{version}, not compared with {requirement}", f"Packages are missing: {command}")
    if not good:
        return Finding(name, missing, f"{version}, but {requirement} is needed", f"Renew it: {command}")
    if other := hidden_by(name):
        advice = "Rename it, or take its folder out of PYTHONPATH."
        return Finding(name, missing, f"{version}, but Python would import {other}", advice)
    return Finding(name, OK, version)


def hidden_by(name):
    """The file that is imported instead of the installed package of this name, ``None`` if there is none."""
    for file in metadata.files(name) or ():
        if len(file.parts) == 2 and file.name == "__init__.py":
            spec = find_spec(file.parts[0])
            if spec and spec.origin and Path(spec.origin).resolve() != Path(file.locate()).resolve():
                return spec.origin
    return None


def packages():
    listed = place.requirements()
    if not place.is_clone():
        listed = {extra: names for extra, names in listed.items() if extra in FOR_STUDENTS}
    return [package(requirement, extra) for extra, names in listed.items() for requirement in names]


def numbers():
    """NumPy is there for real: its compiled half loads and can solve a system of equations."""
    try:
        import numpy as np

        solved = np.allclose(np.linalg.solve(np.eye(2) * 2, np.ones(2)), 0.5)
        found = "a system of equations is solved" if solved else "2 x = 1 is solved wrongly"
    except Exception as error:  # whatever stops NumPy is the finding
        solved, found = False, f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}"
    if solved:
        return Finding("NumPy computes", OK, found)
    return Finding("NumPy computes", BROKEN, found, f"See PYTHONPATH above; else install anew: {place.installing()}")


def graphics_card():
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        listed = None
    cards = re.findall(r"GPU \d+: (.*?) \(", listed.stdout) if listed and listed.returncode == 0 else []
    if not cards:
        return Finding("graphics card", OK, "no NVIDIA card; everything runs on the CPU")
    sees = "import torch, sys; sys.exit(not torch.cuda.is_available())"
    if metadata_version("torch") and subprocess.run([sys.executable, "-I", "-c", sees], capture_output=True).returncode:
        return Finding(
            "graphics card",
            NOTE,
            f"{', '.join(cards)}, but this PyTorch does not use it",
            "For the chapters that train on it: python course.py install --with torch --torch cuda",
        )
    return Finding("graphics card", OK, ", ".join(cards))


def metadata_version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def front_end(extension, package_name):
    """Is the half of a widget package that lives in JupyterLab there, enabled, and of the same release?"""
    name = f"{extension} in JupyterLab"
    try:
        from jupyter_core.paths import jupyter_path
        from jupyterlab_server.config import get_page_config
    except ImportError:
        return Finding(name, BROKEN, "JupyterLab is not installed", f"Install the course: {place.installing()}")
    folders = [Path(folder) / extension for folder in jupyter_path("labextensions")]
    folder = next((folder for folder in folders if (folder / "package.json").is_file()), None)
    if folder is None:
        return Finding(
            name, BROKEN, "not found, so sliders stay blank", f"Install the course again: {place.installing()}"
        )
    if extension in get_page_config(jupyter_path("labextensions")).get("disabledExtensions", ()):
        return Finding(name, BROKEN, "disabled", f"Enable it: jupyter labextension enable {extension}")
    if not folder.is_relative_to(sys.prefix):
        return Finding(
            name,
            NOTE,
            f"taken from {folder}, outside this environment",
            "If sliders stay blank, remove that folder: it hides the one that fits.",
        )
    front = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    back = metadata_version(package_name)
    if extension == package_name and front != back:
        advice = f"The two must be of one release: {place.installing()}"
        return Finding(name, BROKEN, f"{front}, but its Python half is {back}", advice)
    return Finding(name, OK, f"{front} (Python half {back})")


def widgets():
    """The Python half can show a slider, and the front ends are there."""
    try:
        slider = importlib.import_module("ipywidgets").IntSlider()
        shown = "application/vnd.jupyter.widget-view+json" in slider._repr_mimebundle_()
    except Exception as error:  # whatever stops a slider is the finding
        shown, why = False, f"{type(error).__name__}: {error}"
    else:
        why = "no widget view is made"
    first = (
        Finding("widgets in Python", OK, "a slider can be made")
        if shown
        else Finding("widgets in Python", BROKEN, why, f"Install the course again: {place.installing()}")
    )
    return [first, *(front_end(extension, name) for extension, name in WIDGET_EXTENSIONS.items())]


def kernel():
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return Finding("kernel", BROKEN, "Jupyter is not installed", f"Install the course: {place.installing()}")
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding("kernel", BROKEN, "there is no kernel python3", f"Install the course: {place.installing()}")
    program = spec.argv[0]
    if program in ("python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"):
        program = sys.executable  # what Jupyter makes of such a name
    if Path(program).parent != Path(sys.executable).parent:
        advice = f"Remove that kernel: jupyter kernelspec remove python3 (it is in {spec.resource_dir})"
        return Finding("kernel", BROKEN, f"python3 starts {program}, another environment", advice)
    return Finding("kernel", OK, f"python3 starts {program}")


def find_chromium():
    """Path of a Chromium-like browser for the browser tests, or None: on PATH, else the one Playwright fetched."""
    for name in CHROMIUM:
        if found := shutil.which(name):
            return found
    try:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            fetched = playwright.chromium.executable_path
    except Exception:  # not installed, or its driver does not start here
        return None
    return fetched if Path(fetched).is_file() else None


def chromium():
    found = find_chromium()
    if found is None:
        advice = "Only the browser tests need it: apt install chromium, or python -m playwright install chromium"
        return Finding("Chromium", NOTE, "not found", advice)
    return Finding("Chromium", OK, found)


def browser():
    if has_browser():
        return Finding("browser", OK, "opens by itself")
    return Finding(
        "browser", NOTE, "none on this machine", "The address is printed instead: open it where a browser is."
    )


def disk():
    free = shutil.disk_usage(place.folder()).free / 1e9
    if free < 0.5:
        return Finding("disk", BROKEN, f"{free:.1f} GB free", "Notebooks cannot be saved for long: free some space.")
    if free < 2:
        return Finding("disk", NOTE, f"{free:.1f} GB free", "PyTorch needs 2 GB more.")
    return Finding("disk", OK, f"{free:.0f} GB free")


def write_access():
    root = place.folder()
    for folder in [root, *(root / name for name in ("notebooks", "exercises") if place.is_clone())]:
        try:
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            advice = "Copy the course to a folder of your own; work cannot be saved here."
            return Finding("write access", BROKEN, f"{folder}: {error.strerror}", advice)
    return Finding("write access", OK, str(root))


def home():
    """Where progress is kept; Jupyter keeps its settings near it."""
    file = progress.path()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        advice = "Progress is not remembered; to keep it elsewhere set COURSE_PROGRESS to a file name."
        return Finding("progress", NOTE, f"{file.parent} cannot be written ({error.strerror})", advice)
    return Finding("progress", OK, f"kept in {file}")


def course_files():
    root = place.folder()
    found = sorted(path for pattern in progress.PLACES for path in root.glob(pattern))
    if place.is_clone() and not (root / START).is_file():
        advice = "Fetch the course again, or: git restore notebooks"
        return Finding("notebooks", BROKEN, f"{START} is missing in {root}", advice)
    if not found:
        return Finding("notebooks", NOTE, f"none in {root}", "Give the command in the folder of your notebook.")
    return Finding("notebooks", OK, f"{len(found)} in {root}")


def threads():
    number = os.environ.get("OMP_NUM_THREADS", "not set")
    found = f"OMP_NUM_THREADS {number} ({os.cpu_count()} processors)"
    if number == "1":
        return Finding("threads", OK, found)
    advice = "Several kernels at once then wait for each other, and sums round differently: OMP_NUM_THREADS=1."
    return Finding("threads", NOTE, found, advice)


def port():
    if is_free(8888):
        return Finding("port 8888", OK, "free")
    return Finding("port 8888", NOTE, "in use", "The next free one is taken by itself.")


def sandbox():
    """How far grading can confine student code here."""
    unsafe = (
        "Without confinement no mark is recorded: grade on Linux, or add --allow-unsafe if you trust the notebooks."
    )
    try:
        from course_lib.grading.confinement import best_level
    except ImportError:  # no NumPy, or a system without the calls that confinement is made of
        return Finding("sandbox", NOTE, "not to be had on this system", unsafe)
    zygote, reasons = best_level()
    zygote.close()
    if zygote.level == "none":
        return Finding("sandbox", NOTE, f"none ({'; '.join(reasons)})", unsafe)
    return Finding("sandbox", OK, f"level {zygote.level}")


PROBES = (
    python,
    variables,
    packages,
    numbers,
    graphics_card,
    widgets,
    kernel,
    course_files,
    write_access,
    home,
    disk,
    threads,
    port,
    browser,
)
OF_LECTURERS = (sandbox, chromium)


def examine():
    """Run every probe; a probe that fails itself is a finding, not the end."""
    probes = PROBES + OF_LECTURERS if place.is_clone() else PROBES
    findings = []
    for probe in probes:
        try:
            answer = probe()
        except Exception as error:  # the doctor must get through the list on any machine
            advice = "The doctor itself stumbled here; please report this line."
            answer = Finding(probe.__name__.replace("_", " "), NOTE, f"{type(error).__name__}: {error}", advice)
        findings += answer if isinstance(answer, list) else [answer]
    return findings


def table(findings):
    """Aligned text, each problem followed by what to do."""
    width = max(len(finding.name) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{finding.state:6}  {finding.name:{width}}  {finding.found}")
        if finding.advice:
            lines.append(f"{'':6}  {'':{width}}  -> {finding.advice}")
    counts = Counter(finding.state for finding in findings)
    lines += ["", ", ".join(f"{counts[state]} {state}" for state in (OK, NOTE, BROKEN))]
    return "\n".join(lines)


def as_json(findings):
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def is_well(findings):
    """True when nothing essential is missing."""
    return all(finding.state != BROKEN for finding in findings)
