"""The desktop window: the pages of the server of this process, with what only a window can do beside them."""
