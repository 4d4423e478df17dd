"""The configuration: what is understood, and how what is wrong is said."""

from __future__ import annotations

from contextlib import suppress
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot import plugins, settings
from digestbot.app.config_files import load
from digestbot.bundled import folder
from digestbot.errors import ConfigError
from digestbot.model import Secret
from digestbot.settings import Config
from digestbot.settings.config import EncoderConfig

MAIN = """
[site]
name = "Lab papers"
contact = "admin@lab.example"
time_zone = "Europe/Berlin"

[delivery]
channel = "smtp"
from = "Lab <papers@lab.example>"

[smtp]
host = "smtp.lab.example"
username = "bot"
password_file = "secrets/smtp"
rate = "30/m"

[edition]
closes = "11:30"

[[topics]]
name = "diffusion"
query = 'diffusion OR "flow matching"'

[[sources]]
name = "arxiv-cs"
kind = "arxiv"
categories = ["cs.LG"]
every = "3h"
"""
PEOPLE = """
[[subscribers]]
id = "reader"
email = "reader@lab.example"
schedule = "mon,thu 08:00"

  [[subscribers.topics]]
  name = "Diffusion"
  query = '@diffusion AND NOT ti:survey'
  limit = 8
"""


def read(main: str = MAIN, people: str = PEOPLE, environ: dict[str, str] | None = None) -> Config:
    texts = [("digestbot.toml", main), ("subscribers/lab.toml", people)]
    kinds = plugins.Kinds(plugins.SOURCES)
    return settings.read(
        texts, root=Path("/srv"), kinds=kinds, channels=["smtp", "maildir"], environ=environ or {}, read_secret=lambda _: "pw"
    )  # fmt: skip


def problems(main: str = MAIN, people: str = PEOPLE) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(main, people)
    return [str(p) for p in caught.value.problems if p.severity == "error"]


@pytest.mark.parametrize(("change", "asked"), [
    ("", ("arxiv", "crossref", "openalex", "pubmed")),
    ("[enrich]\non = false", ()),
    ('[enrich]\nproviders = ["arxiv"]', ("arxiv",)),
])  # fmt: skip
def test_who_is_asked_to_complete_papers(change: str, asked: tuple[str, ...]) -> None:
    assert read(MAIN + change).enrich.providers == asked


@pytest.mark.parametrize(
    ("given", "where"),
    [("list.csv", "/srv/list.csv"), ("https://a.example/l.csv", "https://a.example/l.csv")],
)
def test_a_list_of_notices_is_a_file_below_the_root_or_an_address(given: str, where: str) -> None:
    main = MAIN.replace("[site]", '[site]\nroot = "/srv"')
    assert read(main + f'[enrich]\nnotices = "{given}"').enrich.notices == where


def test_without_a_contact_only_arxiv_is_asked() -> None:
    main = MAIN.replace('contact = "admin@lab.example"\n', "")
    assert read(main).enrich.providers == ("arxiv",)
    [problem] = problems(main + '[enrich]\nproviders = ["openalex"]')
    assert "[enrich] providers: openalex wants to know who asks: write contact into [site]" in problem


def test_an_encoder_is_a_model_here_or_a_service_with_its_key() -> None:
    assert read().encoder is None
    local, own, service = (
        read(f"{MAIN}[encoder]\nuse = {said}").encoder
        for said in (
            '"local"', '"local"\nmodel = "models/small"',
            '"endpoint"\nurl = "https://api.example.org/v1"\nmodel = "small"\nkey_file = "k"',
        )
    )  # fmt: skip
    assert local == EncoderConfig()
    assert own == EncoderConfig(folder=Path("/srv/models/small"))
    assert service == EncoderConfig(url="https://api.example.org/v1", model="small", key=Secret("pw"))


