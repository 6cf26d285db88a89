"""The offer and the terms of service that K5 comes with, as files a person can read; docs/contract.md explains them."""

from pathlib import Path

HERE = Path(__file__).parent
