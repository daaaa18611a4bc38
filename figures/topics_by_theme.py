"""Heatmap of the share of each theme in each topic."""

from topiclib import draw


def make(run, lang):
    return draw.topics_by_theme(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("topics_by_theme"))
