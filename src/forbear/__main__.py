"""`python -m forbear` is `forbear`."""

from forbear.cli.main import main

main(prog_name="forbear")
