"""Compare shares between outlets, languages and months, with 95 % intervals where the data support one."""

from topiclib.compare.contrasts import word_contrasts as word_contrasts
from topiclib.compare.cooccurrence import theme_cooccurrence as theme_cooccurrence
from topiclib.compare.cooccurrence import theme_topic_table as theme_topic_table
from topiclib.compare.differences import differences as differences
from topiclib.compare.intervals import Estimate as Estimate
from topiclib.compare.intervals import choose_clusters as choose_clusters
from topiclib.compare.intervals import cluster_estimate as cluster_estimate
from topiclib.compare.intervals import difference_interval as difference_interval
from topiclib.compare.intervals import time_blocks as time_blocks
from topiclib.compare.intervals import wilson_interval as wilson_interval
from topiclib.compare.shares import article_weights as article_weights
from topiclib.compare.shares import compute_article_shares as compute_article_shares
from topiclib.compare.shares import coverage as coverage
from topiclib.compare.shares import levels_without_interval as levels_without_interval
from topiclib.compare.shares import link_article_reprints as link_article_reprints
from topiclib.compare.shares import shares as shares
from topiclib.compare.shares import timeline as timeline
