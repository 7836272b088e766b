// SPDX-License-Identifier: Apache-2.0
// The programs as children of a test: vinput-launch, vinput-stream, and
// vinput-monitor in place of a guest; and Chromium with the page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { summary } from './cases.mjs';

export { sleep };
export const DEADLINE_MS = 10000;
export const WIDTH = 1000, HEIGHT = 500; /* of the window */
const QUIET_MS = 300;
const DEMO_GUEST_MS = 300000; /* it may have to be fetched */

const build = resolve(process.env.VINPUT_BIN_DIR || 'build/release');
const modules = resolve(process.env.BROWSER_MODULES || 'build/browser');
const { chromium } = createRequire(`${modules}/`)('playwright-core');

// Where WebRTC is possible at all: Chromium uses no loopback interface.
export const hasNetwork = Object.values(networkInterfaces())
	.some(addresses => addresses.some(a => !a.internal));

/* One for each child. */
process.setMaxListeners(0);

// What to do at the end, last first.
const endings = [];

export function atEnd(run)
{
	endings.push(run);
}

export async function end()
{
	while (endings.length)
		await endings.pop()();
}

// A whole test: its cases, what they printed, and the end of all programs.
export async function runAll(cases)
{
	try {
		await cases();
	} catch (error) {
		console.log(`not ok setup\n${error.stack}`);
	}
	const status = summary();

	await end();
	process.exit(status);
}

export async function until(what, ms = DEADLINE_MS)
{
	for (const deadline = Date.now() + ms; Date.now() < deadline;) {
		const value = await what();

		if (value)
			return value;
		await sleep(5);
	}
	throw Error(`not in ${ms} ms: ${what}`);
}

export function directory()
{
	const dir = mkdtempSync(join(tmpdir(), 'browser.'));

	atEnd(() => rmSync(dir, { recursive: true, force: true,
				  maxRetries: 5 }));
	return dir;
}

// make demo-browser. Return: { url, output() }; it ends as by Ctrl-C.
export async function demo()
{
	const child = spawn('tests/demo-browser', [build],
			    { detached: true,
			      stdio: ['ignore', 'pipe', 'inherit'] });
	let text = '';

	child.stdout.on('data', data => text += data);
	atEnd(async () => {
		process.kill(-child.pid, 'SIGINT');
		await once(child, 'exit');
	});
	const url = await until(() => text.match(/http:\S+/)?.[0]);

	return { url, output: () => text };
}

// make demo-guest, with more options of QEMU's. Return: { dir, vnc }: the
// launcher's directory, and the VNC server's path.
export async function demoGuest(...options)
{
	const folder = directory();
	const child = spawn('tests/demo-guest', [build, folder, ...options],
			    { stdio: ['ignore', 'pipe', 'inherit'] });
	let text = '';

	child.stdout.on('data', data => text += data);
	atEnd(async () => {
		if (child.exitCode === null && child.signalCode === null) {
			child.kill();
			await once(child, 'exit');
		}
	});
	await until(() => text.includes('http:'), DEMO_GUEST_MS);
	return { dir: join(folder, 'vm'), vnc: join(folder, 'vnc') };
}

// Its standard error is shown only if it ends by itself.
export function start(program, ...args)
{
	const child = spawn(join(build, program), args,
			    { stdio: ['ignore', 'pipe', 'pipe'] });
	const text = [];
	let ending = false;

	child.stderr.on('data', data => text.push(data));
	process.on('exit', () => child.kill()); /* end() may be left out */
	child.on('exit', (status, signal) => {
		if (!ending)
			console.log(`${program}: ${signal || status}\n` +
				    text.join(''));
	});
	child.stop = async () => {
		ending = true;
		if (child.exitCode === null && child.signalCode === null) {
			child.kill();
			await once(child, 'exit');
		}
	};
	atEnd(child.stop);
	return child;
}

// --- the guest ---

// What the devices' guest gets, as frames: "REL_X 1, REL_Y 2".
export class Guest {
	frames = new Map();
	down = new Map(); // keys and contacts, with the label of their device
	#slot = new Map();
	#frame = new Map();
	at = 0; // when the last event came here, in milliseconds
	time = 0; // and to the driver, in seconds
	seen = new Set(); // labels whose description came
	onKey = null; // is called for a key that goes down

	#label; // of a socket that is the only one

