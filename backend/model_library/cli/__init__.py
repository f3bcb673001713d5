"""The command line: one file per verb. It reads arguments, calls `api.core` and shows what came back."""
