"""Finding models: the query language and the full-text index."""
