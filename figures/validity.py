"""Three checks of a run: planted differences recovered, languages mixed, differences stable."""

from topiclib import draw


def make(run, lang):
    return draw.validity(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("validity"))
