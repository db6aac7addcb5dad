"""A page in headless Chromium, driven over the pipe of the DevTools protocol: sizes of the window, themes, scripts, pictures."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
         "--host-resolver-rules=MAP * ~NOTFOUND"]


def browser():
    return next((path for path in map(shutil.which, BROWSERS) if path), None)


class OpenPage:
    """with OpenPage(path) as page: page.shown(width=480, dark=True); page.value("document.title")"""

    def __init__(self, path):
        self.uri, self.count, self.session, self.messages, self.rest = path.resolve().as_uri(), 0, None, [], b""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.write = os.pipe()
        self.read, from_browser = os.pipe()
        command = [browser(), *QUIET, "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}"]
        self.process = subprocess.Popen(["sh", "-c", f'exec "$@" 3<&{to_browser} 4>&{from_browser}', "sh", *command],
                                        pass_fds=(to_browser, from_browser), stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        self.session = None
        self.call("Browser.close")
        self.process.wait()
        os.close(self.read)
        os.close(self.write)
        self.profile.cleanup()

    def answer(self):
        while b"\0" not in self.rest:
            self.rest += os.read(self.read, 1 << 20)
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def call(self, method, **parameters):
        self.count += 1
        request = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        os.write(self.write, json.dumps(request).encode() + b"\0")
        while True:
            message = self.answer()
            if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                self.messages.append(json.dumps(message["params"])[:400])
            if message.get("id") == self.count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]

    def theme(self, dark=False, forced=False):
        features = {"prefers-color-scheme": "dark" if dark else "light", "forced-colors": "active" if forced else "none"}
        self.call("Emulation.setEmulatedMedia", features=[{"name": name, "value": value} for name, value in features.items()])
        self.settle()

    def width(self, columns):
        self.call("Emulation.setDeviceMetricsOverride", width=columns, height=900, deviceScaleFactor=1, mobile=False)
        self.settle()

    def settle(self):
        """Time for the page to follow."""
        self.value("new Promise((done) => setTimeout(done, 200))")

    def shown(self, width=1600, dark=False, forced=False):
        """Opens the page, and waits until its scripts have ended."""
        self.theme(dark, forced)
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=self.uri)
        for _ in range(600):
            if self.value("document.documentElement?.dataset.ready") == "true":
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.uri}: the page was not built")

    def value(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:1000])
        return answer["result"].get("value")

    def picture(self, path, whole=True):
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"] if whole else 900, "scale": 1}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(data))
