# The language server where there is no Python but the one that the extension brings. Messages come as JSON.
import json

from forbear.editors.lsp.server import language_server


class _Writer:
    def __init__(self, send):
        self._send = send

    def write(self, data):
        self._send(data.decode())

    def close(self):
        pass


def serve(send):
    """Starts a server that answers by `send`, and gives what takes a message for it."""
    protocol = language_server().protocol
    protocol.set_writer(_Writer(send), include_headers=False)

    def receive(text):
        protocol.handle_message(json.loads(text, object_hook=protocol.structure_message))

    return receive
