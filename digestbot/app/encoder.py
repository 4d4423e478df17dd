"""The configured sentence encoder."""

from __future__ import annotations

from digestbot.encoders import Encoder
from digestbot.settings import Config


def encoder(config: Config) -> Encoder | None:
    """A service, or a model on this machine; None without [encoder]."""
    chosen = config.encoder
    if chosen is None:
        return None
    if chosen.url:
        from digestbot.encoders.endpoint import EndpointEncoder

        return EndpointEncoder(url=chosen.url, model=chosen.model, key=chosen.key, proxy=config.fetch.proxy)
    from digestbot.encoders.local import LocalEncoder

    return LocalEncoder(chosen.folder)
