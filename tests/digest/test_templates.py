"""What a person can change without a programmer: the look, the words, the templates."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sizes import size
from test_letter import ALL
from test_render import TEMPLATES, full, read

import digestbot
from digestbot.bundled import folder
from digestbot.digest.rendering import cards
from digestbot.digest.rendering.catalog import Catalog
from digestbot.digest.rendering.fragments import decoded
from digestbot.digest.rendering.renderer import Templates
from digestbot.digest.rendering.template_loader import Sandbox, renamed_texts, unused
from digestbot.digest.rendering.text_layout import COLUMNS, right, width, wrap
from digestbot.errors import TemplateError
from digestbot.mail.lint.html import lint_html
from digestbot.model import Digest, Item, Link, LinkRel, Links, PolledSource, SectionKind, Standing
from digestbot.model.mail import FormMail
from digestbot.testing.builders import NOW, digest, item, paper, section, subscriber

NOTICE = FormMail(
    kind="subscribe", site="Papers", address="ada@example.org", asked=NOW, message_id="<1@example.org>",
    link="https://p.example/c/t", topics=("Diffusion",), schedule="weekdays 07:30", contact="admin@example.org",
)  # fmt: skip
HERE = folder("templates")
DOCS = Path(__file__).resolve().parents[2] / "docs" / "templates.md"
TOKENS = tomllib.loads((HERE / "tokens.toml").read_text())


def strings(code: str) -> dict[str, Any]:
    return tomllib.loads((HERE / "strings" / f"{code}.toml").read_text())


def of(code: str) -> Catalog:
    return TEMPLATES.stationery.languages.of(code)


def every_kind() -> list[Digest]:
    """Digests that between them use every style, text and template."""
    quiet = PolledSource(ref="acl", name="ACL", state="quiet", note="no new volume")
    coded = paper(
        1, signals={"upvotes": 3}, comment="Accepted at ICML", links=(Link(LinkRel.CODE, "https://x.example"),)
    )
    paired = item(8, beside=paper(9), note="Said.")
    updated = Item(paper=paper(4, version=2, standing=Standing.WITHDRAWN), kind="v2", note="You had v1.")
    many = section(
        *(item(n, paper=paper(n, title="量" * 90, summary="量子。" * 90)) for n in range(20, 90)),
        more=(item(99),) * 300,
    )
    return [
        full(),
        replace(full(), links=ALL, sections=(*full().sections, section(paired, updated, kind=SectionKind.UPDATES))),
        digest(section(item(1, paper=coded), note="-ti:survey"), links=ALL, polled=(quiet,)),
        replace(full(), sections=()),
        digest(many, links=Links(page="https://p.example/d/t", leave="https://p.example/u/t")),
    ]


def look(templates: Templates) -> Iterator[str]:
    """Pages that between them use every style; the one of most cards comes last."""
    yield templates.web_digest(full())
    yield templates.style()
    yield decoded(templates.form_mail(NOTICE).html)
    yield from map(templates.html, every_kind())


@cache
def ours() -> tuple[str, ...]:
    return tuple(look(TEMPLATES))


STYLES = [(table, key) for table, keys in TOKENS.items() for key in keys]


@pytest.mark.parametrize(("table", "key"), STYLES[:: size(3, full=1)])
def test_changing_a_token_changes_what_is_seen(tmp_path: Path, table: str, key: str) -> None:
    value = TOKENS[table][key]
    changed = value + 1 if isinstance(value, int) else f"{value};opacity:0.5" if table == "style" else "#010203"
    (tmp_path / "tokens.toml").write_text(f"[{table}]\n{key} = {changed!r}\n".replace("'", '"'))
    assert any(page != before for page, before in zip(look(Templates.load(tmp_path)), ours(), strict=True))


@pytest.mark.parametrize("path", sorted((HERE / "mail").glob("*.html")), ids=lambda p: p.name)
def test_no_colour_size_or_face_stands_in_a_template(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.findall(
        r"(?<!&)#[0-9a-f]{3,8}\b|\b\d+px|(?:font-size|line-height|padding|margin)(?:-\w+)?: ?[1-9]", text
    )
    assert "font-family:" not in re.sub(r"font-family:\{\{", "", text)
    assert not re.search(r"#[0-9a-fA-F]{3,8};", "".join(p.read_text() for p in (HERE / "web").glob("*.html")))


def test_a_style_that_names_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text('[style]\ntitle = "color:{inc}"\n')
    with pytest.raises(TemplateError, match="made: inc"):
        Templates.load(tmp_path)


@pytest.mark.parametrize(
    "source",
    ["{{ ''.__class__.__mro__ }}", "{{ t.__class__ }}", "{{ t.update({'a': 'b'}) }}", "{{ '{0.__class__}'.format(t) }}",
     "{{ cards.__init__.__globals__ }}"],
)  # fmt: skip
def test_a_template_reaches_nothing_but_its_values(tmp_path: Path, source: str) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "section.txt").write_text(source)
    with pytest.raises(TemplateError):
        Templates.load(tmp_path).letter(full())


@pytest.mark.parametrize(
    "name", ["title", "__class__", "__dataclass_fields__", "_x", "__init__", "nothing", "update", "get", "s"]
)
def test_the_short_way_to_a_value_gives_what_jinjas_sandbox_gives(name: str) -> None:
    words = TEMPLATES.stationery.languages.of("en")
    short, long = Sandbox(), ImmutableSandboxedEnvironment()
    for value in (cards.card(paper(1), "arXiv", 2026, words), {"title": "x", "s": 1, "_x": 2}, "text", None):
        assert repr(short.getattr(value, name)) == repr(long.getattr(value, name))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ cards | upper | length }}", "can be printed and tested"),
        ("{% if cards == 'x' %}{% endif %}", "can be printed and tested"),
        ("<td>{{ cards }}</td>", "a line of its own"),
        ("{{ cards | truncate(3) }}", "can be printed and tested"),
        ("{{ cards[:9] }}", "can be printed and tested"),
    ],
)
def test_a_value_of_one_reader_can_only_be_printed(tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "section.html").write_text(source)
    with pytest.raises(TemplateError, match=says) as caught:
        Templates.load(tmp_path).letter(full())
    assert "section.html" in caught.value.where


# --- words ---


def test_every_text_is_there_in_every_language_with_the_same_names() -> None:
    english = strings("en")
    for path in (HERE / "strings").glob("*.toml"):
        other = strings(path.stem)
        for table in english:
            assert other[table].keys() == english[table].keys(), f"{path.name} [{table}]"
        for table in ("text", "count"):
            for key, value in english[table].items():
                assert names(value) == names(other[table][key]), f"{path.name} {key}"


def names(value: str | list[str]) -> set[str]:
    return {
        name
        for text in ([value] if isinstance(value, str) else value)
        for _, name, _, _ in Formatter().parse(text)
        if name
    }


@pytest.mark.slow
def test_every_text_is_used() -> None:
    sources = [
        *HERE.rglob("*.html"),
        *HERE.rglob("*.txt"),
        *(
            path
            for room in ("digest", "acts", "web")
            for path in (Path(digestbot.__file__).parent / room).rglob("*.py")
        ),
    ]
    code = "".join(path.read_text() for path in sources)
    made = (
        "in_",
        "link_",
        "days_",
        "fallen_",
        "withdrawn",
        "retracted",
        "pause_",
        "fewer_",
        "best_",
        "grade_",
        "page_week",
        "page_month",
        "form_mail_",
        "refused_",
        "confirm_",
        "vote_",
        "says_",
    )  # their keys are put together
    named = {name for pair in re.findall(r"""\bt\.(\w+)|(?<=["'])(\w+)(?=["'])""", code) for name in pair}
    for key in (*strings("en")["text"], *strings("en")["count"]):
        assert key in named or key.startswith(made), key


def test_a_mail_in_another_language_is_all_in_it() -> None:
    one = replace(full(), subscriber=subscriber(language="de"))
    html, text = TEMPLATES.html(one), TEMPLATES.text(one)
    assert '<html lang="de" dir="ltr"' in html
    assert "Montag, 23. November" in html
    assert "4 Papers für Sie, von 412 neuen" in html
    assert "2 in Ihren Themen, 1 Neuigkeit, 1 im Aufwind, 1 weiteres als Titel" in text
    assert "Täglich um 07:30 (Europe/Berlin), höchstens 15 Papers" in text
    assert TEMPLATES.subject(one) == "Attention: A Study of Sparse Attention, Part 1 · 4 Papers · Mo 23. Nov."
    for word in ("Matched", "Updates", "papers", "Unsubscribe", "What was", "Sent", "Trending"):
        assert word not in html + text, word


def test_what_a_language_does_not_say_is_said_in_english(tmp_path: Path) -> None:
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "fr.toml").write_text('[text]\nmatched = "Trouvé :"\n')
    text = Templates.load(tmp_path).text(replace(full(), subscriber=subscriber(language="fr-CA")))
    assert "Trouvé : *Attention* in title" in text
    assert "4 papers for you" in text


def test_one_text_can_be_changed_alone(tmp_path: Path) -> None:
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "en.toml").write_text('[text]\nsubject = "[{names}] {papers}"\n')
    assert Templates.load(tmp_path).subject(full()) == "[Attention: A Study of Sparse Attention, Part 1] 4 papers"


