"""Every operation the outside may call."""
