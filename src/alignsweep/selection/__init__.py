"""Which strength is best, by how much, and how sure: statistics of scores, for grid and search.

`statistics` has the intervals, `curve` the scores of one modality side by side, `optimum` the
tables ``gains.csv`` and ``optimum.csv``, `search` the way to an optimum with few models, and
`evaluator` what a search calls to train and probe them.
"""