def test_plurals_follow_the_language(tmp_path: Path) -> None:
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "pl.toml").write_text(
        '[language]\nplural = "n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2"\ngroup = "\u00a0"\n'
        '[count]\npapers = ["{n} artykuł", "{n} artykuły", "{n} artykułów"]\n'
    )
    polish = Templates.load(tmp_path).stationery.languages.of("pl")
    assert [polish.count("papers", n) for n in (1, 3, 5, 12, 22)] == [
        "1 artykuł", "3 artykuły", "5 artykułów", "12 artykułów", "22 artykuły",
    ]  # fmt: skip
    assert polish.count("papers", 1204) == "1\u00a0204 artykuły"
    assert polish.count("votes", 1) == "1 vote"


def test_a_language_from_right_to_left_turns_the_mail(tmp_path: Path) -> None:
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "ar.toml").write_text('[language]\ndirection = "rtl"\n')
    html = Templates.load(tmp_path).html(replace(full(), subscriber=subscriber(language="ar")))
    read(html)
    assert '<html lang="ar" dir="rtl"' in html
    assert "text-align:right" in html
    assert 'align="right" valign="top" class="ink ln"' in html  # the sources' names


@pytest.mark.parametrize(
    "text", ['[text]\nsubject = "{names.__class__}"', '[text]\nsubject = "{"', "[text", '[language]\nplural = "n +"']
)
def test_a_text_that_cannot_be_used_is_named_with_its_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "en.toml").write_text(text)
    with pytest.raises(TemplateError) as caught:
        Templates.load(tmp_path)
    assert "strings/en.toml" in caught.value.where


