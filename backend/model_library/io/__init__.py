"""Opening, hashing, copying and checking files; every difference between systems."""
