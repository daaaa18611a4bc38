"""`topiclib card`, `sheets` and `score_themes`: topics read, and validated by human coders; `topiclib reuse`."""

import argparse
from pathlib import Path
from typing import Any

CARD_DESCRIPTION = """Print what a run knows of topics: words and quotes of each language, size,
share, lift, outlets.
"""

SCORE_DESCRIPTION = "Read filled sheets and their key.csv beside them; print accuracy and Krippendorff's alpha."

SHEETS_DESCRIPTION = """Write blind sheets for coders, and their key: the odd word out and the odd
passage out in each language, and pairs of a Persian and an Arabic passage
(the same subject?). Fill the column answer in any spreadsheet, save as CSV
(UTF-8), and read them back with `topiclib score`.
"""

REUSE_DESCRIPTION = """List pairs of passages of different articles, within and across languages, that
look like one statement relayed. To be read from the top: the list is not
calibrated, and what looks alike may be another sentence.
"""


def add(commands: Any) -> None:
    """Add the commands to the command line."""
    card = commands.add_parser("card", help="a topic's words, size, outlets and quotes", description=CARD_DESCRIPTION)
    card.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    card.add_argument("topics", nargs="*", type=int, metavar="TOPIC", help="topic numbers (default: all)")
    card.set_defaults(do=_card)
    blind = "blind sheets on a run's topics, for people to fill in"
    sheets = commands.add_parser("sheets", help=blind, description=SHEETS_DESCRIPTION)
    sheets.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    sheets.add_argument("--out", type=Path, metavar="DIR", help="where to (default: RUN-sheets, beside the run)")
    sheets.add_argument("--coders", type=int, default=2, metavar="N", help="sheets of each task (default: 2)")
    sheets.add_argument("--per-topic", type=int, default=2, metavar="N", help="items a topic (default: 2)")
    sheets.add_argument("--seed", type=int, default=0, help="of the draw (default: 0)")
    sheets.set_defaults(do=_sheets)
    score = commands.add_parser("score", help="filled sheets to accuracy and agreement", description=SCORE_DESCRIPTION)
    score.add_argument("files", nargs="+", type=Path, metavar="FILE", help="filled sheets, or the folder of them")
    score.set_defaults(do=_score)
    reuse = commands.add_parser(
        "reuse", help="passages that look like one statement relayed", description=REUSE_DESCRIPTION
    )
    reuse.add_argument("run", type=Path, metavar="RUN", help="a run folder")
    reuse.add_argument("-n", type=int, default=10, help="pairs to print (default: 10)")
    reuse.add_argument("--margin", type=float, default=0.08, help="from which a pair is listed (default: 0.08)")
    reuse.add_argument("--csv", type=Path, metavar="FILE", help="write all pairs, with their texts")
    where = "where the run's vectors are kept (default: the user's cache folder)"
    reuse.add_argument("--cache", type=Path, metavar="PATH", help=where)
    reuse.add_argument("--encoder", metavar="NAME", help="the run's encoder, where it is none of topiclib's")
    reuse.set_defaults(do=_reuse)


def _card(options: argparse.Namespace) -> int:
    from topiclib.report import topic_card as cards
    from topiclib.runs import store

    needed = ("documents", "passages", "assignments", "topics", "keywords", "quotes")
    tables = {name: store.read_table(options.run, name) for name in needed}
    chosen = options.topics or [topic for topic in tables["topics"]["topic"].tolist() if topic >= 0]
    print("\n\n\n".join([cards.format_topic_card(tables, topic) for topic in chosen]))
    return 0


def _sheets(options: argparse.Namespace) -> int:
    from topiclib.evaluate import intrusion as sheets
    from topiclib.runs import store

    if options.coders < 1 or options.per_topic < 1:
        raise ValueError(f"--coders {options.coders} --per-topic {options.per_topic}: expected 1 or more of each")
    out = options.out or options.run.parent / f"{options.run.name}-sheets"
    tables = {name: store.read_table(options.run, name) for name in ("passages", "assignments", "keywords")}
    drawn, key = sheets.sample_items(tables, n_per_topic=options.per_topic, seed=options.seed)
    print(*sheets.write_intrusion_sheets(drawn, key, out, coders=options.coders), sep="\n")
    print("Give each coder their own sheets and instructions.txt, and nobody the key.")
    return 0


def _score(options: argparse.Namespace) -> int:
    from topiclib.evaluate import intrusion as sheets

    files = [
        file
        for given in options.files
        for file in (sorted(given.glob("*.*.csv")) if given.is_dir() else [given])
        if file.name != sheets.KEY_FILE
    ]
    if not files:
        raise FileNotFoundError(f"{options.files[0]} has no sheets: expected files such as words.coder1.csv")
    print(
        sheets.score_intrusion_sheets(*sheets.read_intrusion_sheets(files)).round(3).to_string(index=False, na_rep="-")
    )
    return 0


def _reuse(options: argparse.Namespace) -> int:
    from topiclib.cli.themes import write_csv
    from topiclib.compare.reuse import find_text_reuse
    from topiclib.runs.pipeline import aligned_vectors, fitted_passages, open_run

    if options.n < 0:
        raise ValueError(f"-n {options.n}: expected the number of pairs to print, 0 or more")
    run = open_run(options.run)
    passages = fitted_passages(run)
    aligned, _ = aligned_vectors(run, passages, encoder=options.encoder, cache=options.cache)
    pairs = find_text_reuse(passages, aligned, min_margin=options.margin)
    texts = run.tables["passages"].set_index("passage_id")["text"]
    facts = run.tables["documents"].set_index("doc_id")[["source", "date"]]
    for row in pairs.head(options.n).itertuples():
        print(f"margin {row.margin:.2f}")
        for passage, doc, lang in ((row.passage_a, row.doc_a, row.lang_a), (row.passage_b, row.doc_b, row.lang_b)):
            print(f"    {' · '.join(filter(None, [passage, lang, *facts.loc[doc]]))}\n    {texts[passage][:160]}")
    print(f"{len(pairs)} pairs of passages look like one statement.")
    if options.csv:
        both = {f"text_{side}": pairs[f"passage_{side}"].map(texts) for side in "ab"}
        write_csv(pairs.assign(**both), options.csv)
    return 0
