"""Decisions about topics on runs: the sample through names, merges, splits, dropped topics, words, refits and undo."""

from __future__ import annotations

import re
import shutil
import warnings
from html import unescape

import numpy as np
import pandas as pd
import pytest

import topiclib as tl
from topiclib.cli.main import main
from topiclib.explore.data import map_data, map_rows, read_run
from topiclib.report import methods, write_bundle, write_report
from topiclib.report.topic_card import format_topic_card
from topiclib.runs import store
from topiclib.runs.check import verify_run
from topiclib.runs.summary import caveats, format_summary
from topiclib.topics.curation import describe_decision
from topiclib.topics.curation_file import read_curation

NAME = {"en": "Borders & the corridor <b>", "fa": "مرزها و دالان", "ar": "الحدود والممر"}
DECISIONS = {
    3: f'name = {{en = "{NAME["en"]}", fa = "{NAME["fa"]}", ar = "{NAME["ar"]}"}}\nreason = "read twenty passages"',
    6: 'merge_into = 1\nreason = "one negotiation"',
    0: "split = 2",
    7: 'drop = true\nreason = "sport is outside the study"',
}
TOPIC_TABLES = (
    "assignments",
    "document_topics",
    "keywords",
    "topics",
    "topic_languages",
    "quotes",
    "shares",
    "timeline",
)


def write(draft: str, decisions: dict[int, str], file) -> None:
    """Write a draft with decisions below the headings of topics."""
    for topic, text in decisions.items():
        assert f"[topics.{topic}]\n" in draft
        draft = draft.replace(f"[topics.{topic}]\n", f"[topics.{topic}]\n{text}\n")
    file.write_text(draft, encoding="utf-8")


@pytest.fixture(scope="module")
def study(sample_run, tmp_path_factory):
    """Return a copy of the run of the sample, a file of decisions about it, and the curated run."""
    folder = tmp_path_factory.mktemp("study")
    run = tl.open_run(shutil.copytree(sample_run.path, folder / "found"))
    file = folder / "mine.toml"
    write(tl.draft_curation(run), DECISIONS, file)
    return run, file, tl.curate(run, file, out=folder / "curated")


def contents(folder) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_names_and_reasons_are_no_html_in_the_methods_text(study, tmp_path):
    file = tmp_path / "hostile.toml"
    file.write_text("[topics.0]\nname = {en = '<script>x</script>'}\nreason = '<img src=x>'", encoding="utf-8")
    run = tl.curate(study[0], file, out=tmp_path / "hostile")
    text = methods(run.tables, run.manifest)
    assert "&lt;script>x&lt;/script>" in text and "&lt;img" in text and "<script" not in text and "<img" not in text


def test_the_draft_describes_every_topic_and_decides_nothing(study, tmp_path):
    run, _, _ = study
    draft = tl.draft_curation(run, tmp_path / "draft.toml")
    curation = read_curation(tmp_path / "draft.toml")
    sizes = run.topics.set_index("topic")["size"].to_dict()
    assert {topic: d.size for topic, d in curation.topics.items()} == sizes
    assert curation.n_passages == len(run.assignments) and not any(d.actions for d in curation.topics.values())
    for topic, words in run.keywords.groupby("topic")["word"]:
        section = draft.split(f"[topics.{topic}]")[0].rpartition("# Topic")[2]
        assert all(word in section for word in words) and section.count("“") == 2
    with pytest.raises(FileExistsError, match="exists, and may have decisions: apply it"):
        tl.draft_curation(run, tmp_path / "draft.toml")
    unchanged = tl.curate(run, tmp_path / "draft.toml", out=tmp_path / "same")
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(unchanged.tables[name], table)


