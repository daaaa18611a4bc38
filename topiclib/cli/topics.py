"""The commands `topiclib curate`, `card`, `sheets` and `score` (validation of topics by human coders), and `reuse`."""

from pathlib import Path

import topiclib as tl
from topiclib.cli.command import CACHE, CODERS, ENCODER, RUN, SEED, argument, takes, write_csv


@takes(
    RUN,
    argument("--apply", metavar="FILE", help="apply the decisions of this file"),
    argument(
        "--out", metavar="PATH", help="the draft (default: RUN-curation.toml), or with --apply the new run folder"
    ),
    CACHE,
    ENCODER,
)
def curate(run: Path, apply: Path | None, out: Path | None, cache: Path | None, encoder: str | None) -> None:
    """Write a file for decisions about topics, or apply one.

    Without --apply, write a draft: every topic of the run with its size, words and
    quotes as comments. Add names, merges, splits, dropped topics and notes, with
    reasons. With --apply FILE, apply them to the topics as they were found, and
    list what was done. Without --out, the run itself is replaced, as a whole.

    See docs/CURATION.md.

    Example: topiclib curate runs/mine --apply mine.toml --out runs/mine-curated
    """
    from topiclib.topics.curation import describe_decision

    if apply is None:
        out = out or run.parent / f"{run.name}-curation.toml"
        tl.draft_curation(run, out)
        print(out)
        return
    curated = tl.curate(run, apply, out=out, cache=cache, encoder=encoder)
    decisions = curated.manifest["curation"]["decisions"]
    lines = list(map(describe_decision, decisions)) or ["No decision is applied: the topics are as they were found."]
    print(*lines, f"\nRun folder: {curated.path}", sep="\n")


@takes(RUN, argument("topics", nargs="*", type=int, metavar="TOPIC", help="topic numbers (default: all)"))
def card(run: Path, topics: list[int]) -> None:
    """Print keywords, quotes, size, shares, lift and outlets of topics.

    Example: topiclib card runs/mine 0 3
    """
    from topiclib.report.topic_card import format_topic_card
    from topiclib.runs import store

    needed = ("documents", "passages", "assignments", "topics", "keywords", "quotes")
    tables = {name: store.read_table(run, name) for name in needed}
    topics = topics or [topic for topic in tables["topics"]["topic"].tolist() if topic >= 0]
    manifest = store.read_manifest(run)
    print("\n\n\n".join([format_topic_card(tables, topic, manifest) for topic in topics]))


@takes(
    RUN,
    argument("--out", metavar="DIR", help="output folder (default: RUN-sheets)"),
    CODERS,
    argument("--per-topic", type=int, default=2, metavar="N", help="items per topic"),
    SEED,
)
def sheets(run: Path, out: Path | None, coders: int, per_topic: int, seed: int) -> None:
    """Write sheets for human coders of topics.

    There are sheets of word intrusion and passage intrusion in each language, and of
    pairs of a Persian and an Arabic passage (the same subject?), and a key. Coders
    fill the column answer in any spreadsheet and save as CSV (UTF-8);
    `topiclib score` reads the sheets.

    Example: topiclib sheets runs/mine --coders 3
    """
    from topiclib.evaluate import intrusion
    from topiclib.runs import store

    if coders < 1 or per_topic < 1:
        raise ValueError(f"--coders {coders} --per-topic {per_topic}: expected at least 1 for both")
    tables = {name: store.read_table(run, name) for name in ("passages", "assignments", "keywords")}
    items, key = intrusion.sample_items(tables, n_per_topic=per_topic, seed=seed)
    out = out or run.parent / f"{run.name}-sheets"
    print(*intrusion.write_intrusion_sheets(items, key, out, coders=coders), sep="\n")
    print("Give each coder their own sheets and instructions.txt, but not the key.")


@takes(argument("files", nargs="+", metavar="FILE", help="completed sheets, or their folder"))
def score(files: list[Path]) -> None:
    """Compute accuracy and agreement from completed sheets and the key.csv beside them.

    Example: topiclib score runs/mine-sheets
    """
    from topiclib.evaluate import intrusion

    found = [file for path in files for file in (sorted(path.glob("*.*.csv")) if path.is_dir() else [path])]
    found = [file for file in found if file.name != intrusion.KEY_FILE]
    if not found:
        raise FileNotFoundError(f"{files[0]} has no sheets: expected files such as words.coder1.csv")
    scores = intrusion.score_intrusion_sheets(*intrusion.read_intrusion_sheets(found))
    print(scores.round(3).to_string(index=False, na_rep="-"))


@takes(
    RUN,
    argument("-n", type=int, default=10, help="number of pairs to print"),
    argument("--margin", type=float, default=0.08, help="minimum margin of a pair"),
    argument("--csv", metavar="FILE", help="write all pairs with their texts"),
    CACHE,
    ENCODER,
)
def reuse(run: Path, n: int, margin: float, csv: Path | None, cache: Path | None, encoder: str | None) -> None:
    """List pairs of similar passages in different articles.

    The pairs, within and across languages, may be the same statement; the most
    similar come first. Check them by reading: the margin is not calibrated, and
    similar passages may differ.

    Example: topiclib reuse runs/mine -n 20 --csv pairs.csv
    """
    from topiclib.compare.reuse import find_text_reuse
    from topiclib.runs.pipeline import aligned_vectors, fitted_passages

    if n < 0:
        raise ValueError(f"-n {n}: expected 0 or more pairs to print")
    opened = tl.open_run(run)
    passages = fitted_passages(opened)
    aligned, _ = aligned_vectors(opened, passages, encoder=encoder, cache=cache)
    pairs = find_text_reuse(passages, aligned, min_margin=margin)
    texts = opened.tables["passages"].set_index("passage_id")["text"]
    origin = opened.tables["documents"].set_index("doc_id")[["source", "date"]]
    for row in pairs.head(n).itertuples():
        print(f"margin {row.margin:.2f}")
        for passage, doc, lang in ((row.passage_a, row.doc_a, row.lang_a), (row.passage_b, row.doc_b, row.lang_b)):
            print(f"    {' · '.join(filter(None, [passage, lang, *origin.loc[doc]]))}\n    {texts[passage][:160]}")
    print(f"{len(pairs)} pairs of similar passages.")
    print("margin: cosine of the pair, minus the mean cosine of both to their four nearest passages of other articles.")
    if csv:
        columns = {f"text_{side}": pairs[f"passage_{side}"].map(texts) for side in "ab"}
        write_csv(pairs.assign(**columns), csv)
