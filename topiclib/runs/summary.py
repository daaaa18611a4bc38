"""Summarize a run for the terminal, with the caveats that report and summary share."""

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.corpus.rules import describe_repetition
from topiclib.schema import plural
from topiclib.topics.curation import describe_decision

N_WORDS = 6
INDENT = 9 * " "  # of keywords; no other line begins with it
REPORTED_SHARE = 0.02  # of the words of a language; if fewer are left out, the summary does not mention it
FEW_ARTICLES = 10  # of a language: fewer cannot be compared with the other
FEW_PASSAGES = 20  # of a language: with fewer, a corpus counts as one of the other language alone
EXTENSION_COUNTS = ("read", "articles", "passages", "reprints", "far", "renamed")  # others: why articles were not added
LANGUAGE_NAMES = {"fa": "Persian", "ar": "Arabic"}


def format_summary(tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> str:
    """Return counts, topics (size, languages, keywords), theme shares and caveats as text.

    Right-to-left keywords get lines of their own: most terminals order mixed lines wrongly.
    """
    documents = tables["documents"]
    used = documents.loc[documents["dropped"] == "", "lang"].value_counts()
    langs = ", ".join(f"{n} {LANGUAGE_NAMES.get(lang, lang)}" for lang, n in used.items())
    articles, passages, topics = (
        plural(manifest["counts"][f"{what}s"], what) for what in ("article", "passage", "topic")
    )
    lines = [f"{articles} ({langs}), {passages}, {topics}"]
    if manifest["synthetic"]:
        lines.append("The articles are synthetic: written for this package, not published by anyone.")
    lines += ["", *_topic_lines(tables), "", *_theme_lines(tables["shares"], manifest)]
    if notes := caveats(tables, manifest):
        lines += ["", *(f"Note: {note}" for note in notes)]
    return "\n".join(lines)


def lines_to_html(text: str) -> str:
    """Return the lines of a summary as HTML, words from right to left."""
    lines = html.escape(text).split("\n")
    rtl = (f'{INDENT}<bdi dir="rtl">{line.strip()}</bdi>' if line.startswith(INDENT) else line for line in lines)
    return "<pre>" + "\n".join(rtl) + "</pre>"


def _topic_lines(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    split = tables["topic_languages"].set_index(["topic", "lang"])["share"]
    words = tables["keywords"][tables["keywords"]["rank"] <= N_WORDS].groupby(["topic", "lang"])["word"].agg("، ".join)
    lines = ["topic  passages  Persian  Arabic"]
    for row in tables["topics"].to_dict("records"):
        topic = row["topic"]
        persian, arabic = (split.get((topic, lang), 0.0) for lang in schema.LANGUAGES)
        line = f"{'none' if topic < 0 else topic:>5}  {row['size']:>8}  {persian:>6.0%}  {arabic:>6.0%}"
        lines.append(f"{line}  {row['name_en']}".rstrip())
        for lang in schema.LANGUAGES:
            if texts := list(filter(None, [row[f"name_{lang}"], words.get((topic, lang))])):
                lines.append(INDENT + " · ".join(texts))
    return lines


def list_decisions(manifest: Mapping[str, Any]) -> list[str]:
    """Return what was decided about the topics of a run and about its corpus, one sentence each."""
    topics, corpus = manifest.get("curation", {}), manifest.get("corpus_decisions", {})
    lines = [describe_decision(entry) for key in ("decisions", "not_applied") for entry in topics.get(key, ())]
    texts = {
        "stop_words": "Left out of the keywords: {}.",
        "protect": "Kept as they are written: {}.",
        "exclude_passages": "Passages left out of the corpus: {}.",
        "lang": "Only passages in these languages were modeled: {}.",
    }
    return lines + [text.format(", ".join(corpus[key])) for key, text in texts.items() if corpus.get(key)]


def _theme_lines(shares: pd.DataFrame, manifest: Mapping[str, Any]) -> list[str]:
    themes = shares[(shares["kind"] == "theme") & (shares["by"] == "lang")]
    table = themes.pivot(index="key", columns="level", values="share")
    table = table.reindex(index=list(manifest["themes"]), columns=list(schema.LANGUAGES)).map("{:.0%}".format)
    rows = {"articles counted": _articles_counted(shares)}
    rows |= {label["en"]: table.loc[key].replace("nan%", "–") for key, label in manifest["themes"].items()}
    lines = [f"{name:<43}  " + "  ".join(f"{cell:>6}" for cell in cells) for name, cells in rows.items()]
    return ["theme (mean share of an article's passages)  Persian  Arabic", *lines]


def _articles_counted(shares: pd.DataFrame) -> pd.Series:
    """Return the number of articles of each language that its theme shares are means of."""
    themes = shares[(shares["kind"] == "theme") & (shares["by"] == "lang")]
    return themes.groupby("level")["n"].max().reindex(list(schema.LANGUAGES), fill_value=0).astype(int)


def caveats(tables: Mapping[str, pd.DataFrame], manifest: Mapping[str, Any]) -> list[str]:
    """Return what limits the interpretation of a run, one sentence each; empty if nothing does."""
    documents, counts = tables["documents"], manifest["counts"]
    used = documents[documents["dropped"] == ""]
    lines = []
    if counts["articles"] < 50:
        are_few = plural(counts["articles"], "article is", "articles are")
        lines.append(f"{are_few} too few to describe a language or an outlet.")
    recipe = manifest.get("recipe", {})
    if counts["topics"] < (recipe.get("n_topics") or 0):
        given = recipe.get("min_topic_size")
        least = f" of at least {plural(given, 'passage')}" if given else ""
        found = f"requested, but only {counts['topics']}{least} could be found"
        why = "the passages do not differ enough for more, or are too few"
        lines.append(f"{plural(recipe['n_topics'], 'topic was', 'topics were')} {found}: {why}.")
    split = tables["topic_languages"]
    one_language = split[(split["share"] > 0.9) & (split["topic"] >= 0)]
    # In a corpus of one language, a few passages in another do not make its topics bilingual ones.
    modeled = tables["passages"].loc[tables["passages"]["modeled"], "lang"]
    if (modeled.value_counts() >= FEW_PASSAGES).sum() > 1 and len(one_language):
        have = "has over 90 % of its" if len(one_language) == 1 else "have over 90 % of their"
        lines.append(f"{len(one_language)} of {plural(counts['topics'], 'topic')} {have} passages in one language.")
    lines += describe_extensions(manifest)
    lines += describe_repetition(documents, tables["passages"], tables["assignments"])
    lines += describe_time_window(manifest)
    for lang, n in _articles_counted(tables["shares"]).items():
        if n < FEW_ARTICLES and lang in set(used["lang"]):
            counted = plural(n, "counts", "count")
            lines.append(f"Of the {LANGUAGE_NAMES[lang]} articles only {counted} in the shares: too few to compare.")
    if manifest.get("saved_model") and not manifest["alignment"]["languages"]:
        lines.append("The run was saved without an alignment: new articles cannot be assigned to its topics.")
    if (used["source"] == "").all():
        both = "a difference between the languages may be one between newsrooms"
        what = both if set(schema.LANGUAGES) <= set(used["lang"]) else "no share is given by outlet"
        lines.append(f"No outlet is known: {what}.")
    else:
        lines += _missing_interval_notes(used, manifest)
    if "sensitivity" in tables and tables["sensitivity"].empty:
        lines.append("Quality was not measured: it needs at least 60 passages, in both languages.")
    elif "recovery" in tables and tables["recovery"].empty:
        few = "too few passages with, or without, a theme in one of the languages"
        lines.append(f"No difference could be planted to test its recovery: {few}.")
    elif "recovery" in tables and not describe_detection(tables):
        unknown = "The detection limit of differences between topic shares was not measured"
        lines.append(f"{unknown}: too few of the samples show the themes.")
    lines += describe_detection(tables)
    if left_out := manifest.get("themes_applied", {}).get("left_out"):
        why = "they depend on the themes, which were applied to the finished run"
        lines.append(f"The tables {' and '.join(left_out)} were left out: {why}. Fit with these themes to have them.")
    curation = manifest.get("curation", {})
    if left_out := curation.get("left_out"):
        why = "they describe the topics as they were found, before the decisions that were applied"
        lines.append(f"The tables {', '.join(left_out)} were left out: {why}.")
    if n := len(curation.get("not_applied", ())):
        lines.append(f"{plural(n, 'decision')} about topics could not be applied: the methods section lists them.")
    if n_other := (used["lang"] == "other").sum():
        lines.append(f"{plural(n_other, 'article')} in other languages: in the tables, but not fitted.")
    flow = tables["flow"]
    dropped = flow[flow["step"] == "dropped"].groupby("reason")["n"].sum()
    lines += [f"{plural(n, 'article')} left out: {reason}." for reason, n in dropped.items()]
    for lang, language in LANGUAGE_NAMES.items():
        counts = flow[flow["lang"] == lang].groupby(["step", "reason"])["n"].sum()
        left_out = counts.get("words left out", pd.Series(dtype=int)) / max(1, counts.get("words", counts).sum())
        if left_out.sum() > REPORTED_SHARE:
            largest = left_out[left_out >= 0.001].nlargest(4)
            reasons = ", ".join(f"{reason} {share:.1%}" for reason, share in largest.items())
            lines.append(f"{left_out.sum():.1%} of the {language} words were left out: {reasons}.")
    return lines


def describe_detection(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Compare the differences of the topics with their detection limits, in at most one sentence."""
    if "limit" not in (sensitivity := tables.get("sensitivity", pd.DataFrame())):
        return []
    topics = tables["topics"].assign(key=tables["topics"]["topic"].astype(str))
    topics = topics.merge(sensitivity.dropna(subset="limit"))
    if topics.empty:
        return []
    n_within = int(((topics["share_fa"] - topics["share_ar"]).abs() <= topics["limit"]).sum())
    limits = f"{topics['limit'].min():.1%} to {topics['limit'].max():.1%}"
    return [
        f"For {n_within} of {plural(len(topics), 'topic')}, the difference between the languages is within the "
        f"detection limit ({limits} of a language's passages): the method and the choice of articles can produce "
        "such a difference where there is none."
    ]


def describe_extensions(manifest: Mapping[str, Any]) -> list[str]:
    """Describe in up to three sentences what was added to a run after the fit; empty if nothing was."""
    if not (extensions := manifest.get("extensions", [])):
        return []
    articles, passages = (sum(each["counts"][name] for each in extensions) for name in ("articles", "passages"))
    times = f"in {len(extensions)} extensions" if len(extensions) > 1 else "in an extension"
    last = extensions[-1]["counts"]
    left_out = ", ".join(f"{n} {reason}" for reason, n in last.items() if n and reason not in EXTENSION_COUNTS)
    texts = {
        "renamed": "; {renamed} had the id of another article and got a new one",
        "reprints": "; {reprints} passages are reprints",
        "passages": "; {far} of {passages} passages are far from every topic",
        "far": " (table candidates)",
    }
    details = "".join(text for name, text in texts.items() if last[name]).format(**last)
    tables = ", ".join(sorted({name for each in extensions for name in each["left_out"]}))
    return [
        f"{articles} of {manifest['counts']['articles']} articles were added after the fit, {times}: their {passages} "
        "passages were assigned to the nearest topic, not clustered.",
        "{articles} of {read} articles were added in the last one".format(**last)
        + (f" (not: {left_out})" if left_out else "") + f"{details}.",
        *([f"Tables that describe the fit alone were left out: {tables}."] if tables else []),
    ]  # fmt: skip


def describe_time_window(manifest: Mapping[str, Any]) -> list[str]:
    """Describe the time window of the shares in at most one sentence; empty if all articles count."""
    period = manifest.get("period", {"why": ""})
    if period.get("first"):
        excluded = [(period["outside"], "outside"), (period["undated"], "without a month")]
        counts = ", ".join(f"{n} {what}" for n, what in excluded if n) or "none outside"
        both = "" if period["why"] == "asked" else ", when both languages have articles"
        total = period["counted"] + period["outside"] + period["undated"]
        return [
            f"Shares are of {period['first']} to {period['last']}{both}: {period['counted']:,} of "
            f"{plural(total, 'article')} ({counts}; fit with --period all to count all)."
        ]
    of_time = "shares are of all articles, and a difference between the languages may be due to time."
    messages = {
        "apart": f"The languages have no month in common: {of_time}",
        "no dates": f"No date is known: {of_time}",
        "few dates": f"Fewer than half of the {LANGUAGE_NAMES.get(period.get('side', ''), '')} articles have a month: "
        "shares are of all articles, whatever their date.",
    }
    return [messages[period["why"]]] if period["why"] in messages else []


def _missing_interval_notes(used: pd.DataFrame, manifest: Mapping[str, Any]) -> list[str]:
    from topiclib.compare import levels_without_interval

    period = manifest.get("period", {})
    window = f"{period['first']}/{period['last']}" if period.get("first") else "all"
    levels = levels_without_interval(used[used["lang"].isin(schema.LANGUAGES)], by="lang", period=window)
    return [
        f"No interval is given for {LANGUAGE_NAMES.get(row.level, row.level)} as a whole: {row.reason}."
        for row in levels.itertuples()
    ]
