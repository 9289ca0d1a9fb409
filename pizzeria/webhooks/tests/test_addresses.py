"""Where a webhook may go: nobody's address makes our server knock at a door that only it reaches."""

import ipaddress
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from pizzeria.accounts.models import AuditEntry
from pizzeria.outside.addresses import AddressRefused, is_public, resolved, target_of
from pizzeria.outside.posting import NotSentError, post
from pizzeria.webhooks.delivering import send_due
from pizzeria.webhooks.models import Delivery, Endpoint
from pizzeria.webhooks.services import NotTheirs, TooManyEndpoints, add, add_for_group
from tests.cast import House, People
from tests.hooked import Receiver, certificate_for, receiving

PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",  # noqa: S104
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1", "fc00::1",
    "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:db8::1", "::5db8:d70e", "::ffff:0:5db8:d70e", "192.88.99.1",
]  # fmt: skip
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]

Names = Callable[..., list[str]]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A name server that says what the test says: one answer after the other, and which names it was asked for."""
    really = socket.getaddrinfo

    def say(*answers: list[str]) -> list[str]:
        asked: list[str] = []
        left = list(answers)

        def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
            if not host.endswith(".example"):
                return really(host, port, *args, **options)
            asked.append(host)
            found = left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        return asked

    return say


def test_whatever_only_our_server_reaches_is_private(names: Names, settings: Settings) -> None:
    settings.WEBHOOK_LOOPBACK = False
    assert [text for text in PRIVATE if is_public(ipaddress.ip_address(text))] == []
    assert [text for text in PUBLIC if not is_public(ipaddress.ip_address(text))] == []
    for address in PRIVATE:
        names([PUBLIC[0], address])
        with pytest.raises(AddressRefused):
            resolved(target_of("https://recepteur.example/"))


NONE = [
    "http://recepteur.example/", "ftp://recepteur.example/", "https:///x", "https://", "//x.example/", "javascript:alert(1)",
    "file:///etc/passwd", "https://a:b@recepteur.example/", "https://x.example/#a", "https://x.example:0/",
    "https://x.example:99999/", "https://x.example/\r\nHost: y", "https://x .example/", "https://é.example/",
    "https://x.example\\@127.0.0.1/", "https://[::1", "https://" + "a" * 300, "https://127.0.0.1/", "https://[::1]/",
    "https://0x7f000001/", "https://2130706433/", "https://127.1/", "https://localhost/",
    "https://recepteur.example:22/", "https://recepteur.example:5432/", "https://pizza.example/", "https://PIZZA.example./",
]  # fmt: skip


def test_an_address_that_is_none_is_refused_and_nothing_is_kept(
    house: House, people: People, settings: Settings, names: Names
) -> None:
    settings.WEBHOOK_LOOPBACK = False
    settings.ALLOWED_HOSTS = ["*", "pizza.example"]
    names([PUBLIC[0]])
    for url in NONE:
        with pytest.raises(AddressRefused):
            add(store=house.bastille, url=url, statuses=[], acting_user=people.manager)
    assert not Endpoint.objects.exists()
    assert not AuditEntry.objects.exists()
    add(store=house.bastille, url="https://recepteur.example:8443/", statuses=[], acting_user=people.manager)


@pytest.fixture
def _any_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pizzeria.outside.addresses.FIT_PORTS", range(65_536))


@pytest.mark.usefixtures("_any_port")
def test_a_name_that_changes_its_mind_after_it_was_saved_is_not_followed(
    house: House, people: People, receiver: Receiver, settings: Settings, names: Names
) -> None:
    settings.WEBHOOK_LOOPBACK = False
    port = target_of(receiver.url).port
    names([PUBLIC[0]], ["127.0.0.1"])
    made = add(store=house.bastille, url=f"https://rebinding.example:{port}/", statuses=[], acting_user=people.manager)
    house.order()
    assert send_due(endpoint_id=made.pk) == 0
    assert Delivery.objects.get().answered == "address_refused"
    assert receiver.messages == []


def test_a_name_is_looked_up_once_a_sending_so_that_it_cannot_change_in_between(
    receiver: Receiver, names: Names
) -> None:
    port = target_of(receiver.url).port
    asked = names(["127.0.0.1"], ["10.0.0.1"])
    assert post(f"http://recepteur.example:{port}/x?y=1", body=b"{}", headers={}) == 204
    assert asked == ["recepteur.example"]
    assert receiver.messages[0].path == "/x?y=1"
    assert receiver.messages[0].headers["host"] == f"recepteur.example:{port}"


def test_over_tls_the_certificate_must_be_that_of_the_name(
    tmp_path: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certificate_for("recepteur.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "public.pem"))
    names(["127.0.0.1"])
    with receiving(certificate) as there:
        port = target_of(there.url).port
        assert post(f"https://recepteur.example:{port}/", body=b"{}", headers={}) == 204
        with pytest.raises(NotSentError, match="certificate"):
            post(f"https://autre.example:{port}/", body=b"{}", headers={})
    assert len(there.messages) == 1


def test_a_store_has_so_many_addresses_and_the_groups_are_the_directions(house: House, people: People) -> None:
    for _address in range(10):
        add(store=house.bastille, url="http://127.0.0.1:9/", statuses=[], acting_user=people.manager)
    with pytest.raises(TooManyEndpoints):
        add(store=house.bastille, url="http://127.0.0.1:9/", statuses=[], acting_user=people.manager)
    with pytest.raises(NotTheirs):
        add_for_group(at=house.bastille, url="http://127.0.0.1:9/", statuses=[], acting_user=people.manager)