@pytest.mark.parametrize(("said", "wrong"), [
    ('use = "openai"', "[encoder] use: "),
    ('use = "endpoint"\nmodel = "small"', '[encoder] url: use = "endpoint" needs its address'),
    ('use = "endpoint"\nurl = "https://api.example.org"', '[encoder] model: use = "endpoint" needs the name'),
    ('use = "local"\nkey_file = "k"', '[encoder] key_file: belongs to use = "endpoint"'),
    ('use = "endpoint"\nurl = "http://10.0.0.5/v1"\nmodel = "small"\nkey_file = "k"', "[encoder] url: the key would go"),
    ('use = "endpoint"\nurl = "https://a.example"\nmodel = "m"\nurll = ""', "[encoder] urll: "),
])  # fmt: skip
def test_a_wrong_encoder_is_told(said: str, wrong: str) -> None:
    assert any(wrong in problem for problem in problems(f"{MAIN}[encoder]\n{said}"))


def test_every_value_is_understood() -> None:
    config = read()
    assert (config.site.name, config.edition.closes) == ("Lab papers", time(11, 30))
    assert config.smtp is not None
    assert (config.smtp.host, config.smtp.rate, config.smtp.password.reveal()) == ("smtp.lab.example", 0.5, "pw")
    assert (config.sources[0].every, config.sources[0].options["categories"]) == (timedelta(hours=3), ["cs.LG"])
    (reader,) = config.subscribers
    assert (reader.time_zone, reader.topics[0].limit, reader.when_empty) == ("Europe/Berlin", 8, "skip")


def test_the_bundled_example_is_read_without_an_error() -> None:
    config = load(folder("config") / "digestbot.toml")
    assert config.delivery.channel == "maildir"
    assert {s.kind for s in config.sources} == {"arxiv", "huggingface", "feed"}
    assert config.subscribers[0].topics


def test_a_secret_may_come_from_the_environment_and_never_shows() -> None:
    main = MAIN.replace('password_file = "secrets/smtp"\n', "")
    config = read(main, environ={"DIGESTBOT_SMTP_PASSWORD": "s3cret"})
    assert config.smtp is not None
    assert config.smtp.password.reveal() == "s3cret"
    assert "s3cret" not in repr(config)


def test_all_problems_of_all_files_are_said_at_once_with_their_lines() -> None:
    main = MAIN.replace('channel = "smtp"', 'channel = "smpt"').replace('every = "3h"', 'every = "often"')
    people = PEOPLE.replace("ti:survey", "tit:survey").replace("mon,thu", "mon,thr")
    found = problems(main, people)
    assert len(found) == 4
    assert any(p.startswith("digestbot.toml:8:") and 'did you mean "smtp"?' in p for p in found)
    assert any(p.startswith("digestbot.toml:28:") for p in found)
    assert any(p.startswith("subscribers/lab.toml:5:") for p in found)
    assert any(p.startswith("subscribers/lab.toml:9:") and "tit" in p for p in found)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kind = "arxiv"', 'kind = "arxvi"'), 'did you mean "arxiv"?'),
        (('categories = ["cs.LG"]', 'categorie = ["cs.LG"]'), "categories"),
        (('time_zone = "Europe/Berlin"', 'time_zone = "Europe/Berln"'), "Europe/Berlin"),
        (('rate = "30/m"', 'rate = "fast"'), "rate"),
        (("[smtp]", "[stmp]"), 'did you mean "smtp"?'),
        (('query = \'diffusion OR "flow matching"\'', "query = '@diffusion'"), "stands for itself"),
        (('host = "smtp.lab.example"', ""), "host"),
        (('name = "Lab papers"', 'name = "a\\r\\nBcc: x"'), "control"),
        (("[site]", "[site"), "TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_the_mend(change: tuple[str, str], says: str) -> None:
    assert any(says in p for p in problems(MAIN.replace(*change)))


def test_two_people_with_one_id_or_one_source_name_twice_are_refused() -> None:
    assert any("reader" in p for p in problems(people=PEOPLE + PEOPLE))


def test_an_address_that_few_servers_take_is_a_warning_and_one_with_a_domain_of_other_letters_is_right() -> None:
    told = read(people=PEOPLE.replace("reader@lab", "jürgen@lab")).warnings
    assert any("SMTPUTF8" in str(warning) and "email" in str(warning) for warning in told)
    assert not any("SMTPUTF8" in str(w) for w in read(people=PEOPLE.replace("reader@lab", "reader@bücher")).warnings)


@pytest.mark.parametrize("name", ["Papers, Daily", "a; b", "Papers [cs]", "(x) y"])
def test_the_senders_name_may_hold_any_sign(name: str) -> None:
    config = read(MAIN.replace('from = "Lab <papers@lab.example>"', f"from = '{name} <papers@lab.example>'"))
    assert config.delivery.sender == f"{name} <papers@lab.example>"
    assert config.delivery.domain == "lab.example"


def test_hello_and_envelope_sender_are_read_and_the_password_file_is_known() -> None:
    keys = 'hello = "bot.bücher.example"\nsender = "bounces@lab.example"\n'
    smtp = read(MAIN.replace('rate = "30/m"', keys)).smtp
    assert smtp is not None
    assert (smtp.hello, smtp.sender) == ("bot.xn--bcher-kva.example", "bounces@lab.example")
    assert smtp.password_file == Path("/srv/secrets/smtp")


def test_no_base_url_is_a_warning_and_no_error() -> None:
    assert any(p.key == "[site] base_url" for p in read().warnings)


def test_a_missing_file_names_the_command_that_writes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "none.toml")
    assert "digestbot init" in caught.value.problems[0].detail


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(ConfigError):
        read(text, "")


