"""gRPC's interoperability cases for servers, from Debian's grpcio (C core).

What each case means: grpc/grpc, doc/interop-test-descriptions.md."""
import os
import queue
import unittest

import grpc
import testing_pb2 as t

SERVICE = "/grpc.testing.TestService/"
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
SECONDS = 30


def sizes(*values):
    return [t.ResponseParameters(size=value) for value in values]


def payload(size):
    return t.Payload(body=bytes(size))


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.channel = grpc.insecure_channel(os.environ["INTEROP_ADDRESS"])
        serialize = lambda message: message.SerializeToString()  # noqa: E731

        def method(kind, name, response, service=SERVICE):
            return getattr(cls.channel, kind)(service + name, request_serializer=serialize,
                                              response_deserializer=response.FromString)
        cls.empty = staticmethod(method("unary_unary", "EmptyCall", t.Empty))
        cls.unary = staticmethod(method("unary_unary", "UnaryCall", t.SimpleResponse))
        cls.input = staticmethod(method("stream_unary", "StreamingInputCall", t.StreamingInputCallResponse))
        cls.output = staticmethod(method("unary_stream", "StreamingOutputCall", t.StreamingOutputCallResponse))
        cls.duplex = staticmethod(method("stream_stream", "FullDuplexCall", t.StreamingOutputCallResponse))
        cls.no_method = staticmethod(method("unary_unary", "UnimplementedCall", t.Empty))
        cls.no_service = staticmethod(method("unary_unary", "UnimplementedCall", t.Empty,
                                             "/grpc.testing.UnimplementedService/"))

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    def fails(self, code, call, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as caught:
            call(*arguments, timeout=options.pop("timeout", SECONDS), **options)
        self.assertEqual(caught.exception.code(), code)
        return caught.exception.details()

    def test_empty_unary(self):
        self.assertEqual(self.empty(t.Empty(), timeout=SECONDS), t.Empty())

    def test_large_unary(self):
        answer = self.unary(t.SimpleRequest(response_size=314159, payload=payload(271828)), timeout=SECONDS)
        self.assertEqual(answer.payload.body, bytes(314159))

    def test_client_streaming(self):
        requests = [t.StreamingInputCallRequest(payload=payload(n)) for n in (27182, 8, 1828, 45904)]
        self.assertEqual(self.input(iter(requests), timeout=SECONDS).aggregated_payload_size, 74922)

    def test_server_streaming(self):
        wanted = [31415, 9, 2653, 58979]
        answers = self.output(t.StreamingOutputCallRequest(response_parameters=sizes(*wanted)), timeout=SECONDS)
        self.assertEqual([len(a.payload.body) for a in answers], wanted)

    def test_ping_pong(self):
        requests = queue.SimpleQueue()
        answers = self.duplex(iter(requests.get, None), timeout=SECONDS)
        for response, request in ((31415, 27182), (9, 8), (2653, 1828), (58979, 45904)):
            requests.put(t.StreamingOutputCallRequest(response_parameters=sizes(response),
                                                      payload=payload(request)))
            self.assertEqual(len(next(answers).payload.body), response)
        requests.put(None)
        self.assertEqual(list(answers), [])
        self.assertEqual(answers.code(), grpc.StatusCode.OK)

    def test_empty_stream(self):
        answers = self.duplex(iter(()), timeout=SECONDS)
        self.assertEqual(list(answers), [])
        self.assertEqual(answers.code(), grpc.StatusCode.OK)

    def test_cancel_after_begin(self):
        requests = queue.SimpleQueue()
        call = self.input.future(iter(requests.get, None), timeout=SECONDS)
        call.cancel()
        requests.put(None)
        self.assertTrue(call.cancelled())
        self.assertEqual(call.code(), grpc.StatusCode.CANCELLED)

    def test_cancel_after_first_response(self):
        requests = queue.SimpleQueue()
        answers = self.duplex(iter(requests.get, None), timeout=SECONDS)
        requests.put(t.StreamingOutputCallRequest(response_parameters=sizes(31415), payload=payload(27182)))
        self.assertEqual(len(next(answers).payload.body), 31415)
        answers.cancel()
        requests.put(None)
        self.assertEqual(answers.code(), grpc.StatusCode.CANCELLED)

    def test_timeout_on_sleeping_server(self):
        requests = queue.SimpleQueue()  # one message that asks for nothing, then silence
        requests.put(t.StreamingOutputCallRequest(payload=payload(27182)))
        answers = self.duplex(iter(requests.get, None), timeout=0.001)
        with self.assertRaises(grpc.RpcError) as caught:
            next(answers)
        requests.put(None)
        self.assertEqual(caught.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)

    def test_status_code_and_message(self):
        status = t.EchoStatus(code=2, message="test status message")
        self.assertEqual(self.fails(grpc.StatusCode.UNKNOWN, self.unary,
                                    t.SimpleRequest(response_status=status)), status.message)
        with self.assertRaises(grpc.RpcError) as caught:
            list(self.duplex(iter([t.StreamingOutputCallRequest(response_status=status)]), timeout=SECONDS))
        self.assertEqual(caught.exception.code(), grpc.StatusCode.UNKNOWN)
        self.assertEqual(caught.exception.details(), status.message)

    def test_special_status_message(self):
        status = t.EchoStatus(code=2, message=SPECIAL)
        self.assertEqual(self.fails(grpc.StatusCode.UNKNOWN, self.unary,
                                    t.SimpleRequest(response_status=status)), SPECIAL)

    def test_unimplemented_method(self):
        self.fails(grpc.StatusCode.UNIMPLEMENTED, self.no_method, t.Empty())

    def test_unimplemented_service(self):
        self.fails(grpc.StatusCode.UNIMPLEMENTED, self.no_service, t.Empty())

    def test_custom_metadata(self):
        sent = (("x-grpc-test-echo-initial", "test_initial_metadata_value"),
                ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"))
        _, call = self.unary.with_call(t.SimpleRequest(response_size=314159, payload=payload(271828)),
                                       timeout=SECONDS, metadata=sent)
        self.assertIn(sent[0], [tuple(pair) for pair in call.initial_metadata()])
        self.assertIn(sent[1], [tuple(pair) for pair in call.trailing_metadata()])
        request = t.StreamingOutputCallRequest(response_parameters=sizes(314159), payload=payload(271828))
        answers = self.duplex(iter([request]), timeout=SECONDS, metadata=sent)
        self.assertEqual(len(next(answers).payload.body), 314159)
        self.assertIn(sent[0], [tuple(pair) for pair in answers.initial_metadata()])
        self.assertEqual(list(answers), [])
        self.assertIn(sent[1], [tuple(pair) for pair in answers.trailing_metadata()])

    def test_compressed_message_is_refused(self):
        # Not supported here; PROTOCOL-HTTP2 asks for UNIMPLEMENTED, and for what is.
        details = self.fails(grpc.StatusCode.UNIMPLEMENTED, self.unary,
                             t.SimpleRequest(payload=payload(271828)), compression=grpc.Compression.Gzip)
        self.assertIn("identity", details)


if __name__ == "__main__":
    unittest.main()
