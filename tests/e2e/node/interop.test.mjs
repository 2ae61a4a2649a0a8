// gRPC's interoperability cases for servers, from @grpc/grpc-js: see tests/interop/test_interop.py.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const { HAIHE_ROOT: root, INTEROP_ADDRESS: address } = process.env;
const { testing } = grpc.loadPackageDefinition(
  loader.loadSync(path.join(root, 'tests/interop/testing.proto'), { keepCase: true })).grpc;
const service = new testing.TestService(address, grpc.credentials.createInsecure());
const missing = new testing.UnimplementedService(address, grpc.credentials.createInsecure());
const SPECIAL = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';

const soon = () => ({ deadline: Date.now() + 10000 });
const payload = (size) => ({ body: Buffer.alloc(size) });
const sizes = (...values) => values.map((size) => ({ size }));

// The answer of a unary method with the metadata that came around it.
const ask = (client, method, request, metadata = new grpc.Metadata(), options = soon()) =>
  new Promise((resolve, reject) => {
    let initial, answer;
    const call = client[method](request, metadata, options, (error, value) => {
      if (error) reject(error);
      answer = value;
    });
    call.on('metadata', (value) => { initial = value; });
    call.on('status', (status) => status.code === 0 &&
      setImmediate(() => resolve({ answer, initial, trailing: status.metadata })));
  });

// All messages of a stream, then its status.
const collect = (call, onMessage = () => {}) => new Promise((resolve) => {
  const seen = { messages: [], initial: undefined };
  call.on('metadata', (value) => { seen.initial = value; });
  call.on('data', (message) => { seen.messages.push(message); onMessage(message, seen.messages.length); });
  call.on('error', () => {});
  call.on('status', (status) => resolve({ ...seen, status }));
});

const echoing = () => {
  const metadata = new grpc.Metadata();
  metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
  metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from('ababab', 'hex'));
  return metadata;
};
const checkEcho = (initial, trailing) => {
  assert.deepEqual(initial.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value']);
  assert.deepEqual(trailing.get('x-grpc-test-echo-trailing-bin'), [Buffer.from('ababab', 'hex')]);
};

after(() => { service.close(); missing.close(); });

test('empty_unary', async () => {
  const { answer } = await ask(service, 'EmptyCall', {});
  assert.deepEqual(Object.keys(answer), []);
});

test('large_unary', async () => {
  const { answer } = await ask(service, 'UnaryCall', { response_size: 314159, payload: payload(271828) });
  assert.deepEqual(answer.payload.body, Buffer.alloc(314159));
});

test('client_streaming', async () => {
  const answer = await new Promise((resolve, reject) => {
    const call = service.StreamingInputCall(soon(), (error, value) => (error ? reject(error) : resolve(value)));
    for (const size of [27182, 8, 1828, 45904]) call.write({ payload: payload(size) });
    call.end();
  });
  assert.equal(answer.aggregated_payload_size, 74922);
});

test('server_streaming', async () => {
  const wanted = [31415, 9, 2653, 58979];
  const { messages, status } = await collect(
    service.StreamingOutputCall({ response_parameters: sizes(...wanted) }, soon()));
  assert.deepEqual(messages.map((m) => m.payload.body.length), wanted);
  assert.equal(status.code, grpc.status.OK);
});

test('ping_pong', async () => {
  const turns = [[31415, 27182], [9, 8], [2653, 1828], [58979, 45904]];
  const call = service.FullDuplexCall(soon());
  const say = ([response, request]) =>
    call.write({ response_parameters: sizes(response), payload: payload(request) });
  const done = collect(call, (_, count) => (count < turns.length ? say(turns[count]) : call.end()));
  say(turns[0]);
  const { messages, status } = await done;
  assert.deepEqual(messages.map((m) => m.payload.body.length), turns.map(([size]) => size));
  assert.equal(status.code, grpc.status.OK);
});

test('empty_stream', async () => {
  const call = service.FullDuplexCall(soon());
  const done = collect(call);
  call.end();
  const { messages, status } = await done;
  assert.equal(messages.length, 0);
  assert.equal(status.code, grpc.status.OK);
});

test('cancel_after_begin', async () => {
  const code = await new Promise((resolve) => {
    const call = service.StreamingInputCall(soon(), (error) => resolve(error?.code));
    call.cancel();
  });
  assert.equal(code, grpc.status.CANCELLED);
});

test('cancel_after_first_response', async () => {
  const call = service.FullDuplexCall(soon());
  const done = collect(call, () => call.cancel());
  call.write({ response_parameters: sizes(31415), payload: payload(27182) });
  const { messages, status } = await done;
  assert.equal(messages.length, 1);
  assert.equal(status.code, grpc.status.CANCELLED);
});

test('timeout_on_sleeping_server', async () => {
  const call = service.FullDuplexCall({ deadline: Date.now() + 1 });
  const done = collect(call);
  call.write({ payload: payload(27182) });
  assert.equal((await done).status.code, grpc.status.DEADLINE_EXCEEDED);
});

test('status_code_and_message', async () => {
  const response_status = { code: grpc.status.UNKNOWN, message: 'test status message' };
  const expected = { code: grpc.status.UNKNOWN, details: 'test status message' };
  await assert.rejects(ask(service, 'UnaryCall', { response_status }), expected);
  const call = service.FullDuplexCall(soon());
  const done = collect(call);
  call.write({ response_status });
  const { status } = await done;
  assert.equal(status.code, expected.code);
  assert.equal(status.details, expected.details);
});

test('special_status_message', async () => {
  await assert.rejects(ask(service, 'UnaryCall', { response_status: { code: 2, message: SPECIAL } }),
    { code: 2, details: SPECIAL });
});

test('unimplemented_method', async () => {
  await assert.rejects(ask(service, 'UnimplementedCall', {}), { code: grpc.status.UNIMPLEMENTED });
});

test('unimplemented_service', async () => {
  await assert.rejects(ask(missing, 'UnimplementedCall', {}), { code: grpc.status.UNIMPLEMENTED });
});

test('custom_metadata', async () => {
  const { initial, trailing } = await ask(service, 'UnaryCall',
    { response_size: 314159, payload: payload(271828) }, echoing());
  checkEcho(initial, trailing);
  const call = service.FullDuplexCall(echoing(), soon());
  const done = collect(call, () => call.end());
  call.write({ response_parameters: sizes(314159), payload: payload(271828) });
  const seen = await done;
  assert.equal(seen.messages[0].payload.body.length, 314159);
  checkEcho(seen.initial, seen.status.metadata);
});

test('compressed_message_is_refused', async () => {
  const gzip = new testing.TestService(address, grpc.credentials.createInsecure(),
    { 'grpc.default_compression_algorithm': 2 });
  await assert.rejects(ask(gzip, 'UnaryCall', { payload: payload(271828) }),
    (error) => error.code === grpc.status.UNIMPLEMENTED && error.details.includes('identity'));
  gzip.close();
});
