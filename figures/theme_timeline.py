"""The share of each theme over time, above the number of articles."""

from topiclib import draw


def make(run, lang):
    return draw.theme_timeline(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("theme_timeline"))
