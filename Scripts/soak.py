"""Keeps a service busy with good, broken and aborted requests, kills it in the middle, and counts what went wrong.

    python3 Scripts/soak.py .build/release/deepdream Tests/ImagingTests/Fixtures/photo/coffee.jpg --requests 5000

Eight clients send requests through nginx; a third of their uploads are broken or aborted. In the middle the service is
killed (SIGKILL) and started again, and from then on 200 idle connections hold it. At the end, attackers fill its queue
and its connections. It fails if the service ends by itself, if an accepted job is lost, if a picture is not that of the
command, if the memory grows, if /healthz is slow, or if the attackers did not fill the service. Needs nginx (or
--without-nginx); all else is Python's own.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import multiprocessing
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from attack import attack

RECIPES = [
    {"layers": "mixed1", "octaves": "1", "jitter": "4", "size": "96x64", "steps": str(2 + seed), "seed": str(seed)}
    for seed in range(4)
]
LONG_RECIPE = {"size": "max:512", "steps": "2000"}
#: How a service is that attackers hold.
ATTACKED = "full, no connection left"
IDLE_CONNECTIONS = 200
#: Answers to good requests that are no mistake: a full queue, or nginx without a service.
BUSY = {429, 502, 503, 504}
BROKEN = ["cut photo", "wrong field", "aborted upload", "aborted wait", "cut head", "folded head", "no photo"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def form(photo, fields, padding=0):
    """A form with the photo and a field that means nothing, so that uploads have different sizes."""
    boundary = "soak-boundary"
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="_padding"\r\n\r\n{"x" * padding}\r\n')
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="photo.jpg"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + photo + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


class Service:
    def __init__(self, program, directory):
        self.program, self.directory = program, directory
        self.port = free_port()
        self.log = (directory / "service.log").open("ab")
        self.process = None

    def start(self):
        flags = ["--host", "127.0.0.1", "--port", str(self.port), "--data-directory", str(self.directory / "jobs")]
        # Without kept dreams, so that each request is computed.
        flags += ["--model", "embedded", "--result-cache-bytes", "0", "--log-format", "json", "--queue-length", "32"]
        # So that a queue full of long dreams is not refused as too late.
        flags += ["--deadline-seconds", "86400"]
        self.process = subprocess.Popen([self.program, "serve", *flags], stderr=self.log)
        end = time.monotonic() + 60
        while True:
            try:
                if ask(self.port, "GET", "/readyz")[0] == 200:
                    return
            except OSError:
                pass
            if time.monotonic() > end or self.process.poll() is not None:
                sys.exit("soak: the service did not start; its log is " + str(self.directory / "service.log"))
            time.sleep(0.05)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @property
    def resident(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        return 0


def ask(port, method, path, body=None, headers=None, timeout=120):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def start_nginx(directory, service_port):
    """The site of Config/nginx.conf on a free port, without its limit on rates."""
    port = free_port()
    site = (Path(__file__).parent.parent / "Config/nginx.conf").read_text()
    site = site.replace("127.0.0.1:5000", f"127.0.0.1:{service_port}").replace(
        "listen 80;", f"listen 127.0.0.1:{port};"
    )
    lines = [line for line in site.splitlines() if "limit_req" not in line and "listen [::]" not in line]
    (directory / "site.conf").write_text("\n".join(lines) + "\n")
    temporary = "\n".join(
        f"    {kind}_temp_path {directory}/{kind};" for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    )
    user = "user root;" if os.getuid() == 0 else ""
    (directory / "nginx.conf").write_text(
        f"daemon off; {user} pid {directory}/nginx.pid; error_log {directory}/nginx.log;\n"
        f"events {{}}\nhttp {{\n    access_log off;\n{temporary}\n    include {directory}/site.conf;\n}}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(directory / "nginx.conf"), "-e", str(directory / "nginx.log")])
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return process, port
        time.sleep(0.05)
    sys.exit("soak: nginx did not start; its log is " + str(directory / "nginx.log"))


def probe(port, stop, paused, results):
    """Asks /healthz over a new connection every 20 ms; its own process, so that Python's clients do not slow it."""
    times, failures = [], 0
    while not stop.is_set():
        begin = time.perf_counter()
        was_paused = paused.is_set()
        try:
            is_alive = ask(port, "GET", "/healthz", timeout=10)[0] == 200
        except (OSError, http.client.HTTPException):
            is_alive = False
        if not was_paused and not paused.is_set():
            times.append(time.perf_counter() - begin)
            failures += not is_alive
        time.sleep(0.02)
    results.put((times, failures))


class Prober:
    """A process that asks /healthz until it is stopped."""

    def __init__(self, port):
        self.ending, self.paused = multiprocessing.Event(), multiprocessing.Event()
        self.results = multiprocessing.Queue()
        self.process = multiprocessing.Process(target=probe, args=(port, self.ending, self.paused, self.results))
        self.process.start()

    def stop(self):
        """The times of the probes in seconds, and how many failed."""
        self.ending.set()
        result = self.results.get()
        self.process.join()
        return result


