"""The servers themselves: bare, apart from the machine that tests, and gone without a trace."""

from tests.server.machine import Server


def test_a_bare_debian_runs_and_has_nothing_on_it(bare: Server) -> None:
    assert bare.run("systemctl is-system-running").stdout == "running\n"
    assert bare.run("command -v nginx psql pip gunicorn ufw", check=False).stdout == ""
