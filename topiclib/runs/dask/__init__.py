"""The same pipeline in partitions on Dask workers, for corpora past one machine."""
