"""Make the pictures of the README and the documentation anew: python docs/images/make_images.py (needs Chromium)."""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from urbanform import Options, check

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "sample_data"
SIZE = {"width": 1280, "height": 860}


def main() -> int:
    """Check two samples and take pictures of their pages."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("Chromium is not on the PATH", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        city, county = Path(folder) / "city", Path(folder) / "county"
        check(SAMPLES / "city", city, Options(as_of=2026))
        check(SAMPLES / "henan-county", county, Options(as_of=2026))
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        pages = {
            "report": city / "report.html",
            "map": city / "maps" / "corridor-net-width.html",
            "map-roads": county / "maps" / "county-road-red-line.html",
        }
        for name, path in pages.items():
            page = browser.new_page(viewport=SIZE)
            page.goto(path.as_uri(), wait_until="load")
            page.wait_for_timeout(1500)
            page.screenshot(path=str(HERE / f"{name}.png"))
            page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