	// args: of vinput-monitor; the last is a socket
	constructor(...args)
	{
		this.#label = basename(args.at(-1), '.sock');
		const child = start('vinput-monitor', '--wait', '--json',
				    ...args);

		createInterface(child.stdout).on('line', line =>
			this.#take(JSON.parse(line)));
	}

	#take(m)
	{
		m.label ??= this.#label;
		if (m.device) {
			this.seen.add(m.label);
			this.frames.set(m.label, []);
			this.#frame.set(m.label, []);
			return;
		}
		if (m.code_name.startsWith('KEY_') && m.value === 1)
			this.onKey?.();
		this.at = Date.now();
		this.time = m.time;
		if (m.code_name === 'SYN_REPORT') {
			this.frames.get(m.label).push(
				this.#frame.get(m.label).splice(0).join(', '));
			return;
		}
		this.#frame.get(m.label).push(`${m.code_name} ${m.value}`);
		this.#follow(m);
	}

	#follow(m)
	{
		let key = `${m.label} ${m.code_name}`, down = m.value !== 0;

		if (m.code_name === 'ABS_MT_SLOT')
			this.#slot.set(m.label, m.value);
		if (m.code_name === 'ABS_MT_TRACKING_ID') {
			key += ` of slot ${this.#slot.get(m.label) || 0}`;
			down = m.value >= 0;
		} else if (m.type_name !== 'EV_KEY') {
			return;
		}
		if (down)
			this.down.set(key, m.value);
		else
			this.down.delete(key);
	}

	// The next frame of this device.
	async next(label)
	{
		return until(() => this.frames.get(label).shift());
	}

	async expect(label, ...texts)
	{
		for (const text of texts) {
			const frame = await this.next(label);

			if (frame !== text)
				throw Error(`${label}: "${frame}" came, not ` +
					    `"${text}"`);
		}
	}

	#pending()
	{
		return [...this.frames].filter(([, frames]) => frames.length);
	}

	async expectNothing(ms = QUIET_MS)
	{
		await sleep(ms);
		for (const [label, frames] of this.#pending())
			throw Error(`${label}: "${frames[0]}" came`);
	}

	// Drop what has come, until nothing comes any more.
	async settle()
	{
		do {
			this.frames.forEach(frames => frames.splice(0));
			await sleep(QUIET_MS);
		} while (this.#pending().length);
	}

	// Everything that is held.
	held()
	{
		return [...this.down.keys()].sort().join(', ');
	}
}

// --- the host ---

// Devices are what vinput-launch has as options. Return: its directory.
export async function launch(...devices)
{
	const dir = join(directory(), 'vm');
	const launcher = start('vinput-launch', `--dir=${dir}`, ...devices);

	await new Promise((resolved, reject) => {
		launcher.on('exit', () => reject(Error('no launcher')));
		createInterface(launcher.stderr).on('line', line =>
			line.includes('launcher: ready') && resolved());
	});
	return dir;
}

// What a counter of vinput-stream is now.
export async function counter(path, name)
{
	const socket = connect(path);
	let text = '';

	for await (const data of socket)
		text += data;
	return JSON.parse(text)[name];
}

// Return: { urls, stats, stop() }.
export async function stream(dir, ...options)
{
	const stats = join(directory(), 'stats');
	const child = start('vinput-stream', `--dir=${dir}`,
			    `--stats-path=${stats}`, ...options);
	const urls = [];

	createInterface(child.stdout).on('line', line => urls.push(line));
	await until(() => urls.length);
	return { urls, stats, stop: child.stop };
}

// --- the browser ---

// more: options. Return: { browser, pid }, which is also its process group.
export async function openBrowser(...more)
{
	const server = await chromium.launchServer({
		executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
		args: ['--disable-gpu', '--disable-quic', ...more],
		env: { ...process.env, HOME: directory() },
	});
	const browser = await chromium.connect(server.wsEndpoint());

	atEnd(() => server.kill());
	return { browser, pid: server.process().pid };
}

// Calls run in the page with a module of its own.
export function inModule(page, name, run)
{
	return page.evaluate(`import('/${name}.js').then(${run})`);
}

// A point of the picture, by fractions of it: { x, y } in the page.
export async function pointOf(page, x, y)
{
	const box = await page.locator('#surface').boundingBox();

	return { x: box.x + x * box.width, y: box.y + y * box.height };
}

// The page by its URL, when it uses WebRTC or WebSocket as it should. options:
// context, of Playwright's; script, to run before the page's.
export async function open(browser, url, way, options = {})
{
	const context = await browser.newContext({
		viewport: { width: WIDTH, height: HEIGHT }, hasTouch: true,
		...options.context,
	});
	const page = await context.newPage();

	page.setDefaultTimeout(DEADLINE_MS);
	if (options.script)
		await page.addInitScript(...options.script);
	await page.goto(url);
	await page.waitForSelector('#area');
	await page.waitForFunction(
		wanted => document.getElementById('way').textContent === wanted,
		way);
	await page.waitForSelector('#devices li', { state: 'attached' });
	await page.focus('#area');
	return page;
}
