"""The release comes from a git remote at a given ref; what the remote cannot give is never taken for what it gave before."""

from tests.server.deploying import PROJECT, Site, configure, deploy, deployed_server, release_in_service
from tests.server.machine import Rack

SUITES = ("bookworm",)
"""See `conftest`: the distribution has no part in what is tried here."""

REMOTE = "/root/remote"
AS_SOMEBODY = f"git -C {REMOTE} -c user.name=Edgar -c user.email=edgar@ocpizza.fr"


def test_a_ref_of_a_git_remote_is_deployed_and_one_that_is_not_there_leaves_the_site_alone(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        local, site = release_in_service(server), Site(server)
        server.run("apt-get -q -y install git >/dev/null", timeout=300)
        server.run(
            f"cp -a {PROJECT} {REMOTE} && git init -q -b main {REMOTE} && echo of the remote >>{REMOTE}/CHANGELOG.md"
        )
        server.run(f"{AS_SOMEBODY} add -A && {AS_SOMEBODY} commit -q -m first && {AS_SOMEBODY} tag v1")
        configure(server, SOURCE=REMOTE, SOURCE_REF="v1")
        deploy(server)
        remote = release_in_service(server)
        assert remote != local
        assert site.ask("/readyz").json()["release"] == remote

        configure(server, SOURCE=REMOTE, SOURCE_REF="v2")
        refused = deploy(server, check=False)
        assert refused.returncode == 1
        assert "v2" in refused.stderr
        assert site.ask("/readyz").json()["release"] == remote
