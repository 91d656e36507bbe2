"""A real server process for the tests of the page, and a browser to look at it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import ROOT

#: Debian's browser; Playwright's own is a download.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--force-color-profile=srgb", "--font-render-hinting=none")  # fmt: skip
#: Two short reports of one story, of two outlets, and one of another: written for the tests.
BRIDGE = "الوزيرة تفتتح الجسر\nجريدة النهر\n5 أيلول 2021\n\nافتتحت وزيرة النقل ليلى الحسن، الأحد، جسر الصفاء الذي يربط ضفتي النهر. وقالت الوزيرة إن كلفة الجسر بلغت 42 مليون دينار، وإن العمل فيه بدأ في حزيران 2018. وأصيب ثلاثة عمال خلال البناء."
TOLLS = "رسوم عبور على الجسر\nإذاعة المدينة\n1 تشرين الأول 2021\n\nقررت البلدية فرض رسوم عبور على جسر الصفاء اعتباراً من الشهر المقبل. وقال رئيس البلدية إن الرسوم تبلغ 3 دنانير لكل مركبة، وإن سكان الضفتين معفون منها."
PASTED = f"{BRIDGE}\n\n---\n\n{TOLLS}"


class Server:
    """One server process on a port of its own; it can be killed and started again."""

    def __init__(self, folder: Path, *, real: bool = False, **options: Any) -> None:
        """``real`` serves the shipped models; else a fake translator, with the ``options`` of ``fake_server``."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self._folder = folder
        state = str(folder / "state")
        if real:
            arguments = ["ui.cli", "--port", str(self.port), "--state", state]
        else:
            told = json.dumps({"port": self.port, "state": state, **options})
            arguments = ["tests.ui.fake_server", told]
        self._command = [sys.executable, "-m", *arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {**os.environ, "MUJAZ_LOG": "WARNING", "TMPDIR": str(self._folder)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
            )
        while self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/healthz/live", timeout=5).is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"the server did not start: {self.log.read_text(encoding='utf-8')}")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C would, and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
