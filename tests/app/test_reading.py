"""Questions on both databases: before anything was written, after, and after the files have changed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from databases import store_url

from digestbot.acts.answers.status import status
from digestbot.acts.people.find import all_subscribers
from digestbot.app.config_files import checked, read_texts
from digestbot.app.reading import app_to_read
from digestbot.app.wiring import App
from digestbot.errors import ConfigError

MAIN = '[site]\ncontact = "admin@example.org"\n[store]\nurl = "{url}"\n'
ANA = '[[subscribers]]\nid = "ana"\nemail = "ana@example.org"\n'


def asked(main: Path) -> list[str]:
    """Whom a question finds."""
    app, _ = app_to_read(main)
    with app.opened():
        status(app.store, now=app.clock(), day_start=app.clock(), server=app.policy.server)
        return [person.email for person in all_subscribers(app.store)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_question_is_answered_at_every_moment(kind: Literal["sqlite", "postgresql"], tmp_path: Path) -> None:
    main = tmp_path / "config" / "digestbot.toml"
    people = tmp_path / "config" / "subscribers" / "all.toml"
    people.parent.mkdir(parents=True)
    with store_url(kind) as url:
        main.write_text(MAIN.format(url=url))
        people.write_text(ANA)
        assert asked(main) == ["ana@example.org"]
        texts = read_texts(main)
        with App(config=checked(texts, main), main=main, texts=tuple(texts)).opened() as app:
            assert len(all_subscribers(app.store)) == 1
        assert asked(main) == ["ana@example.org"]
        people.write_text(ANA + "[[")
        assert asked(main) == ["ana@example.org"]
        people.unlink()
        main.write_text(MAIN.format(url=url) + "[")
        assert asked(main) == ["ana@example.org"]


def test_a_broken_configuration_that_was_never_right_is_an_error(tmp_path: Path) -> None:
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text("[site\n")
    with pytest.raises(ConfigError):
        app_to_read(main)
