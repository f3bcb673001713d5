"""Every difference between operating systems and filesystems, and nothing else.

The rest of the program asks here for an effect (rename without replacing, make it durable, share
the blocks, which drive is this) and gets the same promise on Linux, macOS and Windows, or a typed
answer that it cannot be had here. What a system does its own way is the first part of a module,
one block a system, and raises OSError; the functions after it are the same everywhere. Errors
leave as the classes of `errors.py`.
"""
