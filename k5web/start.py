"""Where the program begins. Ctrl-C ends it without a trace, before all is loaded too."""

import gc
import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # it may be ignored on purpose: then it stays so
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from k5web.cli import main, terminal


def k5() -> None:
    """Run the command line, and leave no trace of a terminal, a pipe or a disk that fails."""
    gc.disable()  # until all is loaded (late.py): nothing of it is thrown away, and to look takes a sixth of a start
    terminal.prepare()
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # from here on click ends a command
    try:
        main(prog_name="k5")
    except OSError as error:
        if not terminal.is_unwritten(error):
            raise
        terminal.echo(f"k5: nothing can be written: {error.strerror}; {terminal.cure(error)}", err=True)
        sys.exit(1)
    finally:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
        terminal.leave()


if __name__ == "__main__":
    k5()
