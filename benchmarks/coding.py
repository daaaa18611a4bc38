"""Measure the coverage of the 95 % intervals of a coded theme (precision, recall, F1, corrected share).

python benchmarks/coding.py [--draws 200] [--passages 4000]

In a simulated corpus of two languages 87 % of passages have no term of the theme, 5 % are named in passing (a fifth
of them about it), 5 % have one core term (.8), 3 % more (.95); `missed` is the share of those without a term that are
about it all the same. Samples of `n` passages are drawn by `sample_for_coding` and coded without error. `added` is the
number of yes, and of no, added to a stratum's answers for its variance (0: none; the library's is marked by *).
One JSON line per setting, language ("all": both) and `added`: coverage and mean width of each measure's interval.
"""

import argparse
import json

import numpy as np
import pandas as pd

from topiclib.evaluate import theme_coding as coding

SETTINGS = [(150, 0.0), (150, 0.005), (150, 0.02), (150, 0.06), (60, 0.02), (400, 0.02)]  # n, missed
SCORES, PARTS, ABOUT = [0.0, 0.1, 0.8, 0.99], [0.87, 0.05, 0.05, 0.03], [0.2, 0.8, 0.95]
ADDED = (0.0, 0.5, 1.0)


def corpus(n: int, missed: float) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Return a run's tables, and lang, machine and truth of each passage."""
    random = np.random.default_rng(0)
    kind = random.choice(4, n, p=PARTS)
    score = np.array(SCORES)[kind]
    ids = [f"d{i}#0" for i in range(n)]
    facts = pd.DataFrame({"lang": np.where(np.arange(n) % 2, "fa", "ar"), "machine": score >= 0.5}, index=ids)
    facts["truth"] = random.random(n) < np.array([missed, *ABOUT])[kind]
    passages = pd.DataFrame({"passage_id": ids, "doc_id": ids, "lang": facts["lang"].to_numpy(), "text": ""})
    documents = pd.DataFrame({"doc_id": ids, "source": [f"o{i % 7}" for i in range(n)]})
    themes = pd.DataFrame({"passage_id": ids, "theme": "x", "about": score >= 0.5, "score": score})[score > 0]
    return {"passages": passages, "documents": documents, "themes": themes}, facts


def real(facts: pd.DataFrame) -> dict[str, float]:
    """Return the measures of all passages."""
    machine, truth = facts["machine"].to_numpy(), facts["truth"].to_numpy()
    both = (machine & truth).sum()
    found = {"precision": both / machine.sum(), "recall": both / truth.sum()}
    return found | {"f1": 2 * both / (machine.sum() + truth.sum()), "corrected share": truth.mean()}


def main() -> None:
    """Print the coverage of each setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--passages", type=int, default=4000)
    options = parser.parse_args()
    ours = coding.PRIOR_COUNT
    for n, missed in SETTINGS:
        tables, facts = corpus(options.passages, missed)
        truths = {"fa": real(facts[facts["lang"] == "fa"]), "all": real(facts)}
        found: dict[tuple[str, float, str], list[tuple[bool, float]]] = {}
        for seed in range(options.draws):
            key = coding.sample_for_coding(tables, "x", n=n, seed=seed)
            said = facts.loc[key["passage_id"], "truth"].astype(float).to_numpy()
            answers = pd.DataFrame({"coder1": said}, index=key["item"])
            for added in ADDED:
                coding.PRIOR_COUNT = added
                table = coding.score_theme_sheets(key, answers)[0].set_index(["lang", "measure"])
                for lang, measures in truths.items():
                    for name, value in measures.items():
                        low, high = table.loc[(lang, name), ["low", "high"]]
                        found.setdefault((lang, added, name), []).append((low <= value <= high, high - low))
        for lang in truths:
            for added in ADDED:
                rates = {name: np.mean(found[lang, added, name], axis=0).round(3).tolist() for name in truths[lang]}
                mark = "*" if added == ours else ""
                print(json.dumps({"n": n, "missed": missed, "lang": lang, "added": f"{added}{mark}", **rates}))


if __name__ == "__main__":
    main()
