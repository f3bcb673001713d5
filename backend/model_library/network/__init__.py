"""HTTP: one stack of transports for every request that leaves this machine (docs/network.md)."""
