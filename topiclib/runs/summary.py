"""What a run found, as a table for the terminal."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from topiclib import schema

N_WORDS = 6

LANGUAGE_NAMES = {"fa": "Persian", "ar": "Arabic"}


def format_summary(tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> str:
    """Return the topics with size, languages and words in both, the themes' shares, and what they cannot show.

    Right-to-left words stand alone on their lines: most terminals order a mixed line wrongly.
    """
    documents, topics = tables["documents"], tables["topics"]
    used = documents[documents["dropped"] == ""]
    found = manifest["found"]
    langs = ", ".join(f"{n} {LANGUAGE_NAMES.get(lang, lang)}" for lang, n in used["lang"].value_counts().items())
    lines = [f"{found['articles']} articles ({langs}), {found['passages']} passages, {found['topics']} topics"]
    if manifest["synthetic"]:
        lines.append("The articles are synthetic: written for this package, not published by anyone.")
    lines += [
        "",
        *_topic_lines(topics, tables),
        "",
        *_theme_lines(tables["shares"], manifest),
        *_note_lines(caveats(tables, manifest)),
    ]
    return "\n".join(lines)


def _topic_lines(topics: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    split = tables["topic_languages"].set_index(["topic", "lang"])["share"]
    words = tables["keywords"][tables["keywords"]["rank"] <= N_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    lines = ["topic  passages  Persian  Arabic"]
    for topic, size in topics[["topic", "size"]].itertuples(index=False):
        parts = [split.get((topic, lang), 0.0) for lang in schema.LANGUAGES]
        lines.append(f"{'none' if topic < 0 else topic:>5}  {size:>8}  {parts[0]:>6.0%}  {parts[1]:>6.0%}")
        lines += [f"         {words[topic, lang]}" for lang in schema.LANGUAGES if (topic, lang) in words]
    return lines


def _theme_lines(shares: pd.DataFrame, manifest: Mapping[str, Any]) -> list[str]:
    themes = shares[(shares["kind"] == "theme") & (shares["by"] == "lang")]
    table = themes.pivot(index="key", columns="level", values="share").reindex(columns=list(schema.LANGUAGES))
    lines = ["theme (mean share of an article's passages)  Persian  Arabic"]
    for key, label in manifest["themes"].items():
        cells = [table.loc[key, lang] if key in table.index else float("nan") for lang in schema.LANGUAGES]
        shown = ["–" if pd.isna(cell) else f"{cell:.0%}" for cell in cells]
        lines.append(f"{label['en']:<43}  " + "  ".join(f"{text:>6}" for text in shown))
    return lines


def caveats(tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> list[str]:
    """Return the limits of a run's numbers, a sentence each; none for a corpus that has enough of everything."""
    documents, found = tables["documents"], manifest["found"]
    used = documents[documents["dropped"] == ""]
    lines = []
    if found["articles"] < 50:
        n = found["articles"]
        lines.append(f"{n} articles can show what they talk about, not what a language or an outlet talks about.")
    alone = tables["topic_languages"][
        (tables["topic_languages"]["share"] > 0.9) & (tables["topic_languages"]["topic"] >= 0)
    ]
    if used["lang"].nunique() > 1 and len(alone):
        have = "has over 90 % of its" if len(alone) == 1 else "have over 90 % of their"
        lines.append(f"{len(alone)} of {found['topics']} topics {have} passages in one language.")
    lines += describe_time_window(manifest)
    if (used["source"] == "").all():
        both = "a difference between the languages may be one between two newsrooms"
        what = both if set(schema.LANGUAGES) <= set(used["lang"]) else "no share is given by outlet"
        lines.append(f"No outlet is known: {what}.")
    else:
        lines += _missing_interval_notes(used, manifest)
    if "sensitivity" in tables and tables["sensitivity"].empty:
        lines.append("How sound this is was not measured: that needs 60 passages, and both languages among them.")
    elif "recovery" in tables and tables["recovery"].empty:
        few = "too few passages with, or without, a theme in one of the languages"
        lines.append(f"No difference could be planted: {few}.")
    left_out = used[used["lang"] == "other"]
    if len(left_out):
        lines.append(f"{len(left_out)} articles in other languages are kept in the tables and were not fitted.")
    dropped = tables["flow"][tables["flow"]["step"] == "dropped"].groupby("reason")["n"].sum()
    return lines + [f"{n} articles left out: {reason}." for reason, n in dropped.items()]


def describe_time_window(manifest: Mapping[str, Any]) -> list[str]:
    """Say which articles the shares are of, where it is not all of them or nobody can tell; at most one sentence."""
    period = manifest.get("period", {"why": ""})
    if period.get("first"):
        left = [f"{n} {what}" for what, n in (("outside", period["outside"]), ("without a month", period["undated"]))
                if n]  # fmt: skip
        both = "" if period["why"] == "asked" else ", when both languages have articles"
        total = period["counted"] + period["outside"] + period["undated"]
        return [
            f"Shares are of {period['first']} to {period['last']}{both}: {period['counted']} of {total} articles"
            f" ({', '.join(left) or 'none outside'}; fit with --period all to count all)."
        ]
    told = {
        "apart": "The languages have no month in common: shares are of all articles, and a difference between the "
        "languages may be one of time.",
        "no dates": "No date is known: shares are of all articles, and a difference between the languages may be one "
        "of time.",
        "few dates": f"Fewer than half of the {LANGUAGE_NAMES.get(period.get('side', ''), '')} articles have a month: shares "
        "are of all articles, whenever they are from.",
    }
    return [told[period["why"]]] if period["why"] in told else []


def _missing_interval_notes(used: pd.DataFrame, manifest: Mapping[str, Any]) -> list[str]:
    """Say which languages have no interval, and why."""
    from topiclib.compare import levels_without_interval

    period = manifest.get("period", {})
    asked = f"{period['first']}/{period['last']}" if period.get("first") else "all"
    return [
        f"No interval is given for {LANGUAGE_NAMES.get(row.level, row.level)} as a whole: {row.reason}."
        for row in levels_without_interval(
            used[used["lang"].isin(schema.LANGUAGES)], by="lang", period=asked
        ).itertuples()
    ]


def _note_lines(lines: list[str]) -> list[str]:
    return ["", *(f"Note: {line}" for line in lines)] if lines else []
