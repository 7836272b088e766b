// SPDX-License-Identifier: Apache-2.0
// Nothing stays pressed, however a page of vinput-stream ends; and another page
// cannot press anything.
import { createServer } from 'node:http';
import { runCase, skip } from './cases.mjs';
import { Link, useRelay } from './link.mjs';
import { counter, DEADLINE_MS, Guest, hasNetwork, launch, open, openBrowser,
	 pointOf, runAll, sleep, until } from './rig.mjs';
import { cdpOf, chosen, close, fakePad, openStreams, runOne,
	 setUp } from './ways.mjs';

const RELEASE_MS = 2500; /* what is promised */
const SLACK_MS = 1000; /* for a busy machine */
const HOLD_MS = 30000;

async function holdMuch(page, guest)
{
	const cdp = await cdpOf(page);

	await page.evaluate(fakePad);
	await page.evaluate(() => {
		setPad(pad => pad.buttons[1] = { value: 1 });
		padEvent('gamepadconnected');
	});
	await page.mouse.move(500, 200);
	await page.keyboard.down('A');
	await page.keyboard.down('Shift');
	await page.mouse.down();
	await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart',
		touchPoints: [{ id: 0, ...await pointOf(page, 0.1, 0.2) },
			      { id: 1, ...await pointOf(page, 0.4, 0.5) }] });
	const wanted = 'gamepad BTN_EAST, keyboard KEY_A, ' +
		'keyboard KEY_LEFTSHIFT, mouse BTN_LEFT, ' +
		'touch_0 ABS_MT_TRACKING_ID of slot 0, ' +
		'touch_0 ABS_MT_TRACKING_ID of slot 1, touch_0 BTN_TOUCH';

	await until(() => guest.held() === wanted).catch(() => {
		throw Error(`held: ${guest.held()}`);
	});
	/* A heartbeat or two, as a user would hold it. */
	await sleep(700);
	if (guest.held() !== wanted)
		throw Error(`released by itself: ${guest.held()}`);
}

// Return: how long it took until nothing was held any more.
async function released(guest, start)
{
	await until(() => guest.held() === '', DEADLINE_MS).catch(() => {
		throw Error(`still held: ${guest.held()}`);
	});
	const took = guest.at - start;

	if (took > RELEASE_MS + SLACK_MS)
		throw Error(`after ${took} ms`);
	return `${took} ms`;
}

async function tabClosed({ browser, url, way, guest })
{
	const page = await open(browser, url, way);

	await holdMuch(page, guest);
	const start = Date.now();

	await close(page);
	return released(guest, start);
}

async function tabSwitched({ browser, url, way, guest })
{
	const page = await open(browser, url, way);
	const cdp = await cdpOf(page);

	await holdMuch(page, guest);
	const start = Date.now();

	await cdp.send('Emulation.setFocusEmulationEnabled',
		       { enabled: false });
	await (await page.context().newPage()).bringToFront();
	const took = await released(guest, start);

	await close(page);
	return took;
}

async function reloaded({ browser, url, way, guest })
{
	const page = await open(browser, url, way);

	await holdMuch(page, guest);
	const start = Date.now();

	await page.reload();
	const took = await released(guest, start);

	await close(page);
	return took;
}

async function killed({ url, way, guest })
{
	const { browser, pid } = await openBrowser();

	await holdMuch(await open(browser, url, way), guest);
	const start = Date.now();

	process.kill(-pid, 'SIGKILL');
	return released(guest, start);
}

// What it has to say afterwards presses nothing again.
async function stopped({ url, way, guest })
{
	const { browser, pid } = await openBrowser();
	const page = await open(browser, url, way);

	await holdMuch(page, guest);
	const start = Date.now();

	process.kill(-pid, 'SIGSTOP');
	try {
		return await released(guest, start);
	} finally {
		process.kill(-pid, 'SIGCONT');
		await guest.settle();
		await sleep(1000);
		const held = guest.held();

		process.kill(-pid, 'SIGKILL');
		if (held)
			throw Error(`pressed again: ${held}`);
	}
}

async function networkLost({ browser, url, rtcPort, way, guest })
{
	const link = await Link.open(rtcPort);
	const page = await open(browser, url, way, {
		context: { proxy: { server: link.proxy,
				    bypass: '<-loopback>' } },
		script: [useRelay, link.udpPort],
	});

	await holdMuch(page, guest);
	if (way === 'WebRTC' && !link.datagrams)
		throw Error('the data channel does not use this link');
	const start = Date.now();

	link.cut();
	const took = await released(guest, start);

	link.mend();
	await guest.settle();
	await sleep(1000);
	if (guest.held())
		throw Error(`pressed again: ${guest.held()}`);
	await until(async () => {
		await page.keyboard.press('b');
		return guest.frames.get('keyboard').includes('KEY_B 1');
	});
	await close(page);
	link.close();
	await guest.settle();
	return took;
}

// --- other pages ---

// The cookie comes with it, since it is the same host; the origin differs.
async function foreignPage({ browser, url, stats, way })
{
	const page = await open(browser, url, way);
	const server = createServer((request, response) => {
		response.setHeader('content-type', 'text/html');
		response.end('<!doctype html><title>foreign</title>');
	}).listen(0, '127.0.0.1');

	await until(() => server.listening);
	const foreign = await page.context().newPage();
	const before = await counter(stats, 'refused');

	await foreign.goto(`http://127.0.0.1:${server.address().port}/`);
	const result = await foreign.evaluate(host => new Promise(resolve => {
		const socket = new WebSocket(`ws://${host}/input`, 'vinput.1');

		socket.onopen = () => resolve('open');
		socket.onerror = () => resolve('refused');
	}), new URL(url).host);

	server.close();
	if (result !== 'refused' ||
	    await counter(stats, 'refused') !== before + 1)
		throw Error(`the WebSocket is ${result}`);
	await close(page);
}

// --- a heartbeat for long ---

// A guest of its own, since it takes long.
async function beginHold(browser)
{
	const dir = await launch('--keyboard', '--mouse');
	const guest = new Guest(`${dir}/keyboard.sock`, `${dir}/mouse.sock`);
	const ways = await openStreams(dir);
	const keys = { WebRTC: 'A', WebSocket: 'B' };
	const start = {};

	await until(() => guest.seen.size === 2);
	for (const [way, key] of chosen(keys)) {
		if (way === 'WebRTC' && !hasNetwork)
			continue;
		const page = await open(browser, ways[way].urls[0], way);

		await page.keyboard.down(key);
		await guest.expect('keyboard', `KEY_${key} 1`);
		start[way] = Date.now();
	}
	return async way => {
		await sleep(start[way] + HOLD_MS - Date.now());
		await guest.expectNothing();
		if (!guest.held().includes(`keyboard KEY_${keys[way]}`))
			throw Error(`held: ${guest.held()}`);
	};
}

async function main()
{
	const worlds = await setUp();
	const hold = await beginHold(worlds[0].browser);

	for (const world of worlds) {
		for (const f of [tabClosed, tabSwitched, reloaded, killed,
				 stopped, networkLost, foreignPage])
			await runOne(world, f, () => f(world));
	}
	for (const { way } of worlds)
		await runCase(`${way}_key_held_for_30_s`, () => {
			if (way === 'WebRTC' && !hasNetwork)
				skip('WebRTC: no network besides loopback');
			return hold(way);
		});
}

await runAll(main);
