"""Number of articles by outlet and month, to check before any comparison over time."""

from topiclib import draw


def make(run, lang):
    return draw.coverage(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("coverage"))
