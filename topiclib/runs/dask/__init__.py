"""The same pipeline in partitions on Dask workers, for corpora larger than one machine's memory."""
