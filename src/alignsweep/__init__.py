"""How strongly should the representations of two modalities be aligned?

The parts, in the order in which data flows:

`data` -> `sweep` (with `stack`, `encoders`, `objectives`) -> `probe`, `metrics` -> `tables`
-> `recommend`, `claims`, `figures`. `study` reads a configuration; `log` sends messages to a file.

Nothing is imported here, so that ``import alignsweep`` stays cheap.
"""
