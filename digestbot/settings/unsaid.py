"""What a configuration leaves unsaid, and its operator would miss later."""

from __future__ import annotations

from collections.abc import Callable

from digestbot.settings.config import Config


def warn(config: Config, tell: Callable[..., None], *, signup_said: bool) -> None:
    """Tell of it as warnings: `tell` takes table, key and what to say. `signup_said`: who may subscribe is written."""
    if not config.site.contact:
        tell(
            "site",
            "contact",
            "no contact: sources cannot tell who asks, and mails carry no unsubscribe address",
            severity="warning",
        )
    if not config.site.base_url:
        tell("site", "base_url", "no base_url: mails carry no action links but mailto", severity="warning")
    if not config.sources:
        tell("sources", "", "no [[sources]]: nothing will ever come", severity="warning")
    if config.site.base_url:
        _warn_of_visitors(config, tell, signup_said)


def _warn_of_visitors(config: Config, tell: Callable[..., None], signup_said: bool) -> None:
    if not signup_said:
        tell(
            "signup",
            "mode",
            f"anybody may subscribe at {config.site.base_url}",
            detail='say so with mode = "open", or choose "invitation" or "closed"',
            severity="warning",
        )
    in_front = config.site.base_url.startswith("https:") and config.web.host in ("127.0.0.1", "::1", "localhost")
    if in_front and not config.web.proxies:
        tell(
            "web",
            "proxies",
            "every visitor is taken for the proxy in front, and all share the limits of one network",
            detail='write proxies = ["127.0.0.1"] where it stands on this machine and sends X-Forwarded-For',
            severity="warning",
        )
