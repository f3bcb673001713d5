"""The Hugging Face Hub: the first provider. Only this package and `network/` speak HTTP."""