def test_days_and_numbers_are_written_as_the_language_does() -> None:
    day = date(2026, 3, 2)
    assert [of(c).day("long", day) for c in ("en", "de")] == ["Monday 2 March", "Montag, 2. März"]
    assert [of(c).day("card_year", day) for c in ("en", "de")] == ["2 Mar 2026", "2. März 2026"]
    assert [of(c).number(1234567) for c in ("en", "de", "de-AT", "xx")] == [
        "1,234,567",
        "1.234.567",
        "1.234.567",
        "1,234,567",
    ]


# --- plain text ---


def test_wide_signs_count_two_columns() -> None:
    assert [width(t) for t in ("abc", "量子", "e\u0301", "Αθ")] == [3, 4, 1, 2]


@pytest.mark.parametrize(
    "text",
    [
        "量子計算機による機械学習の高速化、理論と実験。" * 8,
        "Η βαθιά μάθηση είναι αργή. " * 9,
        "words of many sizes " * 20,
    ],
)
@pytest.mark.parametrize("indent", ["", "   "])
def test_lines_are_filled_to_72_columns_and_lose_nothing(text: str, indent: str) -> None:
    lines = wrap(text, indent).split("\n")
    assert max(map(width, lines)) <= COLUMNS
    assert min(map(width, lines[:-1])) > 50
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not [x for x in lines if x.strip()[0] in "、。"]


