"""Training pairs of encoders: all strengths and seeds of a job as one stack.

`sweep` has the one loop; `alignment` what a strength weighs, with its `objectives`; `encoders` what
is trained; `models` the trained stack and its file; `stack`, `tasks`, `memory` and `threads` what
these need.
"""
