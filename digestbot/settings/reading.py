"""Reading: texts become a Config. All problems of all files are collected before an error is raised."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import ConfigError, DigestbotError, PluginError, RuleError
from digestbot.mail.addresses import needs_smtputf8
from digestbot.model import Entry, Secret, Security, Subscriber, Topic
from digestbot.rules import parse
from digestbot.rules.language.arxiv_categories import ARCHIVES, CATEGORIES
from digestbot.settings.after_sending import read_admin, read_bounces, read_dkim
from digestbot.settings.config import (
    AlertsConfig,
    Config,
    DeliveryConfig,
    EditionConfig,
    EnrichConfig,
    Feeds,
    Fetch,
    Maildir,
    RetentionConfig,
    SignupConfig,
    Site,
    Smtp,
    SourceConfig,
    Web,
)
from digestbot.settings.encoder import read_encoder
from digestbot.settings.following import with_followed
from digestbot.settings.gathering import PASSWORD, Gathered, Place, Table
from digestbot.settings.likes import named_by, of_file, of_names
from digestbot.settings.people_files import with_people_files
from digestbot.settings.store import read_store
from digestbot.settings.tables import TABLES
from digestbot.settings.unsaid import warn

#: what people write for a kind, and what it is called here
KINDS_MEANT = {
    "rss": "feed", "atom": "feed", "rdf": "feed", "xml": "feed", "jsonfeed": "feed", "json": "feed", "blog": "feed",
    "hf": "huggingface", "daily": "huggingface", "medline": "pubmed", "medrxiv": "biorxiv", "doi": "crossref",
    "oai-pmh": "oai", "oaipmh": "oai", "html": "page", "web": "page",
}  # fmt: skip
LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


def files(main: Path) -> tuple[Path, ...]:
    """The main file and the subscribers' files beside it, by name."""
    beside = (main.parent / "subscribers").glob("*.toml")
    return main, *sorted(path for path in beside if not path.name.startswith("."))  # an editor's own are hidden


def read(
    texts: Sequence[tuple[str, str]],
    *,
    root: Path,
    kinds: Mapping[str, Any],
    channels: Collection[str],
    environ: Mapping[str, str],
    read_secret: Callable[[Path], str],
    last: Config | None = None,
) -> Config:
    """(file name, text) of all files, the main one first, as a checked configuration.

    `kinds`: kind → class of a source, with `options` and `from_options`. `last`: what was read of the same files before;
    people of files that did not change since are taken from there. Raises ConfigError with every problem.
    """
    gathered = Gathered()
    known = last.people_files if last is not None and last.main == texts[0][1] else {}
    for name, text in texts:
        if name in known and known[name].text == text:
            gathered.keep(name, known[name])
        else:
            gathered.take(name, text, main=name == texts[0][0])
    reader = _Reader(gathered, root, kinds, channels, environ, read_secret)
    config = reader.config() if not gathered.broken else None
    errors = [p for p in gathered.problems if p.severity == "error"]
    if errors or config is None:
        raise ConfigError(tuple(gathered.problems))
    return config