def test_all_tables_agree_on_the_curated_topics(study):
    run, _, curated = study
    found, topics = (curated.assignments.set_index("passage_id")[name] for name in ("topic_found", "topic"))
    assert (found == run.assignments.set_index("passage_id")["topic"]).all()
    assert (topics[found == 6] == 1).all() and (topics[found == 7] == -1).all() and (topics[found == 3] == 3).all()
    assert set(topics[found == 0]) == {0, 8}
    present = {-1, 0, 1, 2, 3, 4, 5, 8}
    table = curated.topics.set_index("topic")
    assert set(table.index) == present and table["size"].to_dict() == topics.value_counts().to_dict()
    assert table.loc[3, ["name_en", "name_fa", "name_ar"]].tolist() == list(NAME.values())
    assert (table.drop(index=3)[["name_en", "name_fa", "name_ar"]] == "").all(axis=None)
    for name in ("document_topics", "topic_languages", "points"):
        assert set(curated.tables[name]["topic"]) == present
    for name in ("shares", "timeline"):
        assert set(curated.tables[name].query("kind == 'topic'")["key"].astype(int)) == present
    quotes = curated.quotes.query("kind == 'topic'")
    assert (quotes["passage_id"].map(topics) == quotes["key"].astype(int)).all()
    assert set(curated.keywords["topic"]) == present - {-1} == set(quotes["key"].astype(int))
    points = curated.points.set_index("passage_id")
    assert (points["topic"] == topics.reindex(points.index)).all()
    pd.testing.assert_frame_equal(curated.points.drop(columns="topic"), run.points.drop(columns="topic"))
    for name in ("documents", "passages", "themes", "matches", "contrasts", "coverage", "flow"):
        pd.testing.assert_frame_equal(curated.tables[name], run.tables[name])
    for name in ("shares", "quotes"):
        of_themes = [r.tables[name].query("kind == 'theme'").reset_index(drop=True) for r in (run, curated)]
        pd.testing.assert_frame_equal(*of_themes)
    assert curated.manifest["counts"]["topics"] == 7 and verify_run(curated.path) == []


