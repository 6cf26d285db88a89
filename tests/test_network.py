"""No test reaches the network unless its mark says that it talks to something real on this machine."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError


def test_an_ordinary_test_cannot_connect() -> None:
    with pytest.raises((SocketConnectBlockedError, UserWarning), match="tried to use"):
        socket.create_connection(("127.0.0.1", 9), timeout=1)


@pytest.mark.server
def test_a_marked_test_reaches_this_machine_only() -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    with pytest.raises((SocketConnectBlockedError, UserWarning), match="tried to use"):
        socket.create_connection(("192.0.2.1", 9), timeout=1)