def test_an_address_is_never_broken() -> None:
    address = "https://example.org/" + "x" * 90
    assert address in wrap(f"See {address} for it", "   ").split("\n")[1]


def test_both_ways_of_filling_lines_agree() -> None:
    text = "The quick brown fox, " * 12 + "x" * 80 + " and  more"
    assert wrap(text) == "\n".join(line.removeprefix("\u200b") for line in wrap(text, "", "").split("\n"))


def test_two_ends_of_a_line_that_is_too_short_take_two_lines() -> None:
    assert right("A", "B") == "A" + " " * 70 + "B"
    assert right("量" * 40, "3 papers").split("\n")[-1] == " " * 64 + "3 papers"


def test_no_line_of_a_mail_is_wider_than_72_columns_but_for_addresses() -> None:
    one = digest(section(*(item(n, paper=paper(n, title="量子" * 60, summary="这是一个很长的摘要。" * 60,
                 authors=("作者" * 30,) * 9)) for n in range(9)), title="模型" * 30, note="word " * 40))  # fmt: skip
    wide = [x for x in TEMPLATES.text(one).splitlines() if width(x) > COLUMNS and "://" not in x]
    assert not wide


# --- the documentation ---


class _Heard(Templates):
    """Notes which values each template is given."""

    def _form(self, name: str, known: Any, given: Any, columns: int = 0) -> Any:
        HEARD.setdefault(name, set()).update({*known(), *given})
        return super()._form(name, known, given, columns)


HEARD: dict[str, set[str]] = {}


def test_the_docs_list_every_template_with_the_values_it_gets(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    for name in (
        "mail/section.html",
        "mail/section.txt",
    ):  # an operator's get the values that ours have filled in later
        shutil.copy(HERE / name, tmp_path / name)
    templates = _Heard.load(tmp_path)
    for one in every_kind():
        templates.letter(one)
    templates.form_mail(NOTICE)
    told = dict(re.findall(r"^\| `(mail/[\w.]+)` \|[^|]*\| (.*?) \|$", DOCS.read_text(), re.MULTILINE))
    everywhere = {"t", "lang", "dir", "start", "end"}
    assert {name: set(re.findall(r"`(\w+)`", values)) for name, values in told.items() if "included" not in values} == {
        name: values - everywhere for name, values in HEARD.items()
    }
    files = {str(p.relative_to(HERE)) for p in HERE.rglob("*.*") if p.parent != HERE / "strings"}
    assert not [name for name in files if f"`{name}`" not in DOCS.read_text()]


def test_the_docs_list_the_fields_of_cards_and_reasons() -> None:
    text = DOCS.read_text()
    for value in (cards.Card, cards.Why):
        for field in fields(value):
            assert f"`{field.name}`" in text, f"{value.__name__}.{field.name}"
    for name in (*cards.Badge._fields, *cards.Link._fields):
        assert f"`{name}`" in text


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("tokens.toml", 'link = "#1b5e20"', "stands in no table"),
        ("tokens.toml", '[ligth]\nlink = "#1b5e20"', "no [ligth]"),
        ("tokens.toml", '[light]\nlnk = "#1b5e20"', "Did you mean link?"),
        ("tokens.toml", '[light]\nlink = "greeen"', "no colour"),
        ("tokens.toml", '[size]\nside = "large"', "no size"),
        ("strings/en.toml", '[text]\nheadline_of = "{papers} of {neuf}"', "{neuf} is not known there"),
        ("strings/en.toml", '[count]\npapers = "{n} papers"', "wrong shape"),
        ("strings/en.toml", '[count]\npapers = ["{n} paper"]', "not as many forms as plurals"),
        ("strings/en.toml", '[date]\nweekdays = ["Mo", "Tu"]', "2 names stand there"),
        ("strings/en.toml", '[date]\nlong_year = "{jour}"', "{jour} is not known there"),
        ("strings/en.toml", '[text]\nmatched = ["a", "b"]', "wrong shape"),
        ("strings/en.toml", '[language]\ndirection = "sideways"', "no direction"),
        ("strings/en.toml", '[langage]\nname = "x"', "no table [langage]"),
    ],
)
def test_a_mistake_in_tokens_or_texts_names_its_file_and_the_mend(
    tmp_path: Path, file: str, text: str, says: str
) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with pytest.raises(TemplateError) as caught:
        Templates.load(tmp_path)
    assert says in str(caught.value)
    assert path.name in str(caught.value)


