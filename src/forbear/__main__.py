"""`python -m forbear` is `forbear`."""

from forbear.cli.main import main

if __name__ == "__main__":  # a process that is started by one of ours imports this file anew
    main(prog_name="forbear")
