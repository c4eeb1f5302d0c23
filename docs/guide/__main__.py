"""Build the user guide: `python -m docs.guide FOLDER` writes FOLDER/html, and the guide and the handout as PDF.

The pages are made from what the program itself says, and every picture is made by the program. Sphinx makes HTML from
the pages, and WeasyPrint makes the PDF from one long HTML page. Both come with the extra `[guide]`. The handout of the
lecture is the one that the program writes itself.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(argv: list[str]) -> int:
    """Write the pages, the HTML and the PDF. Return the exit status."""
    if len(argv) != 1:
        print("python -m docs.guide FOLDER", file=sys.stderr)
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from docs.guide.pages import LECTURE, write

    out = Path(argv[0]).resolve()
    source = out / "source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(HERE / "sphinx", source)
    write(source)
    _build("html", source, out / "html")
    _build("singlehtml", source, out / "single")
    from weasyprint import HTML

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of headings that occur on two pages
    HTML(out / "single" / "index.html").write_pdf(out / "bayescape-guide.pdf")
    handout = out / "bayescape-handout.pdf"
    subprocess.run([sys.executable, "main.py", "lecture", "handout", str(LECTURE), str(handout)], check=True)
    for made in (out / "html" / "index.html", out / "bayescape-guide.pdf", handout):
        print(made)
    return 0


def _build(builder: str, source: Path, out: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", builder, str(source), str(out)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
