"""HTTP/2 frames written by hand: what no library would send. RFC 9113 and RFC 7541.

Nothing here keeps rules of its own: a peer sends the bytes it is given, and reads only when told.
"""
import errno
import select
import socket
import struct
import time

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
NO_ERROR, PROTOCOL_ERROR, CANCEL, ENHANCE_YOUR_CALM = 0, 1, 8, 11
INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE = 4, 5


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", key, value) for key, value in pairs))


def reset(stream, code=CANCEL):
    return frame(RST_STREAM, stream=stream, payload=struct.pack(">I", code))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, stream=stream, payload=struct.pack(">I", increment))


def integer(value, bits, first=0):
    """HPACK's integer with a prefix of so many bits."""
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([first | value])
    out, value = bytearray([first | limit]), value - limit
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes(out) + bytes([value])


def text(value):
    value = value if isinstance(value, bytes) else value.encode()
    return integer(len(value), 7) + value


def field(name, value, indexed=False):
    """A literal with a new name; `indexed` puts it into the dynamic table."""
    return (b"\x40" if indexed else b"\x00") + text(name) + text(value)


def request_block(path, *more):
    """POST path as application/grpc; `more` are encoded fields behind."""
    return (b"\x83\x86" + integer(4, 4) + text(path) + integer(1, 4) + text("localhost") +
            field("te", "trailers") + integer(31, 4) + text("application/grpc") + b"".join(more))


def request(stream, path, message=None, end=True, *more):
    """A call's frames: headers, and the message unless it is None; `end` half-closes."""
    last = END_STREAM if end and message is None else 0
    out = frame(HEADERS, END_HEADERS | last, stream, request_block(path, *more))
    if message is not None:
        out += body(stream, message, end)
    return out


def framed_message(message):
    return b"\0" + struct.pack(">I", len(message)) + message


def body(stream, message, end=True):
    """A gRPC message in frames of the size that every peer accepts."""
    framed = framed_message(message)
    pieces = [framed[at:at + 16384] for at in range(0, len(framed), 16384)]
    return b"".join(frame(DATA, END_STREAM if end and at == len(pieces) - 1 else 0, stream, piece)
                    for at, piece in enumerate(pieces))


class Peer:
    """One raw connection; `source` is the address it comes from."""

    def __init__(self, address, hello=PREFACE + settings(), source=None, receive_bytes=None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        if source:
            self.socket.bind((source, 0))
        self.socket.settimeout(30)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.parsed = 0  # bytes of received whose window updates have been seen
        self.window, self.stream_window, self.given = 65535, 65535, {}
        self.is_closed = False
        self.next_stream = 1
        if hello:
            self.send(hello)

    def stream(self):
        self.next_stream += 2
        return self.next_stream - 2

    def send(self, data):
        """All of it, unless the daemon has closed: then False."""
        if self.is_closed:
            return False
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            self.is_closed = True
        return not self.is_closed

    def send_some(self, data):
        """What the socket takes now; bytes sent."""
        if self.is_closed:
            return 0
        try:
            return self.socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0
        except OSError:
            self.is_closed = True
            return 0

    def read(self, wait_seconds=0.0):
        """Keeps what has come; False when nothing had."""
        if self.is_closed or not select_one(self.socket, wait_seconds):
            return False
        try:
            got = self.socket.recv(1 << 20, socket.MSG_DONTWAIT)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EINTR):
                return False
            got = b""
        self.is_closed = not got
        self.received += got
        return bool(got)

    def note_windows(self):
        """Takes the window updates and the initial window that came since the last time."""
        for kind, flags, stream, payload in self.frames(self.parsed):
            self.parsed += 9 + len(payload)
            if kind == WINDOW_UPDATE:
                increment = struct.unpack(">I", payload)[0]
                if stream:
                    self.given[stream] = self.given.get(stream, 0) + increment
                else:
                    self.window += increment
            elif kind == SETTINGS and not flags & ACK:
                pairs = dict(struct.iter_unpack(">HI", payload))
                self.stream_window = pairs.get(INITIAL_WINDOW_SIZE, self.stream_window)
                self.send(frame(SETTINGS, ACK))  # from now on the daemon counts as it said

    def upload(self, stream, data, end=True, give_up=lambda: False):
        """DATA as far as the daemon's windows allow; False: closed, or given up. Half-closes at the
        end when told to."""
        self.wait(lambda peer: peer.received)  # its settings
        at = 0
        while at < len(data) and not self.is_closed and not give_up():
            self.read()
            self.note_windows()
            room = min(self.window, self.stream_window + self.given.get(stream, 0), 16384)
            if room <= 0:
                self.read(0.02)
                continue
            piece = data[at:at + room]
            at += len(piece)
            self.window -= len(piece)
            self.given[stream] = self.given.get(stream, 0) - len(piece)
            self.send(frame(DATA, END_STREAM if end and at == len(data) else 0, stream, piece))
        return at == len(data) and not self.is_closed

    def frames(self, at=0):
        """All whole frames received so far: (kind, flags, stream, payload)."""
        out = []
        while len(self.received) - at >= 9:
            length = int.from_bytes(self.received[at:at + 3], "big")
            if len(self.received) - at - 9 < length:
                break
            kind, flags, stream = struct.unpack(">BBI", self.received[at + 3:at + 9])
            out.append((kind, flags, stream, self.received[at + 9:at + 9 + length]))
            at += 9 + length
        return out

    def messages(self, stream):
        """The whole gRPC messages of a stream received so far."""
        data = b"".join(payload for kind, _, number, payload in self.frames() if (kind, number) == (DATA, stream))
        out = []
        while len(data) >= 5 and len(data) >= 5 + struct.unpack(">I", data[1:5])[0]:
            end = 5 + struct.unpack(">I", data[1:5])[0]
            out.append(data[5:end])
            data = data[end:]
        return out

    def goaway(self):
        """The code of the last GOAWAY; None: there was none."""
        codes = [struct.unpack(">I", payload[4:8])[0] for kind, _, _, payload in self.frames() if kind == GOAWAY]
        return codes[-1] if codes else None

    def wait(self, ready, seconds=30):
        """Reads until ready(self) or closed or too late; what ready says."""
        deadline = time.monotonic() + seconds
        while not ready(self) and not self.is_closed and time.monotonic() < deadline:
            self.read(0.05)
        return ready(self)

    def wait_closed(self, seconds=30):
        return self.wait(lambda peer: peer.is_closed, seconds)

    def vanish(self):
        """RST, as a machine that has lost its state."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self):
        self.is_closed = True
        self.socket.close()


def select_one(sock, wait_seconds):
    poll = select.poll()  # select() itself ends at 1024 descriptors
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(int(wait_seconds * 1000)))
