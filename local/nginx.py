"""The server's nginx on one's own machine: DEPLOY_ENGINE's files on ports and in a folder of their own, never a service.

The tests and the benchmarks stand behind it. What the engine's `nginx-scripts.sh` does to /etc/nginx is done here to a folder.
"""

import contextlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONF_FILES = Path(__file__).resolve().parent.parent / "DEPLOY_ENGINE" / "conf_files"
MODULES = Path("/usr/lib/nginx/modules")
BROTLI = MODULES / "ngx_http_brotli_static_module.so"
HTTP2_DIRECTIVE = (1, 25, 1)
START_SECONDS = 60

# The parts of Debian's nginx.conf that matter here.
MAIN = """
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/log/error.log;
{user}{modules}
include {folder}/main.conf;
events {{ worker_connections 2048; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_prefer_server_ciphers on;
    access_log {folder}/log/access.log;
    gzip on;
    client_body_temp_path {folder}/temp/body;
    proxy_temp_path {folder}/temp/proxy;
    fastcgi_temp_path {folder}/temp/fastcgi;
    uwsgi_temp_path {folder}/temp/uwsgi;
    scgi_temp_path {folder}/temp/scgi;
    include {folder}/OC_PIZZA;
}}
"""


class NginxError(Exception):
    """nginx cannot be had or does not start; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """An nginx: the folder of its configuration, the user's home that it serves, what stands behind it, where it listens."""

    folder: Path
    home: Path
    pages: Path
    live: Path
    port: int
    tls_port: int
    metrics_port: int
    domain: str = "localhost"
    tls: str = "off"

    @property
    def shared(self) -> Path:
        return self.home / "OC_PIZZA_shared"

    @property
    def certificate(self) -> Path:
        return self.folder / "ssl" / "fullchain.pem"


@contextlib.contextmanager
def running(front: Front) -> Iterator[Front]:
    """The front, answering; stopped at the end. Raises NginxError when it does not start."""
    _install(front)
    # Told apart from the log: what nginx says before it has read where its log is.
    with (front.folder / "log" / "stderr").open("w") as said:
        process = subprocess.Popen(
            [_program("nginx"), "-p", front.folder, "-c", front.folder / "nginx.conf"], stderr=said
        )
    try:
        _wait(front, process)
        yield front
    finally:
        process.terminate()
        process.wait(30)


def version() -> tuple[int, ...]:
    said = subprocess.run([_program("nginx"), "-v"], capture_output=True, text=True, check=True).stderr
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said)
    if found is None:
        raise NginxError(f"nginx says a version that cannot be read: {said}")
    return tuple(int(part) for part in found.groups())


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise NginxError(
            f"{name} is not installed: apt-get install nginx-light libnginx-mod-http-brotli-static openssl"
        )
    return found


def _install(front: Front) -> None:
    for name in ("oc_pizza", "log", "temp", "ssl"):
        (front.folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("acme", "media"):
        (front.shared / name).mkdir(parents=True, exist_ok=True)
    shutil.copytree(CONF_FILES / "pages", front.shared / "maintenance", dirs_exist_ok=True)
    for name, source in _parts(front).items():
        (front.folder / name).write_text(_placed(source.read_text(), front))
    user = "user nobody nogroup;\n" if os.geteuid() == 0 else ""
    modules = f"load_module {BROTLI};\n" if BROTLI.exists() else ""
    (front.folder / "nginx.conf").write_text(MAIN.format(folder=front.folder, user=user, modules=modules))
    if front.tls == "self-signed" and not front.certificate.exists():
        _sign(front)


def _parts(front: Front) -> dict[str, Path]:
    """What is installed under which name, and from what."""
    parts = CONF_FILES / "nginx"
    plain = [part for part in parts.glob("*.conf") if not part.name.startswith(("tls_", "listen", "main", "brotli"))]
    chosen = {f"oc_pizza/{part.name}": part for part in plain}
    listen = "listen.conf" if version() >= HTTP2_DIRECTIVE else "listen_before_1.25.1.conf"
    chosen |= {"oc_pizza/tls.conf": parts / f"tls_{front.tls}.conf", "oc_pizza/listen.conf": parts / listen}
    if BROTLI.exists():
        chosen["oc_pizza/brotli.conf"] = parts / "brotli.conf"
    return chosen | {"main.conf": parts / "main.conf", "OC_PIZZA": CONF_FILES / "nginx_OC_PIZZA"}


def _placed(text: str, front: Front) -> str:
    """The text with the engine's values, and the server's places moved to ours."""
    moved = {
        "@HOME@": str(front.home),
        "@DOMAIN@": front.domain,
        "unix:/run/gunicorn.sock": f"unix:{front.pages}",
        "unix:/run/oc-pizza-live/live.sock": f"unix:{front.live}",
        "/run/oc_pizza_menus": str(front.folder / "temp" / "menus"),
        "/var/lib/nginx/oc_pizza_pictures": str(front.folder / "temp" / "pictures"),
        "/var/log/nginx": str(front.folder / "log"),
        "/etc/ssl/oc_pizza": str(front.folder / "ssl"),
        "listen 80": f"listen 127.0.0.1:{front.port}",
        "listen [::]:80": f"listen [::1]:{front.port}",
        "listen 443": f"listen 127.0.0.1:{front.tls_port}",
        "listen [::]:443": f"listen [::1]:{front.tls_port}",
        "listen 127.0.0.1:9145": f"listen 127.0.0.1:{front.metrics_port}",
    }
    for server, ours in moved.items():
        text = text.replace(server, ours)
    return text


def _sign(front: Front) -> None:
    """A certificate of our own, as nginx-scripts.sh makes one."""
    names = ",".join(f"DNS:{name}" for name in front.domain.split())
    subprocess.run(
        [_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365",
         "-subj", "/CN=OC Pizza", "-addext", f"subjectAltName={names}",
         "-addext", "basicConstraints=critical,CA:FALSE",
         "-keyout", front.certificate.with_name("privkey.pem"), "-out", front.certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip


def _wait(front: Front, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while not (front.folder / "nginx.pid").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NginxError(f"nginx did not start: {(front.folder / 'log' / 'stderr').read_text()}")
        time.sleep(0.05)
