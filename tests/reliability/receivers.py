"""Who takes K5's messages, played by a test: an SMS gateway and a mail server that may be gone and come back."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from tests.processes import PATIENCE_S, free_port

SAYS = {b"DATA": b"354 go on", b"QUIT": b"221 bye"}


class Receivers:
    """Both of them on ports of their own; `sms` and `letters` are those whom something came for, in order."""

    def __init__(self) -> None:
        self.sms_port, self.mail_port = free_port(), free_port()
        self.sms: list[str] = []
        self.letters: list[str] = []
        self._servers: list[tuple[BaseServer, Thread]] = []

    @property
    def environ(self) -> dict[str, str]:
        """The settings by which K5 finds them, with money and hours for everything."""
        gateway = {"K5_SMS": "kannel", "K5_KANNEL_URL": f"http://127.0.0.1:{self.sms_port}", "K5_KANNEL_USER": "k5"}
        gateway |= {"K5_KANNEL_PASSWORD": "password", "K5_SMS_SECRET": "s" * 24, "K5_SMS_DAY": "100000.00"}
        mail = {"K5_MAIL": f"smtp://127.0.0.1:{self.mail_port}", "K5_MAIL_FROM": "k5@example.ru"}
        return gateway | mail | {"K5_QUIET_HOURS": "0-0"}

    def start(self) -> None:
        """Be there, at the same addresses as before."""
        sms, letters = self.sms, self.letters

        class Gateway(BaseHTTPRequestHandler):
            timeout = PATIENCE_S

            def do_GET(self) -> None:
                sms.extend(parse_qs(urlsplit(self.path).query)["to"])
                self.send_response(202)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Mail(StreamRequestHandler):
            timeout = PATIENCE_S

            def handle(self) -> None:
                self.wfile.write(b"220 mail\r\n")
                to = ""
                for line in self.rfile:
                    verb = line.split()[0].upper()
                    self.wfile.write(SAYS.get(verb, b"250 ok") + b"\r\n")
                    if verb == b"RCPT":
                        to = line.decode().partition("<")[2].partition(">")[0]
                    if verb == b"DATA":
                        while self.rfile.readline() not in {b".\r\n", b""}:
                            pass
                        letters.append(to)
                        self.wfile.write(b"250 taken\r\n")
                    if verb == b"QUIT":
                        return

        class MailServer(ThreadingTCPServer):
            allow_reuse_address = True

        class GatewayServer(ThreadingHTTPServer):
            daemon_threads = False  # its end waits for what is being said

        servers = [GatewayServer(("127.0.0.1", self.sms_port), Gateway)]
        for server in (*servers, MailServer(("127.0.0.1", self.mail_port), Mail)):
            thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
            thread.start()
            self._servers.append((server, thread))

    def stop(self) -> None:
        """Be gone: who connects is refused."""
        for server, thread in self._servers:
            server.shutdown()
            server.server_close()
            thread.join(PATIENCE_S)
        self._servers.clear()