def probe_under_attack(port, photo, seconds):
    """What `Prober.stop` returns, while attackers hold the service, and how full they keep it."""

    def look():
        try:
            queue = json.loads(ask(port, "GET", "/readyz")[1])["status"]
            connections = "connections left" if ask(port, "GET", "/version")[0] == 200 else "no connection left"
        except (OSError, http.client.HTTPException) as error:
            return repr(error)
        return f"{queue}, {connections}"

    ending = multiprocessing.Event()
    long_dream = form(photo, LONG_RECIPE)[0]
    attackers = multiprocessing.Process(target=attack, args=(port, long_dream, ending), daemon=True)
    attackers.start()
    end = time.monotonic() + 10
    while look() != ATTACKED and time.monotonic() < end:
        time.sleep(0.1)
    prober = Prober(port)
    states = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        states[look()] += 1
        time.sleep(0.5)
    result = prober.stop()
    ending.set()
    attackers.join()
    return result, states


class Soak:
    def __init__(self, service, port, photo, digests):
        self.service, self.port, self.photo, self.digests = service, port, photo, digests
        self.counts, self.mistakes, self.jobs = Counter(), [], {}
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        #: While the service is down, and a moment after it.
        self.is_down = threading.Event()
        self.done = 0

    def note(self, what):
        with self.lock:
            self.counts[what] += 1
            self.done += 1

    def mistake(self, what):
        with self.lock:
            self.mistakes.append(what)

    def client(self, seed):
        random_ = random.Random(seed)
        while not self.stopping.is_set():
            down_before = self.is_down.is_set()
            try:
                if random_.random() < 1 / 3:
                    self.send_broken(random_)
                else:
                    self.send_good(random_)
            except (OSError, http.client.HTTPException) as error:
                if down_before or self.is_down.is_set():
                    self.note("while the service was down")
                else:
                    self.mistake(f"no answer: {error!r}")

    def send_good(self, random_):
        number = random_.randrange(len(RECIPES))
        body, headers = form(self.photo, RECIPES[number], random_.choice([0, 1000, 100_000, 2_000_000]))
        if random_.random() < 0.5:
            status, answer = ask(self.port, "POST", "/deepdream", body, headers)
            if status == 200:
                self.check(answer, number, "a dream")
            self.end("dreams", status, answer, {200})
        else:
            headers["Idempotency-Key"] = f"{random_.getrandbits(64):x}"
            status, answer = ask(self.port, "POST", "/jobs", body, headers)
            if status == 202:
                with self.lock:
                    self.jobs[json.loads(answer)["id"]] = number
            self.end("jobs", status, answer, {202})

    def end(self, what, status, answer, expected):
        if status in expected:
            self.note(what)
        elif status in BUSY:
            self.note(f"{what} refused with {status}")
            time.sleep(0.2)
        else:
            self.mistake(f"{what}: {status} {answer[:200]!r}")

    def check(self, picture, number, what):
        if hashlib.sha256(picture).hexdigest() != self.digests[number]:
            self.mistake(f"{what} of recipe {number} is another picture")

    def send_broken(self, random_):
        kind = random_.choice(BROKEN)
        body, headers = form(self.photo, RECIPES[0])
        if kind == "cut photo":
            body, headers = form(self.photo[: len(self.photo) // 3], RECIPES[0])
            status, answer = ask(self.port, "POST", "/deepdream", body, headers)
            self.end(kind, status, answer, {415})
        elif kind == "wrong field":
            status, answer = ask(self.port, "POST", "/jobs?steps=many", body, headers)
            self.end(kind, status, answer, {400})
        elif kind == "no photo":
            status, answer = ask(self.port, "POST", "/deepdream", b"", headers)
            self.end(kind, status, answer, {400})
        else:
            # Straight to the service: nginx would not pass these on.
            head = f"POST /deepdream HTTP/1.1\r\nHost: a\r\nContent-Type: {headers['Content-Type']}\r\n"
            with socket.create_connection(("127.0.0.1", self.service.port), timeout=60) as connection:
                if kind == "cut head":
                    connection.sendall(head.encode())
                elif kind == "aborted upload":
                    cut = random_.randrange(len(body))
                    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:cut])
                elif kind == "aborted wait":
                    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                    time.sleep(random_.random() * 0.2)
                else:
                    connection.sendall(f"{head}Content-Length:\r\n {len(body)}\r\n\r\n".encode())
                    answer = connection.recv(100)
                    if not answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 503")):
                        self.mistake(f"{kind}: {answer!r}")
            self.note(kind)

    def check_jobs(self):
        """Waits for every accepted job and checks its result."""
        end = time.monotonic() + 300
        for job, number in self.jobs.items():
            while True:
                status, answer = ask(self.service.port, "GET", f"/jobs/{job}")
                state = json.loads(answer).get("state")
                if status != 200 or state not in ("waiting", "running") or time.monotonic() > end:
                    break
                time.sleep(0.05)
            if state != "done":
                self.mistake(f"the accepted job {job} is lost: {status} {answer[:200]!r}")
                continue
            self.check(ask(self.service.port, "GET", f"/jobs/{job}/result")[1], number, "a job's result")