class _Reader:
    """Checks that need more than one key."""

    def __init__(
        self,
        gathered: Gathered,
        root: Path,
        kinds: Mapping[str, Any],
        channels: Collection[str],
        environ: Mapping[str, str],
        read_secret: Callable[[Path], str],
    ) -> None:
        self.all, self.kinds, self.channels = gathered, kinds, channels
        self.environ, self.read_secret = environ, read_secret
        self.verdicts: dict[str, RuleError | tuple[str, ...]] = {}  #: by rule
        self.liked: dict[str, Entry] = {}  #: what topics are made of, by the topics' word for each
        self.root = root / gathered.get("site", "root", "")

    def config(self) -> Config:
        """The whole configuration."""
        get, values = self.all.get, self.all.values_of
        zone = get("site", "time_zone", "UTC")
        self._check_zone(zone)
        topics = self._site_topics()
        rules = {t.name: t.query for t in topics}
        sources = tuple(s for row in self.all.lists["sources"] if (s := self._source(row)) is not None)
        read = self._people(zone, rules)
        people = tuple(person for some in read.values() for person in some)
        self._unique()
        templates = get("site", "templates", "")
        config = Config(
            root=self.root,
            site=Site(
                name=get("site", "name", "Papers"), base_url=get("site", "base_url", ""),
                contact=get("site", "contact", ""), time_zone=zone, language=get("site", "language", "en"),
                templates=self.root / templates if templates else None,
            ),
            store=read_store(values("store"), lambda *said: self._tell("store", *said)),
            fetch=Fetch(**{f.name: get("fetch", f.name, f.default) for f in fields(Fetch)}),
            delivery=self._delivery(),
            smtp=self._smtp(),
            maildir=Maildir(path=self.root / get("maildir", "path", "var/maildir")),
            bounces=read_bounces(values("bounces"), self.root, self.read_secret, lambda *said: self._tell("bounces", *said)),
            dkim=read_dkim(values("dkim"), self.root, get("delivery", "from", "")),
            feeds=Feeds(path=self.root / get("feeds", "path", "var/feeds"), private=get("feeds", "private", "asked")),
            web=self._web(), retention=self._retention(), enrich=self._enrich(), alerts=self._alerts(), edition=self._edition(rules),
            admin=read_admin(values("admin"), self.root, self.read_secret, lambda *said: self._tell("admin", *said)),
            signup=SignupConfig(**values("signup")), sources=sources, topics=topics, subscribers=people,
            liked=tuple(self.liked.values()), encoder=read_encoder(values("encoder"), self.root, self.read_secret, self._tell),
        )  # fmt: skip
        warn(config, self._tell, signup_said=bool(self.all.get("signup", "mode", "")))
        return with_people_files(config, self.all.problems, self.all.texts, read)

    def _people(self, zone: str, rules: Mapping[str, str]) -> dict[str, tuple[Subscriber, ...]]:
        """The people of each file."""
        rows: dict[str, list[Table]] = {name: [] for name in self.all.texts}
        for row in self.all.lists["subscribers"]:
            rows[row.file].append(row)
        found = {}
        for name, some in rows.items():
            if (kept := self.all.kept.get(name)) is not None:
                self.all.problems += kept.warnings
                found[name] = kept.people
            else:
                found[name] = tuple(p for row in some if (p := self._subscriber(row, zone, rules)) is not None)
        return found

    def _check_zone(self, zone: str) -> None:
        try:
            Schedule.parse("daily 12:00", zone)
        except DigestbotError as error:
            self._tell("site", "time_zone", f"{error.what}. {error.fix}")

    def _tell(
        self, table: str, key: str, what: str, *, severity: Literal["error", "warning"] = "error", detail: str = ""
    ) -> None:
        found = self.all.single.get(table)
        file = found.file if found else next(iter(self.all.texts), "")
        self.all.report(Place(file, (table, key), f"[{table}]"), what, severity=severity, detail=detail)

    def _row(self, row: Table, key: str, what: str, **more: Any) -> None:
        self.all.report(row.place(key), what, **more)

    def _site_topics(self) -> tuple[Topic, ...]:
        rows = [r for r in self.all.lists["topics"] if {"name", "query"} <= r.values.keys()]
        rules = {r.values["name"]: r.values["query"] for r in rows}
        for row in rows:
            self._rule(row, row.values["query"], rules)
        return tuple(Topic(name=r.values["name"], query=r.values["query"]) for r in rows)

    def _rule(self, row: Table, query: str, rules: Mapping[str, str]) -> None:
        if query not in self.verdicts:  # thousands of people follow the same
            self.verdicts[query] = self._verdict(query, rules)
        verdict = self.verdicts[query]
        if isinstance(verdict, RuleError):
            works = f"\nCan be read: {verdict.works}" if verdict.works else ""
            what = verdict.what[0].upper() + verdict.what[1:] + "."
            self._row(row, "query", what, detail=f"{verdict.caret()}\n{verdict.fix}{works}".strip())
            return
        for warning in verdict:
            self._row(row, "query", f"this rule is likely not meant: {warning}", severity="warning")

    def _verdict(self, query: str, rules: Mapping[str, str]) -> RuleError | tuple[str, ...]:
        """What is wrong with a rule, or what it likely does not mean."""
        try:
            return parse(query, topics=rules).warnings(self.all.named("sources"))
        except RuleError as error:
            return error

    def _kind(self, row: Table, kind: str) -> Any:
        """The class of a kind of source; None, and a problem, when there is none or it cannot be loaded."""
        try:
            made = self.kinds.get(kind)
        except PluginError as error:
            self._row(row, "kind", str(error))
            return None
        if made is None:
            meant = KINDS_MEANT.get(kind.casefold(), kind)
            self._row(row, "kind", f'there is no kind "{kind}"', allowed=tuple(sorted(self.kinds)), given=meant)
        return made

    def _source(self, row: Table) -> SourceConfig | None:
        name, kind = row.values.get("name"), row.values.get("kind")
        if name is None or kind is None or (made := self._kind(row, kind)) is None:
            return None
        if (options := self._options(row, made)) is None:
            return None
        self._check_categories(row, kind, options)
        pause, every = row.values.get("pause"), row.values.get("every")
        return SourceConfig(
            name=name, kind=kind, options=options, title=row.values.get("title", ""),
            abstracts=row.values.get("abstracts", "full"),
            pause=pause.total_seconds() if pause is not None else None, **({"every": every} if every else {}),
        )  # fmt: skip

    def _options(self, row: Table, made: Any) -> dict[str, Any] | None:
        """The options of a source's own kind; None where they are wrong, which is told."""
        own = {k: v for k, v in row.given.items() if k not in TABLES["sources"]}
        for key in sorted(own.keys() - made.options):
            self.all.unknown(row, key, (*TABLES["sources"], *sorted(made.options)))
        options = {k: v for k, v in own.items() if k in made.options} | {"url": row.values.get("url", "")}
        if "url" in row.given and "url" not in row.values:
            return None  # said already
        options |= self._secrets(row, options)
        if "email" in made.options:
            options.setdefault("email", self.all.get("site", "contact", ""))
        try:
            made.from_options(options)
        except ValueError as error:
            self._row(row, next((k for k in made.options if k in str(error) and k in own), "kind"), str(error))
            return None
        return options

    def _check_categories(self, row: Table, kind: str, options: Mapping[str, Any]) -> None:
        """A category of arXiv that no paper has brings nothing, and says nothing."""
        for name in options.get("categories", ()) if kind == "arxiv" else ():
            if CATEGORIES.get(name.casefold()) != name and name not in ARCHIVES:
                near = get_close_matches(name.casefold(), CATEGORIES, 1, 0.5)
                meant = f', did you mean "{CATEGORIES[near[0]]}"?' if near else ""
                self._row(row, "categories", f'arXiv has no category "{name}"{meant}', severity="warning")

    def _secrets(self, row: Table, options: Mapping[str, Any]) -> dict[str, Any]:
        """What stands in the files that options ending in `_file` name, under the name without it."""
        found = {}
        for name in (n for n in options if n.endswith("_file")):
            try:
                found[name.removesuffix("_file")] = Secret(self.read_secret(self.root / str(options[name])))
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is no text"
                self._row(row, name, f"{options[name]} cannot be read: {why}")
        return found

    def _check_schedule(self, row: Table, schedule: str, zone: str) -> None:
        """A zone that is the site's was reported there, once."""
        try:
            without = Schedule.parse(schedule, zone).months_without()
        except DigestbotError as error:
            if "zone" not in error.what:
                self._row(row, "schedule", f"{error.what}. {error.fix}")
            elif "time_zone" in row.values:
                self._row(row, "time_zone", f"{error.what}. {error.fix}")
        else:
            if without:
                what = f'never comes in {", ".join(without)}; "monthly last 08:00" comes on each month\'s last day'
                self._row(row, "schedule", what, severity="warning")

    def _subscriber(self, row: Table, site_zone: str, rules: Mapping[str, str]) -> Subscriber | None:
        values = row.values
        if needs_smtputf8(values.get("email", "")):
            what = "only a mail server with SMTPUTF8 takes this address; another one refuses each of its mails"
            self._row(row, "email", what, severity="warning")
        zone = values.get("time_zone", site_zone)
        schedule = values.get("schedule", "weekdays 07:30")
        self._check_schedule(row, schedule, zone)
        topics = self._own_topics(row, rules)
        if "id" not in values or "email" not in values:
            return None
        language = values.get("language", self.all.get("site", "language", "en"))
        own = ("name", "max_papers", "when_empty", "updates", "trending", "discover", "length", "mail")
        kept = {k: values[k] for k in own if k in values}
        best = "" if values.get("best") == "no" else values.get("best", "")
        topics = tuple(_with_best(topic, best) for topic in topics)
        return Subscriber(
            ref=values["id"], email=values["email"], schedule=schedule, time_zone=zone, language=language,
            topics=topics, best=best, **kept,
        )  # fmt: skip

    def _own_topics(self, row: Table, rules: Mapping[str, str]) -> tuple[Topic, ...]:
        given = row.values.get("topics", [])
        if not isinstance(given, list) or not all(isinstance(t, dict) for t in given):
            self._row(row, "topics", "is a list of tables: write [[subscribers.topics]]")
            return ()
        topics, names = [], set()
        for at, raw in enumerate(given):
            label = f'{row.given.get("email") or row.label}, topic "{raw.get("name", at + 1)}"'
            table = self.all.table(row.file, (*row.where, "topics", at), label, "subscribers.topics", raw)
            values = self._like(table) if "like" in table.given else with_followed(table, self._row)
            if not {"query", "like", "follow"} & table.given.keys():
                missing = 'query is missing: the rule, or like = ["2611.09001", …]'
                self.all.report(Place(table.file, table.where, label), missing)
            if not {"name", "query"} <= values.keys():
                continue
            if "like" not in values:
                self._rule(table, values["query"], rules)
            if table.values["name"].casefold() in names:
                self._row(table, "name", "this subscriber has a topic of this name already")
            names.add(table.values["name"].casefold())
            topics.append(Topic(**values))
        return tuple(topics)

    def _like(self, table: Table) -> dict[str, Any]:
        """The values of a topic that is made of papers; its `query` only names them. Every problem is reported."""
        given, values = table.values.get("like"), {k: v for k, v in table.values.items() if k not in ("like", "follow")}
        for key in ("query", "mute", "follow"):
            if table.given.get(key):
                self._row(table, key, f"a topic that has like has no {key}: write two topics")
        if given is None or any(table.given.get(key) for key in ("query", "mute", "follow")):
            return {}
        try:
            liked = of_names(given) if isinstance(given, tuple) else of_file(self.read_secret(self.root / given))
        except (OSError, UnicodeDecodeError) as error:
            self._row(table, "like", f"{given} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}")
            return {}
        for what in liked.errors:
            self._row(table, "like", what)
        for what in liked.warnings:
            self._row(table, "like", what, severity="warning")
        self.liked.update(zip(liked.keys, liked.entries, strict=True))
        return values | {"like": liked.keys, "query": named_by(liked.keys)} if liked.keys else {}

    def _unique(self) -> None:
        for name, key, fold in (
            ("sources", "name", False),
            ("topics", "name", False),
            ("subscribers", "id", False),
            ("subscribers", "email", True),
        ):
            seen: dict[str, Table] = {}
            for row in self.all.lists[name]:
                value = row.values.get(key)
                if value is None:
                    continue
                same = value.casefold() if fold else value
                if (first := seen.setdefault(same, row)) is not row:
                    place = f"{first.file}:{self.all.line(first.file, first.where) or '?'}"
                    self._row(row, key, f"{value} stands in {place} already")

    def _delivery(self) -> DeliveryConfig:
        table = self.all.single.get("delivery")
        values = dict(self.all.values_of("delivery"))
        channel = values.get("channel", "maildir")
        if channel not in self.channels:
            place = Place(table.file if table else "", ("delivery", "channel"), "[delivery]")
            channels = tuple(sorted(self.channels))
            self.all.report(place, f'there is no channel "{channel}"', allowed=channels, given=channel)
        if channel == "smtp":
            if "smtp" not in self.all.single:
                self._tell("delivery", "channel", 'channel = "smtp" needs a table [smtp] with at least a host')
            if "from" not in values and (table is None or "from" not in table.given):
                self._tell("delivery", "from", 'from is missing: write from = "Papers <papers@example.org>"')
        if "from" in values:
            values["sender"] = values.pop("from")
        return DeliveryConfig(**values)

    def _check_credentials(self, table: Table, secret: str) -> None:
        if table.values.get("security") == Security.NONE and not LOOPBACK.fullmatch(table.values["host"]):
            what = 'no credentials without TLS: use "starttls" or "tls" (none is for this machine itself)'
            self._tell("smtp", "security", what)
        if not secret and "password_file" not in table.given:
            self._tell("smtp", "username", f"a username needs a password: write password_file, or set ${PASSWORD}")

    def _smtp(self) -> Smtp | None:
        table = self.all.single.get("smtp")
        if table is None or "host" not in table.values:
            return None
        values = {k: v for k, v in table.values.items() if k != "password_file"}
        secret = self._password(table)
        if values.get("username"):
            self._check_credentials(table, secret)
        if "security" in values:
            values["security"] = Security(values["security"])
        if "port" not in values and values.get("security") == Security.TLS:
            values["port"] = 465
        name = table.values.get("password_file")
        path = self.root / name if name and PASSWORD not in self.environ else None
        return Smtp(**values, password=Secret(secret), password_file=path)

    def _password(self, table: Table) -> str:
        if PASSWORD in self.environ:
            return self.environ[PASSWORD]
        name = table.values.get("password_file")
        if not name:
            return ""
        try:
            return self.read_secret(self.root / name)
        except (OSError, UnicodeDecodeError) as error:
            self._tell(
                "smtp", "password_file", f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
            )
            return ""

    def _web(self) -> Web:
        given = dict(self.all.values_of("web"))
        if (listen := given.pop("listen", None)) is not None:
            given["host"], given["port"] = listen
        return Web(**given)

    def _retention(self) -> RetentionConfig:
        return RetentionConfig(**self.all.values_of("retention"))

    def _alerts(self) -> AlertsConfig:
        table = self.all.single.get("alerts")
        return AlertsConfig(**(table.values if table else {}))

    def _enrich(self) -> EnrichConfig:
        """Crossref and OpenAlex want to know who asks: https://www.crossref.org/documentation/retrieve-metadata/rest-api/"""
        get = self.all.get
        contact = get("site", "contact", "")
        given = get("enrich", "providers", ("arxiv", "crossref", "openalex", "pubmed") if contact else ("arxiv",))
        if not contact and (unnamed := [name for name in given if name != "arxiv"]):
            self._tell("enrich", "providers", f"{unnamed[0]} wants to know who asks: write contact into [site]")
        on, notices = get("enrich", "on", True), get("enrich", "notices", "")
        where = notices if not notices or notices.startswith(("https://", "http://")) else str(self.root / notices)
        return EnrichConfig(providers=given if on else (), notices=where if on else "")

    def _edition(self, rules: Mapping[str, str]) -> EditionConfig:
        table = self.all.single.get("edition")
        if table is None:
            return EditionConfig()
        if table.values.get("query"):
            self._rule(table, table.values["query"], rules)
        known = tuple(r.values.get("name", "") for r in self.all.lists["sources"])
        for name in table.values.get("sources", ()):
            if name not in known:
                place = Place(table.file, ("edition", "sources"), "[edition]")
                self.all.report(place, f'there is no source "{name}"', allowed=known, given=name)
        return EditionConfig(**table.values)


def _with_best(topic: Topic, best: str) -> Topic:
    wanted = "" if topic.mute or topic.best == "no" else topic.best or best
    return topic if topic.best == wanted else replace(topic, best=wanted)
