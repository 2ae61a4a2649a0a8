// The daemon through @grpc/grpc-js: what a portal's Node server would do.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';

const { HAIHE_BUILD: build, HAIHE_ROOT: root } = process.env;
const START_MS = 20000;
const definition = loader.loadSync(
  ['haihe/v1/match_service.proto', 'haihe/v1/record_service.proto', 'haihe/v1/admin_service.proto',
    'grpc/health/v1/health.proto', 'grpc/reflection/v1/reflection.proto',
    'grpc/reflection/v1alpha/reflection.proto', 'google/rpc/status.proto'],
  { includeDirs: [path.join(root, 'proto')], keepCase: true, longs: Number, enums: String });
const loaded = grpc.loadPackageDefinition(definition);

let daemon, directory, clients;

// A unary method as a promise that also gives the error.
const ask = (client, method, request, options = { deadline: Date.now() + 10000 }) =>
  new Promise((resolve, reject) => client[method](request, options,
    (error, answer) => (error ? reject(error) : resolve(answer))));

const key = (id) => ({ platform: 'node', id });
const vacancy = (id, more = {}) => ({
  key: key(id), title: '集装箱桥吊司机', skills: [{ skill: 'node-skill', importance: 4 }],
  job_locations: [{ area_code: '120116' }], hiring_organization: '天津滨海码头公司',
  base_salary: { min_amount: 700000, max_amount: 900000, currency: 'CNY', unit: 'PAY_UNIT_MONTH' },
  total_job_openings: 2, valid_through: '2099-12-31', ...more });
const applicant = (id, more = {}) => ({
  key: key(id), skills: [{ skill: 'node-skill', level: 5 }], home: { area_code: '120116' },
  consent: { matching: true, visible_to_employers: true }, ...more });

// Sends changes on one Apply stream; resolves to the answers.
async function apply(...changes) {
  const call = clients.records.Apply({ deadline: Date.now() + 10000 });
  const answers = [];
  call.on('data', (answer) => answers.push(answer));
  const ended = once(call, 'end');
  for (const change of changes) call.write(change);
  call.end();
  await ended;
  return answers;
}

before(async () => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'haihe-node-'));
  const portFile = path.join(directory, 'port');
  daemon = spawn(path.join(build, 'haihed'),
    ['--listen', '127.0.0.1:0', '--port-file', portFile], { stdio: 'ignore' });
  const deadline = Date.now() + START_MS;
  while (!(fs.existsSync(portFile) && fs.readFileSync(portFile, 'utf8').trim())) {
    assert.ok(daemon.exitCode === null && Date.now() < deadline, 'haihed did not start');
    await delay(10);
  }
  const address = `127.0.0.1:${fs.readFileSync(portFile, 'utf8').trim()}`;
  const credentials = grpc.credentials.createInsecure();
  const { v1 } = loaded.haihe;
  clients = {
    match: new v1.MatchService(address, credentials),
    records: new v1.RecordService(address, credentials),
    admin: new v1.AdminService(address, credentials),
    health: new loaded.grpc.health.v1.Health(address, credentials),
    reflection: new loaded.grpc.reflection.v1.ServerReflection(address, credentials),
    reflectionAlpha: new loaded.grpc.reflection.v1alpha.ServerReflection(address, credentials),
    raw: new grpc.Client(address, credentials),
  };
});

after(async () => {
  for (const client of Object.values(clients)) client.close();
  daemon.kill('SIGTERM');
  const [code] = daemon.exitCode === null ? await once(daemon, 'exit') : [daemon.exitCode];
  fs.rmSync(directory, { recursive: true });
  assert.equal(code, 0);
});

test('apply, get, batch get, list, set status and delete', async () => {
  const answers = await apply(
    { request_id: 1, upsert_vacancy: vacancy('crud') },
    { request_id: 2, upsert_vacancy: vacancy('crud-bad', { total_job_openings: 0 }) },
    { request_id: 3, upsert_applicant: applicant('crud') });
  assert.deepEqual(answers.map((a) => a.request_id), [1, 2, 3]);
  assert.equal(answers[1].error.code, grpc.status.INVALID_ARGUMENT);
  assert.match(answers[1].error.message, /total_job_openings/);
  const record = await ask(clients.records, 'Get', { kind: 'RECORD_KIND_VACANCY', key: key('crud') });
  assert.equal(record.vacancy.title, '集装箱桥吊司机');
  assert.equal(record.sequence, answers[0].applied.sequence);
  const batch = await ask(clients.records, 'BatchGet',
    { kind: 'RECORD_KIND_APPLICANT', keys: [key('crud'), key('none')] });
  assert.equal(batch.records.length, 1);
  assert.equal(batch.missing[0].id, 'none');
  const list = await ask(clients.records, 'List', { kind: 'RECORD_KIND_APPLICANT', platform: 'node' });
  assert.ok(list.records.some((r) => r.id === 'crud'));
  const [paused, gone] = await apply(
    { set_status: { key: key('crud'), vacancy_status: 'VACANCY_STATUS_PAUSED' } },
    { delete: { kind: 'RECORD_KIND_APPLICANT', key: key('crud') } });
  assert.ok(paused.applied && gone.applied);
  await assert.rejects(ask(clients.records, 'Get',
    { kind: 'RECORD_KIND_APPLICANT', key: key('crud') }), { code: grpc.status.NOT_FOUND });
});