def test_mails_speak_the_sites_language_unless_a_subscriber_says_another() -> None:
    people = '[[subscribers]]\nid = "a"\nemail = "a@x.org"\n[[subscribers]]\nid = "b"\nemail = "b@x.org"\nlanguage = "pt-BR"\n'
    config = read('[site]\nlanguage = "de"\n', people)
    assert [p.language for p in config.subscribers] == ["de", "pt-BR"]


@pytest.mark.parametrize(
    ("more", "warned"),
    [
        ("", {"[signup] mode", "[web] proxies"}),
        ('[signup]\nmode = "open"\n[web]\nproxies = ["127.0.0.1"]', set()),
        ('[signup]\nmode = "closed"\n[web]\nlisten = "0.0.0.0:8080"', set()),
    ],
)
def test_an_address_of_the_web_asks_who_may_subscribe_and_which_proxy_stands_in_front(
    more: str, warned: set[str]
) -> None:
    told = read(MAIN.replace("[delivery]", f'base_url = "https://p.example"\n{more}\n[delivery]')).warnings
    assert {problem.key for problem in told} & {"[signup] mode", "[web] proxies"} == warned


@pytest.mark.parametrize(("given", "query"), [
    ('follow = ["orcid:0000-0002-1825-0097"]', "who:0000-0002-1825-0097"),
    ('follow = ["https://openalex.org/A5023888391", "ror:05dxps055"]', "who:A5023888391 OR who:05dxps055"),
    ('follow = ["Jane Doe @ University of X", "Ann Lee"]', 'au:"Jane Doe" OR au:"Ann Lee"'),  # the place is evidence, no word
    ('query = "robots OR drones"\nfollow = ["ror:05dxps055"]', "(robots OR drones) OR who:05dxps055"),
])  # fmt: skip
def test_people_that_a_topic_follows_are_words_of_its_rule(given: str, query: str) -> None:
    people = PEOPLE.partition("[[subscribers.topics]]")[0] + f'[[subscribers.topics]]\nname = "People"\n{given}\n'
    [topic] = read(MAIN, people).subscribers[0].topics
    assert topic.query == query


@pytest.mark.parametrize(("given", "said"), [
    ("orcid:0000-0002-1825-0098", "its last digit does not fit"),
    ("orcid:12", "is no id we know"),
    ("Doe", "is no name"),
])  # fmt: skip
def test_a_person_that_cannot_be_followed_is_said(given: str, said: str) -> None:
    people = (
        PEOPLE.partition("[[subscribers.topics]]")[0] + f'[[subscribers.topics]]\nname = "P"\nfollow = ["{given}"]\n'
    )
    assert any(said in problem for problem in problems(MAIN, people))
