"""From a bare server to a site that sells, in one command, on both Debians (chapter 4 of the manual)."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from playwright.sync_api import expect, sync_playwright

from tests.journeys.conftest import DESKTOP, People, opened_browser
from tests.journeys.steps import code_of
from tests.journeys.test_order_to_the_door import (
    test_a_guest_on_a_phone_orders_and_watches_while_kitchen_and_driver_move_the_order as the_main_job,
)
from tests.server.deploying import (
    DOMAIN,
    EVENTS,
    HOME,
    LOGS,
    MAIL_NAME,
    MAIL_PORT,
    PROJECT,
    STEPS,
    Site,
    copy_project,
    deploy,
    deployed_server,
    last_run,
)
from tests.server.machine import Rack, Server


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    with deployed_server(rack, suite) as deployed:
        yield deployed


@contextmanager
def people_outside(server: Server) -> Iterator[People]:
    """People with browsers, somewhere else, for whom the site's name leads to this server."""
    expect.set_options(timeout=15_000)
    # That the certificate is the site's own is asserted elsewhere; a browser would not know who signed it.
    reach = [f"--host-resolver-rules=MAP {DOMAIN} {server.address}", "--ignore-certificate-errors"]
    with sync_playwright() as playwright, opened_browser(playwright, *reach) as browser:
        cast = People(browser, f"https://{DOMAIN}")
        yield cast
    assert cast.complaints == []


@pytest.mark.browser
def test_an_order_placed_from_outside_reaches_the_door_live(server: Server) -> None:
    with people_outside(server) as people:
        the_main_job(people)


def test_the_log_has_the_manuals_steps_and_events_each_correct(server: Server) -> None:
    log = server.read(LOGS)
    headings = [line for line in log.splitlines() if line.startswith("# ") and not line.startswith("# Run")]
    numbered = [f"# Step {number} : {name}" for number, name in enumerate(STEPS, start=1)]
    assert headings == [*numbered, "# Final step : Launch the website"]
    assert last_run(server) == [(event, "CORRECT") for event in EVENTS]
    assert server.read(f"{PROJECT}/DEPLOY_ENGINE/deploy_logs") == log


@pytest.mark.browser
def test_the_first_responsable_signs_in_with_what_the_deploy_wrote_for_root(server: Server) -> None:
    words = dict(
        line.split(": ", 1) for line in server.read(f"{HOME}/OC_PIZZA_shared/premier-responsable").splitlines()
    )
    with people_outside(server) as people:
        page = people.someone(DESKTOP)
        page.goto("/equipe/connexion/")
        page.get_by_label("Identifiant").fill(words["identifiant"])
        page.get_by_label("Mot de passe").fill(words["mot de passe"])
        page.get_by_role("button", name="Se connecter", exact=True).click()
        # What lay on the server's disk opens nothing by itself: a password of her own, then a second factor.
        for label in ("Nouveau mot de passe", "Le même, encore une fois"):
            page.get_by_label(label).fill("le chat de la voisine dort")
        page.get_by_role("button", name="Enregistrer").click()
        page.get_by_role("link", name="Mettre en place").click()
        page.get_by_role("link", name="Configurer l’application").click()
        secret = page.locator(".enrol__key").inner_text()
        page.get_by_label("Code à six chiffres").fill(code_of(secret))
        page.get_by_role("button", name="Activer").click()
        page.goto("/equipe/")
        expect(page.locator(".staff-header__who")).to_contain_text("Renata")


def test_a_mail_leaves_through_the_configured_server(server: Server) -> None:
    server.run(f"echo '{server.host_address} {MAIL_NAME}' >>/etc/hosts")
    mailbox = _Mailbox()
    controller = Controller(mailbox, hostname=server.host_address, port=MAIL_PORT)
    controller.start()
    try:
        server.run(f"cd {HOME}/OC_PIZZA && ./manage.py sendtestemail renata@ocpizza.fr")
    finally:
        controller.stop()
    (mail,) = mailbox.mails
    assert (mail["From"], mail["To"]) == ("OC Pizza <bonjour@ocpizza.fr>", "renata@ocpizza.fr")


def test_after_a_power_cut_everything_comes_back_and_no_confirmed_order_is_missing(server: Server) -> None:
    site = Site(server)
    body = site.order_body()
    placed = [site.place(body).json() for _order in range(20)]
    server.power_cut()
    server.boot()
    for order in placed:
        assert site.ask(f"/api/v1/orders/{order['token']}").json()["number"] == order["number"]
    units = "gunicorn.socket gunicorn oc-pizza-live oc-pizza-worker nginx postgresql ufw"
    assert set(server.run(f"systemctl is-active {units}").stdout.split()) == {"active"}
    assert site.place(body).status == 201


def test_a_second_deploy_of_the_same_release_changes_nothing_and_says_so(server: Server) -> None:
    before = server.run("systemctl show -p MainPID --value gunicorn nginx oc-pizza-live oc-pizza-worker").stdout
    assert deploy(server, "--check").output.count("Rien à changer") == 1
    done = deploy(server)
    assert "Rien à changer" in done.stdout
    assert last_run(server) == [(event, "CORRECT") for event in EVENTS]
    assert server.run("systemctl show -p MainPID --value gunicorn nginx oc-pizza-live oc-pizza-worker").stdout == before


def test_checking_a_bare_server_tells_what_would_change_and_changes_nothing(rack: Rack, suite: str) -> None:
    with rack.server(suite) as bare:
        copy_project(bare)
        before = _everything(bare)
        done = deploy(bare, "--check", check=False)
        assert done.returncode == 2
        assert "serait" in done.stdout
        assert _everything(bare) == before


PASSING = ("/proc", "/sys", "/run", "/tmp", "/var/log/journal", "/var/cache/apt", "/root/.cache")  # noqa: S108 - a name, on the server
"""What lives without anybody changing the server: the kernel's, the journal, apt's cache of its lists."""


def _everything(server: Server) -> str:
    """Every file of the system with its time and size, accounts and firewall included."""
    passing = " -o ".join(f"-path {path}" for path in PASSING)
    return server.run(f"find / -xdev \\( {passing} \\) -prune -o -printf '%p %T@ %s\\n' | sort").stdout


class _Mailbox(MessageHandler):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.mails.append(message)