def test_gettexts_whole_plural_line_is_read(tmp_path: Path) -> None:
    (tmp_path / "strings").mkdir()
    (tmp_path / "strings" / "fr.toml").write_text(
        '[language]\nplural = "nplurals=2; plural=(n > 1);"\n[count]\npapers = ["{n} article", "{n} articles"]'
    )
    french = Templates.load(tmp_path).stationery.languages.of("fr")
    assert [french.count("papers", n) for n in (0, 1, 2)] == ["0 article", "1 article", "2 articles"]


def test_a_file_that_nothing_uses_is_named_with_the_one_that_is_meant(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "string").mkdir()
    for name in ("mail/cards.html", "mail/.card.html.swp", "mail/card.html~", "string/fr.toml"):
        (tmp_path / name).write_text("x")
    Templates.load(tmp_path).letter(full())
    assert unused(tmp_path) == [("mail/cards.html", "mail/card.html"), ("string/fr.toml", "strings/en.toml")]
    shutil.copy(HERE / "mail" / "section.html", tmp_path / "mail" / "section.html")
    with (tmp_path / "mail" / "section.html").open("a") as section:
        section.write('{% include "mail/cards.html" %}')  # a part of one's own
    assert [name for name, _ in unused(tmp_path)] == ["string/fr.toml"]


def test_what_has_another_name_today_is_told_by_it(tmp_path: Path) -> None:
    for part in ("mail", "strings"):
        (tmp_path / part).mkdir()
    (tmp_path / "mail" / "notice.html").write_text("<p>{{ lead }}</p>")
    (tmp_path / "strings" / "de.toml").write_text('[text]\nnotice_opens = "Auf!"\nnotice_board = "Brett"\n')
    assert unused(tmp_path) == [("mail/notice.html", "mail/form_mail.html")]
    assert renamed_texts(tmp_path) == [("strings/de.toml", "notice_opens", "form_mail_opens")]


@pytest.mark.parametrize(
    "line", ["[size]\nside = -40", "[size]\nside = true", "[size]\nsheet_width = 0", "[face]\nserif = 5"]
)
def test_a_size_or_face_that_cannot_be_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "tokens.toml").write_text(line)
    with pytest.raises(TemplateError, match=r"tokens.toml"):
        Templates.load(tmp_path)


def test_a_value_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "card.html").write_text("{{ card.abstract }}")
    with pytest.raises(TemplateError, match=r"It has title, href, authors"):
        Templates.load(tmp_path).letter(full())


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["subscribe", "known", "leave", "move"])
def test_a_mail_that_asks_for_a_button_is_in_the_readers_language_and_leads_to_it(kind: Any, language: str) -> None:
    for topics in ((), ("Diffusion",)):
        letter = TEMPLATES.form_mail(replace(NOTICE, kind=kind, language=language, topics=topics))
        html, text = decoded(letter.html), decoded(letter.text)
        assert f'lang="{language}"' in html
        assert html.count("https://p.example/c/t") == text.count("https://p.example/c/t") == 1
        assert "ada@example.org" in text or kind == "leave"
        assert not [found for found in lint_html(html) if found.severity != "note"]
        assert max(len(line) for line in text.splitlines()) <= COLUMNS
