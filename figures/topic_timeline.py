"""Line plot: the share of each topic over time, above the number of articles."""

from topiclib import draw


def make(run, lang):
    return draw.topic_timeline(run, lang=lang)


if __name__ == "__main__":
    from make import main

    raise SystemExit(main("topic_timeline"))
