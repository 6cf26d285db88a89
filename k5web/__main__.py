"""`python -m k5web` is `k5`."""

from k5web.cli import main

main(prog_name="k5")
