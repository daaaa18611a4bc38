"""Control the installed Chromium, headless, through the DevTools protocol (no WebDriver, no bundled browser)."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"),
    *("--force-device-scale-factor=1", "--remote-debugging-port=0", "--remote-allow-origins=*"),
)


def find_chromium() -> str | None:
    """Return the path of the installed browser, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Chromium:
    """A browser with one page: `with Chromium() as page: page.open(url)`; `requests` has the requested URLs."""

    def __init__(self, *, width: int = 1400, height: int = 860) -> None:
        import websocket

        self.profile = tempfile.mkdtemp(prefix="topiclib-chromium-")
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []  # types of those that were opened, and accepted
        self.sizes: list[int] = []  # of the messages sent through web sockets, in bytes
        self._next = 0
        command = [str(find_chromium()), *FLAGS, f"--user-data-dir={self.profile}", f"--window-size={width},{height}"]
        self.process = subprocess.Popen([*command, "about:blank"], stderr=subprocess.PIPE, text=True)
        self.socket = websocket.create_connection(self._page_address(), timeout=60)
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def _page_address(self) -> str:
        import urllib.request

        assert self.process.stderr
        for line in self.process.stderr:
            if match := re.search(r"DevTools listening on ws://([^/]+)/", line):
                with urllib.request.urlopen(f"http://{match[1]}/json/list") as answer:
                    return next(
                        target["webSocketDebuggerUrl"] for target in json.load(answer) if target["type"] == "page"
                    )
        raise RuntimeError("Chromium exited before its DevTools port was open")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events received in the meantime are recorded."""
        self._next += 1
        self.socket.send(json.dumps({"id": self._next, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self._next:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._record(message)

    def _record(self, message: dict[str, Any]) -> None:
        match message.get("method"):
            case "Page.javascriptDialogOpening":  # "leave this page?": the next test does
                self.dialogs.append(message["params"]["type"])
                answer = {"id": 0, "method": "Page.handleJavaScriptDialog", "params": {"accept": True}}
                self.socket.send(json.dumps(answer))
            case "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])
            case "Network.webSocketFrameSent":
                self.sizes.append(len(message["params"]["response"]["payloadData"]))
            case "Runtime.exceptionThrown":
                details = message["params"]["exceptionDetails"]
                self.errors.append(details.get("exception", {}).get("description") or details["text"])
            case "Log.entryAdded" if message["params"]["entry"]["level"] == "error":
                self.errors.append(message["params"]["entry"]["text"])

    def offline(self) -> None:
        """Switch the network off."""
        self.send("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)

    def open(self, address: str | Path) -> None:
        """Open a file or a URL."""
        self.send("Page.navigate", url=address.as_uri() if isinstance(address, Path) else address)

    def run(self, script: str) -> Any:
        """Evaluate an expression in the page and return its (awaited) value."""
        result = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", "script failed"))
        return result["result"].get("value")

    def wait(self, condition: str, *, seconds: float = 30) -> Any:
        """Wait until an expression is true, and return its value."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(RuntimeError):  # the page may still be loading
                if value := self.run(condition):
                    return value
            time.sleep(0.05)
        raise TimeoutError(f"not true after {seconds} s: {condition}; errors: {self.errors}")

    def box(self, element: str) -> list[float]:
        """Return left, top, width and height of an element, given as an expression."""
        return self.run(f"(b => [b.left, b.top, b.width, b.height])({element}.getBoundingClientRect())")

    def settle(self) -> None:
        """Wait for the delay of the search box and two frames, after which all changes are drawn."""
        self.run(
            "new Promise(done => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200))"
            ".then(() => 1)"
        )

    def move(self, x: float, y: float) -> None:
        """Move the pointer."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def drag(self, *points: tuple[float, float], shift: bool = False) -> None:
        """Press at the first point, move through the others, release at the last; a single point is a click."""
        common = {"button": "left", "buttons": 1, "clickCount": 1, "modifiers": 8 if shift else 0}
        (x, y), *rest = points
        self.send("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, **common)
        for x, y in rest:
            self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y, **common)
        self.send("Input.dispatchMouseEvent", type="mouseReleased", x=x, y=y, **common)

    def type(self, text: str) -> None:
        """Type a text into the focused element."""
        self.send("Input.insertText", text=text)

    def key(self, key: str) -> None:
        """Press one key, such as "Enter" or "a"."""
        text = "\r" if key == "Enter" else key  # without it, Enter presses no button
        letters = {"text": text} if len(text) == 1 else {}
        codes = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes.get(key, 0), **letters)

    def dark(self, on: bool = True) -> None:
        """Set the preferred color scheme of the system to dark or light."""
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.send("Emulation.setEmulatedMedia", features=[feature])

    def screenshot(self, file: Path, *, full_page: bool = False) -> None:
        """Write the visible part of the page, or all of it, as PNG."""
        shot = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=full_page)
        file.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """Close the browser and remove its profile."""
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
