"""Draws docs/images/brief.png, the first screen of the sample's page: .venv/bin/python docs/images/brief.py

Needs Playwright and a Chromium of the system, as the tests of the page do, and Pillow, which matplotlib brings.
"""

import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import clarion as cl
from PIL import Image
from playwright.sync_api import sync_playwright

TARGET = Path(__file__).with_suffix(".png")

brief = cl.brief(
    cl.sample.portfolio(),
    audiences=cl.sample.audiences(),
    history=cl.sample.history(),
    catalog=cl.sample.catalog(),
)
with TemporaryDirectory() as folder, sync_playwright() as engine:
    page_path = brief.write(Path(folder) / "brief.html")
    browser = engine.chromium.launch(
        executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
        args=["--no-sandbox", "--disable-gpu"],
    )
    page = browser.new_page(viewport={"width": 1180, "height": 1290})
    page.goto(page_path.as_uri())
    shot = page.screenshot()
    browser.close()

# Few colours are on the page: a palette makes the file small.
image = Image.open(io.BytesIO(shot)).convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE)
image.save(TARGET, optimize=True)
print(f"wrote {TARGET.name}, {TARGET.stat().st_size:,} bytes")
