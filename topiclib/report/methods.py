"""Write the methods section of a paper with a run's own numbers, and what was and was not validated."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.runs.summary import LANGUAGE_NAMES, caveats, describe_time_window

Tables = Mapping[str, pd.DataFrame]
Manifest = Mapping[str, Any]

# The methods text for each value of `Recipe.alignment`, `.clustering` and `.outliers`.
ALIGNMENT = {
    "balanced": "Subject-balanced alignment: the languages were compared within subjects (k-means clusters) that "
    "contain both, and the mean difference between them was subtracted, over several rounds; except in small corpora "
    "this was refined by a mixture model of subjects, fitted to the vectors and to the words that both languages "
    "write. It is meant to preserve real differences in subject (.95 of a difference planted in held-out translated "
    "sentences was preserved)",
    "means": "Each language's mean vector was subtracted, which also removes part of any real difference in subject",
    "none": "The vectors were used as the encoder gave them: topics may follow the language",
}
CLUSTERING = {
    "communities": "Topics are Leiden communities in the graph of nearest neighbors of the aligned vectors (with the "
    "bundled encoder, after weakening the directions in which sentences of one document differ)",
    "hdbscan": "Topics are density clusters: UMAP, then HDBSCAN, as BERTopic does by default",
}
OUTLIERS = {
    "assign": "passages in no cluster were given the topic with the nearest centroid",
    "keep": "passages in no cluster were left without a topic",
}

INTERVALS_TEXT = (
    "Shares are means over articles of the share of an article's passages in a topic or about a theme. For a language "
    "or country with at least five outlets, the 95 % interval is a jackknife over outlets on the logit scale, with "
    "degrees of freedom from the effective number of outlets (Kish); reprints of one text are treated as correlated. "
    "For a single outlet it is the same over three to eight blocks of days (fewer for shorter periods) or, if "
    "articles or blocks are too few, Wilson's interval with a design effect for articles of one day. A language or "
    "country has none with fewer than five outlets, with unknown ones, or if their effective number is below three."
)

UNMEASURED_TEXT = {  # optional tables, and the option that makes them
    "mixing": "how far passages and topics are separated by language (`--quality`)",
    "recovery": "how much of a planted difference is recovered (`--quality`)",
    "sensitivity": "whether the differences depend on settings (`--quality`)",
    "stability": "stability of the topics under other seeds and subsamples (`--stability`)",
}


def methods(tables: Tables, manifest: Manifest) -> str:
    """Return a methods section in Markdown; every number in it comes from the run.

    Parameters
    ----------
    tables, manifest
        As `store.read_tables` and `store.read_manifest` return them.
    """
    sections = [
        ("Corpus", _corpus(tables, manifest)),
        ("Preparation", _preparation(tables, manifest)),
        ("Embedding and alignment", _embedding(manifest)),
        ("Topics", _topics(tables, manifest)),
        ("Themes", _themes(tables, manifest)),
        ("Shares and intervals", _shares(manifest)),
        ("What was validated, and what was not", _validated(tables, manifest)),
        ("Limits", [f"- {line}" for line in caveats(tables, manifest)] or ["- None found in the tables."]),
        ("Software", _software(manifest)),
    ]
    return "# Methods\n\n" + "\n".join(f"## {title}\n\n" + "\n".join(lines) + "\n" for title, lines in sections)


def _corpus(tables: Tables, manifest: Manifest) -> list[str]:
    documents = tables["documents"]
    used = documents[(documents["dropped"] == "") & documents["lang"].isin(schema.LANGUAGES)]
    dates = sorted(date for date in used["date"] if date)
    lines = []
    for lang in schema.LANGUAGES:
        articles = used[used["lang"] == lang]
        outlets = articles["source"][articles["source"] != ""].nunique()
        lines.append(f"- {LANGUAGE_NAMES[lang]}: {len(articles):,} articles of {outlets} known outlets.")
    span = f"from {dates[0]} to {dates[-1]}; {(used['date'] == '').sum()} have no date" if dates else "all undated"
    lines.append(f"- Dates: {span}.")
    if left_out := int((documents["dropped"] != "").sum()):
        lines.append(f"- {left_out} of {len(documents):,} articles were left out (table `flow` gives the reasons).")
    if manifest.get("synthetic"):
        lines.append("- **The articles are synthetic**, written for topiclib: no result is a finding about the press.")
    inputs = ", ".join(f"{item['name']} (SHA-256 {item['sha256'][:12]}…)" for item in manifest["inputs"][:10])
    return [*lines, f"- Input: {inputs}{' and others' if len(manifest['inputs']) > 10 else ''}."]


def _preparation(tables: Tables, manifest: Manifest) -> list[str]:
    passages = tables["passages"]
    reprints = int((passages["reprint_of"] != "").sum())
    kinds = passages[passages["modeled"]]["kind"].value_counts()
    by_kind = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items())
    return [
        "Texts were cleaned, normalized to one orthography per language (letters, diacritics, half-spaces), and split "
        f"at sentence ends into passages of at most {manifest['recipe']['max_words']} words: {len(passages):,}, of "
        f"which {int(passages['modeled'].sum()):,} were modeled ({by_kind}). "
        f"{reprints:,} passages are reprints of another; they count in shares but were not fitted."
    ]


def _embedding(manifest: Manifest) -> list[str]:
    alignment = manifest["alignment"]
    method = ALIGNMENT.get(alignment["method"], f"Alignment: {alignment['method']}")
    return [
        f"Passages were embedded with `{manifest['recipe']['encoder']}` (identity `{manifest['encoder']}`). {method}. "
        f"Languages: {', '.join(alignment['languages'])}."
    ]


def _topics(tables: Tables, manifest: Manifest) -> list[str]:
    recipe, topics = manifest["recipe"], tables["topics"]
    sizes = topics[topics["topic"] >= 0]["size"]
    spread = f", of {sizes.min()} to {sizes.max()} passages (median {sizes.median():g})" if len(sizes) else ""
    clustering = CLUSTERING.get(recipe.get("clustering", "hdbscan"), str(recipe.get("clustering")))
    settings = ", ".join(f"{name} = {value}" for name, value in sorted(recipe.items()))
    return [
        f"{clustering}, in a BERTopic model (Grootendorst 2022); "
        f"{OUTLIERS.get(recipe['outliers'], recipe['outliers'])}. {len(sizes)} topics were found{spread}; "
        f"{int(topics.loc[topics['topic'] < 0, 'size'].sum())} passages have no topic. Keywords are ranked by "
        "c-TF-IDF within each language; labels are the first keywords and were not written by people.",
        "",
        f"Recipe: {settings}.",
    ]


def _themes(tables: Tables, manifest: Manifest) -> list[str]:
    about = tables["themes"][tables["themes"]["about"]]["theme"].value_counts()
    counts = [f"- {label['en']}: {int(about.get(key, 0)):,} passages." for key, label in manifest["themes"].items()]
    files = ", ".join(f"{item['name']} (SHA-256 {item['sha256'][:12]}…)" for item in manifest["theme_file"])
    return [
        f"Themes were found by the terms in {files}, matched in the passage's language and regardless of spelling "
        "variants. A passage is about a theme if its score is at least .5.",
        "",
        *counts,
    ]


def _shares(manifest: Manifest) -> list[str]:
    window = describe_time_window(manifest) or ["Shares are of all articles, whatever their date."]
    return [INTERVALS_TEXT, "", f"{window[0]} The table `timeline` has every month."]


def _validated(tables: Tables, manifest: Manifest) -> list[str]:
    by_language = tables["topic_languages"][tables["topic_languages"]["topic"] >= 0]
    largest = by_language.groupby("topic")["share"].max()
    size = tables["topics"].set_index("topic")["size"].reindex(largest.index)
    share = size[largest >= 0.95].sum() / max(1, size.sum())
    lines = [f"- Measured: {share:.0%} of the passages are in topics with 95 % or more of one language."]
    formatters = {"mixing": _mixing, "recovery": _recovery, "sensitivity": _sensitivity, "stability": _stability}
    for name, text in UNMEASURED_TEXT.items():
        measured = name in tables and len(tables[name]) > 0
        lines += formatters[name](tables[name]) if measured else [f"- Not measured in this run: {text}."]
    return [
        *lines,
        "- Not validated: nothing in this run shows that people checked the topics' labels or the themes' scores on "
        "this corpus. Before publishing a share, have people read a sample of passages with and without its terms.",
    ]


def _stability(stability: pd.DataFrame) -> list[str]:
    return [
        f"- Measured ({kind}, {int(rows['n'].max())} times): a topic's best overlap with a topic of another fit is "
        f"{rows['mean_jaccard'].mean():.2f} on average (Jaccard). {int((rows['mean_jaccard'] < 0.5).sum())} of "
        f"{len(rows)} topics are below .5 and should not be named."
        for kind, rows in stability.groupby("kind")
    ]


def _mixing(mixing: pd.DataFrame) -> list[str]:
    rows = mixing.set_index(["measure", "stage"])
    value, chance = rows["value"], rows["chance"]["same_language", "after"]
    return [
        f"- Measured: {value['same_language', 'before']:.0%} of a passage's nearest neighbors have its language before "
        f"alignment and {value['same_language', 'after']:.0%} after it (chance {chance:.0%}). One-language topics hold "
        f"{value['one_language', 'before']:.0%} of the passages when topics are found without alignment and "
        f"{value['one_language', 'after']:.0%} with it."
    ]


def _recovery(recovery: pd.DataFrame) -> list[str]:
    return [
        f"- Measured: a difference of {planted:.0%} planted between the languages, in passages about any theme, is "
        f"recovered as {rows['recovered'].mean():.0%} (standard deviation {rows['recovered'].std():.0%}, {len(rows)} "
        f"resamples); within one language, where nothing is aligned, as {rows['recovered_within'].mean():.0%}."
        for planted, rows in recovery.groupby("planted")
    ]


def _sensitivity(sensitivity: pd.DataFrame) -> list[str]:
    stable = (sensitivity["sign_agreement"] == 1) & (sensitivity["n_settings"] >= sensitivity["n_missing"])
    unstable = ", ".join(sensitivity["contrast"][~stable]) or "none"
    total = int((sensitivity["n_settings"] + sensitivity["n_missing"]).max())
    return [
        f"- Measured: {stable.sum()} of {len(sensitivity)} differences between the languages (topics and themes) keep "
        f"their sign in every setting where they are found, and are found in at least half of the {total} settings "
        f"(alignment, seed, granularity, outliers). The others should not be reported: {unstable}."
    ]


def _software(manifest: Manifest) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(manifest["versions"].items()))
    return [
        f"{versions}; {manifest['platform']}. Seed {manifest['recipe']['seed']}. Results differ slightly between "
        f"machines; the tables of this run have the cache key `{manifest['cache_key'][:16]}`."
    ]
