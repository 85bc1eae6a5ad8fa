"""The book's public addresses, all derived from one line of ``_config.yml``."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE_PATTERN = re.compile(r"https://[\w-]+\.github\.io/[\w.-]+/")


def read_repository(config: Path = ROOT / "_config.yml") -> tuple[str, str, str]:
    """Return owner, repository name and branch from ``repository:`` in ``_config.yml``.

    Raises:
        ValueError: If the address is not one of GitHub.
    """
    text = config.read_text(encoding="utf-8")
    url = _setting(text, "url", config)
    match = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+?)(\.git)?/?", url)
    if not match:
        raise ValueError(
            f"repository.url in {config.name} must read https://github.com/OWNER/NAME, "
            f"got {url!r}"
        )
    return match[1], match[2], _setting(text, "branch", config)


def _setting(text: str, key: str, config: Path) -> str:
    block = re.search(r"^repository:\n((?: +.*\n)+)", text, re.MULTILINE)
    match = block and re.search(rf"^ +{key}: *(\S+)", block[1], re.MULTILINE)
    if not match:
        raise ValueError(f"{config.name} must have repository.{key}, found none")
    return match[1]


def site_url(owner: str, name: str) -> str:
    """Return the address under which GitHub Pages publishes the book."""
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def repository_url(owner: str, name: str) -> str:
    """Return the address of the repository."""
    return f"https://github.com/{owner}/{name}"


def launch_urls(owner: str, name: str, branch: str, path: str) -> dict[str, str]:
    """Return the addresses that open one notebook in Colab and in Kaggle.

    Args:
        owner: Owner of the repository.
        name: Name of the repository.
        branch: Branch to open.
        path: The notebook inside the repository, such as ``book/foundations/x.ipynb``.
    """
    blob = f"{owner}/{name}/blob/{branch}/{path}"
    return {
        "Colab": f"https://colab.research.google.com/github/{blob}",
        "Kaggle": "https://kaggle.com/kernels/welcome?src=https://github.com/" + blob,
    }
