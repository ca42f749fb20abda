"""What a template can make, for all values that its names can have: types, texts and their bounds, and what can fail.

`interpret` walks the tree of a template as running it would, with a `bounds.Value` in the place of each value. Each
filter has a transfer function in a table, as it has a signature in `filters`.
"""
