"""A methods section with a run's own numbers: what was done, with what, and what was validated and what was not."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from topiclib import schema
from topiclib.runs.summary import LANGUAGE_NAMES, caveats, describe_time_window

Tables = Mapping[str, pd.DataFrame]

Manifest = Mapping[str, Any]

ALIGNMENT = {
    "balanced": "Subject-balanced alignment: the languages were compared within subjects (k-means clusters) that hold "
    "both, and the mean difference between them was subtracted, in several rounds; in all but small corpora this was "
    "then refined by a mixture of subjects, told apart by the vectors and by the words that both languages write; "
    "differences in what is talked about are meant to survive it (of one planted in held-out translated sentences .95 "
    "did)",
    "means": "Each language's mean vector was subtracted, which also removes part of any real difference in subject",
    "none": "The vectors were used as the encoder gave them: topics may follow the language",
}

CLUSTERING = {
    "communities": "Topics are communities (Leiden) of the graph of nearest neighbors of the aligned vectors (of the "
    "bundled encoder: first focused, directions in which sentences of one article differ were weakened)",
    "hdbscan": "Topics are density clusters: UMAP, then HDBSCAN, as BERTopic does by default",
}

OUTLIERS = {
    "assign": "passages in no cluster were given the topic with the nearest centroid",
    "keep": "passages in no cluster were left without a topic",
}

INTERVALS_TEXT = (
    "A share is the mean, over articles, of the part of each article's passages. Its 95 % interval takes outlets as "
    "what was drawn where a level has at least five (jackknife over outlets on the logit scale, degrees of freedom "
    "from their effective number, a text that several reprint tied together); where a level is one outlet, three "
    "to eight stretches of its days likewise (the fewer the fewer days there are), or else Wilson's over its articles "
    "with a design effect for those of one day. A language or country of fewer than five outlets, of unknown ones, or "
    "of such unequal ones that they are worth fewer than three equal ones, gets none."
)

UNMEASURED_TEXT = {  # tables that a run may have, and how to ask for them
    "mixing": "how far the language is gone from the vectors (`--quality`)",
    "recovery": "whether a planted difference comes back (`--quality`)",
    "sensitivity": "whether the differences hang on a setting (`--quality`)",
    "stability": "stability of the topics under other seeds and subsamples (`--stability`)",
}


def methods(tables: Tables, manifest: Manifest) -> str:
    """Return a methods section in Markdown, every number of it from the run.

    Parameters
    ----------
    tables, manifest
        As `store.read_tables` and `store.read_manifest` return them.
    """
    parts = [
        ("Corpus", _corpus(tables, manifest)),
        ("Preparation", _preparation(tables, manifest)),
        ("Embedding and alignment", _embedding(manifest)),
        ("Topics", _topics(tables, manifest)),
        ("Themes", _themes(tables, manifest)),
        ("Shares and intervals", _shares(manifest)),
        ("What was validated, and what was not", _validated(tables, manifest)),
        ("Limits", [f"- {line}" for line in caveats(tables, manifest)] or ["- None that the tables give away."]),
        ("Software", _software(manifest)),
    ]
    return "# Methods\n\n" + "\n".join(f"## {title}\n\n" + "\n".join(lines) + "\n" for title, lines in parts)


def _corpus(tables: Tables, manifest: Manifest) -> list[str]:
    documents = tables["documents"]
    used = documents[(documents["dropped"] == "") & documents["lang"].isin(schema.LANGUAGES)]
    dates = sorted(date for date in used["date"] if date)
    lines = []
    for lang in schema.LANGUAGES:
        mine = used[used["lang"] == lang]
        outlets = mine["source"][mine["source"] != ""].nunique()
        lines.append(f"- {LANGUAGE_NAMES[lang]}: {len(mine):,} articles of {outlets} known outlets.")
    span = f"from {dates[0]} to {dates[-1]}; {(used['date'] == '').sum()} have no date" if dates else "all undated"
    lines.append(f"- Dates: {span}.")
    if left_out := int((documents["dropped"] != "").sum()):
        lines.append(f"- {left_out} of {len(documents):,} articles were left out (table `count_flow` says why).")
    if manifest.get("synthetic"):
        lines.append(
            "- **The articles are synthetic**, written for topiclib: nothing here is a finding about the press."
        )
    inputs = ", ".join(f"{item['name']} (SHA-256 {item['sha256'][:12]}…)" for item in manifest["inputs"][:10])
    return [*lines, f"- Input: {inputs}{' and others' if len(manifest['inputs']) > 10 else ''}."]


def _preparation(tables: Tables, manifest: Manifest) -> list[str]:
    passages = tables["passages"]
    reprints = int((passages["reprint_of"] != "").sum())
    kinds = passages[passages["modeled"]]["kind"].value_counts()
    told = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items())
    return [
        "Texts were cleaned and brought into one orthography a language (letters, diacritics, half-spaces), and cut at "
        f"sentence ends into passages of at most {manifest['recipe']['max_words']} words: {len(passages):,}, of which "
        f"{int(passages['modeled'].sum()):,} were modeled ({told}). "
        f"{reprints:,} passages are reprints of another; they count in shares, and were not fitted again."
    ]


def _embedding(manifest: Manifest) -> list[str]:
    alignment = manifest["alignment"]
    done = ALIGNMENT.get(alignment["method"], f"Alignment: {alignment['method']}")
    return [
        f"Passages were embedded with `{manifest['recipe']['encoder']}` (identity `{manifest['encoder']}`). {done} "
        f"(languages: {', '.join(alignment['languages'])})."
    ]


def _topics(tables: Tables, manifest: Manifest) -> list[str]:
    recipe, topics = manifest["recipe"], tables["topics"]
    sizes = topics[topics["topic"] >= 0]["size"]
    spread = f", of {sizes.min()} to {sizes.max()} passages (median {sizes.median():g})" if len(sizes) else ""
    way = CLUSTERING.get(recipe.get("clustering", "hdbscan"), str(recipe.get("clustering")))
    set_to = ", ".join(f"{name} = {value}" for name, value in sorted(recipe.items()))
    return [
        f"{way}, in a BERTopic model (Grootendorst 2022); {OUTLIERS.get(recipe['outliers'], recipe['outliers'])}. "
        f"{len(sizes)} topics were found{spread}; "
        f"{int(topics.loc[topics['topic'] < 0, 'size'].sum())} passages are in none. Their words are the c-TF-IDF "
        "keywords of each language by itself; labels are the first of them, and were not written by people.",
        "",
        f"Recipe: {set_to}.",
    ]


def _themes(tables: Tables, manifest: Manifest) -> list[str]:
    about = tables["themes"][tables["themes"]["about"]]["theme"].value_counts()
    found = [f"- {label['en']}: {int(about.get(key, 0)):,} passages." for key, label in manifest["themes"].items()]
    files = ", ".join(f"{item['name']} (SHA-256 {item['sha256'][:12]}…)" for item in manifest["theme_file"])
    return [
        f"Themes were found by the terms of a file, {files}, matched without regard to orthography, in each passage's "
        "own language. A passage is about a theme from a score of .5 on.",
        "",
        *found,
    ]


def _shares(manifest: Manifest) -> list[str]:
    said = describe_time_window(manifest) or ["Shares are of all articles, whatever their date."]
    return [INTERVALS_TEXT, "", f"{said[0]} The table `timeline` has every month."]


def _validated(tables: Tables, manifest: Manifest) -> list[str]:
    split = tables["topic_languages"][tables["topic_languages"]["topic"] >= 0].groupby("topic")["share"].max()
    size = tables["topics"].set_index("topic")["size"].reindex(split.index)
    alone = size[split >= 0.95].sum() / max(1, size.sum())
    lines = [
        f"- Measured: {alone:.0%} of the passages are in topics that one language has almost alone (95 % or more)."
    ]
    tell = {"mixing": _mixing, "recovery": _recovery, "sensitivity": _sensitivity, "stability": _stability}
    for name, says in UNMEASURED_TEXT.items():
        there = name in tables and len(tables[name]) > 0
        lines += tell[name](tables[name]) if there else [f"- Not measured in this run: {says}."]
    return [
        *lines,
        "- Not validated: the topics' labels and the themes' scores were not checked by human coders on this corpus. "
        "Before a share is published, people should read a sample of passages with and without each theme's terms.",
    ]


def _stability(stability: pd.DataFrame) -> list[str]:
    return [
        f"- Measured ({kind}, {int(rows['n'].max())} times): a topic's best overlap with another run's is "
        f"{rows['jaccard'].mean():.2f} on average (Jaccard). {int((rows['jaccard'] < 0.5).sum())} of {len(rows)} "
        "topics are below .5 and should not be named."
        for kind, rows in stability.groupby("kind")
    ]


def _mixing(mixing: pd.DataFrame) -> list[str]:
    found = mixing.set_index(["measure", "stage"])
    value, chance = found["value"], found["chance"]["same_language", "after"]
    return [
        f"- Measured: {value['same_language', 'before']:.0%} of a passage's nearest neighbors have its language "
        f"before alignment, {value['same_language', 'after']:.0%} after it (chance {chance:.0%}); topics found without "
        f"alignment would have {value['one_language', 'before']:.0%} of the passages in one-language topics, with it "
        f"{value['one_language', 'after']:.0%}."
    ]


def _recovery(recovery: pd.DataFrame) -> list[str]:
    return [
        f"- Measured: a difference of {planted:.0%} planted between the languages, in what is about any theme, comes "
        f"back as {rows['gap'].mean():.0%} (standard deviation {rows['gap'].std():.0%}, {len(rows)} resamplings of "
        f"this corpus); within one language, where nothing is aligned, as {rows['control'].mean():.0%}."
        for planted, rows in recovery.groupby("planted")
    ]


def _sensitivity(sensitivity: pd.DataFrame) -> list[str]:
    firm = (sensitivity["sign_agreement"] == 1) & (sensitivity["settings"] >= sensitivity["missing"])
    turned = ", ".join(sensitivity["contrast"][~firm]) or "none"
    total = int((sensitivity["settings"] + sensitivity["missing"]).max())
    return [
        f"- Measured: {firm.sum()} of {len(sensitivity)} differences between the languages (topics and themes) keep "
        f"their sign under all of {total} settings (alignment, seed, granularity, outliers) in which they are found, "
        f"and are found in half of them or more. The others should not be reported: {turned}."
    ]


def _software(manifest: Manifest) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in sorted(manifest["versions"].items()))
    return [
        f"{versions}; {manifest['platform']}. Seed {manifest['recipe']['seed']}. Results differ a little between "
        f"machines, so the tables are kept: run key `{manifest['cache_key'][:16]}`."
    ]
