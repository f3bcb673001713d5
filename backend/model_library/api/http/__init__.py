"""The operations over HTTP. Imported by the server only, because FastAPI takes long to import."""
