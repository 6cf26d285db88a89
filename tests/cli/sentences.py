"""Running the program and holding its refusals to one sentence."""

from click.testing import CliRunner, Result

from k5web.cli import main

SECRET = "s" * 48


def k5_with(environ: dict[str, str], *words: str) -> Result:
    """Run the program; a refusal is one sentence and 1, never an exception that came through."""
    done = CliRunner().invoke(main, words, env={"K5_SECRET_KEY": SECRET} | environ)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done


def assert_sentence(done: Result, sentence: str) -> None:
    """It is this and nothing else."""
    assert (done.exit_code, done.stderr, done.stdout) == (1, f"k5: {sentence}\n", "")
