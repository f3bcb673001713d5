"""App profiles: for one kind of application, how it is recognised and which models go where.

A profile is a TOML file (docs/app-profiles.md); those beside this module are built in, a user's own are
in `<library>/profiles/` and stand before them.
"""
