"""The commands `topiclib card`, `sheets` and `score` (validation of topics by human coders), and `reuse`."""

import argparse
from pathlib import Path
from typing import Any

CARD_DESCRIPTION = "Print keywords, quotes, size, shares, lift and outlets of topics."

SCORE_DESCRIPTION = "Read completed sheets and the key.csv beside them; print accuracy and Krippendorff's alpha."

SHEETS_DESCRIPTION = """Write coding sheets and their key: word intrusion and passage intrusion in each
language, and pairs of a Persian and an Arabic passage (the same subject?).
Coders fill the column answer in any spreadsheet and save as CSV (UTF-8);
`topiclib score` reads the sheets.
"""

REUSE_DESCRIPTION = """List pairs of similar passages in different articles, within and across
languages, that may be the same statement, the most similar first. Check them by
reading: the margin is not calibrated, and similar passages may differ.
"""


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    card = commands.add_parser("card", help="print keywords, size, outlets and quotes", description=CARD_DESCRIPTION)
    card.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    card.add_argument("topics", nargs="*", type=int, metavar="TOPIC", help="topic numbers (default: all)")
    card.set_defaults(do=_card)
    summary = "write sheets for human coders of topics"
    sheets = commands.add_parser("sheets", help=summary, description=SHEETS_DESCRIPTION)
    sheets.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    sheets.add_argument("--out", type=Path, metavar="DIR", help="output folder (default: RUN-sheets)")
    sheets.add_argument("--coders", type=int, default=2, metavar="N", help="number of coders (default: 2)")
    sheets.add_argument("--per-topic", type=int, default=2, metavar="N", help="items per topic (default: 2)")
    sheets.add_argument("--seed", type=int, default=0, help="random seed (default: 0)")
    sheets.set_defaults(do=_sheets)
    summary = "compute accuracy and agreement from completed sheets"
    score = commands.add_parser("score", help=summary, description=SCORE_DESCRIPTION)
    score.add_argument("files", nargs="+", type=Path, metavar="FILE", help="completed sheets, or their folder")
    score.set_defaults(do=_score)
    reuse = commands.add_parser("reuse", help="list passages with similar statements", description=REUSE_DESCRIPTION)
    reuse.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    reuse.add_argument("-n", type=int, default=10, help="number of pairs to print (default: 10)")
    reuse.add_argument("--margin", type=float, default=0.08, help="minimum margin of a pair (default: 0.08)")
    reuse.add_argument("--csv", type=Path, metavar="FILE", help="write all pairs with their texts")
    reuse.add_argument("--cache", type=Path, metavar="PATH", help="cache of vectors (default: the user's cache folder)")
    reuse.add_argument("--encoder", metavar="NAME", help="the run's encoder, if not a bundled one")
    reuse.set_defaults(do=_reuse)


def _card(options: argparse.Namespace) -> int:
    from topiclib.report.topic_card import format_topic_card
    from topiclib.runs import store

    needed = ("documents", "passages", "assignments", "topics", "keywords", "quotes")
    tables = {name: store.read_table(options.run, name) for name in needed}
    topics = options.topics or [topic for topic in tables["topics"]["topic"].tolist() if topic >= 0]
    print("\n\n\n".join([format_topic_card(tables, topic) for topic in topics]))
    return 0


def _sheets(options: argparse.Namespace) -> int:
    from topiclib.evaluate import intrusion
    from topiclib.runs import store

    if options.coders < 1 or options.per_topic < 1:
        raise ValueError(f"--coders {options.coders} --per-topic {options.per_topic}: expected at least 1 for both")
    out = options.out or options.run.parent / f"{options.run.name}-sheets"
    tables = {name: store.read_table(options.run, name) for name in ("passages", "assignments", "keywords")}
    items, key = intrusion.sample_items(tables, n_per_topic=options.per_topic, seed=options.seed)
    print(*intrusion.write_intrusion_sheets(items, key, out, coders=options.coders), sep="\n")
    print("Give each coder their own sheets and instructions.txt, but not the key.")
    return 0


def _score(options: argparse.Namespace) -> int:
    from topiclib.evaluate import intrusion

    files = [file for path in options.files for file in (sorted(path.glob("*.*.csv")) if path.is_dir() else [path])]
    files = [file for file in files if file.name != intrusion.KEY_FILE]
    if not files:
        raise FileNotFoundError(f"{options.files[0]} has no sheets: expected files such as words.coder1.csv")
    scores = intrusion.score_intrusion_sheets(*intrusion.read_intrusion_sheets(files))
    print(scores.round(3).to_string(index=False, na_rep="-"))
    return 0


def _reuse(options: argparse.Namespace) -> int:
    from topiclib.cli.themes import write_csv
    from topiclib.compare.reuse import find_text_reuse
    from topiclib.runs.pipeline import aligned_vectors, fitted_passages, open_run

    if options.n < 0:
        raise ValueError(f"-n {options.n}: expected 0 or more pairs to print")
    run = open_run(options.run)
    passages = fitted_passages(run)
    aligned, _ = aligned_vectors(run, passages, encoder=options.encoder, cache=options.cache)
    pairs = find_text_reuse(passages, aligned, min_margin=options.margin)
    texts = run.passages.set_index("passage_id")["text"]
    origin = run.documents.set_index("doc_id")[["source", "date"]]
    for row in pairs.head(options.n).itertuples():
        print(f"margin {row.margin:.2f}")
        for passage, doc, lang in ((row.passage_a, row.doc_a, row.lang_a), (row.passage_b, row.doc_b, row.lang_b)):
            print(f"    {' · '.join(filter(None, [passage, lang, *origin.loc[doc]]))}\n    {texts[passage][:160]}")
    print(f"{len(pairs)} pairs of similar passages.")
    if options.csv:
        columns = {f"text_{side}": pairs[f"passage_{side}"].map(texts) for side in "ab"}
        write_csv(pairs.assign(**columns), options.csv)
    return 0
