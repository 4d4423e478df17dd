"""docs/promises.md and docs/delivery.md are made from the tables in the code, and name tests that exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest

from digestbot.channels.reply_faults import ALL, TABLE, Row
from digestbot.model import DeliveryResult, Outcome, Receipt, SendStage, State
from digestbot.model.mail import MOVE_TABLE, MOVES
from digestbot.store import Store
from digestbot.testing.store.values import NOW, claim, delivery, stored

ROOT = Path(__file__).resolve().parents[2]
PROMISES, DELIVERY = ROOT / "docs" / "promises.md", ROOT / "docs" / "delivery.md"
FINAL = [state for state in State if state not in MOVES]


def fault_table() -> str:
    """The table of faults as the docs show it."""
    head = "| stage | code | status | words | at fault | for example |\n|---|---|---|---|---|---|\n"
    return head + "".join(_fault_row(row) for row in TABLE)


def _fault_row(row: Row) -> str:
    stages = "any" if row.stages == ALL else ", ".join(row.stages)
    cells = (stages, _pattern(row.code), _pattern(row.enhanced), "some" if row.text else "", f"`{row.fault}`", row.why)
    return f"| {' | '.join(cells)} |\n"


def _pattern(pattern: str) -> str:
    return f"`{pattern}`".replace("|", "\\|") if pattern else ""


def moves_picture() -> str:
    """Every move, and the states without one."""
    lines = [f"    {move.was:<10} → {move.to:<10}  {move.why}" for move in MOVE_TABLE]
    return "\n".join([*lines, "", f"Final: {', '.join(FINAL)}.", ""])


def made(page: Path, name: str, text: str, *, update: bool) -> None:
    """Compare a part of a page with what the code says, or write it there."""
    whole = page.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    wanted = pattern.sub(lambda m: f"{m[1]}{text}{m[2]}", whole)
    if update:
        page.write_text(wanted, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == wanted, f"{page.name} differs from the code: run `make golden`"


def test_the_docs_show_the_table_of_faults(request: pytest.FixtureRequest) -> None:
    made(DELIVERY, "faults", fault_table(), update=request.config.getoption("--update-golden"))


def test_the_docs_show_the_moves(request: pytest.FixtureRequest) -> None:
    made(PROMISES, "moves", moves_picture(), update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("name", ["promises", "numbered"])
def test_every_promise_names_tests_that_exist(name: str) -> None:
    part = PROMISES.read_text(encoding="utf-8").split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]
    rows = [line for line in part.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 20
    for row in rows:
        named = re.findall(r"`([\w/.]+\.py)::(test_\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_no_move_stands_twice_and_final_states_have_none() -> None:
    pairs = [(move.was, move.to) for move in MOVE_TABLE]
    assert len(pairs) == len(set(pairs))
    assert {str(state) for state in FINAL} == {"sent", "refused", "expired", "cancelled", "suppressed"}


@pytest.mark.parametrize(("was", "to"), list(product(State, State)), ids=str)
def test_all_pairs_of_states_move_as_the_table_says(store: Store, was: State, to: State) -> None:
    """Each act of the outbox is tried on a row in each state: it goes where the table allows, or stays."""
    with store.transaction() as tx:
        number = tx.outbox.add_delivery(delivery(1, state=was))
        acts: dict[State, Callable[[], object]] = {
            State.CLAIMED: lambda: claim(tx),
            State.COMMITTING: lambda: tx.outbox.commit_deliveries([number], owner="a", now=NOW),
            State.PENDING: lambda: tx.outbox.retry_deliveries([number], now=NOW),
            State.EXPIRED: lambda: tx.outbox.expire_deliveries(NOW + timedelta(days=9)),
            State.CANCELLED: lambda: tx.outbox.cancel_deliveries([number], now=NOW),
        }
        act = acts.get(to)
        receipt = Receipt(outcome=Outcome.REFUSED, stage=SendStage.DOT)
        if act is None:
            tx.outbox.finish_deliveries([DeliveryResult(number, to, receipt, NOW)], owner="", now=NOW)
        else:
            act()
        after = stored(tx, number).state
    assert after in {was, *MOVES.get(was, ())}
    assert after is was or after is to or (to is State.EXPIRED and after is State.UNKNOWN)