def test_report_methods_card_map_summary_and_bundle_speak_of_the_same_topics(study, tmp_path):
    run, _, curated = study
    decided = curated.manifest["curation"]["decisions"]
    assert {(d["topic"], d["action"]): d["passages"] for d in decided} == {
        (0, "split"): (curated.assignments["topic"] == 8).sum(),
        (3, "name"): 0,
        (6, "merge"): (curated.assignments["topic_found"] == 6).sum(),
        (7, "drop"): (curated.assignments["topic_found"] == 7).sum(),
    }
    text = methods(curated.tables, curated.manifest)
    n = (curated.assignments["topic_found"] == 6).sum()
    for line in (f"- Topic 6 was merged into 1 ({n} passages). Reason: one negotiation.", "1 topic has a name"):
        assert line in text
    assert "sport is outside the study" in text and "7 topics" in text
    page = write_report(curated.path, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "3 · Borders &amp; the corridor &lt;b&gt;" in page and "<b>" not in page.replace("<b lang", "")
    assert "Decisions about the topics" in page and "<bdi>6 · " not in page and "<h3><bdi>8 · " in page
    assert NAME["fa"] in page and NAME["ar"] in page
    card = format_topic_card(curated.tables, 3)
    assert card.startswith(f"topic 3 · {NAME['en']}") and NAME["fa"] in card and NAME["ar"] in card
    gone = format_topic_card(curated.tables, 6, curated.manifest)
    words = run.topics.set_index("topic").loc[6, "label_fa"]
    assert words in gone and f"{n} passages" in gone and "Reason: one negotiation." in gone and f"topic 1 ({n})" in gone
    assert "was merged into 1" in format_topic_card(curated.tables, 1, curated.manifest)
    data = map_data(map_rows(curated.tables), read_run(curated))
    assert [entry["fa"] for entry in data["topics"] if entry["id"] == 6] == [words]
    ids = [entry["id"] for entry in data["topics"]]
    assert [entry["names"] for entry in data["topics"] if entry["id"] == 3] == [NAME]
    assert [ids[topic] for topic in data["passages"]["topic"]] == curated.points["topic"].tolist()
    summary = format_summary(curated.tables, curated.manifest)
    assert re.search(rf"\n +3 .*{NAME['en']}\n +{NAME['fa']} · ", summary)
    import zipfile

    with zipfile.ZipFile(write_bundle(curated.path, tmp_path / "bundle.zip")) as archive:
        (tmp_path / "bundled.toml").write_bytes(archive.read("curation.toml"))
    assert read_curation(tmp_path / "bundled.toml").topics == read_curation(curated.path / "curation.toml").topics


@pytest.mark.parametrize("name", ["topic_map", "topic_words", "topics_by_theme", "language_balance"])
@pytest.mark.parametrize("lang", ["en", "fa", "ar"])
def test_figures_have_number_and_name_in_their_language(study, name, lang):
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    *_, curated = study
    axes = np.atleast_1d(getattr(tl.draw, name)(curated, lang=lang))
    texts = [text.get_text() for text in axes.flat[0].figure.findobj(Text)]
    shown = [re.sub("[\u2066-\u2069\n]", "", text.replace("\n", " ")) for text in texts]
    number = {"en": "3", "fa": "۳", "ar": "٣"}[lang]
    assert any(f"{number} · {NAME[lang]}" in text for text in shown)
    assert not any(other in text for text in shown for code, other in NAME.items() if code != lang)
    plt.close("all")


def test_new_articles_get_curated_topics(study):
    run, _, curated = study
    documents = tl.load_sample()
    before, after = (tl.assign_topics(r, documents).set_index("passage_id")["topic"] for r in (run, curated))
    assert set(after) <= {-1, 0, 1, 2, 3, 4, 5, 8}
    assert (after[before == 7] == -1).mean() > 0.9 and (after[before == 6] == 1).mean() > 0.7
    assert (tl.assign_topics(curated, documents).query("topic == -1")["similarity"] == 0).all()


def test_a_decision_is_undone_by_deleting_its_line(study, tmp_path):
    run, file, curated = study
    fewer = tmp_path / "fewer.toml"
    fewer.write_text(file.read_text(encoding="utf-8").replace("merge_into = 1\n", ""), encoding="utf-8")
    undone = curated.apply(fewer, out=tmp_path / "undone")
    straight = tl.curate(run, fewer, out=tmp_path / "straight")
    for name in straight.tables:
        pd.testing.assert_frame_equal(undone.tables[name], straight.tables[name])
    assert (undone.assignments.query("topic_found == 6")["topic"] == 6).all()
    none = tmp_path / "none.toml"
    none.write_text(tl.draft_curation(run), encoding="utf-8")
    back = tl.curate(curated, none, out=tmp_path / "back")
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(back.tables[name], table)
    assert np.array_equal(store.read_array(back.path, "centroids"), store.read_array(run.path, "centroids"))


def test_the_stored_file_does_the_same_again(study, tmp_path):
    run, _, curated = study
    again = tl.curate(run, curated.path / "curation.toml", out=tmp_path / "again")
    assert (again.path / "curation.toml").read_bytes() == (curated.path / "curation.toml").read_bytes()
    for name, table in curated.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    assert "part_of = 0" in tl.draft_curation(curated)


def test_a_fit_with_another_seed_and_stop_words_applies_the_same_decisions(study, tmp_path, capsys):
    run, file, curated = study
    word = run.keywords.query("topic == 3 and lang == 'fa' and rank == 1")["word"].iloc[0]
    excluded = run.quotes.query("kind == 'topic' and key == '2'")["passage_id"].iloc[0]
    more = tmp_path / "more.toml"
    corpus = f'[corpus]\nstop_words = ["{word}"]\nprotect = ["جمهوری آذربایجان"]\nexclude_passages = ["{excluded}"]\n'
    text = file.read_text(encoding="utf-8")
    more.write_text(
        text.replace("n_passages", "n_passages", 1).replace("\n# Topic 0", f"\n{corpus}\n# Topic 0", 1), "utf-8"
    )
    with pytest.warns(UserWarning, match="stop_words, protect, exclude_passages of .* need a fit"):
        applied = tl.curate(run, more, out=tmp_path / "applied")
    assert word in set(applied.keywords["word"]) and applied.manifest["corpus_decisions"]["stop_words"] == []
    # What waits for a fit is not lost.
    assert read_curation(applied.path / "curation.toml").corpus == read_curation(more).corpus
    fitted = tl.run(tl.load_sample(), out=tmp_path / "fitted", recipe=tl.Recipe(seed=3), curation=more, progress=False)
    assert fitted.manifest["curation"]["not_applied"] == []
    name = fitted.topics[fitted.topics["name_en"] == NAME["en"]]["topic"].iloc[0]
    old, new = (r.assignments.set_index("passage_id")["topic"] for r in (curated, fitted))
    both = old.index.intersection(new.index)
    jaccard = ((old[both] == 3) & (new[both] == name)).sum() / ((old[both] == 3) | (new[both] == name)).sum()
    assert jaccard > 0.5
    assert word not in set(fitted.keywords["word"]) and word not in set(fitted.contrasts["word"])
    assert excluded not in set(fitted.assignments["passage_id"])
    assert not fitted.passages.set_index("passage_id").loc[excluded, "modeled"]
    assert "excluded" in set(fitted.flow["reason"])
    text = methods(fitted.tables, fitted.manifest)
    assert all(line in text for line in (f"Left out of the keywords: {word}.", excluded, "جمهوری آذربایجان"))
    assert not list(tmp_path.glob(".fitted*"))
    tl.run(tl.load_sample(), out=tmp_path / "fitted", recipe=tl.Recipe(seed=3), curation=more)
    assert "is up to date" in capsys.readouterr().err
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = tl.curate(fitted, more, out=tmp_path / "again")
    pd.testing.assert_frame_equal(again.keywords, fitted.keywords)


def test_one_language(tmp_path):
    file = tmp_path / "fa.toml"
    file.write_text('[corpus]\nlang = ["fa"]\n', encoding="utf-8")
    run = tl.run(tl.load_sample(), out=tmp_path / "fa", curation=file, progress=False)
    modeled = run.passages.query("modeled")
    assert set(modeled["lang"]) == {"fa"} and set(run.keywords["lang"]) == {"fa"}
    assert set(run.shares.query("by == 'lang'")["level"]) == {"fa"}


def test_a_file_without_passages_is_not_trusted_by_a_fit(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('[topics.3]\nname = {en = "Borders"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 1, topic 3: a fit finds topics by passages that the file remembers"):
        tl.run(tl.load_sample(), out=tmp_path / "run", curation=file, progress=False)
    assert not (tmp_path / "run").exists()


def test_quality_tables_describe_the_topics_as_found_and_are_left_out(study, tmp_path):
    run, file, _ = study
    names = ("mixing", "recovery", "sensitivity", "stability")
    manifest = {key: value for key, value in run.manifest.items() if key != "checksum"}
    kept = [run.path / name for name in run.manifest["files"]]
    empty = {name: tl.schema.empty_table(name) for name in names}
    measured = tl.open_run(store.write_run(tmp_path / "measured", empty, {}, manifest, kept=kept))
    curated = tl.curate(measured, file, out=tmp_path / "curated")
    assert not set(names) & set(curated.tables) and curated.manifest["curation"]["left_out"] == list(names)
    assert any(
        "mixing, recovery, sensitivity, stability were left out" in c for c in caveats(curated.tables, curated.manifest)
    )
    only_names = tmp_path / "names.toml"
    only_names.write_text('[topics.3]\nname = {en = "Borders"}\n', encoding="utf-8")
    named = tl.curate(measured, only_names, out=tmp_path / "named")
    assert set(names) < set(named.tables)
    twice = tl.curate(curated, only_names, out=tmp_path / "twice")
    assert twice.manifest["curation"]["left_out"] == list(names)


def test_names_need_no_vectors_and_other_decisions_say_what_they_need(study, tmp_path):
    run, file, _ = study
    foreign = tl.open_run(shutil.copytree(run.path, tmp_path / "foreign"))
    manifest = {key: value for key, value in foreign.manifest.items() if key != "checksum"}
    manifest["recipe"] = {**manifest["recipe"], "encoder": "somebody/model"}
    (foreign.path / "manifest.json").write_bytes(store.serialize_manifest(manifest))
    names = tmp_path / "names.toml"
    names.write_text('[topics.3]\nname = {en = "Borders"}\n', encoding="utf-8")
    assert "Borders" in set(tl.curate(foreign.path, names, out=tmp_path / "named").topics["name_en"])
    with pytest.raises(ValueError, match=r"pass it .*; without vectors only names and notes can be applied"):
        tl.curate(foreign.path, file, out=tmp_path / "curated")
    assert not (tmp_path / "curated").exists()
    empty = tl.curate(run, file, out=tmp_path / "embedded", cache=tmp_path / "empty")
    assert empty.manifest["counts"]["topics"] == 7


def test_the_commands(study, tmp_path, capsys):
    run, file, _ = study
    folder = shutil.copytree(run.path, tmp_path / "run")
    assert main(["curate", str(folder)]) == 0
    draft = tmp_path / "run-curation.toml"
    assert capsys.readouterr().out.strip() == str(draft) and read_curation(draft).topics
    assert main(["curate", str(folder), "--apply", str(file), "--out", str(tmp_path / "new")]) == 0
    output = capsys.readouterr().out
    assert "Topic 7 was dropped" in output and f"Run folder: {tmp_path / 'new'}" in output


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[topics.3", "is not valid TOML"),
        ("[topics.42]\ndrop = true", "topic 42: there is no such topic: expected one of 0, 1,"),
        ("[topics.3]\ndrop = true\npassages = ['nowhere#1']", "is of another corpus"),
        (f"[topics.3]\nname = {{en = '{10_000 * 'x'}'}}", "10,000 characters"),
        (None, "does not exist"),
    ],
)
def test_bad_input_gives_one_line_and_changes_nothing(study, tmp_path, capsys, text, words):
    run, *_ = study
    file = tmp_path / "bad.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    before = contents(run.path)
    for arguments in (["--out", str(tmp_path / "new")], []):
        assert main(["curate", str(run.path), "--apply", str(file), *arguments]) == 2
        output = capsys.readouterr()
        assert (output.out, output.err.count("\n")) == ("", 1) and words in output.err and "bad.toml" in output.err
    assert contents(run.path) == before and not (tmp_path / "new").exists()


def test_labels_of_bertopic_are_names(tmp_path):
    documents = tl.load_sample()
    passages = tl.make_passages(documents)
    aligned = tl.align(passages, tl.embed(passages))
    model = tl.fit(passages, aligned)
    model.set_topic_labels({2: "Oil and banks"})
    run = tl.save_run(model, documents, passages, aligned, out=tmp_path / "saved")
    named = run.topics[run.topics["name_en"] != ""]
    assert named[["topic", "name_en", "name_fa", "name_ar"]].values.tolist() == [[2, *["Oil and banks"] * 3]]


def check_agreement(run, tmp_path) -> None:
    """Check that tables, figures, cards, report, map and methods text of a run have the same topics and counts."""
    import matplotlib.pyplot as plt
    from matplotlib.text import Text

    rows, table = run.assignments, run.topics.set_index("topic")
    assert table["size"].to_dict() == rows["topic"].value_counts().to_dict()
    assert (run.points.set_index("passage_id")["topic"] == rows.set_index("passage_id")["topic"]).all()
    present = table.index[table.index >= 0]
    assert set(run.keywords["topic"]) == set(present) and run.manifest["counts"]["topics"] == len(present)
    text = unescape(methods(run.tables, run.manifest)).replace("\\", "")  # of Markdown and HTML
    entries = run.manifest["curation"]["decisions"]
    page = unescape(write_report(run.path, tmp_path / f"{run.path.name}.html").read_text(encoding="utf-8"))
    data = map_data(map_rows(run.tables), read_run(run))
    listed = {entry["id"]: entry for entry in data["topics"]}
    found = rows["topic_found"].value_counts()
    for entry in entries:
        assert describe_decision(entry) in text and describe_decision(entry).split(" (")[0] in page
        if entry["action"] in ("merge", "drop"):
            number = entry["found"]
            assert entry["passages"] == found[number] and number not in table.index
            card = format_topic_card(run.tables, number, run.manifest)
            assert f"{entry['passages']} passages" in card and entry["reason"] in card
            assert listed[number]["fa"] and listed[number]["fa"] in card
        elif entry["action"] == "split":
            parts = rows[rows["topic_found"] == entry["found"]]["topic"]
            assert entry["passages"] == (parts != entry["found"]).sum() and set(parts) == set(entry["parts"])
    axes = [np.ravel(getattr(tl.draw, name)(run))[0] for name in ("topic_map", "topic_words", "topics_by_theme")]
    shown = [
        " ".join(re.sub("[\u2066-\u2069]", "", part.get_text()).replace("\n", " ") for part in ax.figure.findobj(Text))
        for ax in axes
    ]
    plt.close("all")
    for topic in present:
        name = table.loc[topic, "name_en"]
        label = f"{topic} · {name or table.loc[topic, 'label_fa']}"
        begins = " ".join(label.split()[:3])  # a figure may cut the rest of a label
        assert all(begins in text for text in shown), begins
        assert label in page or (name and f"{topic} · {name.split(' <')[0]}".replace("&", "&amp;") in page)
        assert format_topic_card(run.tables, topic, run.manifest).startswith(
            f"topic {topic}" + f" · {name}" * bool(name)
        )
        assert listed[topic]["names"]["en"] == name and listed[topic]["fa"] == table.loc[topic, "label_fa"]
    if n := (rows["topic"] < 0).sum():
        assert all(f"without a topic ({n})" in text for text in shown)


@pytest.mark.slow
def test_a_study_from_names_to_undo_is_in_agreement_everywhere(study, tmp_path):
    run, *_ = study
    word = run.keywords.query("topic == 3 and lang == 'fa' and rank == 1")["word"].iloc[0]
    corpus = f'\n[corpus]\nstop_words = ["{word}"]\nprotect = ["قره باغ"]\n\n# Topic 0'
    draft = tl.draft_curation(run).replace("\n# Topic 0", corpus, 1)
    file = tmp_path / "mine.toml"
    write(draft, DECISIONS, file)
    parts = "\n[topics.0.1]\nname = {en = 'Large part'}\n[topics.0.2]\nname = {en = 'Small part'}\n"
    file.write_text(file.read_text(encoding="utf-8") + parts, encoding="utf-8")
    refit = tl.run(tl.load_sample(), out=tmp_path / "refit", recipe=tl.Recipe(seed=3), curation=file, progress=False)
    assert not refit.manifest["curation"]["not_applied"] and word not in set(refit.keywords["word"])
    with pytest.warns(UserWarning, match="stop_words, protect"):
        applied = tl.curate(run, file, out=tmp_path / "applied")
    names = set(applied.topics["name_en"])
    assert {"Large part", "Small part", NAME["en"]} < names and names == set(refit.topics["name_en"])
    texts = [
        ("fa", "بانک مرکزی گفت فروش نفت با وجود تحریم‌ها بیشتر شده و درآمد آن به دو بانک دیگر رسیده است."),
        ("fa", "سطح آب دریاچه پس از باران‌های بهاری بالا آمد و کشاورزان روستاهای پایین‌دست از سد آب گرفتند."),
        ("ar", "قال البنك المركزي إن مبيعات النفط زادت رغم العقوبات وإن عائداتها وصلت إلى مصرفين آخرين."),
        ("ar", "ارتفع منسوب البحيرة بعد أمطار الربيع وحصل مزارعو القرى المجاورة على مياه من السد الجديد."),
    ]
    new = pd.DataFrame(texts, columns=["lang", "text"]).assign(source="تازه", date="2024-06-01")
    extended = tl.extend(applied, new, out=tmp_path / "extended", progress=False)
    for each in (refit, applied, extended):
        check_agreement(each, tmp_path)
    again = tl.curate(extended, extended.path / "curation.toml", out=tmp_path / "again")
    # A part that was named "0.2" is now topic 8.
    counted = [
        sorted((entry["found"], entry["action"], entry["passages"]) for entry in each.manifest["curation"]["decisions"])
        for each in (again, extended)
    ]
    assert counted[0] == counted[1]
    file.write_text(tl.draft_curation(run), encoding="utf-8")
    undone = tl.curate(applied, file, out=tmp_path / "undone")
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(undone.tables[name], table)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[topics.3]\ndrop = true\npassages = ['nowhere#1']", "is of another corpus"),
        ("[topics.42]\ndrop = true", "line 1, topic 42: a fit finds topics by passages"),
        ("[topics.3", "is not valid TOML"),
        (f"[topics.3]\nname = {{en = '{10_000 * 'x'}'}}", "line 2, topic 3: name.en has 10,000 characters"),
    ],
)
def test_a_fit_refuses_bad_input_in_one_line(tmp_path, capsys, text, words):
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    command = ["fit", "--sample", "--out", str(tmp_path / "new"), "--curation", str(tmp_path / "bad.toml"), "--quiet"]
    assert main(command) == 2
    output = capsys.readouterr()
    assert (output.out, output.err.count("\n")) == ("", 1) and words in output.err and not (tmp_path / "new").exists()
