"""Where this code stands on a server: ~/OC_PIZZA is a link to a release, its environment lies beside the releases."""

from pathlib import Path

from OC_PIZZA.server import ENVIRONMENT, RELEASES, SHARED


class NotDeployedError(Exception):
    """There is no deployed site here, only its code."""


def environment_file() -> Path:
    """Raises NotDeployedError in a checkout: there is nothing to watch."""
    release = Path(__file__).resolve().parents[2]
    if release.parent.name != RELEASES:
        raise NotDeployedError(
            f"{release} n’est pas une version déployée : lancez d’abord DEPLOY_ENGINE/deploy-engine.sh"
        )
    return release.parent.parent / SHARED / ENVIRONMENT
