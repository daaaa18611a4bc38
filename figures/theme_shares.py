"""The share of each theme by outlet, grouped by language."""

from topiclib import draw


def make(run, lang):
    return draw.theme_shares(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("theme_shares"))