test('match in both directions and explain', async () => {
  await apply({ upsert_vacancy: vacancy('m1') },
    { upsert_vacancy: vacancy('m2', { skills: [{ skill: 'other-skill' }] }) },
    { upsert_applicant: applicant('m1') });
  const best = await ask(clients.match, 'MatchVacancies',
    { applicant_key: key('m1'), options: { k: 10, filter: { platforms: ['node'] } } });
  const ids = best.matches.map((m) => m.key.id);
  assert.ok(ids.includes('m1') && !ids.includes('m2'));
  const back = await ask(clients.match, 'MatchApplicants',
    { vacancy_key: key('m1'), options: { k: 10 } });
  const there = best.matches.find((m) => m.key.id === 'm1');
  assert.equal(back.matches.find((m) => m.key.id === 'm1').score, there.score);
  const why = await ask(clients.match, 'Explain', { vacancy_key: key('m1'), applicant_key: key('m1') });
  assert.equal(why.score, there.score);
  assert.equal(why.criteria.reduce((sum, c) => sum + c.contribution, 0), why.score);
});

test('errors carry code, message and details', async () => {
  await assert.rejects(ask(clients.match, 'MatchVacancies',
    { applicant_key: key('m1'), options: { k: 5000 } }), (error) => {
    assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
    assert.match(error.details, /options\.k.*5000/);
    const [bytes] = error.metadata.get('grpc-status-details-bin');
    assert.match(bytes.toString('utf8'), /google\.rpc\.BadRequest/);
    return true;
  });
  await assert.rejects(ask(clients.match, 'MatchVacancies', { applicant_key: key('无此人') }),
    (error) => error.code === grpc.status.NOT_FOUND && error.details.includes('无此人'));
});

test('a method that does not exist is unimplemented', async () => {
  const call = new Promise((resolve, reject) => clients.raw.makeUnaryRequest(
    '/haihe.v1.MatchService/Guess', (x) => x, (x) => x, Buffer.alloc(0),
    (error, answer) => (error ? reject(error) : resolve(answer))));
  await assert.rejects(call, { code: grpc.status.UNIMPLEMENTED });
});

test('a stream ends with its deadline, and by cancellation', async () => {
  const ending = async (call) => {
    const [error] = await once(call.on('data', () => {}), 'error');
    return error.code;
  };
  const late = clients.records.Apply({ deadline: Date.now() + 300 });
  late.write({ upsert_vacancy: vacancy('late') });
  assert.equal(await ending(late), grpc.status.DEADLINE_EXCEEDED);
  const dropped = clients.records.Apply();
  dropped.write({ upsert_vacancy: vacancy('dropped') });
  dropped.once('data', () => dropped.cancel());
  assert.equal(await ending(dropped), grpc.status.CANCELLED);
  await ask(clients.records, 'Get', { kind: 'RECORD_KIND_VACANCY', key: key('dropped') });
});

test('health: check and watch', async () => {
  const { status } = await ask(clients.health, 'Check', { service: 'haihe.v1.MatchService' });
  assert.equal(status, 'SERVING');
  await assert.rejects(ask(clients.health, 'Check', { service: 'no.Such' }),
    { code: grpc.status.NOT_FOUND });
  const watch = clients.health.Watch({ service: '' });
  watch.on('error', () => {}); // the cancellation below
  const [first] = await once(watch, 'data');
  assert.equal(first.status, 'SERVING');
  watch.cancel();
});

test('reflection v1 and v1alpha list the services', async () => {
  for (const client of [clients.reflection, clients.reflectionAlpha]) {
    const call = client.ServerReflectionInfo();
    call.write({ list_services: '*' });
    const [answer] = await once(call, 'data');
    const names = answer.list_services_response.service.map((s) => s.name);
    assert.ok(names.includes('haihe.v1.MatchService'), names.join());
    const ended = once(call, 'end');
    call.on('data', () => {});
    call.end();
    await ended;
  }
});

test('a large upload is applied in order and acknowledged one by one', async () => {
  const count = 5000;
  const answers = await apply(...Array.from({ length: count },
    (_, i) => ({ request_id: i + 1, upsert_applicant: applicant(`bulk-${i}`) })));
  assert.deepEqual(answers.map((a) => a.request_id), Array.from({ length: count }, (_, i) => i + 1));
  assert.ok(answers.every((a) => a.applied));
});

test('stats count the records', async () => {
  const stats = await ask(clients.admin, 'Stats', {});
  assert.ok(stats.applicant_count >= 5000);
  assert.ok(stats.methods.length >= 8);
});
