"""Model Library: every model file once, known, findable, provably intact."""