def expected_digests(program, photo, directory):
    digests = []
    for recipe in RECIPES:
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in recipe.items()]
        out = directory / "expected.jpg"
        subprocess.run([program, "dream", photo, out, "--model", "embedded", *flags], check=True, capture_output=True)
        digests.append(hashlib.sha256(out.read_bytes()).hexdigest())
    return digests


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def run(options, directory):
    photo = Path(options.photo).read_bytes()
    digests = expected_digests(options.program, options.photo, directory)
    service = Service(options.program, directory)
    service.start()
    proxy, port = None, service.port
    if not options.without_nginx:
        proxy, port = start_nginx(directory, service.port)
    soak = Soak(service, port, photo, digests)
    prober = Prober(service.port)
    clients = [threading.Thread(target=soak.client, args=(seed,)) for seed in range(options.clients)]
    begin = time.monotonic()
    for client in clients:
        client.start()

    was_killed, idle, resident = False, [], []
    while soak.done < options.requests and time.monotonic() - begin < options.seconds:
        time.sleep(0.25)
        share = max(soak.done / options.requests, (time.monotonic() - begin) / options.seconds)
        if service.process.poll() is not None:
            soak.mistake(f"the service ended by itself with {service.process.returncode}")
            break
        if share > 0.4 and not was_killed:
            soak.is_down.set()
            prober.paused.set()
            service.kill()
            service.start()
            time.sleep(1)
            prober.paused.clear()
            soak.is_down.clear()
            was_killed = True
            idle = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(IDLE_CONNECTIONS)]
        # Buffers have grown to their sizes by then.
        if share > 0.6:
            resident.append(service.resident)
    soak.stopping.set()
    for client in clients:
        client.join()
    seconds = time.monotonic() - begin
    probes = {"": prober.stop()}
    if service.process.poll() is None:
        probes[" under attack"], states = probe_under_attack(service.port, photo, options.attack_seconds)
        print(f"under attack: {dict(states)}")
        if states[ATTACKED] < 0.9 * states.total():
            soak.mistake("the attackers did not fill the service")
        soak.check_jobs()
        service.process.terminate()
        if service.process.wait(60) != 0:
            soak.mistake(f"after SIGTERM the service ended with {service.process.returncode}")
    for connection in idle:
        connection.close()
    if proxy:
        proxy.terminate()
        proxy.wait()

    quarter = max(1, len(resident) // 4)
    first, last = (sum(part) / len(part) / 1e6 for part in (resident[:quarter], resident[-quarter:]))
    print(
        f"{soak.done} requests in {seconds:.0f} s by {options.clients} clients, killed once, "
        f"{len(soak.jobs)} accepted jobs"
    )
    for what, count in sorted(soak.counts.items()):
        print(f"  {count:6} {what}")
    print(f"memory: {first:.0f} MB at the beginning of the last part, {last:.0f} MB at its end")
    for when, (times, failures) in probes.items():
        p50, p99 = (percentile(times, share) * 1000 for share in (0.5, 0.99))
        print(f"/healthz{when}: {len(times)} probes, p50 {p50:.1f} ms, p99 {p99:.1f} ms, {failures} failed")
        if failures:
            soak.mistake(f"{failures} health checks failed{when}")
        if p99 > options.probe_ms:
            soak.mistake(f"/healthz took {p99:.1f} ms{when} (p99); allowed: {options.probe_ms}")
    if last > 1.1 * first + 5:
        soak.mistake(f"the memory grew from {first:.0f} to {last:.0f} MB")
    if not was_killed:
        soak.mistake("the time was too short to kill the service")
    return soak.mistakes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("photo")
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=1800, help="ends earlier than after all requests")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--probe-ms", type=float, default=20, help="the longest 99th percentile of /healthz")
    parser.add_argument("--attack-seconds", type=float, default=20)
    parser.add_argument("--without-nginx", action="store_true")
    options = parser.parse_args()
    options.program = str(Path(options.program).resolve())
    directory = Path(tempfile.mkdtemp(prefix="soak-"))
    mistakes = run(options, directory)
    for mistake in mistakes[:20]:
        print(f"FAILED: {mistake}", file=sys.stderr)
    if mistakes:
        sys.exit(f"soak: {len(mistakes)} mistakes; the logs are in {directory}")
    shutil.rmtree(directory)
    print("ok: no crash, no lost job, no wrong picture")


if __name__ == "__main__":
    main()
