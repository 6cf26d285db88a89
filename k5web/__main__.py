"""`python -m k5web` is `k5`."""

from k5web.start import k5

k5()
