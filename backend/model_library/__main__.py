"""`python -m model_library` is the command line."""

from model_library.cli.main import main

main()
