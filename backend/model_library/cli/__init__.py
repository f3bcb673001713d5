"""The command line: one file per verb. It reads arguments, calls `api.core` and shows what came back."""

import gc

gc.set_threshold(50_000, 20, 20)
# Objects made before Python looks for cycles among them, 700 otherwise. A start makes some 60,000, nearly all for good,
# and was looking at them again and again.
