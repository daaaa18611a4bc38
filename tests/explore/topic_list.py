"""Use the list of topics in the test browser."""

import json

from chromium import Chromium

MESSAGE = "document.querySelector('.topics .message').textContent"
EDIT = "[...document.querySelectorAll('.bar .tool')].find(b => b.textContent === 'Edit topics')"


def topic(number: int) -> str:
    """Return an expression for the entry of a topic."""
    return f"document.querySelector('.topics details[data-topic=\"{number}\"]')"


def press(page: Chromium, label: str) -> None:
    """Press a button above the list."""
    page.run(f"[...document.querySelectorAll('.topics .tools button')].find(b => b.textContent === {label!r}).click()")
    page.settle()


def field(page: Chromium, number: int, label: str) -> str:
    """Open the entry of a topic, and return an expression for the field with a label."""
    page.run(f"{topic(number)}.open = true")
    page.settle()
    return f"[...{topic(number)}.querySelectorAll('label')].find(l => l.firstChild.data === {label!r}).control"


def enter(page: Chromium, number: int, label: str, text: str) -> None:
    """Type a text into a field, in place of what it has."""
    page.run(f"(f => {{ f.focus(); f.select(); }})({field(page, number, label)})")
    page.type(text)
    page.key("Enter")
    page.settle()


def decide(page: Chromium, number: int, value: str) -> None:
    """Choose a decision: "", "drop", "reassign", or the topic to merge into."""
    change = "f.value = VALUE; f.dispatchEvent(new Event('change'));".replace("VALUE", json.dumps(value))
    page.run(f"(f => {{ {change} }})({field(page, number, 'Decision')})")
    page.settle()


def possible(page: Chromium, number: int) -> list[str]:
    """Return the decisions that can be chosen for a topic."""
    options = f"[...({field(page, number, 'Decision')}).options].filter(o => !o.disabled).map(o => o.value)"
    return page.run(options)
